"""Calls that the telephone here knows nothing of: staff rang them from a phone of their own."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from leads import desk, follow_up, timeline, wait
from leads.lead import Lead

Result = Literal["spoke", "message", "no_answer"]
SENTENCES: dict[str, str] = {
    "spoke": "Rang them from their own phone and spoke with them.",
    "message": "Rang them from their own phone and left a message.",
    "no_answer": "Rang them from their own phone: no answer.",
}


def rang(session: Session, lead: Lead, staff_id: int | None, now: datetime, result: Result) -> None:
    """Keep what came of it. Who was spoken with needs no call any more; else they stay on the
    list, free for whoever tries next. Raises Refused for another result."""
    if result not in SENTENCES:
        raise desk.Refused("Say whether you spoke, left a message or got no answer.")
    desk.hold(session, lead)
    sentence = SENTENCES[result]
    facts = {"staff_id": staff_id, "result": result} | wait.told(lead)
    timeline.note(session, lead.id, now, "rang", sentence, **facts)
    lead.last_activity_at = now
    if result == "spoke":
        lead.called_back(session, now)
    else:
        lead.let_go(staff_id)
    if result != "no_answer":
        # They have heard from us: an automated text would come on top.
        follow_up.end(session, now, "contacted", lead_id=lead.id)
