"""What Twilio says about a call in its webhooks."""

import json
import math
from email.utils import format_datetime
from urllib.parse import quote

from webhooks.sandbox.line import FINAL, CallRecord
from webhooks.sandbox.numbers import geography
from webhooks.sandbox.sids import now
from webhooks.sandbox.webhook import Params

API_VERSION = "2010-04-01"
# What a carrier would have answered, by the call's final status.
SIP_CODES = {"completed": "200", "busy": "486", "failed": "404", "no-answer": "487"}


def of_call(record: CallRecord, account_sid: str, status: str | None = None) -> Params:
    params = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": record.sid,
        "CallStatus": status or record.status,
        "Direction": record.direction,
        "From": record.from_,
        "To": record.to,
        "Caller": record.from_,
        "Called": record.to,
    }
    for prefix, number in (
        ("From", record.from_),
        ("To", record.to),
        ("Caller", record.from_),
        ("Called", record.to),
    ):
        params |= geography(prefix, number)
    if record.parent_sid:
        params["ParentCallSid"] = record.parent_sid
    if record.forwarded_from:
        params |= {"ForwardedFrom": record.forwarded_from, "CalledVia": record.forwarded_from}
    if record.caller_name:
        params["CallerName"] = record.caller_name
    if record.direction == "inbound":
        params["StirVerstat"] = record.stir or "No-TN-Validation"
        info = {"parentCallSid": record.sid, "from": record.from_, "to": record.to}
        params["CallToken"] = quote(json.dumps({"parentCallInfo": info}))
    return params


def of_status(record: CallRecord, account_sid: str, status: str, sequence: int) -> Params:
    """A status callback; the last one of a call also says how long it was."""
    params = of_call(record, account_sid, status) | {
        "Timestamp": format_datetime(now()),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    if status in FINAL:
        seconds = record.duration or 0
        params |= {
            "CallDuration": str(seconds),
            "Duration": str(math.ceil(seconds / 60)),  # minutes
            "SipResponseCode": SIP_CODES.get(status, "487"),
        }
    return params
