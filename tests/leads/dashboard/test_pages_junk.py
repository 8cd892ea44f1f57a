"""Junk: blocking from a lead and by number, hints with their reasons, and withheld callers."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import db
from leads.audit import Audit
from leads.call import Call
from leads.dashboard.app import app
from leads.phone import Phone
from leads.staff import add_staff
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain, queries
from tests.server import serving

FORGED = "+15092340171"


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def rosa(address: str) -> Iterator[httpx.Client]:
    with signed_in(address) as client:
        yield client


def forged_call() -> None:
    with db.transaction() as session:
        call = Telephone(session).miss(FORGED, TUESDAY_TEN)
        call.stir = "TN-Validation-Failed"


def audited(action: str) -> list[dict[str, object]]:
    with db.transaction() as session:
        return list(session.scalars(select(Audit.facts).where(Audit.action == action)))


def phone(e164: str) -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone).where(Phone.e164 == e164)).one()


def test_a_hint_stands_with_its_reason_wherever_somebody_decides(rosa: httpx.Client) -> None:
    assert "Nothing looks like spam" in plain(rosa.get("/junk"))
    assert "Likely spam." not in plain(rosa.get("/"))
    forged_call()
    why = "Likely spam. The number shown failed the carriers' check: it may be somebody else's."
    for path in ("/junk", "/", "/calls", f"/leads/{lead(FORGED).id}"):
        assert why in plain(rosa.get(path)), path
    assert "Likely spam." not in plain(rosa.get(f"/leads/{lead(people.MARIA).id}"))


def test_blocking_from_the_page_of_a_lead_and_back(rosa: httpx.Client) -> None:
    derek = lead(people.DEREK)
    page = plain(rosa.get(f"/leads/{derek.id}"))
    assert "Nothing is deleted, and you can unblock at any time." in page
    answer = press(rosa, f"/leads/{derek.id}/block", why="abuse")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/leads/{derek.id}")
    page = plain(rosa.get(f"/leads/{derek.id}"))
    assert "Blocked Abuse," in page
    assert "Number blocked (abuse): its calls are turned away." in page
    assert f"lead-{derek.id}" not in rosa.get("/").text, "nobody has to call them"
    (facts,) = audited("number_blocked")
    assert facts == {"phone_ids": [phone(people.DEREK).id], "why": "abuse"}
    blocked = plain(rosa.get("/junk?show=blocked"))
    assert "425-555-0119" in blocked
    assert "Abuse, 10:42 AM , by Rosa Lopez" in blocked
    assert "Has not called since." in blocked
    press(rosa, f"/leads/{derek.id}/unblock")
    assert phone(people.DEREK).blocked_at is None
    assert len(audited("number_unblocked")) == 1
    assert "No number is blocked." in plain(rosa.get("/junk?show=blocked"))


def test_blocking_in_one_click_from_the_list_of_likely_spam(rosa: httpx.Client) -> None:
    forged_call()
    answer = press(rosa, f"/leads/{lead(FORGED).id}/block", why="spam", back="junk")
    assert answer.headers["location"] == "/junk"
    assert "Nothing looks like spam" in plain(rosa.get("/junk"))
    with db.transaction() as session:
        assert Telephone(session).ring(FORGED, TUESDAY_TEN).outcome == "blocked"
    assert "1 call turned away, the last 10:00 AM" in plain(rosa.get("/junk?show=blocked"))
    assert "Blocked" in plain(rosa.get("/calls"))


def test_a_number_is_blocked_before_it_ever_called(rosa: httpx.Client) -> None:
    assert press(rosa, "/junk/numbers", number="360-555-0199", why="spam").status_code == 303
    assert phone("+13605550199").blocked_why == "spam"
    press(rosa, f"/junk/numbers/{phone('+13605550199').id}/unblocking")
    assert phone("+13605550199").blocked_at is None
    press(rosa, "/junk/numbers/999999/unblocking")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("Anonymous", "A withheld number is nobody's: it cannot be blocked."),
        ("12", "This is no phone number"),
        ("425-437-9974", "blocking it would turn your own calls away. Nothing was changed."),
        ("425-555-0100", "This is one of the clinic's own numbers"),
    ],
)
def test_what_cannot_be_blocked_is_said_beside_the_field(
    rosa: httpx.Client, number: str, words: str
) -> None:
    answer = press(rosa, "/junk/numbers", number=number, why="spam")
    assert answer.status_code == 422
    assert words in plain(answer)
    assert f'value="{number}"' in answer.text, "what was typed is kept"
    assert audited("number_blocked") == []
    assert rosa.get("/junk/numbers").headers["location"] == "/junk?show=blocked"


def test_withheld_callers_are_heard_and_settled(rosa: httpx.Client) -> None:
    page = rosa.get("/junk?show=withheld")
    assert "Number withheld Voicemail" in plain(page)
    with db.transaction() as session:
        call = session.scalars(select(Call).where(Call.lead_id.is_(None))).one()
    assert f'id="heard-{call.id}"' in page.text
    press(rosa, f"/junk/withheld/{call.id}/hearing")
    page = rosa.get("/junk?show=withheld")
    assert f'id="heard-{call.id}"' not in page.text
    assert "heard by Rosa Lopez 10:42 AM" in plain(page)
    press(rosa, f"/junk/withheld/{call.id}/hearing")
    assert len(audited("withheld_call_heard")) == 1, "once"


def test_a_blocked_callers_number_is_no_withheld_one(rosa: httpx.Client) -> None:
    press(rosa, "/junk/numbers", number="360-555-0199", why="spam")
    with db.transaction() as session:
        Telephone(session).ring("+13605550199", TUESDAY_TEN)
    assert "360-555-0199" not in plain(rosa.get("/junk?show=withheld"))


def test_the_lists_go_on_page_by_page(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        telephone = Telephone(session)
        for _ in range(60):
            telephone.ring("anonymous", TUESDAY_TEN).outcome = "missed"
    first = rosa.get("/junk?show=withheld").text
    assert first.count('id="call-') == 50
    older = first.split('href="/junk?show=withheld&amp;after=')[1].split('"')[0]
    assert rosa.get(f"/junk?show=withheld&after={older}").text.count('id="call-') == 11
    assert rosa.get("/junk?show=nonsense&after=nonsense").status_code == 200


def test_queries_of_the_junk_page_do_not_grow_with_it(rosa: httpx.Client) -> None:
    few = queries(rosa, "/junk")
    with db.transaction() as session:
        for number in range(30):
            call = Telephone(session).miss(f"+1206555{2000 + number}", TUESDAY_TEN)
            call.stir = "TN-Validation-Failed"
    assert queries(rosa, "/junk") <= few + 5
    assert queries(rosa, "/junk?show=blocked") <= 20
    assert queries(rosa, "/junk?show=withheld") <= 20


def test_marketing_sees_no_junk(address: str) -> None:
    with db.transaction() as session:
        add_staff(session, "mark@clinic.example", "marketing", people.PASSWORD, name="Mark")
    with signed_in(address, "mark@clinic.example") as client:
        assert client.get("/junk").status_code == 403
