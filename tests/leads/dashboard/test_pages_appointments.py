"""Appointments and talks on a lead's page: booked, moved, cancelled, missed, thought over."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, text

from leads import clock, db, desk
from leads.consent import Consent
from leads.dashboard.app import app
from leads.follow_up import FollowUp
from leads.reminder import Reminder
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.desk import lead, press, signed_in
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

AGREED = "They agreed to texts about it"


@pytest.fixture
def client(morning: str) -> Iterator[httpx.Client]:
    assert morning
    with serving(app) as address, signed_in(address) as opened:
        yield opened


def page(client: httpx.Client, e164: str) -> str:
    return plain(client.get(f"/leads/{lead(e164).id}"))


def act(client: httpx.Client, e164: str, what: str, **fields: str) -> httpx.Response:
    return press(client, f"/leads/{lead(e164).id}/{what}", **fields)


def bases(e164: str) -> list[str]:
    with db.transaction() as session:
        phone_id = lead(e164).phones[0].id
        wanted = select(Consent).where(Consent.phone_id == phone_id).order_by(Consent.id)
        return [row.basis for row in session.scalars(wanted)]


def test_who_agrees_to_texts_while_booking_is_in_the_ledger(client: httpx.Client) -> None:
    assert AGREED in page(client, people.TOMAS)
    act(client, people.TOMAS, "booking", day="2026-12-03", at="09:30", texts_agreed="on")
    assert bases(people.TOMAS)[-1] == "staff"
    said = page(client, people.TOMAS)
    assert "Appointment Thursday 9:30 AM" in said
    assert "told Rosa Lopez that texts are welcome" in said


@pytest.mark.parametrize("day", ["soon", "2026-12-32", "9999-12-31"])  # the last ends elsewhere
def test_a_moment_that_is_none_is_asked_for_again(client: httpx.Client, day: str) -> None:
    refused = act(client, people.TOMAS, "booking", day=day, at="23:00")
    assert refused.status_code == 422
    assert "Give the appointment both a day and a time" in plain(refused)


@pytest.mark.parametrize("back", ["", "desk"])
@pytest.mark.parametrize(
    ("day", "year"),
    [("9999-12-31", "9999"), ("0026-12-03", "26"), ("2025-11-29", "2025"), ("2029-12-10", "2029")],
)
def test_an_appointment_in_another_age_is_refused_in_words(
    client: httpx.Client, day: str, year: str, back: str
) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE plan_version SET active = true"))
    refused = act(client, people.TOMAS, "booking", day=day, at="10:00", back=back)
    assert refused.status_code == 422
    assert f"this one would be in the year {year}. Give its day once more." in plain(refused)
    assert lead(people.TOMAS).appointment_at is None


def test_an_appointment_of_long_ago_that_stands_is_no_obstacle(client: httpx.Client) -> None:
    act(client, people.TOMAS, "booking", day="2026-12-03", at="10:00")
    with db.transaction() as session:
        clock.set_to(session, people.NOW + timedelta(days=500))
    assert act(client, people.TOMAS, "contact").status_code == 303
    fields = {"stage": "contacted", "was_stage": "booked"}
    assert act(client, people.TOMAS, "details", **fields).status_code == 303
    fields = {"stage": "booked", "was_stage": "contacted"}
    assert act(client, people.TOMAS, "details", **fields).status_code == 303
    assert lead(people.TOMAS).stage == "booked"


def test_nobody_agrees_to_texts_after_an_opt_out_by_the_way(client: httpx.Client) -> None:
    act(client, people.TOMAS, "opt-out")
    assert AGREED not in page(client, people.TOMAS)


def test_an_appointment_ahead_is_moved_or_cancelled(client: httpx.Client) -> None:
    text = client.get(f"/leads/{lead(people.LINH).id}").text
    assert 'value="2026-12-03"' in text
    assert 'value="14:30"' in text
    assert "Did not come" not in text
    assert "Spoke, not booked" not in text
    act(client, people.LINH, "booking", day="2026-12-04", at="11:00")
    assert "Appointment Friday 11:00 AM" in page(client, people.LINH)
    assert act(client, people.LINH, "cancellation").status_code == 303
    assert lead(people.LINH).appointment_at is None
    assert act(client, people.LINH, "cancellation").status_code == 422


def test_who_did_not_come_needs_a_call_and_gets_the_plan_for_it(client: httpx.Client) -> None:
    assert "still ahead" in act(client, people.LINH, "missed-appointment").text
    with db.transaction() as session:
        clock.set_to(session, people.at(2, 15, 0))
    said = page(client, people.LINH)
    assert "Appointment was today 2:30 PM" in said
    assert "Did not come" in said
    assert act(client, people.LINH, "missed-appointment").status_code == 303
    assert lead(people.LINH).needs_callback_since is not None
    assert "Did not come." in page(client, people.LINH)


def test_their_answer_to_the_reminder_is_a_badge_here_and_on_the_desk(
    client: httpx.Client,
) -> None:
    with db.transaction() as session:
        phone = Telephone(session)
        phone.text(people.LINH, "R", people.NOW)
        phone.text(people.GRACE, "C", people.NOW)
    assert "Appointment Thursday 2:30 PM Asked for another time" in plain(client.get("/"))
    assert "Appointment Thursday 2:30 PM Asked for another time" in page(client, people.LINH)
    assert "Appointment Thursday 3:30 PM Confirmed" in page(client, people.GRACE)


def test_who_wants_to_think_gets_a_text_about_it(client: httpx.Client) -> None:
    assert "They agreed to a follow-up text" in page(client, people.PRIYA)
    assert act(client, people.PRIYA, "talk", texts_agreed="on").status_code == 303
    assert lead(people.PRIYA).needs_callback_since is None
    said = page(client, people.PRIYA)
    assert "Spoke, not booked, text 1 of 2" in said
    assert "Spoke, not booked Text 1 of 2 10:42 AM Thursday 2:00 PM" in plain(
        client.get("/follow-ups")
    )


def test_a_follow_up_is_stopped_where_its_texts_are_shown(client: httpx.Client) -> None:
    assert "Stop follow-up" in page(client, people.DEREK)
    assert act(client, people.DEREK, "follow-up-ending").status_code == 303
    said = page(client, people.DEREK)
    assert "Stop follow-up" not in said
    assert "Follow-up ended: staff ended it." in said
    with db.transaction() as session:
        derek = lead(people.DEREK)
        states = session.scalars(select(Reminder.state).where(Reminder.lead_id == derek.id)).all()
        runs = session.scalars(select(FollowUp).where(FollowUp.lead_id == derek.id)).all()
        assert "scheduled" not in states
        assert [run.end_reason for run in runs] == ["stopped"]


def test_the_ledger_is_told_in_words_with_what_they_heard(client: httpx.Client) -> None:
    said = page(client, people.MARIA)
    assert "Given : texted us. 10:31 AM" in said
    both = "Allows texts for: an answer, their inquiry or appointment."
    assert f"Given : heard the notice on the call of today 10:24 AM. {both} What they heard" in said
    with db.transaction() as session:
        rosa = 2
        later = people.NOW + timedelta(minutes=1)
        desk.no_more_texts(session, Telephone(session).lead(people.MARIA), rosa, later)
    said = page(client, people.MARIA)
    assert said.index("Revoked : told Rosa Lopez: no more texts.") < said.index("Given :")
    assert "None is recorded." in page(client, people.SUPPLIER)
