"""Shallow tasks: load, call, return. No argument ever holds personal data."""

from collections.abc import Callable
from functools import wraps
from threading import Lock

from celery import shared_task

from leads import importing
from workers import calling, digest, errands, lookups, pictures, reconcile, recordings, sending


def alone(work: Callable[[], None]) -> Callable[[], None]:
    """One at a time in a process: whoever waits long for Twilio is not to take all of its threads,
    tick by tick, from those who send and compare."""
    lock = Lock()

    @wraps(work)
    def once() -> None:
        if lock.acquire(blocking=False):
            try:
                work()
            finally:
                lock.release()

    return once


@shared_task(name="send_due")
@alone
def send_due() -> None:
    """A second sender would get half of the interpreter, and send no faster."""
    sending.send_due()


@shared_task(name="look_up")
@alone
def look_up() -> None:
    lookups.look_up()


@shared_task(name="settle_unknown")
@alone
def settle_unknown() -> None:
    sending.settle_unknown()
    calling.settle_unknown()


@shared_task(name="fetch_recordings")
@alone
def fetch_recordings() -> None:
    recordings.fetch()


@shared_task(name="fetch_pictures")
@alone
def fetch_pictures() -> None:
    pictures.fetch()


@shared_task(name="reconcile")
def reconcile_lists() -> None:
    reconcile.reconcile_if_due()


@shared_task(name="do_errand")
def do_errand() -> None:
    errands.do_next()


@shared_task(name="send_digest")
def send_digest() -> None:
    """Once a minute; lists that were imported long ago go with it."""
    try:
        digest.send()
    finally:
        importing.forget()
