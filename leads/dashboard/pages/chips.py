"""What a list is narrowed to, each in a few words, with the address that lets go of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from leads.call_filter import CallFilter
from leads.dashboard.pages import words
from leads.filtering import NOBODY, query
from leads.lead_filter import LeadFilter

LENGTHS = {"short": "Under 1 min", "middle": "1 to 5 min", "long": "5 min or more"}
DIRECTIONS = {"inbound": "They called", "outbound": "We called"}


class Chip(NamedTuple):
    words: str
    href: str  # the list without it


def lead_chips(
    chosen: LeadFilter, sort: str, staff: Mapping[str, str], sources: Mapping[str, str]
) -> list[Chip]:
    said: dict[str, Callable[[str], str]] = {
        "q": lambda value: f"“{value}”",
        "stage": lambda value: words.STAGES[value],
        "owner": lambda value: (
            "No owner" if value == NOBODY else f"Owner: {staff.get(value, 'somebody who left')}"
        ),
        "source": lambda value: f"Source: {words.source(value, sources)}",
        "relation": lambda value: words.RELATIONS[value][0],
        "tag": lambda value: f"Tag: {value}",
        "waiting": lambda _: "Needs a call",
        "no_texts": lambda _: "No texts",
        "since": lambda value: f"From {value}",
        "until": lambda value: f"Until {value}",
    }
    told = [(pair, said[pair[0]](pair[1])) for pair in chosen.pairs]
    return _chips("/leads", told, "" if sort == "heard" else sort)


def call_chips(
    chosen: CallFilter, sort: str, numbers: Mapping[str, str], phones: Mapping[str, str]
) -> list[Chip]:
    said: dict[str, Callable[[str], str]] = {
        "q": lambda value: f"“{value}”",
        "outcome": lambda value: words.OUTCOMES[value][0],
        "direction": lambda value: DIRECTIONS[value],
        "number": lambda value: f"To {numbers.get(value, 'a number that is not here')}",
        "answered_by": lambda value: f"Answered at {phones.get(value, 'a phone that is not here')}",
        "length": lambda value: LENGTHS[value],
        "since": lambda value: f"From {value}",
        "until": lambda value: f"Until {value}",
    }
    told = [(pair, said[pair[0]](pair[1])) for pair in chosen.pairs]
    return _chips("/calls", told, "" if sort == "when" else sort)


def tab(path: str, pairs: Sequence[tuple[str, str]], sort: str, name: str, *values: str) -> str:
    """The address of a tab over a list: these values of one field, all else as it is."""
    told = [*(pair for pair in pairs if pair[0] != name), *((name, value) for value in values)]
    written = query([*told, ("sort", sort)])
    return f"{path}?{written}" if written else path


def _chips(path: str, told: list[tuple[tuple[str, str], str]], sort: str) -> list[Chip]:
    def without(pair: tuple[str, str]) -> str:
        rest: Iterable[tuple[str, str]] = [each for each, _ in told if each != pair]
        written = query([*rest, ("sort", sort)])
        return f"{path}?{written}" if written else path

    return [Chip(said, without(pair)) for pair, said in told]
