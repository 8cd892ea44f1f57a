"""How many segments a text costs: the carrier bills and delivers by the segment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")  # each is sent as an escape and a character

# Units in a text that fits one segment, and in each segment of a longer one, where the
# header that joins them takes room.
GSM7_ROOM = (160, 153)
UCS2_ROOM = (70, 67)


@dataclass(frozen=True)
class Segments:
    """`units` are septets in GSM-7 and 16-bit units in UCS-2; `forcing` is the first
    character that GSM-7 does not have, which turns the whole text into UCS-2."""

    count: int
    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    forcing: str | None


def segments(body: str) -> Segments:
    """What sending `body` takes, at 0 segments for an empty one (which carriers refuse)."""
    forcing = next((c for c in body if c not in GSM7 and c not in GSM7_EXTENSION), None)
    if forcing is None:
        sizes = [2 if character in GSM7_EXTENSION else 1 for character in body]
        return Segments(_count(sizes, *GSM7_ROOM), "GSM-7", sum(sizes), None)
    sizes = [2 if ord(character) > 0xFFFF else 1 for character in body]
    return Segments(_count(sizes, *UCS2_ROOM), "UCS-2", sum(sizes), forcing)


def _count(sizes: Sequence[int], alone: int, joined: int) -> int:
    """A character of two units is never split, so a segment may end one unit early."""
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    count, filled = 1, 0
    for size in sizes:
        if filled + size > joined:
            count, filled = count + 1, 0
        filled += size
    return count
