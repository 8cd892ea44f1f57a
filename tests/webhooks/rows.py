"""What webhook tests look up afterwards, and the bodies that they vary."""

from datetime import datetime
from xml.etree import ElementTree as ET

from sqlalchemy import func, select

from leads import Call, Lead, PracticePhone, Reminder, TrackingNumber, clock, db
from tests.webhooks.caller import call_fields


def the_call(sid: str = "CA1") -> Call:
    with db.transaction() as session:
        return session.scalars(select(Call).where(Call.sid == sid)).one()


def the_lead() -> Lead:
    with db.transaction() as session:
        return session.scalars(select(Lead)).one()


def reminders() -> list[tuple[int, str]]:
    with db.transaction() as session:
        rows = session.scalars(select(Reminder).order_by(Reminder.step))
        return [(row.step, row.state) for row in rows]


def count(model: type[db.Base]) -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def set_clock(at: datetime) -> None:
    with db.transaction() as session:
        clock.set_to(session, at)


def use_a_mobile() -> None:
    with db.transaction() as session:
        session.scalars(select(PracticePhone)).one().kind = "mobile"


def use_overflow() -> None:
    with db.transaction() as session:
        session.scalars(select(TrackingNumber)).one().mode = "overflow"


def verbs(xml: str) -> list[str]:
    return [verb.tag for verb in ET.fromstring(xml)]  # noqa: S314 - our own answer


def dial_fields(status: str, sid: str = "CA1", **more: str) -> dict[str, str]:
    return call_fields(sid, DialCallStatus=status, **{"DialCallSid": "CA1leg", **more})


def end_fields(status: str = "completed", sid: str = "CA1") -> dict[str, str]:
    return call_fields(sid) | {
        "CallStatus": status,
        "CallDuration": "21",
        "Duration": "1",
        "SequenceNumber": "0",
    }
