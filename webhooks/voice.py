"""Calls: the steps of one, in the order in which they happen, each a webhook."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from leads import call as calls
from leads import (
    greeting,
    late_call,
    missed_call,
    outage,
    phone_number,
    placing,
    review,
    voicemail,
    webhook_event,
    wording,
)
from leads.call import Call, CallLeg
from leads.practice import Practice, PracticePhone
from webhooks import routing, twiml
from webhooks.routing import RoutedPhone, Routing
from webhooks.signature import Verified
from webhooks.step import Happening, Step


def voice(session: Session, it: Happening) -> str:
    """A call comes in: ring the practice, or say why nobody can answer."""
    call = _arrived(session, it)
    call.started_at = min(call.started_at, it.now)
    if it.heard is not None:
        return _as_it_was(session, call, it, it.heard)
    if call.outcome == "blocked" or placing.came_back(session, call, it.now):
        return twiml.reject()
    ring = missed_call.route(session, call, it.now)
    if ring is None:
        return _nobody(session, call, it.now)
    settle(session, call, it)
    return _ring(it.request, ring.phones, ring.seconds, in_turn=ring.in_turn, say=ring.say)


def ring_from_memory(request: Verified, known: Routing | None) -> str:
    """The phones that would have rung when the database was last asked: together, as nobody may
    be there to say whose turn it is."""
    form = request.form
    if known is not None and known.turns_away(form.text("From")):
        return twiml.reject()
    callers = (form.text("From"), form.text("ForwardedFrom"))
    phones = (
        routing.fallback_phones(callers)
        if known is None
        else known.phones_for(form.text("To"), callers, datetime.now(UTC))
    )
    if not phones:
        return twiml.apology()
    say = known.says(form.text("To")) if known is not None else ""
    return _ring(request, phones, max(phone.ring_seconds for phone in phones), say=say)


def leg(session: Session, it: Happening) -> str:
    """A phone of the practice rings, is picked up, or gives up."""
    form = it.request.form
    call = calls.find(session, _parent(it.request), it.now)
    rung = calls.leg(session, call.sid, form.text("CallSid"), it.request.query.number("phone"))
    calls.leg_changed(rung, form.text("CallStatus"), form.number("CallDuration"), it.now)
    settle(session, call, it)
    return twiml.EMPTY


def whisper(session: Session, it: Happening) -> str:
    """A mobile was picked up, by a person or by its mailbox: ask for a key."""
    phone_id = it.request.query.number("phone") or 0
    call = calls.find(session, _parent(it.request), it.now)
    calls.leg(session, call.sid, it.request.form.text("CallSid"), phone_id)
    return twiml.whisper(Practice.get(session).name or "the practice", phone_id, call.sid)


def whisper_from_memory(request: Verified, known: Routing | None) -> str:
    clinic = (known.clinic if known else "") or "the practice"
    return twiml.whisper(clinic, request.query.number("phone") or 0, _parent(request))


def accept(session: Session, it: Happening) -> str:
    """The key was pressed: the call is theirs. Any other key leaves it to the others."""
    form = it.request.form
    call = calls.find(session, _parent(it.request), it.now)
    rung = calls.leg(session, call.sid, form.text("CallSid"), it.request.query.number("phone"))
    if _pressed(it.request):
        calls.accept(rung, it.now)
        settle(session, call, it)
    return decide(it.request, None)


def decide(request: Verified, _: Routing | None) -> str:
    return twiml.EMPTY if _pressed(request) else twiml.hang_up()


def _pressed(request: Verified) -> bool:
    return request.form.text("Digits") == twiml.ACCEPT_KEY


def dial(session: Session, it: Happening) -> str:
    """Ringing is over: answered, or the next phone, or the prompt."""
    form, after = it.request.form, it.request.query.number("after")
    call = _arrived(session, it)
    following = _following(session, it, after)
    rings_on = "Dial" in twiml.verbs(it.heard) if it.heard is not None else following is not None
    untold = _talked(it.request) and _key_untold(session, form.text("DialCallSid"))
    calls.dial_ended(
        session,
        call,
        form.text("DialCallStatus"),
        form.text("DialCallSid") or None,
        bridged=form.text("DialBridged").lower() != "false",
        seconds=form.number("DialCallDuration"),
        now=it.now,
        phone_id=after,
        last=untold or not rings_on,
    )
    settle(session, call, it)
    taken = call.outcome == "answered"
    if not taken and untold:
        review.ask(session, call, it.now)
        taken = True
    if it.heard is not None:
        return _as_it_was(session, call, it, it.heard)
    if taken or call.outcome == "blocked":
        return twiml.hang_up()
    if following is not None:
        return _ring(it.request, following.phones, following.seconds, in_turn=True)
    return _nobody(session, call, it.now)


def _following(session: Session, it: Happening, after: int | None) -> missed_call.Ring | None:
    """Whose turn it is now, where phones ring in turn and the caller is still there."""
    if after is None or it.request.form.text("DialCallStatus") == "canceled":
        return None
    return missed_call.next_turn(session, after)


def _key_untold(session: Session, leg_sid: str) -> bool:
    """Whether this phone, which Twilio connected, took the call and we do not know it: the news of
    the key could not be acted on, or may have been lost. A mailbox presses none, and what it is
    asked reaches us."""
    rung = session.get(CallLeg, leg_sid)
    if rung is not None and rung.accepted_at is not None:
        return False
    keys = [event.status for event in webhook_event.told(session, "accept", leg_sid)]
    if keys:
        return twiml.ACCEPT_KEY in keys
    asked = webhook_event.told(session, "whisper", leg_sid)
    return not asked or outage.ended_since(session, asked[0].received_at)


def after_ringing(request: Verified, known: Routing | None) -> str:
    """Who has just talked to somebody is not sent to voicemail by a fault of ours. The phones
    that have not had their turn ring together."""
    if _talked(request):
        return twiml.hang_up()
    after = request.query.number("after")
    phones = known.after(after) if known is not None and after is not None else []
    if not phones or request.form.text("DialCallStatus") == "canceled":
        return twiml.apology()
    return _ring(request, phones, max(phone.ring_seconds for phone in phones))


def _talked(request: Verified) -> bool:
    form = request.form
    return form.text("DialCallStatus") == "completed" and form.text("DialBridged") == "true"


def choice(session: Session, it: Happening) -> str:
    """A key pressed during the prompt: no texts, texts please, or straight to voicemail."""
    digits = it.request.form.text("Digits")
    call = _arrived(session, it)
    practice = Practice.get(session)
    if digits == twiml.DECLINE_KEY:
        missed_call.decline(session, call, it.now)
    elif digits == twiml.TEXT_KEY and practice.consent_mode == "keypress":
        missed_call.asked_for_text(session, call, it.now, late=it.late)
    return _record(session, call)


def to_voicemail(session: Session, it: Happening) -> str:
    """The prompt is over and no key was pressed: it was heard, and texts were not declined."""
    call = _arrived(session, it)
    settle(session, call, it)
    missed_call.heard(session, call, it.now, late=it.late)
    return _record(session, call)


def record_from_memory(request: Verified, known: Routing | None) -> str:
    declined = request.form.text("Digits") == twiml.DECLINE_KEY
    clinic, own = (known.clinic, known.greeting_voicemail) if known else ("", "")
    words = wording.voicemail_prompt(declined, clinic or "us", own)
    return twiml.voicemail(words, transcribe=known is not None and known.transcribe)


def recorded(session: Session, it: Happening) -> str:
    """The voicemail is over, by a key, by silence or by hanging up."""
    form = it.request.form
    call = _arrived(session, it)
    voicemail.left(
        session,
        call,
        sid=form.text("RecordingSid"),
        url=form.text("RecordingUrl"),
        seconds=form.number("RecordingDuration") or 0,
        now=it.now,
    )
    settle(session, call, it)
    if form.text("Digits") == twiml.DECLINE_KEY:
        missed_call.decline(session, call, it.now)
    missed_call.consider(session, call, it.now, late=it.late)
    return twiml.goodbye()


def settle(session: Session, call: Call, it: Happening) -> None:
    """Work out the call's outcome again, and what it means for the lead."""
    (late_call if it.late else calls).settle(session, call, it.now)


