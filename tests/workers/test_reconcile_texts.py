"""Texts that never reached us, reports that were lost, and what stands when news comes late."""

from datetime import datetime, timedelta

from sqlalchemy import select

from leads import Message, Phone, clock, consent, db, late_text
from leads.consent import Consent
from leads.listed import ListedText
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, TUESDAY_TEN
from tests.workers.test_reconcile import GRACE, SAM, lead_of, reminders_of, story_of
from tests.workers.test_sending import eventually, missed
from tests.workers.town import CLINIC, Town, everything, reconciled
from workers import sending

HOUR = timedelta(hours=1)


def phone_of(number: str) -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone).where(Phone.e164 == number)).one()


def texts(state: str) -> int:
    with db.transaction() as session:
        return len(session.scalars(select(Message).where(Message.state == state)).all())


def test_a_stop_that_was_lost_with_the_call_counts_first(town: Town) -> None:
    town.nobody_hears()
    town.ring(SAM)
    town.text(SAM, "STOP")
    reconciled()
    assert phone_of(SAM).opted_out_at is not None
    assert reminders_of(SAM) == []
    assert "No text: they asked for no texts." in story_of(SAM)
    sending.send_due()
    assert [text for text in town.listed("Messages") if text["direction"] != "inbound"] == []


def test_a_reply_that_was_lost_ends_the_follow_up_and_waits_for_staff(town: Town) -> None:
    town.we_hear()
    town.ring(GRACE)
    assert "scheduled" in reminders_of(GRACE)
    town.nobody_hears()
    sid = town.text(GRACE, "Friday at three?")
    assert reconciled().found["texts_added"] == 1
    assert set(reminders_of(GRACE)) == {"cancelled"}
    with db.transaction() as session:
        kept = session.scalars(select(Message).where(Message.sid == sid)).one()
        assert (kept.body, kept.state) == ("Friday at three?", "received")
    before = everything()
    assert "texts_added" not in reconciled().found
    assert everything() == before


def test_what_became_of_our_texts_is_learnt_and_never_goes_back(town: Town) -> None:
    missed(GRACE)
    town.nobody_hears()
    sending.send_due()
    wait_until_delivered(town)
    assert texts("sent") == 1
    assert reconciled().found["reports_added"] == 1
    assert texts("delivered") == 1
    before = everything()
    reconciled()
    assert everything() == before


def wait_until_delivered(town: Town) -> None:
    eventually(
        lambda: all(text["status"] == "delivered" for text in town.listed("Messages")), seconds=30
    )


def test_a_text_that_nobody_knew_about_is_settled_by_the_list(town: Town) -> None:
    missed(GRACE)
    town.nobody_hears()
    town.fault("drop_after_accepting")
    sending.send_due()
    assert texts("unknown") == 1
    wait_until_delivered(town)
    assert reconciled().found["unknowns_settled"] == 1
    assert texts("delivered") == 1


def test_texts_that_others_wrote_are_only_counted(town: Town) -> None:
    town.client.post(
        f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
        data={"To": GRACE, "From": CLINIC, "Body": "By hand, in the console"},
        auth=(ACCOUNT_SID, AUTH_TOKEN),
    ).raise_for_status()
    before = everything()
    assert reconciled().found == {"texts": 1, "texts_not_ours": 1}
    assert everything() == before


def listed(sid: str, body: str, at: datetime) -> ListedText:
    return ListedText(sid, True, SAM, CLINIC, body, 0, "received", None, at, at)


def hear(sid: str, body: str, at: datetime) -> None:
    with db.transaction() as session:
        assert late_text.received(session, listed(sid, body, at))


def test_a_start_from_before_their_stop_lifts_nothing(database: str) -> None:
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
    hear("SM1", "STOP", TUESDAY_TEN)
    hear("SM2", "START", TUESDAY_TEN - HOUR)
    hear("SM3", "Yes", TUESDAY_TEN - HOUR)
    assert phone_of(SAM).opted_out_at == TUESDAY_TEN


def test_a_start_from_after_a_stop_that_comes_late_stands(database: str) -> None:
    assert database
    hear("SM1", "START", TUESDAY_TEN)
    hear("SM2", "STOP", TUESDAY_TEN - HOUR)
    assert phone_of(SAM).opted_out_at is None
    hear("SM3", "STOP", TUESDAY_TEN + HOUR)
    hear("SM4", "STOP", TUESDAY_TEN - 2 * HOUR)
    assert phone_of(SAM).opted_out_at is not None


def test_what_they_wrote_before_their_no_is_no_yes(database: str) -> None:
    assert database
    hear("SM1", "Hello", TUESDAY_TEN - 2 * HOUR)
    with db.transaction() as session:
        consent.revoke(session, phone_of(SAM).id, TUESDAY_TEN, "key", "CA1")
    hear("SM2", "Can I come on Friday?", TUESDAY_TEN - HOUR)
    with db.transaction() as session:
        assert consent.last_was_no(session, phone_of(SAM).id)
        no = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert no is not None
        assert (no.at, no.evidence) == (TUESDAY_TEN, "CA1")


def test_the_last_text_that_waits_for_an_answer_stays_the_last(database: str) -> None:
    assert database
    hear("SM1", "And on Monday?", TUESDAY_TEN)
    hear("SM2", "Can I come on Friday?", TUESDAY_TEN - HOUR)
    assert lead_of(SAM).last_text_in_at == TUESDAY_TEN
