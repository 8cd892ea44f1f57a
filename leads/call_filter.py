"""Which calls: the filter of the list, its saved views and the export."""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from leads import search
from leads.call import Call, CallLeg, Outcome
from leads.db import among
from leads.filtering import Pairs, Told, between, query
from leads.lead_filter import Fitting
from leads.practice import Practice

DIRECTIONS = ("inbound", "outbound")
# By the seconds that people talked: from, and below.
LENGTHS: dict[str, tuple[int, int | None]] = {
    "short": (0, 60),
    "middle": (60, 300),
    "long": (300, None),
}


@dataclass(frozen=True)
class CallFilter:
    """As it was asked for. With `problems` it fits no call: the words say what is wrong."""

    q: str = ""
    outcomes: tuple[str, ...] = ()
    direction: str = ""
    number: int | None = None  # the tracking number that was called
    answered_by: int | None = None  # the phone of the practice
    length: str = ""
    since: date | None = None  # in days of the practice
    until: date | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, pairs: Pairs) -> "CallFilter":
        told = Told.of(pairs)
        q = told.text("q")
        if q and (why := search.too_little(q)):
            told.problems.append(why)
        return cls(
            q=q,
            outcomes=told.several("outcome", get_args(Outcome), "outcome"),
            direction=told.one("direction", DIRECTIONS, "direction"),
            number=told.number("number", "tracking number"),
            answered_by=told.number("answered_by", "phone"),
            length=told.one("length", LENGTHS, "length"),
            since=told.day("since"),
            until=told.day("until"),
            problems=tuple(told.problems),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Its fields as they stand in an address; empty ones do not."""
        told = [
            ("q", self.q),
            *(("outcome", outcome) for outcome in self.outcomes),
            ("direction", self.direction),
            ("number", str(self.number or "")),
            ("answered_by", str(self.answered_by or "")),
            ("length", self.length),
            ("since", self.since.isoformat() if self.since else ""),
            ("until", self.until.isoformat() if self.until else ""),
        ]
        return [(name, value) for name, value in told if value]

    @property
    def query(self) -> str:
        return query(self.pairs)

    @property
    def everything(self) -> bool:
        return not self.pairs and not self.problems


def fitting(session: Session, chosen: CallFilter) -> Fitting:
    if chosen.problems:
        return Fitting([false()])
    # A call without a caller has only been heard of by its legs so far.
    told = [or_(Call.from_raw.is_not(None), Call.direction == "outbound"), *_fields(chosen)]
    if chosen.since or chosen.until:
        zone = Practice.get(session).zone
        told += between(Call.started_at, chosen.since, chosen.until, zone)
    if not chosen.q:
        return Fitting(told)
    found = search.find_people(session, chosen.q)
    return Fitting([*told, among(Call.lead_id, found.lead_ids)], partial=found.partial)


def _fields(chosen: CallFilter) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = []
    if len(chosen.outcomes) == 1:  # so that the index on it gives their order as well
        told.append(Call.outcome == chosen.outcomes[0])
    elif chosen.outcomes:
        told.append(Call.outcome.in_(chosen.outcomes))
    if chosen.direction:
        told.append(Call.direction == chosen.direction)
    if chosen.number is not None:
        told.append(Call.tracking_number_id == chosen.number)
    if chosen.answered_by is not None:
        accepted = select(CallLeg.sid).where(
            CallLeg.call_sid == Call.sid,
            CallLeg.practice_phone_id == chosen.answered_by,
            CallLeg.accepted_at.is_not(None),
        )
        told.append(accepted.exists())
    if chosen.length:
        least, below = LENGTHS[chosen.length]
        told.append(Call.outcome == "answered")
        told.append(Call.talk_seconds >= least)
        if below is not None:
            told.append(Call.talk_seconds < below)
    return told
