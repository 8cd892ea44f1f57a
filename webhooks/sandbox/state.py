"""What the sandbox remembers over restarts: calls, texts, recordings, faults and its log.

One SQLite file. Everything is a JSON document with a kind and a SID; lists are short enough to
be filtered in Python. The log is append-only and is what tests judge by.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from webhooks.sandbox.settings import SettingsError
from webhooks.sandbox.sids import stamp

Document = dict[str, Any]

SCHEMA = """
create table if not exists document (
  kind text not null, sid text not null, seq integer not null, body text not null,
  primary key (kind, sid)
) without rowid;
create index if not exists document_in_order on document (kind, seq);
create table if not exists log (
  seq integer primary key autoincrement, at text not null, kind text not null, facts text not null
);
"""


class State:
    """Raises SettingsError where the file cannot be opened. For one thread: the event loop's."""

    def __init__(self, folder: Path) -> None:
        path = folder / "state.sqlite3"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            # A lost last entry after a power cut costs nothing here; an fsync per entry would.
            self._db.execute("pragma synchronous = normal")
            self._db.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                f"The sandbox does not start, because its state {path} cannot be opened ({error}): "
                "make the folder writable, or remove the file to begin with an empty sandbox."
            ) from error
        self.revision = 0  # grows with every change: the page asks again only when it did

    def put(self, kind: str, sid: str, body: Document) -> None:
        self.revision += 1
        self._db.execute(
            "insert into document (kind, sid, seq, body) values"
            " (?, ?, (select coalesce(max(seq), 0) + 1 from document where kind = ?), ?)"
            " on conflict (kind, sid) do update set body = excluded.body",
            (kind, sid, kind, json.dumps(body)),
        )

    def get(self, kind: str, sid: str) -> Document | None:
        row = self._db.execute(
            "select body from document where kind = ? and sid = ?", (kind, sid)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str, newest: int | None = None) -> list[Document]:
        """Oldest first; with `newest`, only that many of the newest."""
        rows = self._db.execute(
            "select body from document where kind = ? order by seq desc limit ?",
            (kind, -1 if newest is None else newest),
        ).fetchall()
        return [json.loads(body) for (body,) in reversed(rows)]

    def remove(self, kind: str, sid: str) -> bool:
        self.revision += 1
        query = "delete from document where kind = ? and sid = ?"
        return self._db.execute(query, (kind, sid)).rowcount > 0

    def clear(self) -> None:
        self.revision += 1
        self._db.executescript("delete from document; delete from log;")

    def log(self, kind: str, **facts: Any) -> None:
        self.revision += 1
        self._db.execute(
            "insert into log (at, kind, facts) values (?, ?, ?)", (stamp(), kind, json.dumps(facts))
        )

    def log_since(self, since: int, kind: str | None, limit: int) -> list[Document]:
        """Entries after number `since`, oldest first."""
        rows = self._db.execute(
            "select seq, at, kind, facts from log"
            " where seq > ? and (? is null or kind = ?) order by seq limit ?",
            (since, kind, kind, limit),
        )
        return [
            {"seq": seq, "at": at, "kind": kind, **json.loads(facts)}
            for seq, at, kind, facts in rows
        ]

    def log_tail(self, count: int, kinds: Sequence[str]) -> list[Document]:
        """The newest entries of these kinds, newest first."""
        rows = self._db.execute(
            "select seq, at, kind, facts from log"
            " where kind in (select value from json_each(?)) order by seq desc limit ?",
            (json.dumps(kinds), count),
        )
        return [
            {"seq": seq, "at": at, "kind": kind, **json.loads(facts)}
            for seq, at, kind, facts in rows
        ]

    async def wait_until(self, fact: Callable[[], bool], seconds: float) -> bool:
        """True as soon as `fact` holds; looks every 25 ms, which nobody at a phone notices."""
        for _ in range(max(1, int(seconds / 0.025))):
            if fact():
                return True
            await asyncio.sleep(0.025)
        return fact()

    def close(self) -> None:
        self._db.close()
