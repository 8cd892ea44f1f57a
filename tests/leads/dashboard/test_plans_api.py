"""Plans, their preview and the linter for programs."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from sqlalchemy import select

from leads import clock, db
from leads.audit import Audit
from leads.dashboard.api.plans import PlanName
from leads.dashboard.app import app, create_app
from leads.plan import KINDS
from leads.shipped_plans import SHIPPED
from tests.browser import people
from tests.browser.telephone import Telephone
from tests.leads.dashboard.people import token
from tests.server import serving

STEPS = [step.to_json() for step in SHIPPED["missed_call"].steps]
SOMEBODY = {
    "number": "212-555-0142",
    "trigger_at": "2026-12-05T20:30:00-08:00",
    "basis": "notice",
}
schema = schemathesis.openapi.from_dict(create_app().openapi()).include(
    path_regex="/plans|/texts/lint"
)


@pytest.fixture
def address(database: str) -> Iterator[str]:
    assert database
    with db.transaction() as session:
        clock.set_to(session, people.NOW)
        people.hire(session)
        for caller in (people.MARIA, people.DEREK):
            Telephone(session).miss(caller, people.NOW)
    with serving(app) as at:
        yield at


@pytest.fixture
def program(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", headers=token("admin"), timeout=20) as opened:
        yield opened


@pytest.fixture
def reader(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", headers=token("read"), timeout=20) as opened:
        yield opened


@pytest.fixture
def writer(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", headers=token("write"), timeout=20) as opened:
        yield opened


def test_the_descriptions_names_are_the_plans() -> None:
    assert get_args(PlanName) == tuple(KINDS)


def test_plans_are_listed_and_shown(reader: httpx.Client) -> None:
    listed = reader.get("/plans").json()
    assert [plan["name"] for plan in listed["items"]] == list(KINDS)
    assert listed["next"] is None
    shown = reader.get("/plans/missed_call").json()
    assert shown in listed["items"]
    assert (shown["version"], shown["active"], shown["under_way"]) == (1, True, 2)
    assert shown["steps"][1] == {"number": 2, "id": 2, **STEPS[1]}
    answer = reader.get("/plans/nonsense")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_an_admins_token_changes_a_plan(address: str) -> None:
    told = {"version": 1, "active": False, "steps": STEPS}
    for scope in ("read", "write"):
        url = f"{address}/api/v1/plans/missed_call"
        assert httpx.put(url, json=told, headers=token(scope)).status_code == 403


def test_a_change_is_a_version_and_is_audited_once(program: httpx.Client) -> None:
    told = {"version": 1, "active": False, "steps": STEPS[:1], "under_way": "end"}
    changed = program.put("/plans/missed_call", json=told)
    assert changed.status_code == 200
    assert changed.json() == program.get("/plans/missed_call").json()
    assert (changed.json()["version"], changed.json()["under_way"]) == (2, 0)
    again = told | {"version": 2, "under_way": "keep"}
    assert program.put("/plans/missed_call", json=again).status_code == 200
    assert program.get("/plans/missed_call").json()["version"] == 2
    with db.transaction() as session:
        rows = session.scalars(select(Audit).where(Audit.action == "settings_changed")).all()
        facts = {"page": "plans", "plan": "missed_call", "version": 2, "under_way": "end"}
        assert [row.facts for row in rows] == [facts]
        assert rows[0].token_id is not None


def test_two_programs_do_not_overwrite_each_other(program: httpx.Client) -> None:
    told = {"version": 1, "active": True, "steps": STEPS[:2]}
    assert program.put("/plans/missed_call", json=told).json()["version"] == 2
    late = program.put("/plans/missed_call", json=told | {"steps": STEPS[1:]})
    assert (late.status_code, late.json()["version"]) == (409, 2)
    assert late.headers["content-type"] == "application/problem+json"
    assert "Somebody else has saved this plan meanwhile" in late.json()["detail"]
    shown = program.get("/plans/missed_call").json()
    assert [step["text"] for step in shown["steps"]] == [step["text"] for step in STEPS[:2]]
    del told["version"]
    assert program.put("/plans/missed_call", json=told).status_code == 422


def test_a_text_keeps_its_id_wherever_it_stands(program: httpx.Client) -> None:
    first, _, third = program.get("/plans/missed_call").json()["steps"]
    told = {"version": 1, "active": True, "under_way": "apply"}
    steps = [{k: v for k, v in step.items() if k != "number"} for step in (first, third)]
    changed = program.put("/plans/missed_call", json=told | {"steps": steps}).json()
    assert [(step["number"], step["id"]) for step in changed["steps"]] == [(1, 1), (2, 3)]
    rows = program.get("/reminders").json()["items"]
    assert {row["step"] for row in rows if row["state"] == "scheduled"} == {3}
    again = told | {"version": 2, "steps": [*steps, steps[1] | {"id": None}]}
    assert [
        step["id"] for step in program.put("/plans/missed_call", json=again).json()["steps"]
    ] == [1, 3, 4]
    unsaid = told | {"version": 3, "steps": STEPS[:1]}
    refused = program.put("/plans/missed_call", json=unsaid)
    assert refused.status_code == 422
    assert "give each text its id" in refused.json()["errors"][0]["problem"]


@pytest.mark.parametrize(
    ("steps", "where", "words"),
    [
        ([], "body.steps", "one to 3 texts"),
        (STEPS * 2, "body.steps", "one to 3 texts"),
        ([STEPS[0] | {"text": "Your back pain"}], "body.steps.0.text", "a condition word"),
        ([STEPS[0], STEPS[1] | {"days": 10**30}], "body.steps.1.days", "from 1 to 60"),
        ([STEPS[0] | {"hours": -1}], "body.steps.0.hours", "from 0 to 48"),
        ([STEPS[1] | {"at": None}], "body.steps.0.at", "Give the time of day"),
        ([STEPS[0] | {"lateness_hours": 0}], "body.steps.0.lateness_hours", "from 1 to 48"),
        ([STEPS[0] | {"text": "a\x00b"}], "body.steps.0.text", ""),
        ([STEPS[0] | {"text": "\ud800"}], "body.steps.0.text", ""),
    ],
)
def test_what_cannot_be_saved_says_where(
    program: httpx.Client, steps: list[Any], where: str, words: str
) -> None:
    body = json.dumps(
        {"version": 1, "active": True, "steps": steps}
    )  # which escapes half a character
    headers = {"Content-Type": "application/json"}
    answer = program.put("/plans/missed_call", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problems = {each["where"]: each["problem"] for each in answer.json()["errors"]}
    assert words in problems[where]
    assert program.get("/plans/missed_call").json()["version"] == 1


def test_a_preview_changes_nothing(writer: httpx.Client) -> None:
    seen = writer.post("/plans/missed_call/preview", json=SOMEBODY).json()
    assert (seen["refusal"], seen["known"]) == (None, False)
    assert [text["due_at"] for text in seen["texts"]] == [
        "2026-12-07T17:00:00Z",
        "2026-12-08T19:00:00Z",
        "2026-12-10T19:00:00Z",
    ]
    assert "after 8 PM in New York" in seen["texts"][0]["why"]
    typed = SOMEBODY | {"steps": [STEPS[0] | {"text": "{clinic} calls"}]}
    texts = writer.post("/plans/missed_call/preview", json=typed).json()["texts"]
    assert [text["text"] for text in texts] == ["Back In Balance Chiropractic calls"]
    assert writer.get("/plans/missed_call").json()["version"] == 1


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("missed_call", {"number": "hello"}),
        ("missed_call", {"number": "a\x00b"}),
        ("missed_call", {"trigger_at": "2026-12-05T20:30:00"}),
        ("missed_call", {"trigger_at": "9999-12-31T23:59:59-12:00"}),
        ("missed_call", {"basis": "guess"}),
        ("missed_call", {"steps": [STEPS[0] | {"text": "Hi {name}"}]}),
        ("appointment", {}),
    ],
)
def test_what_cannot_be_previewed_is_refused(
    writer: httpx.Client, plan: str, told: dict[str, Any]
) -> None:
    answer = writer.post(f"/plans/{plan}/preview", json=SOMEBODY | told)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_appointments_plan_is_previewed_with_its_appointment(writer: httpx.Client) -> None:
    told = SOMEBODY | {"appointment_at": "2026-12-09T09:20:00-08:00"}
    texts = writer.post("/plans/appointment/preview", json=told).json()["texts"]
    assert [text["refusal"] for text in texts] == [
        None,
        "before 9 AM in Los Angeles, and later would be too near.",
    ]


def test_the_linter_answers_as_the_page_does(writer: httpx.Client) -> None:
    fine = {"text": "Hi, this is {clinic}. Call {phone}. Reply STOP to opt out."}
    assert writer.post("/texts/lint", json=fine).json() == {"findings": [], "segments": 1}
    told = {"text": "{clinic} calls by {callback}. Reply STOP."}
    assert writer.post("/texts/lint", json=told | {"plan": "voicemail"}).json()["findings"] == []
    found = writer.post("/texts/lint", json=told).json()["findings"]
    assert [each["level"] for each in found] == ["error"]
    assert "{callback} looks like a field" in found[0]["message"]
    long = {"text": "\u2014" * 150}
    assert writer.post("/texts/lint", json=long).json()["segments"] == 3
    assert writer.post("/texts/lint", json={"text": "x" * 1001}).status_code == 422


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[*HealthCheck],
)
def test_whatever_an_admins_program_sends_gets_a_described_answer(
    case: schemathesis.Case[Any], program: httpx.Client
) -> None:
    case.call_and_validate(
        base_url=str(program.base_url).removesuffix("/api/v1/"),
        headers={"Authorization": program.headers["Authorization"]},
        # As in test_api_schema.py: a description cannot say which strings are telephone numbers.
        excluded_checks=[positive_data_acceptance, negative_data_rejection],
        timeout=20,
    )
