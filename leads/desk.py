"""What staff do to a lead at the desk. Each takes the lead's phones' locks before it changes it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import appointment, consent, follow_up, opt_out, timeline, trigger, wait
from leads.call import Call
from leads.db import changed
from leads.lead import CLOSED, Lead, Relation, Stage
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.practice import Practice
from leads.tracking_number import TrackingNumber

# As long may somebody click again who saw nothing happen; nobody means to say it twice so soon.
SAME_WORDS = timedelta(seconds=30)
# An appointment beyond these is a slip of the finger: 0026 where somebody typed 26 as the year.
FURTHEST_BACK, FURTHEST_AHEAD = timedelta(days=366), timedelta(days=3 * 366)
SPOKE = "Spoke with them; not booked yet."


class Refused(Exception):
    """What was asked cannot be done; the text says why and what to do instead."""


def hold(session: Session, lead: Lead) -> None:
    """Lock the lead, its phones first: webhooks lock in this order, and another would be a
    deadlock. Every change below begins with it. Raises Refused when it was merged meanwhile."""
    phone_ids = select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead.id)
    for phone_id in sorted(session.scalars(phone_ids)):
        Phone.locked(session, phone_id)
    session.refresh(lead, with_for_update={"key_share": True})
    if lead.merged_into_id is not None:
        raise Refused("This lead was merged into another one meanwhile. Nothing was changed.")


def contacted(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """Staff spoke with them."""
    hold(session, lead)
    _settled(session, lead, staff_id, now, "contacted", "Marked as contacted.")


def spoke(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, *, texts_agreed: bool
) -> None:
    """Staff spoke with them, and they did not book yet: the plan for that begins.

    `texts_agreed`: they told staff that a text is welcome, which goes into the ledger.
    """
    hold(session, lead)
    _settled(session, lead, staff_id, now, "contacted", SPOKE)
    if texts_agreed:
        _agreed(session, lead, staff_id, now)
    phone, sender_id = lead.phone, sender(session, lead)
    if phone is None or sender_id is None:
        return
    mode = Practice.get(session).consent_mode
    trigger.begin(
        session,
        "spoke",
        "spoke",
        lead=lead,
        phone=phone,
        tracking_number_id=sender_id,
        given=consent.standing(session, phone.id, mode, "informational"),
        now=now,
    )


def book(
    session: Session,
    lead: Lead,
    staff_id: int | None,
    now: datetime,
    at: datetime | None,
    *,
    texts_agreed: bool = False,
) -> None:
    """They booked, for the moment `at` where it is known; or for another moment than before.
    Raises Refused for a moment in another age."""
    hold(session, lead)
    if at is not None and at != lead.appointment_at:
        _of_this_age(session, at, now)
    facts = wait.told(lead)
    lead.called_back(session, now)
    lead.stage = "booked"
    lead.last_activity_at = now
    if at is not None:
        facts["appointment_at"] = at.isoformat()
    timeline.note(session, lead.id, now, "booked", "Booked.", staff_id=staff_id, **facts)
    follow_up.end(session, now, "booked", lead_id=lead.id)
    if texts_agreed:
        _agreed(session, lead, staff_id, now)
    appointment.made(session, lead, at, sender(session, lead), now)


def _of_this_age(session: Session, at: datetime, now: datetime) -> None:
    if not now - FURTHEST_BACK <= at <= now + FURTHEST_AHEAD:
        year = at.astimezone(ZoneInfo(Practice.get(session).zone)).year
        raise Refused(
            f"An appointment is at most a year back and three years ahead; this one would be in "
            f"the year {year}. Give its day once more. Nothing was changed yet."
        )


def cancel_appointment(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """The appointment is off; its reminders end. Raises Refused when there is none."""
    _has_appointment(session, lead)
    appointment.called_off(session, lead, now)
    words = "Appointment cancelled."
    _settled(session, lead, staff_id, now, "appointment_cancelled", words)
    lead.stage = "contacted"


def miss_appointment(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """They did not come; the plan for that begins. Raises Refused when there was none."""
    _has_appointment(session, lead)
    if lead.appointment_at is not None and lead.appointment_at > now:
        raise Refused("The appointment is still ahead. Nothing was changed.")
    timeline.note(session, lead.id, now, "appointment_missed", "Did not come.", staff_id=staff_id)
    appointment.not_kept(session, lead, sender(session, lead), now)
    lead.stage = "contacted"
    lead.needs_callback(session, now)


def _has_appointment(session: Session, lead: Lead) -> None:
    hold(session, lead)
    if lead.appointment_at is None:
        raise Refused("They have no appointment with a day and a time. Nothing was changed.")


def _settled(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, kind: str, words: str
) -> None:
    """Somebody was in touch: off the list, and whatever that ends has ended."""
    waited = wait.told(lead)
    lead.called_back(session, now)
    lead.last_activity_at = now
    timeline.note(session, lead.id, now, kind, words, staff_id=staff_id, **waited)
    follow_up.end(session, now, "contacted", lead_id=lead.id)


def _agreed(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """They told staff that texts are welcome. It lifts no opt-out: that is a step of its own."""
    phone = lead.phone
    if phone is not None and phone.opted_out_at is None:
        consent.give(session, phone.id, now, "staff", _evidence(staff_id))
        timeline.note(
            session, lead.id, now, "agreed", "Told staff that texts are welcome.", staff_id=staff_id
        )


def close(session: Session, lead: Lead, staff_id: int | None, now: datetime, stage: Stage) -> None:
    """Nothing more to do: `won`, `lost` or `not_a_lead`. Raises Refused for another stage."""
    if stage not in CLOSED:
        raise Refused("A lead is closed as won, lost or not a lead. Nothing was changed.")
    hold(session, lead)
    waited = wait.told(lead)
    lead.off_the_list(session)
    lead.stage = stage
    words = f"Closed as {CLOSED[stage]}."
    timeline.note(session, lead.id, now, "closed", words, staff_id=staff_id, **waited)
    # Who became a patient still comes to the appointment.
    follow_up.end(session, now, "won" if stage == "won" else "closed", lead_id=lead.id)


def relate(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, relation: Relation
) -> None:
    """Say what they are to the clinic. Reminders that this forbids end at once."""
    hold(session, lead)
    if lead.relation == relation:
        return
    lead.relation = relation
    words = {
        "prospect": "Marked as a prospect.",
        "patient": "Marked as a patient: the first text only.",
        "other": "Marked as neither prospect nor patient: no automated texts.",
    }[relation]
    timeline.note(session, lead.id, now, "relation", words, staff_id=staff_id)
    if relation == "other":
        follow_up.end(session, now, "relation", lead_id=lead.id)
    elif relation == "patient":
        follow_up.shorten(session, now, lead.id, 1, "patients get the first text only.")


def needs_a_call(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """Put them back on the list: somebody settled it by mistake, and they wait as before, or
    promised to ring."""
    hold(session, lead)
    lead.needs_callback(session, wait.before_mistake(session, lead, now) or now)
    timeline.note(
        session,
        lead.id,
        now,
        "needs_callback",
        "Put on the list of who needs a call.",
        staff_id=staff_id,
    )


def write_note(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, text: str
) -> None:
    """Keep a note on the timeline. Raises Refused when it is empty."""
    if not text.strip():
        raise Refused("The note is empty. Write something first.")
    hold(session, lead)
    timeline.note(session, lead.id, now, "note", text.strip(), staff_id=staff_id)


def rename(session: Session, lead: Lead, staff_id: int | None, now: datetime, name: str) -> None:
    hold(session, lead)
    lead.name = " ".join(name.split())[:200]
    timeline.note(session, lead.id, now, "renamed", "Name changed.", staff_id=staff_id)


def reply(session: Session, lead: Lead, staff_id: int | None, now: datetime, body: str) -> Message:
    """Queue a text that staff wrote. It ends the follow-up and settles the call-back. A second
    click, or the browser's way back, queues the same words no second time.

    Raises Refused when it is empty or too long, after an opt-out, or when there is no number
    to text, or to text from.
    """
    body = body.strip()
    hold(session, lead)
    phone = lead.phone
    if not body:
        raise Refused("The text is empty. Write something first.")
    if len(body) > 1600:
        raise Refused(f"The text has {len(body)} characters; 1,600 is the most. It was not sent.")
    if phone is None:
        raise Refused("This lead has no number to text.")
    if phone.opted_out_at is not None:
        raise Refused("They opted out of texts, so nothing was sent. Call them instead.")
    if phone.untextable_at is not None:
        raise Refused("This number cannot receive texts, so nothing was sent. Call them instead.")
    sender_id = sender(session, lead)
    if sender_id is None:
        raise Refused("There is no number to text from. An admin can add one under Settings.")
    if (queued := _just_written(session, lead, staff_id, now, body)) is not None:
        if lead.needs_callback_since is None:
            lead.let_go(staff_id)  # the second click took again whom the first had settled
        return queued
    message = Message.outgoing(
        body,
        now,
        lead_id=lead.id,
        phone_id=phone.id,
        tracking_number_id=sender_id,
        staff_id=staff_id,
    )
    session.add(message)
    session.flush()
    facts = {"staff_id": staff_id, "message_id": message.id} | wait.told(lead)
    lead.called_back(session, now)
    lead.last_activity_at = now
    timeline.note(session, lead.id, now, "text_out", body, **facts)
    follow_up.end(session, now, "contacted", lead_id=lead.id)
    return message


def _just_written(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, body: str
) -> Message | None:
    return session.scalars(
        select(Message)
        .where(
            Message.lead_id == lead.id,
            Message.created_at > now - SAME_WORDS,
            Message.direction == "outbound",
            Message.staff_id.is_not_distinct_from(staff_id),
            Message.body == body,
            ~Message.automated,
            Message.state.not_in(("failed", "undelivered", "cancelled")),
        )
        .limit(1)
    ).one_or_none()


def sender(session: Session, lead: Lead) -> int | None:
    """The number to text from: the one they last called or texted, else the clinic's first."""
    last = session.scalar(
        select(Call.tracking_number_id)
        .join(TrackingNumber, Call.tracking_number_id == TrackingNumber.id)
        .where(Call.lead_id == lead.id, TrackingNumber.retired_at.is_(None))
        .order_by(Call.started_at.desc())
        .limit(1)
    )
    return last or session.scalar(
        select(TrackingNumber.id)
        .where(TrackingNumber.retired_at.is_(None))
        .order_by(TrackingNumber.id)
        .limit(1)
    )


