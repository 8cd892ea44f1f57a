"""Calls: the steps of one, in the order in which they happen, each a webhook."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import Session

from leads import call as calls
from leads import clock, missed_call, phone_number, voicemail, wording
from leads.call import Call
from leads.practice import Practice
from webhooks import twiml
from webhooks.delivery import answer
from webhooks.signature import Verified, verified

router = APIRouter(prefix="/webhooks/twilio/voice")
Request = Annotated[Verified, Depends(verified)]


@router.post("")
async def voice(request: Request) -> Response:
    """A call comes in: ring the practice, or say why nobody can answer."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = _arrived(session, request, now)
        ring = missed_call.route(session, call, now)
        if ring is None:
            return _nobody(session, call, now)
        calls.settle(session, call, now)
        # A withheld number is none that Twilio would let us show.
        caller_id = form.text("To") if phone_number.is_withheld(form.text("From")) else None
        return twiml.ring(call.sid, ring.phones, ring.seconds, caller_id)

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="voice",
        status=form.text("CallStatus"),
        effect=effect,
        otherwise=twiml.apology(),
    )


@router.post("/leg")
async def leg(request: Request) -> Response:
    """A phone of the practice rings, is picked up, or gives up."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = calls.find(session, _parent(request), now)
        rung = calls.leg(session, call.sid, form.text("CallSid"), request.query.number("phone"))
        calls.leg_changed(rung, form.text("CallStatus"), form.number("CallDuration"), now)
        calls.settle(session, call, now)
        return twiml.EMPTY

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="leg",
        status=form.text("CallStatus"),
        sequence=form.text("SequenceNumber"),
        effect=effect,
        otherwise=twiml.EMPTY,
    )


@router.post("/whisper")
async def whisper(request: Request) -> Response:
    """A mobile was picked up, by a person or by its mailbox: ask for a key."""
    form = request.form
    phone_id = request.query.number("phone") or 0

    def effect(session: Session) -> str:
        call = calls.find(session, _parent(request), clock.now(session))
        calls.leg(session, call.sid, form.text("CallSid"), phone_id)
        return twiml.whisper(Practice.get(session).name or "the practice", phone_id, call.sid)

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="whisper",
        effect=effect,
        otherwise=twiml.whisper("the practice", phone_id, _parent(request)),
    )


@router.post("/accept")
async def accept(request: Request) -> Response:
    """The key was pressed: the call is theirs. Any other key leaves it to the others."""
    form = request.form
    pressed = form.text("Digits") == twiml.ACCEPT_KEY
    decision = twiml.EMPTY if pressed else twiml.hang_up()

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = calls.find(session, _parent(request), now)
        rung = calls.leg(session, call.sid, form.text("CallSid"), request.query.number("phone"))
        if pressed:
            calls.accept(rung, now)
            calls.settle(session, call, now)
        return decision

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="accept",
        status=form.text("Digits"),
        effect=effect,
        otherwise=decision,
    )


@router.post("/dial")
async def dial(request: Request) -> Response:
    """Ringing is over: answered, or the prompt."""
    form = request.form
    talked = form.text("DialCallStatus") == "completed" and form.text("DialBridged") == "true"

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = _arrived(session, request, now)
        calls.dial_ended(
            session,
            call,
            form.text("DialCallStatus"),
            form.text("DialCallSid") or None,
            bridged=form.text("DialBridged").lower() != "false",
            seconds=form.number("DialCallDuration"),
            now=now,
        )
        calls.settle(session, call, now)
        if call.outcome == "answered":
            return twiml.hang_up()
        return _nobody(session, call, now)

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="dial",
        status=form.text("DialCallStatus"),
        effect=effect,
        # Who has just talked to somebody is not sent to voicemail by a fault of ours.
        otherwise=twiml.hang_up() if talked else twiml.apology(),
    )


@router.post("/choice")
async def choice(request: Request) -> Response:
    """A key pressed during the prompt: no texts, texts please, or straight to voicemail."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = _arrived(session, request, now)
        practice = Practice.get(session)
        if form.text("Digits") == twiml.DECLINE_KEY:
            missed_call.decline(session, call, now)
        elif form.text("Digits") == twiml.TEXT_KEY and practice.consent_mode == "keypress":
            missed_call.asked_for_text(session, call, now)
        return _record(session, call)

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="choice",
        status=form.text("Digits"),
        effect=effect,
        otherwise=twiml.apology(),
    )


@router.post("/voicemail")
async def to_voicemail(request: Request) -> Response:
    """The prompt is over and no key was pressed: it was heard, and texts were not declined."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = _arrived(session, request, now)
        calls.settle(session, call, now)
        missed_call.heard(session, call, now)
        return _record(session, call)

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="voicemail",
        effect=effect,
        otherwise=twiml.apology(),
    )


@router.post("/recorded")
async def recorded(request: Request) -> Response:
    """The voicemail is over, by a key, by silence or by hanging up."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = _arrived(session, request, now)
        voicemail.left(
            session,
            call,
            sid=form.text("RecordingSid"),
            url=form.text("RecordingUrl"),
            seconds=form.number("RecordingDuration") or 0,
            now=now,
        )
        calls.settle(session, call, now)
        if form.text("Digits") == twiml.DECLINE_KEY:
            missed_call.decline(session, call, now)
        missed_call.consider(session, call, now)
        return twiml.goodbye()

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="recorded",
        status=form.text("Digits"),
        sequence=form.text("RecordingSid"),
        effect=effect,
        otherwise=twiml.goodbye(),
    )


@router.post("/status")
async def status(request: Request) -> Response:
    """The call is over, however it went."""
    form = request.form

    def effect(session: Session) -> str:
        now = clock.now(session)
        call = _arrived(session, request, now)
        if form.text("CallStatus") in calls.FINAL:
            calls.end(call, now)
        calls.settle(session, call, now)
        missed_call.consider(session, call, now)
        return twiml.EMPTY

    return await answer(
        request,
        sid=form.text("CallSid"),
        event="status",
        status=form.text("CallStatus"),
        sequence=form.text("SequenceNumber"),
        effect=effect,
        otherwise=twiml.EMPTY,
    )


def _arrived(session: Session, request: Verified, now: datetime) -> Call:
    form = request.form
    return calls.arrive(
        session,
        form.text("CallSid"),
        form.text("From"),
        form.text("To"),
        form.text("ForwardedFrom"),
        now,
    )


def _parent(request: Verified) -> str:
    """The caller's leg, of which this one is a child."""
    return request.form.text("ParentCallSid") or request.query.text("call")


def _nobody(session: Session, call: Call, now: datetime) -> str:
    words = missed_call.prompt(session, call, now)
    calls.settle(session, call, now)
    return twiml.prompt(words)


def _record(session: Session, call: Call) -> str:
    practice = Practice.get(session)
    words = wording.voicemail_prompt(call.text_declined_at is not None, practice.name or "us")
    return twiml.voicemail(words, transcribe=practice.transcribe_voicemail)
