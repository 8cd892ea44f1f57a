"""For supervisors, load balancers and Prometheus. The checks are in leads/health.py."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from leads import api_token, health
from leads.db import transaction
from webhooks.threads import Ticket

if TYPE_CHECKING:
    from webhooks.reception import Reception

router = APIRouter()
HERE = {"127.0.0.1", "::1"}
PATIENCE = 3.0  # seconds for the checks
BY_A_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/health")
async def alive() -> JSONResponse:
    """The process is up. Asks nobody, so that a lost database does not restart the process."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Whether work gets done; 503 names the check that failed, and no more: this is public.

    `spooled` is how many requests wait on this machine. They make nothing unready: whoever keeps
    requests while the database is away does what they are there for. `texts_wait`: automated texts
    are held back, because a STOP may not have reached us; null where nobody can be asked."""
    reception: Reception = request.app.state.reception
    failed: list[str] = ["database"]
    texts_wait: bool | None = None
    if not reception.breaker.is_open:
        with suppress(TimeoutError, SQLAlchemyError):
            failed, texts_wait = await reception.checks.run(_checks, PATIENCE)
    told = {
        "status": "not ready" if failed else "ready",
        "failed": failed,
        "texts_wait": texts_wait,
        "spooled": (await to_thread.run_sync(reception.spool.waiting)).requests,
    }
    return JSONResponse(told, 503 if failed else 200)


def _checks(_: Ticket) -> tuple[list[str], bool | None]:
    failed = [check.name for check in health.ready() if not check.passed]
    return failed, None if "database" in failed else health.texts_wait()


@router.get("/metrics")
def metrics(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
    """For a program on this machine that came through no proxy, or one with a token."""
    direct = (
        request.client is not None
        and request.client.host in HERE
        and not any(name in request.headers for name in BY_A_PROXY)
    )
    if request.app.state.reception.breaker.is_open:
        return PlainTextResponse("The database does not answer, and with it no figures.", 503)
    with transaction() as session:
        token = authorization.removeprefix("Bearer ").strip()
        if (token and api_token.find(session, token)) or (direct and not authorization):
            return Response(health.figures(session), media_type=health.EXPOSITION_TYPE)
    return PlainTextResponse(
        "Figures are for this machine, or for a token: `ringback token create NAME --scope read`.",
        401,
        {"WWW-Authenticate": "Bearer"},
    )
