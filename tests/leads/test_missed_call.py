"""What is promised and what is scheduled are decided by the same function."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from leads import (
    Call,
    Consent,
    Installation,
    Lead,
    Phone,
    Practice,
    Reminder,
    TimelineEntry,
    TrackingNumber,
    missed_call,
    opt_out,
)
from leads import call as calls
from leads.follow_up import FollowUp
from tests.conftest import TUESDAY_TEN

MARIA = "+12065550142"
NEW_YORKER = "+12125550147"
TOLL_FREE = "+18005550199"
LA = ZoneInfo("America/Los_Angeles")
CLINIC = "+14254379974"


def unanswered(session: Session, caller: str, now: datetime, sid: str = "CA1") -> Call:
    """A call whose prompt has been spoken and not yet heard to its end."""
    call = calls.arrive(session, sid, caller, CLINIC, "", now)
    missed_call.prompt(session, call, now)
    calls.settle(session, call, now)
    return call


def heard(session: Session, caller: str, now: datetime, sid: str = "CA1") -> Call:
    call = unanswered(session, caller, now, sid)
    missed_call.heard(session, call, now)
    calls.end(call, now)
    missed_call.consider(session, call, now)
    session.flush()
    return call


def reminders(session: Session) -> list[tuple[str, str]]:
    """State and local due time of each step."""
    session.flush()
    rows = session.scalars(select(Reminder).order_by(Reminder.id))
    return [(row.state, f"{row.due_at.astimezone(LA):%a %H:%M}") for row in rows]


def due(session: Session) -> list[str]:
    return [at for state, at in reminders(session) if state == "scheduled"]


def sentences(session: Session) -> str:
    session.flush()
    return "\n".join(session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)))


def at(text: str) -> datetime:
    """A moment on the clinic's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=LA).astimezone(UTC)


@pytest.mark.parametrize(
    ("label", "now", "caller", "expected"),
    [
        ("Tuesday at ten", "2026-12-01T10:00", MARIA, ["Tue 10:00", "Thu 14:00", "Sat 14:00"]),
        ("late: the same days", "2026-12-01T17:50", MARIA, ["Tue 17:50", "Thu 14:00", "Sat 14:00"]),
        ("Friday night", "2026-12-04T22:00", MARIA, ["Sat 09:00", "Mon 14:00", "Wed 14:00"]),
        ("Sunday", "2026-12-06T12:00", MARIA, ["Mon 09:00", "Tue 14:00", "Thu 14:00"]),
        # Thanksgiving is no day on which texts go, so it is not counted.
        ("a holiday", "2026-11-25T11:00", MARIA, ["Wed 11:00", "Sat 14:00", "Tue 14:00"]),
        ("its eve", "2026-11-25T21:00", MARIA, ["Fri 09:00", "Sat 14:00", "Tue 14:00"]),
        # 14:00 in New York is 11:00 at the clinic, where they may be living all the same.
        ("New York", "2026-12-01T10:00", NEW_YORKER, ["Tue 10:00", "Thu 11:00", "Sat 11:00"]),
        # 17:30 at the clinic is 20:30 in New York: too late there.
        (
            "New York, evening",
            "2026-12-01T17:30",
            NEW_YORKER,
            ["Wed 09:00", "Thu 11:00", "Sat 11:00"],
        ),
        (
            "the night the clocks go back",
            "2026-10-31T23:30",
            MARIA,
            ["Mon 09:00", "Tue 14:00", "Thu 14:00"],
        ),
    ],
)
def test_reminders_go_on_their_days_and_inside_every_window(
    session: Session, label: str, now: str, caller: str, expected: list[str]
) -> None:
    call = heard(session, caller, at(now))
    assert due(session) == expected, label
    assert call.prompt
    promised = (
        "We are sending you" if "now" in call.prompt.split("text message ")[1][:4] else "We will"
    )
    assert promised in call.prompt


def test_the_clinics_own_area_code_is_no_proof_of_where_somebody_lives(session: Session) -> None:
    heard(session, "+14255550147", at("2026-12-01T10:00"))
    assert due(session)[0] == "Tue 10:00"


@pytest.mark.parametrize(
    ("mode", "step_states"),
    [
        ("call", ["scheduled", "cancelled", "cancelled"]),
        ("notice", []),
        ("keypress", []),
    ],
)
def test_who_hung_up_before_the_prompts_end_gave_no_more_than_the_call(
    session: Session, practice: Practice, mode: str, step_states: list[str]
) -> None:
    practice.consent_mode = mode
    call = unanswered(session, MARIA, TUESDAY_TEN)
    calls.end(call, TUESDAY_TEN)
    missed_call.consider(session, call, TUESDAY_TEN)
    assert [state for state, _ in reminders(session)] == step_states


@pytest.mark.parametrize(
    ("mode", "step_states"),
    [
        ("call", ["scheduled", "scheduled", "scheduled"]),
        ("notice", ["scheduled", "scheduled", "scheduled"]),
        ("keypress", []),
    ],
)
def test_the_notice_is_consent_in_all_modes_but_keypress(
    session: Session, practice: Practice, mode: str, step_states: list[str]
) -> None:
    practice.consent_mode = mode
    heard(session, MARIA, TUESDAY_TEN)
    assert [state for state, _ in reminders(session)] == step_states


def test_who_pressed_nothing_in_keypress_mode_has_nothing_in_the_ledger(
    session: Session, practice: Practice
) -> None:
    practice.consent_mode = "keypress"
    heard(session, MARIA, TUESDAY_TEN)
    assert session.scalars(select(Consent)).all() == []


