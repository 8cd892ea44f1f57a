"""A Twilio for webhook tests: bodies as it sends them, signed with its own library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from httpx import Client, Response
from twilio.request_validator import RequestValidator

from tests.conftest import ACCOUNT_SID, AUTH_TOKEN

PUBLIC_URL = "https://calls.example.com"
MARIA = "+12065550142"
NEW_YORKER = "+12125550147"
SUPPLIER = "+13605550155"
CLINIC = "+14254379974"
DESK_PHONE = "+14255550100"


@dataclass
class Twilio:
    client: Client
    token: str = AUTH_TOKEN
    account_sid: str = ACCOUNT_SID
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def post(self, path: str, form: Mapping[str, Any], *, base: bool = True) -> Response:
        """Send a signed webhook to a path below /webhooks/twilio/."""
        fields = {**({"AccountSid": self.account_sid} if base else {}), **form}
        body = urlencode(fields).encode()
        self.sent.append((path, body))
        return self.post_raw(path, body, self.signature(path, fields))

    def signature(self, path: str, fields: Mapping[str, Any]) -> str:
        url = f"{PUBLIC_URL}/webhooks/twilio/{path}"
        return str(RequestValidator(self.token).compute_signature(url, fields))

    def post_raw(self, path: str, body: bytes, signature: str | None) -> Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if signature is not None:
            headers["X-Twilio-Signature"] = signature
        return self.client.post(f"/webhooks/twilio/{path}", content=body, headers=headers)


def call_fields(
    sid: str = "CA1", caller: str = MARIA, to: str = CLINIC, **more: str
) -> dict[str, str]:
    """What Twilio says of a caller's leg."""
    return {
        "CallSid": sid,
        "From": caller,
        "To": to,
        "Caller": caller,
        "Called": to,
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "FromCity": "",
        "FromState": "WA",
        "StirVerstat": "TN-Validation-Passed-A",
        **more,
    }


def leg_fields(sid: str, parent: str, to: str, status: str, **more: str) -> dict[str, str]:
    """What Twilio says of a phone that it rings for a call."""
    return {
        "CallSid": sid,
        "ParentCallSid": parent,
        "From": MARIA,
        "To": to,
        "CallStatus": status,
        "Direction": "outbound-dial",
        **more,
    }
