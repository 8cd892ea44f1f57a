"""Tokens of the JSON API: made once, shown once, kept as a digest."""

import secrets
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from leads import audit
from leads.db import database_time
from leads.sign_in import digest
from leads.staff import APIToken, StaffRefused

# Each scope may do what those before it may.
SCOPES = ("read", "write", "admin")
USE_STEP = timedelta(minutes=1)
PREFIX = "ringback_"  # so that secret scanners can tell what leaked


class UnknownScope(StaffRefused):
    """Not one of `SCOPES`."""


class UnusableName(StaffRefused):
    """A token without a name, or with one that another token has."""


class UnknownToken(StaffRefused):
    """There is no such token, or it was revoked before."""


def create_token(
    session: Session,
    name: str,
    scope: str,
    *,
    staff_id: int | None = None,
    address: str | None = None,
) -> str:
    """A new token, to be shown once. Raises UnknownScope or UnusableName."""
    name = name.strip()
    if scope not in SCOPES:
        raise UnknownScope(f"There is no scope {scope!r}. Choose one of {', '.join(SCOPES)}.")
    if not name or "\x00" in name:
        raise UnusableName("A token needs a name, to know it by later. None was made.")
    taken = select(APIToken.id).where(APIToken.name == name, APIToken.revoked_at.is_(None))
    if session.scalar(taken.limit(1)) is not None:
        raise UnusableName(f"There is a token named {name!r} already. Choose another name.")
    raw = PREFIX + secrets.token_urlsafe(32)
    token = APIToken(name=name, scope=scope, token_digest=digest(raw))
    session.add(token)
    session.flush()
    audit.record(
        session,
        "token_created",
        staff_id=staff_id,
        token_id=token.id,
        address=address,
        scope=scope,
    )
    return raw


def revoke(
    session: Session, token_id: int, *, staff_id: int | None = None, address: str | None = None
) -> APIToken:
    """Let a token open nothing any more, from its next request on. Raises UnknownToken."""
    token = session.get(APIToken, token_id, with_for_update=True)
    if token is None or token.revoked_at is not None:
        raise UnknownToken("This token was revoked already. Nothing was changed.")
    token.revoked_at = database_time(session)
    audit.record(session, "token_revoked", staff_id=staff_id, token_id=token.id, address=address)
    return token


def find(session: Session, raw: str) -> APIToken | None:
    """The token, when it is ours and not revoked; notes its use at most once a minute."""
    token = session.scalars(
        select(APIToken).where(APIToken.token_digest == digest(raw), APIToken.revoked_at.is_(None))
    ).one_or_none()
    if token is not None:
        now = func.clock_timestamp()
        session.execute(
            update(APIToken)
            .where(
                APIToken.id == token.id,
                or_(APIToken.last_used_at.is_(None), APIToken.last_used_at < now - USE_STEP),
            )
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )
    return token


def allows(scope: str, needed: str) -> bool:
    """Whether a token of `scope` may do what needs `needed`."""
    return SCOPES.index(scope) >= SCOPES.index(needed)
