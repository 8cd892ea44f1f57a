"""The named people of the tests, the pictures and the demo: from last week to this morning.

The story ends at 10:42 with five people who need a call.
"""

from datetime import datetime

from leads import desk
from leads.demo.days import Days
from leads.demo.telephone import Telephone

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


def play(phone: Telephone, days: Days, anna: int, rosa: int) -> None:
    """Everything, in the order in which it happened. `anna` and `rosa` are of the staff."""
    last_week(phone, days, rosa)
    yesterday(phone, days, rosa)
    this_morning(phone, days, anna, rosa)


def last_week(phone: Telephone, days: Days, rosa: int) -> None:
    at = days.at
    phone.miss(SAM, at(-5, 15, 40), ADS)
    desk.contacted(phone.session, phone.lead(SAM), rosa, at(-5, 16, 2))
    desk.close(phone.session, phone.lead(SAM), rosa, at(-5, 16, 3), "lost")
    _name(phone, SAM, "Sam Whitfield", rosa, at(-5, 16, 3))
    phone.answer(LINH, at(-4, 11, 5), 214)
    _name(phone, LINH, "Linh Tran", rosa, at(-4, 11, 9))
    desk.book(phone.session, phone.lead(LINH), rosa, at(-4, 11, 9), at(2, 14, 30))
    phone.answer(MARIA, at(-2, 9, 31), 97)
    _name(phone, MARIA, "Maria Alvarez", rosa, at(-2, 9, 33))


def yesterday(phone: Telephone, days: Days, rosa: int) -> None:
    at = days.at
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


def this_morning(phone: Telephone, days: Days, anna: int, rosa: int) -> None:
    at = days.at
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
