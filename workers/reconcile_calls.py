"""Calls with the phones that were rung for them, and voicemails: those that never reached us, and
those of which we miss the end."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from leads import call_back, gaps, late_call
from leads.db import transaction
from leads.listed import ListedCall, ListedRecording
from workers.comparison import Comparison
from workers.listing import RowUnreadable

# Phones are rung right after the announcement; their legs stand later in the list than the call.
LEGS_AFTER = timedelta(minutes=5)


def compare(comparison: Comparison) -> list[str]:
    """The CallSids of which something new is known now, in the order in which they came.

    Raises ListUnavailable, UNAVAILABLE.
    """
    touched: dict[str, None] = {}
    first = True
    for begin, end in comparison.slices():
        for sid in _Slice(comparison, begin, end).compare(from_before=first):
            touched[sid] = None
        first = False
    for sid in _open_ones(comparison):
        touched[sid] = None
    return list(touched)


class _Slice:
    """What is missing of one slice."""

    def __init__(self, comparison: Comparison, begin: datetime, end: datetime) -> None:
        self._comparison = comparison
        self._begin, self._end = begin, end
        self._missing: dict[str, ListedCall] = {}
        self._unfinished: dict[str, ListedCall] = {}
        self._under_way: set[str] = set()
        self._legs: dict[str, list[ListedCall]] = defaultdict(list)

    def compare(self, *, from_before: bool) -> list[str]:
        self._list()
        self._find_parents(from_before=from_before)
        missing = sorted(self._missing.values(), key=lambda call: call.started_at)
        # In the order in which it happened: one that came back to us as another call is known by
        # both ringing, and whoever rings again had hung up before.
        ended = deque(sorted(self._ends({**self._missing, **self._unfinished}.values())))
        over: dict[str, bool] = {}
        for call in missing:
            while ended and ended[0][0] < call.started_at:
                _, sid = ended.popleft()
                if listed := self._missing.get(sid) or self._unfinished.get(sid):
                    over[sid] = self._over(sid, listed)
            self._arrived(call)
        calls = self._missing | self._unfinished
        by_time = sorted({*calls, *self._legs}, key=lambda sid: self._time(calls.get(sid), sid))
        return [sid for sid in by_time if over.get(sid) or self._over(sid, calls.get(sid))]

    def _ends(self, calls: Iterable[ListedCall]) -> Iterator[tuple[datetime, str]]:
        return ((call.ended_at, call.sid) for call in calls if call.ended_at is not None)

    def _list(self) -> None:
        comparison = self._comparison
        for page in comparison.lists.calls(self._begin, self._end + LEGS_AFTER):
            calls = [
                call
                for call in page
                if call.parent_sid is None and self._begin <= call.started_at < self._end
            ]
            legs = [call for call in page if call.parent_sid is not None]
            comparison.looked_at("calls", len(calls))
            with transaction() as session:
                missing, unfinished = gaps.unsettled_calls(session, calls, comparison.numbers)
                legs = gaps.unsettled_legs(session, legs)
            self._under_way |= {call.sid for call in calls if not self._is_over(call)}
            self._missing |= {call.sid: call for call in missing}
            self._unfinished |= {call.sid: call for call in unfinished}
            for leg in legs:
                self._legs[leg.parent_sid or ""].append(leg)

    def _find_parents(self, *, from_before: bool) -> None:
        """Legs whose call is in neither list: of a settled call, of one from before the span, or
        of no call of ours."""
        comparison = self._comparison
        strange = set(self._legs) - set(self._missing) - set(self._unfinished)
        if not strange:
            return
        with transaction() as session:
            strange -= gaps.known_calls(session, strange)
        for sid in strange:
            legs = self._legs.pop(sid)
            if from_before and min(leg.started_at for leg in legs) < self._begin + LEGS_AFTER:
                call = _asked(comparison, sid)
                if call is None or not gaps.concerns_us(call, comparison.numbers):
                    continue
                self._missing[sid], self._legs[sid] = call, legs
                if not self._is_over(call):
                    self._under_way.add(sid)

    def _arrived(self, listed: ListedCall) -> None:
        comparison = self._comparison
        call, legs = self._in_practice_time(listed, listed.sid)
        assert call is not None  # noqa: S101 - as `listed` is not
        if listed.ours:
            found = partial(call_back.found, real=listed, practice=call)
            if comparison.apply(found, call.sid):
                comparison.found["calls_added"] += 1
            else:  # from our number, and not by a click: somebody uses it for something else
                del self._missing[call.sid]
                self._legs.pop(call.sid, None)
            return
        arrived = partial(late_call.arrived, listed=call, legs=legs)
        comparison.found["calls_added"] += bool(comparison.apply(arrived, call.sid))

    def _is_over(self, listed: ListedCall) -> bool:
        """It has ended, and long enough ago for no webhook to be on its way."""
        return listed.ended_at is not None and listed.ended_at < self._comparison.until

    def _over(self, sid: str, listed: ListedCall | None) -> bool:
        """Apply its end, if it is over; says whether it is."""
        comparison = self._comparison
        if listed is not None and (listed.ended_at is None or listed.ended_at >= comparison.until):
            return False
        call, legs = self._in_practice_time(listed, sid)
        legs = [leg for leg in legs if leg.ended_at and leg.ended_at < comparison.now]
        over = partial(late_call.over, sid=sid, listed=call, legs=legs, now=comparison.now)
        news = bool(comparison.apply(over, sid))
        comparison.found["calls_settled"] += news and sid not in self._missing
        return True

    def _in_practice_time(
        self, listed: ListedCall | None, sid: str
    ) -> tuple[ListedCall | None, list[ListedCall]]:
        shift = self._comparison.shift
        legs = [leg.moved(shift) for leg in self._legs.get(sid, [])]
        return None if listed is None else listed.moved(shift), legs

    def _time(self, listed: ListedCall | None, sid: str) -> datetime:
        return listed.started_at if listed else min(leg.started_at for leg in self._legs[sid])


def _open_ones(comparison: Comparison) -> Iterator[str]:
    """Calls that began before the span and of whose end we know nothing: asked for one by one.
    Those of which something new is known."""
    since, last = next(comparison.slices())[0] + comparison.shift, None
    while True:
        with transaction() as session:
            page = gaps.open_calls(session, since, comparison.now, after=last)
        for each in page:
            if _settled(comparison, each.sid):
                yield each.sid
        if not page:
            return
        last = page[-1]


def _settled(comparison: Comparison, sid: str) -> bool:
    """Whether this call is over, now that Twilio was asked for it."""
    shift = comparison.shift
    try:
        call = comparison.lists.call(sid)
    except RowUnreadable:
        return False
    if call is None:
        over = partial(late_call.gone, sid=sid, now=comparison.now)
    elif call.ended_at is None or call.ended_at >= comparison.until:
        return False
    else:
        legs = [leg.moved(shift) for leg in comparison.lists.legs(sid) if leg.ended_at]
        over = partial(
            late_call.over, sid=sid, listed=call.moved(shift), legs=legs, now=comparison.now
        )
    comparison.found["calls_settled"] += bool(comparison.apply(over, sid))
    return True


def _asked(comparison: Comparison, sid: str) -> ListedCall | None:
    """What Twilio says of this call; None when it has none, or says nothing that can be read."""
    with suppress(RowUnreadable):
        return comparison.lists.call(sid)
    return None


def voicemails(comparison: Comparison) -> Iterator[str]:
    """Add them; the CallSids of those of which something new is known now. Raises
    ListUnavailable, UNAVAILABLE."""
    for begin, end in comparison.slices():
        missing: list[ListedRecording] = []
        for page in comparison.lists.recordings(begin, end):
            comparison.looked_at("recordings", len(page))
            with transaction() as session:
                missing += gaps.unsettled_recordings(session, page)
        for each in sorted(missing, key=lambda recording: recording.created_at):
            recorded = partial(late_call.recorded, listed=each.moved(comparison.shift))
            comparison.found["voicemails_added"] += bool(comparison.apply(recorded, each.sid))
            yield each.call_sid


def conclude(comparison: Comparison, sids: list[str]) -> None:
    """What follows from these calls, now that every text and every recording is known. Raises
    UNAVAILABLE."""
    for sid in dict.fromkeys(sids):
        concluded = partial(late_call.concluded, sid=sid, now=comparison.now)
        done = comparison.apply(concluded, sid)
        if done is not None:
            outcome, review = done
            comparison.found["to_review" if review else outcome] += 1
