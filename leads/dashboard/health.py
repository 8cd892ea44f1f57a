"""For supervisors, load balancers and Prometheus. The checks are in leads/health.py."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from leads import api_token, health
from leads.dashboard.guard import is_direct_from_here
from leads.db import transaction

router = APIRouter(include_in_schema=False)


@router.get("/health")
async def alive() -> JSONResponse:
    """The process is up. Asks nobody, so that a lost database does not restart the process."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
def ready() -> JSONResponse:
    """Whether work gets done; 503 names the check that failed."""
    checks = health.ready()
    passed = all(check.passed for check in checks)
    return JSONResponse(
        {
            "status": "ready" if passed else "not ready",
            "checks": {check.name: check.text for check in checks},
            "failed": [check.name for check in checks if not check.passed],
        },
        200 if passed else 503,
    )


@router.get("/metrics")
def metrics(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
    """For a program on this machine, or one with a token."""
    here = {"ringback_live_streams": float(len(request.app.state.live.streams))}
    with transaction() as session:
        if authorization:
            scheme, _, raw = authorization.partition(" ")
            allowed = (
                scheme.lower() == "bearer" and api_token.find(session, raw.strip()) is not None
            )
        else:
            allowed = is_direct_from_here(request)
        if allowed:
            return Response(health.figures(session, here), media_type=health.EXPOSITION_TYPE)
    return PlainTextResponse(
        "Figures are for this machine, or for a token: `ringback token create NAME --scope read`.",
        401,
        {"WWW-Authenticate": "Bearer"},
    )
