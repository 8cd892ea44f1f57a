"""What an unanswered call leads to: the prompt that the caller hears, then the follow-up.

The follow-up begins once the call is over, because only then is it known whether they left a
voicemail, which has a plan of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import consent, follow_up, greeting, hindsight, outage, timeline, trigger, wording
from leads.call import UNANSWERED, Call
from leads.consent import Basis
from leads.follow_up import FollowUp
from leads.intention import NOW, Intention, intend
from leads.lead import Lead
from leads.phone import Phone
from leads.plan import Plan, PlanVersion
from leads.practice import Practice, PracticePhone
from leads.reminder import Reminder

# A final status without a dial result may have overtaken the news that somebody answered.
SETTLING = timedelta(seconds=10)
# A caller who heard the prompt and whose call never ended has merely not been reported as gone.
# No voicemail is that long.
UNREPORTED = timedelta(minutes=10)
STRANGER = "+12065550100"  # nobody's: numbers from 555-0100 on are for examples


@dataclass(frozen=True)
class Ring:
    """Ring these phones together, for so many seconds. `in_turn`: this one, and whoever comes
    after it once it has given up. `say`: what the caller hears first."""

    phones: list[PracticePhone]
    seconds: int
    in_turn: bool = False
    say: str = ""


def route(session: Session, call: Call, now: datetime) -> Ring | None:
    """The phones to ring for a call that has come in; None for the prompt and voicemail."""
    number = call.tracking_number
    practice, phones = Practice.get(session), PracticePhone.ringing(session)
    if (
        call.looped_at is not None
        or (number is not None and number.mode == "overflow")
        or not phones
        or not practice.hours.is_open(now)
    ):
        return None
    call.dialled_at = now
    say = greeting.before_ringing(practice, number)
    if practice.ring_order == "in_turn":
        return Ring(phones[:1], phones[0].ring_seconds, in_turn=True, say=say)
    return Ring(phones, practice.longest_wait(phones), say=say)


def next_turn(session: Session, phone_id: int) -> Ring | None:
    """The phone that rings after this one has given up; None when it was the last."""
    following = PracticePhone.after(session, phone_id)[:1]
    return Ring(following, following[0].ring_seconds, in_turn=True) if following else None


def prompt(session: Session, call: Call, now: datetime) -> str:
    """What to say to a caller whom nobody answers. Kept on the call: it is what a consent by
    notice refers to."""
    practice = Practice.get(session)
    intention = intended(session, call, _basis(practice), now)
    first = intention.first_text_at
    if call.lead_id and follow_up.open_run(session, call.lead_id, "missed_call"):
        first = None  # the follow-up already under way goes on; nothing new is sent
    promise = _promise(
        practice,
        intention,
        first,
        now,
        declined=call.text_declined_at is not None,
        known=call.lead_id is not None,
    )
    is_open = practice.hours.is_open(now)
    compose = wording.missed_prompt if is_open else wording.closed_prompt
    own = practice.greeting_missed if is_open else practice.greeting_closed
    clinic = practice.name or "us"
    call.prompted_at = call.prompted_at or now
    call.prompt = compose(promise, clinic, now, practice.zone, greeting.fill(own, clinic))
    # In keypress mode silence is a no; the key itself is the consent.
    call.prompt_promises = first is not None and not promise.ask_key
    return call.prompt


def _basis(practice: Practice) -> Basis:
    return "keypress" if practice.consent_mode == "keypress" else "notice"


def _promise(
    practice: Practice,
    intention: Intention,
    first: datetime | None,
    now: datetime,
    *,
    declined: bool,
    known: bool,
) -> wording.Promise:
    hours = practice.hours
    is_open = hours.is_open(now)
    return wording.Promise(
        text_at=first,
        text_when="now" if first is None or first - now <= NOW else "later",
        declined=declined,
        # Nobody can call back who withheld the number.
        callback_by=hours.add_open_minutes(now, practice.promise_minutes)
        if is_open and known
        else None,
        opens_at=None if is_open else hours.next_opening(now),
        ask_key=practice.consent_mode == "keypress",
        most_texts=sum(item.refusal is None for item in intention.planned),
    )


def promise_to_a_stranger(session: Session, now: datetime) -> wording.Promise:
    """What somebody would be told who calls for the first time and is not answered at `now`.
    Writes nothing."""
    practice = Practice.get(session)
    with session.no_autoflush:
        intention = intend(
            session,
            PlanVersion.current(session, "missed_call", now).read(),
            lead=Lead(relation="prospect"),
            phone=Phone(e164=STRANGER),
            basis=_basis(practice),
            declined=False,
            now=now,
        )
    return _promise(practice, intention, intention.first_text_at, now, declined=False, known=True)


def unprompted(call: Call, now: datetime) -> None:
    """They heard that nobody is there, and not a word of texts."""
    call.prompted_at = call.prompted_at or now
    call.prompt, call.prompt_promises = None, False


def intended(session: Session, call: Call, basis: Basis, now: datetime) -> Intention:
    """What a missed call leads to, as the prompt says it."""
    if call.tracking_number is None:
        return Intention("they rang a number that is not one of ours.")
    return intend(
        session,
        PlanVersion.current(session, "missed_call", now).read(),
        lead=session.get_one(Lead, call.lead_id) if call.lead_id else None,
        phone=session.get_one(Phone, call.phone_id) if call.phone_id else None,
        basis=basis,
        declined=call.text_declined_at is not None,
        now=now,
    )


def heard(session: Session, call: Call, now: datetime, *, late: bool = False) -> None:
    """A webhook that follows the prompt: they heard it to its end and did not decline."""
    call.prompt_heard_at = call.prompt_heard_at or now
    consider(session, call, now, late=late)  # its other events may have come before this one


def asked_for_text(session: Session, call: Call, now: datetime, *, late: bool = False) -> None:
    """They pressed the key for texts."""
    call.text_asked_at = call.text_asked_at or now
    consider(session, call, now, late=late)


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


def consider(session: Session, call: Call, now: datetime, *, late: bool = False) -> None:
    """Begin the follow-up of an unanswered call, once: when the call is over, or a voicemail is
    left. Who hung up before the prompt's end has given no more than the call. `late`: told of
    after `now`, and what happened since counts."""
    if call.lead_id is None or call.phone_id is None or call.outcome not in UNANSWERED:
        return
    voicemail = call.outcome == "voicemail"
    lead, phone = session.get_one(Lead, call.lead_id), Phone.locked(session, call.phone_id)
    basis, declined = _given(call), call.text_declined_at is not None
    plan = "missed_call"
    if voicemail:
        plan = of_voicemail(session, lead, phone, basis, now, declined=declined)
    run = None
    if call.follow_up_decided_at is not None:
        run = _held_back(session, call) if plan == "voicemail" else None
        if run is None:
            return
        # The news of the voicemail came after that of the call's end, and before the text went.
        follow_up.end_one(session, run, now, "superseded")
    elif not (voicemail or call.ended_at or _unreported(call, now)):
        return
    call.follow_up_decided_at = now
    why = _why_none(session, call, now, late=late and run is None)
    if why is not None or call.tracking_number is None:
        words = f"No text: {why}"
        timeline.note(session, call.lead_id, now, "no_follow_up", words, call_id=call.id)
        return
    trigger.begin(
        session,
        plan,
        call.outcome,
        lead=lead,
        phone=phone,
        tracking_number_id=call.tracking_number.id,
        call_id=call.id,
        counted_from=now + SETTLING if call.outcome == "abandoned" else now,
        given=(basis, call.sid, call.prompt or ""),
        declined=declined,
        now=now,
    )


def _given(call: Call) -> Basis:
    if call.text_asked_at is not None:
        return "keypress"
    if call.prompt_heard_at is not None and call.prompt_promises:
        return "notice"
    return "call"


def of_voicemail(
    session: Session, lead: Lead, phone: Phone, basis: Basis, now: datetime, *, declined: bool
) -> str:
    """The plan that follows a voicemail: its own, or that of a missed call, as the prompt promised
    it. "We will call you by 9:30" is no text to send at 9:30: who was promised a text and rang at
    night gets the other one, and not none."""

    def goes(plan: Plan) -> bool:
        intention = intend(
            session, plan, lead=lead, phone=phone, basis=basis, declined=declined, now=now
        )
        return intention.first_text_at is not None

    own, other = (
        PlanVersion.current(session, name, now).read() for name in ("voicemail", "missed_call")
    )
    return own.name if own.active and (goes(own) or not goes(other)) else other.name


def _why_none(session: Session, call: Call, now: datetime, *, late: bool) -> str | None:
    if call.tracking_number is None:
        return "they rang a number that is not one of ours."
    if outage.before_a_restore(session, call.started_at):
        return outage.MAYBE_SENT
    if late and call.lead_id is not None:
        return hindsight.why_no_follow_up(session, call.lead_id, now)
    return None


def _held_back(session: Session, call: Call) -> FollowUp | None:
    """This call's follow-up as a missed call, if it is open and has sent nothing yet."""
    found = session.execute(
        select(FollowUp, Reminder)
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(
            FollowUp.call_id == call.id,
            FollowUp.plan == "missed_call",
            FollowUp.ended_at.is_(None),
            Reminder.step == 1,
        )
    ).one_or_none()
    if found is None:
        return None
    run, reminder = found
    queued = reminder.state == "sending" and follow_up.not_posted(session, reminder) is not None
    return run if reminder.state == "scheduled" or queued else None


def _unreported(call: Call, now: datetime) -> bool:
    behind = call.prompt_heard_at or call.text_asked_at
    return behind is not None and behind < now - UNREPORTED


def unreported(session: Session, now: datetime, limit: int) -> list[str]:
    """CallSids of callers who heard the prompt and whose call has not ended for too long."""
    behind = func.coalesce(Call.prompt_heard_at, Call.text_asked_at)
    return list(
        session.scalars(
            select(Call.sid)
            .where(
                Call.follow_up_decided_at.is_(None),
                Call.ended_at.is_(None),
                behind < now - UNREPORTED,
                Call.outcome.in_(UNANSWERED),
                Call.lead_id.is_not(None),
            )
            .limit(limit)
        )
    )
