"""Texts of ours that a restore has forgotten: what carriers said of them is learnt again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from leads import Lead, Phone, clock, consent, db, opt_out
from tests.workers.provider import Provider, Row, text
from tests.workers.town import CLINIC, reconciled

HOUR = timedelta(hours=1)
SAM = "+12065550001"


def refused(code: int, to: str = SAM, number: int = 7) -> tuple[datetime, Row]:
    """One of ours of two hours ago, which the backup does not know."""
    at, row = text(number, datetime.now(UTC) - 2 * HOUR, "Sorry we missed you")
    fields = {"direction": "outbound-api", "from": CLINIC, "to": to, "status": "undelivered"}
    return at, row | fields | {"error_code": code}


@pytest.fixture(autouse=True)
def sam(provider: Provider) -> int:
    """Somebody whom we know; the phone's id."""
    assert provider
    with db.transaction() as session:
        phone = Phone.of(session, SAM)
        Lead.of(session, phone, clock.now(session) - 3 * HOUR, "")
        return phone.id


def phone(phone_id: int) -> Phone:
    with db.transaction() as session:
        return session.get_one(Phone, phone_id)


def test_an_opt_out_at_the_carrier_is_known_again(provider: Provider, sam: int) -> None:
    provider.add("Messages", [refused(21610), refused(21610, "+12065559999", 8)])
    assert reconciled().found == {"texts": 2, "texts_not_ours": 2, "refusals_learnt": 1}
    assert phone(sam).opted_out_how == "carrier"
    with db.transaction() as session:
        assert consent.last_was_no(session, sam)
        assert session.scalars(select(Phone.e164)).all() == [SAM]
        opt_out.lift(session, sam, clock.now(session), "staff", by="staff")
    # It stays lifted, however often the list is gone through.
    assert "refusals_learnt" not in reconciled(datetime.now(UTC) - 3 * HOUR).found
    assert phone(sam).opted_out_at is None


def test_a_start_after_it_stands(provider: Provider, sam: int) -> None:
    at, row = text(1, datetime.now(UTC) - HOUR, "START")
    provider.add("Messages", [refused(21610), (at, row | {"from": SAM})])
    assert reconciled().error is None
    reconciled(datetime.now(UTC) - 3 * HOUR)
    assert phone(sam).opted_out_at is None


def test_a_phone_that_takes_no_texts_is_known_again(provider: Provider, sam: int) -> None:
    provider.add("Messages", [refused(30006)])
    assert reconciled().found["refusals_learnt"] == 1
    assert "landline" in (phone(sam).untextable_why or "")
    assert "refusals_learnt" not in reconciled(datetime.now(UTC) - 3 * HOUR).found


def test_a_phone_that_was_merely_off_is_not(provider: Provider, sam: int) -> None:
    provider.add("Messages", [refused(30003)])
    assert reconciled().found == {"texts": 1, "texts_not_ours": 1}
    assert phone(sam).untextable_at is None
