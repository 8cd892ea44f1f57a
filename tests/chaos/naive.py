"""What most people write: a countdown task that sends and then marks.

It is written with care, as such tasks go: late acknowledgement, a look whether it was sent
already, a timeout, retries on every exception. It is a Celery application of its own
(`celery -A tests.chaos.naive worker`) with a table of its own.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import requests
from celery import Celery
from psycopg import sql

from tests.chaos.recipients import NAIVE_SENDER

COUNTDOWN = 2  # seconds from the missed call to its text
TIMEOUT_SECONDS = 10.0  # as ours
BODY = "Sorry we missed your call. Reply here to book. Reply STOP to opt out."


@dataclass(frozen=True)
class Told:
    database_url: str
    broker: str
    patience: int  # seconds until the broker hands out again what was not acknowledged

    @property
    def environment(self) -> dict[str, str]:
        return {
            "NAIVE_DATABASE_URL": self.database_url,
            "NAIVE_BROKER": self.broker,
            "NAIVE_PATIENCE": str(self.patience),
        }


def application(broker: str, patience: int) -> Celery:
    made = Celery("naive", broker=broker)
    made.conf.update(
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"visibility_timeout": patience, "socket_timeout": 10},
    )
    return made


app = application(os.environ.get("NAIVE_BROKER", ""), int(os.environ.get("NAIVE_PATIENCE", "60")))


def remind(reminder_id: int) -> None:
    with psycopg.connect(os.environ["NAIVE_DATABASE_URL"]) as session:
        row = session.execute(
            "select phone, sent_at from reminder where id = %s", [reminder_id]
        ).fetchone()
    if row is None or row[1] is not None:
        return
    account = os.environ["TWILIO_ACCOUNT_SID"]
    requests.post(
        f"{os.environ['TWILIO_API_BASE']}/2010-04-01/Accounts/{account}/Messages.json",
        data={"To": row[0], "From": NAIVE_SENDER, "Body": BODY},
        auth=(account, os.environ["TWILIO_AUTH_TOKEN"]),
        timeout=TIMEOUT_SECONDS,
    ).raise_for_status()
    with psycopg.connect(os.environ["NAIVE_DATABASE_URL"]) as session:
        session.execute("update reminder set sent_at = now() where id = %s", [reminder_id])


app.task(
    name="remind",
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(Exception,),
    max_retries=10,
    default_retry_delay=5,
)(remind)


def make_database(beside: str, name: str) -> None:
    with psycopg.connect(beside, autocommit=True) as session:
        session.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def seed(told: Told, phones: Sequence[str]) -> None:
    with psycopg.connect(told.database_url) as session:
        session.execute(
            "create table reminder (id int primary key, phone text, sent_at timestamptz)"
        )
        session.cursor().executemany(
            "insert into reminder (id, phone) values (%s, %s)", list(enumerate(phones))
        )


def marked(told: Told) -> set[str]:
    """The phones that it believes it has texted."""
    with psycopg.connect(told.database_url) as session:
        rows = session.execute("select phone from reminder where sent_at is not null")
        return {phone for (phone,) in rows}


class Calls:
    """Missed calls come in: each puts its task into the broker, due in a few seconds."""

    def __init__(self, told: Told, count: int) -> None:
        self._app = application(told.broker, told.patience)
        self._count, self._begun = count, 0

    def come_in(self, share: float) -> None:
        """Until this share of all (0 to 1) has come."""
        until = min(int(self._count * share), self._count)
        for reminder_id in range(self._begun, until):
            self._app.send_task("remind", (reminder_id,), countdown=COUNTDOWN)
        self._begun = max(self._begun, until)
