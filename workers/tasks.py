"""Shallow tasks: load, call, return. No argument ever holds personal data."""

from celery import shared_task

from workers import reconcile, recordings, sending


@shared_task(name="send_due")
def send_due() -> None:
    sending.send_due()


@shared_task(name="settle_unknown")
def settle_unknown() -> None:
    sending.settle_unknown()


@shared_task(name="fetch_recordings")
def fetch_recordings() -> None:
    recordings.fetch()


@shared_task(name="reconcile")
def reconcile_lists() -> None:
    reconcile.reconcile_if_due()
