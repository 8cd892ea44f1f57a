"""What is written down beside what really happened, one to one."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.chaos.calls.books import Books
from tests.chaos.calls.truth import Truth

WANTED_SECONDS = 2.0  # within which a caller is answered


@dataclass
class Verdict:
    """Counts, but for `longest` (seconds) and the lists of what to look into."""

    calls: int
    errors: int  # callers who heard one
    fallbacks: int  # calls for which Twilio went to the fallback document
    longest: float
    lost: int
    doubled: int
    invented: int  # calls that nobody made
    wrong_outcome: int
    to_review: int
    wrong_leads: int  # callers with another number of leads than one
    texts: int  # from people
    texts_lost: int
    texts_doubled: int
    stops: int  # people who said stop
    stops_lost: int
    wrongly_opted_out: int
    sent: int
    sent_twice: int
    sent_after_stop: int
    sent_in_the_race: int
    notes: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        none = (
            *(self.errors, self.lost, self.doubled, self.invented, self.wrong_outcome),
            *(self.wrong_leads, self.texts_lost, self.texts_doubled, self.stops_lost),
            *(self.wrongly_opted_out, self.sent_twice, self.sent_after_stop),
        )
        return not any(none)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"good": self.good}


def judge(truth: Truth, books: Books, address: str) -> Verdict:
    """`truth` of this side alone; `address`: where its webhooks are."""
    stopped = set(truth.stopped_at())
    late, racing = truth.after_stop()
    wrong = [
        f"{sid}: {call.outcome} by the sandbox, {books.outcomes[sid]} here"
        f"{', fallback' if call.fallbacks else ''}"
        for sid, call in truth.calls.items()
        if sid in books.outcomes
        and sid not in books.to_review
        and books.outcomes[sid] != call.outcome
    ]
    callers = {call.number for call in truth.calls.values()}
    said = Counter(text.sid for text in truth.texts)
    return Verdict(
        calls=len(truth.calls),
        errors=sum(bool(call.failed) for call in truth.calls.values()),
        fallbacks=sum(bool(call.fallbacks) for call in truth.calls.values()),
        longest=round(truth.longest.get(address, 0), 2),
        lost=len(truth.calls.keys() - books.calls.keys()),
        doubled=sum(count - 1 for count in books.calls.values()),
        invented=len(books.calls.keys() - truth.calls.keys()),
        wrong_outcome=len(wrong),
        to_review=len(books.to_review),
        wrong_leads=0
        if books.leads is None
        else sum(books.leads[number] != 1 for number in callers),
        texts=len(truth.texts),
        texts_lost=len(said.keys() - books.texts.keys()),
        texts_doubled=sum(count - 1 for count in books.texts.values()),
        stops=len(stopped),
        stops_lost=len(stopped - books.opted_out),
        wrongly_opted_out=len(books.opted_out - stopped),
        sent=len(truth.sent),
        sent_twice=truth.doubled_texts(),
        sent_after_stop=len(late),
        sent_in_the_race=len(racing),
        notes=books.notes,
        wrong=wrong,
    )
