"""How far an installation has come from empty to a tested call: what the first-run guide shows."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from leads.call import Call
from leads.installation import Installation
from leads.practice import Practice, PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber


@dataclass(frozen=True)
class Guide:
    """Each is done or not. The first five are needed; staff and texting can wait."""

    practice: bool  # a name, and the number that patients know
    hours: bool
    phones: bool
    numbers: bool
    called: bool  # somebody has rung one of the numbers
    staff: bool  # more than one person may sign in
    texting: bool

    @property
    def needed(self) -> tuple[bool, ...]:
        return (self.practice, self.hours, self.phones, self.numbers, self.called)

    @property
    def complete(self) -> bool:
        return all(self.needed)

    @property
    def left(self) -> int:
        return self.needed.count(False)


def guide(session: Session) -> Guide:
    """One question to the database, which it answers by the first rows it finds."""
    practice = Practice.get(session)
    phones, numbers, called, another = session.execute(
        select(
            _any(PracticePhone.retired_at.is_(None)),
            _any(TrackingNumber.retired_at.is_(None)),
            _any(Call.from_raw.is_not(None), Call.direction == "inbound"),
            select(Staff.id).where(Staff.disabled_at.is_(None)).offset(1).exists(),
        )
    ).one()
    # Where the carrier forwards only what nobody answered, nothing rings from here.
    forwarded = not phones and _only_overflow(session)
    return Guide(
        practice=bool(practice.name and practice.phone),
        hours=any(practice.weekly_hours.values()),
        phones=phones or forwarded,
        numbers=numbers,
        called=called,
        staff=another,
        texting=practice.sender_confirmed_at is not None or not Installation.current(session).live,
    )


def _any(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*which)


def _only_overflow(session: Session) -> bool:
    modes = select(TrackingNumber.mode).where(TrackingNumber.retired_at.is_(None))
    return set(session.scalars(modes)) == {"overflow"}


def last_call(session: Session) -> Call | None:
    """The newest call of somebody from outside, which a test call is."""
    return session.scalars(
        select(Call)
        .where(Call.from_raw.is_not(None), Call.direction == "inbound")
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(1)
    ).one_or_none()
