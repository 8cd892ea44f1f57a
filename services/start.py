"""The start of everything: callers are answered first, whatever else is broken.

1. PostgreSQL and the tables; Redis beside them.
2. Where that is not done within `GRACE`, and it is known from before whom to ring, the webhooks
   begin without it: they answer from memory and keep what comes. What failed is said and tried
   again until it works. Who knows nobody to ring has nothing to answer with, and ends instead.
3. The faces, and once Redis serves those that work behind them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import psycopg
from sqlalchemy.exc import OperationalError

from leads.settings import Settings
from services import postgres, redis
from services.errors import ServiceError, StillStarting
from services.place import Place
from services.program import Program
from services.supervisor import FACES, Supervisor
from services.terminal import Terminal

ANSWERING = "webhooks"
ROUTING = "routing.json"  # in which the webhooks remember whom to ring
GRACE = 3.0  # seconds, longer than a start in which nothing is wrong
HEAD_START = 4.0  # seconds in which the faces have the machine to themselves
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before what failed is tried again
Done = TypeVar("Done")


@dataclass(frozen=True)
class Tasks:
    """What has to be done in the database before and after the start. Handed in, because
    services know nothing of leads; done in this process, because another one would first spend
    a second on imports. `final`: errors that no later try changes."""

    migrate: Callable[[], None]
    first_link: Callable[[], str]
    final: tuple[type[Exception], ...] = ()


class Start:
    def __init__(
        self,
        tasks: Tasks,
        told: Settings,
        settings: Settings,
        applications: Sequence[Program],
        supervisor: Supervisor,
    ) -> None:
        """`told`: what a person has set; `settings`: what every process reads."""
        self._tasks, self._told, self._settings = tasks, told, settings
        self._applications, self._supervisor = applications, supervisor
        self._servers: dict[str, Program] = {}
        known = (self._place.home / ROUTING).exists() or settings.fallback_phone
        self._answering = next(
            (each for each in applications if known and each.name == ANSWERING), None
        )

    @property
    def _place(self) -> Place:
        return self._supervisor.place

    @property
    def _terminal(self) -> Terminal:
        return self._supervisor.terminal

    async def everything(self, reached: Callable[[dict[str, str], str], None]) -> None:
        """Returns when all of it runs. `reached` hears the addresses and a link for signing in as
        soon as there are any. Raises what cannot be mended while we run."""
        database = asyncio.create_task(self._until(self._database))
        broker = asyncio.create_task(self._until(self._broker))
        under_way: list[asyncio.Task[None]] = [database, broker]
        try:
            await self._answer_meanwhile(database)
            await (database if self._answering else asyncio.gather(database, broker))
            faces = asyncio.create_task(
                self._supervisor.start_faces(self._applications, self._settings)
            )
            # A face may wait for overdue texts, which only a worker can send.
            behind = asyncio.create_task(self._behind(faces, broker))
            under_way.append(behind)
            reached(*await asyncio.gather(faces, self._until(self._first_link)))
            await behind
        finally:
            for task in under_way:
                task.cancel()

    async def _answer_meanwhile(self, database: "asyncio.Task[None]") -> None:
        if self._answering is None:
            return
        await asyncio.wait({database}, timeout=GRACE)
        if not database.done():
            self._supervisor.start(self._answering)
            self._terminal.step(ANSWERING, "answer callers from memory until the database is there")

    async def _database(self) -> None:
        if not self._told.database_url:
            program = await asyncio.to_thread(self._program, "postgres", self._postgres)
            await self._supervisor.server_ready(program)
        await asyncio.to_thread(self._tasks.migrate)
        own = "your own" if self._told.database_url else str(self._place.servers / "postgres")
        self._terminal.step("database", own)
        self._terminal.step("migrate", "the tables are current")

    async def _broker(self) -> None:
        if not self._told.redis_url:
            program = await asyncio.to_thread(self._program, "redis", self._redis)
            await self._supervisor.server_ready(program)

    def _program(self, name: str, make: Callable[[], Program]) -> Program:
        """Made once: a server that runs already is not stopped for another try."""
        if name not in self._servers:
            self._servers[name] = make()
        return self._servers[name]

    def _postgres(self) -> Program:
        """One that lost its supervisor is stopped first, and the data folder made if need be."""
        place = self._place
        if place.sheltered:
            self._terminal.say(
                f"{place.account.name}, who runs the database for root, cannot enter {place.home}: "
                f"the data is in {place.servers}."
            )
        if not (place.servers / "postgres").exists():
            self._terminal.step("database", "is being made, once …")
        postgres.stop_orphan(place)
        return postgres.program(place)

    def _redis(self) -> Program:
        redis.stop_orphan(self._place)
        return redis.program(self._place)

    async def _behind(
        self, faces: "asyncio.Task[dict[str, str]]", broker: "asyncio.Task[None]"
    ) -> None:
        """Those that nobody waits for: they would slow the faces down."""
        await asyncio.wait({faces}, timeout=HEAD_START)
        await broker
        for program in self._applications:
            if program.name not in FACES:
                self._supervisor.start(program)

    async def _first_link(self) -> str:
        return await asyncio.to_thread(self._tasks.first_link)

    async def _until(self, done: Callable[[], Awaitable[Done]]) -> Done:
        """Try until it works, where callers are answered meanwhile. A server that still recovers
        is waited for in any case: it would begin anew."""
        said, pause = "", FIRST_PAUSE
        while True:
            try:
                return await done()
            except StillStarting as error:
                text = str(error)
            except Exception as error:
                if self._answering is None or isinstance(error, self._tasks.final):
                    raise
                text = f"{_told(error)} It is tried again until it works, and callers are answered."
            if text != said:
                self._terminal.error(text)
                said = text
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _told(error: Exception) -> str:
    if isinstance(error, OperationalError | psycopg.OperationalError):
        return "The database cannot be reached."
    if isinstance(error, ServiceError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error}."
    return f"The database could not be made ready ({type(error).__name__})."  # its text may quote
