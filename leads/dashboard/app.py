"""The dashboard's ASGI application: `uvicorn leads.dashboard.app:app`."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from leads import log
from leads.dashboard import api, errors, health, live, pages, sign_in
from leads.dashboard.guard import ONE_YEAR, Guard

STATIC = Path(__file__).parent / "static"
HASHED = re.compile(r"-([0-9A-Z]{8}|[0-9a-f]{8})\.\w+$")


class Assets(StaticFiles):
    """A file whose name has a hash never changes; any other is asked for each time.

    What the build compressed goes compressed. Pages do not, and no proxy should compress them: in
    them stand secrets beside words that others chose, and their length would tell how far the two
    are alike (BREACH).
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code in {200, 304}:
            lasting = f"public, max-age={ONE_YEAR}, immutable"
            answer.headers["Cache-Control"] = lasting if HASHED.search(path) else "no-cache"
        return answer

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        compressed = Path(f"{os.fspath(full_path)}.gz")
        if not compressed.exists():
            return super().file_response(full_path, stat_result, scope, status_code)
        if takes_gzip(Headers(scope=scope).get("accept-encoding", "")):
            answer = super().file_response(compressed, compressed.stat(), scope, status_code)
            answer.headers["Content-Encoding"] = "gzip"
        else:
            answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Vary"] = "Accept-Encoding"
        return answer


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not to refuse it."""
    for each in accepted.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() == "gzip":
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


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
