"""Every address below /webhooks/twilio/ at which Twilio calls us, and what is done there."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from webhooks import call_back, messages, recordings, voice
from webhooks.delivery import answer
from webhooks.signature import Verified, verified
from webhooks.step import Step

STEPS = (*voice.STEPS, *call_back.STEPS, *recordings.STEPS, *messages.STEPS)
BY_PATH = {step.path: step for step in STEPS}
BY_EVENT = {step.event: step for step in STEPS}

router = APIRouter(prefix="/webhooks/twilio")


def _serve(step: Step) -> None:
    @router.post(f"/{step.path}", name=step.event)
    async def handle(asked: Request, request: Annotated[Verified, Depends(verified)]) -> Response:
        return await answer(asked.app.state.reception, step, request)


for _step in STEPS:
    _serve(_step)
