"""What a trigger would lead to: each text, when it goes and why then, or why not at all.

One function answers for all who ask: the prompt that the caller hears, the reminders that are
then scheduled, and the preview on a plan's page. So none of them can promise what another would
not do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from leads import caps, consent, quiet_hours
from leads.caps import Sent
from leads.consent import Basis
from leads.filling import text_of
from leads.installation import Installation
from leads.lead import Lead
from leads.opening_hours import HORIZON, instant
from leads.phone import Phone
from leads.phone_number import is_toll_free, zones
from leads.plan import Plan, Step
from leads.practice import Practice

# A text due within this time is "now" to a caller who is still on the line.
NOW = timedelta(minutes=5)
# A reminder of an appointment that comes later than this before it is of no use.
LEAST_NOTICE = timedelta(minutes=30)


@dataclass(frozen=True)
class Planned:
    """A step and the moment it goes, or the reason why it does not. `why` says what moved it
    from the moment that the plan names: empty when nothing did. `capped`: the caps did."""

    step: Step
    due_at: datetime
    refusal: str | None = None
    why: str = ""
    capped: bool = False


@dataclass(frozen=True)
class Intention:
    refusal: str | None
    planned: tuple[Planned, ...] = ()

    @property
    def first_text_at(self) -> datetime | None:
        """When the text that answers the call goes; None when it does not."""
        first = self.planned[0] if self.planned else None
        return first.due_at if first and first.refusal is None else None

    @property
    def nothing(self) -> str | None:
        """Why no text goes at all; None when one does."""
        if self.refusal or any(item.refusal is None for item in self.planned):
            return self.refusal
        return self.planned[0].refusal if self.planned else "the plan has no texts."


@dataclass(frozen=True)
class Anchors:
    """The moments that a plan's steps are counted from."""

    trigger_at: datetime
    appointment_at: datetime | None = None


def intend(
    session: Session,
    plan: Plan,
    *,
    lead: Lead | None,
    phone: Phone | None,
    basis: Basis | None,
    declined: bool,
    now: datetime,
    appointment_at: datetime | None = None,
) -> Intention:
    """Everything that the plan would send to this person, were it begun at `now`."""
    if lead is None or phone is None:
        return Intention("the caller withheld the number.")
    if not plan.active:
        return Intention("this plan is switched off.")
    practice = Practice.get(session)
    # Who pressed the key for no texts, on this call or before, has to hear the notice again.
    if declined or (basis == "call" and consent.last_was_no(session, phone.id)):
        return Intention("they asked for no texts.")
    live = Installation.current(session).live
    refusal = barred(practice, lead, phone, live=live)
    if refusal:
        return Intention(refusal)
    if phone.unclear_at is not None:
        return Intention("their last text may be a no: staff decide first.")
    anchors = Anchors(now, appointment_at)
    texts = caps.automated_texts(session, lead.id, now - caps.WEEK)
    planned: list[Planned] = []
    for step in plan.steps:
        item = _plan_step(practice, lead, phone, plan, step, basis, anchors, texts)
        planned.append(item)
        if item.refusal is None:
            texts.append(Sent(item.due_at, plan.kind.topic))
    return Intention(None, tuple(planned))


def barred(practice: Practice, lead: Lead, phone: Phone, *, live: bool) -> str | None:
    """Why no automated text may go to this person at all; None when one may."""
    if live and practice.sender_confirmed_at is None:
        return "automated texts are off until an admin confirms the sender's registration."
    if not (practice.name and practice.phone):
        return "the clinic's name and phone are not set up yet."
    if phone.opted_out_at is not None:
        return "they opted out of texts."
    if phone.blocked_at is not None:
        return "the number is blocked."
    if phone.untextable_at is not None:
        return "this number cannot receive texts."
    if is_toll_free(phone.e164):
        return "toll-free numbers are never texted."
    if lead.relation == "other":
        return "they are marked as neither prospect nor patient."
    return None


