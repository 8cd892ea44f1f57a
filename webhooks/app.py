"""The public face: the only process that Twilio needs to reach."""

# First: it loads structlog without what only terminals need.
from leads import log

# isort: split
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from anyio import to_thread
from fastapi import FastAPI

from leads.db import transaction
from leads.installation import Installation, WrongInstallation
from leads.log import what_failed
from leads.settings import SettingsError, home
from webhooks import check, health, steps
from webhooks.heart import Heart
from webhooks.reception import Reception, renew_pool
from webhooks.threads import Ticket

PATIENCE = 3.0  # seconds for the database at the start; then callers are served without it


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    log.configure()
    reception = app.state.reception = Reception(home())
    try:
        await reception.threads.run(_meet_database, PATIENCE)
    except (WrongInstallation, SettingsError):
        raise  # here nobody could be served rightly
    except Exception as error:
        structlog.get_logger().error("started_without_database", **what_failed(error))
        reception.breaker.failed()
    heart = app.state.heart = Heart(reception)
    heart.start()
    yield
    heart.stop()
    await to_thread.run_sync(heart.join, 2)
    reception.spool.close()
    renew_pool()


def _meet_database(_: Ticket) -> None:
    with transaction() as session:
        Installation.current(session)


app = FastAPI(title="Ringback webhooks", openapi_url=None, lifespan=lifespan)
app.include_router(steps.router)
app.include_router(check.router)
app.include_router(health.router)
