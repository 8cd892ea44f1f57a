"""What is kept of what people text besides words, and what never is."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import conversation, picture
from leads.db import database_time
from leads.message import Message
from leads.picture import Picture, PictureData, Sent
from tests.conftest import TUESDAY_TEN
from tests.pixels import GIF, HTML, JPEG, SVG, WEBP, png

MARIA = "+12065550142"


def text(session: Session, *sent: Sent, count: int | None = None) -> Message:
    conversation.text_received(
        session,
        sid="SM1",
        from_raw=MARIA,
        to_raw="+14254379974",
        body="",
        media_count=len(sent) if count is None else count,
        opt_out_type="",
        now=TUESDAY_TEN,
        media=sent,
    )
    return session.scalars(select(Message)).one()


def sent(kind: str = "image/jpeg") -> Sent:
    return Sent("https://api.twilio.com/x", kind)


def one(session: Session) -> Picture:
    return session.scalars(select(Picture)).one()


@pytest.mark.parametrize(
    ("told", "data", "kind"),
    [
        ("image/jpeg", JPEG, "image/jpeg"),
        ("image/jpg", JPEG, "image/jpeg"),
        ("Image/PNG; name=x.png", png(), "image/png"),
        ("image/gif", GIF, "image/gif"),
        ("image/webp", WEBP, "image/webp"),
        ("image/png", JPEG, "image/jpeg"),  # called wrongly: shown as what it is
    ],
)
def test_a_picture_is_kept_as_what_its_bytes_say(
    session: Session, told: str, data: bytes, kind: str
) -> None:
    text(session, sent(told))
    picture.fetched(session, one(session).id, data, told)
    assert session.get_one(PictureData, one(session).id).content_type == kind
    assert one(session).fetched_at is not None


@pytest.mark.parametrize(
    ("told", "data"),
    [
        ("image/svg+xml", SVG),
        ("image/png", SVG),
        ("image/jpeg", HTML),
        ("text/html", JPEG),
        ("", JPEG),
        ("image/jpeg", b""),
        ("image/webp", b"RIFF\x00\x00\x00\x00WAVEfmt "),
    ],
)
def test_what_can_run_is_never_kept(session: Session, told: str, data: bytes) -> None:
    text(session, sent())
    picture.fetched(session, one(session).id, data, told)
    assert session.scalars(select(PictureData)).all() == []
    assert one(session).refused_why == picture.NOT_SHOWN
    assert picture.take_unfetched(session, 5) == []


def test_a_file_that_says_itself_that_it_is_no_picture_is_not_asked_for(session: Session) -> None:
    text(session, sent("video/mp4"), sent("image/svg+xml"), sent())
    wanted = picture.take_unfetched(session, 5)
    assert [each.place for each in wanted] == [2]


def test_a_picture_is_put_off_as_it_is_taken_and_given_up_in_the_end(session: Session) -> None:
    text(session, sent())
    row = one(session)
    assert [each.picture_id for each in picture.take_unfetched(session, 5)] == [row.id]
    assert picture.take_unfetched(session, 5) == []
    for _ in range(picture.PATIENCE - 1):
        picture.not_fetched(session, row.id, "ConnectTimeout")
        assert row.refused_why is None
        row.fetch_after = database_time(session) - timedelta(seconds=1)
        assert len(picture.take_unfetched(session, 5)) == 1
    picture.not_fetched(session, row.id, "ConnectTimeout")
    assert row.refused_why == picture.GIVEN_UP


def test_of_a_text_from_a_list_only_the_number_of_pictures_is_known(session: Session) -> None:
    text(session, count=2)
    wanted = picture.take_unfetched(session, 5)
    assert [(each.url, each.message_sid, each.place) for each in wanted] == [
        ("", "SM1", 0),
        ("", "SM1", 1),
    ]


def test_the_same_text_twice_has_its_pictures_once(session: Session) -> None:
    text(session, sent())
    text(session, sent())
    picture.expect(session, one(session).message_id, 1, [sent()], TUESDAY_TEN)
    assert one(session).place == 0


def test_each_members_first_look_is_told_apart(session: Session) -> None:
    text(session, sent())
    row = one(session)
    assert [picture.first_look(session, row, staff) for staff in (1, 1, 2, 1)] == [
        True,
        False,
        True,
        False,
    ]
