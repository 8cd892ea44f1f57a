"""Calls that look like spam, with the reason in words: a hint for whoever decides, and no more.

Nothing is rejected, hidden or left untexted because of it. One weak sign says nothing, as many an
honest call has one: a hint takes a strong sign or two weak ones, and never stands beside somebody
whom the clinic has spoken with.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select, text, tuple_
from sqlalchemy.orm import Session, aliased, selectinload

from leads.call import DUBIOUS, Call
from leads.db import among
from leads.lead import Lead
from leads.phone import LeadPhone, Phone

LOOKED_AT = timedelta(days=7)
NEIGHBOURS_WITHIN = timedelta(days=1)
TOGETHER = timedelta(minutes=1)
SHORT = timedelta(seconds=3)  # nobody decides so soon that they will not wait
TALK = 20  # seconds after which it was a conversation
STRONG, WEAK = 2, 1
# As carriers sign calls (STIR/SHAKEN): A and B vouch for the number, C only for the way it came.
FAILED = "TN-Validation-Failed"
NOT_KNOWN = "TN-Validation-Passed-C"


@dataclass(frozen=True)
class Seen:
    """A call of the last days. `lasted`: None while it is not over."""

    at: datetime
    number_id: int | None
    lasted: timedelta | None
    answered: bool
    talk_seconds: int
    stir: str | None


@dataclass(frozen=True)
class Hint:
    reasons: tuple[str, ...]

    @property
    def strongest(self) -> str:
        return self._sentence(self.reasons[0])

    @property
    def words(self) -> str:
        """The reasons as one sentence."""
        return self._sentence("; ".join(self.reasons))

    def _sentence(self, told: str) -> str:
        return f"{told[:1].upper()}{told[1:]}."


def judge(calls: Sequence[Seen], neighbours: int) -> Hint | None:
    """What these calls of one number look like. `neighbours`: how many numbers that differ from
    it in the last two digits alone called and were not answered, within a day."""
    if any(call.answered and call.talk_seconds >= TALK for call in calls):
        return None
    found = [
        sign
        for sign in (_signature(calls), _sweep(calls), _hang_ups(calls), _crowd(neighbours))
        if sign
    ]
    if sum(weight for weight, _ in found) < STRONG:
        return None
    return Hint(tuple(reason for _, reason in sorted(found, key=lambda sign: -sign[0])))


def _signature(calls: Sequence[Seen]) -> tuple[int, str] | None:
    signed = [call for call in calls if call.stir]
    if not signed:
        return None
    last = max(signed, key=lambda call: call.at).stir or ""
    if last.startswith(FAILED):
        return STRONG, "the number shown failed the carriers' check: it may be somebody else's"
    if last == NOT_KNOWN:
        return WEAK, "the carriers do not know who placed the call"
    return None


def _sweep(calls: Sequence[Seen]) -> tuple[int, str] | None:
    """Somebody who dials one number after the other."""
    most = max(
        (
            len({each.number_id for each in calls if first.at <= each.at <= first.at + TOGETHER})
            for first in calls
        ),
        default=0,
    )
    return (STRONG, f"rang {most} of your numbers within a minute") if most > 1 else None


def _hang_ups(calls: Sequence[Seen]) -> tuple[int, str] | None:
    short = [c for c in calls if not c.answered and c.lasted is not None and c.lasted < SHORT]
    if not short:
        return None
    if len(short) == 1:
        return WEAK, "hung up within 3 seconds"
    return STRONG, f"hung up within 3 seconds, {len(short)} times"


def _crowd(neighbours: int) -> tuple[int, str] | None:
    if neighbours < 1:
        return None
    if neighbours == 1:
        return WEAK, "a number next to it called that day, too"
    return STRONG, f"{neighbours} numbers next to it called that day, too"


def of_leads(session: Session, leads: Collection[Lead], now: datetime) -> dict[int, Hint]:
    """The hints about these people, by lead. Needs their phones."""
    strangers = [lead for lead in leads if not _known(lead)]
    found = of_phones(session, {phone.id for lead in strangers for phone in lead.phones}, now)
    hints: dict[int, Hint] = {}
    for lead in strangers:
        for phone in lead.phones:
            if phone.id in found and phone.blocked_at is None:
                hints.setdefault(lead.id, found[phone.id])
    return hints


def _known(lead: Lead) -> bool:
    return lead.relation == "patient" or lead.stage in {"booked", "won"}


def of_phones(session: Session, phone_ids: Collection[int], now: datetime) -> dict[int, Hint]:
    """The hints about these numbers, by phone."""
    calls = _calls(session, phone_ids, now)
    dubious = [phone_id for phone_id, seen in calls.items() if _worth_a_look(seen)]
    neighbours = _neighbours(session, dubious, now)
    hints = {each: judge(calls[each], neighbours.get(each, 0)) for each in dubious}
    return {phone_id: hint for phone_id, hint in hints.items() if hint is not None}


def _calls(session: Session, phone_ids: Collection[int], now: datetime) -> dict[int, list[Seen]]:
    if not phone_ids:
        return {}
    found = session.execute(
        select(
            Call.phone_id,
            Call.started_at,
            Call.tracking_number_id,
            Call.ended_at,
            Call.outcome == "answered",
            func.coalesce(Call.talk_seconds, 0),
            Call.stir,
        ).where(
            among(Call.phone_id, phone_ids),
            Call.direction == "inbound",
            Call.started_at > now - LOOKED_AT,
        )
    )
    calls: dict[int, list[Seen]] = defaultdict(list)
    for phone_id, at, number_id, ended_at, answered, talk_seconds, stir in found:
        lasted = ended_at - at if ended_at else None
        calls[phone_id or 0].append(Seen(at, number_id, lasted, answered, talk_seconds, stir))
    return calls


def _worth_a_look(calls: Sequence[Seen]) -> bool:
    """Neighbours alone make no hint: some family has the next number."""
    return any((_signature(calls), _sweep(calls), _hang_ups(calls)))


def _neighbours(session: Session, phone_ids: Collection[int], now: datetime) -> dict[int, int]:
    if not phone_ids:
        return {}
    near = aliased(Phone)
    stem = func.left(Phone.e164, -2)
    found = session.execute(
        select(Phone.id, func.count(near.id.distinct()))
        .join(
            near,
            and_(
                near.e164.between(stem + "00", stem + "99"),
                func.length(near.e164) == func.length(Phone.e164),
                near.id != Phone.id,
            ),
        )
        .join(Call, Call.phone_id == near.id)
        .where(
            among(Phone.id, phone_ids),
            Call.started_at > now - NEIGHBOURS_WITHIN,
            Call.outcome.in_(("missed", "abandoned", "blocked")),
        )
        .group_by(Phone.id)
    )
    return dict(found.all())


@dataclass(frozen=True)
class Suspect:
    phone: Phone
    lead: Lead | None
    last_at: datetime
    calls: int
    hint: Hint


def suspects(
    session: Session, now: datetime, before: tuple[datetime, int] | None, limit: int
) -> tuple[list[Suspect], tuple[datetime, int] | None]:
    """Numbers with a hint that are not blocked, whoever called last first; and where the next
    page begins. `limit`: how many numbers are looked at for one page."""
    last_at = func.max(Call.started_at).label("last_at")
    dubious = (
        select(Call.phone_id, last_at)
        .where(
            text(DUBIOUS),  # of which there is an index
            Call.phone_id.is_not(None),
            Call.direction == "inbound",
            Call.started_at > now - LOOKED_AT,
        )
        .group_by(Call.phone_id)
        .subquery()
    )
    wanted = (
        select(Phone, dubious.c.last_at)
        .join(dubious, dubious.c.phone_id == Phone.id)
        .where(Phone.blocked_at.is_(None))
        .order_by(dubious.c.last_at.desc(), Phone.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        wanted = wanted.where(tuple_(dubious.c.last_at, Phone.id) < before)
    rows = session.execute(wanted).all()
    page = rows[:limit]
    following = (page[-1][1], page[-1][0].id) if len(rows) > limit else None
    return _with_hints(session, page, now), following


def _with_hints(
    session: Session, rows: Sequence[tuple[Phone, datetime]], now: datetime
) -> list[Suspect]:
    phone_ids = [phone.id for phone, _ in rows]
    hints = of_phones(session, phone_ids, now)
    leads = leads_of(session, phone_ids)
    counted = session.execute(
        select(Call.phone_id, func.count())
        .where(Call.phone_id.in_(phone_ids), Call.started_at > now - LOOKED_AT)
        .group_by(Call.phone_id)
    )
    calls = dict(counted.all())
    return [
        Suspect(phone, lead, at, calls.get(phone.id, 0), hints[phone.id])
        for phone, at in rows
        if phone.id in hints
        for lead in (leads.get(phone.id),)
        if lead is None or not _known(lead)
    ]


def leads_of(session: Session, phone_ids: Collection[int]) -> dict[int, Lead]:
    """Whom each number belongs to; of several, whoever was heard of last."""
    if not phone_ids:
        return {}
    found = session.execute(
        select(LeadPhone.phone_id, Lead)
        .join(Lead, Lead.id == LeadPhone.lead_id)
        .options(selectinload(Lead.phones))
        .where(LeadPhone.phone_id.in_(phone_ids), Lead.merged_into_id.is_(None))
        .order_by(Lead.last_activity_at, Lead.id)
    )
    return dict(found.all())
