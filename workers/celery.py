"""The Celery app and the beat schedule, nothing else.

A tick says "look at the database"; what is due stands there. So a tick may be lost, late or
doubled, and Redis may lose everything, without a text being lost or sent twice.
"""

from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging, worker_ready

from leads import log
from leads.settings import settings

TICK = 2.0  # seconds
EVERY_TICK = {"expires": TICK * 2}  # a stale tick says nothing that the next one does not

app = Celery("ringback", broker=settings().redis_url or None)
app.conf.update(
    result_backend=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    timezone="UTC",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # for ever
    broker_transport_options={"visibility_timeout": 60, "socket_timeout": 10},
    beat_schedule={
        "send due texts": {"task": "send_due", "schedule": TICK, "options": EVERY_TICK},
        "look numbers up": {"task": "look_up", "schedule": TICK, "options": EVERY_TICK},
        "settle unknown texts": {
            "task": "settle_unknown",
            "schedule": 15.0,
            "options": {"expires": 15},
        },
        "fetch recordings": {
            "task": "fetch_recordings",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "do what staff asked for": {"task": "do_errand", "schedule": TICK, "options": EVERY_TICK},
        "mail the day": {"task": "send_digest", "schedule": 60.0, "options": {"expires": 60}},
        "fetch pictures": {
            "task": "fetch_pictures",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "go through Twilio's lists": {  # which it does every five minutes, and after an outage
            "task": "reconcile",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
    },
    beat_max_loop_interval=TICK,
)


@celeryd_init.connect
def _tasks(**_: Any) -> None:
    import_module("workers.tasks")  # not in beat, which says their names and needs nothing of them


@setup_logging.connect
def _log(**_: Any) -> None:
    log.configure()


@worker_ready.connect
def _watch_in_worker(**_: Any) -> None:
    import_module("workers.watch").begin("worker")
    import_module("workers.calling").begin()


@beat_init.connect
def _watch_in_beat(**_: Any) -> None:
    import_module("workers.watch").begin("beat")
