"""What doctor says of the database and of what waits in it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from leads import PracticePhone, TrackingNumber, alarm, clock, db, heartbeat, outage
from leads.doctor import CHECKS, _server
from leads.first_admin import FIRST_ADMIN
from leads.installation import Installation
from leads.practice import Practice
from leads.reconciliation import Reconciliation
from leads.staff import add_staff
from leads.verdict import Finding
from tests.conftest import forget_settings

pytestmark = pytest.mark.usefixtures("database")


def looked() -> dict[str, Finding]:
    return {finding.check: finding for check in CHECKS for finding in check.look()}


def well(session: Session) -> None:
    """An installation in which everything lives and nothing waits."""
    real = db.database_time(session)
    for kind in ("webhooks", "worker", "beat", "backup"):
        heartbeat.beat(session, kind, f"{kind}:here:1")
    span = {"began_at": real, "since": real - timedelta(days=1)}
    session.add(Reconciliation(**span, finished_at=real, until=real, found={}))
    Practice.get(session).sender_confirmed_at = real


def test_nothing_is_wrong_where_everything_lives() -> None:
    with db.transaction() as session:
        well(session)
    found = looked()
    # The tests' own server is the quick one that loses calls when the power goes.
    assert "fsync off" in found.pop("database").text
    assert found.pop("alerts").verdict == "not applicable"  # a trial
    assert {check: f.verdict for check, f in found.items() if f.verdict != "ok"} == {}


def test_an_installation_that_was_never_started_is_told_what_to_start() -> None:
    found = looked()
    for process in ("webhooks", "worker", "beat"):
        assert found[process].verdict == "failed"
        assert found[process].cure
    assert found["backup"].verdict == "not applicable"  # a trial
    assert found["reconciliation"].verdict == "warning"


def aged(kind: str, age: str) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        session.execute(
            text("UPDATE heartbeat SET at = at - CAST(:age AS interval) WHERE kind = :kind"),
            {"age": age, "kind": kind},
        )

    return change


def spooled(session: Session) -> None:
    heartbeat.beat(session, "webhooks", "webhooks:here:1", spooled=3)


def unreconciled(session: Session) -> None:
    real = db.database_time(session)
    outage.happened(session, "The database was away.", real - timedelta(minutes=9), real)


def failed_pass(session: Session) -> None:
    real = db.database_time(session)
    told = "Twilio did not answer."
    session.add(Reconciliation(began_at=real, since=real, until=real, found={}, error=told))


def late_pass(session: Session) -> None:
    session.execute(text("UPDATE reconciliation SET until = until - interval '2 hours'"))


def alarmed(session: Session) -> None:
    real = db.database_time(session)
    alarm.raise_alarm(session, "auth", "Twilio refuses us.", real, real, stops_sending=True)


def nameless(session: Session) -> None:
    Practice.get(session).name = ""


def numberless(session: Session) -> None:
    number = TrackingNumber.find(session, "+14254379974")
    assert number
    number.retired_at = clock.now(session)


def phoneless(session: Session) -> None:
    for phone in PracticePhone.ringing(session):
        phone.retired_at = clock.now(session)


def of_another_account(session: Session) -> None:
    Installation.current(session).account_sid = "AC" + "9" * 32


@pytest.mark.parametrize(
    ("change", "check", "verdict", "said"),
    [
        (aged("worker", "40 seconds"), "worker", "failed", "40 s ago"),
        (aged("beat", "3 hours"), "beat", "failed", "3 h ago"),
        (aged("webhooks", "5 minutes"), "webhooks", "failed", "5 min ago"),
        (aged("backup", "30 hours"), "backup", "warning", "30 h ago"),
        (aged("backup", "9 days"), "backup", "failed", "9 days ago"),
        (spooled, "spool", "failed", "3 events wait"),
        (spooled, "automated texts", "failed", "a STOP may be among them"),
        (unreconciled, "reconciliation", "failed", "1 outage not passed yet"),
        (failed_pass, "reconciliation", "failed", "did not answer"),
        (late_pass, "reconciliation", "failed", "2 h ago"),
        (alarmed, "alarms", "failed", "Twilio refuses us."),
        (nameless, "practice", "failed", "no name"),
        (numberless, "practice", "failed", "no tracking number"),
        (phoneless, "practice", "failed", "No phone rings"),
        (of_another_account, "installation", "failed", "belongs to"),
    ],
)
def test_one_thing_that_is_wrong_is_named(
    change: Callable[[Session], None], check: str, verdict: str, said: str
) -> None:
    with db.transaction() as session:
        well(session)
    with db.transaction() as session:
        change(session)
    finding = looked()[check]
    assert (finding.verdict, said in finding.text) == (verdict, True), finding
    assert finding.cure


@pytest.mark.parametrize(
    ("major", "durable", "verdict"), [(18, True, "ok"), (14, True, "failed"), (18, False, "failed")]
)
def test_the_server_must_be_new_enough_and_durable(major: int, durable: bool, verdict: str) -> None:
    assert _server(major, f"{major}.1", durable).verdict == verdict


@pytest.mark.parametrize(("at", "said"), [("0001", "wants"), ("9999", "this program is older")])
def test_tables_of_another_version_are_said(at: str, said: str) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": at})
    finding = looked()["migrations"]
    assert (finding.verdict, said in finding.text) == ("failed", True), finding


def test_a_database_that_is_away_is_one_failure_and_hides_nothing(
    environment: pytest.MonkeyPatch,
) -> None:
    with environment.context() as patch:
        patch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
        forget_settings()
        found = looked()
    forget_settings()
    assert {check for check, f in found.items() if f.verdict == "failed"} == {"database"}
    others = {check for check in found if check not in {"database", "alerts"}}
    assert {found[check].verdict for check in others} == {"warning"}


def test_what_a_process_that_is_gone_has_left_in_its_spool_is_known_by_now() -> None:
    """A container's row stays for a week; the lists were gone through since."""
    with db.transaction() as session:
        well(session)
        spooled(session)
        session.execute(
            text("UPDATE heartbeat SET at = at - interval '2 minutes' WHERE spooled > 0")
        )
    assert looked()["spool"].verdict == "ok"


