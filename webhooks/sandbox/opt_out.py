"""The words that Twilio answers by itself, and whom it no longer lets us text.

The reply reaches the phone but is no message resource, and the webhook fires all the same.
"""

from webhooks.sandbox.sids import stamp
from webhooks.sandbox.state import State

STOP = {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
START = {"START", "YES", "UNSTOP"}
HELP = {"HELP", "INFO"}
TOLL_FREE = {"800", "833", "844", "855", "866", "877", "888"}

STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


class OptOuts:
    """Who has stopped which of our numbers."""

    def __init__(self, state: State) -> None:
        self._state = state

    def stopped(self, ours: str, phone: str) -> bool:
        return self._state.get("opt_outs", f"{ours}|{phone}") is not None

    def hear(self, ours: str, phone: str, body: str) -> str | None:
        """What Twilio replies by itself to this text, if anything. Single words only."""
        word = body.strip().upper()
        stopped = self.stopped(ours, phone)
        toll_free = ours.startswith("+1") and ours[2:5] in TOLL_FREE
        key = f"{ours}|{phone}"
        if word in ({"STOP"} if toll_free else STOP):
            self._state.put("opt_outs", key, {"ours": ours, "phone": phone, "at": stamp()})
            return None if stopped else STOPPED
        if word in ({"START", "UNSTOP"} if toll_free else START):
            self._state.remove("opt_outs", key)
            return STARTED if stopped else None
        return HELPED if word in HELP else None
