"""Recordings and their transcriptions."""

from sqlalchemy.orm import Session

from leads import call as calls
from leads import missed_call, voicemail
from webhooks import twiml
from webhooks.step import Happening, Step
from webhooks.voice import settle


def recording(session: Session, it: Happening) -> str:
    """The recording's file is there, or never will be."""
    form = it.request.form
    call = calls.find(session, form.text("CallSid"), it.now)
    voicemail.file_changed(
        session,
        call,
        sid=form.text("RecordingSid"),
        url=form.text("RecordingUrl"),
        state=form.text("RecordingStatus"),
        seconds=form.number("RecordingDuration") or 0,
        now=it.now,
    )
    settle(session, call, it)
    missed_call.consider(session, call, it.now, late=it.late)
    return twiml.EMPTY


def transcription(session: Session, it: Happening) -> str:
    form = it.request.form
    if form.text("TranscriptionStatus") == "completed":
        voicemail.transcribed(
            session,
            calls.find(session, form.text("CallSid"), it.now),
            sid=form.text("RecordingSid"),
            url=form.text("RecordingUrl"),
            text=form.text("TranscriptionText"),
            now=it.now,
        )
    return twiml.EMPTY


STEPS = (
    Step(
        "recording", "recording", recording, "RecordingSid", "RecordingStatus", caller_waits=False
    ),
    Step(
        "transcription",
        "transcription",
        transcription,
        "TranscriptionSid",
        "TranscriptionStatus",
        caller_waits=False,
    ),
)
