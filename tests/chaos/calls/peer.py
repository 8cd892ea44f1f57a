"""What most people write: insert the call into a table, then enqueue a task that texts.

Run by `uvicorn tests.chaos.calls.peer:app`, with its task in `peer_tasks`, on the same PostgreSQL
and Redis as Ringback. No fallback address is set at its number. It is written with care as such
handlers go: short transactions, a timeout for connecting, late acknowledgement, retries, a look at
opt-outs right before each text.
"""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, FastAPI, Request, Response
from twilio.twiml.voice_response import Dial, VoiceResponse

from tests.chaos.calls.peer_tasks import connect, texting
from tests.chaos.calls.people import DESK

TABLES = (
    "create table call (sid text, phone text, outcome text default 'ringing')",
    "create table text_in (sid text, phone text, body text)",
    "create table opt_out (phone text)",
    "create table text_out (call_sid text, phone text)",
)

app = FastAPI(openapi_url=None)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


Form = Annotated[dict[str, str], Depends(_form)]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/voice")
def voice(form: Form) -> Response:
    with connect() as session:
        session.execute(
            "insert into call (sid, phone) values (%s, %s)", [form["CallSid"], form["From"]]
        )
    response = VoiceResponse()
    dial = Dial(action="/voice/dial", timeout=20, answer_on_bridge=True)
    dial.number(DESK)
    response.append(dial)
    return _xml(response)


@app.post("/voice/dial")
def dialled(form: Form) -> Response:
    answered = form["DialCallStatus"] == "completed"
    outcome = {"canceled": "abandoned", "completed": "answered"}
    _settle(form["CallSid"], outcome.get(form["DialCallStatus"], "missed"))
    response = VoiceResponse()
    if answered:
        response.hangup()
        return _xml(response)
    texting.delay(form["CallSid"])
    response.say("Nobody can answer right now. We will text you. Please leave a message.")
    response.record(action="/voice/recorded", max_length=120, timeout=5)
    return _xml(response)


@app.post("/voice/recorded")
def recorded(form: Form) -> Response:
    _settle(form["CallSid"], "voicemail")
    response = VoiceResponse()
    response.hangup()
    return _xml(response)


@app.post("/voice/status")
def status(form: Form) -> Response:
    with connect() as session:
        session.execute(
            "update call set outcome = 'abandoned' where sid = %s and outcome = 'ringing'",
            [form["CallSid"]],
        )
    return _xml(VoiceResponse())


@app.post("/sms")
def sms(form: Form) -> Response:
    with connect() as session:
        session.execute(
            "insert into text_in values (%s, %s, %s)",
            [form["MessageSid"], form["From"], form["Body"]],
        )
        if "stop" in form["Body"].lower():
            session.execute("insert into opt_out values (%s)", [form["From"]])
        elif form["Body"] == "START":
            session.execute("delete from opt_out where phone = %s", [form["From"]])
    return _xml(VoiceResponse())


def _settle(sid: str, outcome: str) -> None:
    with connect() as session:
        session.execute("update call set outcome = %s where sid = %s", [outcome, sid])


def _xml(response: VoiceResponse) -> Response:
    return Response(str(response), media_type="text/xml")