@pytest.mark.parametrize(
    ("phone", "verdict"), [("", "warning"), ("the front desk", "failed"), ("+14255550100", "ok")]
)
def test_the_phone_for_when_nothing_is_known_must_be_one(
    environment: pytest.MonkeyPatch, phone: str, verdict: str
) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        patch.setenv("FALLBACK_PHONE", phone)
        forget_settings()
        finding = looked()["fallback phone"]
    forget_settings()
    assert (finding.verdict, bool(finding.cure)) == (verdict, verdict != "ok")


def test_a_live_installation_without_a_backup_has_failed(environment: pytest.MonkeyPatch) -> None:
    with environment.context() as patch:
        patch.setenv("TWILIO_API_BASE", "https://api.twilio.com")
        forget_settings()
        found = looked()
    forget_settings()
    assert found["backup"].verdict == "failed"
    assert found["alerts"].verdict == "failed"
    assert found["sender"].verdict == "warning"


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"SMTP_URL": "smtp://mail.example.com"}, "warning"),
        ({"ALERT_WEBHOOK_URL": "https://hooks.example.com/x"}, "warning"),
        ({"SMTP_URL": "smtp://m.example.com", "DEAD_MANS_URL": "https://ping.example.com"}, "ok"),
        ({"DEAD_MANS_URL": "https://ping.example.com"}, "failed"),
    ],
)
def test_alarms_must_reach_somebody(
    environment: pytest.MonkeyPatch, told: dict[str, str], verdict: str
) -> None:
    with db.transaction() as session:
        add_staff(session, "anna@clinic.example", "admin")
    finding = alerts(environment, told)
    assert finding.verdict == verdict
    assert "example.com" not in finding.text + finding.cure


@pytest.mark.parametrize(
    ("email", "role", "verdict"),
    [
        (FIRST_ADMIN, "admin", "failed"),
        ("anna@clinic.example", "front_desk", "failed"),
        ("anna@clinic.example", "admin", "ok"),
    ],
)
def test_alarm_mail_needs_an_admin_with_an_address(
    environment: pytest.MonkeyPatch, email: str, role: str, verdict: str
) -> None:
    with db.transaction() as session:
        add_staff(session, email, role)
    told = {"SMTP_URL": "smtp://m.example.com", "DEAD_MANS_URL": "https://ping.example.com"}
    finding = alerts(environment, told)
    assert finding.verdict == verdict
    assert ("ringback staff add" in finding.cure) == (verdict == "failed")


def alerts(environment: pytest.MonkeyPatch, told: dict[str, str]) -> Finding:
    with environment.context() as patch:
        for name, value in {**told, "TWILIO_API_BASE": "https://api.twilio.com"}.items():
            patch.setenv(name, value)
        forget_settings()
        finding = looked()["alerts"]
    forget_settings()
    return finding
