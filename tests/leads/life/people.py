"""Who calls and what they write. Their zones and hours stand here by hand, so that the judge asks
none of the code that it judges."""

from datetime import UTC, date, datetime
from typing import Literal

CLINIC = "+14254379974"
CLINIC_ZONE = "America/Los_Angeles"

NEW_YORK, IDAHO, HAWAII, SEATTLE = "+12125550147", "+12085550143", "+18085550147", "+12065550142"
# Every zone in which the number's owner may be living, the clinic's included.
ZONES = {
    NEW_YORK: ("America/New_York", CLINIC_ZONE),
    IDAHO: ("America/Boise", CLINIC_ZONE),
    HAWAII: ("Pacific/Honolulu", CLINIC_ZONE),
    SEATTLE: (CLINIC_ZONE,),
}
# Ida and Ivan share a phone; Kai has two, the first of which is the main one.
LEADS = {
    "Nora": (NEW_YORK,),
    "Ida": (IDAHO,),
    "Ivan": (IDAHO,),
    "Kai": (HAWAII, SEATTLE),
}
NUMBERS = (NEW_YORK, IDAHO, HAWAII, SEATTLE)

HOLIDAYS = {
    *(date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25)),
    *(date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15), date(2027, 5, 31)),
}
FIRST_DAY, LAST_DAY = date(2026, 10, 1), date(2027, 6, 17)  # what HOLIDAYS covers

# In UTC: an ordinary Tuesday at ten; Thanksgiving's eve; the nights before the clocks go back and
# forward; Christmas Eve; a Friday evening that is night in New York.
STARTS = [
    datetime(2026, 12, 1, 18, 0, tzinfo=UTC),
    datetime(2026, 11, 25, 23, 0, tzinfo=UTC),
    datetime(2026, 10, 31, 20, 0, tzinfo=UTC),
    datetime(2027, 3, 12, 19, 0, tzinfo=UTC),
    datetime(2026, 12, 24, 17, 30, tzinfo=UTC),
    datetime(2027, 1, 16, 1, 0, tzinfo=UTC),
]

# How a call goes.
HOW = [
    "hears the prompt",
    "leaves a voicemail",
    "hears the prompt",
    "hangs up in the prompt",
    "answered",
    "hangs up while it rings",
    "hears the prompt; never reported as gone",
    "presses the key for texts",
    "leaves a voicemail that is told of late",
    "presses the key for no texts",
]

Sort = Literal["stop", "start", "yes", "wrong", "unclear", "appointment", "help", "answer"]
# What a text means to whoever wrote it.
TEXTS: dict[str, Sort] = {
    "STOP": "stop",
    "please stop texting me": "stop",
    "CANCEL": "stop",
    "START": "start",
    "YES": "yes",
    "Who is this?": "answer",
    "Sorry, wrong number": "wrong",
    "C": "appointment",
    "R": "appointment",
    "the pain won't stop": "unclear",
    "Tomorrow at three works": "answer",
    "HELP": "help",
}
# What Twilio itself says of them, where its Advanced Opt-Out is on.
TWILIO_SAYS = {"STOP": "STOP", "CANCEL": "STOP", "START": "START", "HELP": "HELP"}

# What the service may refuse a text with (code and HTTP status), or do with one that it took.
REFUSALS: list[tuple[int | None, int]] = [
    *((20429, 429), (None, 429), (None, 400), (20003, 401), (21211, 400), (21610, 400)),
    *((30034, 400), (21617, 400), (21611, 429), (21614, 400), (63038, 429), (30002, 403)),
]
FATES: list[tuple[str, int | None]] = [
    *[("delivered", None)] * 3,
    *(("undelivered", code) for code in (30003, 30008, 30005, 30007, 30022, 30036, 30006)),
    ("undelivered", 30002),
    *(("failed", code) for code in (30001, 30034, 21610, 30008)),
]
# What a worker may do next, and what the service then does with all that was posted.
REFUSED = {f"posts; refused with {code or status}": (code, status) for code, status in REFUSALS}
FAILED = {f"posts; {status} with {code}": (status, code) for status, code in FATES if code}
DIES = {"posts and dies": True, "dies as it posts": False}  # whether the service took it
PLAIN = ["does everything", "posts what it may", "sleeps"]
THEN = [*PLAIN[:1] * 12, *PLAIN, *FAILED, *REFUSED, *DIES, *DIES]
WORK = ["queues", "claims", "claims one", "authorizes", "authorizes one", *PLAIN * 3]
