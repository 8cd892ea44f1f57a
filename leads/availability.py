"""Whether an error means that the database cannot serve now, or that something of ours is wrong."""

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

# Of two transactions that wait for each other one is given up; trying again is the cure.
TRY_AGAIN = ("40001", "40P01")


def try_again(error: BaseException) -> bool:
    """The same transaction would work a moment later."""
    return isinstance(error, DBAPIError) and _code(error) in TRY_AGAIN


def unavailable(error: BaseException) -> bool:
    """The database is away, full, too slow, read-only or out of connections: no fault of what was
    asked of it, and whatever is asked next will fail, too."""
    if isinstance(error, NoConnection):
        return True
    served = isinstance(error, OperationalError | InterfaceError | InternalError)
    return served and not try_again(error)


def _code(error: DBAPIError) -> str:
    """SQLSTATE; empty when the server did not get to answer."""
    return getattr(error.orig, "sqlstate", None) or ""
