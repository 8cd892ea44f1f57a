"""The one place that talks to Twilio's REST interface, by Twilio's own library."""

import json
import os
import re
import time
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from leads.delivery_errors import NOT_CONNECTED, DeliveryError, error_of
from leads.outbox import Post
from leads.picture import GONE, TOO_LARGE
from leads.placing import Ringing
from leads.settings import settings
from leads.unknown import Listed

HOST = "https://api.twilio.com"
CONNECTIONS = 96  # kept open, and as many posts at once
# The other end may close an idle connection at the very moment at which we write to it, and a
# post that is lost like that has an unknown outcome.
IDLE_SECONDS = 2.5
LISTED = 50  # far more texts than one number gets while one is unknown
TIMEOUT_SECONDS = 10.0  # to connect, and again to read; well inside a message's lease


class Refusal(Exception):
    """Twilio did not take the text or call and did nothing. `error` says what that means."""

    def __init__(self, code: int | None, error: DeliveryError) -> None:
        super().__init__(f"refused with code {code}")
        self.code = code
        self.error = error


class OutcomeUnknown(Exception):
    """No answer, or one that does not say whether the text or call was taken."""


class MediaRefused(Exception):
    """A file that will never be had; the text is a sentence for staff."""


class RehostedClient(TwilioHttpClient):
    """Sends every request to `TWILIO_API_BASE`, with a timeout: the library has none.

    The environment's proxies and certificates are read once: for each request it would cost as
    much again as the request itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept_open = requests.Session()
        self.kept_open.proxies.update(get_environ_proxies(settings().twilio_api_base))
        self.kept_open.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.kept_open.trust_env = False
        for scheme in ("https://", "http://"):
            self.kept_open.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
        self.session = self.kept_open
        self.used_at = time.monotonic()

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if time.monotonic() - self.used_at > IDLE_SECONDS:
            self.kept_open.close()
        self.used_at = time.monotonic()
        kwargs["timeout"] = TIMEOUT_SECONDS
        return super().request(method, rehosted(url), *args, **kwargs)


def rehosted(url: str) -> str:
    """The same resource at `TWILIO_API_BASE`; unchanged where that is Twilio itself, whose
    other hosts (lookups, messaging) must stay what they are."""
    if settings().mode == "live":
        return url
    base, asked = urlsplit(settings().twilio_api_base), urlsplit(url)
    return urlunsplit((base.scheme, base.netloc, asked.path, asked.query, ""))


@lru_cache(maxsize=1)
def client() -> Client:
    """One per process; its session keeps the connection open."""
    told = settings()
    return Client(
        told.twilio_account_sid,
        told.twilio_auth_token.get_secret_value(),
        http_client=RehostedClient(),
    )


def send(post: Post) -> str:
    """Hand one text over and return its SID. Raises Refusal and OutcomeUnknown.

    Twilio has no idempotency parameter: after OutcomeUnknown, asking again may text twice.
    """
    service = settings().twilio_messaging_service_sid
    sender = {"messaging_service_sid": service} if service else {"from_": post.sender}
    return _created(
        lambda: client().messages.create(
            to=post.to,
            body=post.body,
            status_callback=status_callback(post.message_id, post.attempt),
            validity_period=post.validity_seconds,
            **sender,
        )
    )


def ring(ringing: Ringing) -> str:
    """Have one of the clinic's phones rung, for a call back by click, and return the CallSid.
    Raises as `send` does: after OutcomeUnknown, asking again may ring twice."""
    told = f"{settings().public_url.rstrip('/')}/webhooks/twilio/call-back"
    query = urlencode({"outbound": ringing.id})
    return _created(
        lambda: client().calls.create(
            to=ringing.to,
            from_=ringing.sender,
            url=f"{told}?{query}",
            status_callback=f"{told}/status?{query}",
            status_callback_event=["ringing", "answered", "completed"],
            timeout=ringing.seconds,
        )
    )


def _created(create: Callable[[], Any]) -> str:
    """The SID of what was created. Raises Refusal and OutcomeUnknown."""
    try:
        made = create()
    except (TwilioRestException, TwilioServiceException) as error:
        if error.status >= 500:
            raise OutcomeUnknown from error
        code = error.code if isinstance(error.code, int) else None
        raise Refusal(code, error_of(code, error.status)) from error
    except requests.ConnectionError as error:
        if never_connected(error):
            raise Refusal(None, NOT_CONNECTED) from error
        raise OutcomeUnknown from error
    except (requests.RequestException, TwilioException) as error:
        raise OutcomeUnknown from error
    if not made.sid:
        raise OutcomeUnknown
    return str(made.sid)


def never_connected(error: requests.ConnectionError) -> bool:
    """No name, no route, a closed port: nothing was posted. A connection that broke says no
    such thing, and requests raises the same class for both."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def texts_to(number: str) -> list[Listed]:
    """The last texts to a number as Twilio lists them. Raises OutcomeUnknown when it does not."""
    try:
        messages = client().messages.list(to=number, limit=LISTED)
    except (requests.RequestException, TwilioException) as error:
        raise OutcomeUnknown from error
    return [
        Listed(m.sid, m.body, m.date_created, str(m.status), m.error_code)
        for m in messages
        if m.date_created is not None
    ]


