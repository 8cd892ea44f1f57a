"""Goes through Twilio's own lists and adds what never reached us.

1. Texts to us, then the reports on ours: a STOP is known before anything else follows.
2. Calls in the order in which they came, with the phones that were rung; then voicemails.
3. Only then what follows from the calls: follow-ups, by the same functions as live ones.
4. One commit moves the watermark and passes the outages before it. Whatever breaks on the way is
   gone through again from where this one began: everything may be done twice. A row that fails
   in three comparisons in a row is set aside, and outages do not wait for calls that fail.

Nothing is taken back: what is known only goes forward. No transaction is open over the network.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from leads import gaps, reconciliation
from leads.db import database_time, transaction
from leads.installation import Installation
from leads.log import what_failed
from leads.reconciliation import Busy, Reconciliation
from workers import reconcile_calls, reconcile_texts
from workers.comparison import UNAVAILABLE, Comparison
from workers.listing import Lists, ListUnavailable

log = structlog.get_logger()


def reconcile_if_due() -> None:
    """What beat asks for. A comparison that is under way is enough. Raises WrongInstallation."""
    with transaction() as session:
        if not reconciliation.is_due(session):
            return
    with suppress(Busy):
        reconcile()


def reconcile(
    since: datetime | None = None,
    until: datetime | None = None,
    tell: Callable[[str, int], None] = lambda _kind, _rows: None,
    lists: Lists | None = None,
) -> Reconciliation:
    """Compare from the watermark (or from earlier, with `since`) until `GRACE` ago, or `until`.

    Returns what was found, and in `error` why it was not finished. `tell` hears how many rows of
    a kind were looked at. Raises Busy, WrongInstallation, and UNAVAILABLE when not even that can
    be written down.
    """
    with reconciliation.turn():
        with transaction() as session:
            began_at = database_time(session)
            begin, end = reconciliation.span(session, since)
            comparison = Comparison(
                since=begin,
                until=until or end,
                shift=Installation.current(session).clock_shift,
                numbers=gaps.our_numbers(session),
                lists=lists or Lists(),
                tell=tell,
                earlier=reconciliation.failing(session),
            )
        error = _compare(comparison)
        found = _found(comparison)
        with transaction() as session:
            row = reconciliation.finish(
                session, began_at, comparison.since, comparison.until, found, error,
                texts_through=comparison.texts_through,
            )  # fmt: skip
    (log.warning if error else log.info)("reconciled", **found, error=error)
    return row


def _compare(comparison: Comparison) -> str | None:
    """Why it could not be done to the end, as a sentence for staff."""
    try:
        refused = _gone_through(comparison)
    except ListUnavailable as unavailable:
        return str(unavailable)
    except UNAVAILABLE as failed:
        log.error("not_reconciled", **what_failed(failed))
        return (
            "The database did not answer. Nothing was lost; the next comparison begins where this "
            "one did."
        )
    except Exception as failed:
        log.error("not_reconciled", **what_failed(failed))
        return (
            "An error that nobody foresaw broke the comparison off; the log says where. Nothing "
            "was lost; the next comparison begins where this one did."
        )
    if refused is None:
        comparison.earlier = {}  # what did not fail this time did not fail in a row
    if comparison.held:
        held = (
            f"{len(comparison.held)} of Twilio's calls, texts or recordings could not be added; "
            "the log says which. They are tried again at the next comparison."
        )
        return f"{refused} {held}" if refused else held
    return refused


def _gone_through(comparison: Comparison) -> str | None:
    """All of the lists; why the voicemails could not be had, if that alone was refused: what
    follows from calls does not wait for them, and outages are over when texts are known."""
    reconcile_texts.compare(comparison)
    through = not comparison.held
    calls, refused = reconcile_calls.compare(comparison), None
    comparison.texts_through = through
    try:
        for sid in reconcile_calls.voicemails(comparison):
            calls.append(sid)  # those before it broke off count
    except ListUnavailable as unavailable:
        refused = f"Calls and texts are up to date, voicemails are not. {unavailable}"
    reconcile_calls.conclude(comparison, calls)
    return refused


def _found(comparison: Comparison) -> dict[str, Any]:
    """Counts, and the SIDs of what could not be added, with how often it was tried."""
    counts = comparison.found
    counts["failed"] = len(comparison.held)
    counts["set_aside"] = len(comparison.set_aside)
    counts["unreadable"] = comparison.lists.unreadable
    found: dict[str, Any] = {kind: count for kind, count in counts.items() if count}
    failing = comparison.earlier | comparison.failed
    return found | ({"failing": failing} if failing else {})
