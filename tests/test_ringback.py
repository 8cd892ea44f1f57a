"""The command: what it does, and the one sentence with which it refuses."""

import sys

import pytest
from sqlalchemy import select

import ringback
from leads import APIToken, PracticePhone, Staff, TrackingNumber, clock, db
from tests.conftest import TUESDAY_TEN


def run(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit code and everything on the terminal of `ringback …`."""
    monkeypatch.setattr(sys, "argv", ["ringback", *arguments.split("|")])
    with pytest.raises(SystemExit) as ended:
        ringback.main()
    printed = capsys.readouterr()
    if isinstance(ended.value.code, str):
        return 1, ended.value.code
    return int(ended.value.code or 0), printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("migrate", ""),
        ("sign-in-link", "http://127.0.0.1:8000/sign-in/link?token="),
        ("staff|add|Anna@Clinic.example|--role|front_desk", "/sign-in/link?token="),
        ("numbers|add|(425) 555-0123|--label|Website", "425-555-0123 is a tracking number now."),
        ("numbers|list", "425-437-9974  front     Muscle spasms page"),
        ("phones|add|425.555.0151|--mobile", "425-555-0151 rings now when somebody calls."),
        ("clock|set|2026-12-24T08:30", "Thursday, December 24, 2026, 08:30"),
        ("clock|advance|1d2h30m", "Practice time is"),
        ("clock|reset", "Practice time is"),
    ],
)
def test_what_a_command_does_and_says(
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    said: str,
) -> None:
    assert database
    code, printed = run(arguments, monkeypatch, capsys)
    assert (code, said in printed) == (0, True), printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("staff|add|not an e-mail|--role|admin", "e-mail"),
        ("staff|add|a@b.example|--role|boss", "role"),
        ("staff|link|nobody@b.example", "Nobody with this e-mail"),
        ("token|create|x|--scope|everything", "scope"),
        ("numbers|add|425-437-9974|--label|Again", "is a tracking number already"),
        ("numbers|add|four two five|--label|Words", "is no phone number"),
        ("phones|add|425-555-0100", "rings already"),
        ("clock|set|tomorrow", "is no time"),
        ("clock|advance|soon", "is no length of time"),
        ("clock|advance|26", "is no length of time"),
        ("call", "The sandbox does not run"),
    ],
)
def test_a_refusal_is_one_sentence_and_changes_nothing(
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    said: str,
) -> None:
    assert database
    with db.transaction() as session:
        clock.set_to(session, TUESDAY_TEN)
    code, printed = run(arguments, monkeypatch, capsys)
    assert code == 1
    assert said in printed
    assert "Traceback" not in printed
    with db.transaction() as session:
        assert session.scalars(select(Staff.id)).all() == []
        assert session.scalars(select(APIToken.id)).all() == []
        assert len(session.scalars(select(TrackingNumber.id)).all()) == 1
        assert len(session.scalars(select(PracticePhone.id)).all()) == 1


def test_a_token_is_printed_alone(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    code, printed = run("token|create|reports|--scope|read", monkeypatch, capsys)
    assert code == 0
    assert len(printed.split()) == 1


def test_without_a_database_it_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: pytest.MonkeyPatch,
) -> None:
    from tests.conftest import forget_settings

    with environment.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        forget_settings()
        code, printed = run("numbers|list", monkeypatch, capsys)
    forget_settings()
    assert code == 1
    assert "make run" in printed
