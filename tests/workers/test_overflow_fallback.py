"""A number to which the clinic's carrier forwards has a fallback of its own: one that rings the
practice would send the call in a circle."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from leads import TrackingNumber, db
from tests.conftest import forget_settings
from tests.workers.conftest import Phones
from tests.workers.test_doctor import found, looked
from tests.workers.test_numbers_sync import configured, run, spoil

NUMBER = "+14254379974"
RINGS, VOICEMAIL = "https://handler.twilio.com/twiml/EH1", "https://handler.twilio.com/twiml/EH2"


@pytest.fixture
def told(phones: Phones, environment: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The one number is for overflow, and a document that rings the practice is named."""
    with db.transaction() as session:
        session.scalars(select(TrackingNumber)).one().mode = "overflow"
    spoil(phones, NUMBER, VoiceFallbackUrl=VOICEMAIL)
    with environment.context() as patch:
        patch.setenv("TWILIO_VOICE_FALLBACK_URL", RINGS)
        forget_settings()
        yield patch
    forget_settings()


def test_it_is_left_alone_where_none_was_told_for_it(
    told: pytest.MonkeyPatch,
    phones: Phones,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told
    _, printed = run("numbers sync --yes", monkeypatch, capsys)
    assert configured(phones)[NUMBER]["voice_fallback_url"] == VOICEMAIL
    said = " ".join(printed.split())
    assert "its fallback is left alone: `ringback export fallback --voicemail`" in said
    assert found(looked("number"), "number 425-437-9974, fallback").verdict == "ok"


def test_its_own_is_set(
    told: pytest.MonkeyPatch,
    phones: Phones,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(phones, NUMBER, VoiceFallbackUrl=RINGS)
    told.setenv("TWILIO_OVERFLOW_FALLBACK_URL", VOICEMAIL)
    forget_settings()
    assert run("numbers sync --yes", monkeypatch, capsys)[0] == 0
    assert configured(phones)[NUMBER]["voice_fallback_url"] == VOICEMAIL


def test_one_that_rings_the_practice_is_a_circle(told: pytest.MonkeyPatch, phones: Phones) -> None:
    assert told
    spoil(phones, NUMBER, VoiceFallbackUrl=RINGS)
    finding = found(looked("number"), "number 425-437-9974, fallback")
    assert (finding.verdict, "in a circle" in finding.text) == ("failed", True)
    assert finding.cure
    assert "TWILIO_OVERFLOW_FALLBACK_URL" in finding.cure


def test_the_document_says_where_its_address_goes(
    told: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told
    assert "TWILIO_OVERFLOW_FALLBACK_URL" in run("export fallback", monkeypatch, capsys)[1]
    with db.transaction() as session:
        TrackingNumber.add(session, "+14255550177", "Ad", "front")
    assert "TWILIO_VOICE_FALLBACK_URL" in run("export fallback", monkeypatch, capsys)[1]
    own = run("export fallback --voicemail", monkeypatch, capsys)[1]
    assert "TWILIO_OVERFLOW_FALLBACK_URL" in own
    assert "<Dial" not in own