def test_a_no_by_key_holds_until_the_notice_is_heard_again(
    session: Session, practice: Practice
) -> None:
    assert practice
    call = unanswered(session, MARIA, TUESDAY_TEN)
    missed_call.decline(session, call, TUESDAY_TEN)
    later = TUESDAY_TEN + timedelta(hours=1)
    again = unanswered(session, MARIA, later, "CA2")
    calls.end(again, later)
    missed_call.consider(session, again, later)
    assert reminders(session) == [], "hanging up early is no yes"
    heard(session, MARIA, TUESDAY_TEN + timedelta(hours=2), "CA3")
    assert len(due(session)) == 3


def test_no_text_goes_out_without_the_clinics_name(session: Session, practice: Practice) -> None:
    practice.name = ""
    call = heard(session, MARIA, TUESDAY_TEN)
    assert call.prompt
    assert "text message" not in call.prompt
    assert reminders(session) == []


def test_in_keypress_mode_a_text_is_offered_and_sent_for_a_key(
    session: Session, practice: Practice
) -> None:
    practice.consent_mode = "keypress"
    call = unanswered(session, MARIA, TUESDAY_TEN)
    assert call.prompt
    assert "press 1" in call.prompt
    missed_call.asked_for_text(session, call, TUESDAY_TEN)
    calls.end(call, TUESDAY_TEN)
    missed_call.consider(session, call, TUESDAY_TEN)
    assert len(due(session)) == 3
    assert session.scalars(select(Consent.basis)).one() == "keypress"


@pytest.mark.parametrize(
    ("label", "change"),
    [
        (
            "opted out",
            lambda s, _lead, phone: opt_out.record(s, phone.id, TUESDAY_TEN, "staff", "x"),
        ),
        ("a landline", lambda _s, _lead, phone: setattr(phone, "untextable_at", TUESDAY_TEN)),
        ("a supplier", lambda _s, lead, _phone: setattr(lead, "relation", "other")),
    ],
)
def test_a_prompt_promises_no_text_that_would_not_go(
    session: Session, practice: Practice, label: str, change: object
) -> None:
    assert practice
    phone = Phone.locked(session, Phone.of(session, MARIA).id)
    lead, _ = Lead.of(session, phone, TUESDAY_TEN, "")
    assert callable(change)
    change(session, lead, phone)
    session.flush()
    call = heard(session, MARIA, TUESDAY_TEN)
    assert call.prompt
    assert "text message" not in call.prompt, label
    assert "911" in call.prompt
    assert "call you back by" in call.prompt
    assert reminders(session) == []
    assert "No text:" in sentences(session)


def test_a_toll_free_caller_is_never_texted(session: Session, practice: Practice) -> None:
    assert practice
    call = heard(session, TOLL_FREE, TUESDAY_TEN)
    assert call.prompt
    assert "text message" not in call.prompt
    assert reminders(session) == []


def test_live_texts_and_promises_wait_for_the_senders_registration(
    session: Session, practice: Practice, environment: pytest.MonkeyPatch
) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        from leads.settings import settings

        settings.cache_clear()
        session.execute(update(Installation).values(mode="live", clock_shift=timedelta()))
        session.expire_all()
        call = heard(session, MARIA, TUESDAY_TEN)
        assert call.prompt
        assert "text message" not in call.prompt
        assert "registration" in sentences(session)
        practice.sender_confirmed_at = TUESDAY_TEN
        later = heard(session, "+12065550143", TUESDAY_TEN, "CA2")
        assert later.prompt
        assert "text message" in later.prompt
    settings.cache_clear()


def test_a_second_missed_call_promises_nothing_new(session: Session, practice: Practice) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)
    again = heard(session, MARIA, TUESDAY_TEN + timedelta(hours=1), "CA2")
    assert again.prompt
    assert "text message" not in again.prompt
    assert len(reminders(session)) == 3
    assert "already under way" in sentences(session)


def test_a_number_that_is_not_ours_starts_no_follow_up(
    session: Session, practice: Practice
) -> None:
    assert practice
    session.execute(update(TrackingNumber).values(e164="+14255550199"))
    call = heard(session, MARIA, TUESDAY_TEN)
    assert call.outcome == "missed"
    assert reminders(session) == []


def test_an_answered_call_ends_what_was_under_way(session: Session, practice: Practice) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)
    later = TUESDAY_TEN + timedelta(hours=2)
    call = calls.arrive(session, "CA2", MARIA, CLINIC, "", later)
    calls.accept(calls.leg(session, "CA2", "CA2leg", None), later)
    calls.settle(session, call, later)
    assert {state for state, _ in reminders(session)} == {"cancelled"}
    assert session.scalars(select(FollowUp.end_reason)).one() == "answered"
    assert "Text 2 not sent: they called and were answered." in sentences(session)


def test_days_on_which_the_clinic_is_closed_are_not_counted(
    session: Session, practice: Practice
) -> None:
    practice.closed_days = {"2026-12-03": "Training"}
    heard(session, MARIA, TUESDAY_TEN)
    assert due(session) == ["Tue 10:00", "Fri 14:00", "Mon 14:00"]


def test_a_clinic_that_never_opens_has_no_day_to_count(
    session: Session, practice: Practice
) -> None:
    practice.weekly_hours = {}
    heard(session, MARIA, TUESDAY_TEN)
    assert [state for state, _ in reminders(session)] == ["scheduled", "cancelled", "cancelled"]
    assert "there is no day on which the clinic is open" in sentences(session)
