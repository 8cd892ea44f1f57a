"""Twilio's lists over HTTP, as long and as faulty as a test wants them, from any time."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import Receive, Scope, Send

from tests.workers.town import CLINIC, DESK

Row = dict[str, Any]
TIMES = {"Calls": "start_time", "Messages": "date_created", "Recordings": "start_time"}
FILTERS = {"Calls": "StartTime", "Messages": "DateSent", "Recordings": "DateCreated"}


@dataclass
class Provider:
    """Each row is kept with its time; pages come newest first, as Twilio's do."""

    rows: dict[str, list[tuple[datetime, Row]]] = field(
        default_factory=lambda: {"Calls": [], "Messages": [], "Recordings": []}
    )
    faults: list[int] = field(default_factory=list)  # statuses of the next answers; 0 is fine
    refused: dict[str, int] = field(
        default_factory=dict
    )  # such as {"Recordings": 403}, {"Page=1": 404}
    empty: bool = False  # its pages hold no list
    nonsense: bool = False  # they name no page as the next one
    asked: list[str] = field(default_factory=list)

    def add(self, what: str, rows: Iterable[tuple[datetime, Row]]) -> None:
        self.rows[what] = sorted([*self.rows[what], *rows], key=lambda row: row[0], reverse=True)

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        query = dict(parse_qsl(scope["query_string"].decode()))
        self.asked.append(scope["path"] + "?" + scope["query_string"].decode())
        status = (self.faults.pop(0) if self.faults else 0) or 200
        status = next(
            (code for what, code in self.refused.items() if what in self.asked[-1]), status
        )
        shown = self._page(scope["path"], query) if status == 200 else {"message": "no"}
        status = 404 if shown is None else status
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(shown or {}).encode()})

    def _page(self, path: str, query: dict[str, str]) -> Row | None:
        what = path.rpartition("/")[2].removesuffix(".json")
        if what not in self.rows:
            sid = what
            return next((row for _, row in self._all() if row["sid"] == sid), None)
        name = FILTERS[what]
        after, before = (_time(query.get(f"{name}{sign}")) for sign in "><")
        chosen = [
            row
            for at, row in self.rows[what]
            if (after is None or at >= after)
            and (before is None or at <= before)
            and query.get("ParentCallSid") in {None, row.get("parent_call_sid")}
        ]
        size, number = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        onward = query | {"Page": str(number + 1)}
        more = len(chosen) > (number + 1) * size
        uri = f"{path}?{urlencode(onward)}" if more else None
        return {
            what.lower(): None if self.empty else chosen[number * size : (number + 1) * size],
            "next_page_uri": 5 if self.nonsense else uri,
            "page": number,
            "page_size": size,
        }

    def _all(self) -> Iterable[tuple[datetime, Row]]:
        return (each for rows in self.rows.values() for each in rows)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def call(number: int, began_at: datetime, *, picked_up: bool = False) -> list[tuple[datetime, Row]]:
    """Caller `number`'s call and the desk phone that it rang, over half a minute later."""
    began_at = began_at.astimezone(UTC)
    sid, caller = f"CA{number:032x}", f"+1206555{number % 10_000:04}"
    common = {
        "end_time": format_datetime(began_at + timedelta(seconds=30)),
        "start_time": format_datetime(began_at),
        "date_created": format_datetime(began_at),
        "forwarded_from": None,
        "price": None,
    }
    parent = common | {
        "sid": sid, "parent_call_sid": None, "direction": "inbound", "from": caller, "to": CLINIC,
        "status": "completed", "duration": "30",
    }  # fmt: skip
    leg = common | {
        "sid": f"CAFF{number:030x}", "parent_call_sid": sid, "direction": "outbound-dial",
        "from": caller, "to": DESK, "status": "completed" if picked_up else "no-answer",
        "duration": "20" if picked_up else "0",
    }  # fmt: skip
    return [(began_at, parent), (began_at, leg)]


def text(number: int, at: datetime, body: str) -> tuple[datetime, Row]:
    """Caller `number` texts us."""
    at = at.astimezone(UTC)
    return at, {
        "sid": f"SM{number:032x}", "direction": "inbound", "to": CLINIC, "body": body,
        "from": f"+1206555{number % 10_000:04}", "status": "received", "num_media": "0",
        "error_code": None, "date_created": format_datetime(at), "date_sent": format_datetime(at),
        "date_updated": format_datetime(at),
    }  # fmt: skip
