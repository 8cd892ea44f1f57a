"""The static document at Twilio: played in the sandbox while our own server is gone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ringback
from leads import PracticePhone, TrackingNumber, clock, db
from leads.fallback import Ringing
from tests.webhooks.sandbox.sandbox_harness import DESK, MOBILE, OURS, World, said
from webhooks.fallback import document
from webhooks.sandbox.twiml import read
from webhooks.sandbox.webhook import Answer

RINGING = Ringing([DESK], 20, 0)


@pytest.fixture
def gone(tmp_path: Path) -> Iterator[World]:
    """A sandbox whose calls find nobody at PUBLIC_URL: port 9 is nobody's."""
    with World(tmp_path, public_url="http://127.0.0.1:9", target="http://127.0.0.1:9") as world:
        yield world


@pytest.mark.parametrize("ringing", [RINGING, None], ids=["phones", "voicemail"])
def test_twilio_would_take_the_document(ringing: Ringing | None) -> None:
    text = document("Back In Balance & Sons", ringing)
    verbs = read(Answer(200, "text/xml", text.encode()), "voice")
    assert [verb.name for verb in verbs] == [*(["Dial"] if ringing else []), "Say", "Record", "Say"]
    record = next(verb for verb in verbs if verb.name == "Record")
    assert record.get("finishOnKey", "unset") == ""
    assert "text message" not in text


def fall_back(world: World, text: str) -> None:
    """Twilio keeps the document itself, so the receiver plays Twilio's part of it."""
    world.answer("/bin", text)
    number = world.twilio.incoming_phone_numbers.list()[0]
    number.update(voice_fallback_url=f"{world._target}/bin")


def run(arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["ringback", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        ringback.main()
    return int(ended.value.code or 0) if not isinstance(ended.value.code, str) else 1


def test_the_command_prints_the_document_alone_on_stdout(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    with db.transaction() as session:
        PracticePhone.add(session, MOBILE, "Doctor", "mobile", 25)
    assert run("export fallback", monkeypatch) == 0
    printed = capsys.readouterr()
    read(Answer(200, "text/xml", printed.out.encode()), "voice")
    assert DESK in printed.out
    assert MOBILE not in printed.out
    assert "1 mobile is left out" in printed.err
    assert run("export fallback --voicemail", monkeypatch) == 0
    assert "<Dial" not in capsys.readouterr().out


def test_a_number_that_the_carrier_forwards_rings_nobody(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The carrier rang the practice first: ringing it again would go in a circle."""
    assert database
    with db.transaction() as session:
        number = TrackingNumber.find(session, OURS)
        assert number
        number.mode = "overflow"
    assert run("export fallback", monkeypatch) == 0
    assert "<Dial" not in capsys.readouterr().out


def test_mobiles_ring_where_there_is_nothing_else(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    with db.transaction() as session:
        PracticePhone.ringing(session)[0].retired_at = clock.now(session)
        PracticePhone.add(session, MOBILE, "Doctor", "mobile", 25)
    assert run("export fallback", monkeypatch) == 0
    assert MOBILE in capsys.readouterr().out


def test_the_desk_rings_and_is_connected_while_our_server_is_gone(gone: World) -> None:
    fall_back(gone, document("Back In Balance", RINGING))
    call = gone.ring(script={"answer": DESK, "answer_after": 4, "talk_seconds": 30})
    (leg,) = call["legs"]
    assert (leg["to"], leg["status"]) == (DESK, "completed")
    assert call["error"] is None


def test_who_is_not_answered_leaves_a_message_that_twilio_keeps(gone: World) -> None:
    fall_back(gone, document("Back In Balance", RINGING))
    call = gone.ring(script={"let_ring": True, "voicemail_seconds": 20})
    words = " ".join(said(call))
    assert "nobody can answer right now" in words
    assert "error" not in words
    (recording,) = gone.twilio.recordings.list()
    assert recording.call_sid == call["sid"]


def test_a_withheld_caller_is_served_too(gone: World) -> None:
    fall_back(gone, document("Back In Balance", RINGING))
    call = gone.ring(from_="anonymous", script={"let_ring": True, "voicemail_seconds": 10})
    assert call["error"] is None
    assert len(gone.twilio.recordings.list()) == 1
