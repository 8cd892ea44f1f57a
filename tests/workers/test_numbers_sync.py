"""`ringback numbers sync` and the whole of `ringback doctor`, as commands against a sandbox."""

import io
import json
import sys

import pytest

import ringback
from leads import TrackingNumber, clock, db
from leads.settings import settings
from tests.conftest import ACCOUNT_SID, AUTH_TOKEN, forget_settings
from tests.workers.conftest import Phones
from workers import twilio_api
from workers.numbers_sync import _missing
from workers.twilio_numbers import Compared

WHOLE = (ACCOUNT_SID, AUTH_TOKEN)
NUMBERS = f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers"
STRANGER = "+14255550199"


def run(
    arguments: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str = "",
) -> tuple[int, str]:
    """Exit code and everything on the terminal."""
    monkeypatch.setattr(sys, "argv", ["ringback", *arguments.split()])
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with pytest.raises(SystemExit) as ended:
        ringback.main()
    printed = capsys.readouterr()
    if isinstance(ended.value.code, str):
        return 1, ended.value.code
    return int(ended.value.code or 0), printed.out + printed.err


def configured(phones: Phones) -> dict[str, dict[str, str]]:
    listed = phones.client.get(f"{NUMBERS}.json", auth=WHOLE).raise_for_status().json()
    return {each["phone_number"]: each for each in listed["incoming_phone_numbers"]}


def spoil(phones: Phones, number: str, **changes: str) -> None:
    """As somebody left it: bought, if it is new, and set to other addresses."""
    path = f"{NUMBERS}.json"
    bought = phones.client.post(path, data={"PhoneNumber": number}, auth=WHOLE).json()
    path = f"{NUMBERS}/{bought['sid']}.json"
    phones.client.post(path, data=changes, auth=WHOLE).raise_for_status()


