"""Calls back by click: the clinic's phone was rung, and from there the lead is.

Each address names the click (`outbound`), so that a call whose CallSid never reached us is known
by its first webhook. No number stands in an address.
"""

from sqlalchemy.orm import Session

from leads import call_back, outbound_call, placing
from leads.call import FINAL, Call
from leads.outbound_call import OutboundCall
from leads.phone import Phone
from leads.placing import AlreadyPlaced
from leads.practice import Practice
from webhooks import twiml
from webhooks.routing import Routing
from webhooks.signature import Verified
from webhooks.step import Happening, Step

AWAY = (
    "We cannot look up whom to call right now, so nobody was called. Please try again in a minute, "
    "or dial the number yourself."
)
TWICE = "This call is being made already. Goodbye."
NOT_NOW = "They were not called. Please look at the screen."


def picked_up(session: Session, it: Happening) -> str:
    """The clinic's phone was picked up: by a person, or, where it is a mobile, by its mailbox."""
    try:
        told, call = _adopted(session, it)
    except AlreadyPlaced:
        return it.heard or twiml.goodbye(TWICE)
    if it.heard is not None:
        return _as_it_was(session, call, it, it.heard)
    if told.practice_phone.asks_for_key:
        return twiml.ask_to_call_back(Practice.get(session).name or "the practice", told.id)
    return _ring_them(session, it, told, call)


def accept(session: Session, it: Happening) -> str:
    """The key was pressed. Any other key, as a mailbox's silence, calls nobody."""
    told, call = _adopted(session, it)
    if it.heard is not None:
        return _as_it_was(session, call, it, it.heard)
    if it.request.form.text("Digits") != twiml.ACCEPT_KEY:
        return twiml.hang_up()
    return _ring_them(session, it, told, call)


def _ring_them(session: Session, it: Happening, told: OutboundCall, call: Call) -> str:
    phone = session.get_one(Phone, told.phone_id)
    if call.ended_at is not None or outbound_call.why_not(session, phone):
        return twiml.goodbye(NOT_NOW)
    call_back.dialled(session, call, it.now)
    return twiml.ring_back(told.id, phone.e164, told.tracking_number.e164)


def leg(session: Session, it: Happening) -> str:
    """The lead's phone rings, is picked up, or gives up."""
    form = it.request.form
    _, call = _adopted(session, it, form.text("ParentCallSid"))
    call_back.leg(
        session, call, form.text("CallSid"), form.text("CallStatus"),
        form.number("CallDuration"), it.now,
    )  # fmt: skip
    return twiml.EMPTY


def dialled(session: Session, it: Happening) -> str:
    """Ringing the lead is over, or the talk is."""
    form = it.request.form
    _, call = _adopted(session, it)
    status = form.text("DialCallStatus")
    call_back.dial_ended(
        session,
        call,
        status,
        form.text("DialCallSid"),
        bridged=form.text("DialBridged").lower() != "false",
        seconds=form.number("DialCallDuration"),
        now=it.now,
    )
    return it.heard or _how_it_went(status)


def _how_it_went(status: str) -> str:
    if status == "busy":
        return twiml.goodbye("The line is busy. Goodbye.")
    if status in {"no-answer", "failed"}:
        return twiml.goodbye("They did not answer. Goodbye.")
    return twiml.hang_up()


def status(session: Session, it: Happening) -> str:
    """The clinic's phone rings, or all of it is over."""
    try:
        _, call = _adopted(session, it)
    except AlreadyPlaced:
        return twiml.EMPTY
    if it.request.form.text("CallStatus") in FINAL:
        call_back.ended(session, call, it.now)
    return twiml.EMPTY


def _adopted(session: Session, it: Happening, sid: str = "") -> tuple[OutboundCall, Call]:
    request = it.request
    return placing.adopt(
        session, request.query.number("outbound") or 0, sid or request.form.text("CallSid"), it.now
    )


def _as_it_was(session: Session, call: Call, it: Happening, heard: str) -> str:
    """What was answered at the time: whether the lead was rung then."""
    if "Dial" in twiml.verbs(heard):
        call_back.dialled(session, call, it.now)
    return heard


def say_away(_: Verified, __: Routing | None) -> str:
    """Nobody is called from memory: whom to call stands in the database alone."""
    return twiml.goodbye(AWAY)


def hang_up(_: Verified, __: Routing | None) -> str:
    return twiml.hang_up()


STEPS = (
    Step("call-back", "call_back", picked_up, "CallSid", otherwise=say_away),
    Step("call-back/accept", "call_back_key", accept, "CallSid", "Digits", otherwise=say_away),
    Step(
        "call-back/leg",
        "call_back_leg",
        leg,
        "CallSid",
        "CallStatus",
        "SequenceNumber",
        caller_waits=False,
    ),
    Step(
        "call-back/dialled",
        "call_back_dialled",
        dialled,
        "CallSid",
        "DialCallStatus",
        otherwise=hang_up,
    ),
    Step(
        "call-back/status",
        "call_back_status",
        status,
        "CallSid",
        "CallStatus",
        "SequenceNumber",
        caller_waits=False,
    ),
)
