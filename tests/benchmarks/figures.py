"""What is measured, and how many values become one figure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of all values do not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


@dataclass(frozen=True)
class Spread:
    """One figure of several rounds."""

    values: Sequence[float]

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def middle(self) -> float:
        return statistics.median(self.values)

    @property
    def high(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Round:
    """Voice webhooks, and right after them bare commits, with the same number of clients."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    commits_per_second: float

    @property
    def ratio(self) -> float:
        """Webhooks answered for each commit that the server could have made."""
        return self.requests_per_second / self.commits_per_second


@dataclass(frozen=True)
class Start:
    """Seconds from starting `ringback up` until it says each of these."""

    database: float
    tables: float
    ready: float


@dataclass(frozen=True)
class Share:
    """The memory of one kind of process. PSS splits shared pages among those who share them,
    so only PSS adds up."""

    name: str
    processes: int
    rss_mb: float
    pss_mb: float


@dataclass(frozen=True)
class Texts:
    """Texts handed over in a second, and right after them plain posts: no checks, one UPDATE."""

    per_second: float
    plain_per_second: float

    @property
    def ratio(self) -> float:
        """Texts for each plain post that the same processes could have made."""
        return self.per_second / self.plain_per_second


@dataclass(frozen=True)
class Claims:
    """Milliseconds of each transaction, begin and commit included."""

    look: list[float]  # for due reminders
    claim: list[float]  # of queued texts
    plain: list[float]  # the same look without the partial index


@dataclass(frozen=True)
class DayOfCalls:
    """A day's calls at Twilio, gone through once; `peak_mb` is of the process that did it."""

    calls: int
    missing: int  # before
    seconds: float
    peak_mb: float
    pages: int  # of lists


@dataclass(frozen=True)
class PageTimes:
    """A page's milliseconds, and those of the plain page beside it."""

    name: str
    path: str
    times: list[float]
    plain: list[float]
    queries: int

    @property
    def searches(self) -> bool:
        return "?q=" in self.path

    @property
    def ratio(self) -> float:
        """How many plain pages long it takes."""
        return percentile(self.times, 0.5) / percentile(self.plain, 0.5)


@dataclass(frozen=True)
class Live:
    """Milliseconds from the commit of a call."""

    told: list[float]  # until an open page hears of it
    drawn: list[float]  # until the desk that it then asks for has come
    bare: list[float]  # a bare NOTIFY until a bare LISTEN has it


@dataclass
class Results:
    starts_empty: list[Start] = field(default_factory=list)
    starts_existing: list[Start] = field(default_factory=list)
    # Seconds from the end of a missed call to the text's acceptance, by how the call ended.
    handed_over: dict[str, list[float]] = field(default_factory=dict)
    rounds: dict[int, list[Round]] = field(default_factory=dict)  # by connections
    memory: list[Share] = field(default_factory=list)
    texts: dict[int, list[Texts]] = field(default_factory=dict)  # by workers, the pace lifted
    own_pace: float = 0.0  # texts a second of a long code
    lateness: list[float] = field(default_factory=list)  # seconds, of a long code's texts
    claims: dict[int, Claims] = field(default_factory=dict)  # by reminders that are scheduled
    day: DayOfCalls | None = None
    page_leads: int = 0  # there are while pages are opened
    filling: float = 0.0  # seconds that making them took
    pages: list[PageTimes] = field(default_factory=list)
    live: Live | None = None
    seconds: float = 0.0  # that all of it took
