"""A kind of sentence, with what excepts it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Plea:
    """One kind of sentence, searched in a clause.

    `not_after` matches right before it and turns it round ("don't stop texting me"), `not_before`
    right after it and narrows it ("don't text me before 9"). Either excepts it.
    """

    says: re.Pattern[str]
    not_after: re.Pattern[str]
    not_before: re.Pattern[str]

    def is_in(self, clause: str) -> bool:
        return any(
            not self.not_after.search(_last_words(clause[: found.start()]))
            and not self.not_before.match(clause[found.end() :])
            for found in self.says.finditer(clause)
        )


def plea(*says: str, not_after: str = "(?!)", not_before: str = "(?!)") -> Plea:
    """A kind of sentence of the given alternatives, each of whole words."""
    return Plea(
        re.compile(rf"\b(?:{'|'.join(says)})\b"),
        re.compile(rf"\b(?:{not_after})$"),
        re.compile(rf" (?:{not_before})\b"),
    )


def _last_words(before: str) -> str:
    return " ".join(before[-60:].split()[-5:])
