"""Shallow tasks: load, call, return. No argument ever holds personal data."""

from threading import Lock

from celery import shared_task

from leads import importing
from workers import calling, digest, errands, pictures, reconcile, recordings, sending

_one_sender = Lock()


@shared_task(name="send_due")
def send_due() -> None:
    """One sender in a process: a second would get half of the interpreter, and send no faster."""
    if _one_sender.acquire(blocking=False):
        try:
            sending.send_due()
        finally:
            _one_sender.release()


@shared_task(name="settle_unknown")
def settle_unknown() -> None:
    sending.settle_unknown()
    calling.settle_unknown()


@shared_task(name="fetch_recordings")
def fetch_recordings() -> None:
    recordings.fetch()


@shared_task(name="fetch_pictures")
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
