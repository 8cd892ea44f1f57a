"""What staff do at the desk and an admin to the plans, each as one transaction; what is refused
changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import get_args

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy.orm import Session

from leads import desk, plan_edit, unknown
from leads.lead import Lead
from leads.plan import KINDS
from leads.shipped_plans import SHIPPED
from tests.leads.life.callers import Callers
from tests.leads.life.judge import IN_TOUCH_ENDS
from tests.leads.life.people import THEN

WORDS = [
    "",
    "{clinic} here: call {phone}. Reply STOP to opt out.",
    "Hello, this is {clinic}, {phone}. Reply STOP to opt out.",
]


def _book(
    ahead: timedelta | None, session: Session, lead: Lead, now: datetime, *, agreed: bool = False
) -> None:
    desk.book(session, lead, None, now, now + ahead if ahead else None, texts_agreed=agreed)


def _reply(session: Session, lead: Lead, now: datetime) -> None:
    desk.reply(session, lead, None, now, "This is the front desk. When suits you?")


def _plain(act: Callable[..., None], **how: object) -> Callable[[Session, Lead, datetime], None]:
    return lambda session, lead, now: act(session, lead, None, now, **how)


# What they do, and the plans whose runs it has to end for this lead.
ACTS: dict[str, tuple[Callable[[Session, Lead, datetime], None], set[str]]] = {
    "contacted": (_plain(desk.contacted), IN_TOUCH_ENDS),
    "spoke": (_plain(desk.spoke, texts_agreed=False), IN_TOUCH_ENDS),
    "spoke, agreed": (_plain(desk.spoke, texts_agreed=True), IN_TOUCH_ENDS),
    "reply": (_reply, IN_TOUCH_ENDS),
    "book": (partial(_book, None), IN_TOUCH_ENDS),
    "book in 3 hours": (partial(_book, timedelta(hours=3), agreed=True), IN_TOUCH_ENDS),
    "book in 30 hours": (partial(_book, timedelta(hours=30), agreed=True), IN_TOUCH_ENDS),
    "book in 50 hours": (partial(_book, timedelta(hours=50)), IN_TOUCH_ENDS),
    "book in 6 days": (partial(_book, timedelta(days=6), agreed=True), IN_TOUCH_ENDS),
    "cancel": (_plain(desk.cancel_appointment), {"appointment"}),
    "did not come": (_plain(desk.miss_appointment), {"appointment"}),
    "stop": (_plain(desk.stop_follow_ups), {*KINDS}),
    "opt out": (_plain(desk.no_more_texts), {*KINDS}),
    "opt in": (_plain(desk.texts_wanted), set()),
    "read as a no": (_plain(desk.decide, no_texts=True), set()),
    "read as a reply": (_plain(desk.decide, no_texts=False), set()),
    "close as won": (_plain(desk.close, stage="won"), {"missed_call", "voicemail", "spoke"}),
    "close as lost": (_plain(desk.close, stage="lost"), {*KINDS}),
    "they are a patient": (_plain(desk.relate, relation="patient"), set()),
    "they are neither": (_plain(desk.relate, relation="other"), {*KINDS}),
    "they are a prospect": (_plain(desk.relate, relation="prospect"), set()),
}
# What ends everything for good is rarer.
ENDS_ALL = {"opt out", "close as won", "they are neither", "they are a patient", "stop"}
OFTEN = [act for act in ACTS for _ in range(1 if act in ENDS_ALL else 3)]
BOOKINGS = [act for act in ACTS if act.startswith("book")]
SPOKEN = {"contacted", "spoke", "spoke, agreed", *BOOKINGS}


class FrontDesk(Callers):
    @rule(name=st.integers(0, 3), act=st.sampled_from(BOOKINGS))
    def staff_book(self, name: int, act: str) -> None:
        """A rule of its own, so that appointments are not rare."""
        self.act(name, act)

    @rule(name=st.integers(0, 3), act=st.sampled_from(OFTEN), then=st.sampled_from(THEN))
    def staff_act(self, name: int, act: str, then: str) -> None:
        self.act(name, act)
        self.work(then)

    def act(self, name: int, act: str) -> None:
        """On a lead that one of this example's phones belongs to."""
        history = self.history
        leads = [lead for lead, numbers in history.phones.items() if {*numbers} & {*self.cast}]
        lead_id = leads[name % len(leads)]
        does, kinds = ACTS[act]
        unclear = [number for number in history.phones[lead_id] if number in history.unclear]
        try:
            with self.doing() as (session, now):
                lead = session.get_one(Lead, lead_id)
                moved = act.startswith("book") and lead.appointment_at is not None
                kinds = kinds | ({"appointment"} if moved else set())
                ending = self.open_runs(session, leads=[lead_id], kinds=kinds)
                for number in unclear if act.startswith("read") else []:
                    ending += self.open_runs(session, phone=number)
                does(session, lead, now)
                if act == "opt out":
                    self.says_no(session, [*history.phones[lead_id]])
                elif act == "read as a no":
                    self.says_no(session, unclear)
        except desk.Refused:
            return
        history.ends(ending, f"of what staff did: {act}")
        if act in SPOKEN:
            history.heard([lead_id])
        self._opts(act, history.phones[lead_id], unclear)

    def _opts(self, act: str, numbers: tuple[str, ...], unclear: list[str]) -> None:
        if act == "opt in":
            again = [number for number in unclear if self.history.is_out(number)]
            self.history.opts((again or numbers)[0], out=False)
        for number in numbers if act == "opt out" else unclear if act == "read as a no" else ():
            self.history.opts(number, out=True)
        if act.startswith("read"):
            self.history.unclear -= {*unclear}

    @rule(
        plan=st.sampled_from([*KINDS]),
        steps=st.integers(1, 3),
        words=st.sampled_from(WORDS),
        active=st.sampled_from([True, True, True, False]),
        runs=st.sampled_from([*get_args(plan_edit.UnderWay)]),
        purpose=st.sampled_from(["", "", "", "informational", "marketing"]),
    )
    def an_admin_edits_a_plan(
        self,
        plan: str,
        steps: int,
        words: str,
        active: bool,
        runs: plan_edit.UnderWay,
        purpose: str,
    ) -> None:
        """Fewer texts than shipped, other words or another purpose, on or off."""
        shipped = SHIPPED[plan]
        edited = [
            replace(step, text=words or step.text, purpose=purpose or step.purpose)  # type: ignore[arg-type] # it is one of the three
            for step in shipped.steps[:steps]
        ]
        changed = replace(shipped, steps=tuple(edited), active=active)
        with self.doing() as (session, now):
            ending = self.open_runs(session, kinds={plan}, finished=False)
            plan_edit.save(session, changed, None, now, runs)
        if runs == "end" or (runs == "apply" and not active):
            self.history.ends(ending, "its plan was changed and its runs ended")

    @rule(
        start=st.sampled_from([time(8), time(9), time(11)]),
        end=st.sampled_from([time(16), time(20)]),
    )
    def an_admin_changes_the_window(self, start: time, end: time) -> None:
        self.change_window(start, end)

    def switch_on_appointments(self, session: Session, now: datetime) -> None:
        plan = replace(SHIPPED["appointment"], active=True)
        plan_edit.save(session, plan, None, now, "keep")

    def settle_by_hand(self, message_id: int, *, arrived: bool) -> None:
        with self.doing() as (session, now):
            unknown.settled_by_staff(session, message_id, None, now, arrived=arrived)
