"""Signs of life, outages, and the routing that is remembered."""

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import object_session

from leads import Call, Heartbeat, Outage, PracticePhone, TrackingNumber, clock, db
from leads.practice import Practice
from tests.conftest import TUESDAY_TEN
from tests.server import serving
from tests.webhooks.caller import CLINIC, DESK_PHONE, MARIA, Twilio, call_fields
from tests.webhooks.crowd import eventually, soon, timed
from tests.webhooks.rows import count, verbs
from tests.webhooks.test_replay import RANG, kept
from webhooks.app import app
from webhooks.breaker import LONGEST as LONGEST_PAUSE
from webhooks.routing import Routing
from webhooks.spool import Spool


def beats() -> list[Heartbeat]:
    with db.transaction() as session:
        return list(session.scalars(select(Heartbeat)))


def causes() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Outage.cause)))


def run(statement: str, **values: float) -> None:
    with db.transaction() as session:
        session.execute(text(statement), values)


def test_the_first_start_ever_is_no_outage(database: str, home: Path) -> None:
    assert database
    assert home
    with serving(app):
        eventually(beats)
    (beat,) = beats()
    assert beat.kind == "webhooks"
    assert beat.name.startswith("webhooks:")
    assert (beat.spooled, beat.oldest_spooled_at) == (0, None)
    assert causes() == []


@pytest.mark.parametrize("seconds", [0, 9, 3600])
def test_a_process_that_was_not_running_says_so(database: str, home: Path, seconds: int) -> None:
    """Twilio does not send a text again, and it may have been a STOP: seconds are enough."""
    assert database
    assert home
    with serving(app):
        eventually(beats)
    run("UPDATE heartbeat SET at = at - make_interval(secs => :gone)", gone=seconds)
    with serving(app):
        eventually(causes)
    (cause,) = causes()
    assert cause.startswith("The webhooks were not running from ")
    with db.transaction() as session:
        outage = session.scalars(select(Outage)).one()
    gone = (outage.ended_at - outage.began_at).total_seconds()
    assert seconds <= gone < seconds + 30
    assert len(beats()) == 1, "the row of the process before, not one more"


def test_a_database_that_did_not_answer_is_told_of_when_it_does(twilio: Twilio) -> None:
    assert twilio
    eventually(beats)
    run("ALTER TABLE heartbeat RENAME TO heartbeat_away")
    app.state.reception.wake.set()
    eventually(lambda: app.state.heart.missed)
    run("UPDATE heartbeat_away SET at = at - interval '1 hour'")
    run("ALTER TABLE heartbeat_away RENAME TO heartbeat")
    eventually(causes)
    (cause,) = causes()
    assert cause.startswith("The database did not answer from ")


def test_each_change_of_whom_to_ring_is_on_disk_within_seconds(twilio: Twilio) -> None:
    assert twilio
    path = app.state.reception.routing_file
    eventually(path.exists)
    assert json.loads(path.read_text())["phones"][0]["e164"] == DESK_PHONE
    with db.transaction() as session:
        PracticePhone.add(session, "+14255550122", "Back office", "mobile", 30)
    eventually(lambda: "+14255550122" in path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    kept = Routing.load(path)
    assert kept == app.state.reception.routing
    assert kept is not None
    assert [phone.asks_for_key for phone in kept.phones] == [False, True]
    path.write_text("{torn")
    assert Routing.load(path) is None


@pytest.mark.parametrize(
    ("label", "to", "caller", "real", "rings"),
    [
        ("in opening hours", CLINIC, MARIA, TUESDAY_TEN, True),
        ("on a Sunday", CLINIC, MARIA, datetime(2026, 12, 7, 5, tzinfo=UTC), False),
        ("an overflow number", "+14255550177", MARIA, TUESDAY_TEN, False),
        ("a number that is not ours", "+14255550178", MARIA, TUESDAY_TEN, True),
        ("one of our own phones", CLINIC, DESK_PHONE, TUESDAY_TEN, False),
        ("our own number", CLINIC, CLINIC, TUESDAY_TEN, False),
        ("withheld", CLINIC, "anonymous", TUESDAY_TEN, True),
    ],
)
def test_memory_rings_when_the_database_would(
    practice: Practice, label: str, to: str, caller: str, real: datetime, rings: bool
) -> None:
    session = object_session(practice)
    assert session is not None
    TrackingNumber.add(session, "+14255550177", "Carrier", "overflow")
    clock.reset(session)
    known = Routing.read(session)
    assert bool(known.phones_for(to, (caller, ""), real)) == rings, label


def test_an_unwritable_spool_costs_no_caller_their_answer(twilio: Twilio, home: Path) -> None:
    """And reconciliation is told where to look."""
    eventually(beats)
    spool = home / "spool"
    shutil.rmtree(spool, ignore_errors=True)
    spool.write_text("in the way")  # root, too, is refused
    app.state.reception.breaker.failed()
    answer, seconds = timed(lambda: twilio.post("voice", call_fields()))
    assert verbs(answer.text) == ["Dial"]
    assert soon(seconds)
    eventually(causes)
    assert causes()[0].startswith("Some of Twilio's requests could not be kept from ")
    spool.unlink()
    assert count(Call) == 0
    app.state.reception.breaker.failed()
    assert twilio.post("voice", call_fields("CA2")).status_code == 200
    eventually(lambda: count(Call) == 1)


def test_what_a_dead_process_left_is_done_by_the_next_one(database: str, home: Path) -> None:
    assert database
    kept(Spool(home / "spool"), 5, "voice", call_fields(), RANG)
    with serving(app) as address, httpx.Client(base_url=address) as client:
        eventually(lambda: count(Call) == 1)
        assert client.get("/ready").json()["spooled"] == 0
    eventually(lambda: beats()[0].spooled == 0)


def test_a_torn_line_alone_is_a_loss_that_is_told(database: str, home: Path) -> None:
    assert database
    path = home / "spool" / "1-a.jsonl"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(
        b'{"received_at": "2026-11-22T20:00:00+00:00", "path": "sms", "body": "Body=ST'
    )
    with serving(app):
        eventually(causes)
        assert causes()[0].startswith("Some of Twilio's requests could not be kept from ")
        eventually(lambda: beats()[0].spooled == 0)
    assert not list(path.parent.glob("1-a.*"))


def test_a_torn_line_alone_waits_since_its_file_was_written(twilio: Twilio, home: Path) -> None:
    """While somebody else replays, or nobody can."""
    eventually(beats)
    with Spool(home / "spool").replaying() as ours:
        assert ours
        path = home / "spool" / "1-a.jsonl"
        path.write_bytes(b'{"received_at": "2026-11-22T20:00:00+00:00", "pa')
        app.state.reception.wake.set()
        eventually(lambda: beats()[0].spooled == 1)
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        assert beats()[0].oldest_spooled_at == written_at
        answer = twilio.client.get("/ready")
        assert (answer.status_code, answer.json()["spooled"]) == (200, 1)


def test_whoever_skips_the_database_still_gives_signs_of_life(twilio: Twilio) -> None:
    assert twilio
    eventually(beats)
    breaker = app.state.reception.breaker
    breaker._closed_at = time.monotonic()
    breaker._pause = LONGEST_PAUSE
    breaker.failed()
    assert breaker.seconds_left > 15
    last = beats()[0].at
    eventually(lambda: beats()[0].at > last + timedelta(seconds=3), 8)
    assert breaker.is_open
    assert causes() == []
