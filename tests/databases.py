"""A database for each test, without making one each time: copying a template takes a third of a
second, and putting back what a test has changed a hundredth."""

from typing import LiteralString

import psycopg
from psycopg import sql

from services import Servers

Connection = psycopg.Connection[tuple[object, ...]]
# All that `reset` cannot put back; a test that leaves it otherwise gets its successor a new copy.
SHAPE: LiteralString = """
    select (select array_agg((c.oid, c.relname, c.relkind, c.reloptions) order by c.oid)
            from pg_class c where c.relnamespace = 'public'::regnamespace),
           (select array_agg((a.attrelid, a.attname, a.atttypid, a.attnotnull)
                             order by a.attrelid, a.attnum)
            from pg_attribute a join pg_class c on c.oid = a.attrelid
            where c.relnamespace = 'public'::regnamespace and a.attnum > 0),
           (select array_agg((t.oid, t.tgname, t.tgenabled) order by t.oid) from pg_trigger t),
           (select array_agg((t.oid, t.conname) order by t.oid) from pg_constraint t),
           (select array_agg((p.oid, p.prosrc) order by p.oid) from pg_proc p
            where p.pronamespace = 'public'::regnamespace),
           (select array_agg(s.setconfig) from pg_db_role_setting s)
"""


class Copy:
    """A copy of a template, which `reset` makes equal to it again."""

    def __init__(self, servers: Servers, name: str, template: str) -> None:
        self._servers, self._name, self._template = servers, name, template
        self.url = servers.database_url(name)
        self._make()

    def reset(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as session:
                self._alone(session)
                same = _shape(session) == self._shape
                if same:
                    self._put_back(session)
        except psycopg.Error:
            same = False  # renamed, full, or its server was restarted
        if not same:
            self._servers.drop_database(self._name)
            self._make()

    def _make(self) -> None:
        self._servers.create_database(self._name, self._template)
        with psycopg.connect(self.url, autocommit=True) as session:
            found = session.execute(
                "select c.relname, c.relkind::text from pg_class c "
                "where c.relnamespace = 'public'::regnamespace order by c.relname"
            ).fetchall()
            self._tables = [str(name) for name, kind in found if kind == "r"]
            self._sequences = {
                str(name): session.execute(
                    sql.SQL("select last_value, is_called from {}").format(
                        sql.Identifier(str(name))
                    )
                ).fetchone()
                for name, kind in found
                if kind == "S"
            }
            self._rows = {name: _rows(session, name) for name in self._filled(session)}
            self._shape = _shape(session)

    def _alone(self, session: Connection) -> None:
        """Whoever is still there belongs to the test that is over."""
        session.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid() "
            "and backend_type = 'client backend'"
        )

    def _put_back(self, session: Connection) -> None:
        with session.transaction():
            # No trigger refuses it, and no foreign key asks for an order.
            session.execute("set local session_replication_role = replica")
            for name in self._filled(session):
                session.execute(sql.SQL("delete from {}").format(sql.Identifier(name)))
            for name, rows in self._rows.items():
                into = sql.SQL("copy {} from stdin").format(sql.Identifier(name))
                with session.cursor().copy(into) as copy:
                    copy.write(rows)
            for name, state in self._sequences.items():
                session.execute("select setval(%s, %s, %s)", [name, *(state or ())])

    def _filled(self, session: Connection) -> list[str]:
        """The tables that have rows."""
        has = (
            sql.SQL("select {} where exists (select from {})").format(
                sql.Literal(name), sql.Identifier(name)
            )
            for name in self._tables
        )
        return [str(name) for (name,) in session.execute(sql.SQL(" union all ").join(has))]


def _shape(session: Connection) -> tuple[object, ...] | None:
    return session.execute(SHAPE).fetchone()


def _rows(session: Connection, name: str) -> bytes:
    out = sql.SQL("copy {} to stdout").format(sql.Identifier(name))
    with session.cursor().copy(out) as copy:
        return b"".join(bytes(block) for block in copy)
