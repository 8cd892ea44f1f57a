"""What changed, told to every open browser: one LISTEN for the process, one stream for each.

Events carry ids alone (`lead:7 call:3`); the pages fetch what they show through the usual
doors. A stream is no sign of activity, and ends when its session does.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Annotated, Any

import psycopg
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from leads import sign_in
from leads.dashboard.security import Viewer, watcher
from leads.db import DESK_CHANNEL, transaction
from leads.settings import settings

log = structlog.get_logger()
router = APIRouter()

HEARTBEAT = 15.0  # seconds: below the minute after which proxies drop a silent connection
RECONNECT_AT_MOST = 5.0  # seconds
WAITING_AT_MOST = 64  # events for a browser that does not read; then one `all` instead
STREAMS_PER_SESSION = 16
SESSION = "session:"
# An event and no comment: a browser hears of comments nothing, and knows by this that the silence
# of a connection is not its death.
BEAT = "event: beat\ndata: still here\n\n"
# A dead network path shows after 25 s, where TCP alone would wait for hours.
KEEPALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "connect_timeout": 3,
}


def event(what: str) -> str:
    return f"event: change\ndata: {what}\n\n"


class Stream:
    """One browser's stream. Never holds up the others: what it does not read is summed up."""

    def __init__(self, session_digest: str) -> None:
        self.session_digest = session_digest
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue(WAITING_AT_MOST)

    def offer(self, chunk: str) -> None:
        if self._waiting.full():
            self._clear()
            chunk = event("all")
        self._waiting.put_nowait(chunk)

    def end(self) -> None:
        self._clear()
        self._waiting.put_nowait(None)

    def _clear(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()

    async def chunks(self) -> AsyncIterator[str]:
        # What changed between the page's making and this moment is made up for by one `all`.
        yield "retry: 1000\n\n" + event("all")
        while (chunk := await self._waiting.get()) is not None:
            yield chunk


class Live:
    """The streams of this process. Lives on its event loop."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.closed = False

    def open(self, session_digest: str) -> Stream:
        stream = Stream(session_digest)
        mine = [each for each in self.streams if each.session_digest == session_digest]
        if len(mine) >= STREAMS_PER_SESSION:
            mine[0].end()
        self.streams.append(stream)
        if self.closed:
            stream.end()
        return stream

    def close(self) -> None:
        """End every stream: a server that stops waits for its answers to be over."""
        self.closed = True
        for stream in self.streams:
            stream.end()

    def publish(self, payload: str) -> None:
        """Pass on what changed; `session:…` says which streams may have to end."""
        words = payload.split()
        ended = tuple(word.removeprefix(SESSION) for word in words if word.startswith(SESSION))
        what = " ".join(word for word in words if not word.startswith(SESSION))
        for stream in self.streams:
            if ended and stream.session_digest.startswith(ended):
                stream.end()
            elif what:
                stream.offer(event(what))

    async def listen(self, conninfo: str) -> None:
        """Hear the database's notices for ever; after a gap, everything may have changed."""
        delay = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    conninfo, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {DESK_CHANNEL}")
                    self.publish("all")
                    delay = 0.1
                    while True:
                        async for notice in connection.notifies(timeout=HEARTBEAT):
                            self.publish(notice.payload)
                        await connection.execute("SELECT 1")  # a lost server shows here
            except psycopg.Error as error:
                log.warning("desk_listener_lost", error=type(error).__name__)
            await asyncio.sleep(delay)
            delay = min(delay * 2, RECONNECT_AT_MOST)

    async def beat(self) -> None:
        """Keep connections open and end the streams of sessions that are over."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            digests = {stream.session_digest for stream in self.streams}
            if not digests:
                continue
            try:
                still_open = await run_in_threadpool(_still_open, digests)
            except SQLAlchemyError:
                still_open = digests  # nobody can be signed out while the database is away
            for stream in self.streams:
                if stream.session_digest in still_open or stream.session_digest not in digests:
                    stream.offer(BEAT)
                else:
                    stream.end()


def _still_open(digests: set[str]) -> set[str]:
    with transaction() as session:
        return sign_in.still_open(session, digests)


@asynccontextmanager
async def running() -> AsyncIterator[Live]:
    """The process's live streams, from start to shutdown."""
    live = Live()
    conninfo = make_conninfo(
        settings().sqlalchemy_url.replace("postgresql+psycopg:", "postgresql:", 1), **KEEPALIVE
    )
    tasks = [asyncio.create_task(live.listen(conninfo)), asyncio.create_task(live.beat())]
    try:
        with _told_to_stop(live.close):
            yield live
    finally:
        live.close()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


@contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the loop at SIGTERM or SIGINT, before the server's own handler.

    uvicorn ends the application only when every answer is over, and a stream never is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(stop)
        server = before[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    ours = [number for number, server in before.items() if callable(server)]
    for number in ours:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


@router.get("/live", include_in_schema=False)
async def stream(request: Request, known: Annotated[Viewer, Depends(watcher)]) -> StreamingResponse:
    live: Live = request.app.state.live

    async def body() -> AsyncIterator[str]:
        opened = live.open(known.session_digest)
        try:
            async for chunk in opened.chunks():
                yield chunk
        finally:
            live.streams.remove(opened)

    return StreamingResponse(
        body(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )
