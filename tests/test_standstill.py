"""The watch that tells a machine that stands still from a program that is slow."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGCONT, SIGSTOP

import pytest

from tests import standstill
from tests.services.running import wait_until
from tests.standstill import Standstill


@contextmanager
def watch() -> Iterator[Standstill]:
    found = Standstill()
    found.begin()
    try:
        yield found
    finally:
        found.end()


def test_what_could_not_run_is_noted_with_its_length() -> None:
    with watch() as found:
        assert found.sleeper
        time.sleep(0.5)  # until it runs
        began = time.time()
        os.kill(found.sleeper.pid, SIGSTOP)
        time.sleep(0.6)
        os.kill(found.sleeper.pid, SIGCONT)
        ended = time.time()
        wait_until(lambda: found.seconds(began, ended) > 0)
        assert found.seconds(began, ended) == pytest.approx(ended - began, abs=0.15)
        assert found.seconds(began - 10, began - 9) == 0


def test_our_own_work_is_no_standstill() -> None:
    with watch() as found:
        time.sleep(0.5)
        began = time.time()
        while time.time() < began + 0.5:
            pass
        # A machine that stands still by itself in this half a second is not what is tested.
        assert found.seconds(began, time.time()) < 0.4


def test_only_work_is_given_longer_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load, seconds in ((0.1, 2.0), (2.0, 2.0), (6.0, 4.0)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert standstill.wanted() == seconds
