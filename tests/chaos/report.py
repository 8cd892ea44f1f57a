"""The outcome of a run: both sides beside each other, and what they went through."""

from dataclasses import dataclass
from typing import Any

from rich.table import Table

from tests.chaos.verdict import Verdict


@dataclass(frozen=True)
class Report:
    ringback: Verdict
    naive: Verdict
    happened: dict[str, int]  # kills and restarts
    faults: dict[str, int]  # of the sandbox, by its log
    storm_seconds: float
    settled_seconds: float  # from the end of the storm

    def as_json(self) -> dict[str, Any]:
        return {
            **vars(self),
            "ringback": self.ringback.as_json(),
            "naive": self.naive.as_json(),
        }

    @property
    def in_words(self) -> str:
        ours = self.ringback
        if ours.good:
            return "Ringback texted nobody twice and lost nobody."
        return (
            f"Ringback has failed: {ours.duplicates} duplicates, {ours.lost} lost, "
            f"{ours.told_wrong} said to be other than they were, {ours.waiting} without an outcome."
        )

    def tables(self) -> list[Table]:
        return [self._sides(), self._troubles()]

    def _sides(self) -> Table:
        table = Table(title="By the log of the telephone service", title_justify="left")
        table.add_column("")
        table.add_column("Ringback", justify="right")
        table.add_column("countdown task", justify="right")
        ours, theirs = self.ringback, self.naive
        table.add_row("reminders", str(ours.reminders), str(theirs.reminders))
        table.add_row("requests to send", str(ours.posts), str(theirs.posts))
        table.add_row("  for one reminder, at most", str(ours.most_posts), str(theirs.most_posts))
        table.add_row("texts that it took", str(ours.texts), str(theirs.texts))
        for count in sorted({0, 1, *ours.by_texts, *theirs.by_texts}):
            words = f"  reminders with {count} text{'' if count == 1 else 's'}"
            table.add_row(words, *(str(side.by_texts.get(count, 0)) for side in (ours, theirs)))
        table.add_row("duplicates", _must(ours.duplicates), str(theirs.duplicates))
        table.add_row("lost", _must(ours.lost), str(theirs.lost))
        table.add_row(
            "said to be other than it was", _must(ours.told_wrong), str(theirs.told_wrong)
        )
        table.add_row("not texted, and the desk says why", str(ours.told_not_sent), "-")
        table.add_row("no outcome yet", _must(ours.waiting), "-")
        table.add_row("unknown for a time", str(sum(ours.unknown.values())), "-")
        for words, count in ours.unknown.items():
            table.add_row(f"  {words}", str(count), "-")
        return table

    def _troubles(self) -> Table:
        table = Table(title="What both went through", title_justify="left", show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for words, count in (*self.happened.items(), *sorted(self.faults.items())):
            table.add_row(words.replace("_", " "), str(count))
        return table


def _must(count: int) -> str:
    """What must be none."""
    return f"[bold red]{count}[/]" if count else "[green]0[/]"
