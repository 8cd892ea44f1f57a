"""`ringback demo`: whom it refuses, and what it leaves alone."""

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from leads import Audit, Call, Lead, PracticePhone, Staff, TrackingNumber, audit, clock, db
from leads.demo import clearing, command, indexes
from leads.demo.command import NotFilled
from leads.demo.telephone import Telephone
from leads.installation import Installation
from tests.conftest import TUESDAY_TEN, forget_settings

pytestmark = pytest.mark.usefixtures("database")


def test_a_live_installation_is_refused_and_nothing_changes(
    environment: pytest.MonkeyPatch,
) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        with db.transaction() as session:
            session.execute(update(Installation).values(mode="live"))
        with pytest.raises(NotFilled, match=r"live.*Nothing was changed"):
            command.demo(None, replace=True)
        assert count(Lead) == count(Staff) == 0
    forget_settings()


def test_leads_that_are_here_stay_unless_somebody_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
        Telephone(session).miss("+12065550100", TUESDAY_TEN)
    with pytest.raises(NotFilled, match=r"1 lead here already. Nothing was changed.*--replace"):
        command.demo(None, replace=False)
    assert count(Call) == 1
    command.demo(None, replace=True)
    assert "made-up people" in capsys.readouterr().out
    assert count(Call) > 100


def test_filling_again_replaces_people_and_keeps_staff_numbers_and_the_audit() -> None:
    command.fill(100, print)
    with db.transaction() as session:
        lead_id = session.scalars(select(Lead.id)).first()
        audit.record(session, "exported")
        audit.record(session, "lead_viewed", lead_id=lead_id)
    kept = [count(each) for each in (Staff, TrackingNumber, PracticePhone)]
    people = count(Lead)
    command.fill(100, print)
    assert [count(each) for each in (Staff, TrackingNumber, PracticePhone)] == kept
    assert count(Lead) == people
    with db.transaction() as session:
        assert list(session.scalars(select(Audit.action))) == ["exported"]


def test_what_is_cleared_is_what_tells_of_people() -> None:
    told = clearing.told_of_people()
    assert {"lead", "call", "message", "recording_audio", "consent", "timeline"} <= told
    assert not told & {"staff", "practice", "plan_version", "tracking_number", "audit"}


def test_indexes_that_are_made_again_are_the_same() -> None:
    with db.transaction() as session:
        everything = text("SELECT indexdef FROM pg_indexes ORDER BY indexname")
        before = session.scalars(everything).all()
        with indexes.made_again(session):
            during = session.scalars(everything).all()
        assert session.scalars(everything).all() == before
    assert 10 < len(during) < len(before) - 30


def test_a_practice_that_never_opens_is_told_so() -> None:
    with db.transaction() as session:
        weekly(session)
    with pytest.raises(NotFilled, match=r"no opening hours.*Nothing was changed"):
        command.fill(None, print)
    assert count(Lead) == 0


@pytest.mark.parametrize("leads", [1, 10**7])
def test_too_few_and_too_many_are_refused(leads: int) -> None:
    with pytest.raises(NotFilled, match=r"Nothing was changed"):
        command.demo(leads, replace=True)


def weekly(session: Session) -> None:
    from leads.practice import Practice

    session.execute(update(Practice).values(weekly_hours={}))


def count(model: type[db.Base]) -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0
