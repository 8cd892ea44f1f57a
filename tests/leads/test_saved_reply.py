"""Saved replies: what is filled in, and what the linter says of words by hand."""

import pytest
from sqlalchemy.orm import Session

from leads import saved_reply
from leads.practice import Practice
from leads.saved_reply import SavedReply
from tests.conftest import TUESDAY_TEN


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Maria Alvarez", "Hi Maria, Back In Balance Chiropractic is at 425-437-9974."),
        ("  ", "Hi, Back In Balance Chiropractic is at 425-437-9974."),
        ("{phone}", "Hi {phone}, Back In Balance Chiropractic is at 425-437-9974."),
    ],
)
def test_the_fields_are_filled_for_one_person(practice: Practice, name: str, words: str) -> None:
    practice.phone = "+14254379974"
    body = "Hi {name}, {clinic} is at {phone}."
    assert saved_reply.filled(body, practice, name) == words


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Hi {name}, see you at {clinic}.", []),
        ("How is the pain?", ["'pain' is a condition word"]),
        ("Hi {first_name}", ["{first_name} looks like a field"]),
        ("See http://clinic.example", ["is not encrypted"]),
        ("See bit.ly/abc", ["hides where it leads"]),
    ],
)
def test_words_by_hand_need_no_clinic_name_and_hint_at_no_health(
    practice: Practice, body: str, said: list[str]
) -> None:
    found = [finding.message for finding in saved_reply.lint(body, practice)]
    assert len(found) == len(said)
    assert all(words in message for words, message in zip(said, found, strict=True))


def test_a_long_reply_is_said_to_cost_and_not_refused(practice: Practice) -> None:
    levels = {finding.level for finding in saved_reply.lint("We are here. " * 40, practice)}
    assert levels == {"warning"}


def test_they_are_listed_by_name(session: Session) -> None:
    for title in ("Where we are", "Hours"):
        session.add(SavedReply(title=title, body="x", changed_at=TUESDAY_TEN))
    session.flush()
    assert [reply.title for reply in saved_reply.every(session)] == ["Hours", "Where we are"]
