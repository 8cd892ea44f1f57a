"""The day in counts, by mail, to those of the staff who want it."""

import structlog

from leads import clock, digest
from leads.db import transaction
from leads.digest import Counts, Day
from leads.practice import Practice
from leads.settings import settings
from workers import mail
from workers.mail import NotTold

log = structlog.get_logger()


def send() -> None:
    """Everybody's mail of the day that is due now; without SMTP_URL nothing, and no word."""
    if not settings().smtp_url.get_secret_value():
        return
    with transaction() as session:
        practice = Practice.get(session)
        day = digest.due(practice, clock.now(session))
        waiting = digest.readers(session, day) if day else []
        if day is None or not waiting:
            return
        subject, body = words(practice.name, day, digest.counts(session, day))
    for staff_id, email in waiting:
        _send(day, staff_id, email, subject, body)


def _send(day: Day, staff_id: int, email: str, subject: str, body: str) -> None:
    """To one person, so that nobody sees the others' addresses."""
    with transaction() as session:
        mine = digest.claim(session, day, staff_id)
    if not mine:
        return
    try:
        mail.send(subject, body, [email])
    except NotTold as error:
        log.warning("digest_not_sent", staff_id=staff_id, why=str(error), again=error.surely)
        if error.surely:
            with transaction() as session:
                digest.not_taken(session, day, staff_id)
        return
    with transaction() as session:
        digest.sent(session, day, staff_id)
    log.info("digest_sent", staff_id=staff_id)


def words(clinic: str, day: Day, told: Counts) -> tuple[str, str]:
    """Subject and body."""
    needs = f"{told.waiting or 'nobody'} {'needs' if told.waiting < 2 else 'need'} a call"
    subject = f"Ringback: {day.day:%A}, {needs}"
    missed = told.unanswered + told.voicemails
    lines = [
        f"{clinic or 'Your practice'}, {day.day:%A, %B} {day.day.day}",
        "",
        f"Still waiting for a call: {told.waiting}",
        "",
        f"Calls: {told.calls}",
        f"  answered: {told.answered}",
        f"  not answered: {missed}, {told.voicemails} of them with a voicemail",
        f"New leads: {told.new_leads}",
        f"Texts from callers: {told.texts_in}",
        f"Texts sent: {told.texts_out}, {told.texts_failed} of them not delivered",
        "",
        f"Who it was, and what to do: {settings().dashboard_url.rstrip('/')}/",
        "",
        f"You asked for this mail. To stop it: {settings().dashboard_url.rstrip('/')}/account",
        "",
    ]
    return subject, "\n".join(lines)
