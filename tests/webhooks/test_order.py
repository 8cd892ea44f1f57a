"""Events of one call twice, late, backwards and all at once."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select

from leads import (
    Call,
    FollowUp,
    Lead,
    Reminder,
    WebhookEvent,
    db,
)
from tests.webhooks.caller import DESK_PHONE, Twilio, call_fields, leg_fields
from tests.webhooks.rows import (
    count,
    dial_fields,
    end_fields,
    reminders,
    the_call,
    the_lead,
)

STEPS = [
    ("voice", call_fields()),
    ("voice/leg?phone=1&call=CA1", leg_fields("CA1leg", "CA1", DESK_PHONE, "ringing")),
    (
        "voice/leg?phone=1&call=CA1",
        leg_fields("CA1leg", "CA1", DESK_PHONE, "in-progress", SequenceNumber="1"),
    ),
    (
        "voice/leg?phone=1&call=CA1",
        leg_fields("CA1leg", "CA1", DESK_PHONE, "completed", SequenceNumber="2", CallDuration="5"),
    ),
    ("voice/dial", dial_fields("completed", DialCallDuration="5", DialBridged="true")),
    ("voice/status", end_fields()),
]
MISSED = [
    ("voice", call_fields()),
    ("voice/leg?phone=1&call=CA1", leg_fields("CA1leg", "CA1", DESK_PHONE, "no-answer")),
    ("voice/dial", dial_fields("no-answer")),
    ("voice/voicemail", call_fields()),
    (
        "voice/recorded",
        call_fields(RecordingSid="RE1", RecordingUrl="https://x/RE1", RecordingDuration="7"),
    ),
    (
        "recording",
        {
            "CallSid": "CA1",
            "RecordingSid": "RE1",
            "RecordingUrl": "https://x/RE1",
            "RecordingStatus": "completed",
            "RecordingDuration": "7",
        },
    ),
    ("voice/status", end_fields()),
]


def open_runs() -> list[str]:
    with db.transaction() as session:
        found = select(FollowUp.plan).where(FollowUp.ended_at.is_(None))
        return list(session.scalars(found))


@pytest.mark.parametrize(
    ("steps", "outcome"), [(STEPS, "answered"), (MISSED, "voicemail")], ids=["answered", "missed"]
)
def test_every_step_twice_and_backwards_gives_the_same_call(
    twilio: Twilio, steps: list[tuple[str, dict[str, str]]], outcome: str
) -> None:
    for path, fields in itertools.chain(reversed(steps), steps):
        answer = twilio.post(path, fields)
        assert answer.status_code == 200
        ET.fromstring(answer.text)  # noqa: S314 - our own answer, and valid TwiML
    assert count(Call) == 1
    assert count(Lead) == 1
    assert the_call().outcome == outcome
    assert len(open_runs()) == (outcome == "voicemail")
    scheduled = [state for _, state in reminders() if state == "scheduled"]
    assert bool(scheduled) == (outcome == "voicemail")
    with db.transaction() as session:
        assert session.scalars(select(WebhookEvent.error)).unique().all() == [None]


@pytest.mark.parametrize("seed", range(6))
def test_any_order_gives_the_same_outcome(twilio: Twilio, seed: int) -> None:
    order = list(itertools.permutations(range(1, len(MISSED))))[seed * 97]
    for step in (*order, 0):
        path, fields = MISSED[step]
        assert twilio.post(path, fields).status_code == 200
    assert the_call().outcome == "voicemail"
    assert the_lead().needs_callback_since is not None
    assert open_runs() == ["voicemail"]


def test_the_same_webhook_twenty_times_at_once_is_one_of_everything(twilio: Twilio) -> None:
    for path, fields in MISSED:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _, p=path, f=fields: twilio.post(p, f), range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1, "a duplicate gets the same answer"
    assert count(Call) == 1
    assert count(Lead) == 1
    assert count(FollowUp) == 1
    assert count(Reminder) == 1
    assert count(WebhookEvent) == len(MISSED)


def test_events_that_overtake_one_another_never_deadlock(twilio: Twilio) -> None:
    """The caller becomes known while other events of the call wait for its row."""
    for index in range(12):
        sid = f"CA{index}"
        leg = leg_fields(f"{sid}leg", sid, DESK_PHONE, "in-progress")
        events = [
            ("voice", call_fields(sid)),
            (f"voice/leg?phone=1&call={sid}", leg),
            (
                "voice/dial",
                dial_fields("completed", sid, DialBridged="true", DialCallSid=f"{sid}leg"),
            ),
            ("voice/status", end_fields(sid=sid)),
            ("recording", {"CallSid": sid, "RecordingSid": f"RE{index}", "RecordingStatus": "x"}),
        ]
        with ThreadPoolExecutor(len(events)) as pool:
            answers = list(pool.map(lambda event: twilio.post(*event), events))
        assert {answer.status_code for answer in answers} == {200}
    with db.transaction() as session:
        assert session.scalars(select(WebhookEvent.error)).unique().all() == [None]
        assert session.scalars(select(Call.outcome)).unique().all() == ["answered"]
    assert count(Lead) == 1