def step_barred(mode: str, lead: Lead, plan: Plan, step: Step, basis: str | None) -> str | None:
    """Why this step may not go on this consent; None when it may."""
    if step.gone:
        return "the plan has no such text any more."
    if plan.kind.topic == "inquiry" and lead.relation == "patient" and step.number > 1:
        return "patients get the first text only."
    if basis is None:
        return "they have not agreed to texts."
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
    plan: Plan,
    step: Step,
    basis: Basis | None,
    anchors: Anchors,
    texts: Sequence[Sent],
) -> Planned:
    refusal = step_barred(practice.consent_mode, lead, plan, step, basis)
    at = wanted(practice, phone, plan, step, anchors)
    if at is None:
        none = "there is no day on which the clinic is open and a text may go."
        return Planned(step, anchors.trigger_at, refusal or none)
    if plan.kind.anchor == "appointment":
        item = _before_appointment(practice, phone, step, at, anchors, texts)
    else:
        item = _after_trigger(practice, phone, plan, step, at, anchors, texts)
    refusal = refusal or item.refusal
    if refusal is None and not text_of(
        practice, step, anchors.trigger_at, anchors.appointment_at, item.due_at
    ):
        refusal = "the moment that it names would have passed by then, or is not known."
    return Planned(step, item.due_at, refusal, item.why, item.capped)


def wanted(
    practice: Practice, phone: Phone, plan: Plan, step: Step, anchors: Anchors
) -> datetime | None:
    """The moment that the plan names, before windows and caps; None when there is no such day."""
    forward = plan.kind.anchor == "trigger"
    anchor = anchors.trigger_at if forward else anchors.appointment_at
    if anchor is None:
        return None
    if step.days is None or step.at is None:
        return anchor + timedelta(hours=step.hours if forward else -step.hours)
    day = anchor.astimezone(ZoneInfo(practice.zone)).date()
    found = _counted_day(practice, phone, day, step.days if forward else -step.days)
    return None if found is None else instant(found, step.at, local_zone(practice, phone))


def _counted_day(practice: Practice, phone: Phone, day: date, n: int) -> date | None:
    """The `n`-th day after `day` (before it where `n` is negative) on which the clinic is open
    and texts may go to this phone."""
    window, hours = practice.window(phone.e164), practice.hours
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    for ahead in range(1, HORIZON):
        candidate = day + ahead * step
        if hours.is_open_day(candidate) and quiet_hours.is_sending_day(candidate, window):
            left -= 1
        if left <= 0:
            return candidate
    return None


def _after_trigger(
    practice: Practice,
    phone: Phone,
    plan: Plan,
    step: Step,
    at: datetime,
    anchors: Anchors,
    texts: Sequence[Sent],
) -> Planned:
    spaced = caps.earliest(at, plan.kind.topic, texts)
    cap = caps.reached(at, plan.kind.topic, texts)
    capped = bool(cap)
    if step.days is None and step.hours == 0 and capped:
        words = f"{cap} is the most."
        return Planned(step, at, words, capped=True)
    moved = own_time(practice, phone, step, spaced) if capped else spaced
    due_at = allowed(practice, phone, step, moved, begun_at=anchors.trigger_at)
    if due_at is None:
        words = "no moment within 7 days is allowed in all their time zones; call instead."
        return Planned(step, moved, words, capped=capped)
    return Planned(step, due_at, None, why_moved(practice, phone, at, due_at, cap), capped)


def _before_appointment(
    practice: Practice,
    phone: Phone,
    step: Step,
    at: datetime,
    anchors: Anchors,
    texts: Sequence[Sent],
) -> Planned:
    """A reminder of an appointment goes at its moment, or a little later; never too late."""
    appointment_at = anchors.appointment_at or at
    if at < anchors.trigger_at:
        return Planned(step, at, "its moment had passed when the appointment was made.")
    due_at = allowed(practice, phone, step, at, begun_at=None)
    if due_at is None or due_at > appointment_at - LEAST_NOTICE or due_at > at + step.lateness:
        why = why_quiet(practice, phone, at)
        return Planned(step, at, f"{why or 'too late'}, and later would be too near.")
    if caps.earliest(due_at, "appointment", texts) > due_at:
        words = "they had three automated texts within 24 hours already."
        return Planned(step, due_at, words, capped=True)
    return Planned(step, due_at, None, why_moved(practice, phone, at, due_at))


