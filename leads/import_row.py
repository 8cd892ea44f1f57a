"""One row of a contact list: what it says, and what it would change here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from leads import details, tag
from leads.contact_list import cell
from leads.db import among
from leads.desk import Refused
from leads.export import CONFIDENTIAL, dollars
from leads.lead import Lead, Relation
from leads.phone import LeadPhone, Phone
from leads.phone_number import parse_e164, pretty
from leads.practice import PracticePhone
from leads.staff import Staff
from leads.tracking_number import TrackingNumber

LONGEST_NAME = 200
LONGEST_SOURCE = 60
RELATIONS = get_args(Relation)
NO = {"", "no", "n", "false", "0", "f", "none", "-"}
NO_TEXTS_KEPT = "Their number is still kept as do not text."


@dataclass(frozen=True)
class Judged:
    """`verdict`: new, changed, same or refused; `changes`: (field, before, after) in words."""

    verdict: str
    told: dict[str, Any]
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    why: str = ""
    lead_id: int | None = None


def told_by(cells: Sequence[str], columns: Mapping[str, int]) -> dict[str, Any]:
    """What the row says, by field: empty cells say nothing, and `wrong` is a sentence on the
    first cell that cannot be read. The others are read all the same: a no to texts counts."""
    raw = {name: cell(cells, column) for name, column in columns.items()}
    if both := " ".join(filter(None, (raw.get("first_name"), raw.get("last_name")))):
        raw["name"] = both
    told: dict[str, Any] = {}
    for name, read in READ.items():
        if value := raw.get(name):
            try:
                told[name] = read(value)
            except Refused as refusal:
                told.setdefault("wrong", str(refusal))
    if raw.get("no_texts", "").casefold() not in NO:
        told["no_texts"] = True
    return told


def _phone(value: str) -> str:
    e164 = parse_e164(value)
    if e164 is None:
        raise Refused(f"“{value[:40]}” is no telephone number that exists.")
    return e164


def _name(value: str) -> str:
    if len(value) > LONGEST_NAME:
        raise Refused(f"The name is longer than {LONGEST_NAME} characters.")
    return value


def _stage(value: str) -> str:
    code = value.casefold().replace(" ", "_")
    if code not in details.STAGES:
        raise Refused(f"There is no stage “{value[:40]}”.")
    return code


def _relation(value: str) -> str:
    if value.casefold() not in RELATIONS:
        raise Refused(f"“{value[:40]}” is neither prospect, patient nor other.")
    return value.casefold()


def _source(value: str) -> str:
    if len(value) > LONGEST_SOURCE:
        raise Refused(f"The source is longer than {LONGEST_SOURCE} characters.")
    return value


def _value(value: str) -> int | None:
    cents = details.read_dollars(value)
    if cents is not None and cents > details.MOST_CENTS:
        raise Refused(f"The value is more than {details.dollars(details.MOST_CENTS)}.")
    return cents


def _id(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 18):
        raise Refused(f"“{value[:40]}” is no id of a lead.")
    return int(value)


READ = {
    "phone": _phone,
    "name": _name,
    "stage": _stage,
    "relation": _relation,
    "source": _source,
    "owner": str.casefold,
    "tags": tag.read,
    "value": _value,
    "id": _id,
}


@dataclass
class Known:
    """What is here already of the people of some rows."""

    phones: dict[str, Phone]
    leads: dict[str, list[Lead]]  # by number, the last heard of first
    by_id: dict[int, Lead]
    staff: dict[str, Staff]  # by e-mail and by name, in lower case
    ours: set[str]

    @classmethod
    def of(cls, session: Session, told: Iterable[Mapping[str, Any]]) -> "Known":
        rows = list(told)
        numbers = {row["phone"] for row in rows if "phone" in row}
        phones = session.scalars(select(Phone).where(among(Phone.e164, numbers)))
        people = session.execute(
            select(Phone.e164, Lead)
            .join(LeadPhone, LeadPhone.phone_id == Phone.id)
            .join(Lead, Lead.id == LeadPhone.lead_id)
            .where(among(Phone.e164, numbers), Lead.merged_into_id.is_(None))
            .order_by(Lead.last_activity_at.desc(), Lead.id.desc())
            .options(selectinload(Lead.owner))
        )
        leads: dict[str, list[Lead]] = {}
        for e164, lead in people:
            leads.setdefault(e164, []).append(lead)
        ids = {row["id"] for row in rows if "id" in row and "phone" not in row}
        named = session.scalars(select(Lead).where(among(Lead.id, ids)))
        desk = session.scalars(
            select(Staff).where(Staff.disabled_at.is_(None), Staff.role.in_(details.OWNERS))
        ).all()
        ours = [*session.scalars(select(TrackingNumber.e164))]
        ours += session.scalars(select(PracticePhone.e164))
        return cls(
            phones={phone.e164: phone for phone in phones},
            leads=leads,
            by_id={lead.id: lead for lead in named},
            staff={one.name.casefold(): one for one in desk if one.name}
            | {one.email.casefold(): one for one in desk},
            ours=set(ours),
        )


def stops_texts(told: Mapping[str, Any]) -> bool:
    """A no to texts is the phone's: it counts whatever becomes of the rest of the row."""
    return "no_texts" in told and "phone" in told


