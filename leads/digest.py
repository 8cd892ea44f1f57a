"""The day in counts, for those of the staff who want it by mail: when it is due, what it counts,
and that nobody gets it twice. No name, no number, no text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKey,
    Select,
    String,
    Update,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.call import Call
from leads.db import Base
from leads.lead import Lead
from leads.message import Message
from leads.opening_hours import instant
from leads.practice import Practice
from leads.staff import Staff

WITHOUT_CLOSING = time(18)  # on days on which the practice does not open
LATE_AT_MOST = timedelta(hours=6)  # after an outage, the next day's mail is soon enough
RETRY = timedelta(minutes=10)  # doubled each time


class DigestSent(Base):
    """One day's mail to one person. Written before the mail goes: whoever dies in between has
    sent it once or not at all. Real time, but for `day`."""

    __tablename__ = "digest_sent"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    claimed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    sent_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]  # it was surely not taken, and is tried again then
    tries: Mapped[int] = mapped_column(server_default="1", default=1)


@dataclass(frozen=True)
class Day:
    """One practice day, from the mail before up to its own."""

    day: date
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Counts:
    calls: int
    answered: int
    voicemails: int
    unanswered: int  # missed or hung up, without a voicemail
    texts_in: int
    texts_out: int
    texts_failed: int
    new_leads: int
    waiting: int  # now


def due(practice: Practice, now: datetime) -> Day | None:
    """The day whose mail goes now, on the practice's clock; None between two of them."""
    today = now.astimezone(ZoneInfo(practice.zone)).date()
    for day in (today, today - timedelta(days=1)):  # an opening may end at midnight
        at = moment(practice, day)
        if at <= now < at + LATE_AT_MOST:
            return Day(day, moment(practice, day - timedelta(days=1)), at)
    return None


def moment(practice: Practice, day: date) -> datetime:
    """When this day's mail goes: at the closing, or at 6 PM where there is none (UTC)."""
    zone = ZoneInfo(practice.zone)
    evening = instant(day, WITHOUT_CLOSING, zone)
    hours = practice.hours
    if not hours.is_open_day(day):
        return evening
    last = max(start for start, _ in hours.on(day))
    return hours.closes_at(instant(day, last, zone)) or evening


def counts(session: Session, day: Day) -> Counts:
    started = Call.started_at.between(day.since, day.until)
    calls, answered, voicemails, unanswered = session.execute(
        select(
            func.count(),
            func.count().filter(Call.outcome == "answered"),
            func.count().filter(Call.outcome == "voicemail"),
            func.count().filter(Call.outcome.in_(("missed", "abandoned"))),
        ).where(started, Call.from_raw.is_not(None), Call.direction == "inbound")
    ).one()
    texts_in, by_hand, automated, texts_failed = (
        session.scalars(texts.where(Message.created_at.between(day.since, day.until))).one()
        for texts in _texts()
    )
    new = select(func.count()).where(Lead.created_at.between(day.since, day.until))
    waits = select(func.count()).where(Lead.waits(day.until))
    return Counts(
        calls=calls,
        answered=answered,
        voicemails=voicemails,
        unanswered=unanswered,
        texts_in=texts_in,
        texts_out=by_hand + automated,
        texts_failed=texts_failed,
        new_leads=session.scalar(new) or 0,
        waiting=session.scalar(waits) or 0,
    )


def _texts() -> Iterator[Select[int]]:
    """Those of callers, those that staff wrote, those of the plans and those that did not arrive:
    each with the words of one of the table's partial indexes, which a parameter would not be."""
    inbound, outbound = _word("inbound"), _word("outbound")
    count = select(func.count()).select_from(Message)
    yield count.where(Message.direction == inbound)
    yield count.where(Message.direction == outbound, ~Message.automated)
    yield count.where(Message.direction == outbound, Message.automated)
    yield count.where(Message.state.in_((_word("failed"), _word("undelivered"))))


def _word(word: Literal["inbound", "outbound", "failed", "undelivered"]) -> ColumnElement[str]:
    return literal_column(f"'{word}'", String())


def readers(session: Session, day: Day) -> list[tuple[int, str]]:
    """Who wants this day's mail and has not got it: id and address. Nobody whom the sign-in no
    longer lets in, and nobody who cannot see the counts anyway."""
    settled = exists().where(
        DigestSent.day == day.day,
        DigestSent.staff_id == Staff.id,
        or_(DigestSent.retry_at.is_(None), DigestSent.retry_at > func.clock_timestamp()),
    )
    found = session.execute(
        select(Staff.id, Staff.email)
        .where(Staff.digest, Staff.disabled_at.is_(None), ~settled)
        .order_by(Staff.id)
    )
    return [(staff_id, email) for staff_id, email in found]


def claim(session: Session, day: Day, staff_id: int) -> bool:
    """Whether this process alone may send this day's mail to this person now. To be committed
    before it is sent."""
    first = (
        insert(DigestSent)
        .values(day=day.day, staff_id=staff_id)
        .on_conflict_do_nothing()
        .returning(DigestSent.staff_id)
    )
    if session.scalar(first) is not None:
        return True
    again = (
        update(DigestSent)
        .where(
            DigestSent.day == day.day,
            DigestSent.staff_id == staff_id,
            DigestSent.sent_at.is_(None),
            DigestSent.retry_at <= func.clock_timestamp(),
        )
        .values(retry_at=None, tries=DigestSent.tries + 1)
        .returning(DigestSent.staff_id)
    )
    return session.scalar(again) is not None


def sent(session: Session, day: Day, staff_id: int) -> None:
    session.execute(_one(day, staff_id).values(sent_at=func.clock_timestamp()))


def not_taken(session: Session, day: Day, staff_id: int) -> None:
    """The mail server surely did not take it: it is tried again, ever later."""
    pause = RETRY * func.pow(2, DigestSent.tries - 1)
    session.execute(_one(day, staff_id).values(retry_at=func.clock_timestamp() + pause))


def _one(day: Day, staff_id: int) -> Update:
    return update(DigestSent).where(DigestSent.day == day.day, DigestSent.staff_id == staff_id)
