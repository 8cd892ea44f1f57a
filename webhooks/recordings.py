"""Recordings and their transcriptions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import Session

from leads import call as calls
from leads import clock, missed_call, voicemail
from webhooks import twiml
from webhooks.delivery import answer
from webhooks.signature import Verified, verified

router = APIRouter(prefix="/webhooks/twilio")
Request = Annotated[Verified, Depends(verified)]


@router.post("/recording")
async def recording(request: Request) -> Response:
    """The recording's file is there, or never will be."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = calls.find(session, form.text("CallSid"), now)
        voicemail.file_changed(
            session,
            call,
            sid=form.text("RecordingSid"),
            url=form.text("RecordingUrl"),
            state=form.text("RecordingStatus"),
            seconds=form.number("RecordingDuration") or 0,
            now=now,
        )
        calls.settle(session, call, now)
        missed_call.consider(session, call, now)
        return twiml.EMPTY

    return await answer(
        request,
        sid=form.text("RecordingSid"),
        event="recording",
        status=form.text("RecordingStatus"),
        effect=effect,
        otherwise=twiml.EMPTY,
    )


@router.post("/transcription")
async def transcription(request: Request) -> Response:
    form = request.form

    def effect(session: Session) -> str:
        if form.text("TranscriptionStatus") == "completed":
            now = clock.now(session)
            voicemail.transcribed(
                session,
                calls.find(session, form.text("CallSid"), now),
                sid=form.text("RecordingSid"),
                url=form.text("RecordingUrl"),
                text=form.text("TranscriptionText"),
                now=now,
            )
        return twiml.EMPTY

    return await answer(
        request,
        sid=form.text("TranscriptionSid"),
        event="transcription",
        status=form.text("TranscriptionStatus"),
        effect=effect,
        otherwise=twiml.EMPTY,
    )
