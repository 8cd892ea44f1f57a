"""Twilio's own lists, page by page: what it has is never in memory as a whole."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
import structlog
from twilio.base.exceptions import TwilioException

from leads.call import FINAL
from leads.listed import ListedCall, ListedRecording, ListedText
from leads.log import what_failed
from leads.settings import settings
from workers import twilio_api

log = structlog.get_logger()

PAGE = 1000  # rows, the most that Twilio gives at once
FAILURES = 3  # tries of one page that is not answered
PAUSE = 1.0  # seconds before the second try; each pause is twice the one before
LONGEST_PAUSE = 30.0
PATIENCE = 180.0  # seconds of pauses in one whole comparison
LISTS = {"Calls": "list of calls", "Messages": "list of texts", "Recordings": "list of recordings"}
TIME = "%Y-%m-%dT%H:%M:%SZ"
Listed = TypeVar("Listed")
Row = dict[str, Any]


class ListUnavailable(Exception):
    """Twilio's lists cannot be had now; the text is a sentence for staff."""


class RowUnreadable(Exception):
    """Twilio has it, and what it says of it cannot be understood."""


@dataclass(frozen=True)
class _Page:
    rows: list[Row]
    onward: str  # where the next page is; empty for the last one


@dataclass
class Lists:
    """Asks for pages of so many rows, and waits when Twilio says so, for `patience` seconds in
    all."""

    patience: float = PATIENCE
    page: int = PAGE
    unreadable: int = 0  # rows that were left out so far, as they cannot be understood

    def calls(self, since: datetime, until: datetime) -> Iterator[list[ListedCall]]:
        """Calls and child legs that started then, the newest first, a page at a time.

        Twilio's filter knows whole seconds, and perhaps whole days: callers look at each row.
        Raises ListUnavailable, as all of these do.
        """
        return self._pages("Calls", "calls", "StartTime", since, until, _call)

    def texts(self, since: datetime, until: datetime) -> Iterator[list[ListedText]]:
        return self._pages("Messages", "messages", "DateSent", since, until, _text)

    def recordings(self, since: datetime, until: datetime) -> Iterator[list[ListedRecording]]:
        return self._pages("Recordings", "recordings", "DateCreated", since, until, _recording)

    def call(self, sid: str) -> ListedCall | None:
        """One call; None when Twilio has none of this SID, or not any more. Raises RowUnreadable,
        too."""
        return self._one(f"Calls/{sid}.json", _call)

    def legs(self, parent_sid: str) -> list[ListedCall]:
        """The phones that were rung for a call."""
        told = {"ParentCallSid": parent_sid, "PageSize": "50"}
        return self._read(self._page("Calls.json", told, "calls"), _call)

    def calls_to(self, number: str, since: datetime) -> list[ListedCall]:
        """The last calls that we made to a number, as opposed to legs of others. The filter may
        know whole days alone."""
        told = {"To": number, "PageSize": "50"}
        told["StartTime>"] = since.astimezone(UTC).strftime(TIME)
        rows = self._read(self._page("Calls.json", told, "calls"), _call)
        return [call for call in rows if call.ours and call.started_at >= since]

    def text(self, sid: str) -> ListedText | None:
        """As `call`."""
        return self._one(f"Messages/{sid}.json", _text)

    def _one(self, path: str, read: Callable[[Row], Listed | None]) -> Listed | None:
        row = self._ask(path, {})
        if row is None:
            return None
        item = self._item(row, read)
        if item is None:
            raise RowUnreadable
        return item

    def _pages(
        self,
        resource: str,
        key: str,
        time_name: str,
        since: datetime,
        until: datetime,
        read: Callable[[Row], Listed | None],
    ) -> Iterator[list[Listed]]:
        told = {
            f"{time_name}>": since.astimezone(UTC).strftime(TIME),
            f"{time_name}<": (until + timedelta(seconds=1)).astimezone(UTC).strftime(TIME),
            "PageSize": str(self.page),
        }
        page = self._page(f"{resource}.json", told, key)
        while True:
            yield self._read(page, read)
            if not page.onward:
                return
            page = self._page(page.onward, {}, key)

    def _page(self, path: str, told: dict[str, str], key: str) -> _Page:
        """A page that is not there, or holds no list, is no end of the list: what would have stood
        there may be a STOP."""
        body = self._ask(path, told)
        if body is None:
            raise ListUnavailable(_refused(path, 404))
        rows = body.get(key)
        if not isinstance(rows, list):
            raise ListUnavailable(
                f"Twilio's {_list_at(path)} cannot be read. Nothing was lost; the next comparison "
                "begins where this one did."
            )
        return _Page(rows, body.get("next_page_uri") or "")

    def _read(self, page: _Page, read: Callable[[Row], Listed | None]) -> list[Listed]:
        rows = (self._item(row, read) for row in page.rows)
        return [item for item in rows if item is not None]

    def _item(self, row: Row, read: Callable[[Row], Listed | None]) -> Listed | None:
        """None for a row that cannot be understood: the others are not held up by it."""
        try:
            item = read(row)
        except Exception as error:
            log.error("row_unreadable", **what_failed(error))
            item = None
        self.unreadable += item is None
        return item

    def _ask(self, path: str, told: dict[str, str]) -> Row | None:
        """One answer; None for a 404. Waits and asks again after a 429, a 5xx or silence."""
        failures, pause = 0, PAUSE
        while True:
            status, wanted_pause, body = _answer(path, told)
            if status == 404:
                return None
            if status == 200 and body is not None:
                return body
            if 300 <= status < 500 and status != 429:
                raise ListUnavailable(_refused(path, status))
            failures += status != 429
            if failures >= FAILURES:
                raise ListUnavailable(
                    "Twilio did not answer. Nothing was lost; the next comparison begins where "
                    "this one did."
                )
            self._wait(max(pause, wanted_pause))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _wait(self, seconds: float) -> None:
        self.patience -= seconds
        if self.patience < 0:
            raise ListUnavailable(
                "Twilio asked us to slow down for too long. Nothing was lost; the next comparison "
                "begins where this one did."
            )
        time.sleep(seconds)


