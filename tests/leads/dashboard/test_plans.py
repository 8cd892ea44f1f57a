"""Plans on the settings pages: what staff read, what admins change, and the preview."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leads import clock, db
from leads.audit import Audit
from leads.dashboard.app import app
from leads.dashboard.pages.settings import plan_form
from leads.plan import KINDS, PlanVersion
from leads.reminder import Reminder
from leads.shipped_plans import SHIPPED
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.people import browser, csrf_token, enter, field
from tests.leads.dashboard.test_pages import plain
from tests.server import serving

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
MISSED_CALL = plan_form.values(SHIPPED["missed_call"]) | {"version": "1", "under_way": "keep"}
SATURDAY_NIGHT = {
    "number": "212-555-0142",
    "trigger_day": "2026-12-05",
    "trigger_time": "20:30",
    "basis": "notice",
    "relation": "prospect",
}


@pytest.fixture
def address(database: str) -> Iterator[str]:
    """A clinic where two missed calls are being followed up."""
    assert database
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        people.hire(session)
        for caller in (people.MARIA, people.DEREK):
            Telephone(session).miss(caller, people.NOW)
    with serving(app) as at:
        yield at


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.ADMIN, people.PASSWORD)
        yield opened


@pytest.fixture
def rosa(address: str) -> Iterator[httpx.Client]:
    with browser(address) as opened:
        enter(opened, people.RECEPTIONIST, people.PASSWORD)
        yield opened


def post(client: httpx.Client, path: str, *told: dict[str, str], **more: str) -> httpx.Response:
    fields = {"csrf_token": csrf_token(), **{k: v for part in told for k, v in part.items()}}
    return client.post(f"/settings/plans/{path}", data={**fields, **more}, headers=SAME_ORIGIN)


def current(name: str = "missed_call") -> PlanVersion:
    with db.transaction() as session:
        return PlanVersion.current(session, name, clock.now(session))


def typed(page: httpx.Response, name: str) -> str:
    found = re.search(rf'<textarea id="{re.escape(name)}"[^>]*>([^<]*)<', page.text)
    return found[1] if found else field(page, name)


def test_all_staff_read_every_plan_in_words(rosa: httpx.Client) -> None:
    said = plain(rosa.get("/settings/plans"))
    for kind in KINDS.values():
        assert kind.title in said
        assert rosa.get(f"/settings/plans/{kind.name}").status_code == 200
    assert "At once Hi, this is Back In Balance Chiropractic. Sorry we missed" in said
    assert "2nd open day after, 2:00 PM" in said
    assert "The open day before, 2:00 PM" in said
    assert "2 hours before the appointment" in said
    assert "2 follow-ups under way" in said
    assert "No follow-up is under way" in said
    assert rosa.get("/settings/plans/nonsense").status_code == 404


def test_who_is_no_admin_previews_the_plan_as_it_is_and_changes_nothing(rosa: httpx.Client) -> None:
    assert "<textarea" not in rosa.get("/settings/plans/missed_call").text
    own_words = {"text.1": "My own words", "when.1": "now"}
    said = plain(post(rosa, "missed_call/preview", SATURDAY_NIGHT, own_words))
    assert "Sorry we missed your call" in said
    assert "My own words" not in said
    assert post(rosa, "missed_call", MISSED_CALL, active="").status_code == 403
    assert post(rosa, "missed_call/draft", MISSED_CALL, draft="add").status_code == 403
    assert current().number == 1


def test_an_edit_is_a_new_version_and_audited_by_its_number(admin: httpx.Client) -> None:
    told = {"text.1": "Hi from {clinic}.\r\nCall {phone}. Reply STOP to opt out.", "active": ""}
    assert post(admin, "missed_call", MISSED_CALL, told).status_code == 303
    kept = current()
    assert (kept.number, kept.active) == (2, False)
    assert kept.steps[0]["text"] == "Hi from {clinic}.\nCall {phone}. Reply STOP to opt out."
    assert kept.steps[1:] == [step.to_json() for step in SHIPPED["missed_call"].steps[1:]]
    with db.transaction() as session:
        facts = session.scalars(select(Audit.facts).where(Audit.action == "settings_changed")).all()
    assert facts == [{"page": "plans", "plan": "missed_call", "version": 2, "under_way": "keep"}]
    assert "Off" in plain(admin.get("/settings/plans"))


def test_saving_what_is_there_makes_no_version(admin: httpx.Client) -> None:
    assert post(admin, "missed_call", MISSED_CALL).status_code == 303
    assert current().number == 1


def test_somebody_elses_save_is_not_overwritten(admin: httpx.Client) -> None:
    post(admin, "missed_call", MISSED_CALL, active="")
    answer = post(admin, "missed_call", MISSED_CALL, {"days.2": "3"})
    assert answer.status_code == 422
    assert "Somebody else has saved this plan meanwhile" in plain(answer)
    assert field(answer, "days.2") == "3"
    assert current().number == 2


def test_runs_under_way_end_when_that_is_chosen(admin: httpx.Client) -> None:
    said = plain(admin.get("/settings/plans/missed_call"))
    assert "Each of 2 follow-ups keeps the texts of the plan as it was." in said
    post(admin, "missed_call", MISSED_CALL, under_way="end")
    assert "No follow-up of this plan is under way." in plain(
        admin.get("/settings/plans/missed_call")
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("text.2", "", "Write the text, at most 1,000 characters."),
        ("text.2", "{clinic} hopes your back pain is gone. Reply STOP", "a condition word"),
        ("text.2", "Reply STOP to opt out.", "The clinic's name is missing: write {clinic}."),
        ("text.2", "{clinic} here.", "The first text must say how to stop"),
        ("text.2", "Hi {name}, {clinic} here. Reply STOP.", "{name} looks like a field"),
        ("text.2", f"{{clinic}} {'long ' * 80} Reply STOP.", "segments; 2 is the most"),
        ("days.2", "soon", "Give a whole number from 1 to 60."),
        ("days.2", "99999999999", "Give a whole number from 1 to 60."),
        ("at.2", "", "Give the time of day, such as 14:00."),
        ("lateness_hours.2", "0", "Give a whole number from 1 to 48."),
        ("purpose.2", "spam", "Choose what the text is for."),
        ("under_way", "explode", "Choose one of these."),
        ("text.2", "x" * 1001, "Write the text, at most 1,000 characters."),
        ("text.2", "a\x00b", "The clinic's name is missing: write {clinic}."),
    ],
)
def test_what_cannot_be_saved_is_said_beside_it_and_stays_typed(
    admin: httpx.Client, name: str, value: str, sentence: str
) -> None:
    answer = post(admin, "missed_call", MISSED_CALL, {"text.3": "My draft {clinic}", name: value})
    assert answer.status_code == 422
    assert sentence in plain(answer)
    assert "My draft {clinic}" in answer.text
    if name.startswith(("days", "at", "lateness")):
        assert field(answer, name) == value
    assert current().number == 1


def test_a_warning_does_not_keep_a_text_from_being_saved(admin: httpx.Client) -> None:
    told = {"text.1": "{clinic} \u2014 we missed your call. Reply STOP to opt out."}
    assert post(admin, "missed_call", MISSED_CALL, told).status_code == 303
    said = plain(admin.get("/settings/plans/missed_call"))
    assert "makes every segment hold 70 characters" in said


def test_texts_come_and_go_in_the_form_and_nothing_is_saved(admin: httpx.Client) -> None:
    less = post(admin, "missed_call/draft", MISSED_CALL, draft="remove.2")
    assert "Changed here and not saved yet." in plain(less)
    assert "with our last text" in typed(less, "text.2")
    assert field(less, "days.2") == "4"
    assert 'id="text.3"' not in less.text
    two = {key: value for key, value in MISSED_CALL.items() if not key.endswith(".3")}
    more = post(admin, "missed_call/draft", two, {"text.1": "My words"}, draft="add")
    assert typed(more, "text.1") == "My words"
    assert "{clinic}" in typed(more, "text.3")
    assert "Three texts are the most" in plain(more)
    one = {key: value for key, value in MISSED_CALL.items() if key[-2:] not in {".2", ".3"}}
    assert 'id="text.1"' in post(admin, "missed_call/draft", one, draft="remove.1").text
    shipped = post(admin, "missed_call/draft", one, {"text.1": "My words"}, draft="shipped")
    assert "Sorry we missed your call" in typed(shipped, "text.1")
    assert current().number == 1


def test_a_text_is_the_same_text_after_another_was_removed(admin: httpx.Client) -> None:
    less = post(admin, "missed_call/draft", MISSED_CALL, draft="remove.2")
    assert [field(less, f"id.{n}") for n in (1, 2)] == ["1", "3"]
    names = [f"{name}.{n}" for name in plan_form.FIELDS for n in (1, 2)]
    told = {name: typed(less, name) for name in names if not name.startswith(("when", "purpose"))}
    kept = {"when.1": "now", "when.2": "days", "purpose.1": "responsive", "active": "on"}
    more = {"purpose.2": "informational", "version": "1", "under_way": "apply"}
    assert post(admin, "missed_call", told, kept, more).status_code == 303
    assert current().read().ids == (1, 3)
    with db.transaction() as session:
        coming = select(Reminder.step).where(Reminder.state == "scheduled")
        assert set(session.scalars(coming)) == {3}, "the first has gone"


def test_the_preview_says_when_each_text_goes_and_what_moved_it(admin: httpx.Client) -> None:
    told = {"days.2": "1"}
    said = plain(post(admin, "missed_call/preview", MISSED_CALL, SATURDAY_NIGHT, told))
    assert "They call Sat, Dec 5, 11:30 PM in New York (Sat, Dec 5, 8:30 PM at the clinic)" in said
    assert "Text 1 Mon, Dec 7, 12:00 PM in New York (Mon, Dec 7, 9:00 AM at the clinic)" in said
    assert "Moved from Sat, Dec 5, 11:30 PM in New York: after 8 PM in New York" in said
    assert "one automated text in 24 hours" in said
    assert "That delays text 2. Give it a later moment." in said
    assert "A text goes only when the hour is right in Los Angeles and New York" in said
    assert current().number == 1


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"basis": "call"}, "Not sent: the call alone allows no more"),
        ({"relation": "patient"}, "Not sent: patients get the first text only."),
        ({"relation": "other"}, "No text goes: they are marked as neither prospect nor patient."),
        ({"number": "800-555-0142"}, "No text goes: toll-free numbers are never texted."),
        ({"number": people.MARIA}, "We know this number"),
        ({"trigger_day": "2026-12-25"}, "Christmas Day"),
    ],
)
def test_the_preview_says_why_a_text_does_not_go(
    admin: httpx.Client, told: dict[str, str], sentence: str
) -> None:
    answer = post(admin, "missed_call/preview", MISSED_CALL, SATURDAY_NIGHT, told)
    assert answer.status_code == 200
    assert sentence in plain(answer)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"number": "hello"}, "Give a telephone number, such as 425-555-0142."),
        ({"trigger_day": ""}, "Give a day and a time."),
        ({"trigger_day": "0001-01-01"}, "Give a day of this century."),
        ({"basis": "guess"}, "Choose one of these."),
        ({"text.1": "Hi {name}"}, "The clinic's name is missing"),
        ({"days.2": "x"}, "Give a whole number from 1 to 60."),
    ],
)
def test_what_cannot_be_previewed_is_marked(
    admin: httpx.Client, told: dict[str, str], sentence: str
) -> None:
    answer = post(admin, "missed_call/preview", MISSED_CALL, SATURDAY_NIGHT, told)
    assert answer.status_code == 422
    assert sentence in plain(answer)


def test_an_appointments_preview_ends_with_it(admin: httpx.Client) -> None:
    told = plan_form.values(SHIPPED["appointment"]) | SATURDAY_NIGHT
    late = {"appointment_day": "2026-12-01", "appointment_time": "10:00"}
    answer = post(admin, "appointment/preview", told, late)
    assert "Give a moment after the one above." in plain(answer)
    fit = {"appointment_day": "2026-12-09", "appointment_time": "10:00"}
    said = plain(post(admin, "appointment/preview", told, fit))
    moments = ["The appointment is made Sat", "Text 1 Tue, Dec 8", "Text 2 Wed, Dec 9"]
    assert [said.index(moment) for moment in [*moments, "The appointment Wed, Dec 9"]] == sorted(
        said.index(moment) for moment in [*moments, "The appointment Wed, Dec 9"]
    )
