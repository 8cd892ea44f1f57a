"""For supervisors, load balancers and Prometheus. The checks are in leads/health.py."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from leads import api_token, health
from leads.db import transaction

router = APIRouter()
HERE = {"127.0.0.1", "::1"}
BY_A_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/health")
async def alive() -> JSONResponse:
    """The process is up. Asks nobody, so that a lost database does not restart the process."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
def ready() -> JSONResponse:
    """Whether work gets done; 503 names the check that failed, and no more: this is public."""
    checks = health.ready()
    failed = [check.name for check in checks if not check.passed]
    return JSONResponse(
        {"status": "not ready" if failed else "ready", "failed": failed}, 503 if failed else 200
    )


@router.get("/metrics")
def metrics(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
    """For a program on this machine that came through no proxy, or one with a token."""
    direct = (
        request.client is not None
        and request.client.host in HERE
        and not any(name in request.headers for name in BY_A_PROXY)
    )
    with transaction() as session:
        token = authorization.removeprefix("Bearer ").strip()
        if (token and api_token.find(session, token)) or (direct and not authorization):
            return Response(health.figures(session), media_type=health.EXPOSITION_TYPE)
    return PlainTextResponse(
        "Figures are for this machine, or for a token: `ringback token create NAME --scope read`.",
        401,
        {"WWW-Authenticate": "Bearer"},
    )
