"""The page: what it is made of, what it is told, and the control that moves the clock."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
import pytest

from tests.webhooks.sandbox.sandbox_harness import DESK, MARIA, OURS, VOICE, World, twiml

ECHO = f"{sys.executable} -c 'import sys; print(sys.argv[1:])'"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("sandbox"), clock_command=ECHO) as world:
        yield world


def test_the_page_and_its_files_come_with_a_strict_policy(world: World) -> None:
    page = world.http.get("/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert linked
    for address in linked:
        assert world.http.get(address).status_code == 200
    assert not re.search(r"<script>|<style|style=|onclick=", page.text)
    assert world.http.get("/sandbox/static/../state.py").status_code == 404


def test_the_page_puts_everything_in_as_text(world: World) -> None:
    script = world.http.get("/sandbox/static/phone.js").text
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def test_the_people_to_choose_have_valid_numbers(world: World) -> None:
    script = world.http.get("/sandbox/static/phone.js").text
    numbers = re.findall(r'"(\+1\d{10})"', script)
    assert len(numbers) >= 5
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(n)) for n in numbers)


def test_the_view_is_sent_when_it_has_changed(world: World) -> None:
    view = world.api("GET", "/view")
    assert view["numbers"] == [{"number": OURS, "shown": "(425) 437-9974"}]
    assert world.http.get(f"/sandbox/api/view?seen={view['revision']}").status_code == 204
    world.answer(VOICE, twiml(f"<Dial>{DESK}</Dial>"))
    world.ring(script={"answer": DESK})
    world.text("Hello")
    changed = world.api("GET", f"/view?seen={view['revision']}")
    (call,) = changed["calls"]
    assert (call["from"], call["legs"][0]["to"]) == (MARIA, DESK)
    assert [text["body"] for text in changed["texts"]] == ["Hello"]
    assert {line["what"] for line in changed["wire"]} >= {"voice", "status"}


@pytest.mark.parametrize(
    ("move", "words"),
    [
        ({"verb": "advance", "to": "26h"}, "['advance', '26h']"),
        ({"verb": "reset"}, "['reset']"),
        (
            {"verb": "set", "to": "2026-12-01T10:00-08:00"},
            "['set', '2026-12-01T10:00-08:00']",
        ),
    ],
)
def test_the_clock_is_moved_by_the_command(world: World, move: dict[str, str], words: str) -> None:
    assert world.api("POST", "/clock", **move) == {"told": words}


@pytest.mark.parametrize(
    "move",
    [
        {"verb": "advance", "to": "--help"},
        {"verb": "set", "to": "tomorrow"},
        {"verb": "reset", "to": "x"},
        {"verb": "rm"},
    ],
)
def test_anything_else_does_not_reach_the_command(world: World, move: dict[str, str]) -> None:
    assert world.http.post("/sandbox/api/clock", json=move).status_code == 422


def test_a_failing_clock_says_why(tmp_path: Path) -> None:
    failing = f"{sys.executable} -c 'raise SystemExit(\"the database is away\")'"
    with World(tmp_path, clock_command=failing) as world:
        refused = world.http.post("/sandbox/api/clock", json={"verb": "reset"})
        assert refused.status_code == 422
        assert refused.json()["error"] == "the database is away"


def test_without_a_clock_command_the_control_is_absent(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        assert world.api("GET", "/view")["clock"] is False
        assert world.http.post("/sandbox/api/clock", json={"verb": "reset"}).status_code == 422