def get(path: str, told: Mapping[str, str]) -> tuple[int, Mapping[str, str], dict[str, Any] | None]:
    """One answer, whatever it is: status, headers, and its JSON if it has any. `path` is below
    our account, or a whole one as in `next_page_uri`.

    Raises requests.RequestException and TwilioException when there is no answer.
    """
    below = f"/2010-04-01/Accounts/{settings().twilio_account_sid}/"
    answer = client().request("GET", HOST + (path if path[:1] == "/" else below + path), told)
    try:
        body = json.loads(answer.text)
    except ValueError:
        body = None
    return answer.status_code, answer.headers or {}, body if isinstance(body, dict) else None


def line_type(number: str) -> str:
    """What sort of line a number is, by Twilio Lookup, which costs money: `landline`, `mobile`,
    … or `unknown`. Raises OutcomeUnknown when it cannot be had now."""
    try:
        found = client().lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")
    except (requests.RequestException, TwilioException) as error:
        raise OutcomeUnknown from error
    intelligence = found.line_type_intelligence or {}
    return str(intelligence.get("type") or "unknown")


def status_callback(message_id: int, attempt: uuid.UUID) -> str:
    """Where Twilio reports: it names our own row, in case we die before we know the SID."""
    query = urlencode({"message": message_id, "attempt": attempt})
    return f"{settings().public_url.rstrip('/')}/webhooks/twilio/sms/status?{query}"


def recording(url: str) -> tuple[bytes, str]:
    """The audio of a recording and its content type. Raises requests.RequestException."""
    told = settings()
    answer = requests.get(
        rehosted(url) + ".mp3",
        auth=(told.twilio_account_sid, told.twilio_auth_token.get_secret_value()),
        timeout=TIMEOUT_SECONDS,
    )
    answer.raise_for_status()
    return answer.content, answer.headers.get("Content-Type", "audio/mpeg")


def media_of(message_sid: str) -> list[str]:
    """Where the files are that came with a text. Raises MediaRefused, requests.RequestException
    and TwilioException."""
    status, _, body = get(f"Messages/{message_sid}/Media.json", {})
    if status == 404:
        raise MediaRefused(GONE)
    if status != 200 or body is None:
        raise requests.HTTPError(f"HTTP {status}")
    return [HOST + str(each["uri"]).removesuffix(".json") for each in body.get("media_list", [])]


def media(url: str, largest: int) -> tuple[bytes, str]:
    """A file that came with a text, and what Twilio says it is. Our credentials go to Twilio alone:
    it sends us on to where the file is, and there we go without them.

    Raises MediaRefused for what asking again does not change, and requests.RequestException.
    """
    told = settings()
    path = rf"/2010-04-01/Accounts/{told.twilio_account_sid}/Messages/\w+/Media/\w+"
    asked = urlsplit(url)
    is_twilios = f".{asked.hostname}".endswith(".twilio.com") and asked.scheme == "https"
    if not re.fullmatch(path, asked.path) or (told.mode == "live" and not is_twilios):
        raise MediaRefused("Its address is none of the telephone service's, so nobody asked there.")
    auth = (told.twilio_account_sid, told.twilio_auth_token.get_secret_value())
    answer = _ask_for_file(rehosted(url), auth)
    with answer:
        onward = answer.headers.get("Location") if answer.is_redirect else None
        if onward is None:
            return _file(answer, largest)
    onward = urljoin(url, onward)
    if urlsplit(onward).scheme != "https" and told.mode == "live":
        raise MediaRefused("The telephone service named an address without encryption for it.")
    with _ask_for_file(rehosted(onward), None) as answer:
        return _file(answer, largest)


def _ask_for_file(url: str, auth: tuple[str, str] | None) -> requests.Response:
    return requests.get(
        url,
        auth=auth,
        headers={"Accept-Encoding": "identity"},  # what is small here is small there
        allow_redirects=False,
        stream=True,
        timeout=TIMEOUT_SECONDS,
    )


def _file(answer: requests.Response, largest: int) -> tuple[bytes, str]:
    if answer.status_code in {404, 410}:
        raise MediaRefused(GONE)
    if answer.status_code != 200:
        raise requests.HTTPError(f"HTTP {answer.status_code}")
    data = b""
    for part in answer.iter_content(65536):
        data += part
        if len(data) > largest:
            raise MediaRefused(TOO_LARGE)
    return data, answer.headers.get("Content-Type", "")
