"""The dashboard's ASGI application: `uvicorn leads.dashboard.app:app`."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from leads import log
from leads.dashboard import api, errors, health, live, pages, sign_in
from leads.dashboard.guard import ONE_YEAR, Guard

STATIC = Path(__file__).parent / "static"
HASHED = re.compile(r"-([0-9A-Z]{8}|[0-9a-f]{8})\.\w+$")


class Assets(StaticFiles):
    """A file whose name has a hash never changes; any other is asked for each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code in {200, 304}:
            lasting = f"public, max-age={ONE_YEAR}, immutable"
            answer.headers["Cache-Control"] = lasting if HASHED.search(path) else "no-cache"
        return answer


@asynccontextmanager
async def lifespan(made: FastAPI) -> AsyncIterator[None]:
    log.configure()
    async with live.running() as made.state.live:
        yield


def create_app() -> FastAPI:
    """The application without its guard: see guard.py for what `app` adds."""
    made = FastAPI(
        title="Ringback",
        summary="Leads, calls, texts and reminders of one clinic",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    errors.install(made)
    made.mount("/static", Assets(directory=STATIC, check_dir=False), name="static")
    made.include_router(health.router)
    made.include_router(sign_in.router)
    made.include_router(live.router)
    made.include_router(api.router)
    made.include_router(pages.router, include_in_schema=False)
    return made


app = Guard(create_app())
