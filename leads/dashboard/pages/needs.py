"""Whether one person needs a call, and who has said that they call, for the pages about them."""

from dataclasses import dataclass
from datetime import datetime

from leads import snooze
from leads.dashboard.pages.promise import Waiting, waiting
from leads.dashboard.pages.queue import Holder, holder
from leads.dashboard.pages.rendering import Frame
from leads.lead import Lead


@dataclass(frozen=True)
class Needs:
    waiting: Waiting | None
    holder: Holder | None
    morning: datetime | None  # when somebody who is put off until then comes back


def of(lead: Lead, around: Frame) -> Needs:
    practice, since = around.practice, lead.needs_callback_since
    promised = practice.hours, practice.promise_minutes
    return Needs(
        waiting=waiting(*promised, since, around.times) if since else None,
        holder=holder(lead, around),
        morning=snooze.morning_after(practice.hours, around.now),
    )
