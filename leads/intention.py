"""What would be texted after a missed call, when, and why not.

One function answers for both: the prompt that the caller hears, and the reminders that are
then scheduled. So a prompt cannot promise what will not be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from leads import caps, consent, quiet_hours
from leads.consent import Basis
from leads.installation import Installation
from leads.lead import Lead
from leads.phone import Phone
from leads.phone_number import is_toll_free, zones
from leads.plan import Plan, Step
from leads.practice import Practice

# A text due within this time is "now" to a caller who is still on the line.
NOW = timedelta(minutes=5)


@dataclass(frozen=True)
class Planned:
    """A step and the moment it goes, or the reason why it does not."""

    step: Step
    due_at: datetime
    refusal: str | None = None


@dataclass(frozen=True)
class Intention:
    refusal: str | None
    planned: tuple[Planned, ...] = ()

    @property
    def first_text_at(self) -> datetime | None:
        """When the text that answers the call goes; None when it does not."""
        first = self.planned[0] if self.planned else None
        return first.due_at if first and first.refusal is None else None


def intend(
    session: Session,
    plan: Plan,
    *,
    lead: Lead | None,
    phone: Phone | None,
    basis: Basis,
    declined: bool,
    now: datetime,
) -> Intention:
    """Everything that the plan would send to this caller, were it begun at `now`."""
    if lead is None or phone is None:
        return Intention("the caller withheld the number.")
    practice = Practice.get(session)
    # Who pressed the key for no texts, on this call or before, has to hear the notice again.
    if declined or (basis == "call" and consent.last_was_no(session, phone.id)):
        return Intention("they asked for no texts.")
    refusal = barred(session, practice, lead, phone)
    if refusal:
        return Intention(refusal)
    texts = caps.automated_texts(session, lead.id, now - caps.WEEK)
    planned: list[Planned] = []
    for step in plan.steps:
        item = _plan_step(practice, lead, phone, step, basis, now, texts)
        planned.append(item)
        if item.refusal is None:
            texts.append(item.due_at)
    return Intention(None, tuple(planned))


def barred(session: Session, practice: Practice, lead: Lead, phone: Phone) -> str | None:
    """Why no automated text may go to this person at all; None when one may."""
    if Installation.current(session).mode == "live" and practice.sender_confirmed_at is None:
        return "automated texts are off until an admin confirms the sender's registration."
    if not (practice.name and practice.phone):
        return "the clinic's name and phone are not set up yet."
    if phone.opted_out_at is not None:
        return "they opted out of texts."
    if phone.untextable_at is not None:
        return "this number cannot receive texts."
    if is_toll_free(phone.e164):
        return "toll-free numbers are never texted."
    if lead.relation == "other":
        return "they are marked as neither prospect nor patient."
    return None


def step_barred(mode: str, lead: Lead, step: Step, basis: str) -> str | None:
    """Why this step may not go on this consent; None when it may."""
    if lead.relation == "patient" and step.number > 1:
        return "patients get the first text only."
    if not consent.allows(mode, basis, step.purpose):
        return "the call alone allows no more: they did not hear that texts would follow."
    return None


def recipient_zones(practice: Practice, phone: Phone) -> frozenset[str]:
    return quiet_hours.recipient_zones(phone.e164, practice.zone, None)


def local_zone(practice: Practice, phone: Phone) -> ZoneInfo:
    """The one zone that "10:00 at the recipient" is read in: the clinic's where it fits."""
    own = zones(phone.e164)
    return ZoneInfo(practice.zone if not own or practice.zone in own else min(own))


def _plan_step(
    practice: Practice,
    lead: Lead,
    phone: Phone,
    step: Step,
    basis: Basis,
    trigger_at: datetime,
    texts: Sequence[datetime],
) -> Planned:
    if step.at is not None and not any(practice.hours.weekly.values()):
        return Planned(step, trigger_at, "the practice has no opening hours to count days by.")
    at = spaced(practice, phone, step, wanted(practice, phone, step, trigger_at), texts)
    due_at = allowed(practice, phone, step, at)
    refusal = step_barred(practice.consent_mode, lead, step, basis)
    if refusal is None and step.at is None and at > trigger_at:
        refusal = "they had an automated text already; at most one goes in 24 hours."
    if due_at is None:
        refusal = "no moment within 7 days is allowed in all their time zones; call instead."
    return Planned(step, due_at or at, refusal)


def wanted(practice: Practice, phone: Phone, step: Step, trigger_at: datetime) -> datetime:
    """The moment that the plan names, before windows and caps."""
    if step.at is None:
        return trigger_at
    day = trigger_at.astimezone(ZoneInfo(practice.zone)).date()
    day = practice.hours.open_day_after(day, step.open_days)
    return datetime.combine(day, step.at, local_zone(practice, phone))


def allowed(practice: Practice, phone: Phone, step: Step, at: datetime) -> datetime | None:
    """`at`, or the next moment that the window allows: on another day at the step's own time.
    None when there is none within 7 days."""
    zones, window = recipient_zones(practice, phone), practice.window(phone.e164)
    zone = local_zone(practice, phone)
    inside = quiet_hours.next_inside(at, zones, window)
    if inside is None or step.at is None:
        return inside
    day = inside.astimezone(zone).date()
    if day == at.astimezone(zone).date():
        return inside
    own = max(inside, datetime.combine(day, step.at, zone))
    return quiet_hours.next_inside(own, zones, window)


def spaced(
    practice: Practice, phone: Phone, step: Step, at: datetime, texts: Sequence[datetime]
) -> datetime:
    """`at`, or as much later as the caps ask: the same day if somebody is still there to answer,
    else at the step's own time of the next open day."""
    floor = caps.earliest(at, texts)
    if floor == at or step.at is None:
        return floor
    zone = local_zone(practice, phone)
    day = floor.astimezone(zone).date()
    own = datetime.combine(day, step.at, zone)
    late = floor > own and not practice.hours.is_open(floor)
    if late or not practice.hours.is_open_day(day):
        day = practice.hours.open_day_after(day, 1)
    return max(floor, datetime.combine(day, step.at, zone))
