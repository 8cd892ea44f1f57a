"""A call that is found at the telephone service afterwards: the same events as live ones, at the
times at which they happened, with one difference: what happened since then counts.

1. `arrived`: the call with its caller, phone and lead.
2. `over`: the phones that were rung, the result of ringing them, the end, and so the outcome.
3. `concluded`: once recordings are known too, the follow-up, or why there is none.

Each is a transaction of its own, may be done again, and may run beside the webhooks of the same
call. Every time is practice time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import call_back, follow_up, hindsight, missed_call, timeline, voicemail
from leads.call import FINAL, UNANSWERED, Call, CallLeg
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.listed import ListedCall, ListedRecording
from leads.phone import Phone
from leads.plan import KINDS
from leads.practice import PracticePhone

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
        calls.end(call, at)
    # Of a call that Twilio's fallback took, we may hear nothing but the end.
    if call.ended_at is not None and call.dial_status is None:
        _result(session, call, listed, at)
    _settle(session, call, at)
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
    calls.end(call, at)
    if call.dial_status is None:
        _result(session, call, None, at)
    _settle(session, call, at)
    undecided = call.outcome in UNANSWERED and call.follow_up_decided_at is None
    if undecided:
        call.follow_up_decided_at = at
    if call.lead_id is not None:
        words = f"{GONE} No text goes." if undecided else GONE
        timeline.note(session, call.lead_id, at, "needs_review", words, call_id=call.id)
    return True


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


def _settle(session: Session, call: Call, at: datetime) -> None:
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
    if lead.needs_callback_since is None or lead.needs_callback_since <= at:
        lead.called_back(session, at)
    begun_before = (
        select(FollowUp)
        .where(FollowUp.lead_id == lead.id, FollowUp.ended_at.is_(None), FollowUp.started_at <= at)
        .order_by(FollowUp.id)
    )
    Phone.locked_all(session, {run.phone_id for run in session.scalars(begun_before)})
    for run in session.scalars(begun_before.execution_options(populate_existing=True)).all():
        if "answered" in KINDS[run.plan].endings:
            follow_up.end_one(session, run, at, "answered")


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
    _settle(session, call, at)
    return True


def concluded(session: Session, sid: str, now: datetime) -> tuple[str, bool]:
    """All that Twilio knows of the call is here: begin what follows from it, or say why nothing
    does. Returns the outcome, and whether somebody has to look at it. Raises Overtaken."""
    call = calls.find(session, sid, now)
    at = call.ended_at or now
    if call.direction == "outbound":
        return call.outcome, False
    _settle(session, call, at)
    if call.outcome == "voicemail":
        call.needs_review_at = None  # who leaves a voicemail has spoken with nobody
    review = call.needs_review_at is not None
    if call.lead_id is None or call.phone_id is None or call.outcome not in UNANSWERED:
        return call.outcome, review
    if call.follow_up_decided_at is None and call.ended_at is not None:
        why = hindsight.why_no_follow_up(session, call.lead_id, at)
        if review:
            timeline.note(session, call.lead_id, at, "needs_review", REVIEW, call_id=call.id)
            call.follow_up_decided_at = at
        elif why:
            words = f"No text: {why}"
            timeline.note(session, call.lead_id, at, "no_follow_up", words, call_id=call.id)
            call.follow_up_decided_at = at
    missed_call.consider(session, call, at)
    return call.outcome, review
