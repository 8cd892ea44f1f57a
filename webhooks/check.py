"""`ringback doctor` calls itself here as Twilio would: whether a signed request arrives unchanged.

Nothing is stored, no row is made, and nobody without our token learns anything.
"""

from typing import Annotated

from fastapi import APIRouter, Depends

from webhooks.signature import Verified, verified

router = APIRouter(prefix="/webhooks/twilio")


@router.post("/check")
async def check(request: Annotated[Verified, Depends(verified)]) -> dict[str, str]:
    """The nonce again: the answer comes from this installation and not from a cache."""
    return {"ringback": "verified", "nonce": request.form.text("Nonce")}
