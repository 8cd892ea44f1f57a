"""Whatever goes wrong behind it, a verified request is kept and the caller gets an answer."""

import asyncio
from xml.etree import ElementTree as ET

from sqlalchemy import func, select, text

from leads import Call, WebhookEvent, db
from tests.webhooks.caller import DESK_PHONE, Twilio, call_fields
from tests.webhooks.crowd import eventually
from tests.webhooks.rows import dial_fields, verbs
from webhooks.app import app
from webhooks.reception import Reception


def sql(statement: str) -> None:
    with db.transaction() as session:
        session.execute(text(statement))


def errors() -> list[str | None]:
    with db.transaction() as session:
        return list(session.scalars(select(WebhookEvent.error)))


def test_when_the_effect_raises_the_event_is_kept_alone_and_the_caller_is_answered(
    twilio: Twilio,
) -> None:
    eventually(lambda: app.state.reception.routing)  # whom to ring is known from the first beat on
    sql("ALTER TABLE timeline RENAME TO timeline_away")
    answer = twilio.post("voice", call_fields())
    assert answer.status_code == 200
    assert verbs(answer.text) == ["Dial"], "whatever breaks, the caller hears the clinic ring"
    assert DESK_PHONE in answer.text
    assert errors() == ["ProgrammingError"]
    with db.transaction() as session:
        assert session.scalar(select(func.count(Call.id))) == 0, "half an effect is no effect"


def test_when_the_effect_raises_after_the_ringing_voicemail_is_offered(twilio: Twilio) -> None:
    sql("ALTER TABLE timeline RENAME TO timeline_away")
    answer = twilio.post("voice/dial", dial_fields("no-answer"))
    assert "911" in answer.text
    assert verbs(answer.text) == ["Say", "Record", "Say"], "voicemail, which Twilio keeps for us"


def test_a_repeated_request_does_what_was_owed(twilio: Twilio) -> None:
    sql("ALTER TABLE timeline RENAME TO timeline_away")
    twilio.post("voice", call_fields())
    sql("ALTER TABLE timeline_away RENAME TO timeline")
    assert "<Dial" in twilio.post("voice", call_fields()).text
    assert errors() == [None]


def test_even_without_the_log_of_events_the_caller_is_answered(twilio: Twilio) -> None:
    sql("ALTER TABLE webhook_event RENAME TO webhook_event_away")
    for path in ("voice", "voice/dial", "voice/voicemail", "voice/status", "sms"):
        answer = twilio.post(path, call_fields(DialCallStatus="no-answer", MessageSid="SM1"))
        assert answer.status_code == 200, path
        ET.fromstring(answer.text)  # noqa: S314 - our own answer


def test_requests_are_kept_as_they_came(twilio: Twilio) -> None:
    twilio.post("voice/leg?phone=1&call=CA1", call_fields("CA2", Brandneu="ä +"))
    with db.transaction() as session:
        event = session.scalars(select(WebhookEvent)).one()
    assert event.body.encode() == twilio.sent[0][1]
    assert event.query == "phone=1&call=CA1"


def test_health_and_readiness_are_told_apart(twilio: Twilio) -> None:
    assert twilio.client.get("/health").json() == {"status": "ok"}
    assert twilio.client.get("/ready").json() == {
        "status": "ready",
        "failed": [],
        "texts_wait": False,
        "spooled": 0,
    }
    assert "ringback_calls" in twilio.client.get("/metrics").text
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}
    assert twilio.client.get("/metrics", headers=through_a_proxy).status_code == 401
    sql("UPDATE alembic_version SET version_num = 'older'")
    answer = twilio.client.get("/ready")
    assert (answer.status_code, answer.json()["failed"]) == (503, ["migrations"])


def test_readiness_is_told_whatever_happens_and_takes_no_place_from_callers(
    twilio: Twilio,
) -> None:
    reception = app.state.reception
    reception.threads.places = 0  # all are taken
    asyncio.run_coroutine_threadsafe(renew(reception), reception._loop).result(5)
    assert twilio.client.get("/ready").json()["failed"] == []
    sql("ALTER TABLE outage RENAME TO outage_away")
    answer = twilio.client.get("/ready")
    assert (answer.status_code, answer.json()["failed"]) == (503, ["database"])


async def renew(reception: Reception) -> None:
    reception.threads.renew()
