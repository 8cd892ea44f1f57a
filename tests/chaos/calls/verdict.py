"""What is written down beside what really happened, one to one."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from tests.chaos.calls.books import Books
from tests.chaos.calls.truth import Truth
from tests.standstill import Standstill

TAKEN = {"sent", "delivered", "undelivered"}  # the states of a text that Twilio took
# Where a mobile was picked up and the key that a person presses may have been lost, somebody has to
# look: of these calls, at most so many. Of few, chance would judge.
MOST_REVIEWED, FEW = 0.6, 20
MOVED = timedelta(minutes=30)  # the storm moves the clock by an hour; else a text is seconds late


@dataclass
class Verdict:
    """Counts, but for seconds and the lists of what to look into.

    Of the longest answer the machine's own standstills are not held against us, and `within` is
    what it may take without them.
    """

    calls: int
    errors: int  # callers who heard one
    fallbacks: int  # calls for which Twilio went to the fallback document
    longest: float
    longest_own: float
    within: float
    lost: int
    doubled: int
    invented: int  # calls that nobody made
    wrong_outcome: int
    to_review: int
    reviewed_for_nothing: int  # no mobile was picked up
    mobiles_taken: int
    wrong_leads: int  # callers with another number of leads than one
    texts: int  # from people
    texts_lost: int
    texts_doubled: int
    stops: int  # people who said stop
    stops_lost: int
    wrongly_opted_out: int
    sent: int
    sent_lost: int  # that Twilio took and of which nothing is known here
    sent_unsettled: int
    sent_invented: int  # that Twilio never took
    sent_in_wrong_state: int
    sent_twice: int
    sent_after_stop: int
    sent_in_the_race: int
    notes: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)  # in words, by SID or number
    opted_out_anyway: list[str] = field(default_factory=list)  # who said no stop that stands

    @property
    def slow(self) -> bool:
        return self.longest_own >= self.within

    @property
    def too_many_reviews(self) -> bool:
        return self.mobiles_taken >= FEW and self.to_review > MOST_REVIEWED * self.mobiles_taken

    @property
    def good(self) -> bool:
        none = (
            *(self.errors, self.lost, self.doubled, self.invented, self.wrong_outcome),
            *(self.wrong_leads, self.texts_lost, self.texts_doubled, self.stops_lost),
            *(self.wrongly_opted_out, self.sent_twice, self.sent_after_stop),
            *(self.sent_lost, self.sent_unsettled, self.sent_invented, self.sent_in_wrong_state),
            *(self.reviewed_for_nothing, self.too_many_reviews, self.slow),
        )
        return self.sent > 0 and not any(none)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"good": self.good}


def judge(truth: Truth, books: Books, address: str, still: Standstill, within: float) -> Verdict:
    """`truth` of this side alone; `address`: where its webhooks are; `within`: seconds."""
    stopped = set(truth.stopped_at())
    doubtful = books.opted_out - stopped - _moved(truth, books)
    late, racing = truth.after_stop()
    wrong = {
        sid: f"{sid}: {call.outcome} by the sandbox, {books.outcomes[sid]} here"
        f"{', fallback' if call.fallbacks else ''}"
        for sid, call in truth.calls.items()
        if sid in books.outcomes
        and sid not in books.to_review
        and books.outcomes[sid] != call.outcome
    }
    callers = {call.number for call in truth.calls.values()}
    said = Counter(text.sid for text in truth.texts)
    taken = {text.sid: text.number for text in truth.sent}
    kept = taken.keys() if books.sent is None else books.sent.keys()
    states = books.sent or {}
    unknown = [sid for sid in taken if sid not in kept]
    mobiles = {sid for sid, call in truth.calls.items() if call.mobile_took}
    return Verdict(
        calls=len(truth.calls),
        errors=sum(bool(call.failed) for call in truth.calls.values()),
        fallbacks=sum(bool(call.fallbacks) for call in truth.calls.values()),
        longest=round(truth.longest(address), 2),
        longest_own=round(truth.longest(address, still), 2),
        within=round(within, 2),
        lost=len(truth.calls.keys() - books.calls.keys()),
        doubled=sum(count - 1 for count in books.calls.values()),
        invented=len(books.calls.keys() - truth.calls.keys()),
        wrong_outcome=len(wrong),
        to_review=len(books.to_review),
        reviewed_for_nothing=len(books.to_review - mobiles),
        mobiles_taken=len(mobiles),
        wrong_leads=0
        if books.leads is None
        else sum(books.leads[number] != 1 for number in callers),
        texts=len(truth.texts),
        texts_lost=len(said.keys() - books.texts.keys()),
        texts_doubled=sum(count - 1 for count in books.texts.values()),
        stops=len(stopped),
        stops_lost=len(stopped - books.opted_out),
        wrongly_opted_out=len(doubtful),
        sent=len(truth.sent),
        sent_lost=sum(taken[sid] not in books.held for sid in unknown),
        sent_unsettled=len(books.held),
        sent_invented=len(kept - taken.keys()),
        sent_in_wrong_state=sum(states[sid] not in TAKEN for sid in taken if sid in states),
        sent_twice=truth.doubled_texts(),
        sent_after_stop=len(late),
        sent_in_the_race=len(racing),
        notes=books.notes,
        wrong=wrong,
        opted_out_anyway=sorted(doubtful),
    )


def _moved(truth: Truth, books: Books) -> set[str]:
    """Those between whose texts the practice's clock was moved, because one was found only after
    the hour: Twilio's lists know nothing of that, and so a START may stand before its STOP."""
    apart: dict[str, list[timedelta]] = {}
    for text in truth.texts:
        if text.sid in books.written:
            apart.setdefault(text.number, []).append(books.written[text.sid] - text.at)
    return {number for number, each in apart.items() if max(each) - min(each) > MOVED}