def no_more_texts(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """They told staff that they want no texts: opt out every phone of theirs."""
    hold(session, lead)
    phone_ids = select(LeadPhone.phone_id).where(LeadPhone.lead_id == lead.id)
    for phone_id in sorted(session.scalars(phone_ids)):
        opt_out.record(session, phone_id, now, "staff", _evidence(staff_id))
    changed(session, f"lead:{lead.id}")


def texts_wanted(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """They told staff in person or by phone that texts are welcome, or staff read it in a text
    that they sent after an opt-out: then it is about the phone that it came from."""
    hold(session, lead)
    asked = [each for each in lead.phones if each.unclear_at and each.opted_out_at]
    phone = asked[0] if asked else lead.phone
    if phone is None:
        raise Refused("This lead has no number.")
    opt_out.lift(session, phone.id, now, _evidence(staff_id), by="staff")
    timeline.note(
        session, lead.id, now, "agreed", "Told staff that texts are welcome.", staff_id=staff_id
    )


def stop_follow_ups(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """No more texts by themselves for now; they may still be texted by hand."""
    hold(session, lead)
    timeline.note(session, lead.id, now, "stopped", "Follow-up stopped.", staff_id=staff_id)
    follow_up.end(session, now, "stopped", lead_id=lead.id)


def decide(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, *, no_texts: bool
) -> None:
    """Say what a text meant that might have been a no: an opt-out, or an ordinary reply, which
    ends the follow-up as any reply does. Raises Refused when nobody has to decide."""
    hold(session, lead)
    unclear = [phone for phone in lead.phones if phone.unclear_at is not None]
    if not unclear:
        raise Refused("Somebody has decided this already. Nothing was changed.")
    words = "Read as: no more texts." if no_texts else "Read as an ordinary reply."
    timeline.note(session, lead.id, now, "decided", words, staff_id=staff_id)
    for phone in unclear:
        if no_texts:
            opt_out.record(session, phone.id, now, "staff", _evidence(staff_id))
        else:
            phone.unclear_at = None
            follow_up.end(session, now, "replied", phone_id=phone.id)


def _evidence(staff_id: int | None) -> str:
    return f"staff:{staff_id}" if staff_id else "api"
