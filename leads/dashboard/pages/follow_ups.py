"""What will be texted by itself, and what lately was or was not, and why."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from leads import unknown
from leads.dashboard.pages import outcomes, words
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.rendering import Frame, frame, render
from leads.dashboard.pages.words import State
from leads.db import transaction
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.plan import ENDINGS, PlanVersion
from leads.reminder import Reminder

router = APIRouter()
AT_MOST = 100
RECENT = timedelta(days=7)


@router.get("/follow-ups")
def follow_ups(request: Request, known: Reader) -> HTMLResponse:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        around = frame(session)
        return render(
            request,
            "follow_ups.html",
            frame=around,
            without_outcome=outcomes.still_open(session, around.now),
            most_without_outcome=unknown.MOST,
            upcoming=_upcoming(session),
            recent=_recent(session, around),
            most=AT_MOST,
            ENDINGS=ENDINGS,
            off=around.practice.sender_confirmed_at is None and not around.trial,
        )


@dataclass(frozen=True)
class Upcoming:
    """A text that will go by itself; one of `steps` of its run."""

    reminder: Reminder
    run: FollowUp
    lead: Lead
    steps: int


def _upcoming(session: Session) -> list[Upcoming]:
    """The next ones; one more than are shown where there are more."""
    found = session.execute(
        select(Reminder, FollowUp, Lead)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .join(Lead, Lead.id == Reminder.lead_id)
        .options(selectinload(Lead.phones))
        .where(Reminder.state == "scheduled")
        .order_by(Reminder.due_at, Reminder.id)
        .limit(AT_MOST + 1)
    ).all()
    steps = _steps(session, [run for _, run, _ in found])
    return [Upcoming(reminder, run, lead, steps[run.id]) for reminder, run, lead in found]


def _steps(session: Session, runs: Collection[FollowUp]) -> dict[int, int]:
    """How many texts each run's own version of its plan has, by the run's id."""
    ids = {run.plan_version_id for run in runs}
    counted = select(PlanVersion.id, func.jsonb_array_length(PlanVersion.steps))
    found = session.execute(counted.where(PlanVersion.id.in_(ids)))
    known: dict[int, int] = dict(found.all())
    return {
        # Runs from before plans had versions: few, and soon over.
        run.id: known.get(run.plan_version_id or 0) or len(run.steps(session).steps)
        for run in runs
    }


def _recent(session: Session, around: Frame) -> list[tuple[FollowUp, Lead, list[State]]]:
    """The runs begun lately, each with what became of its texts that are not to come; one
    more than are shown where there are more."""
    runs = session.execute(
        select(FollowUp, Lead)
        .join(Lead, Lead.id == FollowUp.lead_id)
        .options(selectinload(Lead.phones))
        .where(FollowUp.started_at > around.now - RECENT)
        .order_by(FollowUp.started_at.desc(), FollowUp.id.desc())
        .limit(AT_MOST + 1)
    ).all()
    found = session.execute(
        select(Reminder, Message)
        .outerjoin(Message, Message.id == Reminder.message_id)
        .where(
            Reminder.follow_up_id.in_([run.id for run, _ in runs]), Reminder.state != "scheduled"
        )
        .order_by(Reminder.step)
    )
    states: dict[int, list[State]] = defaultdict(list)
    for reminder, message in found:
        states[reminder.follow_up_id].append(words.reminder(reminder, message))
    return [(run, lead, states[run.id]) for run, lead in runs]
