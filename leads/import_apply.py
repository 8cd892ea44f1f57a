"""Applying the rows of a contact list: some in each transaction, under their phones' locks."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from leads import clock, desk, details, opt_out, timeline
from leads.db import among, changed, database_time, transaction
from leads.desk import Refused
from leads.import_row import Judged, Known, judge, left_out, new_tags, stops_texts
from leads.importing import SAYS_NO, ImportBatch, ImportRow, locked
from leads.lead import Lead
from leads.phone import LeadPhone, Phone

# In one transaction. Somebody who calls meanwhile from one of these numbers waits for its end.
ROWS = 40
WRITTEN = ("new", "changed")


def step(batch_id: int) -> bool:
    """Apply the next rows; whether there are more. Two who go on with the same list take turns."""
    with transaction() as session:
        if _applying(session, batch_id) is None:
            return False
        numbers = [row.told["phone"] for row in _next(session, batch_id)]
        if numbers:  # committed before the locks: a new number has no row to lock
            new = insert(Phone).values([{"e164": each} for each in sorted(set(numbers))])
            session.execute(new.on_conflict_do_nothing(index_elements=["e164"]))
    with transaction() as session:
        batch = _applying(session, batch_id)
        if batch is None:
            return False
        due = _next(session, batch_id)
        # Another dashboard may have been here in between: these are not the rows of above then.
        rows = _with_a_phone(session, due)
        if rows:
            _apply(session, batch, rows)
        batch.through += sum(row.verdict in WRITTEN for row in rows)
        batch.moved_at = database_time(session)
        if len(rows) == len(due) < ROWS:
            batch.state, batch.applied_at = "done", batch.moved_at
        changed(session, f"import:{batch.id}")
        return batch.state == "applying"


def _applying(session: Session, batch_id: int) -> ImportBatch | None:
    batch = locked(session, batch_id)
    return batch if batch is not None and batch.state == "applying" else None


def _next(session: Session, batch_id: int) -> list[ImportRow]:
    """Rows to write, and those of which nothing but a no to texts is kept."""
    return list(
        session.scalars(
            select(ImportRow)
            .where(
                ImportRow.batch_id == batch_id,
                or_(ImportRow.verdict.in_(WRITTEN), SAYS_NO),
                ImportRow.outcome.is_(None),
            )
            .order_by(ImportRow.line)
            .limit(ROWS)
        )
    )


def _with_a_phone(session: Session, rows: list[ImportRow]) -> list[ImportRow]:
    numbers = [row.told["phone"] for row in rows]
    there = set(session.scalars(select(Phone.e164).where(among(Phone.e164, numbers))))
    return [row for row in rows if row.told["phone"] in there]


def _apply(session: Session, batch: ImportBatch, rows: list[ImportRow]) -> None:
    _lock(session, [row.told["phone"] for row in rows])
    now = clock.now(session)
    for row in rows:
        if row.verdict in WRITTEN:
            _write(session, batch, row, now)
        else:
            row.outcome = "no_texts"
        if stops_texts(row.told):
            _no_texts(session, batch, row.told["phone"], now)


def _write(session: Session, batch: ImportBatch, row: ImportRow, now: datetime) -> None:
    try:
        with session.begin_nested():
            _one(session, batch, row, now)
    except Refused as refusal:
        row.outcome, row.why = "refused", left_out(row.told, str(refusal))
    except DataError:  # of one row: the others, and those after them, are written all the same
        row.outcome = "refused"
        row.why = left_out(row.told, "Something in this row is too large or cannot be kept.")


def _no_texts(session: Session, batch: ImportBatch, e164: str, now: datetime) -> None:
    """Of a row that was refused too: what the clinic was told of a phone is not lost with it."""
    phone = session.scalars(select(Phone).where(Phone.e164 == e164)).one()
    if phone.opted_out_at is None:
        opt_out.record(session, phone.id, now, "staff", f"staff:{batch.staff_id}")


def _lock(session: Session, numbers: list[str]) -> None:
    """The phones of these rows and every other phone of their people, in the one order."""
    theirs = (
        select(LeadPhone.lead_id)
        .join(Phone, Phone.id == LeadPhone.phone_id)
        .where(among(Phone.e164, numbers))
    )
    phone_ids = {
        *session.scalars(select(Phone.id).where(among(Phone.e164, numbers))),
        *session.scalars(select(LeadPhone.phone_id).where(LeadPhone.lead_id.in_(theirs))),
    }
    Phone.locked_all(session, phone_ids)


def _one(session: Session, batch: ImportBatch, row: ImportRow, now: datetime) -> None:
    """Judged anew: since the preview somebody may have called, or a colleague changed them."""
    known = Known.of(session, [row.told])
    judged = judge(row.told, known)
    if judged.verdict == "refused":
        row.outcome, row.why = "refused", judged.why
        return
    if judged.verdict == "same":
        row.outcome, row.lead_id = "same", judged.lead_id
        return
    if judged.verdict == "new":
        lead = _new(session, batch, row.told, known, now)
    else:
        lead = _change(session, batch, judged, known, now)
    row.outcome, row.lead_id = judged.verdict, lead.id


def _new(
    session: Session, batch: ImportBatch, told: dict[str, Any], known: Known, now: datetime
) -> Lead:
    owner = known.staff[told["owner"]] if "owner" in told else None
    lead = Lead(
        name=told.get("name", ""),
        stage=told.get("stage", "new"),
        relation=told.get("relation", "prospect"),
        source=told.get("source", "import"),
        owner_id=owner.id if owner else None,
        tags=told.get("tags", []),
        value_cents=told.get("value"),
        created_at=now,
        last_activity_at=now,
    )
    session.add(lead)
    session.flush()
    session.add(LeadPhone(lead_id=lead.id, phone_id=known.phones[told["phone"]].id))
    session.flush()
    words = "Imported from a contact list."
    facts = {"staff_id": batch.staff_id, "import_batch": batch.id}
    timeline.note(session, lead.id, now, "lead_created", words, **facts)
    if told.get("no_texts"):
        desk.no_more_texts(session, lead, batch.staff_id, now)
    return lead


def _change(
    session: Session, batch: ImportBatch, judged: Judged, known: Known, now: datetime
) -> Lead:
    """As staff would change it by hand, field by field."""
    told, staff_id = judged.told, batch.staff_id
    lead = session.get_one(Lead, judged.lead_id)
    fields = {name for name, _, _ in judged.changes}
    words = "Changed by an imported contact list."
    timeline.note(
        session, lead.id, now, "imported", words, staff_id=staff_id, import_batch=batch.id
    )
    if "name" in fields:
        desk.rename(session, lead, staff_id, now, told["name"])
    if "stage" in fields:
        details.set_stage(session, lead, staff_id, now, told["stage"])
    if "relation" in fields:
        desk.relate(session, lead, staff_id, now, told["relation"])
    if "owner" in fields:
        details.assign(session, lead, staff_id, now, known.staff[told["owner"]].id)
    if "tags" in fields:
        details.tag(session, lead, staff_id, now, [*lead.tags, *new_tags(told, lead)])
    if "value" in fields:
        details.price(session, lead, staff_id, now, told["value"])
    if "source" in fields:
        desk.hold(session, lead)
        lead.source = told["source"]
    if "no_texts" in fields:
        desk.no_more_texts(session, lead, staff_id, now)
    return lead
