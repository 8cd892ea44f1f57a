"""The story of the last days, by the domain's own functions: the named people and their like."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.demo import morning, names
from leads.demo.days import Days
from leads.demo.telephone import CLINIC, Telephone
from leads.practice import PracticePhone
from leads.staff import Staff, add_staff
from leads.tracking_number import TrackingNumber

PEOPLE = 12
STAFF = (
    ("anna@clinic.example", "Anna Berg", "admin"),
    ("rosa@clinic.example", "Rosa Lopez", "front_desk"),
)


def prepare(session: Session) -> tuple[int, int]:
    """Anna and Rosa, the clinic's numbers and phones, where they are not there; their ids."""
    if TrackingNumber.find(session, CLINIC) is None:
        TrackingNumber.add(session, CLINIC, "Muscle spasms page", "front")
    for e164, label, source in names.NUMBERS:
        if TrackingNumber.find(session, e164) is None:
            TrackingNumber.add(session, e164, label, "front", source)
    if not PracticePhone.ringing(session):
        PracticePhone.add(session, "+14255550100", "Front desk", "desk", 20)
    if PracticePhone.find(session, "+14255550101") is None:
        PracticePhone.add(session, "+14255550101", "Dr. Berg's mobile", "mobile", 20)
    anna, rosa = (_hired(session, *each) for each in STAFF)
    return anna.id, rosa.id


def _hired(session: Session, email: str, name: str, role: str) -> Staff:
    """Nobody gets a password: `ringback staff link` lets them in."""
    found = session.scalars(select(Staff).where(Staff.email == email)).one_or_none()
    return found or add_staff(session, email, role, None, name=name)


def play(session: Session, days: Days, anna: int, rosa: int) -> None:
    phone = Telephone(session)
    morning.play(phone, days, anna, rosa)
