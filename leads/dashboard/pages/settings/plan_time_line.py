"""What a plan would do for somebody, as dots along a line of time."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from leads import intention, preview, quiet_hours
from leads.dashboard.pages.settings import plan_words
from leads.dashboard.pages.settings.plan_preview import Somebody
from leads.intention import Anchors
from leads.phone import Phone
from leads.plan import Plan
from leads.practice import Practice
from leads.preview import PreviewText

MOST_PLACES = 5  # named one by one


@dataclass(frozen=True)
class Dot:
    """One moment on the time line. `kind`: trigger, text, not_sent or appointment."""

    at: datetime
    kind: str
    title: str
    theirs: str
    clinics: str = ""  # where its clock differs from theirs
    text: str = ""
    note: str = ""


@dataclass(frozen=True)
class TimeLine:
    dots: list[Dot]
    refusal: str | None
    known: bool
    remarks: list[str]
    capped: list[str]


def time_line(session: Session, plan: Plan, whom: Somebody) -> TimeLine:
    """What the plan would do; its texts have passed `check_fields`."""
    practice = Practice.get(session)
    seen = preview.preview(
        session,
        plan,
        number=whom.number,
        trigger_at=whom.trigger_at,
        appointment_at=whom.appointment_at,
        basis=whom.basis,
        relation=whom.relation,
    )
    clocks = _Clocks(practice, Phone(e164=whom.number))
    begins = plan_words.TRIGGERS[plan.name][1]
    dots = [Dot(whom.trigger_at, "trigger", begins, *clocks.both(whom.trigger_at))]
    anchors = Anchors(whom.trigger_at, whom.appointment_at)
    for text in seen.texts:
        step = plan.step(text.number)
        wanted = intention.wanted(practice, clocks.phone, plan, step, anchors) or text.due_at
        dots.append(_dot(text, wanted, clocks))
    if whom.appointment_at:
        there = clocks.both(whom.appointment_at)
        dots.append(Dot(whom.appointment_at, "appointment", "The appointment", *there))
    dots.sort(key=lambda dot: dot.at)
    remarks = clocks.remarks()
    if seen.known:
        remarks.append(
            "We know this number: its own texts, its opt-out and what they are to the clinic "
            "count here, not what was chosen above."
        )
    return TimeLine(dots, seen.refusal, seen.known, remarks, _capped(plan, seen))


def _dot(text: PreviewText, wanted: datetime, clocks: "_Clocks") -> Dot:
    title, told = f"Text {text.number}", clocks.both(text.due_at)
    if text.refusal:
        return Dot(text.due_at, "not_sent", title, *told, note=f"Not sent: {text.refusal}")
    moved = f"Moved from {clocks.both(wanted)[0]}: {text.why}." if text.why else ""
    return Dot(text.due_at, "text", title, *told, text=text.text, note=moved)


class _Clocks:
    """Their clock, as a step's own time reads it, and the clinic's."""

    def __init__(self, practice: Practice, phone: Phone) -> None:
        self.phone = phone
        self.clinic = ZoneInfo(practice.zone)
        self.theirs = intention.local_zone(practice, phone)
        self.zones = intention.recipient_zones(practice, phone)

    def both(self, at: datetime) -> tuple[str, str]:
        """Theirs with its place, and the clinic's; the latter empty where both read alike."""
        theirs = plan_words.day_and_clock(at, self.theirs)
        clinics = plan_words.day_and_clock(at, self.clinic)
        if theirs == clinics:
            return theirs, ""
        return f"{theirs} in {quiet_hours.place(self.theirs.key)}", f"{clinics} at the clinic"

    def remarks(self) -> list[str]:
        """Where they may be, when that is more than one place."""
        if len(self.zones) < 2:
            return []
        places = sorted(quiet_hours.place(zone) for zone in self.zones)
        if len(places) > MOST_PLACES:
            places = [*places[: MOST_PLACES - 1], f"{len(places) - MOST_PLACES + 1} more places"]
        named = f"{', '.join(places[:-1])} and {places[-1]}"
        return [f"A text goes only when the hour is right in {named}: they may be in any of these."]


def _capped(plan: Plan, seen: preview.Preview) -> list[str]:
    limit = plan_words.CAPPED["inquiry" if plan.kind.topic == "inquiry" else "appointment"]
    cure = "Texts that they had before count." if seen.known else "Give it a later moment."
    held = [text for text in seen.texts if text.capped]
    return [
        f"{limit} That {'rules out' if text.refusal else 'delays'} text {text.number}. {cure}"
        for text in held
    ]
