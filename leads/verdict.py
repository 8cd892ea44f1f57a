"""What `ringback doctor` says: checks that run side by side, each bounded in time."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "failed", "not applicable"]
# Twilio's answers may take ten seconds, and the longest check asks it twice.
PATIENCE = 25.0


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and what to do in one sentence.

    Nothing here names a caller: numbers in it are the clinic's own.
    """

    check: str
    verdict: Verdict
    text: str
    cure: str = ""


@dataclass(frozen=True)
class Check:
    """`look` may take its time and may raise: neither hides what the others find."""

    name: str
    look: Callable[[], Sequence[Finding]]


def examine(checks: Sequence[Check], seconds: float = PATIENCE) -> list[Finding]:
    """Every finding, in the order of the checks, after `seconds` at most.

    A check that hangs is left behind in its thread, which ends with the process.
    """
    found: dict[int, Sequence[Finding]] = {}

    def run(place: int, check: Check) -> None:
        try:
            found[place] = check.look()
        except Exception as error:  # whatever it is, it is this check's finding
            # Not its text, which may quote what was asked for.
            told = f"This could not be looked at: {type(error).__name__}."
            cure = "Mend what the other lines name and look again."
            found[place] = [Finding(check.name, "failed", told, cure)]

    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(target=run, args=each, daemon=True, name=f"doctor-{each[1].name}")
        for each in enumerate(checks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [
        finding
        for place, check in enumerate(checks)
        for finding in found.get(place, [_no_answer(check, seconds)])
    ]


def _no_answer(check: Check, seconds: float) -> Finding:
    told = f"No answer within {seconds:.0f} s."
    return Finding(check.name, "failed", told, "What it asks hangs: see the other lines.")


def is_well(findings: Sequence[Finding]) -> bool:
    return all(finding.verdict != "failed" for finding in findings)


def as_text(findings: Sequence[Finding]) -> str:
    """One line for each finding, and below it what to do."""
    wide = max((len(finding.check) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict:14}  {finding.check:{wide}}  {finding.text}")
        if finding.cure:
            lines.append(f"{'':14}  {'':{wide}}  → {finding.cure}")
    counted = ", ".join(
        f"{count} {verdict}"
        for verdict in ("ok", "warning", "failed", "not applicable")
        if (count := sum(finding.verdict == verdict for finding in findings))
    )
    return "\n".join([*lines, "", f"{len(findings)} looked at: {counted}."])


def as_json(findings: Sequence[Finding]) -> str:
    told = {"well": is_well(findings), "findings": [asdict(finding) for finding in findings]}
    return json.dumps(told, indent=2, ensure_ascii=False)
