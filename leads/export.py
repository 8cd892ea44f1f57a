"""Leads and calls as a table for spreadsheets, row by row, however many there are."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, select, text
from sqlalchemy.orm import Session, aliased

from leads.call import Call, CallLeg
from leads.call_filter import CallFilter
from leads.call_filter import fitting as calls_fitting
from leads.db import among
from leads.desk import Refused
from leads.lead import Lead
from leads.lead_filter import LeadFilter, fitting
from leads.phone import LeadPhone, Phone
from leads.practice import Practice, PracticePhone
from leads.spreadsheet import BOM, lines
from leads.staff import Staff
from leads.tracking_number import TrackingNumber

AT_ONCE = 500  # rows that are read and written together
CONFIDENTIAL = "Confidential"
LEAD_COLUMNS = (
    *("Phone", "Other phones", "Name", "Stage", "Relation", "Source", "Owner", "Tags"),
    *("Value", "Do not text", "First heard of", "Last heard of", "Needs a call since"),
    *("Appointment", "Ringback id"),
)
CALL_COLUMNS = (
    *("When", "Direction", "Caller", "Name", "Outcome", "Seconds", "Number called"),
    *("Answered by", "CallSid"),
)


def leads(session: Session, chosen: LeadFilter, lead_ids: Sequence[int] = ()) -> Iterator[str]:
    """CSV, piece by piece: these leads, or all that fit. Times are the practice's.

    Reads with a cursor of the server, so the session stays open until the last piece. Raises
    Refused before the first one.
    """
    fits = fitting(session, chosen)
    if chosen.problems:
        raise Refused(f"{chosen.problems[0]} Nothing was exported.")
    if fits.partial and not lead_ids:
        raise Refused("So many people fit these words that not all were found. Type more of them.")
    conditions = [among(Lead.id, lead_ids)] if lead_ids else fits.conditions
    wanted = _leads().where(*conditions, Lead.merged_into_id.is_(None)).order_by(Lead.id)
    return _written(session, LEAD_COLUMNS, wanted, _lead)


def calls(session: Session, chosen: CallFilter) -> Iterator[str]:
    """As `leads`, of calls, the oldest first."""
    fits = calls_fitting(session, chosen)
    if chosen.problems:
        raise Refused(f"{chosen.problems[0]} Nothing was exported.")
    if fits.partial:
        raise Refused("So many people fit these words that not all were found. Type more of them.")
    wanted = _calls().where(*fits.conditions).order_by(Call.started_at, Call.id)
    return _written(session, CALL_COLUMNS, wanted, _call)


def _written(
    session: Session, columns: Sequence[str], wanted: Select[Any], row: Any
) -> Iterator[str]:
    # Somebody far away may take their time, and a long table takes its own.
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5min'"))
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    zone = Practice.get(session).zone
    found = session.execute(
        wanted, {"zone": zone}, execution_options={"yield_per": AT_ONCE, "stream_results": True}
    )

    def pieces() -> Iterator[str]:
        yield BOM + lines([columns])
        for some in found.partitions():
            yield lines([row(each) for each in some])

    return pieces()


def _leads() -> Select[Any]:
    phones = (
        select(func.string_agg(Phone.e164, text("' ' ORDER BY lead_phone.main DESC, phone.id")))
        .join(LeadPhone, LeadPhone.phone_id == Phone.id)
        .where(LeadPhone.lead_id == Lead.id)
        .scalar_subquery()
    )
    # Of the number in the first column: another of theirs may be another person's too.
    stopped = (
        select(Phone.opted_out_at)
        .join(LeadPhone, LeadPhone.phone_id == Phone.id)
        .where(LeadPhone.lead_id == Lead.id)
        .order_by(LeadPhone.main.desc(), Phone.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(
        *(Lead.id, Lead.name, Lead.stage, Lead.relation, Lead.source, Lead.tags),
        *(Lead.value_cents, Lead.confidential_at, Staff.email),
        phones.label("phones"),
        stopped.label("stopped_at"),
        _moment(Lead.created_at).label("first"),
        _moment(Lead.last_activity_at).label("last"),
        _moment(Lead.needs_callback_since).label("waits"),
        _moment(Lead.appointment_at).label("appointment"),
    ).outerjoin(Staff, Staff.id == Lead.owner_id)


def _moment(column: Any) -> Any:
    there = func.timezone(bindparam("zone", type_=Text()), column)
    return func.coalesce(func.to_char(there, "YYYY-MM-DD HH24:MI"), "")


def _lead(row: Any) -> list[str]:
    hidden = row.confidential_at is not None
    first, _, others = ("", "", "") if hidden else (row.phones or "").partition(" ")
    return [
        *(first, others, CONFIDENTIAL if hidden else row.name, row.stage, row.relation),
        *(row.source, row.email or "", "" if hidden else "; ".join(row.tags)),
        *(dollars(row.value_cents), "yes" if row.stopped_at else ""),
        *(row.first, row.last, row.waits, row.appointment, str(row.id)),
    ]


def dollars(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100}.{cents % 100:02}"


def _calls() -> Select[Any]:
    leg = aliased(CallLeg)
    answered_by = (
        select(func.min(PracticePhone.label))
        .join(leg, leg.practice_phone_id == PracticePhone.id)
        .where(leg.call_sid == Call.sid, leg.accepted_at.is_not(None))
        .scalar_subquery()
    )
    return (
        select(
            *(Call.sid, Call.direction, Call.outcome, Lead.name, Lead.confidential_at),
            cast(func.coalesce(Call.from_raw, ""), Text).label("caller"),
            cast(func.coalesce(Call.to_raw, ""), Text).label("called"),
            Call.talk_seconds,
            TrackingNumber.label.label("number"),
            answered_by.label("answered_by"),
            _moment(Call.started_at).label("at"),
        )
        .outerjoin(Lead, Lead.id == Call.lead_id)
        .outerjoin(TrackingNumber, TrackingNumber.id == Call.tracking_number_id)
    )


def _call(row: Any) -> list[str]:
    hidden = row.confidential_at is not None
    name = CONFIDENTIAL if hidden else row.name or ""
    talked = row.talk_seconds if row.outcome == "answered" else None
    return [
        *(row.at, row.direction, "" if hidden else row.caller, name, row.outcome),
        "" if talked is None else str(talked),
        *(row.number or "", row.answered_by or "", row.sid),
    ]
