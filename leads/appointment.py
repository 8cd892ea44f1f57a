"""An appointment: its reminders begin, move and end with it, and its answers belong to it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import consent, follow_up, timeline, trigger
from leads.consent import Consent
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.plan import PlanVersion
from leads.practice import Practice


def made(
    session: Session, lead: Lead, at: datetime | None, tracking_number_id: int | None, now: datetime
) -> None:
    """They have an appointment `at` (None: at a moment not known yet), or another than before.
    Needs the locks of the lead and its phones."""
    if lead.appointment_at == at and at is not None:
        if tracking_number_id is not None:
            _again(session, lead, at, tracking_number_id, now)
        return
    moved = lead.appointment_at is not None
    _keep(lead, at)
    if moved:
        follow_up.end(session, now, "moved", lead_id=lead.id)
    phone = lead.phone
    if at is None or at <= now or phone is None or tracking_number_id is None:
        return
    _begin(session, "appointment", lead, phone, tracking_number_id, now, at)


def _again(
    session: Session, lead: Lead, at: datetime, tracking_number_id: int, now: datetime
) -> None:
    """Booked once more for the same moment: its reminders begin anew where they ended early, or
    never began and are agreed to now."""
    last = session.scalars(
        select(FollowUp)
        .where(
            FollowUp.lead_id == lead.id,
            FollowUp.plan == "appointment",
            FollowUp.appointment_at == at,
        )
        .order_by(FollowUp.id.desc())
        .limit(1)
    ).one_or_none()
    phone = lead.phone
    if phone is None or at <= now:
        return
    if last is None:
        if _agreed(session, phone) is None:
            return
    elif last.ended_at is None or last.end_reason == "finished":
        return
    _begin(session, "appointment", lead, phone, tracking_number_id, now, at)


def called_off(session: Session, lead: Lead, now: datetime) -> None:
    """They have no appointment any more. Needs the same locks."""
    _keep(lead, None)
    follow_up.end(session, now, "called_off", lead_id=lead.id)


def not_kept(session: Session, lead: Lead, tracking_number_id: int | None, now: datetime) -> None:
    """They did not come. Needs the same locks."""
    follow_up.end(session, now, "not_kept", lead_id=lead.id)
    _keep(lead, None)
    if lead.phone is not None and tracking_number_id is not None:
        _begin(session, "missed_appointment", lead, lead.phone, tracking_number_id, now, None)


def _keep(lead: Lead, at: datetime | None) -> None:
    """Another appointment, or none: what they answered to the last one is past."""
    lead.appointment_at = at
    lead.appointment_confirmed_at = None
    lead.appointment_change_asked_at = None


def _begin(
    session: Session,
    plan: str,
    lead: Lead,
    phone: Phone,
    tracking_number_id: int,
    now: datetime,
    at: datetime | None,
) -> None:
    if not PlanVersion.current(session, plan, now).active:
        return  # nobody expects a text: not worth a line on the timeline
    trigger.begin(
        session,
        plan,
        plan,
        lead=lead,
        phone=phone,
        tracking_number_id=tracking_number_id,
        given=_agreed(session, phone),
        appointment_at=at,
        now=now,
    )


def _agreed(session: Session, phone: Phone) -> Consent | None:
    mode = Practice.get(session).consent_mode
    return consent.standing(session, phone.id, mode, "informational")


def answered(session: Session, phone: Phone, now: datetime, *, confirmed: bool) -> bool:
    """C or R from this phone, to the appointment that lies ahead; False when there is none.

    Needs the phone's lock.
    """
    lead = _ahead(session, phone, now)
    if lead is None:
        return False
    if confirmed:
        lead.appointment_confirmed_at = now
        lead.appointment_change_asked_at = None
        words = "Confirmed the appointment by text."
        timeline.note(session, lead.id, now, "appointment_confirmed", words)
    else:
        _change_wanted(session, lead, now, "Asked by text for another time.")
    return True


def perhaps_cancelled(session: Session, phone: Phone, body: str, now: datetime) -> None:
    """CANCEL alone opts out at Twilio, and may have been meant for the appointment."""
    lead = _ahead(session, phone, now)
    if lead is not None and body.strip().strip(".!").casefold() == "cancel":
        words = "Texted CANCEL: opted out of texts, and perhaps cancels the appointment. Call them."
        _change_wanted(session, lead, now, words)


def _ahead(session: Session, phone: Phone, now: datetime) -> Lead | None:
    """Whoever of this phone's people has the next appointment."""
    return session.scalars(
        select(Lead)
        .join(LeadPhone, LeadPhone.lead_id == Lead.id)
        .where(LeadPhone.phone_id == phone.id, Lead.appointment_at > now)
        .order_by(Lead.appointment_at)
        .limit(1)
        .with_for_update(of=Lead, key_share=True)
    ).one_or_none()


def _change_wanted(session: Session, lead: Lead, now: datetime, words: str) -> None:
    lead.appointment_confirmed_at = None
    lead.appointment_change_asked_at = now
    lead.last_text_in_at = now
    timeline.note(session, lead.id, now, "appointment_change", words)
    lead.needs_callback(session, now)
