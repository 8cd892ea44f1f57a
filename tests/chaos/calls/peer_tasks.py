"""The task of the other handler, which texts a caller; a Celery application of its own."""

import os

import psycopg
import requests
from celery import Celery

from tests.chaos.calls.people import PEER

TIMEOUT_SECONDS = 10.0
BODY = "Sorry we missed your call. Reply here to book. Reply STOP to opt out."

app = Celery("peer", broker=os.environ.get("PEER_BROKER", ""))
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"visibility_timeout": 60, "socket_timeout": 10},
)


def connect() -> psycopg.Connection[tuple[str, ...]]:
    return psycopg.connect(os.environ["PEER_DATABASE_URL"], connect_timeout=3)


def text(call_sid: str) -> None:
    with connect() as session:
        row = session.execute("select phone from call where sid = %s", [call_sid]).fetchone()
        if row is None:
            return
        stopped = session.execute("select 1 from opt_out where phone = %s", row).fetchone()
        sent = session.execute("select 1 from text_out where phone = %s", row).fetchone()
    if stopped or sent:
        return
    account = os.environ["TWILIO_ACCOUNT_SID"]
    requests.post(
        f"{os.environ['TWILIO_API_BASE']}/2010-04-01/Accounts/{account}/Messages.json",
        data={"To": row[0], "From": PEER, "Body": BODY},
        auth=(account, os.environ["TWILIO_AUTH_TOKEN"]),
        timeout=TIMEOUT_SECONDS,
    ).raise_for_status()
    with connect() as session:
        session.execute("insert into text_out values (%s, %s)", [call_sid, row[0]])


texting = app.task(
    name="text",
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(Exception,),
    max_retries=5,
    default_retry_delay=5,
)(text)