def next_moment(
    practice: Practice,
    phone: Phone,
    plan: Plan,
    step: Step,
    now: datetime,
    appointment_at: datetime | None,
    texts: Sequence[Sent],
) -> Planned:
    """When a text that is due now may really go: now, later and why, or never and why."""
    if plan.kind.anchor == "appointment":
        anchors = Anchors(now, appointment_at)
        return _before_appointment(practice, phone, step, now, anchors, texts)
    spaced = caps.earliest(now, plan.kind.topic, texts)
    cap = caps.reached(now, plan.kind.topic, texts)
    moved = own_time(practice, phone, step, spaced) if cap else now
    due_at = allowed(practice, phone, step, moved, begun_at=None)
    if due_at is None:
        return Planned(step, moved, "no moment within 7 days is allowed; call instead.")
    return Planned(step, due_at, None, why_moved(practice, phone, now, due_at, cap), bool(cap))


def allowed(
    practice: Practice, phone: Phone, step: Step, at: datetime, *, begun_at: datetime | None
) -> datetime | None:
    """`at`, or the next moment that the window allows: on another day at the step's own time.
    None when there is none within 7 days.

    A text that waited for the morning since `begun_at`, when the clinic was closed, leaves the
    practice's hold at opening time for staff to call first.
    """
    zones, window = recipient_zones(practice, phone), practice.window(phone.e164)
    inside = quiet_hours.next_inside(at, zones, window)
    if inside is None:
        return None
    if step.at is not None:
        zone = local_zone(practice, phone)
        day = inside.astimezone(zone).date()
        if day != at.astimezone(zone).date():
            own = max(inside, instant(day, step.at, zone))
            return quiet_hours.next_inside(own, zones, window)
        return inside
    hold = timedelta(minutes=practice.opening_hold_minutes)
    if hold and begun_at is not None and inside > at and not practice.hours.is_open(begun_at):
        opening = practice.hours.next_opening(begun_at)
        if opening is not None and opening + hold > inside:
            return quiet_hours.next_inside(opening + hold, zones, window)
    return inside


def own_time(practice: Practice, phone: Phone, step: Step, floor: datetime) -> datetime:
    """`floor`, or as much later as suits a text that the caps hold back: the same day if
    somebody is still there to answer, else at the step's own time of the next counted day."""
    if step.at is None:
        return floor
    zone = local_zone(practice, phone)
    day = floor.astimezone(zone).date()
    own = instant(day, step.at, zone)
    late = floor > own and not practice.hours.is_open(floor)
    if late or not practice.hours.is_open_day(day):
        day = _counted_day(practice, phone, day, 1) or day
    return max(floor, instant(day, step.at, zone))


def why_moved(
    practice: Practice, phone: Phone, at: datetime, due_at: datetime, cap: str = ""
) -> str:
    """What keeps a text from its own moment, as the middle of a sentence; empty if nothing. `cap`:
    the one that does."""
    if due_at <= at:
        return ""
    reasons = [f"{cap} is the most"] if cap else []
    quiet = why_quiet(practice, phone, at)
    if quiet:
        zone, window = local_zone(practice, phone).key, practice.window(phone.e164)
        days = quiet_hours.quiet_days(at, due_at, zone, window)
        reasons.append(", then ".join([quiet, *days]))
    return " and ".join(reasons) or "staff call first"


def why_quiet(practice: Practice, phone: Phone, at: datetime) -> str:
    """Why no automated text may go to this phone at `at`, by the clock; empty if one may."""
    zones, window = recipient_zones(practice, phone), practice.window(phone.e164)
    return quiet_hours.why_not(at, zones, window, phone.e164)


def next_opening(practice: Practice, phone: Phone, now: datetime) -> datetime | None:
    """When the window opens next on another day; None when not within 7 days."""
    zones, window = recipient_zones(practice, phone), practice.window(phone.e164)
    closed = timedelta(seconds=quiet_hours.seconds_left(now, zones, window) + 1)
    return quiet_hours.next_inside(now + closed, zones, window)
