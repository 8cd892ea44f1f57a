"""The public face: the only process that Twilio needs to reach."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from leads import log
from leads.db import engine, transaction
from leads.installation import Installation
from webhooks import check, health, messages, recordings, voice


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    log.configure()
    with transaction() as session:
        Installation.current(session)
    yield
    engine().dispose()


app = FastAPI(title="Ringback webhooks", openapi_url=None, lifespan=lifespan)
app.include_router(voice.router)
app.include_router(recordings.router)
app.include_router(messages.router)
app.include_router(check.router)
app.include_router(health.router)
