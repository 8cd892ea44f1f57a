"""Greetings: linted, previewed as they will be heard, and never without what is always said."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from leads import clock, db, missed_call
from leads.audit import Audit
from leads.consent import Consent
from leads.dashboard.app import app
from leads.greeting import lint
from leads.practice import Practice
from leads.tracking_number import TrackingNumber
from leads.wording import VERSION
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN
from tests.leads.dashboard.people import browser, csrf_token, enter
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

CLINIC = "Back In Balance Chiropractic"
OWN = {
    "greeting_open": "Welcome to {clinic}. One moment, please.",
    "greeting_missed": "You have reached {clinic}. Both of us are with patients.",
    "greeting_closed": "You have reached {clinic}. We have gone home.",
    "greeting_voicemail": "Tell us your name and number after the tone.",
}
ALWAYS = (
    "If this is an emergency, hang up and dial 911.",
    "We are sending you a text message now.",
    "To get none, press 2, or reply STOP to any of them.",
    "You can also leave a message after the tone.",
    "This message is recorded.",
)


@pytest.fixture
def admin(database: str) -> Iterator[httpx.Client]:
    assert database
    with db.transaction() as session:
        people.hire(session)
        clock.set_to(session, TUESDAY_TEN)
    with serving(app) as address, browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


def save(client: httpx.Client, path: str, fields: dict[str, str]) -> httpx.Response:
    told = {"csrf_token": csrf_token(), **fields}
    return client.post(path, data=told, headers={"Sec-Fetch-Site": "same-origin"})


def greetings() -> dict[str, str]:
    with db.transaction() as session:
        practice = Practice.get(session)
        return {name: getattr(practice, name) for name in OWN}


def test_ours_are_previewed_until_there_are_others(admin: httpx.Client) -> None:
    page = plain(admin.get("/settings/greetings"))
    for words in (*ALWAYS, f"Thank you for calling {CLINIC}. We are closed right now."):
        assert words in page, words
    assert "Your phone rings, for up to 20 seconds" in page
    assert "While you are open: today 10:0" in page
    assert "While you are closed: today 6:00 PM" in page


def test_a_preview_is_what_would_be_heard_and_saves_nothing(admin: httpx.Client) -> None:
    page = plain(save(admin, "/settings/greetings/preview", OWN))
    assert "Not saved yet." in page
    for words in OWN.values():
        assert words.replace("{clinic}", CLINIC) in page, words
    for words in ALWAYS:
        assert words in page, "nothing takes these away"
    assert set(greetings().values()) == {""}


def test_what_is_saved_is_what_callers_hear(admin: httpx.Client) -> None:
    assert save(admin, "/settings/greetings", OWN).status_code == 303
    assert greetings() == OWN
    page = plain(admin.get("/settings/greetings"))
    with db.transaction() as session:
        phone = Telephone(session)
        call = phone.ring(people.MARIA, TUESDAY_TEN)
        ring = missed_call.route(session, call, TUESDAY_TEN)
        assert ring is not None
        assert ring.say == f"Welcome to {CLINIC}. One moment, please."
        assert ring.say in page
        later = TUESDAY_TEN + timedelta(seconds=24)
        said = missed_call.prompt(session, call, later)
    assert said.startswith(f"You have reached {CLINIC}. Both of us are with patients. If this is")
    assert said in page, "the preview shows it word for word"
    with db.transaction() as session:
        facts = session.scalars(select(Audit.facts).where(Audit.action == "settings_changed")).one()
    assert facts == {"page": "greetings", "changed": list(OWN)}, "names of settings, no words"


def test_the_ledger_keeps_the_words_that_were_heard(admin: httpx.Client) -> None:
    save(admin, "/settings/greetings", OWN)
    with db.transaction() as session:
        call = Telephone(session).miss(people.MARIA, TUESDAY_TEN)
        line = session.scalars(select(Consent)).one()
        assert line.wording == call.prompt
        assert line.wording.startswith(f"You have reached {CLINIC}.")
        assert "press 2" in line.wording
        assert line.wording_version == VERSION


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("We are closed.", "The clinic's name is missing: write {clinic}."),
        ("{clinic}. For billing, press 3.", "Leave out keys to press"),
        ("{clinic}. We will text you.", "Leave out texts"),
        ("{clinic}. See https://example.com", "cannot be read aloud"),
        ("{clinic} <break/>", "cannot be read aloud"),
        ("{clinic} {phone}", "cannot be read aloud"),
        ("{clinic} " + "blah " * 80, "300 is the most"),
    ],
)
def test_what_callers_should_not_hear_is_refused_beside_its_field(
    admin: httpx.Client, words: str, error: str
) -> None:
    for path in ("/settings/greetings", "/settings/greetings/preview"):
        answer = save(admin, path, OWN | {"greeting_closed": words})
        assert answer.status_code == 422
        assert error in plain(answer)
        assert 'name="greeting_closed" rows="2"' in answer.text
        assert "What callers" not in plain(answer), "what cannot be kept is not previewed"
    assert greetings()["greeting_closed"] == ""


def test_a_second_promise_is_warned_of() -> None:
    (finding,) = lint("{clinic} will return your call.", CLINIC, names_clinic=True)
    assert finding.level == "warning"
    assert lint("", CLINIC, names_clinic=True) == [], "ours say it all"


def test_a_number_may_greet_in_its_own_way(admin: httpx.Client) -> None:
    save(admin, "/settings/greetings", OWN)
    with db.transaction() as session:
        session.scalars(select(TrackingNumber)).one().greeting = "Hello from the ads."
        call = Telephone(session).ring(people.MARIA, TUESDAY_TEN)
        ring = missed_call.route(session, call, TUESDAY_TEN)
        assert ring is not None
        assert ring.say == "Hello from the ads."


def test_the_front_desk_does_not_change_greetings(admin: httpx.Client) -> None:
    with browser(str(admin.base_url)) as rosa:
        enter(rosa, people.RECEPTIONIST, people.PASSWORD)
        assert rosa.get("/settings/greetings").status_code == 403
