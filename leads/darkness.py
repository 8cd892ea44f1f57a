"""Why automated texts wait: something from Twilio may not have reached us, and it may be a STOP."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from leads import clock
from leads.heartbeat import FRESH, Heartbeat
from leads.message import Message
from leads.outage import Outage
from leads.reconciliation import watermark
from leads.webhook_event import WebhookEvent

# Twilio reports on a text within seconds. Ten minutes without a word on three of them is no chance.
SILENCE = timedelta(minutes=10)
TEXTS_IN_SILENCE = 3
LOST = timedelta(hours=1)  # a host that is gone for longer does not come back with a spool
UNREAD_FOR = timedelta(days=1)  # admins are told after ten minutes
MALFORMED = "Malformed"  # the error of a request that says not even what it is about


def why(session: Session) -> str | None:
    """A sentence that says why automated texts wait now; None when they may go.

    1. An outage after which Twilio's own lists have not been gone through yet.
    2. A text that came and could not be acted on. It is tried again, and reconciliation may add it.
    3. A spool that is not empty, on any host, as its last sign of life said.
    4. A process that has fallen silent may be cut off from the database alone, and its spool fill.
       It counts for an hour, and until reconciliation has passed its last sign.
    5. No process that hears Twilio gives signs, although Twilio has been heard before.
    6. Twilio took texts and has not sent us one request since. The next one ends this.

    The sender asks at every round: two queries on indexes, and a third when one has been silent.
    """
    outage, unread, last_request, real = session.execute(
        select(
            select(Outage.cause)
            .where(Outage.reconciled_at.is_(None))
            .order_by(Outage.began_at)
            .limit(1)
            .scalar_subquery(),
            _unread(),
            select(WebhookEvent.received_at)
            .where(WebhookEvent.source == "twilio")
            .order_by(WebhookEvent.received_at.desc())
            .limit(1)
            .scalar_subquery(),
            func.clock_timestamp(),
        )
    ).one()
    if outage is not None:
        return (
            "Automated texts wait until Twilio's own lists have been gone through, because a STOP "
            f"may have been lost. {outage}"
        )
    if unread:
        return (
            "Automated texts wait, because somebody's text could not be acted on and may be a no. "
            "It is tried again; an admin finds it under Settings, Received."
        )
    faces = list(session.scalars(select(Heartbeat).where(Heartbeat.kind == "webhooks")))
    if any(face.spooled and face.at >= real - FRESH for face in faces):
        return (
            "Automated texts wait, because events that Twilio sent are not written down yet and a "
            "STOP may be among them."
        )
    if not faces and last_request is None:
        return None  # nobody has ever rung or texted
    lost = [face for face in faces if face.at < real - FRESH]
    if len(lost) == len(faces) or not _passed(session, lost, real):
        return (
            "Automated texts wait, because a process that hears Twilio gives no sign of life and "
            "a STOP may not have reached us."
        )
    if _silent(session, last_request, real):
        return (
            "Automated texts wait, because Twilio has sent us nothing since it took the last texts "
            "and a STOP would not reach us. The next call, text or report ends this; "
            "`ringback doctor` says what is wrong."
        )
    return None


def _unread() -> ColumnElement[bool]:
    """Texts of the last day whose effect is owed, and which reconciliation has not added either."""
    return exists().where(
        WebhookEvent.error.is_not(None),
        WebhookEvent.error != MALFORMED,
        WebhookEvent.event == "sms",
        WebhookEvent.received_at > func.clock_timestamp() - UNREAD_FOR,
        ~exists().where(Message.sid == WebhookEvent.sid),
    )


def _passed(session: Session, lost: list[Heartbeat], real: datetime) -> bool:
    """Whether these processes are surely gone, and all that they may have kept is known."""
    if not lost:
        return True
    mark = watermark(session)
    return mark is not None and all(face.at < min(real - LOST, mark) for face in lost)


def _silent(session: Session, last_request: datetime | None, real: datetime) -> bool:
    """Whether texts were taken after Twilio's last request, long enough ago.

    When they were taken is practice time, which a trial moves: for a moment it may then seem so.
    """
    if last_request is not None and last_request >= real - SILENCE:
        return False
    now = clock.now(session)
    taken = session.scalars(
        # By the primary key, backwards: the last texts that left are at its end.
        select(Message.sent_at)
        .where(Message.direction == "outbound", Message.sent_at <= now - SILENCE)
        .order_by(Message.id.desc())
        .limit(TEXTS_IN_SILENCE)
    ).all()
    since = now - (real - last_request) if last_request is not None else None
    after = [at for at in taken if since is None or (at is not None and at > since)]
    return len(after) >= TEXTS_IN_SILENCE
