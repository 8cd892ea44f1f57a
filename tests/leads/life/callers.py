"""What callers do: ring, hang up, leave voicemails, press keys, text."""

from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import call as calls
from leads import clock, conversation, db, missed_call, voicemail
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.practice import PracticePhone
from tests.leads.life.judge import IN_TOUCH_ENDS
from tests.leads.life.people import CLINIC, HOW, TEXTS, THEN, TWILIO_SAYS
from tests.leads.life.world import World

# An opt-out ends most of what an example is about: they are rarer here.
RARE = {"stop", "wrong"}
BODIES = [body for body, sort in TEXTS.items() for _ in range(1 if sort in RARE else 3)]


class Callers(World):
    def __init__(self) -> None:
        super().__init__()
        self.sids = 0
        self.late_voicemails: list[str] = []  # CallSids

    def sid(self, kind: str) -> str:
        self.sids += 1
        return f"{kind}{self.sids:032d}"

    @rule(who=st.integers(0, 3), how=st.sampled_from(HOW), then=st.sampled_from(THEN))
    def somebody_calls(self, who: int, how: str, then: str) -> None:
        """Seconds later a worker looks at what is due, as it always does, or it is slow."""
        self.call(who, how)
        self.work(then)

    def call(self, who: int, how: str) -> None:
        """Each webhook of the call in its own transaction, as Twilio sends them."""
        number, sid = self.cast[who % len(self.cast)], self.sid("CA")
        with self.doing() as (session, now):
            call = calls.arrive(session, sid, number, CLINIC, "", now)
            ring = missed_call.route(session, call, now)
            if ring is None and how != "hangs up while it rings":
                missed_call.prompt(session, call, now)
            calls.settle(session, call, now)
            self.history.heard(self.history.of_phone(number))
        if how == "answered" and ring is not None:
            self._is_answered(sid)
        elif how == "hangs up while it rings":
            self._ends(sid)
        else:
            if ring is not None:
                self._nobody_answers(sid)
            self._after_the_prompt(sid, number, how)

    def _is_answered(self, sid: str) -> None:
        with self.doing() as (session, now):
            call = calls.find(session, sid, now)
            desk = PracticePhone.ringing(session)[0]
            leg = calls.leg(session, sid, self.sid("CA"), desk.id)
            calls.leg_changed(leg, "in-progress", None, now)
            ending = self.open_runs(session, leads=[call.lead_id or 0], kinds=IN_TOUCH_ENDS)
            calls.settle(session, call, now)
        self.history.ends(ending, "they called and were answered")
        with self.doing() as (session, now):
            call = calls.find(session, sid, now)
            calls.dial_ended(session, call, "completed", leg.sid, bridged=True, seconds=60, now=now)
            calls.settle(session, call, now)
        self._ends(sid)

    def _nobody_answers(self, sid: str) -> None:
        with self.doing() as (session, now):
            call = calls.find(session, sid, now)
            calls.dial_ended(session, call, "no-answer", None, bridged=False, seconds=None, now=now)
            calls.settle(session, call, now)
            missed_call.prompt(session, call, now)
            calls.settle(session, call, now)

    def _after_the_prompt(self, sid: str, number: str, how: str) -> None:
        if how == "presses the key for no texts":
            with self.doing() as (session, now):
                ending = self.open_runs(session, phone=number)
                missed_call.decline(session, calls.find(session, sid, now), now)
                self.says_no(session, [number])
            self.history.ends(ending, "they pressed the key for no texts")
        elif how == "presses the key for texts" and self.mode == "keypress":
            with self.doing() as (session, now):
                missed_call.asked_for_text(session, calls.find(session, sid, now), now)
        elif how != "hangs up in the prompt":
            with self.doing() as (session, now):
                call = calls.find(session, sid, now)
                calls.settle(session, call, now)
                missed_call.heard(session, call, now)
        if how == "leaves a voicemail":
            self._voicemail(sid)
        if how == "leaves a voicemail that is told of late":
            self.late_voicemails.append(sid)
        if how != "hears the prompt; never reported as gone":
            self._ends(sid)

    def _voicemail(self, sid: str) -> None:
        with self.doing() as (session, now):
            call = calls.find(session, sid, now)
            voicemail.left(session, call, sid=self.sid("RE"), url="https://x", seconds=9, now=now)
            calls.settle(session, call, now)
            missed_call.consider(session, call, now)

    def _ends(self, sid: str) -> None:
        with self.doing() as (session, now):
            call = calls.find(session, sid, now)
            calls.end(call, now)
            calls.settle(session, call, now)
            missed_call.consider(session, call, now)

    @precondition(lambda self: self.late_voicemails)
    @rule()
    def the_news_of_a_voicemail_comes_late(self) -> None:
        self._voicemail(self.late_voicemails.pop(0))

    def conclude_calls(self) -> None:
        """Callers who were never reported as gone."""
        with db.transaction() as session:
            waiting = missed_call.unreported(session, clock.now(session), 20)
        for sid in waiting:
            with self.doing() as (session, now):
                missed_call.consider(session, calls.find(session, sid, now), now)

    @rule(who=st.integers(0, 3), body=st.sampled_from(BODIES))
    def somebody_texts(self, who: int, body: str) -> None:
        """What it means to them, and so what may not follow, is in TEXTS."""
        number, sort = self.cast[who % len(self.cast)], TEXTS[body]
        history = self.history
        with self.doing() as (session, now):
            phone = session.scalars(select(Phone).where(Phone.e164 == number)).one()
            lead = Lead.last_of(session, phone.id)
            assert lead is not None
            of_phone = self.open_runs(session, phone=number)
            of_lead = self.open_runs(session, leads=[lead.id])
            ahead = _appointment_ahead(session, number, now)
            conversation.text_received(
                session,
                sid=self.sid("SM"),
                from_raw=number,
                to_raw=CLINIC,
                body=body,
                media_count=0,
                opt_out_type=TWILIO_SAYS.get(body, "") if self.twilio_knows_words else "",
                now=now,
            )
            if sort in {"stop", "wrong"}:
                self.says_no(session, [number])
        history.heard(history.of_phone(number))
        was_out = history.is_out(number)
        if sort in {"stop", "wrong"}:
            history.ends(of_phone, f"they wrote {body!r}")
            at_twilio = body in TWILIO_SAYS and self.twilio_knows_words
            history.opts(number, out=True, at_twilio=at_twilio)
        elif sort == "start" or (sort == "yes" and was_out and number not in history.for_good):
            history.opts(number, out=False)
        elif sort == "unclear" or (sort == "yes" and was_out):
            history.pauses(of_phone)
            history.unclear.add(number)
        elif sort in {"answer", "yes"} or (sort == "appointment" and not ahead):
            history.ends(of_lead, f"they replied {body!r}")


def _appointment_ahead(session: Session, number: str, now: datetime) -> bool:
    found = (
        select(Lead.id)
        .join(LeadPhone, LeadPhone.lead_id == Lead.id)
        .join(Phone, Phone.id == LeadPhone.phone_id)
        .where(Phone.e164 == number, Lead.appointment_at > now)
    )
    return session.scalars(found.limit(1)).first() is not None
