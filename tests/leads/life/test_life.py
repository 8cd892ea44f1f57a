"""A follow-up's whole life, in any order that hypothesis thinks of.

A long run: `LIFE_EXAMPLES=2000 LIFE_STEPS=60 pytest tests/leads/life`. A failure prints the
shortest example found, as a program, and a blob that repeats it.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.leads.life.machine import Life


def test_no_invariant_breaks_in_any_life_of_a_follow_up(database: str) -> None:
    assert database
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=int(os.environ.get("LIFE_EXAMPLES", "25")),
            stateful_step_count=int(os.environ.get("LIFE_STEPS", "25")),
            deadline=None,  # a real database on a busy machine
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],  # for the same reason
        ),
    )
