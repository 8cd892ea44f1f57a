"""Our codes as the front desk reads them. Each state has a word; its tone only adds a colour."""

from collections.abc import Mapping
from typing import NamedTuple

from leads.blocking import REASONS as BLOCK_REASONS
from leads.dashboard.pages.times import seconds_in_words as seconds
from leads.delivery_errors import in_words
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.phone_number import is_withheld, pretty
from leads.plan import KINDS
from leads.reminder import Reminder

__all__ = ["BLOCK_REASONS", "STAGES", "seconds"]

STAGES = {
    "new": "New",
    "contacted": "Contacted",
    "booked": "Booked",
    "won": "Won",
    "lost": "Lost",
    "not_a_lead": "Not a lead",
}
RELATIONS = {
    "prospect": ("Prospect", "Gets the whole follow-up."),
    "patient": ("Patient", "Gets the first missed-call text and no more."),
    "other": ("Other", "A supplier or a wrong number: no automated texts."),
}
OUTCOMES = {
    "ringing": ("Ringing", "phone"),
    "answered": ("Answered", "answered"),
    "missed": ("Missed", "missed"),
    "abandoned": ("Hung up before anyone answered", "missed"),
    "voicemail": ("Voicemail", "voicemail"),
    "blocked": ("Blocked", "no-texts"),
    "no_answer": ("We rang: no answer", "missed"),
    "not_dialled": ("Not called: nobody took it here", "missed"),
}
ROLES = {
    "front_desk": ("Front desk", "Calls, texts and voicemail; no settings."),
    "reviewer": ("Reviewer", "As the front desk, with recordings and reports."),
    "marketing": ("Marketing", "Reports without any personal data."),
    "admin": ("Admin", "Everything, settings included."),
}
MODES = {
    "front": ("Front", "Callers reach the practice through this number: your phones ring first."),
    "overflow": (
        "Overflow",
        "Your carrier forwards unanswered calls here: nothing rings. Answered calls are not seen.",
    ),
}
CONSENT_MODES = {
    "call": (
        "The call itself",
        "Any missed caller gets one text; more only if they heard of texts and did not decline.",
    ),
    "notice": (
        "After the notice",
        "A text goes only to callers who heard that texts will follow and did not decline.",
    ),
    "keypress": (
        "By key press",
        "A text goes only to callers who press 1 to ask for it. The strictest choice.",
    ),
}
OPT_OUT_OWNERS = {
    "twilio": (
        "Twilio",
        "As it comes: Twilio confirms STOP and answers HELP itself, and Ringback adds nothing.",
    ),
    "app": (
        "Ringback",
        "Where Twilio's own handling is off: Ringback confirms STOP once and answers HELP.",
    ),
}
REMINDERS = {
    "scheduled": ("Planned", "clock"),
    "sending": ("On its way", "send"),
    "sent": ("Sent", "check"),
    "failed": ("Failed", "alert"),
    "unknown": ("Not known", "alert"),
    "cancelled": ("Not sent", "cross"),
}
OPTED_OUT_HOW = {
    "stop_word": ", by text",
    "text": ", by text",
    "key": ", by key on the phone",
    "staff": ", told to staff",
    "carrier": ", as their carrier told us",
}
INBOX = {
    "all": "All",
    "unread": "Unread",
    "waiting": "Waiting for us",
    "undeliverable": "Not delivered",
}
INBOX_EMPTY = {
    "all": ("No conversations yet.", "Who texts one of your numbers appears here, by itself."),
    "unread": ("Everything is read.", "A new text appears here by itself, within a second."),
    "waiting": ("Nobody waits for an answer. Well done.", "Whoever writes appears here by itself."),
    "undeliverable": ("Every text arrived.", "A text that could not be delivered appears here."),
}
FOLLOW_UP_TRIGGERS = {
    "missed": "Missed call",
    "abandoned": "Hung up early",
    "voicemail": "Voicemail",
    "spoke": "Spoke, not booked",
    "appointment": "Appointment",
    "missed_appointment": "Did not come",
}


CONFIDENTIAL = "Confidential"

