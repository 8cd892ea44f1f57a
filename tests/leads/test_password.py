"""Passwords: which are refused, and that the others can be told apart."""

import subprocess
import sys

import pytest

from leads.password import WeakPassword, hashed, matches

EMAIL = "anna@clinic.example"


@pytest.mark.parametrize(
    "guessed",
    [
        *("password1234", "Password1234", "123456789012", "qwertyuiop12", "QWERTYUIOP12"),
        *("pass word 1234", "aaaaaaaaaaaa", " " * 12, EMAIL, "Anna@Clinic.example "),
    ],
)
def test_what_is_guessed_first_is_refused_in_one_sentence(guessed: str) -> None:
    with pytest.raises(WeakPassword, match=r"^This password is one of the first [^.]*\.$"):
        hashed(guessed, EMAIL)


@pytest.mark.parametrize("length", [0, 11, 1001])
def test_too_short_or_absurdly_long_is_refused(length: int) -> None:
    with pytest.raises(WeakPassword, match="12 to 1,000 characters"):
        hashed("x" * length, EMAIL)


def test_another_password_is_kept_as_a_hash_that_it_alone_matches() -> None:
    kept = hashed("four unrelated words here", EMAIL)
    assert kept.startswith("$argon2id$")
    assert matches("four unrelated words here", kept)
    assert not matches("four unrelated words her", kept)
    assert not matches("four unrelated words here", None)


def test_what_is_installed_takes_64_mib_and_three_rounds() -> None:
    """Tests take less, see tests/conftest.py: here is a process of its own."""
    made = "from leads import password; print(password.hashed('four unrelated words', ''))"
    answer = subprocess.run([sys.executable, "-c", made], check=True, capture_output=True)  # noqa: S603 - our own code
    assert answer.stdout.startswith(b"$argon2id$v=19$m=65536,t=3,p=4$")
