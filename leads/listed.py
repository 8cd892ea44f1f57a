"""Calls, texts and recordings as the telephone service itself lists them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class ListedCall:
    """A caller's leg, a call that we made, or a phone that was rung for either (`parent_sid`). Real
    times until `moved`."""

    sid: str
    parent_sid: str | None
    inbound: bool
    from_raw: str
    to_raw: str
    forwarded_from: str
    status: str
    started_at: datetime
    ended_at: datetime | None  # None while it goes on
    seconds: int  # from being picked up to its end

    @property
    def ours(self) -> bool:
        """A call that we made ourselves: a call back by click."""
        return not self.inbound and self.parent_sid is None

    @property
    def picked_up_at(self) -> datetime:
        """Of a call that has ended, as far as whole seconds tell."""
        ended_at = self.ended_at or self.started_at
        return max(self.started_at, ended_at - timedelta(seconds=self.seconds))

    def moved(self, by: timedelta) -> "ListedCall":
        """The same in practice time, which is real time moved by so much."""
        ended_at = None if self.ended_at is None else self.ended_at + by
        return replace(self, started_at=self.started_at + by, ended_at=ended_at)


@dataclass(frozen=True)
class ListedText:
    """A text in or out. Real times until `moved`."""

    sid: str
    inbound: bool
    from_raw: str
    to_raw: str
    body: str
    media_count: int
    status: str
    error_code: int | None
    created_at: datetime
    updated_at: datetime

    def moved(self, by: timedelta) -> "ListedText":
        return replace(self, created_at=self.created_at + by, updated_at=self.updated_at + by)


@dataclass(frozen=True)
class ListedRecording:
    """A recording; `voicemail` as opposed to that of a conversation."""

    sid: str
    call_sid: str
    voicemail: bool
    state: str
    seconds: int
    url: str
    created_at: datetime

    def moved(self, by: timedelta) -> "ListedRecording":
        return replace(self, created_at=self.created_at + by)
