"""Calls and texts played by the domain's own functions, as the webhooks and the sender do it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from leads import call as calls
from leads import (
    call_back,
    conversation,
    delivery,
    due,
    lease,
    missed_call,
    outbound_call,
    outbox,
    placing,
    voicemail,
)
from leads.call import Call
from leads.demo.sound import beep
from leads.lead import Lead
from leads.message import Message
from leads.practice import PracticePhone
from leads.recording import Recording, RecordingAudio
from leads.tracking_number import TrackingNumber

CLINIC = "+14254379974"
LANDLINE = 30006


@dataclass
class Telephone:
    session: Session

    def ring(self, caller: str, at: datetime, to: str = CLINIC, stir: str = "") -> Call:
        """Somebody calls; the practice's phones ring. `stir`: how far their carrier vouches."""
        call = calls.arrive(self.session, sid("CA"), caller, to, "", at, stir)
        missed_call.route(self.session, call, at)
        self.session.flush()
        return call

    def answer(self, caller: str, at: datetime, seconds: int, to: str = CLINIC) -> Call:
        call = self.ring(caller, at, to)
        picked_up = at + timedelta(seconds=6)
        leg = calls.leg(self.session, call.sid, sid("CA"), self._front_desk())
        calls.leg_changed(leg, "in-progress", None, picked_up)
        calls.accept(leg, picked_up)
        leg.talk_seconds = seconds
        ended = picked_up + timedelta(seconds=seconds)
        calls.end(call, ended)
        calls.settle(self.session, call, ended)
        return call

    def hang_up(
        self, caller: str, at: datetime, seconds: int, to: str = CLINIC, stir: str = ""
    ) -> Call:
        """They change their mind while it rings, or are turned away."""
        call = self.ring(caller, at, to, stir)
        gone = at + timedelta(seconds=seconds)
        calls.end(call, gone)
        calls.settle(self.session, call, gone)
        missed_call.consider(self.session, call, gone)
        self.send_due(gone + timedelta(seconds=12))
        return call

    def call_back(self, caller: str, staff_id: int, at: datetime, seconds: int = 0) -> None:
        """Staff call back by click and talk for so long; 0: nobody picks up."""
        rung = self._front_desk()
        told = outbound_call.ask(self.session, self.lead(caller), staff_id, at, rung)
        placing.take(self.session, 1)
        _, call = placing.adopt(self.session, told.id, sid("CA"), at)
        call_back.dialled(self.session, call, at + timedelta(seconds=4))
        leg, over = sid("CA"), at + timedelta(seconds=24 + seconds)
        status = "completed" if seconds else "no-answer"
        call_back.dial_ended(
            self.session, call, status, leg, bridged=bool(seconds), seconds=seconds, now=over
        )
        call_back.ended(self.session, call, over)

    def _front_desk(self) -> int | None:
        """The phone of the practice that is picked up."""
        ringing = PracticePhone.ringing(self.session)
        return min(ringing, key=lambda each: (each.asks_for_key, each.id)).id if ringing else None

    def miss(
        self,
        caller: str,
        at: datetime,
        to: str = CLINIC,
        *,
        voicemail_seconds: int = 0,
        transcript: str | None = None,
        declines: bool = False,
        arrives: bool = True,
    ) -> Call:
        """Nobody picks up; the caller hears the prompt to its end, and may leave a message."""
        call = self.ring(caller, at, to)
        given_up = at + timedelta(seconds=20 if call.dialled_at else 1)
        if call.dialled_at:
            calls.dial_ended(
                self.session, call, "no-answer", None, bridged=False, seconds=None, now=given_up
            )
            calls.settle(self.session, call, given_up)
        missed_call.prompt(self.session, call, given_up)
        if declines:
            missed_call.decline(self.session, call, given_up)
        heard = given_up + timedelta(seconds=14)
        calls.settle(self.session, call, heard)
        if voicemail_seconds:
            self._voicemail(call, heard, voicemail_seconds, transcript)
            calls.settle(self.session, call, heard)
        missed_call.heard(self.session, call, heard)
        calls.end(call, heard + timedelta(seconds=voicemail_seconds))
        calls.settle(self.session, call, heard + timedelta(seconds=voicemail_seconds))
        missed_call.consider(self.session, call, heard + timedelta(seconds=voicemail_seconds))
        fate = ("delivered", None) if arrives else ("undelivered", LANDLINE)
        self.send_due(heard + timedelta(seconds=2), *fate)
        return call

    def _voicemail(self, call: Call, at: datetime, seconds: int, transcript: str | None) -> None:
        name = sid("RE")
        url = f"https://api.example.com/{name}"
        voicemail.left(self.session, call, sid=name, url=url, seconds=seconds, now=at)
        recording = self.session.scalars(select(Recording).where(Recording.sid == name)).one()
        recording.state, recording.fetched_at = "completed", at
        recording.transcript = transcript
        self.session.add(
            RecordingAudio(recording_id=recording.id, content_type="audio/wav", data=beep(seconds))
        )

    def text(self, caller: str, body: str, at: datetime, to: str = CLINIC) -> None:
        conversation.text_received(
            self.session,
            sid=sid("SM"),
            from_raw=caller,
            to_raw=to,
            body=body,
            media_count=0,
            opt_out_type="",
            now=at,
        )

    def send_due(self, at: datetime, status: str = "delivered", code: int | None = None) -> None:
        """What is due goes out, and the carrier says what became of it."""
        self.session.flush()
        due.queue(self.session, due.reminders(self.session, at, 100), at)
        self.session.flush()
        self.session.execute(update(TrackingNumber).values(tokens=3))  # nobody waits for the pace
        self.session.expire_all()
        for post in outbox.authorize(self.session, lease.take(self.session, at, 100), at):
            name = sid("SM")
            outbox.accepted(self.session, [(post.message_id, post.attempt, name)], at)
            later = at + timedelta(seconds=3)
            delivery.status_changed(self.session, post.message_id, name, status, code, later)
        self.session.flush()

    def lead(self, e164: str) -> Lead:
        """Whom this number belongs to."""
        return self.session.scalars(select(Lead).where(Lead.phones.any(e164=e164))).one()

    def messages(self) -> int:
        return len(self.session.scalars(select(Message.id)).all())


def sid(kind: str) -> str:
    """A name as Twilio gives it: CA… for a call, SM… for a text, RE… for a recording."""
    return f"{kind}{uuid.uuid4().hex}"
