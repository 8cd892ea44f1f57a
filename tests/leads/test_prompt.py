"""What callers hear is never more than what will happen."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.prompt import Promise, closed_prompt, missed_prompt, spoken_time, voicemail_prompt

ZONE = "America/Los_Angeles"
CLINIC = "Back In Balance"
EMERGENCY = "If this is an emergency, hang up and dial 911."
RATES = "Message and data rates may apply."
OFFER = "You can also leave a message after the tone."


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of November 2026 at the clinic; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZoneInfo(ZONE))


NOW = at(20, 14, 2, 13)


def said(promise: Promise, now: datetime = NOW) -> str:
    return missed_prompt(promise, CLINIC, now, ZONE)


def test_a_text_that_goes_now_is_announced_with_the_way_to_decline_it() -> None:
    assert said(Promise(NOW, callback_by=NOW + timedelta(minutes=30))) == (
        "Thank you for calling Back In Balance. We are sorry that we cannot pick up right now. "
        f"{EMERGENCY} We are sending you a text message now. There will be three at most. "
        "Message and data rates may apply. To get none, press 2, or reply STOP to any of them. "
        f"We will call you back by 2:35 this afternoon. {OFFER}"
    )


def test_a_text_that_waits_says_until_when() -> None:
    words = said(Promise(at(21, 9), "later"), at(20, 21))
    assert "We will send you a text message at 9 o'clock tomorrow morning." in words
    assert "now." not in words.replace("right now.", "")
    monday = said(Promise(at(23, 9), "later"), at(21, 21))
    assert "a text message at 9 o'clock on Monday morning." in monday


def test_a_single_text_is_not_announced_as_three() -> None:
    words = said(Promise(NOW, most_texts=1))
    assert f"a text message now. {RATES} To get no text, press 2, or reply STOP to it." in words
    assert "three" not in words


def test_where_a_key_is_needed_nothing_is_promised_without_it() -> None:
    words = said(Promise(NOW, ask_key=True))
    assert "To get a text message from us now, press 1." in words
    assert f"There will be three at most. {RATES} You can reply STOP to any of them" in words
    assert "sending" not in words
    assert "press 2" not in words
    later = said(Promise(at(21, 9), "later", ask_key=True))
    assert "To get a text message from us at 9 o'clock tomorrow morning, press 1." in later


def test_without_a_text_it_says_when_the_clinic_calls_or_opens() -> None:
    calls = said(Promise(None, callback_by=at(20, 14, 30), opens_at=at(21, 9)))
    assert calls.endswith(f"We will call you back by 2:30 this afternoon. {OFFER}")
    opens = said(Promise(None, opens_at=at(23, 9)))
    assert opens.endswith(f"We open at 9 o'clock on Monday morning. {OFFER}")
    assert said(Promise(None)).endswith(f"{EMERGENCY} {OFFER}")


def test_who_declined_is_promised_no_text() -> None:
    words = said(Promise(NOW, declined=True))
    assert "As you asked, we will not text you." in words
    assert "press" not in words
    assert "sending" not in words


def test_a_closed_practice_says_so() -> None:
    words = closed_prompt(Promise(None, opens_at=at(21, 9)), CLINIC, at(20, 21), ZONE)
    assert words.startswith("Thank you for calling Back In Balance. We are closed right now. ")
    assert "We open at 9 o'clock tomorrow morning." in words


def test_voicemail_says_that_it_is_recorded() -> None:
    words = "Please leave your name and number for Back In Balance after the tone. "
    assert voicemail_prompt(False, CLINIC) == words + "This message is recorded."
    assert voicemail_prompt(True, CLINIC).startswith("All right, we will not text you. Please")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (at(20, 14, 30), "2:30 this afternoon"),
        (at(20, 9), "9 o'clock this morning"),
        (at(20, 17), "5 o'clock this evening"),
        (at(20, 12), "noon today"),
        (at(20, 12, 5), "12:05 this afternoon"),
        (at(21, 9), "9 o'clock tomorrow morning"),
        (at(21, 12), "noon tomorrow"),
        (at(21, 0), "midnight tomorrow"),
        (at(21, 0, 30), "12:30 tomorrow morning"),
        (at(23, 9), "9 o'clock on Monday morning"),
        (at(23, 12), "noon on Monday"),
        (at(26, 15, 5), "3:05 on Thursday afternoon"),
        (at(27, 9), "9 o'clock in the morning on Friday, November 27"),
        (at(27, 12), "noon on Friday, November 27"),
    ],
)
def test_times_are_said_as_people_say_them(then: datetime, words: str) -> None:
    assert spoken_time(then, NOW, ZONE) == words
    assert spoken_time(then.astimezone(ZoneInfo("Asia/Tokyo")), NOW, ZONE) == words


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (at(20, 14, 30), "2:30 this afternoon"),
        (at(20, 14, 30, 1), "2:35 this afternoon"),
        (at(20, 14, 59), "3 o'clock this afternoon"),
        (at(20, 23, 58), "midnight tomorrow"),
    ],
)
def test_a_call_back_is_promised_for_a_time_that_people_say(due: datetime, words: str) -> None:
    assert f"We will call you back by {words}." in said(Promise(None, callback_by=due))


INSTANTS = st.integers(0, 20 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
PROMISES = st.builds(
    Promise,
    text_at=st.none() | INSTANTS,
    text_when=st.sampled_from(["now", "later"]),
    declined=st.booleans(),
    callback_by=st.none() | INSTANTS,
    opens_at=st.none() | INSTANTS,
    ask_key=st.booleans(),
    most_texts=st.integers(1, 3),
)


@given(PROMISES, st.sampled_from([missed_prompt, closed_prompt]))
def test_no_prompt_promises_what_is_not_in_the_promise(
    promise: Promise, prompt: Callable[[Promise, str, datetime, str], str]
) -> None:
    words = prompt(promise, CLINIC, NOW, ZONE)
    assert EMERGENCY in words
    assert words.endswith(OFFER)
    assert "  " not in words
    texts = promise.text_at is not None and not promise.declined
    assert ("text message" in words) is texts
    assert ("press 2" in words) is (texts and not promise.ask_key)
    assert ("press 1" in words) is (texts and promise.ask_key)
    assert ("three at most" in words) is (texts and promise.most_texts == 3)
    if not texts:
        assert not re.search(r"\btext", words.replace("we will not text you", ""))
    assert ("call you back" in words) is (promise.callback_by is not None)
    assert ("We open" in words) is (promise.callback_by is None and promise.opens_at is not None)
