"""Doctor reads the document at Twilio's fallback address, and holds it beside today's phones."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from leads import PracticePhone, db
from leads.fallback import chosen
from leads.verdict import Finding
from tests.conftest import AUTH_TOKEN
from tests.server import serving
from webhooks.fallback import document
from workers.doctor import _number
from workers.twilio_numbers import Compared

pytestmark = pytest.mark.usefixtures("database")


@contextmanager
def at_twilio(text: str, status: int = 200) -> Iterator[Compared]:
    """A number whose fallback is this document, which is read like a TwiML Bin: signed."""

    def answer(request: Request) -> Response:
        url, signature = str(request.url), request.headers.get("X-Twilio-Signature", "")
        signed = RequestValidator(AUTH_TOKEN).validate(url, {}, signature)
        return Response(text, status if signed else 403, media_type="text/xml")

    with serving(Starlette(routes=[Route("/twiml/EH1", answer)])) as address:
        yield Compared("+14254379974", "PN1", fallback=f"{address}/twiml/EH1")


def today() -> str:
    with db.transaction() as session:
        return document("Back In Balance", chosen(PracticePhone.ringing(session)))


def told(number: Compared) -> Finding:
    return _number(number)[1]


def test_the_document_of_today_is_well() -> None:
    with at_twilio(today()) as number:
        assert told(number).verdict == "ok"


def test_a_phone_that_came_or_went_since_is_said() -> None:
    before = today()
    with db.transaction() as session:
        PracticePhone.ringing(session)[0].retired_at = db.database_time(session)
        PracticePhone.add(session, "+14255550151", "New desk", "desk", 20)
    with at_twilio(before) as number:
        finding = told(number)
    assert finding.verdict == "failed"
    assert "still rings 425-555-0100 and does not ring 425-555-0151" in finding.text
    assert "`ringback export fallback`" in finding.cure


@pytest.mark.parametrize(("text", "status"), [("<Response/>", 404), ("not TwiML", 200)])
def test_what_cannot_be_read_is_not_judged(text: str, status: int) -> None:
    with at_twilio(text, status) as number:
        finding = told(number)
    assert (finding.verdict, "cannot be read" in finding.text) == ("ok", True)
