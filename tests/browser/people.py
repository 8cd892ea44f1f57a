"""A morning at the clinic: the named people of the tests and the screenshots."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import clock, desk
from leads.practice import PracticePhone
from leads.staff import Staff, add_staff
from leads.tracking_number import TrackingNumber
from tests.browser.telephone import CLINIC, Telephone
from tests.conftest import TUESDAY_TEN

ADS = "+14254379981"
MARIA = "+12065550142"
DEREK = "+14255550119"
PRIYA = "+12535550177"
TOMAS = "+13605550131"
GRACE = "+12065550164"
NEW_CALLER = "+14255550188"
SAM = "+15095550123"
LINH = "+12065550151"
SUPPLIER = "+18005550155"
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
    phone = Telephone(session)
    _last_week(phone, rosa.id)
    _monday(phone, rosa.id)
    _this_morning(phone, anna.id, rosa.id)


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    """A practice-time moment, `day` days from today."""
    ten = TUESDAY_TEN + timedelta(days=day)
    return ten + timedelta(hours=hour - 10, minutes=minute, seconds=second)


def _last_week(phone: Telephone, rosa: int) -> None:
    phone.miss(SAM, at(-7, 15, 40), ADS)
    desk.contacted(phone.session, phone.lead(SAM), rosa, at(-7, 16, 2))
    desk.close(phone.session, phone.lead(SAM), rosa, at(-7, 16, 3), "lost")
    _name(phone, SAM, "Sam Whitfield", rosa, at(-7, 16, 3))
    phone.answer(LINH, at(-6, 11, 5), 214)
    _name(phone, LINH, "Linh Tran", rosa, at(-6, 11, 9))
    linh = phone.lead(LINH)
    desk.book(phone.session, linh, rosa, at(-6, 11, 9), at(2, 14, 30))
    phone.answer(MARIA, at(-4, 9, 31), 97)
    _name(phone, MARIA, "Maria Alvarez", rosa, at(-4, 9, 33))


def _monday(phone: Telephone, rosa: int) -> None:
    phone.answer(SUPPLIER, at(-1, 10, 12), 46)
    desk.relate(phone.session, phone.lead(SUPPLIER), rosa, at(-1, 10, 14), "other")
    _name(phone, SUPPLIER, "Northwest Linen", rosa, at(-1, 10, 14))
    phone.miss(GRACE, at(-1, 16, 20), ADS)
    _name(phone, GRACE, "Grace Kim", rosa, at(-1, 16, 31))
    phone.text(GRACE, "Do you have anything Thursday after 3?", at(-1, 16, 44))
    desk.reply(
        phone.session,
        phone.lead(GRACE),
        rosa,
        at(-1, 16, 50),
        "Hi Grace, yes: Thursday at 3:30 is free. Shall I put you down?",
    )
    phone.send_due(at(-1, 16, 50, 2))
    phone.miss(
        TOMAS,
        at(-1, 19, 48),
        voicemail_seconds=23,
        transcript="Hi, this is Tomas Novak. I would like to come in this week, mornings are "
        "best. Please call me back. Thank you.",
    )


def _this_morning(phone: Telephone, anna: int, rosa: int) -> None:
    phone.send_due(at(0, 9, 0, 1))
    _name(phone, TOMAS, "Tomas Novak", rosa, at(0, 9, 2))
    phone.answer("+12065550190", at(0, 9, 4), 132, ADS)
    phone.miss(DEREK, at(0, 9, 41), ADS)
    phone.miss(DEREK, at(0, 10, 3), ADS)
    phone.miss("Anonymous", at(0, 9, 55), voicemail_seconds=9)
    phone.miss(MARIA, at(0, 10, 24))
    phone.text(MARIA, "Yes please! Could I come in tomorrow before noon?", at(0, 10, 31))
    desk.write_note(
        phone.session,
        phone.lead(MARIA),
        anna,
        at(0, 10, 33),
        "Prefers mornings. Her sister Elena comes on Fridays.",
    )
    phone.miss(PRIYA, at(0, 10, 21), voicemail_seconds=34)
    phone.miss(NEW_CALLER, at(0, 10, 37), ADS)
    phone.text(GRACE, "Thursday 3:30 is perfect, thank you!", at(0, 10, 40))
    desk.book(phone.session, phone.lead(GRACE), rosa, at(0, 10, 41), at(2, 15, 30))


def _name(phone: Telephone, e164: str, name: str, staff_id: int, when: datetime) -> None:
    desk.rename(phone.session, phone.lead(e164), staff_id, when, name)


def front_number(session: Session) -> TrackingNumber:
    return session.scalars(select(TrackingNumber).where(TrackingNumber.e164 == CLINIC)).one()
