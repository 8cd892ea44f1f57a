"""`ringback demo`: what it makes up keeps every rule that real rows keep."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from leads import (
    Call,
    CallLeg,
    FollowUp,
    Lead,
    Message,
    Phone,
    Practice,
    Recording,
    Reminder,
    TimelineEntry,
    caps,
    clock,
    db,
    intention,
    quiet_hours,
)
from leads.call import SENTENCES, outcome_of
from leads.demo import command, morning, story
from leads.demo.days import Days
from leads.demo.telephone import Telephone
from leads.opening_hours import TRIAL_HOURS
from leads.plan import KINDS
from services import Servers
from tests.conftest import TUESDAY_TEN, forget_settings


@pytest.fixture(scope="module", params=[None, 2000], ids=["month", "year"])
def filled(
    request: pytest.FixtureRequest, servers: Servers, template: str, environment: pytest.MonkeyPatch
) -> Iterator[int | None]:
    """A database of the demo's own, for all tests that only look."""
    name = f"demo_{request.param}"
    servers.create_database(name, template)
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", servers.database_url(name))
        forget_settings()
        command.fill(request.param, print)
        yield request.param
        forget_settings()
    servers.drop_database(name)


@pytest.fixture
def there(filled: int | None) -> Iterator[Session]:  # noqa: ARG001 - it must be filled first
    """What was made up, to look at."""
    with Session(db.engine()) as session:
        yield session
        session.rollback()


def test_there_are_so_many_people_calls_and_reminders(filled: int | None, there: Session) -> None:
    people, calls, reminders = (
        there.scalar(select(func.count()).select_from(model)) or 0
        for model in (Lead, Call, Reminder)
    )
    if filled is None:
        assert people == pytest.approx(180, abs=30)
        assert calls == pytest.approx(350, abs=80)
    else:
        assert people == pytest.approx(filled, rel=0.02)
        assert calls == pytest.approx(3 * filled, rel=0.05)
        assert reminders == pytest.approx(2 * filled, rel=0.1)


def test_every_reference_leads_somewhere(there: Session) -> None:
    for table in db.Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            other: Table = key.column.table.alias()  # type: ignore[assignment] # as good as one
            found = other.c[key.column.name] == key.parent
            orphans = select(func.count()).where(
                key.parent.is_not(None), ~select(other).where(found).exists()
            )
            assert there.scalar(orphans) == 0, key


def test_every_outcome_follows_from_what_is_known_and_is_told(there: Session) -> None:
    accepted: dict[str, list[datetime]] = defaultdict(list)
    for leg in there.scalars(select(CallLeg)):
        if leg.accepted_at is not None:
            accepted[leg.call_sid].append(leg.accepted_at)
    told: dict[int, set[str]] = defaultdict(set)
    for entry in there.scalars(select(TimelineEntry).where(TimelineEntry.facts.has_key("call_id"))):
        told[entry.facts["call_id"]].add(entry.kind)
    for call in there.scalars(select(Call).where(Call.direction == "inbound")):
        assert call.outcome == outcome_of(call, min(accepted[call.sid], default=None))
        assert call.ended_at is None or call.ended_at >= call.started_at
        if call.lead_id is not None and call.outcome in SENTENCES:
            assert {"call", f"call_{call.outcome}"} <= told[call.id]


def test_a_timeline_is_in_order_and_begins_with_the_first_call(there: Session) -> None:
    entries: dict[int, list[TimelineEntry]] = defaultdict(list)
    for entry in there.scalars(select(TimelineEntry).order_by(TimelineEntry.id)):
        entries[entry.lead_id].append(entry)
    assert set(entries) == set(there.scalars(select(Lead.id)))
    for mine in entries.values():
        assert mine[0].kind == "lead_created"
        assert [each.at for each in mine] == sorted(each.at for each in mine)


