"""Later: somebody leaves the list for a while, and comes back by themselves. Practice time."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from leads import claim, desk, moment, outbound_call, timeline
from leads.lead import Lead
from leads.opening_hours import MIDNIGHT, OpeningHours, instant, local_date, zone_info
from leads.practice import Practice

LONGEST = timedelta(days=60)


def snooze(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, until: datetime
) -> None:
    """Off the list until then, or until they call or text. Raises Refused for a moment that is
    past or too far away, for whoever is off the list anyway, and while a colleague has them or
    calls them."""
    desk.hold(session, lead)
    if lead.needs_callback_since is None:
        raise desk.Refused("Somebody has settled this already. There is nothing to put off.")
    for each in outbound_call.under_way(session, now, lead_id=lead.id):
        if each.told.staff_id != staff_id:
            name = each.told.staff.name or each.told.staff.email
            raise desk.Refused(f"{name} is calling them right now. Nothing was changed.")
    claim.respect(session, lead, staff_id, "Nothing was changed.")
    if until <= now:
        raise desk.Refused("That moment is past. Give a later one; nothing was changed.")
    if until - now > LONGEST:
        raise desk.Refused(f"At most {LONGEST.days} days ahead. Nothing was changed.")
    lead.snoozed_until = until
    lead.claimed_by_id = lead.claimed_until = None
    at = moment.told(until, Practice.get(session).zone)
    timeline.note(session, lead.id, now, "snoozed", f"Snoozed until {at}.", staff_id=staff_id)


def wake(session: Session, lead: Lead, staff_id: int | None, now: datetime) -> None:
    """Back on the list before the time."""
    desk.hold(session, lead)
    if lead.snoozed_until is not None:
        lead.snoozed_until = None
        timeline.note(session, lead.id, now, "snoozed", "Back on the list.", staff_id=staff_id)


def morning_after(hours: OpeningHours, now: datetime) -> datetime | None:
    """When the clinic opens on its next day; None where that is nowhere near."""
    zone = zone_info(hours.zone)
    tomorrow = local_date(now, zone) + timedelta(days=1)
    return hours.next_opening(instant(tomorrow, MIDNIGHT, zone))
