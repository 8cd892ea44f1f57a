"""Which leads: the one filter of the list, its saved views, bulk changes and the export."""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from sqlalchemy import Boolean, ColumnElement, Select, false, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from leads import search
from leads.db import among
from leads.filtering import NOBODY, Pairs, Told, between, query
from leads.lead import Lead, Relation, Stage
from leads.phone import LeadPhone, Phone
from leads.practice import Practice

COUNTED = 1_000  # counted no further: a larger number says no more to anybody, and takes longer


@dataclass(frozen=True)
class LeadFilter:
    """As it was asked for. With `problems` it fits nobody: the words say what is wrong."""

    q: str = ""
    stages: tuple[str, ...] = ()
    owner: str = ""  # the id of a member of the staff, or NOBODY
    source: str = ""
    relation: str = ""
    tag: str = ""
    waiting: bool = False
    no_texts: bool = False
    since: date | None = None  # last heard of, in days of the practice
    until: date | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, pairs: Pairs) -> "LeadFilter":
        told = Told.of(pairs)
        owner = told.text("owner")
        if owner != NOBODY:
            owner = str(told.number("owner", "member of the staff") or "")
        q = told.text("q")
        if q and (why := search.too_little(q)):
            told.problems.append(why)
        return cls(
            q=q,
            stages=told.several("stage", get_args(Stage), "stage"),
            owner=owner,
            source=told.text("source"),
            relation=told.one("relation", get_args(Relation), "relation"),
            tag=told.text("tag"),
            waiting=told.flag("waiting"),
            no_texts=told.flag("no_texts"),
            since=told.day("since"),
            until=told.day("until"),
            problems=tuple(told.problems),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Its fields as they stand in an address; empty ones do not."""
        told = [
            ("q", self.q),
            *(("stage", stage) for stage in self.stages),
            ("owner", self.owner),
            ("source", self.source),
            ("relation", self.relation),
            ("tag", self.tag),
            ("waiting", "yes" if self.waiting else ""),
            ("no_texts", "yes" if self.no_texts else ""),
            ("since", self.since.isoformat() if self.since else ""),
            ("until", self.until.isoformat() if self.until else ""),
        ]
        return [(name, value) for name, value in told if value]

    @property
    def query(self) -> str:
        return query(self.pairs)

    @property
    def everybody(self) -> bool:
        return not self.pairs and not self.problems


@dataclass(frozen=True)
class Fitting:
    """Whom a filter fits. `partial`: the words fit more people than a search goes through.
    `among`: the same people's ids, some of them twice, where that way the first are found soonest.
    """

    conditions: list[ColumnElement[bool]]
    partial: bool = False
    among: Select[int] | None = None


def fitting(session: Session, chosen: LeadFilter) -> Fitting:
    if chosen.problems:
        return Fitting([false()])
    told = [Lead.merged_into_id.is_(None), *_fields(chosen)]
    if chosen.since or chosen.until:
        zone = Practice.get(session).zone
        told += between(Lead.last_activity_at, chosen.since, chosen.until, zone)
    partial = False
    if chosen.q:
        found = search.find(session, chosen.q)
        partial = found.partial
        told.append(among(Lead.id, found.lead_ids))
    if not chosen.no_texts:
        return Fitting(told, partial)
    opted_out = (
        select(LeadPhone.lead_id)
        .join(Phone, Phone.id == LeadPhone.phone_id)
        .where(Phone.opted_out_at.is_not(None))
    )
    ids = opted_out.join(Lead, Lead.id == LeadPhone.lead_id).where(*told)
    return Fitting([*told, Lead.id.in_(opted_out)], partial, ids)


def _fields(chosen: LeadFilter) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = []
    if len(chosen.stages) == 1:  # so that the index on it gives their order as well
        told.append(Lead.stage == chosen.stages[0])
    elif chosen.stages:
        told.append(Lead.stage.in_(chosen.stages))
    if chosen.owner == NOBODY:
        told.append(Lead.owner_id.is_(None))
    elif chosen.owner:
        told.append(Lead.owner_id == int(chosen.owner))
    if chosen.source:
        told.append(Lead.source == chosen.source)
    if chosen.relation:
        told.append(Lead.relation == chosen.relation)
    if chosen.tag:
        # The index has those with tags alone, and is only used where this is said.
        told.append(literal_column("lead.tags <> '[]'::jsonb", Boolean()))
        told.append(Lead.tags.op("@>")(literal([chosen.tag], JSONB())))
    if chosen.waiting:
        told.append(Lead.needs_callback_since.is_not(None))
    return told


def count(session: Session, fits: Fitting) -> int:
    """How many they are; one more than COUNTED stands for any number above it."""
    if fits.among is None:
        each = select(Lead.id).where(*fits.conditions).limit(COUNTED + 1).subquery()
        return session.scalars(select(func.count()).select_from(each)).one()
    # Nobody is there twice so often that twice as many rows are fewer people than are counted.
    some = fits.among.limit(2 * (COUNTED + 1)).subquery()
    counted = session.scalars(select(func.count(some.c[0].distinct()))).one()
    return min(counted, COUNTED + 1)
