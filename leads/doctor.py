"""What `ringback doctor` looks at in the database: the tables, our processes, and what waits."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from leads import alarm, clock, darkness, health, heartbeat, migrations, outage, reconciliation
from leads.db import database_time, transaction
from leads.first_admin import FIRST_ADMIN
from leads.heartbeat import Heartbeat
from leads.installation import Installation, WrongInstallation
from leads.phone_number import possible_e164
from leads.practice import Practice, PracticePhone
from leads.reconciliation import Reconciliation
from leads.settings import SettingsError, settings
from leads.staff import Staff
from leads.tracking_number import TrackingNumber
from leads.verdict import Check, Finding, Verdict

OLDEST_SERVER = 15
MOST_SKEW = timedelta(seconds=2)  # by which a lease or a window may be misjudged
NO_TRIGRAMS = Finding(
    "search",
    "failed",
    "This PostgreSQL lacks the extension pg_trgm, which the search needs: it cannot be migrated.",
    "Install its contrib package (postgresql-contrib), then `ringback migrate`.",
)
BACKUP_EVERY = timedelta(hours=26)  # a day, and two hours for a late one
BACKUP_LOST = timedelta(days=7)
RECONCILED = timedelta(minutes=15)  # three passes
RECONCILED_LATE = timedelta(hours=1)


def _asking(name: str, ask: Callable[[Session], Sequence[Finding]]) -> Check:
    """A check that asks the database; that it does not answer is told by the first one."""

    def look() -> Sequence[Finding]:
        try:
            with transaction() as session:
                return ask(session)
        except (SQLAlchemyError, SettingsError):
            told = "It cannot be told, because the database does not answer with our tables."
            return [Finding(name, "warning", told, "See the lines on database and migrations.")]

    return Check(name, look)


def _database() -> Sequence[Finding]:
    try:
        with transaction() as session:
            number, version, fsync, trigrams = session.execute(
                text(
                    "SELECT current_setting('server_version_num')::int, "
                    "current_setting('server_version'), current_setting('fsync'), "
                    "EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')"
                )
            ).one()
            before, there = datetime.now(UTC), database_time(session)
            skew = abs(there - before)
    except SettingsError as error:
        return [Finding("database", "failed", str(error), "Set DATABASE_URL, or `ringback up`.")]
    except SQLAlchemyError as error:
        told = f"It does not answer: {type(error).__name__}. Calls are kept in the spool meanwhile."
        cure = "Start it (`ringback up`, or your own server), or correct DATABASE_URL."
        return [Finding("database", "failed", told, cure)]
    return [
        _server(number // 10000, version.partition(" ")[0], fsync == "on"),
        *([] if trigrams else [NO_TRIGRAMS]),
        _skew(skew),
    ]


def _server(major: int, version: str, durable: bool) -> Finding:
    if major < OLDEST_SERVER:
        told = f"PostgreSQL {version} is older than this version was made for."
        return Finding("database", "failed", told, f"Use PostgreSQL {OLDEST_SERVER} or later.")
    if not durable:
        told = f"PostgreSQL {version} runs with fsync off and loses calls when the power goes."
        return Finding("database", "failed", told, "Set fsync = on and restart it.")
    return Finding("database", "ok", f"PostgreSQL {version} answers.")


def _skew(skew: timedelta) -> Finding:
    shown = f"The database's clock and this one are {skew.total_seconds():.1f} s apart."
    cure = "Switch time synchronisation on (timedatectl set-ntp true) on both machines."
    good = skew <= MOST_SKEW
    return Finding("clock, database", "ok" if good else "warning", shown, "" if good else cure)


def _migrations() -> Sequence[Finding]:
    try:
        at, head = migrations.heads()
    except (SQLAlchemyError, SettingsError):
        told = "They cannot be told, because the database does not answer."
        return [Finding("migrations", "warning", told, "See the line on database.")]
    if at == head:
        return [Finding("migrations", "ok", f"At {head}.")]
    if at is not None and at > head:
        told = f"The tables are at {at}, and this program is older: it knows {head}."
        return [Finding("migrations", "failed", told, "Install the version that made them.")]
    told = f"The tables are at {at or 'nothing'}, and this version wants {head}."
    return [Finding("migrations", "failed", told, "Run `ringback migrate`, then restart.")]


def _installation(session: Session) -> Sequence[Finding]:
    try:
        mode = Installation.current(session).mode
    except WrongInstallation as error:
        cure = "Use the folder or settings that belong together."
        return [Finding("installation", "failed", str(error), cure)]
    return [
        Finding("installation", "ok", f"A {mode} installation."),
        *_practice(session),
    ]


def _last_phone() -> Sequence[Finding]:
    """What a process rings that starts while the database is away, and that never knew more."""
    told = settings()
    cure = "Set FALLBACK_PHONE in .env to the clinic's desk phone, as +14255550100."
    if not told.fallback_phone:
        if told.mode == "trial":
            return []
        said = "FALLBACK_PHONE is not set: where nothing else is known, nobody's phone rings."
        return [Finding("fallback phone", "warning", said, cure)]
    if possible_e164(told.fallback_phone) is None:
        said = "FALLBACK_PHONE is no phone number, so it rings nobody."
        return [Finding("fallback phone", "failed", said, cure)]
    return [Finding("fallback phone", "ok", "It rings where nothing else is known.")]


def _practice(session: Session) -> Sequence[Finding]:
    practice = Practice.get(session)
    if not practice.name or not practice.phone:
        told = "The practice has no name or phone yet, so callers hear neither."
        return [Finding("practice", "failed", told, "Fill in Settings → Practice.")]
    numbers = session.scalars(
        select(TrackingNumber.mode).where(TrackingNumber.retired_at.is_(None))
    ).all()
    rings = len(PracticePhone.ringing(session))
    if not numbers:
        told = "There is no tracking number, so no caller is ours."
        return [Finding("practice", "failed", told, "Add one: `ringback numbers add`.")]
    if "front" in numbers and not rings:
        told = "No phone rings: every caller goes straight to voicemail."
        return [Finding("practice", "failed", told, "Add one: `ringback phones add`.")]
    told = f"{_counted(len(numbers), 'tracking number')}; {_counted(rings, 'phone')} to ring."
    return [Finding("practice", "ok", told)]


def _process(kind: str, cure: str) -> Callable[[Session], Sequence[Finding]]:
    def ask(session: Session) -> Sequence[Finding]:
        last = heartbeat.last(session, kind)
        if last is None:
            return [Finding(kind, "failed", "It has never been heard of.", cure)]
        age = database_time(session) - last
        if age > heartbeat.QUIET:
            return [Finding(kind, "failed", f"Last heard of {_ago(age)} ago.", cure)]
        return [Finding(kind, "ok", f"Heard of {_ago(age)} ago.")]

    return ask


def _spool(session: Session) -> Sequence[Finding]:
    rows = session.scalars(select(Heartbeat).where(heartbeat.spooling(session))).all()
    waiting = sum(row.spooled for row in rows)
    if not waiting:
        return [Finding("spool", "ok", "Nothing waits.")]
    told = f"{_counted(waiting, 'event')} wait in the spool, and automated texts with them."
    cure = "They are replayed by themselves in seconds; if not, run `ringback replay`."
    return [Finding("spool", "failed", told, cure)]


def _backup(session: Session) -> Sequence[Finding]:
    last = heartbeat.last(session, "backup")
    cure = "Run `ringback backup` every night: see docs/backup.md."
    live = settings().mode == "live"
    if last is None:
        verdict: Verdict = "failed" if live else "not applicable"
        return [Finding("backup", verdict, "There has been none.", cure if live else "")]
    age = database_time(session) - last
    told = f"The last one was made {_ago(age)} ago."
    if age <= BACKUP_EVERY:
        return [Finding("backup", "ok", told)]
    return [Finding("backup", "failed" if age > BACKUP_LOST else "warning", told, cure)]


def _reconciliation(session: Session) -> Sequence[Finding]:
    cure = "The worker does it every 5 minutes: is it running? Or run `ringback reconcile`."
    last = session.scalars(
        select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)
    ).one_or_none()
    if last is not None and last.error:
        return [Finding("reconciliation", "failed", last.error, cure)]
    until = reconciliation.watermark(session)
    if until is None:
        return [Finding("reconciliation", "warning", "There has been none.", cure)]
    age = database_time(session) - until
    told = f"Twilio's lists are known up to {_ago(age)} ago."
    if open_ones := outage.unreconciled(session):
        told += f" {_counted(len(open_ones), 'outage')} not passed yet: automated texts wait."
        return [Finding("reconciliation", "failed", told, cure)]
    if age <= RECONCILED:
        return [Finding("reconciliation", "ok", told)]
    return [Finding("reconciliation", "failed" if age > RECONCILED_LATE else "warning", told, cure)]


def _due(session: Session) -> Sequence[Finding]:
    age = health.due_age(session, clock.now(session))
    if age <= health.STALE:
        return [Finding("oldest due text", "ok", "None waits longer than it should.")]
    told = f"A text has been due for {_ago(age)}."
    cure = "See the lines on worker, spool and reconciliation, and the lead's timeline."
    return [Finding("oldest due text", "failed", told, cure)]


def _texting(session: Session) -> Sequence[Finding]:
    why = darkness.why(session)
    if why is None:
        return [Finding("automated texts", "ok", "None has to wait.")]
    cure = "They go by themselves once that is over: see the lines on spool and reconciliation."
    return [Finding("automated texts", "failed", why, cure)]


def _alarms(session: Session) -> Sequence[Finding]:
    found = alarm.open_alarms(session)
    if not found:
        return [Finding("alarms", "ok", "None is open.")]
    cure = "Mend it; the dashboard shows the same."
    return [
        Finding("alarms", "failed" if each.stops_sending else "warning", each.text, cure)
        for each in found
    ]


def _alerts(session: Session) -> Sequence[Finding]:
    told = settings()
    if told.mode == "trial":
        return [Finding("alerts", "not applicable", "A trial tells nobody but the dashboard.")]
    ways = (told.smtp_url, told.alert_webhook_url)
    if not any(address.get_secret_value() for address in ways):
        said = "An alarm is told to nobody: neither mail nor a webhook is set."
        cure = "Set SMTP_URL or ALERT_WEBHOOK_URL, and try it: `ringback alert test`."
        return [Finding("alerts", "failed", said, cure)]
    if told.smtp_url.get_secret_value() and not _can_be_mailed(session):
        said = "No admin can be mailed: the one of the first start has no address of their own."
        cure = "Add yourself: `ringback staff add you@… --role admin`."
        return [Finding("alerts", "failed", said, cure)]
    if not told.dead_mans_url.get_secret_value():
        said = "When this machine is off, nobody is told: DEAD_MANS_URL is not set."
        cure = "Make a check at healthchecks.io or an Uptime Kuma elsewhere, and set its address."
        return [Finding("alerts", "warning", said, cure)]
    return [Finding("alerts", "ok", "Alarms go out, and their absence is noticed.")]


def _can_be_mailed(session: Session) -> bool:
    admins = select(Staff.id).where(
        Staff.role == "admin", Staff.disabled_at.is_(None), Staff.email != FIRST_ADMIN
    )
    return session.scalars(admins.limit(1)).first() is not None


def _sender(session: Session) -> Sequence[Finding]:
    if Practice.get(session).sender_confirmed_at:
        return [Finding("sender", "ok", "An admin has confirmed the sender's registration.")]
    told = "Nobody has confirmed the sender's registration, so no text goes out."
    if settings().mode == "trial":
        return [Finding("sender", "not applicable", "Confirmed by nobody yet; this is a trial.")]
    cure = "Register (`ringback export registration`), then confirm it: Settings → Texting."
    return [Finding("sender", "warning", told, cure)]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _ago(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


RESTART = "Restart it: see its log, and the supervisor's (`ringback up`, systemd or compose)."
CHECKS = [
    Check("database", _database),
    Check("migrations", _migrations),
    _asking("installation", _installation),
    Check("fallback phone", _last_phone),
    _asking("webhooks", _process("webhooks", RESTART)),
    _asking("worker", _process("worker", RESTART)),
    _asking("beat", _process("beat", RESTART)),
    _asking("spool", _spool),
    _asking("reconciliation", _reconciliation),
    _asking("oldest due text", _due),
    _asking("automated texts", _texting),
    _asking("alarms", _alarms),
    _asking("alerts", _alerts),
    _asking("sender", _sender),
    _asking("backup", _backup),
]
