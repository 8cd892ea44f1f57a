"""What admins have still to be told of alarms: of each one once, and once when it is over.

On a connection of its own (leads/lifeline.py), because who tells holds a lock while it speaks to a
mail server, and no transaction may stay open meanwhile. The lock belongs to the connection: a
process that dies lets go of it.
"""

from dataclasses import dataclass
from datetime import datetime

from leads.first_admin import FIRST_ADMIN
from leads.lifeline import Connection

LOCK = 0x52420023 << 32  # every lock on an alarm: this, and the alarm's id below it
# A cause that comes and goes: after a mail about its kind, an alarm of that kind waits until it
# has stood for ten minutes, unless an hour has passed.
OWED = """
    SELECT id, kind, text, raised_at, cleared_at FROM alarm AS one
    WHERE cleared_at IS NULL AND alerted_at IS NULL AND (
        clock_timestamp() + coalesce((SELECT clock_shift FROM installation), '0')
            > raised_at + interval '10 minutes'
        OR NOT EXISTS (
            SELECT FROM alarm AS other WHERE other.kind = one.kind
            AND greatest(other.alerted_at, other.recovery_alerted_at)
                > clock_timestamp() - interval '1 hour'))
    OR cleared_at IS NOT NULL AND alerted_at IS NOT NULL AND recovery_alerted_at IS NULL
    ORDER BY id
"""


@dataclass(frozen=True)
class Owed:
    """An alarm that was raised, or one that is over. `at`: since when, in practice time."""

    alarm_id: int
    kind: str
    text: str
    at: datetime
    over: bool


def owed(opened: Connection) -> list[Owed]:
    """What was over before anybody could be told of it is not told any more."""
    return [
        Owed(alarm_id, kind, text, cleared_at or raised_at, cleared_at is not None)  # type: ignore[arg-type] # the table's types
        for alarm_id, kind, text, raised_at, cleared_at in opened.execute(OWED)
    ]


def hold(opened: Connection, what: Owed) -> bool:
    """Whether this connection alone may tell of it now: nobody else is at it, nor was since."""
    held = opened.execute("SELECT pg_try_advisory_lock(%s)", (LOCK + what.alarm_id,)).fetchone()
    if held != (True,):
        return False
    return what in owed(opened)


def told(opened: Connection, what: Owed) -> None:
    column = "recovery_alerted_at" if what.over else "alerted_at"
    opened.execute(
        f"UPDATE alarm SET {column} = clock_timestamp() WHERE id = %s",  # noqa: S608 # type: ignore[arg-type] - one of two names
        (what.alarm_id,),
    )


def recipients(opened: Connection) -> list[str]:
    """The e-mail addresses of the admins who may sign in, but for the one of the first start,
    whom no mail reaches: a server that takes it all the same would have us think it was told."""
    found = opened.execute(
        "SELECT email FROM staff WHERE role = 'admin' AND disabled_at IS NULL "
        "AND email <> %s ORDER BY id",
        [FIRST_ADMIN],
    )
    return [str(email) for (email,) in found]
