"""A call that is told of afterwards, found at the telephone service or done only now: the same
events as live ones, at the times at which they happened, with one difference: what happened since
then counts (`settle`). Of one that is found:

1. `arrived`: the call with its caller, phone and lead.
2. `over`: the phones that were rung, the result of ringing them, the end, and so the outcome.
3. `concluded`: once recordings are known too, the follow-up, or why there is none.

Each is a transaction of its own, may be done again, and may run beside the webhooks of the same
call. Every time is practice time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import call_back, follow_up, hindsight, loop, missed_call, timeline, voicemail
from leads.call import FINAL, UNANSWERED, Call, CallLeg
from leads.db import changed
from leads.lead import Lead
from leads.listed import ListedCall, ListedRecording
from leads.practice import PracticePhone
from leads.timeline import TimelineEntry

# As Twilio sums up the phones of one Dial: the first of these that one of them has.
# In turn, one gave up and the next was let go: whoever is let go is the last.
RESULTS = ("completed", "canceled", "no-answer", "busy", "failed")
REVIEW = (
    "A phone that asks for a key was picked up, and it is not known here whether a person took the "
    "call or a mailbox: please check, and call back if nobody spoke with them. No text goes."
)
GONE = (
    "Twilio has no record of this call any more, and how it ended is not known: it counts as over. "
    "Please check whether somebody spoke with them."
)


def arrived(session: Session, listed: ListedCall, legs: Sequence[ListedCall]) -> bool:
    """The call came in, and these phones were rung; whether that is news. Raises Overtaken."""
    at = listed.started_at
    known = session.scalar(select(Call.from_raw).where(Call.sid == listed.sid)) is not None
    call = calls.arrive(
        session, listed.sid, listed.from_raw, listed.to_raw, listed.forwarded_from, at
    )
    call.started_at = min(call.started_at, at)
    if legs:
        call.dialled_at = call.dialled_at or min(leg.started_at for leg in legs)
    if call.lead_id is not None and not known:
        lead = session.get_one(Lead, call.lead_id)
        # A later call of theirs was told of first.
        call.returning = call.returning and lead.created_at < at
        lead.created_at = min(lead.created_at, at)
    return not known


def over(
    session: Session, sid: str, listed: ListedCall | None, legs: Sequence[ListedCall], now: datetime
) -> bool:
    """These phones gave up or hung up, and with `listed` the whole call is over; whether any of
    that is news.

    A desk phone that was picked up has accepted the call. For one that asks for a key, only our
    own stored accept says so: without it, and without a result of ringing from Twilio itself,
    the call needs a review. Raises Overtaken.
    """
    at = (listed.ended_at or listed.started_at) if listed else now
    call = calls.find(session, sid, at)
    if call.direction == "outbound":
        return call_back.over(session, call, listed, legs, at)
    before, news = (call.ended_at, call.dial_status, call.outcome), False
    for each in legs:
        rung = PracticePhone.find(session, each.to_raw)
        row = calls.leg(session, sid, each.sid, rung.id if rung else None)
        if row.status not in FINAL:
            calls.leg_changed(row, each.status, each.seconds, each.picked_up_at)
            news = True
    if listed is not None:
        end(session, call, at)
    # Of a call that Twilio's fallback took, we may hear nothing but the end.
    if call.ended_at is not None and call.dial_status is None:
        _result(session, call, listed, at)
    settle(session, call, at)
    return news or (call.ended_at, call.dial_status, call.outcome) != before


def gone(session: Session, sid: str, now: datetime) -> bool:
    """Nobody knows any more how the call ended, the telephone service included: it is over, and
    staff are told. Whether that is news. Raises Overtaken."""
    call = calls.find(session, sid, now)
    if call.ended_at is not None:
        return False
    if call.direction == "outbound":
        call_back.gone(session, call)
        return True
    at = call.started_at  # the last moment of which anything is known
    end(session, call, at)
    if call.dial_status is None:
        _result(session, call, None, at)
    settle(session, call, at)
    undecided = call.outcome in UNANSWERED and call.follow_up_decided_at is None
    if undecided:
        call.follow_up_decided_at = at
    if call.lead_id is not None:
        words = f"{GONE} No text goes." if undecided else GONE
        timeline.note(session, call.lead_id, at, "needs_review", words, call_id=call.id)
    return True


def end(session: Session, call: Call, at: datetime) -> None:
    """The call is over; the same person's next call may have been taken for our own until now."""
    calls.end(call, at)
    again = loop.refuted(session, call)
    if again is not None:
        settle(session, again, again.ended_at or max(at, again.started_at))


