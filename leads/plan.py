"""Plans: which texts follow a trigger or lead up to an appointment, and when.

What a plan is about, and what ends a run of it, is fixed here; its steps are data that staff
edit. Every edit is a new version, and a run keeps the version that it began with, unless whoever
edits says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.consent import Purpose
from leads.db import Base

NEW_STEP = -1  # the id of a step that a plan has not had before, until it is saved
# Three texts without an answer are the most that one inquiry gets: a plan has no more.
MOST_STEPS = 3

Anchor = Literal["trigger", "appointment"]
Topic = Literal["inquiry", "appointment", "answer", "confirmation"]  # caps count them apart

ENDINGS = {
    "answered": "they called and were answered.",
    "replied": "they replied.",
    "contacted": "staff were in touch.",
    "booked": "they booked.",
    "closed": "the lead was closed.",
    "won": "the lead was closed as won.",
    "opted_out": "they opted out of texts.",
    "wrong_number": "they said that it is the wrong number.",
    "declined": "they asked for no texts.",
    "untextable": "this number cannot receive texts.",
    "relation": "their relation to the clinic was changed.",
    "superseded": "a newer follow-up took over.",
    "moved": "the appointment was moved.",
    "called_off": "the appointment was cancelled.",
    "not_kept": "they did not come.",
    "stopped": "staff ended it.",
    "blocked": "the number was blocked.",
    "edited": "its plan was changed.",
    "finished": "every text of the plan is settled.",
}
_ANY = {
    *("replied", "closed", "opted_out", "wrong_number", "declined", "untextable", "relation"),
    *("superseded", "stopped", "blocked", "edited", "finished"),
}
_INQUIRY = frozenset(_ANY | {"answered", "contacted", "booked", "won"})
_APPOINTMENT = frozenset(_ANY | {"moved", "called_off", "not_kept"})


@dataclass(frozen=True)
class Kind:
    """What a plan is: what begins it, what ends it, and how often its texts may come."""

    name: str
    title: str
    begins: str
    topic: Topic
    anchor: Anchor
    endings: frozenset[str]
    moments: tuple[str, ...]  # the fields that its texts may name: see wording.MOMENTS


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "missed_call",
            "Missed call",
            "A caller whom nobody could answer, and who left no voicemail.",
            "inquiry",
            "trigger",
            _INQUIRY,
            ("callback",),
        ),
        Kind(
            "voicemail",
            "Voicemail",
            "A caller who left a voicemail.",
            "inquiry",
            "trigger",
            _INQUIRY,
            ("callback",),
        ),
        Kind(
            "spoke",
            "Spoke, not booked",
            "Staff spoke with them and say that they want time to think.",
            "inquiry",
            "trigger",
            _INQUIRY,
            (),
        ),
        Kind(
            "appointment",
            "Appointment",
            "An appointment with a day and a time.",
            "appointment",
            "appointment",
            _APPOINTMENT,
            ("appointment",),
        ),
        Kind(
            "missed_appointment",
            "Missed appointment",
            "Staff say that they did not come.",
            "appointment",
            "trigger",
            _APPOINTMENT | {"answered", "contacted", "booked"},
            (),
        ),
    )
}


@dataclass(frozen=True)
class Step:
    """One text and its moment.

    `days` None: so many `hours` after the trigger (0 is at once) or before the appointment.
    Else the `days`-th day after the trigger or before the appointment on which the clinic is
    open and texts may go, at the recipient's local time `at`. Later than `lateness_hours` after
    it was due, it is stale: skipped.

    `id` is what a text keeps through edits, wherever it stands; it is its number, unless edits
    say otherwise. `gone`: an edit took it away from the runs that this plan belongs to.
    """

    number: int
    purpose: Purpose
    text: str
    hours: int = 0
    days: int | None = None
    at: time | None = None
    lateness_hours: int = 8
    id: int = 0
    gone: bool = False

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.number)

    @property
    def lateness(self) -> timedelta:
        return timedelta(hours=self.lateness_hours)

    def to_json(self) -> dict[str, Any]:
        """As versions are stored; what says nothing is left out, as it was before it was known."""
        return {
            "purpose": self.purpose,
            "text": self.text,
            "hours": self.hours,
            "days": self.days,
            "at": f"{self.at:%H:%M}" if self.at else None,
            "lateness_hours": self.lateness_hours,
            **({"id": self.id} if self.id != self.number else {}),
            **({"gone": True} if self.gone else {}),
        }

    @classmethod
    def from_json(cls, number: int, data: Mapping[str, Any]) -> "Step":
        at = time.fromisoformat(data["at"]) if data["at"] else None
        return cls(number=number, **{**data, "at": at})


@dataclass(frozen=True)
class Plan:
    """A plan's steps as they are, or were when a run began. `active`: new runs begin."""

    name: str
    steps: tuple[Step, ...]
    active: bool = True

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(step.id for step in self.steps)

    def step(self, number: int) -> Step:
        return self.steps[number - 1]


class PlanVersion(Base):
    """A plan as it was saved; never changed afterwards. The last one is the plan.

    Numbers below zero are for runs that were under way at an edit: their own texts in their own
    order, with what the edit made of each (see plan_runs.py).
    """

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("plan", "number"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan: Mapped[str]
    number: Mapped[int]
    active: Mapped[bool]
    steps: Mapped[list[Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    def read(self) -> Plan:
        steps = tuple(Step.from_json(n, step) for n, step in enumerate(self.steps, 1))
        return Plan(self.plan, steps, self.active)

    @classmethod
    def current(cls, session: Session, name: str, now: datetime) -> "PlanVersion":
        """The plan's last version; the first one is as shipped. Raises KeyError for no plan."""
        row = session.scalars(
            select(cls)
            .where(cls.plan == name, cls.number > 0)  # 0: from before plans had versions
            .order_by(cls.number.desc())
            .limit(1)
        ).one_or_none()
        if row is not None:
            return row
        add(session, _shipped()[name], 1, now, None)
        return cls.current(session, name, now)

    @classmethod
    def held(cls, session: Session, name: str, now: datetime) -> "PlanVersion":
        """As `current`; whoever else wants to save this plan waits until commit. Runs may begin
        meanwhile."""
        cls.current(session, name, now)
        session.scalars(
            select(cls).where(cls.plan == name, cls.number == 1).with_for_update(key_share=True)
        ).one()
        return cls.current(session, name, now)

    @classmethod
    def first(cls, session: Session, name: str, now: datetime) -> "PlanVersion":
        """The plan as it was before plans had versions, where that is known."""
        found = select(cls).where(cls.plan == name, cls.number == 0)
        return session.scalars(found).one_or_none() or cls.current(session, name, now)


def add(session: Session, plan: Plan, number: int, now: datetime, staff_id: int | None) -> bool:
    """Keep `plan` as this version of it; False when another has just taken the number."""
    made = session.scalar(
        insert(PlanVersion)
        .values(
            plan=plan.name,
            number=number,
            active=plan.active,
            steps=[step.to_json() for step in plan.steps],
            saved_at=now,
            staff_id=staff_id,
        )
        .on_conflict_do_nothing()
        .returning(PlanVersion.id)
    )
    return made is not None


def _shipped() -> Mapping[str, Plan]:
    from leads.shipped_plans import SHIPPED  # which is made of the classes above

    return SHIPPED
