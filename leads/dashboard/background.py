"""Work of many steps that somebody waits for: begun in the request, gone on with in a thread.

Each step is a transaction of its own and writes down how far it is. So a dashboard that is
stopped loses nothing, and whoever looks afterwards can go on from there.
"""

import threading
import time
from collections.abc import Callable

import structlog

from leads.log import what_failed

log = structlog.get_logger()
AT_ONCE = 0.4  # seconds of it that fit into the request: little work needs no second page
_under_way: set[str] = set()
_lock = threading.Lock()


def work(name: str, step: Callable[[], bool]) -> None:
    """Call `step` until it says that nothing is left: for a moment here, then in a thread. The
    same `name` is worked on once in this process.

    A step that fails raises nothing here either: those before it are done, so that an error page,
    which says that nothing was changed, would be wrong."""
    with _lock:
        if name in _under_way:
            return
        _under_way.add(name)
    more = False
    try:
        more = _for_a_moment(step)
    except Exception as error:
        _stands_still(name, error)
    finally:
        if not more:
            _under_way.discard(name)
    if more:
        threading.Thread(target=_go_on, args=(name, step), name=name, daemon=True).start()


def _for_a_moment(step: Callable[[], bool]) -> bool:
    """Whether something is left after it."""
    until = time.monotonic() + AT_ONCE
    while more := step():
        if time.monotonic() >= until:
            break
    return more


def _go_on(name: str, step: Callable[[], bool]) -> None:
    try:
        while step():
            pass
    except Exception as error:
        _stands_still(name, error)
    finally:
        _under_way.discard(name)


def _stands_still(name: str, error: Exception) -> None:
    """It stays where it is: the page says so, and offers to go on."""
    log.error("work_stopped", work=name, **what_failed(error))


def idle() -> bool:
    """Whether nothing is under way: a test waits for it before its database goes."""
    return not _under_way