def thank(_: Verified, __: Routing | None) -> str:
    return twiml.goodbye()


def status(session: Session, it: Happening) -> str:
    """The call is over, however it went."""
    call = _arrived(session, it)
    if it.request.form.text("CallStatus") in calls.FINAL:
        late_call.end(session, call, it.now)
    settle(session, call, it)
    missed_call.consider(session, call, it.now, late=it.late)
    return twiml.EMPTY


def _arrived(session: Session, it: Happening) -> Call:
    form = it.request.form
    return calls.arrive(
        session,
        form.text("CallSid"),
        form.text("From"),
        form.text("To"),
        form.text("ForwardedFrom"),
        it.now,
        form.text("StirVerstat"),
    )


def _parent(request: Verified) -> str:
    """The caller's leg, of which this one is a child."""
    return request.form.text("ParentCallSid") or request.query.text("call")


def _ring(
    request: Verified,
    phones: list[PracticePhone] | list[RoutedPhone],
    seconds: int,
    *,
    in_turn: bool = False,
    say: str = "",
) -> str:
    form = request.form
    # A withheld number is none that Twilio would let us show.
    caller_id = form.text("To") if phone_number.is_withheld(form.text("From")) else None
    return twiml.ring(form.text("CallSid"), phones, seconds, caller_id, in_turn=in_turn, say=say)


