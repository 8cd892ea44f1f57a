"""What begins a follow-up: a call, a voicemail, staff, an appointment. All go the one way."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import consent, follow_up, timeline
from leads.consent import Basis, Consent
from leads.db import Overtaken, among
from leads.follow_up import FollowUp
from leads.intention import intend
from leads.lead import Lead
from leads.phone import Phone
from leads.plan import KINDS, PlanVersion


def begin(
    session: Session,
    plan: str,
    trigger: str,
    *,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int,
    now: datetime,
    counted_from: datetime | None = None,
    given: Consent | tuple[Basis, str, str] | None = None,
    declined: bool = False,
    call_id: int | None = None,
    appointment_at: datetime | None = None,
) -> FollowUp | None:
    """Begin this plan for the lead, or say on the timeline why not. Needs the phone's lock. Raises
    Overtaken where somebody else holds the lock of a phone that has to be held before it.

    `given` is a line of the consent ledger, or what would be written there once it is needed:
    basis, evidence and the wording heard. `counted_from` is the trigger's moment, if not `now`.
    """
    version = PlanVersion.current(session, plan, now)
    basis = given[0] if isinstance(given, tuple) else _basis(given)
    intention = intend(
        session,
        version.read(),
        lead=lead,
        phone=phone,
        basis=basis,
        declined=declined,
        now=counted_from or now,
        appointment_at=appointment_at,
    )
    if intention.nothing or given is None:
        words = f"No text: {intention.nothing or 'they have not agreed to texts.'}"
        timeline.note(session, lead.id, now, "no_follow_up", words, call_id=call_id, plan=plan)
        return None
    if follow_up.open_run(session, lead.id, plan):
        again = "Called again: the" if call_id else "The"
        words = f"{again} follow-up already under way goes on."
        timeline.note(session, lead.id, now, "follow_up_joined", words, call_id=call_id)
        return None
    if KINDS[plan].topic == "inquiry":
        _supersede(session, lead, phone, now)
    if isinstance(given, tuple):
        given = consent.give(session, phone.id, now, *given)
    return follow_up.begin(
        session,
        version,
        intention,
        given,
        lead_id=lead.id,
        phone_id=phone.id,
        tracking_number_id=tracking_number_id,
        call_id=call_id,
        trigger=trigger,
        appointment_at=appointment_at,
        now=now,
    )


def _basis(given: Consent | None) -> Basis | None:
    basis: Basis | None = given.basis if given is not None else None  # type: ignore[assignment] # the ledger holds only these
    return basis


def _supersede(session: Session, lead: Lead, phone: Phone, now: datetime) -> None:
    """A person has one follow-up about an inquiry at a time: the newest."""
    inquiries = [kind.name for kind in KINDS.values() if kind.topic == "inquiry"]
    open_runs = (
        select(FollowUp)
        .where(
            FollowUp.lead_id == lead.id, FollowUp.ended_at.is_(None), FollowUp.plan.in_(inquiries)
        )
        .order_by(FollowUp.id)
    )
    _hold(session, {run.phone_id for run in session.scalars(open_runs)}, phone)
    for run in session.scalars(open_runs.execution_options(populate_existing=True)).all():
        follow_up.end_one(session, run, now, "superseded")


def _hold(session: Session, phone_ids: set[int], held: Phone) -> None:
    """Take these locks, of which `held` is one that we have. Locks are taken by ascending id, so
    for one before it we do not wait: whoever has it may be waiting for ours."""
    before = {phone_id for phone_id in phone_ids if phone_id < held.id}
    free = (
        select(Phone.id)
        .where(among(Phone.id, before))
        .order_by(Phone.id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    if before and set(session.scalars(free)) != before:
        raise Overtaken
    Phone.locked_all(session, phone_ids - before)
