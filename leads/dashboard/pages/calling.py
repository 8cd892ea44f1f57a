"""What came of a click on Call back, as the desk's rows and the lead's page say it."""

from datetime import datetime

from sqlalchemy.orm import Session

from leads import outbound_call
from leads.dashboard.pages.words import State
from leads.lead import Lead
from leads.outbound_call import POSTING, STALE, UnderWay

KEPT = "call_backs"  # in the session's own notes: asked once for a whole page of rows


def state(session: Session, lead: Lead, real: datetime) -> State | None:
    """The last call by click of this lead, where it goes on or where staff have to know what came
    of it; None otherwise. `real` is the real time."""
    found = _latest(session).get(lead.id)
    return _in_words(found, real) if found else None


def perhaps_mailbox(session: Session, lead: Lead) -> bool:
    """Whether somebody, or a mailbox, answered a call by click that has just ended."""
    found = _latest(session).get(lead.id)
    if found is None or found.call is None or lead.needs_callback_since is not None:
        return False
    return found.call.outcome == "answered" and found.call.ended_at is not None


def _latest(session: Session) -> dict[int, UnderWay]:
    """Asked once for every lead of the page."""
    if KEPT not in session.info:
        shown = [each.id for each in session.identity_map.values() if isinstance(each, Lead)]
        session.info[KEPT] = outbound_call.latest(session, shown)
    kept: dict[int, UnderWay] = session.info[KEPT]
    return kept


def _in_words(it: UnderWay, real: datetime) -> State | None:
    told, call = it.told, it.call
    by = told.staff.name or told.staff.email
    if told.state in {"refused", "absent"}:
        return State(f"Not called: {told.why}", "alert", "bad")
    if told.state == "unknown" and told.over_at is None:
        return State(f"Not known whether {told.rings} rings: it is looked up", "alert", "bad")
    if call is None:
        waited = real - (told.posted_at or told.wanted_at)
        late = waited > (POSTING if told.posted_at else STALE)
        return None if late else State(f"{told.rings} is about to ring for {by}", "phone", "")
    if call.outcome == "not_dialled":
        return State(f"Not called: nobody took the call at {told.rings}", "alert", "bad")
    if call.ended_at is not None:
        return None  # the row says itself what came of it
    if call.outcome == "answered":
        return State(f"{by} talks with them", "answered", "good")
    if call.dialled_at is not None:
        return State(f"{by} is calling them", "phone", "")
    return State(f"{told.rings} rings for {by}", "phone", "")
