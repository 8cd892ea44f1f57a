"""The JSON API: what the desk shows and does, for programs with a token."""

from fastapi import APIRouter

from leads.dashboard.api import actions, calls, leads, messages, reminders
from leads.dashboard.api.parameters import PREFIX

router = APIRouter(prefix=PREFIX)
router.include_router(leads.router)
router.include_router(calls.router)
router.include_router(messages.router)
router.include_router(reminders.router)
router.include_router(actions.router)
