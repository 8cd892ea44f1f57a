"""Bodies as Twilio publishes them, really signed: what each alone leaves behind."""

from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import func, select

from leads import Call, Lead, Message, Phone, Recording, WebhookEvent, db
from tests.webhooks.caller import Twilio

PAYLOADS = Path(__file__).parents[1] / "payloads"
NOTHING = {"calls": 0, "leads": 0, "messages": 0, "recordings": 0, "outcome": None}
MODELS = {"calls": Call, "leads": Lead, "messages": Message, "recordings": Recording}


def send(twilio: Twilio, path: str, name: str) -> str:
    """Post a file of tests/payloads/ to the byte, and give the answer."""
    body = (PAYLOADS / f"{name}.txt").read_bytes().strip()
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    answer = twilio.post_raw(path, body, twilio.signature(path, fields))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    ET.fromstring(answer.text)  # noqa: S314 - our own answer
    return answer.text


def left_behind() -> dict[str, int | str | None]:
    with db.transaction() as session:
        counts: dict[str, int | str | None] = {
            name: session.scalar(select(func.count()).select_from(model))
            for name, model in MODELS.items()
        }
        outcome = session.scalars(select(Call.outcome)).one_or_none()
        errors = session.scalars(select(WebhookEvent.error)).all()
    assert errors == [None]
    return counts | {"outcome": outcome}


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("inbound_call", "voice", {"calls": 1, "leads": 1, "outcome": "ringing"}),
        ("inbound_call_without_geography", "voice", {"calls": 1, "leads": 1, "outcome": "ringing"}),
        ("inbound_call_withheld", "voice", {"calls": 1, "outcome": "ringing"}),
        ("inbound_call_forwarded", "voice", {"calls": 1, "leads": 1, "outcome": "ringing"}),
        ("dial_no_answer", "voice/dial", {"calls": 1, "leads": 1, "outcome": "missed"}),
        ("dial_completed", "voice/dial", {"calls": 1, "leads": 1, "outcome": "answered"}),
        (
            "leg_answered",
            "voice/leg?phone=1&call=CA5ef8732a3c49700934481addd5ce1659",
            {"calls": 1, "outcome": "answered"},
        ),
        ("call_completed", "voice/status", {"calls": 1, "leads": 1, "outcome": "abandoned"}),
        ("recording_completed", "recording", {"calls": 1, "recordings": 1, "outcome": "voicemail"}),
        ("transcription", "transcription", {"calls": 1, "recordings": 1, "outcome": "ringing"}),
        ("inbound_text", "sms", {"leads": 1, "messages": 1}),
        ("inbound_picture", "sms", {"leads": 1, "messages": 1}),
        ("inbound_stop", "sms", {"leads": 1, "messages": 1}),
        ("status_delivered", "sms/status?message=7&attempt=x", {}),
    ],
)
def test_a_published_body_alone_leaves_what_it_says(
    twilio: Twilio, name: str, path: str, expected: dict[str, int | str | None]
) -> None:
    first = send(twilio, path, name)
    assert left_behind() == NOTHING | expected
    assert send(twilio, path, name) == first, "a duplicate gets the same answer"
    assert left_behind() == NOTHING | expected


def test_a_tooth_and_an_umlaut_arrive_as_they_were_written(twilio: Twilio) -> None:
    send(twilio, "sms", "inbound_text")
    with db.transaction() as session:
        assert session.scalars(select(Message.body)).one() == "Grüße 🦷 +x"


def test_a_published_stop_opts_out(twilio: Twilio) -> None:
    send(twilio, "sms", "inbound_stop")
    with db.transaction() as session:
        assert session.scalars(select(Phone.opted_out_how)).one() == "stop_word"


def test_children_before_their_parent_join_it(twilio: Twilio) -> None:
    send(twilio, "transcription", "transcription")
    send(twilio, "recording", "recording_completed")
    send(twilio, "voice/dial", "dial_no_answer")
    send(twilio, "voice", "inbound_call")
    with db.transaction() as session:
        call = session.scalars(select(Call)).one()
        recording = session.scalars(select(Recording)).one()
        lead = session.scalars(select(Lead)).one()
    assert (call.outcome, call.lead_id) == ("voicemail", lead.id)
    assert (recording.transcript, recording.seconds) == ("Hi, please call me back.", 12)
    assert lead.needs_callback_since is not None
