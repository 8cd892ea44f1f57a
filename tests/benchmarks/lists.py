"""A Twilio that lists a day of calls, made up as they are asked for, so that none has to be kept.

`python -m tests.benchmarks.lists CALLS SINCE` (seconds since 1970) is a process of its own. Each
call rang the desk phone, which nobody picked up; the newest stand first, as Twilio's do.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.benchmarks.installation import NotMeasured
from tests.benchmarks.provider import spoken_by
from tests.workers.provider import call

DAY = timedelta(days=1)
KEYS = {"Calls": "calls", "Messages": "messages", "Recordings": "recordings"}


class Day:
    def __init__(self, calls: int, since: datetime) -> None:
        self.calls, self.since, self.step = calls, since, DAY / calls
        self.asked = 0  # pages

    async def page(self, request: Request) -> JSONResponse:
        self.asked += 1
        query = dict(request.query_params)
        kind = request.path_params["kind"]
        size, number = int(query["PageSize"]), int(query.get("Page", 0))
        first, last = self._span(query) if kind == "Calls" else (0, 0)
        # Two rows for each call: itself, and the phone that it rang.
        newest = last - number * size // 2
        oldest = max(first, newest - size // 2)
        rows = [
            row
            for place in range(newest - 1, oldest - 1, -1)
            for _, row in call(place + 1, self.since + place * self.step)
        ]
        onward = urlencode(query | {"Page": number + 1})
        return JSONResponse(
            {
                KEYS[kind]: rows,
                "next_page_uri": f"{request.url.path}?{onward}" if oldest > first else None,
            }
        )

    def _span(self, query: dict[str, str]) -> tuple[int, int]:
        """The places of the first call that was asked for, and of the one after the last."""
        after, before = (
            (datetime.fromisoformat(query[f"StartTime{sign}"]) - self.since) / self.step
            for sign in "><"
        )
        return max(0, -int(-after // 1)), max(0, min(self.calls, int(before) + 1))

    async def count(self, _: Request) -> JSONResponse:
        return JSONResponse(self.asked)


def serve(day: Day) -> None:
    """On a free port, which is said on standard output; until killed."""
    root = "/2010-04-01/Accounts/{account}/{kind}.json"
    app = Starlette(routes=[Route(root, day.page), Route("/asked", day.count)])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def lists(calls: int, since: datetime) -> Iterator[str]:
    """Its address, for as long as the block lasts."""
    words = ["tests.benchmarks.lists", str(calls), str(since.timestamp())]
    with spoken_by(words) as port:
        if not port:
            raise NotMeasured("The benchmark's own lists did not start.")
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    serve(Day(int(sys.argv[1]), datetime.fromtimestamp(float(sys.argv[2]), UTC)))
