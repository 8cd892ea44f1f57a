"""What we answer Twilio with. Every document is built by Twilio's own library."""

import re
from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from leads.practice import PracticePhone
from leads.settings import settings
from webhooks.routing import RoutedPhone

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'
LONGEST_VOICEMAIL = 120  # seconds; longer ones are not transcribed
LONGEST_RINGING = 40  # seconds, at a person who is called back
DECLINE_KEY = "2"
TEXT_KEY = "1"
ACCEPT_KEY = "1"


def address(path: str, **query: str | int) -> str:
    """A callback of ours below `/webhooks/twilio/`, as Twilio sees it."""
    told = f"?{urlencode(query)}" if query else ""
    return f"{settings().public_url.rstrip('/')}/webhooks/twilio/{path}{told}"


def ring(
    call_sid: str,
    phones: list[PracticePhone] | list[RoutedPhone],
    seconds: int,
    caller_id: str | None,
    *,
    in_turn: bool = False,
    say: str = "",
) -> str:
    """Ring the practice's phones together. A mobile asks for a key first, so that its own
    mailbox never takes the call. The caller hears ringing, and pays, only once it is taken, or
    from the greeting on where there is one (`say`).

    `in_turn`: the result of this one phone names it, so that the next one rings after it.
    """
    response = VoiceResponse()
    if say:
        response.say(say)
    named = {"caller_id": caller_id} if caller_id else {}
    told = {"after": phones[0].id} if in_turn else {}
    dial = Dial(
        action=address("voice/dial", **told),
        timeout=max(seconds, 5),
        answer_on_bridge=True,
        **named,
    )
    for phone in phones:
        asks = (
            {"url": address("voice/whisper", phone=phone.id, call=call_sid)}
            if phone.asks_for_key
            else {}
        )
        dial.number(
            phone.e164,
            status_callback=address("voice/leg", phone=phone.id, call=call_sid),
            status_callback_event="initiated ringing answered completed",
            **asks,
        )
    response.append(dial)
    return str(response)


def whisper(clinic: str, phone_id: int, call_sid: str) -> str:
    response = VoiceResponse()
    gather = Gather(
        num_digits=1, timeout=8, action=address("voice/accept", phone=phone_id, call=call_sid)
    )
    gather.say(f"A call for {clinic}. To take it, press {ACCEPT_KEY}.")
    response.append(gather)
    response.hangup()
    return str(response)


def ask_to_call_back(clinic: str, outbound_id: int) -> str:
    """What a mobile of the clinic hears that is to call somebody back: its own mailbox presses no
    key. It says no name, as that mailbox would keep it."""
    response = VoiceResponse()
    gather = Gather(
        num_digits=1, timeout=8, action=address("call-back/accept", outbound=outbound_id)
    )
    gather.say(f"Calling back for {clinic}. To be connected, press {ACCEPT_KEY}.")
    response.append(gather)
    response.hangup()
    return str(response)


def ring_back(outbound_id: int, number: str, caller_id: str) -> str:
    """Ring a lead from the clinic's phone that was picked up; they see the clinic's number."""
    response = VoiceResponse()
    dial = Dial(
        action=address("call-back/dialled", outbound=outbound_id),
        timeout=LONGEST_RINGING,
        caller_id=caller_id,
    )
    dial.number(
        number,
        status_callback=address("call-back/leg", outbound=outbound_id),
        status_callback_event="initiated ringing answered completed",
    )
    response.append(dial)
    return str(response)


def prompt(words: str) -> str:
    """Say what will happen and listen for a key. Who presses none is redirected to voicemail:
    that request is what shows that the prompt was heard to its end."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=2, action=address("voice/choice"))
    gather.say(words)
    response.append(gather)
    response.redirect(address("voice/voicemail"))
    return str(response)


def voicemail(words: str, *, transcribe: bool) -> str:
    response = VoiceResponse()
    response.say(words)
    transcription = (
        {"transcribe": True, "transcribe_callback": address("transcription")} if transcribe else {}
    )
    response.record(
        action=address("voice/recorded"),
        max_length=LONGEST_VOICEMAIL,
        timeout=5,
        play_beep=True,
        finish_on_key=f"#{DECLINE_KEY}",
        recording_status_callback=address("recording"),
        **transcription,
    )
    response.say("We did not hear a message. Goodbye.")
    return str(response)


def goodbye(words: str = "Thank you. Goodbye.") -> str:
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


def reject() -> str:
    """The number is blocked: the call is turned away, and costs nothing."""
    response = VoiceResponse()
    response.reject()
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def apology() -> str:
    """When we cannot even look up whom to ring: voicemail, which Twilio keeps for us."""
    return voicemail(
        "We are sorry that we cannot connect your call right now. If this is an emergency, hang "
        "up and dial 911. Otherwise please leave your name and number after the tone. This "
        "message is recorded.",
        transcribe=False,
    )


def verbs(document: str) -> set[str]:
    """The elements of a document of ours."""
    return set(re.findall(r"<([A-Z]\w*)", document))
