"""The JSON API: what the desk shows and does, for programs with a token."""

from fastapi import APIRouter

from leads.dashboard.api import (
    actions,
    alarms,
    calls,
    consents,
    leads,
    messages,
    plans,
    reminders,
    texting,
)
from leads.dashboard.api.parameters import PREFIX

router = APIRouter(prefix=PREFIX)
for part in (leads, calls, messages, reminders, actions, consents, plans, texting, alarms):
    router.include_router(part.router)
