"""How often staff rang somebody who still waits: from a phone of their own, or by click."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from leads.call import Call
from leads.dashboard.pages.times import Times
from leads.dashboard.pages.words import times as so_often
from leads.db import among
from leads.lead import Lead
from leads.timeline import TimelineEntry

RESULTS = {"spoke": "spoke with them", "message": "left a message", "no_answer": "no answer"}


def since_they_wait(session: Session, lead_ids: Collection[int], times: Times) -> dict[int, str]:
    """`We tried twice, last 10:41 AM: left a message`, by lead; none for whom nobody rang."""
    if not lead_ids:
        return {}
    by_hand = (
        select(
            TimelineEntry.lead_id,
            TimelineEntry.at.label("at"),
            TimelineEntry.facts["result"].astext.label("result"),
        )
        .join(Lead, Lead.id == TimelineEntry.lead_id)
        .where(
            among(TimelineEntry.lead_id, lead_ids),
            TimelineEntry.kind == "rang",
            TimelineEntry.at >= Lead.needs_callback_since,
        )
    )
    by_click = (
        select(Call.lead_id, Call.started_at, literal("no_answer"))
        .join(Lead, Lead.id == Call.lead_id)
        .where(
            among(Call.lead_id, lead_ids),
            Call.direction == "outbound",
            Call.outcome == "no_answer",
            Call.started_at >= Lead.needs_callback_since,
        )
    )
    found: dict[int, list[tuple[datetime, str]]] = {}
    for lead_id, at, result in session.execute(union_all(by_hand, by_click)):
        found.setdefault(lead_id, []).append((at, result))
    return {lead_id: _told(rang, times) for lead_id, rang in found.items()}


def _told(rang: list[tuple[datetime, str]], times: Times) -> str:
    at, result = max(rang)
    last = f"last {times.when(at)}" if len(rang) > 1 else times.when(at)
    return f"We tried {so_often(len(rang))}, {last}: {RESULTS[result]}"
