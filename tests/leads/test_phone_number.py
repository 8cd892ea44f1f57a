"""Reading, judging, showing and hiding telephone numbers."""

# ruff: noqa: RUF001 - letters that look alike are what some of these tests are about

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from leads.opening_hours import zone_info
from leads.phone_number import (
    area_code,
    is_toll_free,
    is_withheld,
    mask,
    parse_e164,
    possible_e164,
    pretty,
    zones,
)

UNHURRIED = settings(deadline=None)  # the first example loads tables from disk

KEYPAD = ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+7748283"]


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("+14254379974", "+14254379974"),
        ("425-437-9974", "+14254379974"),
        ("(425) 437 9974", "+14254379974"),
        ("1 425 437 9974", "+14254379974"),
        (" +1.425.437.9974 ", "+14254379974"),
        ("４２５４３７９９７４", "+14254379974"),
        ("+442079460958", "+442079460958"),
        ("7378742833", "+17378742833"),  # a number in Austin, though RESTRICTED with a plus
        ("437-9974", None),
        ("+1425437997", None),
        ("+11254379974", None),
        ("911", None),
        ("22395", None),
        ("anonymous", None),
        ("client:front-desk", None),
        ("", None),
        ("+", None),
        ("9" * 400, None),
        *[(spelling, None) for spelling in KEYPAD],
    ],
)
def test_a_number_is_read_when_it_exists(raw: str, e164: str | None) -> None:
    assert parse_e164(raw) == e164


@pytest.mark.parametrize(
    "raw",
    [
        *KEYPAD,
        *("anonymous", "Anonymous", " UNKNOWN ", "restricted", "Private", "unavailable"),
        *("", "   ", "sip:anonymous@anonymous.invalid", "blocked"),
    ],
)
def test_a_withheld_caller_is_known_as_one(raw: str) -> None:
    assert is_withheld(raw)
    assert possible_e164(raw) is None


@pytest.mark.parametrize("raw", ["+14254379974", "4254379974", "7378742833", "front desk"])
def test_other_callers_are_not_withheld(raw: str) -> None:
    assert not is_withheld(raw)


def test_the_practices_own_phone_needs_only_the_right_length() -> None:
    assert possible_e164("+14255550100") == "+14255550100"
    assert possible_e164("(425) 155-0100") == "+14251550100"
    assert parse_e164("(425) 155-0100") is None
    assert possible_e164("555-0100") is None
    assert possible_e164("desk") is None


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        ("+14254379974", {"America/Los_Angeles"}),
        ("+12085550123", {"America/Boise", "America/Los_Angeles"}),
        ("+12125550123", {"America/New_York"}),
        ("+266696687", set()),
        ("+19995550123", set()),
        ("anonymous", set()),
    ],
)
def test_the_zones_are_all_in_which_the_number_may_live(e164: str, expected: set[str]) -> None:
    assert zones(e164) == expected


def test_every_zone_that_a_number_can_have_is_known_to_this_python() -> None:
    for name in {zone for names in TIMEZONE_DATA.values() for zone in names}:
        zone_info(name)


def test_toll_free_numbers_are_known_even_in_new_ranges() -> None:
    assert is_toll_free("+18005551212")
    assert is_toll_free("+18335550123")
    assert is_toll_free("+18440000000")
    assert not is_toll_free("+14254379974")
    assert not is_toll_free("+447700900123")
    assert not is_toll_free("anonymous")


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        ("+14254379974", "425-437-9974"),
        ("+14255550100", "425-555-0100"),
        ("+14251550100", "425-155-0100"),
        ("+18005551212", "800-555-1212"),
        ("+442079460958", "+44 20 7946 0958"),
        ("+16045550123", "+1 604-555-0123"),
        ("anonymous", "anonymous"),
    ],
)
def test_numbers_are_shown_as_people_write_them(e164: str, expected: str) -> None:
    assert pretty(e164) == expected


def test_the_area_code_is_only_of_north_american_numbers() -> None:
    assert area_code("+14254379974") == "425"
    assert area_code("+442079460958") == ""
    assert area_code("+1425") == ""


@UNHURRIED
@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_masked_number_shows_at_most_four_digits(e164: str) -> None:
    shown = [c for c in mask(e164) if c.isdigit()]
    assert len(shown) <= 4
    assert e164.endswith("".join(shown))


def test_a_mask_of_nothing_shows_nothing() -> None:
    assert mask("+14254379974") == "•••9974"
    assert mask("22395") == "•••"
    assert mask("anonymous") == "•••"
    assert mask("") == "•••"


@UNHURRIED
@given(st.text())
def test_no_text_is_too_odd_to_be_judged(raw: str) -> None:
    number = parse_e164(raw)
    if number is not None:
        assert parse_e164(number) == number == possible_e164(number)
        assert parse_e164(pretty(number)) == number
    is_toll_free(raw)
    zones(raw)
    mask(raw)
