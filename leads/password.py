"""Passwords: argon2id, slow on purpose, and never more than two at once."""

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12  # characters
LONGEST = 1000

_hasher = PasswordHash((Argon2Hasher(),))
# Each takes 64 MiB and a core for a moment: forty threads of guessing would take the machine.
_turn = threading.BoundedSemaphore(2)


class WeakPassword(Exception):
    """Too short to keep guessers out, or absurdly long."""


def hashed(password: str) -> str:
    """The argon2id hash to keep. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            f"A password has {SHORTEST} to {LONGEST:,} characters. Nothing was saved. "
            "Choose a longer one, such as four unrelated words."
        )
    with _turn:
        return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; takes as long when there is none to compare it with."""
    if len(password) > LONGEST:
        return False
    with _turn:
        fits = _hasher.verify(password, password_hash or _nobody())
    return fits and password_hash is not None


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex())
