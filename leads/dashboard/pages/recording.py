"""Plays a voicemail or a recorded call: only here, only to staff, and each play is audited."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from leads import audit
from leads.call import Call
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.rendering import frame, render
from leads.db import transaction
from leads.recording import Recording, RecordingAudio

router = APIRouter()
# Call recordings are for reviewers; the front desk hears what was left for it.
HEARS_CALLS = {"reviewer", "admin"}


@router.get("/recordings/{recording_id}/audio")
def audio(request: Request, recording_id: int, known: Reader) -> Response:
    """The sound, or the part of it that the player asks for (one `Range` of bytes)."""
    with transaction() as session:
        recording = session.get(Recording, recording_id)
        sound = session.get(RecordingAudio, recording_id)
        if recording is None or sound is None or not may_hear(known.role, recording):
            return render(
                request,
                "error.html",
                404,
                frame=frame(session),
                title="There is no such recording",
                message="It may still be on its way from the telephone service, or was deleted.",
            )
        start, end = _range(request.headers.get("range", ""), len(sound.data))
        if start >= len(sound.data):
            return Response(
                status_code=416, headers={"Content-Range": f"bytes */{len(sound.data)}"}
            )
        if start == 0:  # a player asks for the rest in parts: that is the same play
            lead_id = session.scalar(select(Call.lead_id).where(Call.id == recording.call_id))
            audit.record(
                session,
                "voicemail_played" if recording.kind == "voicemail" else "recording_played",
                staff_id=known.staff_id,
                lead_id=lead_id,
                address=address(request),
                recording_id=recording.id,
            )
        headers = {"Accept-Ranges": "bytes", "Content-Disposition": "inline"}
        if "range" not in request.headers:
            return Response(sound.data, media_type=sound.content_type, headers=headers)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(sound.data)}"
        return Response(sound.data[start : end + 1], 206, headers, sound.content_type)


def may_hear(role: str, recording: Recording) -> bool:
    """Whether this role may play it."""
    return recording.kind == "voicemail" or role in HEARS_CALLS


def _range(asked: str, size: int) -> tuple[int, int]:
    """First and last byte, both included; anything but one plain range means all of it."""
    match = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", asked.strip())
    if match is None or not any(match.groups()):
        return 0, size - 1
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
