"""Which words lift an opt-out, after which no."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import (
    Consent,
    Lead,
    Phone,
    Practice,
    TimelineEntry,
    TrackingNumber,
    conversation,
    desk,
    opt_out,
)
from leads import consent as ledger
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import CLINIC, MARIA, heard

TOLL_FREE = "+18885550199"
LATER = TUESDAY_TEN + timedelta(days=3)
_sids = itertools.count(1)


@pytest.fixture
def called(session: Session, practice: Practice) -> Lead:
    assert practice
    return session.get_one(Lead, heard(session, MARIA, TUESDAY_TEN).lead_id)


def text(session: Session, body: str, *, twilio: str = "", to: str = CLINIC) -> None:
    conversation.text_received(
        session,
        sid=f"SMout{next(_sids)}",
        from_raw=MARIA,
        to_raw=to,
        body=body,
        media_count=0,
        opt_out_type=twilio,
        now=LATER,
    )
    session.flush()


def phone(session: Session) -> Phone:
    return session.scalars(select(Phone)).one()


@pytest.mark.parametrize("stop", ["STOP", "unsubscribe", "Cancel", "END"])
def test_yes_lifts_what_one_of_twilios_own_words_began(
    session: Session, called: Lead, stop: str
) -> None:
    assert called
    text(session, stop)
    text(session, "Yes")
    assert (phone(session).opted_out_at, phone(session).opted_out_how) == (None, None)
    assert phone(session).unclear_at is None


def test_yes_lifts_what_twilio_called_a_stop_and_what_it_refused(
    session: Session, called: Lead
) -> None:
    assert called
    text(session, "ya no quiero", twilio="STOP")
    text(session, "yes")
    assert phone(session).opted_out_at is None
    opt_out.record(session, phone(session).id, LATER, "carrier", "SM21610")
    text(session, "yes")
    assert phone(session).opted_out_at is None


@pytest.mark.parametrize(
    "no",
    ["please stop texting me", "Stop.", "no más mensajes", "Sorry, wrong number"],
)
def test_after_a_no_in_plain_words_a_bare_yes_asks_staff(
    session: Session, called: Lead, no: str
) -> None:
    text(session, no)
    desk.needs_a_call(session, called, None, LATER)
    desk.contacted(session, called, None, LATER)
    text(session, "Yes")
    assert phone(session).opted_out_at is not None
    assert phone(session).unclear_at == LATER
    assert called.needs_callback_since == LATER
    assert ledger.last_was_no(session, phone(session).id), "it is no consent"
    told = session.scalars(select(TimelineEntry.text).where(TimelineEntry.kind == "unclear"))
    assert "texts again: please decide" in told.one()


def test_after_a_no_told_to_staff_or_imported_a_bare_yes_asks_staff(
    session: Session, called: Lead
) -> None:
    desk.no_more_texts(session, called, None, TUESDAY_TEN)
    text(session, "YES")
    assert phone(session).opted_out_at == TUESDAY_TEN
    assert phone(session).unclear_at == LATER


@pytest.mark.parametrize("second", ["STOP", "please stop texting me"])
def test_a_stop_beside_another_no_is_not_lifted_by_yes(
    session: Session, called: Lead, second: str
) -> None:
    assert called
    text(session, "please stop texting me" if second == "STOP" else "STOP")
    text(session, second)
    text(session, "yes")
    assert phone(session).opted_out_at is not None


def test_where_the_app_answers_for_itself_twilio_means_nothing_by_yes(
    session: Session, practice: Practice, called: Lead
) -> None:
    assert called
    practice.optout_owner = "app"
    text(session, "STOP")
    text(session, "Yes")
    assert phone(session).opted_out_at is not None


def test_a_yes_to_a_toll_free_number_lifts_nothing(session: Session, called: Lead) -> None:
    assert called
    session.add(TrackingNumber(e164=TOLL_FREE, label="Free", source="free"))
    session.flush()
    text(session, "STOP", to=TOLL_FREE)
    text(session, "Yes", to=TOLL_FREE)
    assert phone(session).opted_out_at is not None
    text(session, "UNSTOP", to=TOLL_FREE)
    assert phone(session).opted_out_at is None


@pytest.mark.parametrize(("body", "twilio"), [("START", ""), ("unstop", ""), ("Yes", "START")])
def test_start_lifts_every_opt_out(session: Session, called: Lead, body: str, twilio: str) -> None:
    desk.no_more_texts(session, called, None, TUESDAY_TEN)
    text(session, "please stop texting me")
    text(session, body, twilio=twilio)
    assert phone(session).opted_out_at is None


def test_staff_say_that_the_yes_meant_texts(session: Session, called: Lead) -> None:
    text(session, "please stop texting me")
    text(session, "Yes")
    desk.texts_wanted(session, called, None, LATER)
    assert (phone(session).opted_out_at, phone(session).unclear_at) == (None, None)
    assert session.scalars(select(Consent.basis).order_by(Consent.id.desc())).first() == "staff"


def test_staff_say_that_it_did_not(session: Session, called: Lead) -> None:
    text(session, "please stop texting me")
    text(session, "Yes")
    desk.decide(session, called, None, LATER, no_texts=True)
    assert phone(session).opted_out_at is not None
    assert phone(session).unclear_at is None
