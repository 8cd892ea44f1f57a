"""An ordinary week's work: who rang in the last working days, beside those with a story."""

import random
from datetime import timedelta

from leads import desk, details
from leads.demo import names
from leads.demo.days import Days
from leads.demo.telephone import CLINIC, Telephone

DAYS, CALLS = 5, 8  # working days before today, and calls on each
NUMBERS = (CLINIC, CLINIC, *(e164 for e164, _, _ in names.NUMBERS))


def work(phone: Telephone, days: Days, staff: list[int]) -> None:
    """The same people every time."""
    dice = random.Random(5)  # noqa: S311 - any will do
    for day in range(-DAYS, 0):
        for number in range(CALLS):
            _call(phone, days, staff, dice, day, number)


def _call(
    phone: Telephone, days: Days, staff: list[int], dice: random.Random, day: int, number: int
) -> None:
    caller = f"+1{dice.choice((206, 253, 360, 425, 509))}55502{(DAYS + day) * CALLS + number:02}"
    at = days.at(day, 9 + number, dice.randrange(60), dice.randrange(60))
    to, by = dice.choice(NUMBERS), dice.choice(staff)
    name = f"{dice.choice(names.FIRST)} {dice.choice(names.LAST)}"
    later = at + timedelta(minutes=dice.randrange(12, 40))
    if number % 4:
        phone.answer(caller, at, dice.randrange(40, 400), to)
    else:
        phone.miss(caller, at, to)
        desk.contacted(phone.session, phone.lead(caller), by, later)
    lead = phone.lead(caller)
    desk.rename(phone.session, lead, by, later, name)
    if number % 3 == 1:
        visit = days.at(day + dice.randrange(6, 11), dice.randrange(9, 17), 30)
        desk.book(phone.session, lead, by, later, visit)
    if number % 3 == 2:
        details.tag(phone.session, lead, by, later, [dice.choice(names.TAGS)])
        desk.write_note(phone.session, lead, by, later, dice.choice(names.NOTES))
    if number % 2:
        details.assign(phone.session, lead, by, later, by)
