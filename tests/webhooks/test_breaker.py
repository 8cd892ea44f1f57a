"""How long the database is skipped, and what ends that."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest

from webhooks import breaker
from webhooks.breaker import Breaker


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(breaker, "SHORTEST", 0.05)
    return []


def finished(work: Callable[[], Coroutine[None, None, bool]]) -> bool:
    """In a thread of its own: where browser tests ran before, this one has an event loop."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(work())).result()


def made(opened: list[str]) -> Breaker:
    return Breaker(lambda: opened.append("opened"), lambda: opened.append("woken"))


def test_it_opens_once_and_stays_open_for_a_while(opened: list[str]) -> None:
    skipping = made(opened)
    assert not skipping.is_open
    skipping.failed()
    skipping.failed()
    assert opened == ["opened"]
    skipping.works()
    assert skipping.is_open, "one success at once is no proof"
    time.sleep(skipping.seconds_left + 0.01)
    assert skipping.is_open, "nobody has looked yet"
    skipping.works()
    assert not skipping.is_open


def test_who_fails_again_soon_is_skipped_for_longer(opened: list[str]) -> None:
    skipping = made(opened)
    pauses = []
    for _ in range(3):
        skipping.failed()
        pauses.append(skipping.seconds_left)
        time.sleep(skipping.seconds_left + 0.01)
        skipping.works()
    assert pauses[0] < 0.06 < pauses[1] < 0.11 < pauses[2]


def test_a_time_out_among_others_that_were_served_opens_nothing_yet(opened: list[str]) -> None:
    async def judged() -> bool:
        skipping = made(opened)
        skipping.served()
        skipping.timed_out()
        at_once = skipping.is_open
        skipping.served()
        await asyncio.sleep(breaker.FRESH + 0.1)
        return at_once or skipping.is_open

    assert not finished(judged)
    assert opened == ["woken"]


def test_a_time_out_with_nobody_served_since_opens_it(opened: list[str]) -> None:
    async def judged() -> bool:
        skipping = made(opened)
        skipping.served()
        await asyncio.sleep(0.01)
        skipping.timed_out()
        await asyncio.sleep(breaker.FRESH + 0.1)
        return skipping.is_open

    assert finished(judged)
