"""Finding people by name, any part of their number, and the words of notes, texts and voicemails.

Each place is searched by its trigram index and gives at most `MOST` people, whatever is typed;
the places are put together as sets, because one condition over all of them reads every table
whole.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from leads.call import Call
from leads.db import among
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.recording import Recording
from leads.timeline import WRITTEN, TimelineEntry

Rows = Select[*tuple[Any, ...]]
Text = ColumnElement[Any] | InstrumentedAttribute[Any]

MOST = 1_000  # people of one place; more are more rows read from all over the disk
FEWEST_DIGITS = 3  # fewer are in every number
FEWEST_LETTERS = 2
MOST_WORDS = 6
BEFORE, AFTER = 40, 90  # characters around what matched


@dataclass(frozen=True)
class Words:
    """What was typed: words that must all occur, and, where it is a number, its digits."""

    words: tuple[str, ...]
    digits: str = ""

    @classmethod
    def of(cls, q: str) -> "Words":
        digits = re.sub(r"\D", "", q) if q.isascii() else ""
        if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s()+./-]", q):
            # People write +1 or leave it out; numbers are stored with it.
            ten = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
            return cls((q.strip(),), ten)
        # Signs are in no trigram: for "--" alone, all of each index would be read.
        words = [word for word in q.split() if sum(map(str.isalnum, word)) >= FEWEST_LETTERS]
        return cls(tuple(dict.fromkeys(words))[:MOST_WORDS])


@dataclass(frozen=True)
class Found:
    lead_ids: list[int]
    partial: bool  # more people fit than were gone through


@dataclass(frozen=True)
class Match:
    """Where in their papers the words stand: a note, text or voicemail, in pieces of which the
    marked ones are what was looked for."""

    kind: str  # note, text_in, text_out or voicemail
    pieces: tuple[tuple[str, bool], ...]


def too_little(q: str) -> str:
    """Why these letters are not looked for; empty when they are."""
    if Words.of(q).words:
        return ""
    return "To search, type two letters or more of the name, or three digits of the number."


def find(session: Session, q: str) -> Found:
    """Whom these words fit, in no order; nobody where there is too little to look for."""
    return _found(session, statement(q)) if Words.of(q).words else Found([], partial=False)


def find_people(session: Session, q: str) -> Found:
    """As `find`, by name and number alone: for a list of something that people did."""
    asked = Words.of(q)
    if not asked.words:
        return Found([], partial=False)
    return _found(session, _together([*_people(asked)]))


def statement(q: str) -> Any:
    """What is asked of the database: from each place by its number, some leads."""
    asked = Words.of(q)
    return _together([*_people(asked), *_papers(asked)])


def _together(places: list[Rows]) -> Any:
    limited = [place.limit(MOST + 1).subquery() for place in places]
    return union_all(*(select(literal(n), each.c[0]) for n, each in enumerate(limited)))


def _found(session: Session, asked: Any) -> Found:
    plan_by_letters(session, only="off")
    rows = session.execute(asked).all()
    plan_by_letters(session, only="on")
    full = max(Counter(number for number, _ in rows).values(), default=0) > MOST
    return Found(sorted({lead_id for _, lead_id in rows}), partial=full)


def plan_by_letters(session: Session, only: str) -> None:
    """Whether statements may be planned otherwise than by the letters' indexes.

    A word may be judged frequent and not be it: a table, or all of another index, is read whole
    then, which takes a second. The letters never take more than some milliseconds; they are read
    as bitmaps, the one way that stays."""
    ways = ("enable_seqscan", "enable_indexscan")
    session.execute(select(*(func.set_config(way, only, True) for way in ways)))


def _people(asked: Words) -> Iterator[Rows]:
    if asked.digits:
        yield (
            select(LeadPhone.lead_id)
            .join(Phone, Phone.id == LeadPhone.phone_id)
            .where(Phone.e164.contains(asked.digits))
        )
    yield select(Lead.id).where(_all(Lead.name, asked))


def _papers(asked: Words) -> Iterator[Rows]:
    yield select(TimelineEntry.lead_id).where(_is_written(), _all(TimelineEntry.text, asked))
    yield select(Message.lead_id).where(_by_people(), _all(Message.body, asked))
    yield (
        select(Call.lead_id)
        .join(Recording, Recording.call_id == Call.id)
        .where(Call.lead_id.is_not(None), _is_voicemail(), _all(Recording.transcript, asked))
    )


def _by_people() -> ColumnElement[bool]:
    """Texts that somebody wrote: those of the plans are the same for everybody."""
    return ~Message.automated


def _is_written() -> ColumnElement[bool]:
    """With the words themselves and not parameters, for which no partial index could be planned."""
    return TimelineEntry.kind.in_([literal_column(f"'{kind}'") for kind in WRITTEN])


def _is_voicemail() -> ColumnElement[bool]:
    """What callers left for the desk: a recorded call is for whoever may play it."""
    return and_(Recording.kind == "voicemail", Recording.transcript.is_not(None))


def _all(column: Text, asked: Words) -> ColumnElement[bool]:
    return and_(*(_has(column, word) for word in asked.words))


def _has(column: Text, word: str) -> ColumnElement[bool]:
    escaped = re.sub(r"([\\%_])", r"\\\1", word)
    if len(word) > 2:
        return column.ilike(f"%{escaped}%")
    # Two letters make a trigram only where a word begins.
    return or_(column.ilike(f"{escaped}%"), column.ilike(f"% {escaped}%"))


def matches(session: Session, q: str, lead_ids: Collection[int]) -> dict[int, Match]:
    """For each of these leads, the latest of their notes, texts and voicemails with the words."""
    asked = Words.of(q)
    if not asked.words or not lead_ids:
        return {}
    places = union_all(*_papers_of(lead_ids)).subquery()
    latest = (
        select(places)
        .where(_all(_unindexed(places.c.words), asked))
        .ext(distinct_on(places.c.lead_id))
        .order_by(places.c.lead_id, places.c.at.desc(), places.c.kind)
    )
    return {
        row.lead_id: Match(row.kind, tuple(_pieces(row.words, asked)))
        for row in session.execute(latest)
    }


def _papers_of(lead_ids: Collection[int]) -> Iterator[Rows]:
    kind = func.concat(literal("text_"), func.split_part(Message.direction, "bound", 1))
    yield select(
        TimelineEntry.lead_id.label("lead_id"),
        literal("note", String()).label("kind"),
        TimelineEntry.at.label("at"),
        TimelineEntry.text.label("words"),
    ).where(among(TimelineEntry.lead_id, lead_ids), _unindexed(TimelineEntry.kind).in_(WRITTEN))
    yield select(Message.lead_id, kind, Message.created_at, Message.body).where(
        among(Message.lead_id, lead_ids), _by_people()
    )
    yield (
        select(Call.lead_id, literal("voicemail", String()), Call.started_at, Recording.transcript)
        .join(Recording, Recording.call_id == Call.id)
        .where(among(Call.lead_id, lead_ids), _is_voicemail())
    )


def _unindexed(column: Text) -> ColumnElement[str]:
    """No index of everybody's notes or letters is made use of: these people's papers are few."""
    return column.concat("")


def _pieces(words: str, asked: Words) -> Iterator[tuple[str, bool]]:
    """The part of a paper around the first word that was looked for, those words marked."""
    flat = " ".join(words.split())
    looked_for = re.compile(
        "|".join(re.escape(word) for word in sorted(asked.words, key=len, reverse=True)),
        re.IGNORECASE,
    )
    first = looked_for.search(flat)
    middle = first.start() if first else 0
    start, end = max(0, middle - BEFORE), middle + AFTER
    if start:
        start = min(flat.find(" ", start) + 1 or start, middle)  # no half words
        yield "… ", False
    shown, at = flat[start:end], 0
    for found in looked_for.finditer(shown):
        if found.start() > at:
            yield shown[at : found.start()], False
        yield found.group(), True
        at = found.end()
    yield shown[at:] + (" …" if len(flat) > end else ""), False


__all__ = [
    "FEWEST_DIGITS",
    "MOST",
    "Found",
    "Match",
    "find",
    "find_people",
    "matches",
    "too_little",
]
