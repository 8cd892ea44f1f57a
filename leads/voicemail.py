"""A voicemail: told of twice, by the call's own step and by the recording's, in either order."""

from datetime import datetime

from sqlalchemy.orm import Session

from leads.call import Call
from leads.db import changed, upsert
from leads.recording import Recording


def left(session: Session, call: Call, *, sid: str, url: str, seconds: int, now: datetime) -> None:
    """The caller's step: something was recorded, unless it lasted no time at all."""
    if sid and seconds > 0:
        call.voicemail_at = call.voicemail_at or now
        _row(session, call, sid, url, now).seconds = seconds


def file_changed(
    session: Session,
    call: Call,
    *,
    sid: str,
    url: str,
    state: str,
    seconds: int,
    now: datetime,
) -> None:
    """The recording's step: its file is complete (or absent, or failed)."""
    recording = _row(session, call, sid, url, now)
    if recording.state in {"completed", "absent", "failed"}:
        return
    recording.state = state
    recording.url = url or recording.url
    recording.seconds = max(recording.seconds, seconds)
    if state == "completed" and recording.seconds > 0:
        call.voicemail_at = call.voicemail_at or now
    if call.lead_id:
        changed(session, f"lead:{call.lead_id}")


def transcribed(
    session: Session, call: Call, *, sid: str, url: str, text: str, now: datetime
) -> None:
    """What was said, as far as a machine heard it. It may come before its recording."""
    _row(session, call, sid, url, now).transcript = text
    if call.lead_id:
        changed(session, f"lead:{call.lead_id}")


def _row(session: Session, call: Call, sid: str, url: str, now: datetime) -> Recording:
    return upsert(
        session,
        Recording,
        ["sid"],
        sid=sid,
        call_id=call.id,
        url=url,
        created_at=now,
    )
