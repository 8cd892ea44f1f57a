"""What stands in our tables before the storm: callers who were missed, each with one text due."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from leads import clock
from leads.consent import Consent
from leads.db import transaction
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber
from tests.chaos.recipients import SENDERS

# A Tuesday, ten in the morning in Washington State: the practice is open, and texts may go out.
TUESDAY_TEN = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
TEXTS_PER_SECOND = 200.0
ALL_PATIENCE = timedelta(minutes=11)  # longer than leases, pauses and leads.unknown.ABSENT_AFTER


def seed(phones: Sequence[str], first: timedelta, last: timedelta) -> None:
    """One due reminder for each phone, evenly from `first` to `last` after now."""
    with transaction() as session:
        now = clock.set_to(session, TUESDAY_TEN)
        for e164 in SENDERS:
            if TrackingNumber.find(session, e164) is None:
                session.add(TrackingNumber(e164=e164, label="Chaos", source="chaos"))
        session.flush()
        session.execute(
            update(TrackingNumber).values(
                texts_per_second=TEXTS_PER_SECOND, tokens=TEXTS_PER_SECOND
            )
        )
        senders = session.scalars(select(TrackingNumber.id).order_by(TrackingNumber.id)).all()
        people = [Lead(created_at=now, last_activity_at=now, source="chaos") for _ in phones]
        numbers = [Phone(e164=e164) for e164 in phones]
        session.add_all([*people, *numbers])
        session.flush()
        given = [
            Consent(phone_id=phone.id, at=now, kind="given", basis="notice", evidence="CA-chaos")
            for phone in numbers
        ]
        runs = [
            FollowUp(
                lead_id=lead.id,
                phone_id=phone.id,
                tracking_number_id=senders[place % len(senders)],
                plan="missed_call",
                trigger="missed_call",
                started_at=now,
            )
            for place, (lead, phone) in enumerate(zip(people, numbers, strict=True))
        ]
        session.add_all(given)
        session.add_all(runs)
        session.flush()
        session.add_all(LeadPhone(lead_id=run.lead_id, phone_id=run.phone_id) for run in runs)
        session.add_all(
            Reminder(
                follow_up_id=run.id,
                lead_id=run.lead_id,
                step=1,
                due_at=now + first + (last - first) * place / len(runs),
                state="scheduled",
                consent_id=consent.id,
            )
            for place, (run, consent) in enumerate(zip(runs, given, strict=True))
        )


def waiting() -> int:
    """Reminders without an outcome so far, the unknown included."""
    with transaction() as session:
        open_states = ("scheduled", "sending", "unknown")
        return len(
            session.scalars(select(Reminder.id).where(Reminder.state.in_(open_states))).all()
        )


def age() -> None:
    """Every lease, pause and grace that runs now began eleven minutes earlier than it did.

    The short form does not wait them out. Only while no worker lives: nothing is being posted.
    """
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.state.in_(("queued", "sending", "unknown")))
            .values(
                lease_until=Message.lease_until - ALL_PATIENCE,
                retry_after=Message.retry_after - ALL_PATIENCE,
            )
        )
