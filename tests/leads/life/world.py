"""A clinic on a real database, its clock, and the machine's memory of what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from leads import clock, db, first_day
from leads.alarm import Alarm
from leads.consent import Consent
from leads.follow_up import FollowUp
from leads.installation import Installation
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.plan import KINDS
from leads.practice import Practice
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber
from tests.leads.life.history import History, Window
from tests.leads.life.people import CLINIC_ZONE, HOW, LEADS, NUMBERS, STARTS

AWAY = [timedelta(minutes=20), timedelta(hours=5), timedelta(hours=13), timedelta(days=2, hours=3)]
LATE = {
    "until a text is due": timedelta(0),
    "until minutes later": timedelta(minutes=4),
    "until hours later": timedelta(hours=3),
}
TIMES = [
    *(*LATE, *LATE, "until a text is due", "until seconds before the window closes"),
    *AWAY,
]
ZONE = ZoneInfo(CLINIC_ZONE)
# Nothing happens to whom nobody follows up.
BEGINNINGS = [*HOW, "book in 3 hours", "book in 30 hours", "book in 50 hours", "spoke, agreed"]
FAST = 1000.0  # texts a second: the pace has tests of its own


class World(RuleBasedStateMachine):
    """Begins each example on an empty database; the rules come with those who act in it."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.window = Window()
        self.mode = "call"
        self.cast: list[str] = [*NUMBERS]
        self.lead_ids: dict[str, int] = {}
        self.twilio_knows_words = False

    @initialize(
        start=st.sampled_from(STARTS),
        mode=st.sampled_from(["call", "call", "notice", "keypress"]),
        owner=st.sampled_from(["twilio", "app"]),
        hold=st.sampled_from([0, 0, 60]),
        appointments=st.booleans(),
        cast=st.sampled_from([NUMBERS[:1], NUMBERS[1:2], NUMBERS[2:], NUMBERS]),
        first=st.sampled_from(BEGINNINGS),
        second=st.sampled_from(BEGINNINGS),
        work=st.sampled_from(["does everything", "posts what it may", "queues"]),
    )
    def opens(
        self,
        start: datetime,
        mode: str,
        owner: str,
        hold: int,
        appointments: bool,
        cast: tuple[str, ...],
        first: str,
        second: str,
        work: str,
    ) -> None:
        """A clinic as shipped, but for what varies here."""
        self.cast = [*cast]
        self.mode = mode
        self.twilio_knows_words = owner == "twilio"
        with db.transaction() as session:
            _empty(session)
            first_day.begin(session)
            clock.set_to(session, start)
            practice = Practice.get(session)
            practice.consent_mode = mode
            practice.optout_owner = owner
            practice.opening_hold_minutes = hold
            session.execute(update(TrackingNumber).values(texts_per_second=FAST))
            if appointments:
                self.switch_on_appointments(session, start)
            self._populate(session, start)
        self.begins(first, second, work)

    def begins(self, first: str, second: str, what: str) -> None:
        """What callers, the desk and the worker do first."""

    def work(self, what: str) -> None:
        """What a worker does, and the service with what it posts."""

    def switch_on_appointments(self, session: Session, now: datetime) -> None:
        """Many practices' own systems send these: shipped switched off."""

    def _populate(self, session: Session, now: datetime) -> None:
        phones = {number: Phone.of(session, number).id for number in NUMBERS}
        for name, numbers in LEADS.items():
            lead = Lead(name=name, created_at=now, last_activity_at=now)
            session.add(lead)
            session.flush()
            self.lead_ids[name] = lead.id
            self.history.phones[lead.id] = numbers
            for place, number in enumerate(numbers):
                main = place == 0
                session.add(LeadPhone(lead_id=lead.id, phone_id=phones[number], main=main))
        session.flush()

    @contextmanager
    def doing(self) -> Iterator[tuple[Session, datetime]]:
        """One transaction of ours, one event of the history, at the practice's time."""
        self.history.n += 1
        with db.transaction() as session:
            yield session, clock.now(session)

    def age(self, by: timedelta) -> None:
        """Let so much real time go by for what is being sent."""
        with db.transaction() as session:
            session.execute(update(Message).values(lease_until=Message.lease_until - by))
            session.execute(update(Message).values(retry_after=Message.retry_after - by))
            session.execute(update(Alarm).values(probed_at=Alarm.probed_at - by))
        for post in self.history.posts:
            post.real_at -= by

    def pass_time(self, by: timedelta | str) -> None:
        """Over nights, holidays and both changes of daylight saving."""
        if isinstance(by, timedelta):
            self.let_pass(by)
        elif by == "until seconds before the window closes":
            self.until_due(timedelta(0), closing=True)
        else:
            self.until_due(LATE[by])

    def let_pass(self, by: timedelta) -> None:
        with self.doing() as (session, _):
            clock.advance(session, by)
        self.age(by)

    def until_due(self, late: timedelta, *, closing: bool = False) -> None:
        """Until the next text is due, and a little longer; or that day's evening."""
        with self.doing() as (session, now):
            due_at = next_due(session, now)
        if due_at is None:
            return
        at = due_at + late
        if closing:
            day = due_at.astimezone(ZONE).date()
            at = max(at, datetime.combine(day, time(19, 59, 57), ZONE))
        self.let_pass(max(at - now, timedelta(0)))

    def change_window(self, start: time, end: time) -> None:
        """Within the hard limit; texts that are scheduled already are looked at again."""
        self.window = Window(start, end)
        with self.doing() as (session, _):
            practice = Practice.get(session)
            practice.texting_from, practice.texting_until = start, end

    def open_runs(
        self,
        session: Session,
        *,
        leads: list[int] | None = None,
        phone: str | None = None,
        kinds: set[str] | None = None,
        finished: bool = True,
    ) -> list[int]:
        """Ids of the runs that are open, of these leads or of this phone; and, unless said
        otherwise, of those that go on when their last text is heard not to have arrived."""
        going = or_(FollowUp.ended_at.is_(None), FollowUp.end_reason == "finished")
        found = select(FollowUp.id).where(
            going if finished else FollowUp.ended_at.is_(None),
            FollowUp.plan.in_({*KINDS} if kinds is None else kinds),
        )
        if leads is not None:
            found = found.where(FollowUp.lead_id.in_(leads))
        if phone is not None:
            found = found.join(Phone, Phone.id == FollowUp.phone_id).where(Phone.e164 == phone)
        return [*session.scalars(found)]

    def says_no(self, session: Session, numbers: list[str]) -> None:
        """They asked for no texts: nothing that the ledger has by now allows any more."""
        last = session.scalar(select(func.max(Consent.id))) or 0
        self.history.said_no.update(dict.fromkeys(numbers, last))


def next_due(session: Session, now: datetime) -> datetime | None:
    """When something is to be looked at next; None when nothing waits."""
    soonest = (
        select(func.min(Reminder.due_at))
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(Reminder.state == "scheduled", FollowUp.paused_at.is_(None))
    )
    stale = (
        select(func.min(Reminder.stale_at))
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .where(Reminder.state == "scheduled", FollowUp.paused_at.is_not(None))
    )
    waiting = select(func.min(Message.due_at)).where(Message.state == "queued")
    found = [session.scalar(each) for each in (soonest, stale, waiting)]
    moments = [at for at in found if at is not None]
    return max(min(moments), now) if moments else None


def _empty(session: Session) -> None:
    names = session.scalars(
        text(
            "SELECT format('%I', tablename) FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
    )
    session.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))
    session.expire_all()
    Installation.current(session)
