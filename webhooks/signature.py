"""Is this request Twilio's, and for our account? If not: 403, and nothing is stored."""

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator, get_signature_algorithm

from leads.settings import settings

MOST_BYTES = 256 * 1024  # Twilio's own requests stay below 20 kB


class Form(ImmutableMultiDict[str, str]):
    """The parameters of one request. Those that are missing read as empty: Twilio leaves out
    and sends empty values alike."""

    def text(self, name: str) -> str:
        # PostgreSQL stores no NUL character.
        return self.get(name, "").replace("\0", "\N{REPLACEMENT CHARACTER}")

    def number(self, name: str) -> int | None:
        value = self.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


@dataclass(frozen=True)
class Verified:
    """A request that Twilio signed for our account. `body` is as it came."""

    form: Form
    query: Form
    raw_query: str
    body: str

    @classmethod
    def kept(cls, raw_query: str, body: str) -> "Verified":
        """One that was verified when it came. Raises ValueError for what never was one."""
        return cls(Form(_pairs(body)), Form(_pairs(raw_query)), raw_query, body)

    def parameter(self, name: str) -> str:
        """Of Twilio's, or of those in our own address; empty when there is none."""
        return self.form.text(name) or self.query.text(name)


async def verified(request: Request) -> Verified:
    """The request, once its signature and its AccountSid are right. Raises HTTPException 403."""
    body = await _body(request)
    raw_query = request.scope["query_string"].decode("latin-1")
    # The address that Twilio signed is the public one, whatever a proxy made of it.
    url = settings().public_url.rstrip("/") + request.scope["path"]
    url += f"?{raw_query}" if raw_query else ""
    try:
        text = body.decode()
        form = Form(_pairs(text))
        ours = _signed(request, url, form) and _same(
            form.get("AccountSid", ""), settings().twilio_account_sid
        )
    except ValueError:
        ours = False
    if not ours:
        raise HTTPException(403, "The signature does not match this address and account.")
    return Verified(form, Form(_pairs(raw_query)), raw_query, text.replace("\0", "\\0"))


async def _body(request: Request) -> bytes:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MOST_BYTES:
            raise HTTPException(403, "The request is larger than any of Twilio's.")
    return bytes(chunks)


def _pairs(text: str) -> list[tuple[str, str]]:
    # Without its blank values a request's signature does not match.
    return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=1000)


def _signed(request: Request, url: str, form: Form) -> bool:
    signature = request.headers.get("X-Twilio-Signature", "")
    algorithm = get_signature_algorithm(request.headers.get("X-Twilio-Webhooks-Signature-Settings"))
    # The library takes a multi-dict as well as a dict, but says so nowhere.
    parameters: Any = form
    return bool(signature) and any(
        RequestValidator(token).validate(url, parameters, signature, algorithm)
        for secret in (settings().twilio_auth_token, settings().twilio_auth_token_secondary)
        if (token := secret.get_secret_value())  # an empty secret closes the door
    )


def _same(given: str, ours: str) -> bool:
    return bool(ours) and hmac.compare_digest(given.encode(), ours.encode())
