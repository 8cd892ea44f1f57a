"""While a text is written: the linter's words, saved replies, and who keeps them."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import clock, db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.practice import Practice
from leads.saved_reply import SavedReply
from tests.browser import people
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving


@pytest.fixture
def address(morning: str) -> Iterator[str]:
    assert morning
    with serving(app) as at:
        yield at


@pytest.fixture
def rosa(address: str) -> Iterator[httpx.Client]:
    with signed_in(address) as opened:
        yield opened


def warnings(client: httpx.Client, body: str, number: str = people.MARIA, **more: str) -> list[str]:
    answer = press(client, "/texts/check", body=body, lead_id=str(lead(number).id), **more)
    assert answer.status_code == 200
    said: list[str] = answer.json()["warnings"]
    return said


def replies() -> list[SavedReply]:
    with db.transaction() as session:
        return list(session.scalars(select(SavedReply)))


def audited() -> list[dict[str, object]]:
    with db.transaction() as session:
        found = select(Audit.facts).where(Audit.action == "settings_changed").order_by(Audit.id)
        return list(session.scalars(found))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Tomorrow at 11 is free.", []),
        ("", []),
        ("Is the pain better?", ["'pain' is a condition word"]),
        ("PLEASE CALL US BACK TODAY", ["all capitals"]),
        ("Tomorrow at 11 \u2013 fine?", ["makes every segment hold 70 characters"]),
        ("Call {phone}", ["{phone} goes out as it stands"]),
        ("x" * 200, ["takes 2 segments"]),
    ],
)
def test_the_linter_says_it_while_somebody_types(
    rosa: httpx.Client, body: str, said: list[str]
) -> None:
    found = warnings(rosa, body)
    assert len(found) == len(said), found
    assert all(words in sentence for words, sentence in zip(said, found, strict=True))


def test_the_first_text_in_a_month_says_who_writes_and_how_to_stop(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        name = Practice.get(session).name
    assert warnings(rosa, "See you on Thursday.", people.LINH) == [
        f"The clinic's name is missing: write {name}.",
        'The first text must say how to stop: add "Reply STOP to opt out."',
    ]
    assert warnings(rosa, f"This is {name}. Reply STOP to opt out.", people.LINH) == []


def test_in_a_row_of_the_desk_the_quiet_hour_is_said_too(rosa: httpx.Client) -> None:
    with db.transaction() as session:
        clock.set_to(session, people.at(0, 20, 30))
    assert warnings(rosa, "Tomorrow?") == []  # the inbox and the lead's page show it themselves
    (said,) = warnings(rosa, "Tomorrow?", window="on")
    assert said == "It is after 8 PM in Los Angeles. A text would go now; automated ones wait."


def test_whoever_sends_no_token_learns_nothing(rosa: httpx.Client) -> None:
    assert rosa.post("/texts/check", data={"body": "pain"}).status_code == 403


def test_a_reply_is_saved_filled_changed_and_deleted(rosa: httpx.Client) -> None:
    assert "None yet." in plain(rosa.get("/settings/replies"))
    saved = press(
        rosa, "/settings/replies", title="Where we are", body="Hi {name}, {clinic}: second floor."
    )
    assert saved.status_code == 303
    (reply,) = replies()
    listed = rosa.get(f"/texts/replies/{lead(people.MARIA).id}").json()["replies"]
    with db.transaction() as session:
        clinic = Practice.get(session).name
    text = f"Hi Maria, {clinic}: second floor."
    assert listed == [{"title": "Where we are", "text": text}]
    unnamed = rosa.get(f"/texts/replies/{lead(people.DEREK).id}").json()["replies"]
    assert unnamed[0]["text"].startswith("Hi, ")
    page = rosa.get(f"/settings/replies/{reply.id}")
    assert "Hi {name}, {clinic}: second floor.</textarea>" in page.text
    press(rosa, f"/settings/replies/{reply.id}", title="Where", body="Second floor.")
    assert [(each.title, each.body) for each in replies()] == [("Where", "Second floor.")]
    assert replies()[0].changed_by_id is not None
    press(rosa, f"/settings/replies/{reply.id}/deletion")
    assert replies() == []
    assert audited() == [
        {"page": "replies", "saved": reply.id},
        {"page": "replies", "saved": reply.id},
        {"page": "replies", "deleted": reply.id},
    ]
    assert rosa.get(f"/settings/replies/{reply.id}").headers["location"] == "/settings/replies"


@pytest.mark.parametrize(
    ("title", "body", "sentence"),
    [
        ("", "Second floor.", "Give a name to find it by"),
        ("Where", "", "Write the text, at most 640 characters."),
        ("Where", "x" * 641, "Write the text, at most 640 characters."),
        ("Pain", "How is your neck?", "is a body part word"),
        ("Hi", "Hi {first_name}", "looks like a field to fill in"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_stays_typed(
    rosa: httpx.Client, title: str, body: str, sentence: str
) -> None:
    answer = press(rosa, "/settings/replies", title=title, body=body)
    assert answer.status_code == 422
    assert sentence in plain(answer)
    assert replies() == []


def test_a_row_of_the_desk_writes_with_the_same_form(rosa: httpx.Client) -> None:
    page = rosa.get("/").text
    maria = lead(people.MARIA).id
    assert f'id="reply-{maria}"' in page
    assert f'data-composer="{maria}"' in page
    assert page.count("data-findings") == page.count("data-composer=")
