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
LONGEST_SOURCE = 100  # as long as a number may be called, whose name is the source of its callers
RELATIONS = get_args(Relation)
NO = {"", "no", "n", "false", "0", "f", "none", "-"}
NO_TEXTS_KEPT = "Their number is still kept as do not text."
BY_HAND = "Confidential: what is known of them changes on their own page alone."
NO_NUMBER = "The row has no telephone number."


@dataclass(frozen=True)
class Judged:
    """`verdict`: new, changed, same or refused; `changes`: (field, before, after) in words."""

    verdict: str
    told: dict[str, Any]
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    why: str = ""
    lead_id: int | None = None


def told_by(cells: Sequence[str], columns: Mapping[str, int]) -> dict[str, Any]:
    """What the row says, by field: empty cells say nothing. `unread` has the cells that cannot be
    read, each with a sentence on it: in our own export they may say what is so already. The others
    are read all the same: a no to texts counts."""
    raw = {name: cell(cells, column) for name, column in columns.items()}
    if both := " ".join(filter(None, (raw.get("first_name"), raw.get("last_name")))):
        raw["name"] = both
    told: dict[str, Any] = {}
    for name, read in READ.items():
        if value := raw.get(name):
            try:
                told[name] = read(value)
            except Refused as refusal:
                told.setdefault("unread", {})[name] = [value, str(refusal)]
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
        ids = {row["id"] for row in rows if "id" in row}
        named = session.scalars(
            select(Lead)
            .where(among(Lead.id, ids))
            .options(selectinload(Lead.owner), selectinload(Lead.phones))
        ).all()
        desk = session.scalars(
            select(Staff).where(Staff.disabled_at.is_(None), Staff.role.in_(details.OWNERS))
        ).all()
        ours = [*session.scalars(select(TrackingNumber.e164))]
        ours += session.scalars(select(PracticePhone.e164))
        return cls(
            phones={phone.e164: phone for phone in phones}
            | {phone.e164: phone for lead in named for phone in lead.phones},
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
    lead = _by_id(told, known)
    if lead is not None:
        told = _unlike(told, lead, known)
    for _, why in told.get("unread", {}).values():
        return Judged("refused", told, why=why)
    if "owner" in told and told["owner"] not in known.staff:
        return Judged("refused", told, why=f"Nobody at the desk is “{told['owner'][:60]}”.")
    if "phone" not in told:
        return _without_number(told, lead, known)
    people = known.leads.get(told["phone"], [])
    if lead is None and told["phone"] in known.ours:
        return Judged("refused", told, why=f"{pretty(told['phone'])} is the clinic's own.")
    if lead is None and not people:
        return Judged("new", told)
    lead = lead or _meant(told, people)
    if lead is None:
        why = "Several people share this number, and none of them has this name."
        return Judged("refused", told, why=f"{why} Change it on their own page.")
    if lead.confidential_at is not None:
        return Judged("refused", told, why=BY_HAND, lead_id=lead.id)
    changes = _changes(told, lead, known)
    return Judged("changed" if changes else "same", told, changes, lead_id=lead.id)


def _by_id(told: Mapping[str, Any], known: Known) -> Lead | None:
    """Whom our own id means. With a number that is not theirs it may be another clinic's id, or
    somebody's who was merged since: then the number decides."""
    lead = known.by_id.get(told.get("id", 0))
    number = told.get("phone") or told.get("unread", {}).get("phone", [""])[0]
    if lead is None or not number:
        return lead
    theirs = number in {phone.e164 for phone in lead.phones}
    return lead if theirs and lead.merged_into_id is None else None


def _unlike(told: dict[str, Any], lead: Lead, known: Known) -> dict[str, Any]:
    """The row without what it could not say anew and what is so already: a number that no plan
    knows, or an owner who has left. What is kept here comes back as it went."""
    rest = dict(told)
    owner = lead.owner.email.casefold() if lead.owner else ""
    if told.get("owner") == owner and owner not in known.staff:
        del rest["owner"]
    unread = dict(told.get("unread", {}))
    if "phone" in unread:  # one of theirs, or the id would not have been believed
        rest["phone"] = unread.pop("phone")[0]
    kept = {"name": lead.name, "source": lead.source, "tags": "; ".join(lead.tags)}
    for name, value in kept.items():
        if name in unread and unread[name][0] == _one_line(value):
            del unread[name]
    rest.pop("unread", None)
    return {**rest, "unread": unread} if unread else rest


def _one_line(text: str) -> str:
    """As a cell is read."""
    return " ".join(text.split())


def _without_number(told: dict[str, Any], lead: Lead | None, known: Known) -> Judged:
    """Rows of our own export have none where nobody is to know it, or where there is none."""
    if lead is None:
        return Judged("refused", told, why=NO_NUMBER)
    hidden = lead.confidential_at is not None
    if told.get("name", "") != (CONFIDENTIAL if hidden else _one_line(lead.name)):
        return Judged("refused", told, why=NO_NUMBER)
    rest = {name: value for name, value in told.items() if name not in {"name", "no_texts"}}
    if _changes(rest, lead, known):
        return Judged("refused", told, why=BY_HAND if hidden else NO_NUMBER, lead_id=lead.id)
    return Judged("same", told, lead_id=lead.id)


def _meant(told: Mapping[str, Any], people: list[Lead]) -> Lead | None:
    """Which of the people with this number."""
    by_name = [lead for lead in people if lead.name.casefold() == told.get("name", "").casefold()]
    alone = people if len(people) == 1 else []
    return next(iter([*by_name, *alone]), None)


def _changes(told: Mapping[str, Any], lead: Lead, known: Known) -> list[tuple[str, str, str]]:
    before: dict[str, tuple[Any, str]] = {
        "name": (_one_line(lead.name), lead.name),
        "stage": (lead.stage, lead.stage),
        "relation": (lead.relation, lead.relation),
        "source": (_one_line(lead.source), lead.source),
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
