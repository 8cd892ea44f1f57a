"""What looks like spam: one weak sign says nothing, and nobody the clinic knows is suspected."""

from datetime import timedelta

import pytest

from leads.spam import Seen, judge
from tests.conftest import TUESDAY_TEN

SECOND = timedelta(seconds=1)
PASSED_A, PASSED_C = "TN-Validation-Passed-A", "TN-Validation-Passed-C"
FAILED = "TN-Validation-Failed-B"


def seen(
    after: int = 0,
    lasted: float | None = 30,
    *,
    number: int = 1,
    stir: str | None = PASSED_A,
    talked: int = 0,
) -> Seen:
    """A call so many seconds after ten."""
    length = None if lasted is None else lasted * SECOND
    return Seen(TUESDAY_TEN + after * SECOND, number, length, bool(talked), talked, stir)


@pytest.mark.parametrize(
    ("label", "calls", "neighbours"),
    [
        ("an ordinary missed call", [seen()], 0),
        ("no call at all", [], 0),
        ("a carrier that signs nothing", [seen(stir=None)], 0),
        ("attestation C alone: many honest calls have it", [seen(stir=PASSED_C)], 0),
        ("one hang-up: a wrong number", [seen(lasted=2)], 0),
        ("a family with numbers in a row", [seen()], 1),
        ("redialling the same number", [seen(0), seen(20), seen(40)], 0),
        ("two of our numbers, an hour apart", [seen(0), seen(3600, number=2)], 0),
        ("forged before, vouched for now", [seen(0, stir=FAILED), seen(60)], 0),
        ("still ringing", [seen(lasted=None)], 0),
        ("they have spoken with us", [seen(0, 1), seen(9, 1), seen(60, talked=95, stir=FAILED)], 5),
    ],
)  # fmt: skip
def test_no_hint_without_a_reason(label: str, calls: list[Seen], neighbours: int) -> None:
    assert judge(calls, neighbours) is None, label


@pytest.mark.parametrize(
    ("calls", "neighbours", "words"),
    [
        (
            [seen(stir=FAILED)],
            0,
            "The number shown failed the carriers' check: it may be somebody else's.",
        ),
        (
            [seen(0, number=1), seen(25, number=2), seen(50, number=3)],
            0,
            "Rang 3 of your numbers within a minute.",
        ),
        ([seen(0, 1), seen(900, 2.5)], 0, "Hung up within 3 seconds, 2 times."),
        (
            [seen(0, 2, stir=PASSED_C)],
            0,
            "The carriers do not know who placed the call; hung up within 3 seconds.",
        ),
        (
            [seen(0, 2)],
            4,
            "4 numbers next to it called that day, too; hung up within 3 seconds.",
        ),
        (
            [seen(0, 2)],
            1,
            "Hung up within 3 seconds; a number next to it called that day, too.",
        ),
    ],
)
def test_a_hint_says_why(calls: list[Seen], neighbours: int, words: str) -> None:
    hint = judge(calls, neighbours)
    assert hint is not None
    assert hint.words == words


def test_a_pickup_of_a_few_seconds_is_no_conversation() -> None:
    """A robot that is answered and hangs up again is no friend of the clinic's."""
    assert judge([seen(0, 6, talked=4, stir=FAILED)], 0) is not None
