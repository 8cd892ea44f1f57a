"""A case: a reminder with all that a decision on its text needs, read for many at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from leads import caps
from leads.caps import Sent
from leads.consent import Consent
from leads.db import among
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.plan import Plan, PlanVersion, Step
from leads.reminder import Reminder


@dataclass
class Case:
    """`texts`: the automated texts of the last 7 days that count for this person, each with the
    reminder that it was a try of. `revoked`: a no was written after the consent."""

    reminder: Reminder
    run: FollowUp
    plan: Plan
    lead: Lead
    phone: Phone
    phone_ids: set[int]
    given: Consent | None
    revoked: bool
    texts: list[tuple[Sent, int | None]]

    @property
    def step(self) -> Step:
        return self.plan.step(self.reminder.step)

    @property
    def others(self) -> list[Sent]:
        """The texts that are not tries of this very reminder."""
        return [sent for sent, reminder_id in self.texts if reminder_id != self.reminder.id]


def cases(session: Session, which: ColumnElement[bool], now: datetime) -> list[Case]:
    """The reminders that `which` selects, the oldest first. Needs the locks of their phones."""
    rows = session.execute(
        select(Reminder, FollowUp, Lead, Phone, Consent, PlanVersion)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .join(Lead, Lead.id == Reminder.lead_id)
        .join(Phone, Phone.id == FollowUp.phone_id)
        .outerjoin(Consent, Consent.id == Reminder.consent_id)
        .outerjoin(PlanVersion, PlanVersion.id == FollowUp.plan_version_id)
        .where(which)
        .order_by(Reminder.due_at, Reminder.id)
        .execution_options(populate_existing=True)
    ).all()
    lead_ids = {lead.id for _, _, lead, *_ in rows}
    phones: dict[int, set[int]] = {lead_id: set() for lead_id in lead_ids}
    for lead_id, phone_id in session.execute(
        select(LeadPhone.lead_id, LeadPhone.phone_id).where(among(LeadPhone.lead_id, lead_ids))
    ):
        phones[lead_id].add(phone_id)
    texts = caps.automated_texts_of(session, phones, now - caps.WEEK)
    revoked = _last_revocations(session, {phone.id for _, _, _, phone, *_ in rows})
    plans: dict[int, Plan] = {}
    found = []
    for reminder, run, lead, phone, given, version in rows:
        if version is None:
            plan = run.steps(session)
        else:
            plan = plans.setdefault(version.id, version.read())
        no = given is not None and revoked.get(phone.id, 0) > given.id
        mine = texts[lead.id]
        found.append(Case(reminder, run, plan, lead, phone, phones[lead.id], given, no, list(mine)))
    return found


def by_person(found: Iterable[Case]) -> tuple[dict[int, list[Case]], dict[int, list[Case]]]:
    """The cases by their lead, and by every phone of their lead."""
    of_lead: dict[int, list[Case]] = defaultdict(list)
    of_phone: dict[int, list[Case]] = defaultdict(list)
    for case in found:
        of_lead[case.lead.id].append(case)
        for phone_id in case.phone_ids:
            of_phone[phone_id].append(case)
    return of_lead, of_phone


def _last_revocations(session: Session, phone_ids: set[int]) -> dict[int, int]:
    """The last line of each phone's ledger that is a no."""
    rows = session.execute(
        select(Consent.phone_id, func.max(Consent.id))
        .where(among(Consent.phone_id, phone_ids), Consent.kind == "revoked")
        .group_by(Consent.phone_id)
    )
    return {phone_id: last for phone_id, last in rows}  # noqa: C416 - dict() cannot be typed of rows