def _refused(path: str, status: int) -> str:
    if status == 401:
        what, cure = "lists", "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
    else:
        what = _list_at(path)
        cure = "see in Twilio's console whether the account may still read them"
    return f"Twilio refused its {what} (HTTP {status}). Nothing was lost; {cure}."


def _list_at(path: str) -> str:
    return next((words for name, words in LISTS.items() if name in path), "lists")


def _answer(path: str, told: dict[str, str]) -> tuple[int, float, Row | None]:
    """Status (0 for no answer at all), the seconds to wait that Twilio asks for, and the JSON."""
    try:
        status, headers, body = twilio_api.get(path, told)
    except (requests.RequestException, TwilioException):
        return 0, 0.0, None
    pause = headers.get("Retry-After", "")
    return status, float(pause) if pause.isdigit() else 0.0, body


def _call(row: Row) -> ListedCall | None:
    started_at = _time(row.get("start_time")) or _time(row.get("date_created"))
    if started_at is None:
        return None
    seconds, status = _number(row.get("duration")), str(row.get("status"))
    ended_at = None
    if status in FINAL:  # of one that did not connect, Twilio may leave its end empty
        ended_at = _time(row.get("end_time")) or _time(row.get("date_updated")) or started_at
    return ListedCall(
        sid=str(row["sid"]),
        parent_sid=row.get("parent_call_sid") or None,
        inbound=row.get("direction") == "inbound",
        from_raw=_words(row.get("from")),
        to_raw=_words(row.get("to")),
        forwarded_from=_words(row.get("forwarded_from")),
        status=status,
        started_at=started_at,
        ended_at=ended_at,
        seconds=seconds,
    )


def _text(row: Row) -> ListedText | None:
    created_at = _time(row.get("date_created")) or _time(row.get("date_sent"))
    if created_at is None:
        return None
    return ListedText(
        sid=str(row["sid"]),
        inbound=row.get("direction") == "inbound",
        from_raw=_words(row.get("from")),
        to_raw=_words(row.get("to")),
        body=_words(row.get("body")),
        media_count=_number(row.get("num_media")),
        status=str(row.get("status")),
        error_code=_number(row.get("error_code")) or None,
        created_at=created_at,
        updated_at=_time(row.get("date_updated")) or created_at,
    )


def _recording(row: Row) -> ListedRecording | None:
    created_at = _time(row.get("start_time")) or _time(row.get("date_created"))
    if created_at is None:
        return None
    account = settings().twilio_account_sid
    kept_at = f"{twilio_api.HOST}/2010-04-01/Accounts/{account}/Recordings/{row['sid']}"
    return ListedRecording(
        sid=str(row["sid"]),
        call_sid=_words(row.get("call_sid")),
        voicemail=row.get("source") == "RecordVerb",
        state=str(row.get("status")),
        seconds=max(_number(row.get("duration")), 0),
        url=_words(row.get("media_url")) or kept_at,
        created_at=created_at,
    )


def _time(text: Any) -> datetime | None:
    """An RFC 2822 time, which is in UTC."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _words(value: Any) -> str:
    """Any text as one that PostgreSQL stores: it takes no NUL, and UTF-8 no half of a pair."""
    text = str(value or "").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text.encode("utf-8", "replace").decode()