def left_out(told: Mapping[str, Any], why: str) -> str:
    """Why a row is refused, and what is kept of it all the same."""
    return f"{why} {NO_TEXTS_KEPT}" if stops_texts(told) else why


def judge(told: dict[str, Any], known: Known) -> Judged:
    """What this row would do."""
    judged = _judge(told, known)
    if judged.verdict != "refused":
        return judged
    return replace(judged, why=left_out(told, judged.why))


def _judge(told: dict[str, Any], known: Known) -> Judged:
    if "wrong" in told:
        return Judged("refused", told, why=told["wrong"])
    if "owner" in told and told["owner"] not in known.staff:
        return Judged("refused", told, why=f"Nobody at the desk is “{told['owner'][:60]}”.")
    if "phone" not in told:
        return _without_number(told, known)
    if told["phone"] in known.ours:
        return Judged("refused", told, why=f"{pretty(told['phone'])} is the clinic's own.")
    people = known.leads.get(told["phone"], [])
    if not people:
        return Judged("new", told)
    lead = _meant(told, people)
    if lead is None:
        why = "Several people share this number, and none of them has this name."
        return Judged("refused", told, why=f"{why} Change it on their own page.")
    if lead.confidential_at is not None:
        why = "Confidential: what is known of them changes on their own page alone."
        return Judged("refused", told, why=why, lead_id=lead.id)
    changes = _changes(told, lead, known)
    return Judged("changed" if changes else "same", told, changes, lead_id=lead.id)


def _without_number(told: dict[str, Any], known: Known) -> Judged:
    """Rows of our own export have none where nobody is to know it."""
    lead = known.by_id.get(told.get("id", 0))
    if lead is not None and (
        told.get("name", "") == (CONFIDENTIAL if lead.confidential_at is not None else lead.name)
    ):
        return Judged("same", told, lead_id=lead.id)
    return Judged("refused", told, why="The row has no telephone number.")


def _meant(told: Mapping[str, Any], people: list[Lead]) -> Lead | None:
    """Which of the people with this number."""
    by_id = [lead for lead in people if lead.id == told.get("id")]
    by_name = [lead for lead in people if lead.name.casefold() == told.get("name", "").casefold()]
    alone = people if len(people) == 1 else []
    return next(iter([*by_id, *by_name, *alone]), None)


def _changes(told: Mapping[str, Any], lead: Lead, known: Known) -> list[tuple[str, str, str]]:
    before: dict[str, tuple[Any, str]] = {
        "name": (lead.name, lead.name),
        "stage": (lead.stage, lead.stage),
        "relation": (lead.relation, lead.relation),
        "source": (lead.source, lead.source),
        "value": (lead.value_cents, dollars(lead.value_cents)),
    }
    found = [
        (name, shown, dollars(told[name]) if name == "value" else str(told[name]))
        for name, (value, shown) in before.items()
        if name in told and told[name] != value
    ]
    if "owner" in told and (owner := known.staff[told["owner"]]).id != lead.owner_id:
        had = lead.owner.name or lead.owner.email if lead.owner else ""
        found.append(("owner", had, owner.name or owner.email))
    if more := new_tags(told, lead):
        found.append(("tags", ", ".join(lead.tags), ", ".join([*lead.tags, *more])))
    if told.get("no_texts") and known.phones[told["phone"]].opted_out_at is None:
        found.append(("no_texts", "", "yes"))
    return found


def new_tags(told: Mapping[str, Any], lead: Lead) -> list[str]:
    """Tags that the row adds: a list takes none away."""
    had = {each.casefold() for each in lead.tags}
    return [each for each in told.get("tags", ()) if each.casefold() not in had]
