"""Shipped plans obey shipped caps: no cap ever holds back a shipped text."""

from datetime import datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from leads import Lead, Phone, Practice, missed_call, quiet_hours
from leads.caps import DAY, WEEK
from leads.intention import Planned, intend, local_zone, recipient_zones
from leads.plan import Plan
from leads.shipped_plans import SHIPPED

LA = ZoneInfo("America/Los_Angeles")
# Both sides of each border between the zones of the United States, and area codes that have both.
PEOPLE = {
    "Seattle, Pacific": "+12065550142",
    "Boise and north Idaho, both": "+12085550142",
    "Salt Lake City, Mountain": "+18015550142",
    "Phoenix, Mountain without daylight saving": "+16025550142",
    "western Nebraska, both": "+13085550142",
    "Dallas, Central": "+12145550142",
    "Florida's panhandle, both": "+18505550142",
    "New York, Eastern": "+12125550142",
    "San Juan, Atlantic": "+17875550142",
    "Anchorage, Alaska": "+19075550142",
    "Honolulu, Hawaii": "+18085550142",
}
MONDAY = datetime(2026, 12, 7, tzinfo=LA)  # an ordinary week
ROOM = timedelta(minutes=30)  # texts go minutes after they are due; that must not matter either


def planned(
    session: Session, plan: Plan, e164: str, at: datetime, appointment_at: datetime
) -> tuple[Planned, ...]:
    intention = intend(
        session,
        Plan(plan.name, plan.steps),
        lead=Lead(relation="prospect"),
        phone=Phone(e164=e164),
        basis="form",
        declined=False,
        now=at,
        appointment_at=appointment_at,
    )
    assert intention.refusal is None
    return intention.planned


def check(
    session: Session, practice: Practice, plan: Plan, e164: str, at: datetime, appointment: datetime
) -> None:
    """Nothing held back, everything inside the window, and room to spare between texts."""
    lead, phone = Lead(relation="prospect"), Phone(e164=e164)
    if plan.name == "voicemail":  # what is sent then may be the text of a missed call
        chosen = missed_call.of_voicemail(session, lead, phone, "form", at, declined=False)
        plan = SHIPPED[chosen]
    texts = planned(session, plan, e164, at, appointment)
    zones, window = recipient_zones(practice, phone), practice.window(e164)
    assert not any(item.capped for item in texts)
    going = [item for item in texts if item.refusal is None]
    for item in going:
        assert quiet_hours.is_inside(item.due_at, zones, window)
    if plan.kind.topic == "inquiry":
        assert len(going) == len(plan.steps)
        for before, after in pairwise(going):
            assert after.due_at - before.due_at >= DAY + ROOM
        assert len(going) <= 3 or going[-1].due_at - going[0].due_at >= WEEK
    else:
        assert len(going) <= 3


@pytest.mark.parametrize("plan", SHIPPED.values(), ids=SHIPPED)
def test_from_each_hour_of_a_week_no_cap_holds_back_a_shipped_text(
    session: Session, practice: Practice, plan: Plan
) -> None:
    for e164 in PEOPLE.values():
        for hour in range(7 * 24):
            at = MONDAY + timedelta(hours=hour)
            check(session, practice, plan, e164, at, at + timedelta(days=5, hours=3))


@pytest.mark.parametrize("plan", SHIPPED.values(), ids=SHIPPED)
def test_around_holidays_and_changes_of_the_clock_neither(
    session: Session, practice: Practice, plan: Plan
) -> None:
    for around in (
        datetime(2026, 11, 25, 18, tzinfo=LA),  # Thanksgiving
        datetime(2026, 12, 24, 18, tzinfo=LA),  # Christmas, a Friday
        datetime(2027, 3, 13, 18, tzinfo=LA),  # the night that is an hour short
        datetime(2026, 10, 31, 18, tzinfo=LA),  # and the one that is an hour long
    ):
        for e164, hour in product(PEOPLE.values(), range(-24, 48, 3)):
            at = around + timedelta(hours=hour)
            check(session, practice, plan, e164, at, at + timedelta(days=3))


def test_the_day_before_an_appointment_on_monday_is_saturday(
    session: Session, practice: Practice
) -> None:
    monday = datetime(2026, 12, 14, 15, tzinfo=LA)
    day_before, two_hours = planned(
        session, SHIPPED["appointment"], PEOPLE["Seattle, Pacific"], MONDAY, monday
    )
    zone = local_zone(practice, Phone(e164=PEOPLE["Seattle, Pacific"]))
    assert f"{day_before.due_at.astimezone(zone):%a %H:%M}" == "Sat 14:00"
    assert two_hours.due_at == monday - timedelta(hours=2)


@pytest.mark.parametrize(
    ("hour", "minute", "goes"), [(9, 0, None), (10, 30, "09:00"), (11, 0, "09:00")]
)
def test_before_an_early_appointment_a_text_goes_only_if_it_leaves_time(
    session: Session, practice: Practice, hour: int, minute: int, goes: str | None
) -> None:
    assert practice
    at = datetime(2026, 12, 15, hour, minute, tzinfo=LA)
    _, last = planned(session, SHIPPED["appointment"], "+12065550142", MONDAY, at)
    assert (f"{last.due_at.astimezone(LA):%H:%M}" if last.refusal is None else None) == goes
