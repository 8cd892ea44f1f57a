"""The command: what it does, and the one sentence with which it refuses."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import select

import ringback
from leads import (
    APIToken,
    Audit,
    PracticePhone,
    Staff,
    StaffSession,
    TrackingNumber,
    clock,
    db,
    sign_in,
)
from leads.first_admin import FIRST_ADMIN
from leads.staff import add_staff
from tests.conftest import TUESDAY_TEN, forget_settings

SERVERS = ("DATABASE_URL", "REDIS_URL")


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
        (
            "phones|add|425.555.0151|--mobile|--label|Doctor",
            "425-555-0151 rings now when somebody calls.",
        ),
        ("phones|list", "425-555-0100  desk     20 s  "),
        ("clock|set|2026-12-24T08:30", "Thursday, December 24, 2026, 08:30"),
        ("clock|advance|1d2h30m", "Practice time is"),
        ("clock|advance|1h 30m", "Practice time is"),
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
        ("staff|email|nobody@b.example|a@b.example", "Nobody with this e-mail"),
        ("token|create|x|--scope|everything", "scope"),
        ("numbers|add|425-437-9974|--label|Again", "is a tracking number already"),
        ("numbers|add|four two five|--label|Words", "is no phone number"),
        ("numbers|add|425-555-0100|--label|Loop", "cannot be a tracking number too"),
        ("numbers|add|900-555-0100|--label|Dear", "charges whoever calls it"),
        ("numbers|add|425-555-0123|--label| ", "at most 100 characters"),
        (f"numbers|add|425-555-0123|--label|{'x' * 400}", "at most 100 characters"),
        (f"numbers|add|425-555-0123|--label|x|--source|{'x' * 400}", "at most 100 characters"),
        ("phones|add|425-555-0100|--label|Again", "rings already"),
        ("phones|add|425-437-9974|--label|Loop", "would go in a circle"),
        ("phones|add|900-555-0100|--label|Dear", "charges whoever calls it"),
        ("phones|add|425-555-0123|--label| ", "at most 100 characters"),
        (f"phones|add|425-555-0123|--label|{'x' * 400}", "at most 100 characters"),
        (f"token|create|{'x' * 400}|--scope|read", "at most 100 characters"),
        ("token|create| |--scope|read", "at most 100 characters"),
        ("staff|disable|nobody@b.example", "Nobody with this e-mail"),
        ("clock|set|tomorrow", "is no time"),
        ("clock|set|9999-12-31T23:59", "between the years 2000 and 2100"),
        ("clock|set|0001-01-01", "between the years 2000 and 2100"),
        ("clock|set|0001-01-01T00:00+14:00", "between the years 2000 and 2100"),
        ("clock|advance|99999999999d", "between the years 2000 and 2100"),
        (f"clock|advance|{'9' * 400}d", "between the years 2000 and 2100"),
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
    assert len(printed.strip().splitlines()) == 1
    with db.transaction() as session:
        assert session.scalars(select(Staff.id)).all() == []
        assert session.scalars(select(APIToken.id)).all() == []
        assert len(session.scalars(select(TrackingNumber.id)).all()) == 1
        assert len(session.scalars(select(PracticePhone.id)).all()) == 1


def test_a_phone_needs_a_label(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    code, printed = run("phones|add|425-555-0151", monkeypatch, capsys)
    assert (code, "--label" in printed) == (2, True), printed


def test_a_retired_number_or_phone_that_is_added_again_is_taken_back(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    with db.transaction() as session:
        session.scalars(select(TrackingNumber)).one().retired_at = clock.now(session)
        session.scalars(select(PracticePhone)).one().retired_at = clock.now(session)
    assert run("numbers|add|425-437-9974|--label|Ads", monkeypatch, capsys)[0] == 0
    assert run("phones|add|425-555-0100|--label|Desk", monkeypatch, capsys)[0] == 0
    with db.transaction() as session:
        assert session.scalars(select(TrackingNumber)).one().retired_at is None
        assert session.scalars(select(PracticePhone)).one().retired_at is None


def test_who_is_disabled_is_signed_out_and_listed_as_such(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert database
    with db.transaction() as session:
        add_staff(session, "ada@clinic.example", "admin")
        ben = add_staff(session, "ben@clinic.example", "admin", name="Ben")
        token = sign_in.open_session(session, ben.id, "127.0.0.1", "link")
    code, printed = run("staff|disable|Ben@clinic.example", monkeypatch, capsys)
    assert code == 0, printed
    with db.transaction() as session:
        assert session.get_one(Staff, ben.id).disabled_at is not None
        assert sign_in.find(session, token, active=False) is None
        assert session.scalars(select(StaffSession)).one().revoked_at is not None
        audited = session.scalars(select(Audit).where(Audit.action == "staff_disabled")).one()
        assert audited.facts == {"disabled": ben.id}
    _, printed = run("staff|list", monkeypatch, capsys)
    assert printed.splitlines() == [
        "ada@clinic.example  admin",
        "ben@clinic.example  admin  Ben  (disabled)",
    ]
    code, printed = run("staff|disable|ada@clinic.example", monkeypatch, capsys)
    assert (code, "is the last admin" in printed) == (1, True), printed
    with db.transaction() as session:
        assert session.scalars(select(Staff).where(Staff.disabled_at.is_(None))).one()


def test_who_is_given_another_address_keeps_everything_else(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The admin of the first start has none that mail reaches."""
    assert database
    run("sign-in-link", monkeypatch, capsys)
    with db.transaction() as session:
        ben = add_staff(session, "ben@clinic.example", "admin", "four unrelated words here")
        first = session.scalars(select(Staff).where(Staff.email == FIRST_ADMIN)).one()
    code, printed = run(f"staff|email|{FIRST_ADMIN}|Ada@Clinic.example", monkeypatch, capsys)
    assert (code, "ada@clinic.example" in printed) == (0, True), printed
    for wrong, said in (("no address", "not an e-mail"), ("ada@clinic.example", "already")):
        code, printed = run(f"staff|email|ben@clinic.example|{wrong}", monkeypatch, capsys)
        assert (code, said in printed) == (1, True), printed
    with db.transaction() as session:
        assert session.get_one(Staff, first.id).email == "ada@clinic.example"
        assert session.get_one(Staff, ben.id).email == "ben@clinic.example"
        audited = session.scalars(select(Audit).where(Audit.action == "staff_email")).one()
        assert audited.facts == {"changed": first.id}


def test_a_call_before_the_first_start_says_how_to_start(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with environment.context() as patch:
        patch.chdir(tmp_path)
        patch.setenv("RINGBACK_HOME", str(tmp_path / "home"))
        for name in (*SERVERS, "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_BASE"):
            patch.delenv(name)
        forget_settings()
        code, printed = run("call", monkeypatch, capsys)
    forget_settings()
    assert code == 1
    assert printed == "Ringback does not run here yet. Start everything with `make run`."


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
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        forget_settings()
        code, printed = run("numbers|list", monkeypatch, capsys)
    forget_settings()
    assert code == 1
    assert "make run" in printed
