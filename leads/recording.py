"""Voicemail and call recordings: what was recorded, and the audio once it has been fetched."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from leads.db import Base


class Recording(Base):
    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    kind: Mapped[str] = mapped_column(default="voicemail")
    state: Mapped[str] = mapped_column(default="in-progress")
    seconds: Mapped[int] = mapped_column(default=0)
    url: Mapped[str]
    transcript: Mapped[str | None]
    created_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    fetch_attempts: Mapped[int] = mapped_column(default=0)
    fetch_after: Mapped[datetime | None]  # real time
    fetch_error: Mapped[str | None]


class RecordingAudio(Base):
    """Apart from its recording, so that lists never load sound. In the database, so that one
    backup holds everything and any host can play it; a voicemail is at most two minutes."""

    __tablename__ = "recording_audio"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True
    )
    content_type: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
