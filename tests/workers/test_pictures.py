"""Pictures from a phone to the desk, over sockets: a text, our webhook, our worker, our page."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
from sqlalchemy import select

from leads import db, picture
from leads.audit import Audit
from leads.dashboard.app import app
from leads.picture import Picture, PictureData
from tests.conftest import ACCOUNT_SID, forget_settings
from tests.leads.dashboard.people import browser, enter, hire
from tests.pixels import GIF, SVG, png
from tests.server import serving
from tests.workers.conftest import Phones
from tests.workers.test_sending import eventually
from tests.workers.town import CLINIC, Town, reconciled
from workers import pictures, twilio_api

MARIA = "+12065550142"
FOLDER = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/MM1/Media"


def item(data: bytes, kind: str = "image/png") -> dict[str, str]:
    return {"content_type": kind, "data": base64.b64encode(data).decode()}


def send(client: httpx.Client, *media: dict[str, str], body: str = "") -> str:
    told: dict[str, Any] = {"from": MARIA, "to": CLINIC, "body": body, "media": list(media)}
    sid: str = client.post("/sandbox/api/texts", json=told).raise_for_status().json()["sid"]
    return sid


def rows() -> list[Picture]:
    with db.transaction() as session:
        return list(session.scalars(select(Picture).order_by(Picture.message_id, Picture.place)))


def arrived(count: int) -> None:
    eventually(lambda: len(rows()) == count)


def kept() -> list[bytes]:
    with db.transaction() as session:
        found = select(PictureData.data).order_by(PictureData.picture_id)
        return list(session.scalars(found))


def test_pictures_come_home_by_our_credentials_and_are_shown_from_here(phones: Phones) -> None:
    send(phones.client, item(png()), item(GIF, "image/gif"), body="This is how it looks")
    arrived(2)
    assert kept() == []
    pictures.fetch()
    assert kept() == [png(), GIF]
    with db.transaction() as session:
        first = session.scalars(select(Picture).order_by(Picture.place)).first()
        assert first is not None
        picture_id = first.id
    hire()
    with serving(app) as address, browser(address) as rosa:
        assert rosa.get(f"/pictures/{picture_id}").status_code == 303  # to the sign-in page
        enter(rosa)
        shown = rosa.get(f"/pictures/{picture_id}")
        assert (shown.content, shown.headers["content-type"]) == (png(), "image/png")
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["content-disposition"].startswith("inline")
        rosa.get(f"/pictures/{picture_id}")
        assert rosa.get("/pictures/999999").status_code == 404
    with db.transaction() as session:
        looks = select(Audit.facts).where(Audit.action == "picture_viewed")
        assert list(session.scalars(looks)) == [{"picture_id": picture_id}]


def test_a_picture_of_a_text_that_was_lost_is_found_with_it(town: Town) -> None:
    town.nobody_hears()
    send(town.client, item(png()), body="And the other one")
    assert reconciled().found["texts_added"] == 1
    assert [row.url for row in rows()] == [""]
    pictures.fetch()
    assert kept() == [png()]


def test_what_calls_itself_a_picture_and_is_none_is_not_kept(phones: Phones) -> None:
    send(phones.client, item(SVG), item(b"BEGIN:VCARD", "text/vcard"))
    arrived(2)
    pictures.fetch()
    assert kept() == []
    assert [row.refused_why for row in rows()] == [picture.NOT_SHOWN] * 2


def test_an_address_that_is_not_the_telephone_services_is_never_asked(phones: Phones) -> None:
    send(phones.client, {"url": "https://evil.example/track.png", "content_type": "image/png"})
    arrived(1)
    pictures.fetch()
    assert "none of the telephone service's" in str(rows()[0].refused_why)


def test_a_service_that_does_not_answer_is_asked_again_later(phones: Phones) -> None:
    send(phones.client, item(png()))
    arrived(1)
    phones.fault("rate_limit")
    pictures.fetch()
    row = rows()[0]
    assert (row.fetch_error, row.fetch_attempts, row.refused_why) == ("HTTPError", 1, None)
    with db.transaction() as session:
        session.get_one(Picture, row.id).fetch_after = None
    pictures.fetch()
    assert kept() == [png()]


class Files:
    """A service that sends us on to a file of its own, and remembers what it was told."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, bool]] = []  # path, and whether credentials came with it

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        names = {name for name, _ in scope["headers"]}
        self.asked.append((scope["path"], b"authorization" in names))
        status, headers, body = self.answers.get(scope["path"], (404, {}, b""))
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def files(environment: pytest.MonkeyPatch) -> Iterator[Files]:
    made = Files()
    with environment.context() as patch, serving(made) as address:
        patch.setenv("TWILIO_API_BASE", address)
        forget_settings()
        yield made
    forget_settings()


def test_our_credentials_go_to_the_service_and_no_further(files: Files) -> None:
    files.answers = {
        f"{FOLDER}/ME1": (307, {"location": "/elsewhere/ME1"}, b""),
        "/elsewhere/ME1": (200, {"content-type": "image/png"}, png()),
    }
    url = f"https://api.twilio.com{FOLDER}/ME1"
    assert twilio_api.media(url, 10_000) == (png(), "image/png")
    assert files.asked == [(f"{FOLDER}/ME1", True), ("/elsewhere/ME1", False)]


def test_a_file_that_is_too_large_or_gone_is_never_asked_for_again(files: Files) -> None:
    files.answers = {f"{FOLDER}/ME1": (200, {"content-type": "image/png"}, bytes(100_001))}
    for name, why in (("ME1", picture.TOO_LARGE), ("ME2", picture.GONE)):
        with pytest.raises(twilio_api.MediaRefused, match=why):
            twilio_api.media(f"https://api.twilio.com{FOLDER}/{name}", 100_000)


def test_one_that_is_sent_on_twice_is_not_followed(files: Files) -> None:
    files.answers = {
        f"{FOLDER}/ME1": (307, {"location": "/a"}, b""),
        "/a": (307, {"location": "/b"}, b""),
    }
    with pytest.raises(requests.HTTPError):
        twilio_api.media(f"https://api.twilio.com{FOLDER}/ME1", 100_000)


@pytest.mark.parametrize(
    "url",
    [
        f"http://api.twilio.com{FOLDER}/ME1",
        f"https://twilio.com.evil.example{FOLDER}/ME1",
        f"https://eviltwilio.com{FOLDER}/ME1",
        f"https://api.twilio.com{FOLDER}/ME1/../../../x",
        "https://api.twilio.com/2010-04-01/Accounts/AC9/Messages/MM1/Media/ME1",
    ],
)
def test_live_credentials_go_to_twilio_alone(environment: pytest.MonkeyPatch, url: str) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        with pytest.raises(twilio_api.MediaRefused):
            twilio_api.media(url, 1000)
    forget_settings()
