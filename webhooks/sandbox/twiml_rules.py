"""Which TwiML Twilio accepts: elements, attributes, values and nesting, as a table.

Attribute names are those of the Python library 9.13; values are those of twilio.md and Twilio's
documentation. Twilio only warns about some of what is refused here: a warning that nobody reads
in a trial becomes a call that goes wrong in earnest.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from webhooks.sandbox.numbers import WITHHELD, normal

Check = Callable[[str], str | None]  # what is wrong with a value, or None


def one_of(*values: str) -> Check:
    return lambda value: None if value in values else f"must be {' or '.join(values)}"


def some_of(*values: str) -> Check:
    def check(value: str) -> str | None:
        words = value.split()
        if words and all(word in values for word in words):
            return None
        return f"must name some of {' '.join(values)}"

    return check


def whole(lowest: int, highest: int) -> Check:
    def check(value: str) -> str | None:
        if re.fullmatch(r"\d{1,9}", value) and lowest <= int(value) <= highest:
            return None
        return f"must be a whole number from {lowest} to {highest}"

    return check


def address(value: str) -> str | None:
    if not value or re.search(r"\s", value):
        return "must be an address without spaces"
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", value) and not re.match(r"https?://[^/]+", value):
        return "must be an http or https address"
    return None


def caller_id(value: str) -> str | None:
    good = value in WITHHELD or normal(value) is not None
    return None if good else "must be a phone number"


def matching(pattern: str, wanted: str) -> Check:
    return lambda value: None if re.fullmatch(pattern, value) else f"must be {wanted}"


def anything(_: str) -> str | None:
    return None


truth = one_of("true", "false")
method = one_of("GET", "POST")
trim = one_of("trim-silence", "do-not-trim")
recording_events = some_of("in-progress", "completed", "absent")
keys = matching(r"[0-9A-D*#w]*", "keys of a telephone")
recording_callback: dict[str, Check] = {
    "recordingStatusCallback": address,
    "recordingStatusCallbackMethod": method,
    "recordingStatusCallbackEvent": recording_events,
    "recordingConfigurationId": anything,
    "trim": trim,
}


@dataclass(frozen=True)
class Rule:
    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False  # whether text belongs into it
    required: frozenset[str] = frozenset()


SPEECH_MARKUP = frozenset(
    [
        "break",
        "emphasis",
        "lang",
        "p",
        "phoneme",
        "prosody",
        "s",
        "say-as",
        "sub",
        "w",
        "amazon:effect",
    ]
)
PROMPT = frozenset({"Say", "Play", "Pause"})

RULES: dict[str, Rule] = {
    "Say": Rule({"voice": anything, "language": anything, "loop": whole(0, 1000)}, text=True),
    "Play": Rule({"loop": whole(0, 1000), "digits": keys}, text=True),
    "Pause": Rule({"length": whole(1, 3600)}),
    "Gather": Rule(
        {
            "input": some_of("dtmf", "speech"),
            "action": address,
            "method": method,
            "timeout": matching(r"[1-9]\d{0,3}|auto", "a number of seconds or auto"),
            "numDigits": whole(1, 100),
            "finishOnKey": matching(r"[0-9*#]?", "one key or empty"),
            "actionOnEmptyResult": truth,
            "bargeIn": truth,
            "language": anything,
            "hints": anything,
            "partialResultCallback": address,
            "partialResultCallbackMethod": method,
            "profanityFilter": truth,
            "speechTimeout": matching(r"[1-9]\d{0,3}|auto", "a number of seconds or auto"),
            "maxSpeechTime": whole(1, 60),
            "speechModel": anything,
            "enhanced": truth,
            "debug": truth,
        },
        children=PROMPT,
    ),
    "Dial": Rule(
        {
            "action": address,
            "method": method,
            "timeout": whole(5, 600),
            "timeLimit": whole(1, 14400),
            "hangupOnStar": truth,
            "answerOnBridge": truth,
            "callerId": caller_id,
            "record": one_of(
                "do-not-record",
                "record-from-answer",
                "record-from-ringing",
                "record-from-answer-dual",
                "record-from-ringing-dual",
                "true",
                "false",
            ),
            "recordingTrack": one_of("inbound", "outbound", "both"),
            "ringTone": matching(r"[a-z]{2}|at-old|us-old", "a country's ring tone"),
            "sequential": truth,
            "referUrl": address,
            "referMethod": method,
            "events": anything,
            "passports": anything,
            **recording_callback,
        },
        children=frozenset({"Number"}),
        text=True,
    ),
    "Number": Rule(
        {
            "sendDigits": keys,
            "url": address,
            "method": method,
            "statusCallback": address,
            "statusCallbackMethod": method,
            "statusCallbackEvent": some_of("initiated", "ringing", "answered", "completed"),
            "byoc": anything,
            "machineDetection": one_of("Enable", "DetectMessageEnd"),
            "amdStatusCallback": address,
            "amdStatusCallbackMethod": method,
            "machineDetectionTimeout": whole(3, 59),
            "machineDetectionSpeechThreshold": whole(1000, 6000),
            "machineDetectionSpeechEndThreshold": whole(500, 5000),
            "machineDetectionSilenceTimeout": whole(2000, 10000),
        },
        text=True,
    ),
    "Record": Rule(
        {
            "action": address,
            "method": method,
            "timeout": whole(0, 3600),
            "finishOnKey": matching(r"[0-9*#]*", "keys of a telephone"),
            "maxLength": whole(1, 14400),
            "playBeep": truth,
            "transcribe": truth,
            "transcribeCallback": address,
            **recording_callback,
        }
    ),
    "Start": Rule({"action": address, "method": method}, children=frozenset({"Recording"})),
    "Recording": Rule(
        {
            "channels": one_of("mono", "dual"),
            "track": one_of("inbound", "outbound", "both"),
            **recording_callback,
        }
    ),
    "Redirect": Rule({"method": method}, text=True),
    "Hangup": Rule(),
    "Reject": Rule({"reason": one_of("rejected", "busy")}),
    "Message": Rule(
        {
            "to": caller_id,
            "from": caller_id,
            "action": address,
            "method": method,
            "statusCallback": address,
        },
        children=frozenset({"Body", "Media"}),
        text=True,
    ),
    "Body": Rule(text=True),
    "Media": Rule(text=True),
}

VOICE = frozenset(
    ["Say", "Play", "Pause", "Gather", "Dial", "Record", "Start", "Redirect", "Hangup", "Reject"]
)
WHISPER = PROMPT | {"Gather", "Hangup"}
MESSAGING = frozenset({"Message", "Redirect"})
# Real verbs that nobody here needs: refused with other words than a misspelt one.
NOT_PLAYED = frozenset(
    [
        "Client",
        "Conference",
        "Sip",
        "Queue",
        "Sim",
        "Application",
        "WhatsApp",
        "Connect",
        "Enqueue",
        "Leave",
        "Pay",
        "Prompt",
        "Refer",
        "Sms",
        "Stop",
        "Stream",
        "Siprec",
        "Transcription",
        "VirtualAgent",
        "Echo",
    ]
)
