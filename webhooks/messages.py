"""Texts: what people send us, and what became of what we sent."""

from sqlalchemy.orm import Session

from leads import conversation, delivery, late_text
from leads.listed import ListedText
from leads.picture import MOST, Sent
from webhooks import twiml
from webhooks.step import Happening, Step


def text(session: Session, it: Happening) -> str:
    """A text comes in. The answer is empty: whatever we say goes out as a message of its own."""
    form, now = it.request.form, it.now
    sid, body = form.text("MessageSid"), form.text("Body")
    sender, to = form.text("From"), form.text("To")
    media_count, opt_out_type = form.number("NumMedia") or 0, form.text("OptOutType")
    if it.heard is not None:  # others after it may have been done already
        kept = ListedText(
            sid,
            True,
            sender,
            to,
            body,
            media_count,
            "received",
            None,
            created_at=now,
            updated_at=now,
        )
        late_text.received(session, kept, opt_out_type, _media(it, media_count))
    else:
        conversation.text_received(
            session,
            sid=sid,
            from_raw=sender,
            to_raw=to,
            body=body,
            media_count=media_count,
            opt_out_type=opt_out_type,
            now=now,
            media=_media(it, media_count),
        )
    return twiml.EMPTY


def _media(it: Happening, count: int) -> list[Sent]:
    """Where the pictures of a text are, which are fetched later: nobody waits for them here."""
    form = it.request.form
    return [
        Sent(form.text(f"MediaUrl{place}"), form.text(f"MediaContentType{place}"))
        for place in range(min(count, MOST))
    ]


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
