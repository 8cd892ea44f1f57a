"""Requests of Twilio's as a person reads them: what happened, and what to do where it failed."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from leads.webhook_event import ASKED, WebhookEvent

EVENTS = {
    "voice": "A call came in",
    "leg": "One of your phones",
    "whisper": "A mobile was picked up",
    "accept": "A key to take the call",
    "dial": "Ringing ended",
    "choice": "A key during the prompt",
    "voicemail": "The prompt was heard",
    "recorded": "A voicemail ended",
    "recording": "A recording is ready",
    "transcription": "A voicemail in words",
    "status": "The call",
    "call_back": "A phone of yours was picked up, to call somebody back",
    "call_back_key": "A key to call somebody back",
    "call_back_leg": "Whoever is called back",
    "call_back_dialled": "Calling back ended",
    "call_back_status": "Your phone, for calling somebody back",
    "sms": "A text came in",
    "sms-status": "A report on a text",
}
# What cannot succeed however often it is done again.
HOPELESS = {"Malformed"}
MOST_PARAMETERS = 200


@dataclass(frozen=True)
class Told:
    """An event in words. `state`: done, asked or failed."""

    event: WebhookEvent
    what: str
    state: str
    replayable: bool


def told(event: WebhookEvent) -> Told:
    what = EVENTS.get(event.event, event.event)
    detail = "" if event.event == "voice" else (event.status or "")
    state = "done" if event.error is None else "asked" if event.error == ASKED else "failed"
    return Told(event, f"{what}: {detail}" if detail else what, state, replayable(event))


def replayable(event: WebhookEvent) -> bool:
    """Only what failed: nothing of it was done, so it cannot be done twice."""
    return (
        event.source == "twilio"
        and event.error is not None
        and event.error not in {ASKED, *HOPELESS}
    )


def parameters(encoded: str) -> list[tuple[str, str]] | None:
    """The fields of a form or query, in the order in which they came; None when it is neither."""
    try:
        return parse_qsl(
            encoded, keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        return None if encoded else []
