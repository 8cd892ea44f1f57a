"""Who rings and texts: each person once, with a number kept for fiction, and a story."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import recipients

CLINIC = "+14254379974"
PEER = "+14255550151"  # the other handler's number
DESK = "+14255550100"
MOBILE = "+14255550101"
SPEED = 20  # a ringing of 20 s takes one
STOP_WORD = "STOP"  # Twilio blocks by itself from then on
STOP_PHRASE = "Please stop texting me"  # Twilio does not know it: all is up to the receiver
START_WORD = "START"  # Twilio lets them be texted again
# Seconds from the call until the text: before ours goes out, as a rule, and after it.
SOON, LATER = 3.0, 8.0
# And from a text until the next one, and from a call until the same person rings again: later than
# a call lasts here, or it might be our own leg coming back.
AFTER_THAT, AGAIN = 5.0, 10.0


@dataclass(frozen=True)
class Story:
    name: str
    script: dict[str, Any]
    text: str = ""
    text_after: float = SOON
    then: str = ""  # what they text after that
    again: dict[str, Any] | None = None  # how their second call goes


VOICEMAIL = {"voicemail_seconds": 8}
STORIES: Sequence[Story] = (
    Story("is missed", {}),
    Story("is answered at the desk", {"answer": DESK, "talk_seconds": 30, "hangup_by": "caller"}),
    Story("leaves a voicemail", VOICEMAIL),
    Story("is missed and texts a stop at once", {}, STOP_PHRASE),
    Story("gives up while it rings", {"hangup_while": "ringing", "patience": 8}),
    Story("is missed and texts back", {}, "Friday at 3?", LATER),
    Story("is answered on the mobile", {"answer": MOBILE, "answer_keys": "1", "talk_seconds": 30}),
    Story("is missed and texts STOP at once", {}, STOP_WORD),
    Story("hangs up during the prompt", {"hangup_while": "prompt"}),
    Story("is missed and texts a stop later", {}, STOP_PHRASE, LATER),
    Story("is answered at the desk, who hang up", {"answer": DESK, "talk_seconds": 30}),
    Story("is missed, texts STOP and then START", {}, STOP_WORD, then=START_WORD),
    Story("is missed twice", {}, again={}),
    Story("is missed, rings again and is answered", {}, again={"answer": DESK, "talk_seconds": 30}),
    Story("reaches the mobile's own mailbox", {"answer": MOBILE}),
    Story("leaves a voicemail and texts STOP", VOICEMAIL, STOP_WORD, LATER),
)


@dataclass(frozen=True)
class Person:
    number: str
    clinic: str  # whom they ring
    story: Story
    script: dict[str, Any] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return 1 if self.story.again is None else 2


def of_ringback(count: int) -> list[Person]:
    return [
        Person(number, CLINIC, story, story.script)
        for number, story in _told(recipients.ringback(count))
    ]


def of_peer(count: int) -> list[Person]:
    """The same stories at the other handler's, which rings the desk alone."""
    return [
        Person(number, PEER, story, _without_mobile(story.script))
        for number, story in _told(recipients.naive(count))
    ]


def _told(numbers: Sequence[str]) -> list[tuple[str, Story]]:
    return [(number, STORIES[place % len(STORIES)]) for place, number in enumerate(numbers)]


def _without_mobile(script: dict[str, Any]) -> dict[str, Any]:
    return {} if script.get("answer") == MOBILE else script
