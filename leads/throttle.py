"""How often a sign-in may be tried. Counted in the database, in real time.

An attempt is counted before its password is looked at, so a thousand at once get no more
guesses than a thousand in a row. A refused attempt is not counted: nobody is locked out for
longer than the window, and a one-time link (`leads.sign_in`) is not throttled at all.
"""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from leads.db import database_time
from leads.settings import SettingsError, settings
from leads.staff import SignInFailure

WINDOW = timedelta(minutes=15)
# A whole clinic may sit behind one address, and a stranger must not be able to keep an admin
# out from theirs: so the tight limit is on the pair.
PER_PAIR = 10
PER_ADDRESS = 40
PER_ACCOUNT = 100


class TooManyAttempts(Exception):
    """Too many sign-ins were tried; `seconds` from now one may be tried again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many sign-ins were tried. Wait {-(-seconds // 60)} min, or ask an admin for a "
            "one-time link."
        )
        self.seconds = seconds


def keys(email: str, address: str) -> dict[str, int]:
    """What an attempt counts against, each with its limit. The first is the pair."""
    return {
        keyed(f"pair {email} {address}"): PER_PAIR,
        keyed(f"address {address}"): PER_ADDRESS,
        keyed(f"account {email}"): PER_ACCOUNT,
    }


def keyed(text: str) -> str:
    """A digest that only this installation can make. Raises SettingsError without SECRET_KEY."""
    key = settings().secret_key.get_secret_value()
    if not key:
        raise SettingsError(
            "SECRET_KEY is empty, so nobody can sign in. `ringback up` makes one; elsewhere set "
            "it to 64 random hexadecimal digits."
        )
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def count(session: Session, limits: dict[str, int]) -> list[int]:
    """Count one attempt and return its rows, to be given back when it succeeds.

    Raises TooManyAttempts. Commit at once: until then other attempts at these keys wait.
    """
    for key in sorted(limits):  # in one order, or two attempts would wait for each other
        number = int.from_bytes(bytes.fromhex(key)[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))
    now = database_time(session)
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - 4 * WINDOW))
    for key, limit in limits.items():
        recent = session.scalars(
            select(SignInFailure.at)
            .where(SignInFailure.key == key, SignInFailure.at > now - WINDOW)
            .order_by(SignInFailure.at.desc())
            .limit(limit)
        ).all()
        if len(recent) == limit:
            raise TooManyAttempts(max(1, int((recent[-1] + WINDOW - now).total_seconds())))
    rows = [{"key": key, "at": now} for key in limits]
    return list(session.scalars(insert(SignInFailure).values(rows).returning(SignInFailure.id)))


def give_back(session: Session, counted: list[int], limits: dict[str, int]) -> None:
    """It was the right password: uncount it, and what this person mistyped here before."""
    session.execute(
        delete(SignInFailure).where(
            or_(SignInFailure.id.in_(counted), SignInFailure.key == next(iter(limits)))
        )
    )
