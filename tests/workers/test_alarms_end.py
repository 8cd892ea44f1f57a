"""What stopped sending is over when a text proves it, and not when old news come in."""

import pytest
from sqlalchemy import select

from leads import Message, alarm, clock, db, delivery
from leads.delivery_errors import error_of
from tests.workers.conftest import Phones
from tests.workers.test_errors import SOMEBODY_ELSE, alarms, real_time_passes
from tests.workers.test_sending import MARIA, missed
from workers import sending


def stops(code: int) -> None:
    with db.transaction() as session:
        delivery.sound_alarm(session, error_of(code), clock.now(session))


def reported() -> None:
    """The only text that was sent has been delivered, and we hear of it now."""
    with db.transaction() as session:
        message = session.scalars(select(Message).where(Message.sid.is_not(None))).one()
        now = clock.now(session)
        delivery.status_changed(session, message.id, message.sid or "", "delivered", None, now)


@pytest.mark.parametrize(("code", "kind"), [(20003, "auth"), (30002, "suspended")])
def test_a_report_on_a_text_from_before_proves_nothing(
    phones: Phones, code: int, kind: str
) -> None:
    phones.fault("status_lost", probability=1)
    missed()
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    stops(code)
    reported()
    assert alarms() == [(kind, True)]
    missed(SOMEBODY_ELSE, "CA2")
    sending.send_due()
    assert phones.texts_to(SOMEBODY_ELSE) == [], "nothing goes while it is stopped"


def test_a_report_on_a_text_that_was_tried_since_ends_it(phones: Phones) -> None:
    phones.fault("status_lost", probability=1)
    missed()
    stops(30002)
    real_time_passes()
    sending.send_due()
    assert alarms() == [("suspended", True)], "a suspended account takes texts, too"
    reported()
    assert alarms() == []
    with db.transaction() as session:
        assert alarm.stopping(session) == []
