"""What an unanswered call leads to: the prompt that the caller hears, then the follow-up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from leads import consent, follow_up, timeline, wording
from leads.call import UNANSWERED, Call
from leads.consent import Basis
from leads.intention import NOW, Intention, intend
from leads.lead import Lead
from leads.phone import Phone
from leads.plan import MISSED_CALL
from leads.practice import Practice, PracticePhone

# A final status without a dial result may have overtaken the news that somebody answered.
SETTLING = timedelta(seconds=10)


@dataclass(frozen=True)
class Ring:
    """Ring these phones together, for so many seconds."""

    phones: list[PracticePhone]
    seconds: int


def route(session: Session, call: Call, now: datetime) -> Ring | None:
    """The phones to ring for a call that has come in; None for the prompt and voicemail."""
    number = call.tracking_number
    phones = PracticePhone.ringing(session)
    if (
        call.looped_at is not None
        or (number is not None and number.mode == "overflow")
        or not phones
        or not Practice.get(session).hours.is_open(now)
    ):
        return None
    call.dialled_at = now
    return Ring(phones, max(phone.ring_seconds for phone in phones))


def prompt(session: Session, call: Call, now: datetime) -> str:
    """What to say to a caller whom nobody answers. Kept on the call: it is what a consent by
    notice refers to."""
    practice = Practice.get(session)
    hours = practice.hours
    keypress = practice.consent_mode == "keypress"
    intention = intended(session, call, "keypress" if keypress else "notice", now)
    first = intention.first_text_at
    if call.lead_id and follow_up.open_run(session, call.lead_id, MISSED_CALL.name):
        first = None  # the follow-up already under way goes on; nothing new is sent
    is_open = hours.is_open(now)
    promise = wording.Promise(
        text_at=first,
        text_when="now" if first is None or first - now <= NOW else "later",
        declined=call.text_declined_at is not None,
        # Nobody can call back who withheld the number.
        callback_by=hours.add_open_minutes(now, practice.promise_minutes)
        if is_open and call.lead_id
        else None,
        opens_at=None if is_open else hours.next_opening(now),
        ask_key=keypress,
        most_texts=sum(item.refusal is None for item in intention.planned),
    )
    compose = wording.missed_prompt if is_open else wording.closed_prompt
    call.prompted_at = call.prompted_at or now
    call.prompt = compose(promise, practice.name or "us", now, practice.zone)
    # In keypress mode silence is a no; the key itself is the consent.
    call.prompt_promises = first is not None and not keypress
    return call.prompt


def intended(session: Session, call: Call, basis: Basis, now: datetime) -> Intention:
    """What a missed call leads to, for the prompt and for the follow-up alike."""
    if call.tracking_number is None:
        return Intention("they rang a number that is not one of ours.")
    return intend(
        session,
        MISSED_CALL,
        lead=session.get_one(Lead, call.lead_id) if call.lead_id else None,
        phone=session.get_one(Phone, call.phone_id) if call.phone_id else None,
        basis=basis,
        declined=call.text_declined_at is not None,
        now=now,
    )


def heard(session: Session, call: Call, now: datetime) -> None:
    """A webhook that follows the prompt: they heard it to its end and did not decline."""
    call.prompt_heard_at = call.prompt_heard_at or now
    consider(session, call, now)


def asked_for_text(session: Session, call: Call, now: datetime) -> None:
    """They pressed the key for texts."""
    call.text_asked_at = call.text_asked_at or now
    consider(session, call, now)


def decline(session: Session, call: Call, now: datetime) -> None:
    """They pressed the key for no texts, before a follow-up was begun or after."""
    if call.text_declined_at is not None:
        return
    call.text_declined_at = now
    if call.phone_id is None or call.lead_id is None:
        return
    consent.revoke(session, call.phone_id, now, "key", call.sid)
    timeline.note(
        session, call.lead_id, now, "declined", "Asked by key for no texts.", call_id=call.id
    )
    call.follow_up_decided_at = call.follow_up_decided_at or now
    follow_up.end(session, now, "declined", phone_id=call.phone_id)


def consider(session: Session, call: Call, now: datetime) -> None:
    """Begin the follow-up of an unanswered call, once: when the prompt is behind the caller, or
    the call is over. Who hung up before the prompt's end has given no more than the call."""
    behind = call.prompt_heard_at or call.text_asked_at or call.ended_at
    if (
        call.follow_up_decided_at is not None
        or call.lead_id is None
        or call.phone_id is None
        or call.outcome not in UNANSWERED
        or behind is None
    ):
        return
    call.follow_up_decided_at = now
    Phone.locked(session, call.phone_id)
    basis: Basis = "call"
    if call.text_asked_at is not None:
        basis = "keypress"
    elif call.prompt_heard_at is not None and call.prompt_promises:
        basis = "notice"
    at = now + SETTLING if call.outcome == "abandoned" else now
    intention = intended(session, call, basis, at)
    refusal = intention.refusal
    if intention.planned and all(item.refusal for item in intention.planned):
        refusal = intention.planned[0].refusal
    if refusal or call.tracking_number is None:
        words = f"No text: {refusal}"
        timeline.note(session, call.lead_id, now, "no_follow_up", words, call_id=call.id)
        return
    if follow_up.open_run(session, call.lead_id, MISSED_CALL.name):
        words = "Called again: the follow-up already under way goes on."
        timeline.note(session, call.lead_id, now, "follow_up_joined", words, call_id=call.id)
        return
    follow_up.begin(
        session,
        MISSED_CALL,
        intention,
        lead_id=call.lead_id,
        phone_id=call.phone_id,
        tracking_number_id=call.tracking_number.id,
        call_id=call.id,
        trigger=call.outcome,
        basis=basis,
        evidence=call.sid,
        wording=call.prompt or "",
        now=now,
    )
