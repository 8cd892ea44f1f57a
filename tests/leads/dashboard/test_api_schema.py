"""Whatever the OpenAPI description allows, and much that it does not, gets a described answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from leads.dashboard.app import app, create_app
from tests.leads.dashboard.people import caller, token
from tests.server import serving

schema = schemathesis.openapi.from_dict(create_app().openapi())


@pytest.fixture
def program(database: str) -> Iterator[tuple[str, dict[str, str]]]:
    """An address and the headers of a program that may do everything."""
    assert database
    caller("+14255550142", "Maria Lopez", datetime(2026, 12, 1, 18, 0, tzinfo=UTC))
    with serving(app) as address:
        yield address, token("admin")


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[*HealthCheck],
)
def test_every_answer_is_a_described_one(
    case: schemathesis.Case[Any], program: tuple[str, dict[str, str]]
) -> None:
    address, headers = program
    case.call_and_validate(
        base_url=address,
        headers=headers,
        # A description cannot say which strings are telephone numbers, or cursors of ours; and
        # on the wire `1.0` is an integer.
        excluded_checks=[positive_data_acceptance, negative_data_rejection],
        timeout=20,
    )
