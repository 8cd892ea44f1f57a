"""Checks side by side: bounded in time, and none hides another."""

import json
import threading
import time

from leads.verdict import Check, Finding, as_json, as_text, examine, is_well

GOOD = Finding("disk", "ok", "12.0 GB are free.")
BAD = Finding("redis", "failed", "It does not answer.", "Start it.")


def check(finding: Finding) -> Check:
    return Check(finding.check, lambda: [finding])


def raising() -> list[Finding]:
    raise RuntimeError("with +1 206 555 0142 in its text")


def test_a_check_that_raises_is_a_finding_without_the_errors_text() -> None:
    first, second, third = examine([check(GOOD), Check("number", raising), check(BAD)])
    assert (first, third) == (GOOD, BAD)
    assert (second.check, second.verdict) == ("number", "failed")
    assert "206" not in second.text


def test_a_check_that_hangs_is_left_behind_in_time() -> None:
    stuck = threading.Event()

    def hanging() -> list[Finding]:
        stuck.wait(30)
        return [BAD]

    began = time.monotonic()
    first, second = examine([Check("number", hanging), check(GOOD)], seconds=0.3)
    assert time.monotonic() - began < 20
    stuck.set()
    assert first.verdict == "failed"
    assert "No answer within" in first.text
    assert second == GOOD


def test_checks_run_side_by_side() -> None:
    meeting = threading.Barrier(3)

    def both() -> list[Finding]:
        meeting.wait(5)
        return [GOOD]

    assert examine([Check("a", both), Check("b", both), Check("c", both)]) == [GOOD] * 3


def test_a_line_has_check_verdict_and_cure() -> None:
    text = as_text([GOOD, BAD])
    assert text.splitlines() == [
        "ok              disk   12.0 GB are free.",
        "failed          redis  It does not answer.",
        "                       → Start it.",
        "",
        "2 looked at: 1 ok, 1 failed.",
    ]


def test_a_warning_is_no_failure() -> None:
    warning = Finding("backup", "warning", "Late.", "Make one.")
    assert is_well([GOOD, warning])
    assert not is_well([GOOD, BAD])
    told = json.loads(as_json([GOOD, BAD]))
    assert told["well"] is False
    assert told["findings"][1] == {
        "check": "redis",
        "verdict": "failed",
        "text": "It does not answer.",
        "cure": "Start it.",
    }
