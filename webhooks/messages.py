"""Texts: what people send us, and what became of what we sent."""

from sqlalchemy.orm import Session

from leads import conversation, delivery
from webhooks import twiml
from webhooks.step import Happening, Step


def text(session: Session, it: Happening) -> str:
    """A text comes in. The answer is empty: whatever we say goes out as a message of its own."""
    form = it.request.form
    conversation.text_received(
        session,
        sid=form.text("MessageSid"),
        from_raw=form.text("From"),
        to_raw=form.text("To"),
        body=form.text("Body"),
        media_count=form.number("NumMedia") or 0,
        opt_out_type=form.text("OptOutType"),
        now=it.now,
        late=it.heard is not None,
    )
    return twiml.EMPTY


def status(session: Session, it: Happening) -> str:
    form = it.request.form
    delivery.status_changed(
        session,
        it.request.query.number("message") or 0,
        form.text("MessageSid"),
        form.text("MessageStatus"),
        form.number("ErrorCode"),
        it.now,
    )
    return twiml.EMPTY


STEPS = (
    Step("sms", "sms", text, "MessageSid", caller_waits=False),
    Step(
        "sms/status",
        "sms-status",
        status,
        "MessageSid",
        "MessageStatus",
        "message",
        caller_waits=False,
    ),
)
