"""One lead that is two people; and whatever is merged, split and undone, nothing is lost."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import desk, merge, split, timeline, unmerge
from leads.call import Call
from leads.consent import Consent
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import LeadPhone, Phone
from leads.reminder import Reminder
from leads.timeline import TimelineEntry
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN

HOME, WORK = "+12065550142", "+14255550119"
LATER = TUESDAY_TEN + timedelta(hours=1)


@pytest.fixture
def phone(session: Session) -> Telephone:
    return Telephone(session)


@pytest.fixture
def family(phone: Telephone) -> Lead:
    """One phone at home: Maria's talk of Monday, and Elena's missed call of today."""
    phone.answer(HOME, TUESDAY_TEN - timedelta(days=1), 60)
    desk.rename(phone.session, phone.lead(HOME), None, TUESDAY_TEN, "Maria Alvarez")
    phone.miss(HOME, TUESDAY_TEN)
    phone.text(HOME, "This is Elena, please call me", TUESDAY_TEN + timedelta(minutes=3))
    phone.session.flush()
    return phone.lead(HOME)


def entries(session: Session, lead: Lead, *kinds: str, last: int = 1) -> list[int]:
    wanted = select(TimelineEntry.id).where(
        TimelineEntry.lead_id == lead.id, TimelineEntry.kind.in_(kinds)
    )
    return list(session.scalars(wanted.order_by(TimelineEntry.id.desc()).limit(last)))


def of_elena(session: Session, lead: Lead) -> list[int]:
    return entries(session, lead, "call") + entries(session, lead, "text_in")


def test_what_is_chosen_goes_with_all_that_belongs_to_it(session: Session, family: Lead) -> None:
    elena = split.split(session, family, of_elena(session, family), "Elena", None, LATER)
    calls = session.execute(select(Call.lead_id, Call.outcome).order_by(Call.id)).all()
    assert [tuple(row) for row in calls] == [(family.id, "answered"), (elena.id, "missed")]
    assert session.scalars(select(FollowUp.lead_id)).all() == [elena.id]
    assert set(session.scalars(select(Reminder.lead_id))) == {elena.id}
    assert set(session.scalars(select(Message.lead_id))) == {elena.id}
    assert [each.e164 for each in elena.phones] == [HOME]
    assert [each.e164 for each in family.phones] == [HOME]
    assert elena.needs_callback_since is not None
    assert family.needs_callback_since is None


@pytest.mark.parametrize("to_new", [True, False])
def test_the_next_call_goes_to_whom_staff_said(
    session: Session, phone: Telephone, family: Lead, to_new: bool
) -> None:
    chosen = of_elena(session, family)
    elena = split.split(session, family, chosen, "Elena", None, LATER, later_calls_to_new=to_new)
    call = phone.ring(HOME, LATER + timedelta(minutes=1))
    assert call.lead_id == (elena.id if to_new else family.id)


def test_a_stop_before_holds_for_both(session: Session, phone: Telephone, family: Lead) -> None:
    phone.text(HOME, "STOP", LATER)
    elena = split.split(session, family, entries(session, family, "call"), "Elena", None, LATER)
    for lead in (elena, family):
        with pytest.raises(desk.Refused, match="opted out"):
            desk.reply(session, lead, None, LATER, "Hello")


def test_nothing_chosen_or_all_of_it_makes_no_two_people(session: Session, family: Lead) -> None:
    everything = entries(session, family, "call", "text_in", last=99)
    before = session.begin_nested()
    written = timeline.note(session, family.id, LATER, "text_out", "Hi.", reminder_id=1)
    session.flush()
    automatic = [written.id]
    for chosen, why in (
        ([], "Choose what belongs"),
        (automatic, "not here any more"),
        ([10**9], "not here any more"),
    ):
        with pytest.raises(desk.Refused, match=why):
            split.split(session, family, list(chosen), "Elena", None, LATER)
    before.rollback()
    with pytest.raises(desk.Refused, match="That is all of it"):
        split.split(session, family, everything, "Elena", None, LATER)
    assert session.scalar(select(func.count()).select_from(Lead)) == 1


def test_who_still_has_a_call_waiting_keeps_their_place(
    session: Session, phone: Telephone, family: Lead
) -> None:
    phone.miss(HOME, TUESDAY_TEN + timedelta(minutes=10))
    since = family.needs_callback_since
    newest = entries(session, family, "call")
    elena = split.split(session, family, newest, "Elena", None, LATER)
    assert (family.needs_callback_since, elena.needs_callback_since) == (since, since)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "miss",
                "voicemail",
                "text",
                "stop",
                "send",
                "settle",
                "merge",
                "split",
                "undo",
                "note",
            ]
        ),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_merged_split_and_undone_nothing_is_lost_or_sent_twice(
    session: Session, steps: list[tuple[str, int, int]]
) -> None:
    nested = session.begin_nested()
    try:
        _live(session, steps)
    finally:
        nested.rollback()
        session.expunge_all()
        session.info.clear()


def _live(session: Session, steps: list[tuple[str, int, int]]) -> None:
    phone, at, seen = Telephone(session), TUESDAY_TEN, Books(session)
    for what, one, two in steps:
        at += timedelta(minutes=37)
        with suppress(desk.Refused):
            _step(session, phone, what, one, two, at)
        session.flush()
        seen.check()


def _step(session: Session, phone: Telephone, what: str, one: int, two: int, at: datetime) -> None:
    number = (HOME, WORK)[one % 2]
    alive = session.scalars(select(Lead).where(Lead.merged_into_id.is_(None)).order_by(Lead.id))
    leads = alive.all()
    if what in {"miss", "voicemail"}:
        phone.miss(number, at, voicemail_seconds=9 if what == "voicemail" else 0)
    elif what == "text":
        phone.text(number, "Could I come tomorrow?", at)
    elif what == "stop":
        phone.text(number, "STOP", at)
    elif what == "send":
        phone.send_due(at + timedelta(days=one))
    elif not leads:
        return
    elif what == "settle":
        desk.contacted(session, leads[one % len(leads)], None, at)
    elif what == "note":
        desk.write_note(session, leads[one % len(leads)], None, at, "A note.")
    elif what == "merge":
        merge.merge(session, leads[one % len(leads)], leads[two % len(leads)], None, at)
    elif what == "split":
        lead = leads[one % len(leads)]
        split.split(session, lead, entries(session, lead, "call", "text_in", "note"), "", None, at)
    else:
        gone = session.scalars(select(Lead).where(Lead.merged_into_id.is_not(None))).first()
        if gone is not None:
            kept = session.get_one(Lead, gone.merged_into_id)
            unmerge.undo(session, kept, gone, None, at)


class Books:
    """What was there is there, belongs together, and went out once."""

    KEPT = (Call, TimelineEntry, Consent, FollowUp, Reminder, Phone)

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[type, set[int]] = {noun: set() for noun in self.KEPT}
        self.texts: set[int] = set()
        self.stopped: set[int] = set()

    def check(self) -> None:
        for noun, before in self.known.items():
            now = set(self.session.scalars(select(noun.id)))  # type: ignore[attr-defined] # of each
            assert before <= now, f"{noun.__name__} was lost"
            self.known[noun] = now
        gone = set(self.session.scalars(select(Lead.id).where(Lead.merged_into_id.is_not(None))))
        for noun in merge.MOVED:
            stranded = select(noun.id).where(noun.lead_id.in_(gone))
            assert not self.session.scalars(stranded).all(), f"{noun.__name__} of a merged lead"
        self._texts()
        self._together()
        self._stops()

    def _texts(self) -> None:
        posted = select(Message).where(Message.state != "queued")
        now = {each.id: each for each in self.session.scalars(posted)}
        assert self.texts <= now.keys(), "a text was lost"
        self.texts = set(now)
        by_reminder = [m.reminder_id for m in now.values() if m.automated and m.reminder_id]
        assert len(by_reminder) == len(set(by_reminder)), "a reminder's text went twice"

    def _together(self) -> None:
        """A reminder, its run and its texts are one lead's."""
        parts = self.session.execute(
            select(Reminder.lead_id, FollowUp.lead_id, Message.lead_id)
            .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
            .outerjoin(Message, Message.reminder_id == Reminder.id)
        ).all()
        for reminder, run, message in parts:
            assert reminder == run
            assert message in {None, run}
        phones = set(self.session.execute(select(LeadPhone.lead_id, LeadPhone.phone_id)).all())
        for lead_id, phone_id in self.session.execute(
            select(Call.lead_id, Call.phone_id).union(select(Message.lead_id, Message.phone_id))
        ):
            assert (lead_id, phone_id) in phones, "a call or text on a phone that is not theirs"

    def _stops(self) -> None:
        stopped = set(self.session.scalars(select(Phone.id).where(Phone.opted_out_at.is_not(None))))
        assert self.stopped <= stopped, "an opt-out was lost"
        self.stopped = stopped
        open_runs = select(FollowUp.id).where(
            FollowUp.phone_id.in_(stopped), FollowUp.ended_at.is_(None)
        )
        assert not self.session.scalars(open_runs).all(), "a follow-up after a stop"