# What single keys do, for the page that says so; scripts/shortcuts.js and player.js do it. What a
# key does on one page alone is said by the page's own `data-key-says`.
KEYS = (
    ("j k", "Next and previous person on the list"),
    ("Enter", "Open them"),
    ("c", "On the desk, claim: I call them. Again: give back"),
    ("r", "On the desk and a lead's page: call back"),
    ("t", "On the desk: text"),
    ("s", "On the desk, contacted: settled. On withheld calls: heard"),
    ("b", "On the desk: booked"),
    ("x", "On the desk, close: won, lost, not a lead. On Leads: tick"),
    ("z", "On the desk: snooze"),
    ("1 2 3", "On the desk, I rang from my own phone: spoke, left a message, no answer"),
    ("Space k", "In a recording's player: play and pause"),
    ("j l", "In a recording's player: ten seconds back and on"),
    ("← →", "In a recording's player: five seconds back and on"),
    ("/", "Search"),
    ("g d", "Go to the desk; g i inbox, g l leads, g c calls, g f follow-ups, g j junk"),
    ("?", "This help"),
)


class State(NamedTuple):
    words: str
    icon: str
    tone: str  # good, bad or empty; of a badge its class


def shown_name(lead: Lead) -> str:
    """Who it is, as lists and every page but the lead's own say it."""
    return CONFIDENTIAL if lead.confidential_at is not None else full_name(lead)


def shown_number(phone: Phone, lead: Lead | None) -> str:
    return CONFIDENTIAL if lead and lead.confidential_at is not None else pretty(phone.e164)


def full_name(lead: Lead) -> str:
    """Name, else number: for the lead's own page, which is audited."""
    return lead.name or (pretty(lead.phone.e164) if lead.phone else "No number")


def delivery(message: Message) -> State:
    """What became of a text, in a few words."""
    if message.state == "delivered":
        return State("Delivered", "check", "good")
    if message.state == "sent":
        return State("Sent, not confirmed yet", "check", "")
    if message.state in {"queued", "sending"}:
        return State("Going out", "clock", "")
    if message.state == "unknown":
        return State("May not have gone out", "alert", "bad")
    if message.state in {"failed", "undelivered"}:
        why = message.error_text or in_words(message.error_code)
        return State(f"Not delivered: {why.rstrip('.')}", "alert", "bad")
    return State("Received", "text", "")


def reminder(row: Reminder, message: Message | None) -> State:
    """What became of one text of a follow-up."""
    if message is not None:
        said = delivery(message)
        return State(f"Text {row.step}: {said.words[0].lower()}{said.words[1:]}", *said[1:])
    label, icon = REMINDERS[row.state]
    bad = "bad" if row.state in {"failed", "unknown"} else ""
    why = f": {row.reason}" if row.reason else "."
    return State(f"Text {row.step} {label[0].lower()}{label[1:]}{why}", icon, bad)


def appointment(lead: Lead) -> State | None:
    """What they answered to the reminder of their appointment; None when nothing yet."""
    if lead.appointment_change_asked_at is not None:
        return State("Asked for another time", "alert", "stop")
    if lead.appointment_confirmed_at is not None:
        return State("Confirmed", "check", "booked")
    return None


def plan(run: FollowUp) -> str:
    return KINDS[run.plan].title


def began_by(run: FollowUp) -> str:
    """What began it, with a comma, where the plan's own title does not say so."""
    told = FOLLOW_UP_TRIGGERS.get(run.trigger, run.trigger)
    return "" if told == plan(run) else f"{told}, "


def blocked_why(phone: Phone) -> str:
    return BLOCK_REASONS.get(phone.blocked_why or "", "Blocked")


def wait(seconds: int) -> str:
    """For how long a caller hears ringing: `20 seconds`, `1 minute`, `1 min 15 s`."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return "1 second" if rest == 1 else f"{rest} seconds"
    if rest:
        return f"{minutes} min {rest} s"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def caller(from_raw: str | None) -> str:
    """A caller without a lead: withheld, or a number that cannot be called."""
    return "Number withheld" if is_withheld(from_raw or "") else pretty(from_raw or "")


def source(code: str, labels: Mapping[str, str]) -> str:
    """Where somebody comes from: the tracking number's label, else the code as words."""
    return labels.get(code) or code[:1].upper() + code[1:].replace("-", " ")


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def people(count: int) -> str:
    return "1 person needs a call" if count == 1 else f"{count} people need a call"