def _nobody(session: Session, call: Call, now: datetime) -> str:
    words = missed_call.prompt(session, call, now)
    calls.settle(session, call, now)
    return twiml.prompt(words)


def _as_it_was(session: Session, call: Call, it: Happening, heard: str) -> str:
    """What the caller was answered at the time, written down: phones that rang, or an apology in
    place of the prompt. What a prompt would have said, nobody has heard."""
    verbs = twiml.verbs(heard)
    if "Reject" in verbs:
        call.outcome = "blocked"  # it was, whoever has unblocked the number since
    elif "Dial" in verbs:
        call.dialled_at = call.dialled_at or it.now
    elif "Record" in verbs and "Gather" not in verbs:
        missed_call.unprompted(call, it.now)
    settle(session, call, it)
    return heard


def _record(session: Session, call: Call) -> str:
    practice = Practice.get(session)
    clinic = practice.name or "us"
    own = greeting.fill(practice.greeting_voicemail, clinic)
    words = wording.voicemail_prompt(call.text_declined_at is not None, clinic, own)
    return twiml.voicemail(words, transcribe=practice.transcribe_voicemail)


STEPS = (
    Step("voice", "voice", voice, "CallSid", "CallStatus", otherwise=ring_from_memory),
    Step("voice/leg", "leg", leg, "CallSid", "CallStatus", "SequenceNumber", caller_waits=False),
    Step("voice/whisper", "whisper", whisper, "CallSid", otherwise=whisper_from_memory),
    Step("voice/accept", "accept", accept, "CallSid", "Digits", otherwise=decide),
    # In turn, two phones give up alike: which one it was tells their results apart.
    Step("voice/dial", "dial", dial, "CallSid", "DialCallStatus", "after", after_ringing),
    Step("voice/choice", "choice", choice, "CallSid", "Digits", otherwise=record_from_memory),
    Step("voice/voicemail", "voicemail", to_voicemail, "CallSid", otherwise=record_from_memory),
    Step("voice/recorded", "recorded", recorded, "CallSid", "Digits", "RecordingSid", thank),
    Step(
        "voice/status",
        "status",
        status,
        "CallSid",
        "CallStatus",
        "SequenceNumber",
        caller_waits=False,
    ),
)
