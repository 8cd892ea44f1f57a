"""The consent ledger of a lead's phones, in words: what lets us text them, and what ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.call import Call
from leads.consent import Consent, Purpose
from leads.dashboard.pages.times import Times
from leads.lead import Lead
from leads.phone import Phone
from leads.staff import Staff

AT_MOST = 50
BY_STAFF = "staff:"
PURPOSES: dict[Purpose, str] = {
    "responsive": "an answer",
    "informational": "their inquiry or appointment",
    "marketing": "advertising",
}
GIVEN = {
    "call": "called us: covers one answer",
    "notice": "heard the notice on the call of {call}",
    "keypress": "pressed 1 for texts on the call of {call}",
    "reply": "texted us",
    "staff": "told {staff} that texts are welcome",
    "form": "agreed in writing",
}
REVOKED = {
    "text": "asked by text for no more",
    "key": "pressed the key for no texts on the call of {call}",
    "carrier": "the carrier says that they opted out",
    "staff": "told {staff}: no more texts",
    "demo": "is made up, so nothing goes to them by itself",
}


@dataclass(frozen=True)
class Line:
    """One line of the ledger. `phone` is named where the lead has several; `at` is none where
    the words say when."""

    id: int
    given: bool
    words: str
    purposes: str
    at: datetime | None
    phone: str
    wording: str


@dataclass(frozen=True)
class Ledger:
    """The newest lines first; `more` says that there are older ones."""

    lines: list[Line]
    more: bool


def of(session: Session, lead: Lead, times: Times) -> Ledger:
    phones = {phone.id: phone for phone in lead.phones}
    found = session.scalars(
        select(Consent)
        .where(Consent.phone_id.in_(list(phones)))
        .order_by(Consent.id.desc())
        .limit(AT_MOST + 1)
    ).all()
    shown = found[:AT_MOST]
    calls = _calls(session, shown)
    staff = _staff(session, shown)
    lines = [_line(row, phones, calls, staff, times) for row in shown]
    return Ledger(lines, more=len(found) > AT_MOST)


def _line(
    row: Consent,
    phones: dict[int, Phone],
    calls: dict[str, datetime],
    staff: dict[str, str],
    times: Times,
) -> Line:
    given = row.kind == "given"
    words = (GIVEN if given else REVOKED).get(row.basis, row.basis)
    return Line(
        id=row.id,
        given=given,
        words=words.format(
            call=times.exact(calls.get(row.evidence, row.at)),
            staff=staff.get(row.evidence, "staff"),
        ),
        purposes=", ".join(PURPOSES[purpose] for purpose in row.purposes) if given else "",
        at=None if "{call}" in words else row.at,
        phone=phones[row.phone_id].e164 if len(phones) > 1 else "",
        wording=row.wording,
    )


def _calls(session: Session, rows: Sequence[Consent]) -> dict[str, datetime]:
    """When the calls began that are given as evidence, by their SID."""
    sids = {row.evidence for row in rows}
    found = session.execute(select(Call.sid, Call.started_at).where(Call.sid.in_(sids)))
    return dict(found.all())


def _staff(session: Session, rows: Sequence[Consent]) -> dict[str, str]:
    """Names of the staff who are given as evidence."""
    told = {row.evidence for row in rows if row.evidence.startswith(BY_STAFF)}
    ids = [int(evidence.removeprefix(BY_STAFF)) for evidence in told]
    found = session.scalars(select(Staff).where(Staff.id.in_(ids)))
    return {f"{BY_STAFF}{member.id}": member.name or member.email for member in found}
