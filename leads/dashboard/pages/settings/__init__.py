"""Settings, for admins: each page says what a change will do, and each change is audited."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from leads.dashboard.pages.access import Admin
from leads.dashboard.pages.settings import (
    greetings,
    numbers,
    phones,
    plans,
    practice,
    received,
    replies,
    staff,
    start,
    texting,
    tokens,
    watch,
)

router = APIRouter(prefix="/settings")


@router.get("")
def settings(known: Admin) -> RedirectResponse:  # noqa: ARG001 - lets admins in
    return RedirectResponse("/settings/practice", 303)


for page in (
    start,
    practice,
    phones,
    greetings,
    numbers,
    texting,
    plans,
    replies,
    staff,
    tokens,
    received,
    watch,
):
    router.include_router(page.router)
