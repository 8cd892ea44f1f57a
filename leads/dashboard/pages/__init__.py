"""What the staff look at: pages that work without a script and are kept fresh with one."""

from fastapi import APIRouter

from leads.dashboard.pages.alarms import router as alarms
from leads.dashboard.pages.call_list import router as call_list
from leads.dashboard.pages.desk import router as desk
from leads.dashboard.pages.follow_ups import router as follow_ups
from leads.dashboard.pages.lead import router as lead
from leads.dashboard.pages.lead_actions import router as lead_actions
from leads.dashboard.pages.lead_list import router as lead_list
from leads.dashboard.pages.outcomes import router as outcomes
from leads.dashboard.pages.recording import router as recording
from leads.dashboard.pages.rendering import render
from leads.dashboard.pages.reviews import router as reviews
from leads.dashboard.pages.settings import router as settings

__all__ = ["render", "router"]

router = APIRouter(include_in_schema=False)
for page in (
    *(alarms, desk, lead_list, lead, lead_actions, call_list, follow_ups),
    *(outcomes, recording, reviews, settings),
):
    router.include_router(page)
