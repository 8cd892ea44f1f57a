"""Lists as reconciliation reads them: pages, times, limits and delays."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.webhooks.sandbox.sandbox_harness import ACCOUNT, DESK, TOKEN, VOICE, World, twiml

HOUR = timedelta(hours=1)


def asked(world: World, address: str, **query: str) -> Any:
    return world.http.get(address, params=query or None, auth=(ACCOUNT, TOKEN))


def listed(world: World, what: str, **query: str) -> Any:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/{what}.json"
    return asked(world, path, **query).raise_for_status().json()


def at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_calls_and_their_legs_stand_in_one_list_of_pages(world: World) -> None:
    world.answer(VOICE, twiml(f"<Dial><Number>{DESK}</Number></Dial>"))
    sids = [world.ring(script={"answer": DESK, "talk_seconds": 5})["sid"] for _ in range(3)]
    page, seen = listed(world, "Calls", PageSize="4"), []
    assert (len(page["calls"]), page["page_size"]) == (4, 4)
    while True:
        seen += page["calls"]
        if page["next_page_uri"] is None:
            break
        assert page["next_page_uri"].startswith("/2010-04-01/")
        page = asked(world, page["next_page_uri"]).raise_for_status().json()
    parents = [call for call in seen if call["parent_call_sid"] is None]
    assert [call["sid"] for call in parents] == sids[::-1], "newest first"
    legs = {call["parent_call_sid"] for call in seen if call["direction"] == "outbound-dial"}
    assert legs == set(sids)
    for call in parents:
        # A leg stands before the call that rang it: it began later.
        places = [n for n, each in enumerate(seen) if call["sid"] in each.values()]
        assert seen[min(places)]["parent_call_sid"] == call["sid"]


def test_recordings_and_texts_are_listed_by_utc_time(world: World) -> None:
    world.answer(VOICE, twiml('<Record action="/recorded"/>'))
    world.ring(script={"voicemail_seconds": 3})
    world.text("Hello")
    now = datetime.now(UTC)
    for what, name, key in (
        ("Recordings", "DateCreated", "recordings"),
        ("Messages", "DateSent", "messages"),
        ("Calls", "StartTime", "calls"),
    ):
        span = {f"{name}>": at(now - HOUR), f"{name}<": at(now + HOUR)}
        assert len(listed(world, what, **span)[key]) == 1
        assert listed(world, what, **{f"{name}>": at(now + HOUR)})[key] == []
        assert listed(world, what, **{f"{name}<": at(now - HOUR)})[key] == []
        assert len(listed(world, what, **{name: now.strftime("%Y-%m-%d")})[key]) == 1


def test_a_list_may_be_refused_for_a_while_or_come_late(world: World) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    world.api("PUT", "/faults", rate_limit={"count": 1, "path": "Calls.json"})
    assert asked(world, path).status_code == 429
    assert asked(world, path).status_code == 200
    world.api("PUT", "/faults", hang={"count": 1, "seconds": 0.3, "accepted": True})
    began = time.monotonic()
    assert asked(world, path).status_code == 200
    assert time.monotonic() - began >= 0.3