def _result(session: Session, call: Call, listed: ListedCall | None, at: datetime) -> None:
    """The result of ringing the phones, which never reached us."""
    session.flush()
    rows = session.scalars(select(CallLeg).where(CallLeg.call_sid == call.sid)).all()
    if not rows:
        if listed and listed.status == "completed":  # none was rung, and something was said
            call.prompted_at = call.prompted_at or listed.started_at
        return
    status = next((s for s in RESULTS if any(row.status == s for row in rows)), None)
    if status is None:
        return
    row = max((r for r in rows if r.status == status), key=lambda r: r.talk_seconds or 0)
    calls.dial_ended(
        session, call, status, row.sid, bridged=status == "completed",
        seconds=row.talk_seconds, now=at,
    )  # fmt: skip
    if status == "completed" and row.talk_seconds and not any(r.accepted_at for r in rows):
        call.needs_review_at = at


def settle(session: Session, call: Call, at: datetime) -> None:
    """As `call.settle`, and a call that was answered or missed since then is not undone by it."""
    lead = calls.judge(session, call, at)
    if lead is None:
        return
    if call.outcome != "answered":
        if not hindsight.in_touch_since(session, lead.id, at):
            since = min(at, call.ended_at or at)
            lead.needs_callback(session, since)
            lead.needs_callback_since = min(lead.needs_callback_since or since, since)
        return
    # That nobody took this very call may have been told of at its end.
    until = max(at, call.ended_at or at)
    waits_since = lead.needs_callback_since
    if waits_since is None:
        lead.called_back(session, at)
    elif waits_since <= until:
        again_at = _again_at(session, lead, call, until)
        if again_at is None:
            lead.called_back(session, at)
        else:
            lead.needs_callback_since = again_at
            changed(session, f"lead:{lead.id}")
    follow_up.end(session, at, "answered", lead_id=lead.id, begun_by=until)
    # Where people share the phone, nobody knows which of them called.
    follow_up.end(session, at, "answered", phone_id=call.phone_id, begun_by=until)


def _again_at(session: Session, lead: Lead, call: Call, at: datetime) -> datetime | None:
    """When somebody who has waited ever since first rang in vain or wrote after `at`."""
    rang_at = session.scalar(
        select(func.min(TimelineEntry.at)).where(
            TimelineEntry.lead_id == lead.id,
            TimelineEntry.at > at,
            TimelineEntry.kind.in_([f"call_{outcome}" for outcome in UNANSWERED]),
            TimelineEntry.facts["call_id"].as_integer() != call.id,
        )
    )
    wrote_at = lead.last_text_in_at
    later = [each for each in (rang_at, wrote_at) if each is not None and each > at]
    return min(later, default=None)


def recorded(session: Session, listed: ListedRecording) -> bool:
    """The caller left a voicemail, or tried to; True. Raises Overtaken."""
    at = listed.created_at + timedelta(seconds=listed.seconds)
    call = calls.find(session, listed.call_sid, at)
    voicemail.file_changed(
        session,
        call,
        sid=listed.sid,
        url=listed.url,
        state=listed.state,
        seconds=listed.seconds,
        now=at,
    )
    settle(session, call, at)
    return True


def concluded(session: Session, sid: str, now: datetime) -> tuple[str, bool]:
    """All that Twilio knows of the call is here: begin what follows from it, or say why nothing
    does. Returns the outcome, and whether somebody has to look at it. Raises Overtaken."""
    call = calls.find(session, sid, now)
    at = call.ended_at or now
    if call.direction == "outbound":
        return call.outcome, False
    settle(session, call, at)
    if call.outcome == "voicemail":
        call.needs_review_at = None  # who leaves a voicemail has spoken with nobody
    review = call.needs_review_at is not None
    if call.lead_id is None or call.phone_id is None or call.outcome not in UNANSWERED:
        return call.outcome, review
    if review and call.follow_up_decided_at is None and call.ended_at is not None:
        timeline.note(session, call.lead_id, at, "needs_review", REVIEW, call_id=call.id)
        call.follow_up_decided_at = at
    missed_call.consider(session, call, at, late=True)
    return call.outcome, review
