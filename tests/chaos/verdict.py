"""What the sandbox's log says of each reminder, beside what the tables say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.db import transaction
from leads.follow_up import FollowUp
from leads.message import Message
from leads.phone import Phone
from leads.reminder import Reminder
from leads.timeline import TimelineEntry
from leads.webhook_event import WebhookEvent


@dataclass
class Verdict:
    """Counts of reminders, but for `posts` (requests) and `texts` (accepted ones)."""

    reminders: int
    posts: int
    texts: int
    by_texts: dict[int, int]  # how many reminders were texted that many times
    most_posts: int  # of one reminder
    duplicates: int  # texts beyond a reminder's first
    lost: int  # never texted, and nobody is told so
    told_wrong: int  # texted and said not to be, or the other way round
    told_not_sent: int = 0  # never texted, and the desk says so with a reason
    waiting: int = 0  # no outcome yet, although time is over
    unknown: dict[str, int] = field(default_factory=dict)  # by how each was settled

    @property
    def good(self) -> bool:
        return not (self.duplicates or self.lost or self.told_wrong or self.waiting)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"good": self.good}


def _counted(phones: Sequence[str], posts: Counter[str], texts: Counter[str]) -> dict[str, Any]:
    return {
        "reminders": len(phones),
        "posts": posts.total(),
        "texts": texts.total(),
        "by_texts": dict(sorted(Counter(texts[phone] for phone in phones).items())),
        "most_posts": max(posts.values(), default=0),
        "duplicates": sum(count - 1 for count in texts.values() if count > 1),
    }


def of_naive(
    phones: Sequence[str], posts: Counter[str], texts: Counter[str], marked: set[str]
) -> Verdict:
    return Verdict(
        **_counted(phones, posts, texts),
        lost=sum(not texts[phone] for phone in phones),
        told_wrong=sum(bool(texts[phone]) != (phone in marked) for phone in phones),
    )


def of_ringback(phones: Sequence[str], posts: Counter[str], texts: Counter[str]) -> Verdict:
    with transaction() as session:
        rows = session.execute(
            select(Phone.e164, Reminder)
            .select_from(Reminder)
            .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
            .join(Phone, Phone.id == FollowUp.phone_id)
        )
        reminders = dict(rows.tuples().all())
        unknown = _unknown(session)
    verdict = Verdict(**_counted(phones, posts, texts), lost=0, told_wrong=0, unknown=unknown)
    for phone in phones:
        reminder = reminders.get(phone)
        state = reminder.state if reminder else "gone"
        if state in {"scheduled", "sending"}:
            verdict.waiting += 1
        elif state == "sent":
            verdict.told_wrong += not texts[phone]
        elif state != "unknown" and texts[phone]:
            verdict.told_wrong += 1
        elif state in {"failed", "cancelled"} and reminder and reminder.reason:
            verdict.told_not_sent += 1
        elif state != "unknown":
            verdict.lost += 1
    return verdict


def _unknown(session: Session) -> dict[str, int]:
    """Every text whose outcome was unknown for a time, by what settled it.

    A callback that came after a list had settled it counts as the callback's, which is rare: a
    callback takes milliseconds, and the first look at the list comes after 30 s.
    """
    ids = session.scalars(
        select(TimelineEntry.facts["message_id"].as_integer())
        .where(TimelineEntry.kind == "text_unknown")
        .distinct()
    ).all()
    named = set(
        session.scalars(
            select(WebhookEvent.sequence).where(
                WebhookEvent.event == "sms-status", WebhookEvent.error.is_(None)
            )
        )
    )
    counts: Counter[str] = Counter()
    for message in session.scalars(select(Message).where(Message.id.in_(ids))):
        if message.state == "unknown":
            counts["still unknown"] += 1
        elif str(message.id) in named:
            counts["settled by a status callback"] += 1
        elif message.sid:
            counts["settled by the list: there"] += 1
        else:
            counts["settled by the list: absent"] += 1
    return dict(sorted(counts.items()))
