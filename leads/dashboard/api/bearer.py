"""Who calls the API: a bearer token, and what its scope allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from leads import api_token, audit
from leads.dashboard.api.parameters import only_named
from leads.dashboard.guard import address
from leads.db import transaction

_bearer = HTTPBearer(auto_error=False, description="Made by `ringback token create`.")


@dataclass(frozen=True)
class Caller:
    """The token that a request came with, and from where."""

    token_id: int
    scope: str
    address: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def caller(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    with transaction() as session:
        token = api_token.find(session, given.credentials) if given else None
    if token is None:
        told = 'Bearer error="invalid_token"' if given else "Bearer"
        text = "This needs a valid token: `Authorization: Bearer …`."
        raise HTTPException(401, text, {"WWW-Authenticate": told})
    return Caller(token.id, token.scope, address(request))


def scope(needed: str) -> Callable[[Request, Caller], Caller]:
    """A dependency that lets only tokens of this scope, or a wider one, through. Handlers take it
    first, so that nobody without a token learns what else was wrong."""

    def has_scope(request: Request, known: Annotated[Caller, Depends(caller)]) -> Caller:
        if api_token.allows(known.scope, needed):
            only_named(request)
            return known
        with transaction() as session:
            audit.record(
                session,
                "access_denied",
                token_id=known.token_id,
                address=known.address,
                reason="scope",
            )
        challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
        text = f"This token may {known.scope}; what was asked needs {needed}."
        raise HTTPException(403, text, {"WWW-Authenticate": challenge})

    return has_scope


Reader = Annotated[Caller, Depends(scope("read"))]
Writer = Annotated[Caller, Depends(scope("write"))]
Admin = Annotated[Caller, Depends(scope("admin"))]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an endpoint for its OpenAPI description; each may be unauthorised."""
    texts = {
        400: "The body is not JSON",
        401: "No valid token",
        403: "The token's scope does not allow this",
        404: "There is none",
        409: "Not possible as things are",
        413: "The body is too large",
        422: "Something in the request does not fit",
        503: "The database does not answer",
    }
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    found = sorted({401, 403, 422, 503, *statuses})
    return {status: {"description": texts[status], "content": content} for status in found}
