"""Reminders by the thousand, and everything that they hang on. For databases without leads."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Session

from leads.consent import Consent
from leads.db import Base
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.plan import PlanVersion
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber

PLAN, STEPS = "missed_call", 3
FRESH = literal(timedelta(hours=4))
BODY = (
    "Hi, this is Back In Balance. Sorry we missed your call. Reply here or call 425-437-9974 "
    "to book. Reply STOP to opt out."
)
Values = Mapping[str, ColumnElement[Any]]
N: ColumnElement[int] = literal_column("n", BigInteger)  # 1, 2, … of the rows that are put
PERSON = (N - 1) // STEPS + 1  # whose reminder or text it is


def scheduled(session: Session, runs: int, now: datetime) -> None:
    """Runs of three reminders that fall due within the next three months, and for each of these
    a text that went out before, because those are in the way too."""
    # The rows are right. Checking each of a million against its neighbours would take a minute.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    people(session, runs, now - timedelta(days=1))
    later = literal(now + timedelta(hours=1)) + func.random() * literal(timedelta(days=90))
    reminders(session, runs * STEPS, PERSON, (N - 1) % STEPS + 1, later)
    texts(session, runs * STEPS, "sent", now - timedelta(days=8))
    session.execute(text("ANALYZE"))


def people(session: Session, count: int, at: datetime) -> None:
    """Persons 1 to `count`, who heard the prompt at `at`: each with a run that has no reminder."""
    at_once = {"created_at": literal(at), "last_activity_at": literal(at)}
    # +1 206 200 0001 and on: Seattle, where the window is the clinic's own.
    _put(session, Phone, count, {"id": N, "e164": func.concat("+1206", 2_000_000 + N)})
    _put(session, Lead, count, {"id": N, **at_once})
    _put(session, LeadPhone, count, {"lead_id": N, "phone_id": N})
    consent = {"kind": literal("given"), "basis": literal("notice"), "evidence": literal("CA1")}
    _put(session, Consent, count, {"id": N, "phone_id": N, "at": literal(at), **consent})
    version = PlanVersion.current(session, PLAN, at)
    plan: Values = {
        "plan": literal(PLAN),
        "plan_version_id": literal(version.id),
        "trigger": literal(PLAN),
    }
    whose = {"id": N, "lead_id": N, "phone_id": N, "tracking_number_id": _sender(session)}
    _put(session, FollowUp, count, {**whose, **plan, "started_at": literal(at)})


def reminders(
    session: Session,
    count: int,
    person: ColumnElement[int],
    step: ColumnElement[int],
    due_at: ColumnElement[datetime],
) -> None:
    whose = {"follow_up_id": person, "lead_id": person, "consent_id": person, "step": step}
    state: Values = {"state": literal("scheduled"), "due_at": due_at, "stale_at": due_at + FRESH}
    _put(session, Reminder, count, {**whose, **state})


def texts(session: Session, count: int, state: str, at: datetime) -> None:
    """Automated texts, three to a person, `queued` or `sent`."""
    values: Values = {
        "lead_id": PERSON,
        "phone_id": PERSON,
        "tracking_number_id": _sender(session),
        "direction": literal("outbound"),
        "body": literal(BODY),
        "segments": literal(1),
        "automated": literal(value=True),
        "topic": literal("inquiry"),
        "state": literal(state),
        "created_at": literal(at),
        "due_at": literal(at),
    }
    _put(session, Message, count, values)


def _sender(session: Session) -> ColumnElement[int]:
    return literal(session.scalars(select(TrackingNumber.id)).one())


def _put(session: Session, model: type[Base], count: int, values: Values) -> None:
    """The columns' own defaults are added, whatever they are."""
    rows = select(*values.values()).select_from(func.generate_series(1, count).alias("n"))
    session.execute(insert(model).from_select(list(values), rows))
