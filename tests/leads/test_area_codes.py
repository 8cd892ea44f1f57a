"""The states of area codes are those that phonenumbers' own data say."""

import phonenumbers
import pytest
from phonenumbers import geocoder

from leads import area_codes

EXCHANGES = ("555", "234", "345", "678", "789", "826", "432", "921")
# As the library has them.
CALLED = {"Washington State": "Washington", "Washington D.C.": "Washington, DC"}
ABROAD = ["+14165550142", "+442079460000", "+18005550142", "+1425", ""]


def told(area: int) -> str:
    """What the library says of the area's numbers: a state, or a town and its state's letters."""
    for exchange in EXCHANGES:
        number = phonenumbers.parse(f"+1{area}{exchange}0142")
        if phonenumbers.is_valid_number(number) and (
            phonenumbers.region_code_for_number(number) == "US"
        ):
            said = geocoder.description_for_number(number, "en")
            if said:
                return CALLED.get(said, said)
    return ""


def test_every_area_code_of_the_library_is_here_and_no_other() -> None:
    letters: dict[str, set[str]] = {}
    for area in range(200, 1000):
        state, said = area_codes.state(f"+1{area}5550142"), told(area)
        assert bool(state) == bool(said), area
        if ", " in said and said != "Washington, DC":
            letters.setdefault(said[-2:], set()).add(state)
        else:
            assert state == said, area
    # A town stands for one state, and its two letters begin with that state's own.
    assert all(len(states) == 1 for states in letters.values())
    assert all(states.pop()[0] == code[0] for code, states in letters.items())


def test_every_state_has_its_own() -> None:
    assert len(area_codes.STATES) == 51
    codes = [code for codes in area_codes.STATES.values() for code in codes.split()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("number", ABROAD)
def test_what_has_no_state_has_none(number: str) -> None:
    assert area_codes.state(number) == ""
