"""Voicemail and call recordings: what was recorded, and the audio once it has been fetched."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, changed, database_time


class Recording(Base):
    __tablename__ = "recording"
    __table_args__ = (
        Index(
            "ix_recording_unfetched",
            "id",
            postgresql_where="fetched_at IS NULL AND state = 'completed'",
        ),
    )

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


def take_unfetched(session: Session, limit: int) -> list[tuple[int, str]]:
    """Recordings whose audio is at the telephone service only: (id, address) pairs. Each is put
    off as it is taken, so that two processes do not fetch the same one."""
    real = database_time(session)
    rows = session.scalars(
        select(Recording)
        .where(
            Recording.state == "completed",
            Recording.fetched_at.is_(None),
            or_(Recording.fetch_after.is_(None), Recording.fetch_after < real),
        )
        .order_by(Recording.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.fetch_attempts += 1
        row.fetch_after = real + timedelta(minutes=min(2**row.fetch_attempts, 360))
    return [(row.id, row.url) for row in rows]


def fetched(session: Session, recording_id: int, audio: bytes, content_type: str) -> None:
    row = session.get_one(Recording, recording_id, with_for_update=True)
    if row.fetched_at is None:
        row.fetched_at = database_time(session)
        row.fetch_error = None
        session.add(RecordingAudio(recording_id=row.id, content_type=content_type, data=audio))
        changed(session, f"call:{row.call_id}")


def not_fetched(session: Session, recording_id: int, error: str) -> None:
    session.get_one(Recording, recording_id).fetch_error = error
