"""What a refusal means: for this text, for its number, or for everything that we send."""

import pytest

from leads.delivery_errors import error_of


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (20003, 401, "auth"),
        (None, 401, "auth"),
        (20006, 403, "auth"),
        (20005, 403, "suspended"),
        (30002, 403, "suspended"),
        (None, 429, "busy"),
        (30007, None, "filtered"),
    ],
)
def test_what_a_code_or_else_the_status_says(code: int | None, status: int, kind: str) -> None:
    assert error_of(code, status).kind == kind


@pytest.mark.parametrize("code", [21218, 60200, 20404])
def test_a_code_that_nobody_knows_is_about_one_text_whatever_its_status(code: int) -> None:
    error = error_of(code, 403)
    assert error.kind == "other"
    assert not error.behaviour.stops_sending
    assert str(code) in error.words


def test_a_wall_before_the_service_stops_sending_and_costs_no_text() -> None:
    assert error_of(None, 403).behaviour.stops_sending
