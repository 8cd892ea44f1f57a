"""Signing in: by password or one-time link, into a session that the server keeps. Real time."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, DateTime, and_, delete, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager, with_expression

from leads import audit, claim, password, throttle
from leads.db import changed, transaction
from leads.settings import settings
from leads.staff import SignInLink, Staff, StaffSession, UnknownStaff, normal_email

# The desk stays open all day, and what it redraws by itself is no activity: ten hours span a
# lunch break and end overnight.
IDLE = timedelta(hours=10)
LONGEST = timedelta(days=7)
LINK_LIFETIME = timedelta(minutes=15)
# Activity is written down at most this often: a click is not worth a disk write.
ACTIVITY_STEP = timedelta(minutes=1)


class WrongCredentials(Exception):
    """No such e-mail, no password, or another one: nobody is told which."""


class LinkSpent(Exception):
    """A one-time link that was used, is too old, or was never ours."""


def digest(token: str) -> str:
    """What is kept of a random token. It has 256 bits, so a plain digest cannot be guessed."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def with_password(email: str, given: str, address: str) -> str:
    """Sign in and return the new session's token. Raises WrongCredentials, TooManyAttempts.

    Takes two transactions, because an attempt counts even while its password is checked:
    1. count it; 2. compare, holding no connection; 3. open the session and uncount it.
    """
    email = normal_email(email)
    limits = throttle.keys(email, address)
    with transaction() as session:
        counted = throttle.count(session, limits)
        staff = session.scalars(
            select(Staff).where(Staff.email == email, Staff.disabled_at.is_(None))
        ).one_or_none()
    fits = password.matches(given, staff.password_hash if staff else None)
    with transaction() as session:
        if staff is not None and fits:
            throttle.give_back(session, counted, limits)
            return open_session(session, staff.id, address, "password")
        audit.record(
            session, "sign_in_failed", staff_id=staff.id if staff else None, address=address
        )
    raise WrongCredentials


def create_sign_in_link(session: Session, staff_id: int) -> str:
    """A token that signs this person in once, within 15 minutes. Raises UnknownStaff."""
    staff = session.get(Staff, staff_id)
    if staff is None or staff.disabled_at is not None:
        raise UnknownStaff("There is nobody like this on the staff who may sign in.")
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(SignInLink).values(
            token_digest=digest(token),
            staff_id=staff_id,
            expires_at=func.clock_timestamp() + LINK_LIFETIME,
        )
    )
    return token


def link_address(token: str) -> str:
    """Where a person opens the link. Opening shows a button: only pressing it uses the link up,
    so neither a preview nor a virus scanner does."""
    return f"{settings().dashboard_url.rstrip('/')}/sign-in/link?token={token}"


def with_link(session: Session, token: str, address: str) -> str:
    """Sign in and return the new session's token. Raises LinkSpent. Not throttled: it is the way
    in for an admin whom somebody else's guesses keep out."""
    staff_id = session.scalar(
        update(SignInLink)
        .where(
            SignInLink.token_digest == digest(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > func.clock_timestamp(),
            SignInLink.staff_id.in_(select(Staff.id).where(Staff.disabled_at.is_(None))),
        )
        .values(used_at=func.clock_timestamp())
        .returning(SignInLink.staff_id)
    )
    if staff_id is None:
        raise LinkSpent
    return open_session(session, staff_id, address, "link")


def open_session(session: Session, staff_id: int, address: str, how: str) -> str:
    """A new session's token, for the cookie alone; also forgets sessions long over."""
    session.execute(
        delete(StaffSession).where(StaffSession.expires_at < func.clock_timestamp() - LONGEST)
    )
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(StaffSession).values(
            token_digest=digest(token),
            staff_id=staff_id,
            csrf_token=secrets.token_urlsafe(32),
            expires_at=func.clock_timestamp() + LONGEST,
        )
    )
    audit.record(session, "signed_in", staff_id=staff_id, address=address, how=how)
    return token


def is_open() -> ColumnElement[bool]:
    """Of a StaffSession joined with its Staff: whether it is signed in now."""
    now = func.clock_timestamp()
    return and_(
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > now,
        StaffSession.last_active_at > now - IDLE,
        Staff.disabled_at.is_(None),
    )


def find(session: Session, token: str, *, active: bool) -> StaffSession | None:
    """The open session of this token, with its staff; `active` puts off its end by idleness."""
    found = session.scalars(
        select(StaffSession)
        .join(StaffSession.staff)
        .options(
            contains_eager(StaffSession.staff),
            with_expression(
                StaffSession.found_at, type_coerce(func.clock_timestamp(), DateTime(True))
            ),
        )
        .where(StaffSession.token_digest == digest(token), is_open())
    ).one_or_none()
    if found is not None and active and _quiet(found) > ACTIVITY_STEP:
        now = func.clock_timestamp()
        session.execute(
            update(StaffSession)
            .where(
                StaffSession.token_digest == found.token_digest,
                StaffSession.last_active_at < now - ACTIVITY_STEP,
            )
            .values(last_active_at=now)
            .execution_options(synchronize_session=False)
        )
    return found


def _quiet(found: StaffSession) -> timedelta:
    """Since its last activity that was written down, when it was looked up."""
    return (found.found_at or found.last_active_at) - found.last_active_at


@dataclass(frozen=True)
class Ends:
    """In how many seconds a session is over: when nothing is done, and whatever is done."""

    idle: int
    longest: int


def ends(found: StaffSession, *, active: bool) -> Ends:
    """Of a session that `find` has just found."""
    now = found.found_at or found.last_active_at
    touched = now if active else found.last_active_at
    return Ends(
        max(0, int((touched + IDLE - now).total_seconds())),
        max(0, int((found.expires_at - now).total_seconds())),
    )


def still_open(session: Session, digests: Collection[str]) -> set[str]:
    """Those of these session digests that are open."""
    return set(
        session.scalars(
            select(StaffSession.token_digest)
            .join(StaffSession.staff)
            .where(StaffSession.token_digest.in_(digests), is_open())
        )
    )


def revoke(session: Session, token_digest: str) -> None:
    """End a session, and at once the streams that it holds open."""
    staff_id = session.scalar(
        update(StaffSession)
        .where(StaffSession.token_digest == token_digest, StaffSession.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(StaffSession.staff_id)
    )
    if staff_id is not None:
        claim.give_all_back(session, staff_id)
    changed(session, f"session:{token_digest[:16]}")


def set_password(session: Session, staff_id: int, new: str, keep_digest: str) -> None:
    """Set somebody's password; every other session of theirs ends. Raises WeakPassword."""
    staff = session.get_one(Staff, staff_id)
    staff.password_hash = password.hashed(new, staff.email)
    end_sessions(session, staff_id, keep_digest)
    audit.record(session, "password_changed", staff_id=staff_id)


def end_sessions(session: Session, staff_id: int, keep_digest: str = "") -> int:
    """Sign somebody out everywhere, but for one browser, and how many that were. Links that were
    not used yet end, too."""
    others = session.scalars(
        select(StaffSession.token_digest)
        .join(StaffSession.staff)
        .where(
            StaffSession.staff_id == staff_id, StaffSession.token_digest != keep_digest, is_open()
        )
    ).all()
    for other in others:
        revoke(session, other)
    session.execute(
        update(SignInLink)
        .where(SignInLink.staff_id == staff_id, SignInLink.used_at.is_(None))
        .values(used_at=func.clock_timestamp())
    )
    return len(others)
