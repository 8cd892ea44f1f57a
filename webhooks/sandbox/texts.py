"""Texts: those we send become `delivered` step by step, those of a phone become a webhook."""

import asyncio
from typing import Any
from urllib.parse import urljoin

from webhooks.sandbox import media, twiml
from webhooks.sandbox.exchange_parts import Parts
from webhooks.sandbox.numbers import geography, normal
from webhooks.sandbox.opt_out import OptOuts
from webhooks.sandbox.phones import Phones
from webhooks.sandbox.segments import segments
from webhooks.sandbox.sids import new_sid, stamp
from webhooks.sandbox.state import Document
from webhooks.sandbox.twiml import Refused
from webhooks.sandbox.webhook import Params, WebhookFailed

STEP_SECONDS = 0.08  # between two states of a text on its way
UNDER_WAY = {"accepted", "queued", "sending", "sent"}
MOST_REDIRECTS = 10
OPTED_OUT = 21610


class Texts:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._state = parts.state
        self.opt_outs = OptOuts(parts.state)
        self.phones = Phones(parts.state)

    # From us to a phone.

    def refusal(self, from_: str, to: str) -> int | None:
        """The error code with which this text is not even accepted, or None."""
        if self.opt_outs.stopped(from_, to):
            return OPTED_OUT
        return self.phones.refuse_code(to)

    def create(
        self, to: str, from_: str, body: str, callback: str, service: str | None, direction: str
    ) -> Document:
        """A text that has been accepted; its delivery goes on in the background."""
        message = self._new(to, from_, body, direction, "accepted" if service else "queued")
        # Decided here and kept, so that a restart does not count one text twice.
        fate = self.phones.next_error(to)
        message |= {"callback": callback, "service": service, "fails_with": fate}
        self._keep(message)
        # The answer to whoever sent it must not be told apart from what comes later.
        accepted = dict(message)
        self._parts.sender.work(message["sid"], self._deliver(message))
        return accepted

    def resume(self) -> None:
        for message in self._state.all("messages"):
            if message["direction"] != "inbound" and message["status"] in UNDER_WAY:
                self._parts.sender.work(message["sid"], self._deliver(message))

    async def _deliver(self, message: Document) -> None:
        steps = ["queued", "sending", "sent", "delivered"]
        code = message.get("fails_with")
        if code:
            steps[-1] = "undelivered"
        for status in (
            steps[steps.index(message["status"]) + 1 :] if (message["status"] in steps) else steps
        ):
            await asyncio.sleep(STEP_SECONDS)
            message["status"] = status
            message["updated_at"] = stamp()
            if status == "sent":
                message["sent_at"] = stamp()
            if status == "undelivered":
                message["error_code"] = code
            if status == "delivered":
                self._arrive(message["to"], message["from"], message["body"], message["sid"])
            self._keep(message)
            self._tell(message)

    def _tell(self, message: Document) -> None:
        if not message["callback"]:
            return
        params = {
            "AccountSid": self._parts.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message["from"],
            "To": message["to"],
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "MessageStatus": message["status"],
            "SmsStatus": message["status"],
        }
        if message["service"]:
            params["MessagingServiceSid"] = message["service"]
        if message["status"] in {"failed", "undelivered"}:
            params["ErrorCode"] = str(message["error_code"])
        if message["status"] in {"delivered", "undelivered"}:
            params["RawDlrDoneDate"] = stamp()[2:16].translate({45: None, 58: None, 84: None})
        self._parts.sender.tell(
            message["callback"], "POST", params, about=message["sid"],
            event=f"message {message['status']}",
        )  # fmt: skip

    def _arrive(self, phone: str, from_: str, body: str, sid: str | None) -> None:
        """Shown on the phone; replies of Twilio itself have no SID."""
        key = new_sid("TX")
        text = {"key": key, "phone": phone, "from": from_, "to": phone, "body": body,
                "at": stamp(), "sid": sid}  # fmt: skip
        self._state.put("texts", key, text)
        self._state.log(
            "text", direction="to phone", **{k: text[k] for k in ("from", "to", "body", "sid")}
        )

    # From a phone to us.

    def receive(self, from_: str, to: str, body: str, files: list[dict[str, str]]) -> Document:
        """A phone texts one of our numbers. Returns at once; the webhook follows."""
        number = self._parts.numbers.own(to)
        message = self._new(to, from_, body, "inbound", "received")
        served = [self._served(item, message["sid"]) for item in files]
        message |= {"callback": "", "service": None, "media": served, "sent_at": stamp()}
        self._keep(message)
        self._state.put("texts", message["sid"], {
            "key": message["sid"], "phone": from_, "from": from_, "to": to, "body": body,
            "at": stamp(), "sid": message["sid"],
        })  # fmt: skip
        self._state.log(
            "text", direction="from phone", **{"from": from_}, to=to, body=body, sid=message["sid"]
        )
        if reply := self.opt_outs.hear(to, from_, body):
            self._arrive(from_, to, reply, None)
        url = self._parts.numbers.setting(number, "sms_url")
        fallback = self._parts.numbers.setting(number, "sms_fallback_url")
        if url:
            self._parts.sender.work(message["sid"], self._ask(message, url, fallback))
        return message

    def _served(self, item: dict[str, str], message_sid: str) -> dict[str, str]:
        """A file that came with a text, with the address under which it can be had."""
        if item["url"]:
            return item
        kind = item["content_type"]
        sid = media.keep(self._state, message_sid, kind, item["data"])
        base, account = self._parts.settings.api_base, self._parts.account_sid
        return {"url": media.media_url(base, account, message_sid, sid), "content_type": kind}

    async def _ask(self, message: Document, url: str, fallback: str) -> None:
        params = self._received(message)
        for redirects in range(MOST_REDIRECTS + 1):
            try:
                answer = await self._parts.sender.ask(
                    url, "POST", params, about=message["sid"], event="text"
                )
                verbs = twiml.read(answer, "messaging")
            except (WebhookFailed, Refused) as error:
                self._state.log(
                    "application_error", sid=message["sid"], url=url, event="text",
                    error_code=error.code, error=str(error), fallback=bool(fallback),
                )  # fmt: skip
                if not fallback or redirects == MOST_REDIRECTS:
                    return
                params = params | {"ErrorCode": str(error.code), "ErrorUrl": url}
                url, fallback = fallback, ""
                continue
            onward = self._reply(message, verbs, url)
            if onward is None:
                return
            url = onward
        self._state.log(
            "application_error", sid=message["sid"], url=url, event="text", error_code=14102,
            error=f"More than {MOST_REDIRECTS} redirects for one text.", fallback=False,
        )  # fmt: skip

    def _reply(self, message: Document, verbs: list[twiml.Verb], url: str) -> str | None:
        """Sends what the document says; the address of a redirect, if it has one."""
        for verb in verbs:
            if verb.name == "Redirect":
                return urljoin(url, verb.text.strip())
            body = verb.text.strip() or " ".join(
                child.text.strip() for child in verb.children if child.name == "Body"
            )
            to = normal(verb.get("to")) or message["from"]
            from_ = normal(verb.get("from")) or message["to"]
            if refusal := self.refusal(from_, to):
                self._state.log("text_blocked", to=to, error_code=refusal, **{"from": from_})
                continue
            callback = (
                urljoin(url, verb.get("statusCallback")) if verb.get("statusCallback") else ""
            )
            self.create(to, from_, body, callback, None, "outbound-reply")
        return None

    def _received(self, message: Document) -> Params:
        params = {
            "AccountSid": self._parts.account_sid,
            "ApiVersion": "2010-04-01",
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "SmsMessageSid": message["sid"],
            "SmsStatus": "received",
            "From": message["from"],
            "To": message["to"],
            "Body": message["body"],
            "NumSegments": str(message["segments"]),
            "NumMedia": str(len(message["media"])),
            **geography("From", message["from"]),
            **geography("To", message["to"]),
        }
        for place, item in enumerate(message["media"]):
            params[f"MediaUrl{place}"] = item["url"]
            params[f"MediaContentType{place}"] = item["content_type"]
        return params

    def _new(self, to: str, from_: str, body: str, direction: str, status: str) -> dict[str, Any]:
        return {
            "sid": new_sid("SM"), "to": to, "from": from_, "body": body, "direction": direction,
            "status": status, "segments": segments(body), "media": [], "error_code": None,
            "created_at": stamp(), "updated_at": stamp(), "sent_at": None,
        }  # fmt: skip

    def _keep(self, message: Document) -> None:
        self._state.put("messages", message["sid"], message)
