"""Pictures that people text us: what came with which text, and each once it has been fetched.

Strangers choose what is in them. So a picture is shown only when both what it is said to be and
what its first bytes are stand in one short list, and nothing that can carry a script is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base, changed, database_time
from leads.message import Message

# By the bytes that it begins with; what a browser runs, such as SVG or HTML, is none of them.
SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
SHOWN = ("image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp")
LARGEST = 8 * 1024 * 1024  # bytes; Twilio takes 5 MB with a text
MOST = 10  # with one text, at Twilio
PATIENCE = 12  # tries, over some two and a half days
NOT_SHOWN = "It is no picture that can be shown here."
TOO_LARGE = "It is larger than 8 MB, so it was not kept."
GONE = "The telephone service does not have it any more."
GIVEN_UP = "It could not be fetched from the telephone service."


class Picture(Base):
    """Waits to be fetched while it has neither `fetched_at` nor `refused_why`."""

    __tablename__ = "picture"
    __table_args__ = (
        UniqueConstraint("message_id", "place"),
        Index(
            "ix_picture_unfetched",
            "id",
            postgresql_where="fetched_at IS NULL AND refused_why IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    place: Mapped[int]  # among those of its text, from 0
    url: Mapped[str]  # at the telephone service; empty until it has been asked for
    told_type: Mapped[str]  # what it is said to be; empty when nobody said
    created_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    fetch_attempts: Mapped[int] = mapped_column(default=0)
    fetch_after: Mapped[datetime | None]  # real time
    fetch_error: Mapped[str | None]
    refused_why: Mapped[str | None]  # a sentence: it will never be shown
    # Ids of the staff who have opened it, as text: each one's first look is audited.
    opened_by: Mapped[list[str]] = mapped_column(default=list, server_default="[]")


class PictureData(Base):
    """Apart from its picture, so that lists never load it; in the database as sound is."""

    __tablename__ = "picture_data"

    picture_id: Mapped[int] = mapped_column(
        ForeignKey("picture.id", ondelete="CASCADE"), primary_key=True
    )
    content_type: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Sent:
    """What the telephone service tells of a file that came with a text."""

    url: str
    content_type: str


@dataclass(frozen=True)
class Wanted:
    """A picture to be fetched. Without a `url`, the service has to be asked for it by the text's
    SID and its place there."""

    picture_id: int
    url: str
    message_sid: str
    place: int


def expect(
    session: Session, message_id: int, count: int, sent: Sequence[Sent], now: datetime
) -> None:
    """Note what came with a text. `count` may be more than `sent` tells: Twilio's lists say how
    many there are, and not where."""
    for place in range(min(max(count, len(sent)), MOST)):
        known = sent[place] if place < len(sent) else Sent("", "")
        told = _plain(known.content_type)
        session.execute(
            insert(Picture)
            .values(
                message_id=message_id,
                place=place,
                url=known.url,
                told_type=told,
                created_at=now,
                refused_why=NOT_SHOWN if told and told not in SHOWN else None,
            )
            .on_conflict_do_nothing()
        )


def take_unfetched(session: Session, limit: int) -> list[Wanted]:
    """Pictures that are at the telephone service only. Each is put off as it is taken, so that
    two processes do not fetch the same one."""
    real = database_time(session)
    rows = session.execute(
        select(Picture, Message.sid)
        .join(Message, Message.id == Picture.message_id)
        .where(
            Picture.fetched_at.is_(None),
            Picture.refused_why.is_(None),
            or_(Picture.fetch_after.is_(None), Picture.fetch_after < real),
        )
        .order_by(Picture.id)
        .limit(limit)
        .with_for_update(of=Picture, skip_locked=True)
    ).all()
    for row, _ in rows:
        row.fetch_attempts += 1
        row.fetch_after = real + timedelta(minutes=min(2**row.fetch_attempts, 360))
    return [Wanted(row.id, row.url, sid or "", row.place) for row, sid in rows]


def fetched(session: Session, picture_id: int, data: bytes, told_type: str) -> None:
    """Keep it, if it is one that is shown; else say why not."""
    row = session.get_one(Picture, picture_id, with_for_update=True)
    if row.fetched_at is not None or row.refused_why is not None:
        return
    found = kind(data)
    if found is None or _plain(told_type) not in SHOWN:
        refused(session, picture_id, NOT_SHOWN)
        return
    row.fetched_at = database_time(session)
    row.fetch_error = None
    session.add(PictureData(picture_id=row.id, content_type=found, data=data))
    _tell(session, row)


def kind(data: bytes) -> str | None:
    """What it is by its own first bytes; None for whatever is not shown."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begins, kind in SIGNATURES if data.startswith(begins)), None)


def _plain(content_type: str) -> str:
    """`image/jpeg` of `Image/JPEG; name=a.jpg`."""
    return content_type.partition(";")[0].strip().lower()


def refused(session: Session, picture_id: int, why: str) -> None:
    """It will never be shown; `why` is a sentence."""
    row = session.get_one(Picture, picture_id, with_for_update=True)
    row.refused_why = why
    _tell(session, row)


def not_fetched(session: Session, picture_id: int, error: str) -> None:
    """It is tried again, ever more rarely, and then given up."""
    row = session.get_one(Picture, picture_id)
    row.fetch_error = error
    if row.fetch_attempts >= PATIENCE:
        refused(session, picture_id, GIVEN_UP)


def _tell(session: Session, row: Picture) -> None:
    changed(session, f"lead:{session.get_one(Message, row.message_id).lead_id}")


def first_look(session: Session, picture: Picture, staff_id: int) -> bool:
    """Whether this member of the staff has never opened it before; from now on they have."""
    session.refresh(picture, with_for_update=True)
    if str(staff_id) in picture.opened_by:
        return False
    picture.opened_by = [*picture.opened_by, str(staff_id)]
    session.flush()
    return True
