"""A call back by click with everything running: the desk's page, the worker, the telephone."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import CLINIC, DESK_PHONE, Clinic, eventually
from tests.leads.dashboard.people import field

pytestmark = pytest.mark.e2e
CALLER = "+12065550151"


@pytest.fixture
def anna(clinic: Clinic) -> Iterator[httpx.Client]:
    """Anna's browser, in by a one-time link."""
    link = clinic.command("staff", "add", "anna@clinic.example", "--role", "admin")
    [token] = re.findall(r"token=([\w-]+)", link.replace("\n", ""))
    address = f"http://127.0.0.1:{clinic.environment['DASHBOARD_PORT']}"
    with httpx.Client(base_url=address, timeout=20) as browser:
        page = browser.get("/sign-in/link", params={"token": token})
        press(browser, page, "/sign-in/link", token=token)
        yield browser


def press(browser: httpx.Client, page: httpx.Response, path: str, **fields: str) -> httpx.Response:
    told = {"csrf_token": field(page, "csrf_token"), **fields}
    return browser.post(path, data=told, headers={"Sec-Fetch-Site": "same-origin"})


def out(clinic: Clinic) -> list[dict[str, Any]]:
    calls = clinic.sandbox.get("/calls").raise_for_status().json()
    return [call for call in calls if call["direction"] == "outbound-api"]


def test_one_click_rings_the_desk_and_then_them(clinic: Clinic, anna: httpx.Client) -> None:
    clinic.api.timeout = 30
    clinic.at("2026-12-01T10:00-08:00")
    clinic.call(CALLER, script={"let_ring": True})
    eventually(lambda: clinic.lead(CALLER).get("needs_callback_since"))
    lead_id = clinic.lead(CALLER)["id"]
    sent = press(anna, anna.get("/"), f"/leads/{lead_id}/call", back="desk")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/"
    eventually(lambda: out(clinic))
    [call] = out(clinic)
    assert (call["to"], call["from"]) == (DESK_PHONE, CLINIC)
    press(anna, anna.get("/"), f"/leads/{lead_id}/call", back="desk")
    path = f"/calls/{call['sid']}"
    eventually(lambda: clinic.sandbox.post(f"{path}/answer", json={"leg": 0}).is_success)
    eventually(lambda: clinic.sandbox.post(f"{path}/answer", json={"leg": CALLER}).is_success)
    eventually(lambda: not clinic.lead(CALLER)["needs_callback_since"])
    clinic.sandbox.post(f"{path}/hangup", json={"by": "callee"}).raise_for_status()
    eventually(lambda: clinic.find_call(call["sid"]).get("ended_at"))
    lead = clinic.lead(CALLER)
    made = clinic.find_call(call["sid"])
    assert (made["direction"], made["outcome"], made["to"]) == ("outbound", "answered", CALLER)
    assert made["from"] == CLINIC
    assert "Rang them: they answered." in [entry["text"] for entry in lead["timeline"]]
    assert {item["state"] for item in lead["reminders"] if item["step"] > 1} == {"cancelled"}
    assert len(out(clinic)) == 1, "two clicks were one call"
