"""What callers hear when nobody picks up: never more than what will really happen.

American English for a text-to-speech voice. Each sentence is said only when its fact is in
the `Promise`, which the function that schedules the text fills in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

EMERGENCY = "If this is an emergency, hang up and dial 911."
RECORDED = "This message is recorded."
VOICEMAIL_OFFER = "You can also leave a message after the tone."
# Carriers ask for it wherever somebody agrees to texts: `ringback export registration` shows them
# these same words.
RATES = "Message and data rates may apply."
ROUNDING = timedelta(minutes=5)  # nobody says "by 2:07", and a promise is never rounded down


@dataclass(frozen=True)
class Promise:
    """What will happen after this call, as far as it is known.

    `text_at`: when the first text goes, or would go on a key press; None if none would.
    `declined`: this caller wants no texts. `callback_by`: when the practice will have called
    back. `opens_at`: when it opens next. `ask_key`: nothing is sent unless key 1 is pressed.
    `most_texts`: how many texts in all may follow.
    """

    text_at: datetime | None
    text_when: Literal["now", "later"] = "now"
    declined: bool = False
    callback_by: datetime | None = None
    opens_at: datetime | None = None
    ask_key: bool = False
    most_texts: int = 3


def missed_prompt(
    promise: Promise, clinic: str, now: datetime, zone: str, opening: str = ""
) -> str:
    """For a caller whom nobody could answer during opening hours. `opening`: the practice's own
    first words; the sentences after them are always said."""
    opening = opening or missed_opening(clinic)
    return f"{opening} {always_said(promise, now, zone)}"


def closed_prompt(
    promise: Promise, clinic: str, now: datetime, zone: str, opening: str = ""
) -> str:
    """For a caller outside opening hours."""
    opening = opening or closed_opening(clinic)
    return f"{opening} {always_said(promise, now, zone)}"


def missed_opening(clinic: str) -> str:
    return f"Thank you for calling {clinic}. We are sorry that we cannot pick up right now."


def closed_opening(clinic: str) -> str:
    return f"Thank you for calling {clinic}. We are closed right now."


def voicemail_prompt(declined: bool, clinic: str, opening: str = "") -> str:
    """Right before the tone. `declined`: the caller has just pressed the key for no texts."""
    heard = "All right, we will not text you. " if declined else ""
    return f"{heard}{opening or voicemail_opening(clinic)} {RECORDED}"


def voicemail_opening(clinic: str) -> str:
    return f"Please leave your name and number for {clinic} after the tone."


def always_said(promise: Promise, now: datetime, zone: str) -> str:
    """What no setting takes away: the emergency, the texts and how to decline them, the promise."""
    parts = [EMERGENCY, *_about_texts(promise, now, zone)]
    if promise.callback_by:
        late = promise.callback_by
        late += -(late - datetime.min.replace(tzinfo=late.tzinfo)) % ROUNDING
        parts.append(f"We will call you back by {spoken_time(late, now, zone)}.")
    elif promise.opens_at:
        parts.append(f"We open at {spoken_time(promise.opens_at, now, zone)}.")
    return " ".join([*parts, VOICEMAIL_OFFER])


def _about_texts(promise: Promise, now: datetime, zone: str) -> list[str]:
    if promise.declined:
        return ["As you asked, we will not text you."]
    if promise.text_at is None:
        return []
    several = promise.most_texts > 1
    most = [f"There will be {_number(promise.most_texts)} at most."] if several else []
    stop = "reply STOP to any of them" if several else "reply STOP to it"
    when = "now"
    if promise.text_when == "later":
        when = f"at {spoken_time(promise.text_at, now, zone)}"
    if promise.ask_key:
        offer = f"To get a text message from us {when}, press 1."
        return [offer, *most, RATES, f"You can {stop} at any time."]
    sending = "We are sending you" if promise.text_when == "now" else "We will send you"
    decline = f"To get {'none' if several else 'no text'}, press 2, or {stop}."
    return [f"{sending} a text message {when}.", *most, RATES, decline]


def _number(count: int) -> str:
    return {2: "two", 3: "three"}.get(count, str(count))


def spoken_time(at: datetime, now: datetime, zone: str) -> str:
    """A time as people say it, to follow "at" or "by": `2:30 this afternoon`, `9 o'clock
    tomorrow morning`, `noon on Monday`, `9 o'clock in the morning on Monday, January 4`."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    clock = _clock(local)
    part = _part_of_day(local.hour)
    ahead = (local.date() - today).days
    if clock in {"noon", "midnight"}:
        part = ""
    if ahead == 0:
        return f"{clock} {f'this {part}' if part else 'today'}"
    if ahead == 1:
        return f"{clock} tomorrow {part}".rstrip()
    if 1 < ahead < 7:
        return f"{clock} on {local:%A} {part}".rstrip()
    within = f" in the {part}" if part else ""
    return f"{clock}{within} on {local:%A, %B} {local.day}"


def _clock(local: datetime) -> str:
    if local.minute == 0 and local.hour in {0, 12}:
        return "noon" if local.hour else "midnight"
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02}" if local.minute else f"{hour} o'clock"


def _part_of_day(hour: int) -> str:
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"
