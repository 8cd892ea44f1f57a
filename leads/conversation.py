"""What an incoming text means for the lead, its follow-up and our right to text."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from leads import answer, appointment, consent, follow_up, opt_out, picture, timeline
from leads.call import is_ours
from leads.lead import Lead
from leads.message import Message
from leads.opt_out_words import Meaning, classify, is_twilio_stop_word
from leads.phone import Phone
from leads.phone_number import is_toll_free, parse_e164
from leads.picture import Sent
from leads.practice import Practice
from leads.segments import segments
from leads.tracking_number import TrackingNumber

MAY_BE_A_NO = "Their text may mean that they want no more texts: please decide."
MAY_BE_A_YES = "They opted out. Their text may mean that they want texts again: please decide."
WHOLE_SECOND = timedelta(seconds=1)  # of which Twilio's lists tell no parts
# Twilio says so itself where Advanced Opt-Out is on; it knows languages that we do not.
FROM_TWILIO = {"STOP": Meaning.OPT_OUT, "START": Meaning.OPT_IN, "HELP": Meaning.HELP}


def text_received(
    session: Session,
    *,
    sid: str,
    from_raw: str,
    to_raw: str,
    body: str,
    media_count: int,
    opt_out_type: str,
    now: datetime,
    late: bool = False,
    media: Sequence[Sent] = (),
) -> None:
    """Keep the text and do what it asks for. Short codes and withheld senders have no lead;
    their text stays in the log of what was received.

    `late`: it came at `now`, which is a while ago; see leads/late_text.py.
    """
    number = parse_e164(from_raw)
    if number is None or is_ours(session, number):
        return
    phone = Phone.of(session, number)
    tracking_number = TrackingNumber.find(session, to_raw)
    number_id = tracking_number.id if tracking_number else None
    if phone.blocked_at is not None:
        _kept_silently(session, sid, phone, number_id, body, media_count, opt_out_type, now)
        return
    source = tracking_number.source if tracking_number else ""
    lead, _ = Lead.of(session, phone, now, source)
    if not keep(session, sid, lead, phone, number_id, body, media_count, now, media):
        return
    meaning = meaning_of(body, opt_out_type)
    if meaning is Meaning.OPT_OUT:
        _opted_out(session, lead, phone, number_id, sid, body, bool(opt_out_type), now)
    elif meaning is Meaning.WRONG_NUMBER:
        opt_out.record(session, phone.id, now, "text", sid, ending="wrong_number")
        words = "Says that it is the wrong number: no more texts. Check the number before calling."
        timeline.note(session, lead.id, now, "wrong_number", words)
        lead.last_text_in_at = now
        lead.needs_callback(session, now)
    elif meaning is Meaning.OPT_IN:
        opt_out.lift(session, phone.id, now, sid)
    # To a person who never opted out it is an answer.
    elif meaning is Meaning.YES and phone.opted_out_at is not None:
        if opt_out_type == "START" or _twilio_lifts(phone, to_raw):
            opt_out.lift(session, phone.id, now, sid)
        else:
            ask_staff(session, lead, phone, now, MAY_BE_A_YES)
    elif meaning is Meaning.HELP:
        answer.help_(session, lead, phone, number_id, sid, now)
    elif meaning is Meaning.AMBIGUOUS:
        ask_staff(session, lead, phone, now)
    elif meaning in {Meaning.CONFIRM, Meaning.RESCHEDULE} and appointment.answered(
        session, phone, now, confirmed=meaning is Meaning.CONFIRM
    ):
        consent.give(session, phone.id, now, "reply", sid)
    else:
        if meaning is Meaning.WHO:
            answer.identify(session, lead, phone, number_id, now)
        _replied(session, lead, phone, sid, now, late=late)


def _twilio_lifts(phone: Phone, to_raw: str) -> bool:
    """Whether a YES makes Twilio itself text them again: the block is its own, and toll-free
    numbers know START and UNSTOP alone."""
    return phone.opted_out_how in opt_out.AT_TWILIO and not is_toll_free(to_raw)


def _kept_silently(
    session: Session,
    sid: str,
    phone: Phone,
    tracking_number_id: int | None,
    body: str,
    media_count: int,
    opt_out_type: str,
    now: datetime,
) -> None:
    """A text from a blocked number: on the timeline of its lead where it has one, and nobody is
    told. A no is a no all the same, and a START takes it back."""
    lead = Lead.last_of(session, phone.id)
    if lead is not None:
        stored = _store(session, sid, lead, phone, tracking_number_id, body, media_count, now)
        if stored is None:
            return
        timeline.note(session, lead.id, now, "text_in", body, message_id=stored)
    elif consent.told_by(session, phone.id, sid):
        return  # Twilio's list tells of it again and again
    meaning = meaning_of(body, opt_out_type)
    if meaning is Meaning.OPT_OUT:
        how = _how(session, body, by_twilio=bool(opt_out_type))
        opt_out.record(session, phone.id, now, how, sid)
    elif meaning is Meaning.WRONG_NUMBER:
        opt_out.record(session, phone.id, now, "text", sid)
    elif meaning is Meaning.OPT_IN:
        opt_out.lift(session, phone.id, now, sid)


def meaning_of(body: str, opt_out_type: str) -> Meaning:
    """What a text asks for, as we read it and as Twilio does."""
    meaning = classify(body)
    # Its START may be a mere "Yes", which is an answer of who never opted out.
    if opt_out_type == "START" and meaning is Meaning.YES:
        return meaning
    return FROM_TWILIO.get(opt_out_type, meaning)


def _opted_out(
    session: Session,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int | None,
    sid: str,
    body: str,
    by_twilio: bool,
    now: datetime,
) -> None:
    first = phone.opted_out_at is None
    how = _how(session, body, by_twilio=by_twilio)
    opt_out.record(session, phone.id, now, how, sid)
    appointment.perhaps_cancelled(session, phone, body, now)
    if first and how != "stop_word":  # else Twilio confirms it
        answer.confirm_opt_out(session, lead, phone, tracking_number_id, now)


def _how(session: Session, body: str, *, by_twilio: bool) -> str:
    """How they opt out: by a word that Twilio acts on itself, or in words that we alone read."""
    twilio_says_so = by_twilio or is_twilio_stop_word(body)
    owner = Practice.get(session).optout_owner
    return "stop_word" if twilio_says_so and owner == "twilio" else "text"


def _replied(
    session: Session, lead: Lead, phone: Phone, sid: str, now: datetime, *, late: bool
) -> None:
    """An ordinary answer: their follow-up ends, and the text waits for staff, unread. One that
    began after they wrote is about something else."""
    lead.last_text_in_at = now
    consent.give(session, phone.id, now, "reply", sid)
    begun_by = now + WHOLE_SECOND if late else None
    follow_up.end(session, now, "replied", lead_id=lead.id, begun_by=begun_by)
    # Where people share the phone, nobody knows which of them wrote.
    follow_up.end(session, now, "replied", phone_id=phone.id, begun_by=begun_by)
    lead.needs_callback(session, now)


def ask_staff(
    session: Session, lead: Lead, phone: Phone, now: datetime, words: str = MAY_BE_A_NO
) -> None:
    """Their text may be a no, or the end of one: nothing goes by itself until somebody has read
    it."""
    phone.unclear_at = phone.unclear_at or now
    follow_up.pause(session, now, phone.id)
    timeline.note(session, lead.id, now, "unclear", words)
    lead.last_text_in_at = now
    lead.needs_callback(session, now)


def keep(
    session: Session,
    sid: str,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int | None,
    body: str,
    media_count: int,
    now: datetime,
    media: Sequence[Sent] = (),
) -> bool:
    """Store an incoming text; False when this MessageSid is already here. Where `media` does not
    tell of all that came with it, the worker asks."""
    message_id = _store(session, sid, lead, phone, tracking_number_id, body, media_count, now)
    if message_id is None:
        return False
    picture.expect(session, message_id, media_count, media, now)
    if lead.texts_read_at is not None and lead.texts_read_at >= now:
        # It was found afterwards, and is older than the last look: nobody has seen it.
        lead.texts_read_at = now - timedelta(microseconds=1)
    lead.heard_of(session, now)
    timeline.note(session, lead.id, now, "text_in", body, message_id=message_id)
    return True


def _store(
    session: Session,
    sid: str,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int | None,
    body: str,
    media_count: int,
    now: datetime,
) -> int | None:
    return session.scalar(
        insert(Message)
        .values(
            sid=sid,
            lead_id=lead.id,
            phone_id=phone.id,
            tracking_number_id=tracking_number_id,
            direction="inbound",
            body=body,
            media_count=media_count,
            segments=segments(body).count,
            automated=False,
            attempts=0,
            state="received",
            created_at=now,
            due_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    )
