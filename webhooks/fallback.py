"""`ringback export fallback`: what Twilio does by itself while nobody answers here.

A static document has no session, so it is composed around what cannot be asked:

1. It rings as the practice is set up at the time of the export, at any hour: there is no clock.
2. Mobiles ask for a key by a webhook, and without it their own mailbox would take the call. They
   are left out where a desk phone rings.
3. `Dial` has no action, so what follows is also heard by a caller whose conversation is over and
   who has not hung up. The words say so.
4. A recording that ends by itself asks for its action, which is ours and may be down. So nothing
   but hanging up ends it, for ten minutes; Twilio keeps the sound, and reconciliation finds it.
5. It promises no text and no time: nobody may know of the call for a while.
"""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy import select
from twilio.twiml.voice_response import Dial, VoiceResponse

from leads.commands import CommandRefused
from leads.db import transaction
from leads.fallback import Ringing, chosen
from leads.practice import Practice, PracticePhone
from leads.tracking_number import TrackingNumber
from webhooks.twiml import address

LONGEST_MESSAGE = 600  # seconds
LONGEST_SILENCE = 120
NOBODY = "We are sorry that nobody can answer right now."
AFTER_DIAL = "If you have just spoken with us, you can hang up now. Otherwise: "
EMERGENCY = "If this is an emergency, hang up and dial 911."


def export(
    *,
    voicemail: Annotated[
        bool,
        typer.Option("--voicemail", help="ring nobody: for numbers that your carrier forwards"),
    ] = False,
) -> None:
    """Print the document for Twilio's fallback: a TwiML Bin that rings your phones without us."""
    with transaction() as session:
        clinic = Practice.get(session).name
        modes = set(
            session.scalars(select(TrackingNumber.mode).where(TrackingNumber.retired_at.is_(None)))
        )
        ringing = chosen(PracticePhone.ringing(session))
    if not clinic:
        raise CommandRefused("The practice has no name yet: fill in Settings → Practice first.")
    # What the carrier forwards here rang at the practice already: it would go in a circle.
    overflow = (voicemail and "overflow" in modes) or "front" not in modes
    voicemail = voicemail or overflow or not ringing.rung
    typer.echo(document(clinic, None if voicemail else ringing))
    mixed = len(modes) > 1 and not overflow
    for note in _notes(ringing, voicemail=voicemail, overflow=overflow, mixed=mixed):
        typer.echo(note, err=True)


def document(clinic: str, ringing: Ringing | None) -> str:
    """The TwiML; `ringing` None for voicemail alone."""
    response = VoiceResponse()
    if ringing:
        dial = Dial(timeout=max(ringing.seconds, 5), answer_on_bridge=True)
        for number in ringing.rung:
            dial.number(number)
        response.append(dial)
    response.say(
        f"{AFTER_DIAL if ringing else ''}{NOBODY} {EMERGENCY} Please leave your name and number "
        f"for {clinic} after the tone, and hang up when you are done. This message is recorded."
    )
    response.record(
        action=address("voice/recorded"),
        max_length=LONGEST_MESSAGE,
        timeout=LONGEST_SILENCE,
        finish_on_key="",
        play_beep=True,
        recording_status_callback=address("recording"),
    )
    response.say("We did not hear a message. Goodbye.")
    return str(response).replace("><", ">\n<")


def _notes(ringing: Ringing, *, voicemail: bool, overflow: bool, mixed: bool) -> Sequence[str]:
    """For the person, beside the document: what it cannot do. `overflow`: it is for numbers that
    the carrier forwards."""
    setting = "TWILIO_OVERFLOW_FALLBACK_URL" if overflow else "TWILIO_VOICE_FALLBACK_URL"
    notes = ["At Twilio: Develop → TwiML Bins → Create; paste the text above, and put the Bin's"]
    notes[0] += f" address into {setting}. `ringback numbers sync` sets it."
    if not voicemail:
        notes.append("It rings at night too: a static document has no opening hours.")
    if ringing.left_out and not voicemail:
        many = "mobile is" if ringing.left_out == 1 else "mobiles are"
        notes.append(
            f"{ringing.left_out} {many} left out: a mobile's own mailbox would take the call."
        )
    if mixed:
        notes.append("Numbers that your carrier forwards need the one of --voicemail.")
    notes.append("Export it again when phones change.")
    return notes
