"""What the staff look at: pages that work without a script and are kept fresh with one."""

from fastapi import APIRouter

from leads.dashboard.pages.account import router as account
from leads.dashboard.pages.alarms import router as alarms
from leads.dashboard.pages.bulk import router as bulk
from leads.dashboard.pages.call_back import router as call_back
from leads.dashboard.pages.call_list import router as call_list
from leads.dashboard.pages.desk import router as desk
from leads.dashboard.pages.exporting import router as exporting
from leads.dashboard.pages.follow_ups import router as follow_ups
from leads.dashboard.pages.importing import router as importing
from leads.dashboard.pages.inbox import router as inbox
from leads.dashboard.pages.inbox_actions import router as inbox_actions
from leads.dashboard.pages.junk import router as junk
from leads.dashboard.pages.lead import router as lead
from leads.dashboard.pages.lead_actions import router as lead_actions
from leads.dashboard.pages.lead_details import router as lead_details
from leads.dashboard.pages.lead_list import router as lead_list
from leads.dashboard.pages.lead_merge import router as lead_merge
from leads.dashboard.pages.lead_new import router as lead_new
from leads.dashboard.pages.outcomes import router as outcomes
from leads.dashboard.pages.pictures import router as pictures
from leads.dashboard.pages.recording import router as recording
from leads.dashboard.pages.rendering import render
from leads.dashboard.pages.reviews import router as reviews
from leads.dashboard.pages.row_actions import router as row_actions
from leads.dashboard.pages.settings import router as settings
from leads.dashboard.pages.text_check import router as text_check
from leads.dashboard.pages.views import router as views

__all__ = ["render", "router"]

router = APIRouter(include_in_schema=False)
for page in (
    *(bulk, exporting, importing, views),
    *(lead_new, lead_merge, lead_details),
    *(inbox, inbox_actions, pictures, text_check),
    *(alarms, desk, junk, lead_list, lead, lead_actions, row_actions, call_list, follow_ups),
    *(account, call_back, outcomes, recording, reviews, settings),
):
    router.include_router(page)
