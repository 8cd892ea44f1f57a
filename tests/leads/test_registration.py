"""The draft for a sender's registration says what the software says, and claims nothing."""

import re
import sys
from html.parser import HTMLParser

import pytest
from sqlalchemy.orm import Session

import ringback
from leads import clock, db, plan, wording
from leads.plan import PlanVersion
from leads.practice import Practice
from leads.privacy_page import page
from leads.registration import answers
from leads.shipped_plans import SHIPPED


def written(session: Session, practice: Practice) -> str:
    return answers(session, practice, clock.now(session))


def test_it_has_what_a_registration_asks_for(session: Session, practice: Practice) -> None:
    text = written(session, practice)
    for section in ("Campaign description", "message flow", "Sample messages", "Stop, start"):
        assert section in text
    assert practice.name in text
    for said in ("three at most", "Message and data rates may apply.", "reply STOP"):
        assert said in text.partition("> ")[2].partition("\n")[0]
    assert "have it checked" in text
    assert not re.search(r"(?i)complian|certified|guarantee|HIPAA|TCPA", text)


def test_the_samples_are_the_texts_of_the_plans_in_force(
    session: Session, practice: Practice
) -> None:
    now = clock.now(session)
    text = written(session, practice)
    shipped = SHIPPED["missed_call"].steps[0].text
    assert wording.render(shipped, practice.name, "425-437-9974") in text
    assert "your appointment is" not in text  # shipped switched off
    edited = plan.Plan("missed_call", (plan.Step(1, "responsive", "{clinic}: we saw your call."),))
    PlanVersion.current(session, "missed_call", now)
    plan.add(session, edited, 2, now, None)
    text = written(session, practice)
    assert f"{practice.name}: we saw your call." in text
    assert "three at most" not in text  # one is all that follows now
    assert wording.render(shipped, practice.name, "425-437-9974") not in text


@pytest.mark.parametrize(
    ("mode", "said"), [("call", "press 2"), ("notice", "press 2"), ("keypress", "press 1")]
)
def test_the_spoken_words_are_those_of_the_consent_mode(
    session: Session, practice: Practice, mode: str, said: str
) -> None:
    practice.consent_mode = mode
    assert said in written(session, practice)


def test_who_answers_stop_is_said(session: Session, practice: Practice) -> None:
    assert "[Twilio's own" in written(session, practice)
    practice.optout_owner = "app"
    assert wording.opt_out_text(practice.name) in written(session, practice)


def test_the_privacy_page_is_whole_html_with_the_name_escaped(practice: Practice) -> None:
    practice.name = "Smith & Sons <Clinic>"
    text = page(practice)
    assert "Smith &amp; Sons &lt;Clinic&gt;" in text
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert all(name for name, _ in attrs)
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Reader().feed(text)
    assert opened == []


def test_the_commands_print_them(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    for words, begins in (([], "# Sender registration"), (["--privacy"], "<!doctype html>")):
        monkeypatch.setattr(sys, "argv", ["ringback", "export", "registration", *words])
        with pytest.raises(SystemExit) as ended:
            ringback.main()
        assert not ended.value.code
        assert capsys.readouterr().out.startswith(begins)
    with db.transaction() as session:
        Practice.get(session).name = ""
    for command in ("registration", "fallback"):
        monkeypatch.setattr(sys, "argv", ["ringback", "export", command])
        with pytest.raises(SystemExit, match="has no name"):
            ringback.main()