def test_a_number_is_set_after_a_yes_and_then_there_is_nothing_to_do(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(phones, "+14254379974", VoiceUrl="https://old.example.com/v", SmsUrl="")
    code, printed = run("numbers sync", monkeypatch, capsys, typed="y\n")
    assert (code, "425-437-9974 is set." in printed) == (0, True), printed
    assert "https://old.example.com/v" in printed.replace("\n", "")
    after = configured(phones)["+14254379974"]
    public = settings().public_url
    assert after["voice_url"] == f"{public}/webhooks/twilio/voice"
    assert after["sms_url"] == f"{public}/webhooks/twilio/sms"
    assert after["status_callback"] == f"{public}/webhooks/twilio/voice/status"
    code, printed = run("numbers sync", monkeypatch, capsys)
    assert (code, "Nothing to do" in printed) == (0, True), printed


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_changed(
    phones: Phones,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
) -> None:
    spoil(phones, "+14254379974", VoiceUrl="https://old.example.com/v")
    code, _ = run("numbers sync", monkeypatch, capsys, typed)
    assert code == 1
    assert configured(phones)["+14254379974"]["voice_url"] == "https://old.example.com/v"


def test_numbers_that_are_not_ours_are_never_touched(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(phones, STRANGER, VoiceUrl="https://their.example.com/v")
    spoil(phones, "+14254379974", VoiceUrl="https://old.example.com/v")
    before = configured(phones)[STRANGER]
    code, printed = run("numbers sync --yes", monkeypatch, capsys)
    assert (code, "1 other number is in the account" in printed) == (0, True), printed
    assert "their.example.com" not in printed
    after = configured(phones)[STRANGER]
    assert {k: v for k, v in after.items() if not k.startswith("date")} == {
        k: v for k, v in before.items() if not k.startswith("date")
    }


def test_a_retired_number_is_none_of_ours(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(phones, STRANGER, VoiceUrl="https://their.example.com/v")
    with db.transaction() as session:
        old = TrackingNumber.add(session, STRANGER, "Old page", "front")
        old.retired_at = clock.now(session)
    assert run("numbers sync --yes", monkeypatch, capsys)[0] == 0
    assert configured(phones)[STRANGER]["voice_url"] == "https://their.example.com/v"


def test_a_number_of_ours_that_twilio_lacks_is_told(
    phones: Phones,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: pytest.MonkeyPatch,
) -> None:
    assert phones
    with db.transaction() as session:
        TrackingNumber.add(session, STRANGER, "Billboard", "front")
    code, printed = run("numbers sync --yes", monkeypatch, capsys)
    assert (code, "425-555-0199 is not known to the practice" in printed) == (1, True), printed
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        assert "is not in this Twilio account" in _missing(Compared(STRANGER, None))
    forget_settings()


def test_a_number_with_an_application_of_its_own_is_left_to_a_person(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(phones, "+14254379974", VoiceUrl="https://old.example.com/v", VoiceApplicationSid="AP1")
    code, printed = run("numbers sync --yes", monkeypatch, capsys)
    assert (code, "is left alone" in printed) == (1, True), printed
    assert configured(phones)["+14254379974"]["voice_url"] == "https://old.example.com/v"


def test_a_fallback_is_set_where_one_was_told_and_else_left_alone(
    phones: Phones,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: pytest.MonkeyPatch,
) -> None:
    theirs, ours = "https://handler.twilio.com/twiml/EH1", "https://handler.twilio.com/twiml/EH2"
    spoil(phones, "+14254379974", VoiceFallbackUrl=theirs)
    assert "Nothing to do" in run("numbers sync --yes", monkeypatch, capsys)[1]
    assert configured(phones)["+14254379974"]["voice_fallback_url"] == theirs
    with environment.context() as patch:
        patch.setenv("TWILIO_VOICE_FALLBACK_URL", ours)
        forget_settings()
        assert run("numbers sync --yes", monkeypatch, capsys)[0] == 0
    forget_settings()
    assert configured(phones)["+14254379974"]["voice_fallback_url"] == ours


def test_a_refused_token_is_one_sentence(
    phones: Phones,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: pytest.MonkeyPatch,
) -> None:
    assert phones
    with environment.context() as patch:
        patch.setenv("TWILIO_AUTH_TOKEN", "another")
        forget_settings()
        twilio_api.client.cache_clear()
        code, printed = run("numbers sync --yes", monkeypatch, capsys)
        twilio_api.client.cache_clear()
    forget_settings()
    assert (code, "Twilio refuses our account or token" in printed) == (1, True), printed
    assert "No number was changed." in printed


@pytest.mark.parametrize(
    ("public", "said"),
    [
        ("", "PUBLIC_URL is http://127.0.0.1:8001, which Twilio cannot reach."),
        ("https://localhost:8001", "which Twilio cannot reach"),
        ("https://192.168.1.4", "which Twilio cannot reach"),
        ("http://calls.example.com", "in the clear. Put HTTPS in front"),
        ("https://calls[.example.com", "PUBLIC_URL is no address."),
    ],
)
def test_a_live_number_is_never_led_to_where_nobody_answers(
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    public: str,
    said: str,
) -> None:
    assert database
    monkeypatch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
    monkeypatch.setenv("PUBLIC_URL", public)
    forget_settings()
    code, printed = run("numbers sync --yes", monkeypatch, capsys)
    assert (code, said in printed) == (1, True), printed
    assert printed.endswith("No number was changed.")


def test_doctor_ends_with_1_when_something_has_failed(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(phones, "+14254379974", SmsUrl="https://old.example.com/s")
    code, printed = run("doctor", monkeypatch, capsys)
    assert code == 1
    assert "number 425-437-9974" in printed
    assert "ringback numbers sync" in printed
    code, printed = run("doctor --json", monkeypatch, capsys)
    told = json.loads(printed)
    assert (code, told["well"]) == (1, False)
    failed = {each["check"] for each in told["findings"] if each["verdict"] == "failed"}
    assert {"number 425-437-9974", "worker", "beat"} <= failed
    assert all(each["cure"] for each in told["findings"] if each["verdict"] == "failed")
