"""What an empty installation begins with: a clinic to play with, or a blank one to fill in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.installation import Installation
from leads.opening_hours import TRIAL_HOURS
from leads.practice import Practice, PracticePhone
from leads.tracking_number import TrackingNumber


def begin(session: Session) -> None:
    """Give an empty database its practice; one that has a practice is left alone."""
    if session.scalars(select(Practice.id)).first() is not None:
        return
    if Installation.current(session).mode == "live":
        session.add(
            Practice(
                id=1,
                name="",
                phone="",
                zone="America/Los_Angeles",
                weekly_hours={},
                closed_days={},
                consent_mode="call",
            )
        )
        return
    hours = TRIAL_HOURS.to_json()
    session.add(
        Practice(
            id=1,
            name="Back In Balance Chiropractic",
            phone="+14254379974",
            zone=hours.pop("zone"),
            closed_days=hours.pop("closed"),
            weekly_hours=hours,
            consent_mode="call",
        )
    )
    session.add(PracticePhone(e164="+14255550100", label="Front desk", kind="desk"))
    session.add(
        TrackingNumber(e164="+14254379974", label="Muscle spasms page", source="muscle-spasms")
    )
