"""What is posted to Twilio, field by field, and taken."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send


@dataclass
class Wire:
    """Takes every text and reports on none."""

    posted: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.posted.append(dict(parse_qsl(body.decode())))
        answer = b'{"sid": "SM%032d"}' % len(self.posted)
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": answer})
