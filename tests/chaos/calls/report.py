"""The outcome of a run: both sides beside each other, and what they went through."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from tests.chaos.calls.verdict import Verdict

# A verdict's count in words, and whether it must be none.
ROWS = (
    ("calls", "calls", False),
    ("errors", "  whose caller heard an error", True),
    ("fallbacks", "  for which Twilio went to the fallback document", False),
    ("longest", "  longest answer to a caller, s", False),
    ("longest_own", "  the same without this machine's standstills, s", False),
    ("lost", "  lost", True),
    ("doubled", "  doubled", True),
    ("wrong_outcome", "  with another outcome than they had", True),
    ("to_review", "  said to need a review, as nobody can know", False),
    ("reviewed_for_nothing", "  the same, and no mobile was picked up", True),
    ("wrong_leads", "  whose caller has not just one lead", True),
    ("texts", "texts from people", False),
    ("texts_lost", "  lost", True),
    ("texts_doubled", "  doubled", True),
    ("stops", "people who said stop", False),
    ("stops_lost", "  not opted out", True),
    ("sent", "texts to people", False),
    ("sent_lost", "  of which the sender knows nothing", True),
    ("sent_unsettled", "  not settled at the end", True),
    ("sent_invented", "  said to be sent, and never were", True),
    ("sent_in_wrong_state", "  in another state than they had", True),
    ("sent_twice", "  sent twice", True),
    ("sent_after_stop", "  more than 1 s after Twilio had their stop", True),
    ("sent_in_the_race", "  within that second", False),
)
# What the other handler has no notion of.
OURS_ALONE = {
    *("to_review", "reviewed_for_nothing", "wrong_leads"),
    *("sent_lost", "sent_unsettled", "sent_invented", "sent_in_wrong_state"),
}
Row = tuple[str, str, str, bool]  # words, ours, theirs, whether ours is as wanted


@dataclass(frozen=True)
class Report:
    ringback: Verdict
    peer: Verdict
    happened: dict[str, int]
    faults: dict[str, int]
    storm_seconds: float
    settled_seconds: float  # from the end of the storm

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {
            "ringback": self.ringback.as_json(),
            "peer": self.peer.as_json(),
        }

    @property
    def in_words(self) -> str:
        ours = self.ringback
        if ours.good:
            return (
                f"Ringback lost none of {ours.calls} calls and {ours.texts} texts, doubled none, "
                f"and no caller heard an error; the longest answer took {ours.longest:.2f} s, "
                f"{ours.longest_own:.2f} s without this machine's standstills (wanted under "
                f"{ours.within:g})."
            )
        return "Ringback has failed: see what is marked above.\n" + "\n".join(ours.wrong.values())

    def rows(self) -> Iterator[Row]:
        ours, theirs = self.ringback.as_json(), self.peer.as_json()
        for name, words, none in ROWS:
            wanted = not (none and ours[name])
            if name in {"longest_own", "to_review"}:
                wanted = not (
                    self.ringback.slow if name == "longest_own" else self.ringback.too_many_reviews
                )
            yield (
                words,
                str(ours[name]),
                "-" if name in OURS_ALONE else str(theirs[name]),
                wanted,
            )

    def tables(self) -> list[Table]:
        return [self._sides(), self._troubles()]

    def _sides(self) -> Table:
        table = Table(title="Calls, by the log of the telephone service", title_justify="left")
        table.add_column("")
        table.add_column("Ringback", justify="right")
        table.add_column("insert, then enqueue", justify="right")
        for words, ours, theirs, as_wanted in self.rows():
            table.add_row(words, ours if as_wanted else f"[bold red]{ours}[/]", theirs)
        return table

    def _troubles(self) -> Table:
        table = Table(title="What both went through", title_justify="left", show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for words, count in (*self.happened.items(), *sorted(self.faults.items())):
            table.add_row(words, str(count))
        for words, count in self.ringback.notes.items():
            table.add_row(f"Ringback: {words}", str(count))
        return table