def test_what_became_of_a_reminder_agrees_with_its_text_its_run_and_the_timeline(
    there: Session,
) -> None:
    told = {
        (entry.kind, entry.facts["reminder_id"])
        for entry in there.scalars(
            select(TimelineEntry).where(TimelineEntry.facts.has_key("reminder_id"))
        )
    }
    found = there.execute(
        select(Reminder, FollowUp, Message)
        .join(FollowUp, FollowUp.id == Reminder.follow_up_id)
        .outerjoin(Message, Message.id == Reminder.message_id)
    )
    for reminder, run, message in found:
        assert reminder.lead_id == run.lead_id
        assert (run.ended_at is None) == (run.end_reason is None)
        assert run.end_reason is None or run.end_reason in KINDS[run.plan].endings
        if reminder.state in {"sent", "failed"}:
            assert message.reminder_id == reminder.id
            assert message.state == {"sent": "delivered", "failed": "undelivered"}[reminder.state]
            assert ("text_out", reminder.id) in told
        elif reminder.state == "cancelled":
            assert message is None
            assert reminder.reason
            assert ("reminder_cancelled", reminder.id) in told
        else:
            assert reminder.state == "scheduled"
            assert run.ended_at is None


def test_every_automated_text_kept_to_its_window_and_to_the_caps(there: Session) -> None:
    practice = Practice.get(there)
    texts: dict[int, list[caps.Sent]] = defaultdict(list)
    found = there.execute(
        select(Message, Phone)
        .join(Phone, Phone.id == Message.phone_id)
        .where(Message.automated)
        .order_by(Message.sent_at)
    )
    for message, phone in found:
        at = message.sent_at
        assert at is not None
        window = practice.window(phone.e164)
        zones = intention.recipient_zones(practice, phone)
        assert quiet_hours.is_inside(at, zones, window), at
        assert phone.opted_out_at is None or at <= phone.opted_out_at
        if message.topic == "inquiry":
            assert caps.earliest(at, "inquiry", texts[phone.id]) <= at
            texts[phone.id].append(caps.Sent(at, "inquiry"))


def test_calls_come_when_people_ring_and_some_come_again(
    filled: int | None, there: Session
) -> None:
    by_hour, by_day = by_part(there, "hour"), by_part(there, "isodow")
    assert by_hour[9] > 2 * by_hour.get(19, 0)
    assert by_day[1] > 2 * by_day.get(7, 0)
    again = there.scalar(select(func.count()).where(Call.returning)) or 0
    assert 0.2 < again / sum(by_hour.values()) < 0.8
    if filled:
        by_month = by_part(there, "month")
        assert by_month[1] > by_month[7]


def by_part(session: Session, part: str) -> dict[int, int]:
    """How many calls began in each hour, day or month of the clinic's clock."""
    local = func.timezone("America/Los_Angeles", Call.started_at)
    counted = select(func.extract(part, local), func.count()).group_by(text("1"))
    return {int(number): count for number, count in session.execute(counted)}


def test_a_voicemail_can_be_heard(there: Session) -> None:
    sounds = there.scalar(text("SELECT count(*) FROM recording_audio WHERE data LIKE 'RIFF%'"))
    assert sounds
    assert there.scalar(select(func.count()).where(Recording.fetched_at.is_(None))) == 0


def test_nothing_is_ever_texted_by_itself(there: Session) -> None:
    sent = select(func.count()).where(Message.direction == "outbound")
    before, now = there.scalar(sent), clock.now(there)
    assert not there.scalar(select(func.count()).where(Message.state.in_(("queued", "sending"))))
    phone = Telephone(there)
    for hours in range(0, 24 * 9, 3):
        phone.send_due(now + timedelta(hours=hours))
    assert there.scalar(sent) == before
    assert not there.scalar(select(func.count()).where(Reminder.state == "scheduled"))


def test_life_goes_on_where_the_made_up_part_ends(there: Session) -> None:
    now = clock.now(there)
    Telephone(there).miss("+12065550111", now)
    Telephone(there).text(morning.MARIA, "Thank you", now)
    there.flush()


def test_the_named_people_are_among_them(there: Session) -> None:
    names = {Telephone(there).lead(e164).name for e164 in (morning.MARIA, morning.TOMAS, story.BEN)}
    assert names == {"Maria Alvarez", "Tomas Novak", "Ben Okafor"}


@pytest.mark.parametrize("weekday", range(7))
def test_the_story_ends_on_a_working_morning(weekday: int) -> None:
    now = TUESDAY_TEN + timedelta(days=weekday, hours=11)
    days = Days.around(TRIAL_HOURS, now)
    assert TRIAL_HOURS.is_open(days.now)
    assert days.today.weekday() < 5
    assert timedelta(hours=-12) < days.now - now < timedelta(days=3)
