"""What each side has written down, in the same few words for both."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from sqlalchemy import func, or_, select

from leads.call import Call, CallLeg
from leads.db import Base, transaction
from leads.lead import Lead
from leads.message import Message
from leads.outage import Outage
from leads.phone import LeadPhone, Phone
from leads.webhook_event import WebhookEvent

UNSETTLED = {"queued", "sending", "unknown"}


@dataclass
class Books:
    calls: Counter[str] = field(default_factory=Counter)  # how often each SID is there
    outcomes: dict[str, str] = field(default_factory=dict)
    to_review: set[str] = field(default_factory=set)
    leads: Counter[str] | None = None  # how many each caller has; None where there are none
    texts: Counter[str] = field(default_factory=Counter)  # from people, by SID
    written: dict[str, datetime] = field(default_factory=dict)  # practice time of those, by SID
    sent: dict[str, str] | None = None  # the state of each text to people; None where none is kept
    held: set[str] = field(default_factory=set)  # people to whom a text is not settled
    opted_out: set[str] = field(default_factory=set)
    notes: dict[str, int] = field(default_factory=dict)  # worth printing


def of_ringback() -> Books:
    with transaction() as session:
        calls = session.execute(select(Call.sid, Call.outcome, Call.needs_review_at)).all()
        leads = session.scalars(
            select(Phone.e164)
            .join(LeadPhone, LeadPhone.phone_id == Phone.id)
            .join(Lead, Lead.id == LeadPhone.lead_id)
        )
        texts = session.execute(
            select(Message.sid, Message.created_at).where(Message.direction == "inbound")
        ).all()
        sent = session.execute(
            select(Message.sid, Message.state, Phone.e164)
            .join(Phone, Phone.id == Message.phone_id)
            .where(Message.direction == "outbound")
        ).all()
        opted_out = session.scalars(select(Phone.e164).where(Phone.opted_out_at.is_not(None)))
        came_by = session.execute(
            select(WebhookEvent.came_by, func.count())
            .where(WebhookEvent.source == "twilio")
            .group_by(WebhookEvent.came_by)
        )
        owed = select(func.count()).where(WebhookEvent.error.is_not(None))
        return Books(
            Counter(sid for sid, _, _ in calls),
            {sid: outcome for sid, outcome, _ in calls},
            {sid for sid, _, review in calls if review is not None},
            Counter(leads),
            Counter(sid for sid, _ in texts if sid),
            {sid: at for sid, at in texts if sid},
            {sid: state for sid, state, _ in sent if sid},
            {number for _, state, number in sent if state in UNSETTLED},
            set(opted_out),
            {f"requests by the {name}": count for name, count in came_by.tuples()}
            | {
                "requests whose effect is owed": session.scalar(owed) or 0,
                "outages noted": session.scalar(select(func.count(Outage.id))) or 0,
            },
        )


def history(sid: str) -> str:
    """All that is written down of this call: it is gone once the run is over."""
    with transaction() as session:
        call = session.scalars(select(Call).where(Call.sid == sid)).one()
        legs = session.scalars(select(CallLeg).where(CallLeg.call_sid == sid)).all()
        events = session.scalars(
            select(WebhookEvent)
            .where(or_(WebhookEvent.sid == sid, WebhookEvent.body.contains(sid)))
            .order_by(WebhookEvent.received_at)
        ).all()
        others = session.scalars(
            select(Call).where(Call.phone_id == call.phone_id, Call.sid != sid)
        ).all()
        rows = [*(_columns(each) for each in (call, *others, *legs))]
        for each in events:
            told = f"{each.event} {each.status} by {each.came_by}: {each.answer}"
            rows.append(f"{each.received_at:%T.%f} {told} {each.replayed_at} {each.error}")
    return "\n  ".join([f"{sid}:", *rows])


def texts_of(number: str) -> str:
    """All that is written down of this person's texts, as above."""
    with transaction() as session:
        rows = session.scalars(
            select(Message)
            .join(Phone, Phone.id == Message.phone_id)
            .where(Phone.e164 == number)
            .order_by(Message.created_at)
        )
        return "\n  ".join([f"{number}:", *(_columns(each) for each in rows)])


def _columns(row: Base) -> str:
    told = ((name, getattr(row, name)) for name in row.__mapper__.columns.keys())  # noqa: SIM118
    return " ".join(f"{name}={value}" for name, value in told if value not in (None, False, ""))


def of_peer(database_url: str) -> Books:
    with psycopg.connect(database_url) as session:
        calls = session.execute("select sid, outcome from call").fetchall()
        texts = session.execute("select sid from text_in").fetchall()
        opted_out = session.execute("select phone from opt_out").fetchall()
    return Books(
        Counter(sid for sid, _ in calls),
        dict(calls),
        texts=Counter(sid for (sid,) in texts),
        opted_out={phone for (phone,) in opted_out},
    )
