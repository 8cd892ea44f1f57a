"""What sending a text takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.segments import GSM7, GSM7_EXTENSION, segments


@pytest.mark.parametrize(
    ("body", "count", "encoding", "units"),
    [
        ("", 0, "GSM-7", 0),
        ("a", 1, "GSM-7", 1),
        ("a" * 160, 1, "GSM-7", 160),
        ("a" * 161, 2, "GSM-7", 161),
        ("a" * 306, 2, "GSM-7", 306),
        ("a" * 307, 3, "GSM-7", 307),
        ("é" * 160, 1, "GSM-7", 160),
        ("€" * 80, 1, "GSM-7", 160),
        ("€" * 81, 2, "GSM-7", 162),
        # 152 and then an escaped character, which does not fit into the last unit of 153
        ("a" * 152 + "€" + "a" * 152, 3, "GSM-7", 306),
        ("ç", 1, "UCS-2", 1),  # GSM-7 has the capital only
        ("ж" * 70, 1, "UCS-2", 70),
        ("ж" * 71, 2, "UCS-2", 71),
        ("ж" * 134, 2, "UCS-2", 134),
        ("ж" * 135, 3, "UCS-2", 135),
        ("🦷" * 35, 1, "UCS-2", 70),
        ("🦷" * 36, 2, "UCS-2", 72),
        # a pair is not split over two segments of 67
        ("🦷" * 67, 3, "UCS-2", 134),
    ],
)
def test_segments_are_counted_as_carriers_do(
    body: str, count: int, encoding: str, units: int
) -> None:
    found = segments(body)
    assert (found.count, found.encoding, found.units) == (count, encoding, units)


@pytest.mark.parametrize(
    ("body", "forcing"),
    [
        ("See you at 9", None),
        ("We\N{RIGHT SINGLE QUOTATION MARK}re here", "\N{RIGHT SINGLE QUOTATION MARK}"),
        ("no\N{NO-BREAK SPACE}break 🦷", "\N{NO-BREAK SPACE}"),
        ("tab\tbed", "\t"),
        ("back`tick", "`"),
        ("escape\x1b", "\x1b"),
    ],
)
def test_the_character_that_doubles_the_price_is_named(body: str, forcing: str | None) -> None:
    found = segments(body)
    assert found.forcing == forcing
    assert found.encoding == ("UCS-2" if forcing else "GSM-7")


@given(st.text(alphabet=sorted(GSM7 | GSM7_EXTENSION), max_size=700))
def test_plain_text_fits_the_segments_it_is_given(body: str) -> None:
    found = segments(body)
    assert found.encoding == "GSM-7"
    assert found.units == len(body) + sum(c in GSM7_EXTENSION for c in body)
    room = 160 if found.count == 1 else 153 * found.count
    # at most one unit is lost at each joint
    assert room - 153 - found.count < found.units <= room if found.count > 1 else found.units <= 160


@given(st.text(max_size=300), st.text(max_size=30))
def test_a_longer_text_never_costs_less(body: str, more: str) -> None:
    assert segments(body + more).count >= segments(body).count
