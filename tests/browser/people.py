"""A morning at the clinic: the named people of the tests and the screenshots."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from leads import clock, db
from leads.demo import command
from leads.demo import morning as story
from leads.demo.days import Days
from leads.demo.morning import (
    ADS,
    DEREK,
    GRACE,
    LINH,
    MARIA,
    NEW_CALLER,
    PRIYA,
    SAM,
    SUPPLIER,
    TOMAS,
)
from leads.opening_hours import TRIAL_HOURS
from leads.practice import Practice, PracticePhone
from leads.staff import Staff, add_staff
from leads.tracking_number import TrackingNumber
from tests.browser.telephone import CLINIC, Telephone
from tests.conftest import TUESDAY_TEN

__all__ = [
    "ADMIN",
    "ADS",
    "DEREK",
    "GRACE",
    "LINH",
    "MARIA",
    "NEW_CALLER",
    "NOW",
    "PASSWORD",
    "PRIYA",
    "RECEPTIONIST",
    "SAM",
    "SUPPLIER",
    "TOMAS",
    "at",
    "front_number",
    "hire",
    "month",
    "morning",
    "nothing_set_up",
]

PASSWORD = "four unrelated words here"
ADMIN = "anna@clinic.example"
RECEPTIONIST = "rosa@clinic.example"

# Practice time of the pictures: Tuesday, December 1, 10:42 in the morning.
NOW = TUESDAY_TEN + timedelta(minutes=42)


def hire(session: Session) -> tuple[Staff, Staff]:
    """Anna, an admin, and Rosa at the front desk."""
    return (
        add_staff(session, ADMIN, "admin", PASSWORD, name="Anna Berg"),
        add_staff(session, RECEPTIONIST, "front_desk", PASSWORD, name="Rosa Lopez"),
    )


def morning(session: Session) -> None:
    """Everything up to `NOW`, in the order in which it happened."""
    clock.set_to(session, NOW)
    anna, rosa = hire(session)
    session.add(TrackingNumber(e164=ADS, label="Google Ads", source="google-ads"))
    session.add(PracticePhone(e164="+14255550101", label="Dr. Berg's mobile", kind="mobile"))
    session.flush()
    story.play(Telephone(session), Days.around(TRIAL_HOURS, NOW), anna.id, rosa.id)


def month() -> None:
    """All that `ringback demo` makes up: `morning`, among more people than it has."""
    with db.transaction() as session:
        clock.set_to(session, NOW)
        hire(session)
    command.fill(None, lambda _: None)


def nothing_set_up(session: Session) -> None:
    """Anna and Rosa at an installation that knows no clinic yet."""
    hire(session)
    session.execute(delete(PracticePhone))
    session.execute(delete(TrackingNumber))
    session.execute(update(Practice).values(name="", phone="", weekly_hours={}))


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    """A practice-time moment, `day` days from today."""
    ten = TUESDAY_TEN + timedelta(days=day)
    return ten + timedelta(hours=hour - 10, minutes=minute, seconds=second)


def front_number(session: Session) -> TrackingNumber:
    return session.scalars(select(TrackingNumber).where(TrackingNumber.e164 == CLINIC)).one()
