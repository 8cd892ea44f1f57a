"""Passwords: argon2id, slow on purpose, and never more than two at once."""

import re
import secrets
import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12  # characters
LONGEST = 1000
# The long ones that every guesser tries first; compared without case and blanks.
COMMON = frozenset(
    {
        *("password1234", "password12345", "password123456", "passwordpassword", "passw0rd1234"),
        *("123456789012", "1234567890123", "12345678901234", "123456789123", "123456123456"),
        *("qwertyuiop12", "qwertyuiop123", "qwertyuiop1234", "qwertyuiopasdf", "qwertyqwerty"),
        *("qwerty123456", "1q2w3e4r5t6y", "1qaz2wsx3edc", "asdfghjkl123", "abcdefghijkl"),
        *("abcd12345678", "abc123456789", "iloveyou1234", "letmein12345", "welcome12345"),
        *("changeme1234", "administrator", "admin1234567", "correcthorsebatterystaple"),
    }
)

_hasher = PasswordHash((Argon2Hasher(),))
# Each takes 64 MiB and a core for a moment: forty threads of guessing would take the machine.
_turn = threading.BoundedSemaphore(2)


class WeakPassword(Exception):
    """Too short or too well known to keep guessers out, or absurdly long."""


def hashed(password: str, email: str) -> str:
    """The argon2id hash to keep, for the person with this e-mail. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            f"A password has {SHORTEST} to {LONGEST:,} characters. Nothing was saved. "
            "Choose a longer one, such as four unrelated words."
        )
    if _is_guessed_first(password, email):
        raise WeakPassword(
            "This password is one of the first that somebody would guess, so nothing was saved: "
            "choose another one, such as four unrelated words."
        )
    with _turn:
        return _hasher.hash(password)


def _is_guessed_first(password: str, email: str) -> bool:
    plain = re.sub(r"\s", "", password).casefold()
    return plain in COMMON or len(set(plain)) <= 1 or plain == email.strip().casefold()


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
