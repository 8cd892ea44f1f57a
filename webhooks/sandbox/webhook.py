"""Sends webhooks: signed, within Twilio's time limits, with every answer in the log.

1. A question (`ask`) waits for its answer: TwiML decides what the call does next.
2. A notice (`tell`) goes out behind the call's back; the notices of one call keep their order
   unless a fault says otherwise.
3. A failed connection is tried once more; a slow answer and a 5xx are not, as with Twilio.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from webhooks.sandbox.faults import Faults
from webhooks.sandbox.settings import Settings
from webhooks.sandbox.state import State

Params = dict[str, str]
BODY_LIMIT = 64 * 1024  # bytes of TwiML that Twilio reads
KEPT_BODY = 4000  # characters of an answer that the log keeps
OVERTAKEN_WITHIN = 2.0  # seconds that a reordered notice waits for the next one


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes  # at most one byte more than BODY_LIMIT

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class WebhookFailed(Exception):
    """No usable answer; `code` is Twilio's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Sender:
    def __init__(self, settings: Settings, state: State, faults: Faults) -> None:
        self._settings = settings
        self._state = state
        self._faults = faults
        self._validator = RequestValidator(settings.auth_token)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, asyncio.Task[None]] = {}  # the newest notice of each call or text
        self._overtaking = asyncio.Event()
        self.pending: Counter[str] = Counter()  # work still to come, by call or text

    async def ask(self, url: str, method: str, params: Params, *, about: str, event: str) -> Answer:
        """Raises WebhookFailed for no answer in time and for every status but 2xx."""
        if fault := self._faults.take("delay", url, method):
            await asyncio.sleep(fault.seconds)
        answer = await self._copies(url, method, params, about, event)
        if not 200 <= answer.status < 300:
            raise WebhookFailed(11200, f"The webhook {event} answered with status {answer.status}.")
        return answer

    def tell(self, url: str, method: str, params: Params, *, about: str, event: str) -> None:
        if self._faults.take("status_lost", url, method):
            self._state.log("webhook_lost", event=event, sid=about, url=url, params=params)
            return
        reordered = self._faults.take("reorder", url, method)
        before = self._last.get(about)
        task = self.work(about, self._notice(url, method, params, about, event, before, reordered))
        if not reordered:
            self._last[about] = task

    def work(self, about: str, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs `job` in the background; `about` is not settled before it is done."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        self.pending[about] += 1  # at once, so that there is no gap between one job and the next

        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self.pending[about] -= 1
            if not self.pending[about]:
                del self.pending[about]
                self._last.pop(about, None)

        task.add_done_callback(done)
        return task

    async def _notice(
        self,
        url: str,
        method: str,
        params: Params,
        about: str,
        event: str,
        before: asyncio.Task[None] | None,
        reordered: object,
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        if fault := self._faults.take("delay", url, method):
            await asyncio.sleep(fault.seconds)
        if reordered:
            self._overtaking.clear()
            with suppress(TimeoutError):  # nothing came after it: order cannot be changed
                await asyncio.wait_for(self._overtaking.wait(), OVERTAKEN_WITHIN)
        with suppress(WebhookFailed):  # the log has it, and nobody waits for the answer
            await self._copies(url, method, params, about, event)
        if not reordered:
            self._overtaking.set()

    async def _copies(
        self, url: str, method: str, params: Params, about: str, event: str
    ) -> Answer:
        fault = self._faults.take("duplicate", url, method)
        token = str(uuid.uuid4())
        sends = [
            self._send(url, method, params, about, event, token, copy)
            for copy in range(fault.copies if fault else 1)
        ]
        results = await asyncio.gather(*sends, return_exceptions=True)
        for result in results:
            if isinstance(result, Answer):
                return result
        assert isinstance(results[0], BaseException)  # noqa: S101 - tells mypy what gather gives
        raise results[0]

    async def _send(
        self, url: str, method: str, params: Params, about: str, event: str, token: str, copy: int
    ) -> Answer:
        started = time.monotonic()
        facts: dict[str, Any] = {
            "event": event,
            "sid": about,
            "method": method,
            "url": url,
            "params": params,
        }
        if copy:
            facts["copy"] = copy
        for attempt in (1, 2):
            try:
                answer = await self._request(url, method, params, token)
            except aiohttp.ClientConnectorError as error:
                failure = WebhookFailed(11205, f"No connection for the webhook {event}: {error}.")
                again = attempt == 1
            except TimeoutError as error:
                connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
                limit = self._settings.connect_seconds if connecting else None
                limit = limit or self._settings.total_seconds
                failure = WebhookFailed(11200, f"No answer to the webhook {event} in {limit:g} s.")
                again = connecting and attempt == 1
            except aiohttp.ClientError as error:
                failure = WebhookFailed(11200, f"The webhook {event} broke off: {error!r}.")
                again = False
            else:
                self._log(started, facts, attempt, answer, None)
                return answer
            self._log(started, facts, attempt, None, failure)
            if not again:
                break
        raise failure

    async def _request(self, url: str, method: str, params: Params, token: str) -> Answer:
        if method == "GET":
            url = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}"
            params = {}
        headers = {
            "X-Twilio-Signature": self._validator.compute_signature(url, params),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Host": urlsplit(url).netloc.rpartition("@")[2],
        }
        address = url
        if url.startswith(self._settings.public_url):
            address = self._settings.target + url.removeprefix(self._settings.public_url)
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        async with self._client().request(
            method,
            URL(address, encoded=True),
            data=urlencode(params).encode() if method == "POST" else None,
            headers=headers,
            allow_redirects=False,
        ) as response:
            body = await response.content.read(BODY_LIMIT + 1)
            while len(body) <= BODY_LIMIT and not response.content.at_eof():
                body += await response.content.read(BODY_LIMIT + 1 - len(body))
            return Answer(response.status, response.headers.get("Content-Type", ""), body)

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # A fresh connection each time: a kept one that the other side has just closed
                # would look like a failed webhook.
                connector=aiohttp.TCPConnector(force_close=True, limit=0),
                timeout=aiohttp.ClientTimeout(
                    total=self._settings.total_seconds, sock_connect=self._settings.connect_seconds
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _log(
        self,
        started: float,
        facts: dict[str, Any],
        attempt: int,
        answer: Answer | None,
        failure: WebhookFailed | None,
    ) -> None:
        outcome: dict[str, Any] = {"duration_ms": round((time.monotonic() - started) * 1000, 1)}
        if answer is not None:
            outcome |= {
                "status": answer.status,
                "content_type": answer.content_type,
                "response": answer.text[:KEPT_BODY],
            }
        if failure is not None:
            outcome |= {"status": None, "error": str(failure), "error_code": failure.code}
        self._state.log("webhook", **facts, attempt=attempt, **outcome)

    async def stop(self) -> None:
        """Drops what was still on its way, as a power cut would."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
