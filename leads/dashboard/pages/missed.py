"""The calls that the chime rings for."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.call import UNANSWERED, Call

LATELY = timedelta(minutes=15)  # what a browser that slept longer has missed is no news
AT_MOST = 10


def missed(session: Session, now: datetime) -> list[int]:
    """The unanswered calls of the last minutes, newest first: each browser knows which of them it
    has rung for already."""
    return list(
        session.scalars(
            select(Call.id)
            .where(
                Call.started_at.between(now - LATELY, now),
                Call.outcome.in_(UNANSWERED),
                Call.direction == "inbound",
            )
            .order_by(Call.started_at.desc(), Call.id.desc())
            .limit(AT_MOST)
        )
    )
