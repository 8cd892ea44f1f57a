"""Texts: what people send us, and what became of what we sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import Session

from leads import clock, conversation, delivery
from webhooks import twiml
from webhooks.delivery import answer
from webhooks.signature import Verified, verified

router = APIRouter(prefix="/webhooks/twilio/sms")
Request = Annotated[Verified, Depends(verified)]


@router.post("")
async def text(request: Request) -> Response:
    """A text comes in. The answer is empty: whatever we say goes out as a message of its own."""
    form = request.form

    def effect(session: Session) -> str:
        conversation.text_received(
            session,
            sid=form.text("MessageSid"),
            from_raw=form.text("From"),
            to_raw=form.text("To"),
            body=form.text("Body"),
            media_count=form.number("NumMedia") or 0,
            opt_out_type=form.text("OptOutType"),
            now=clock.now(session),
        )
        return twiml.EMPTY

    return await answer(
        request,
        sid=form.text("MessageSid"),
        event="sms",
        effect=effect,
        otherwise=twiml.EMPTY,
    )


@router.post("/status")
async def status(request: Request) -> Response:
    form = request.form

    def effect(session: Session) -> str:
        delivery.status_changed(
            session,
            request.query.number("message") or 0,
            form.text("MessageSid"),
            form.text("MessageStatus"),
            form.number("ErrorCode"),
            clock.now(session),
        )
        return twiml.EMPTY

    return await answer(
        request,
        sid=form.text("MessageSid"),
        event="sms-status",
        status=form.text("MessageStatus"),
        sequence=request.query.text("message"),
        effect=effect,
        otherwise=twiml.EMPTY,
    )
