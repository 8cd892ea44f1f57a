"""What Twilio says of the account itself: credentials, its clock, and who can hear recordings."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from leads.settings import settings
from leads.verdict import Finding
from workers import twilio_api
from workers.twilio_numbers import asking

SECONDS = 8.0
MOST_SKEW = 5.0  # seconds; the header itself has whole ones
MUCH_SKEW = 60.0


def look() -> Sequence[Finding]:
    """Whether the account is ours and active, and whether our clock agrees with Twilio's."""
    told = settings()
    if not told.twilio_account_sid or not told.twilio_auth_token.get_secret_value():
        cure = "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in .env."
        return [Finding("Twilio account", "failed", "There is no account or no token.", cure)]
    path = f"/2010-04-01/Accounts/{told.twilio_account_sid}.json"
    answer = requests.get(
        twilio_api.rehosted(f"https://api.twilio.com{path}"),
        auth=(told.twilio_account_sid, told.twilio_auth_token.get_secret_value()),
        timeout=SECONDS,
    )
    return [_account(answer), *_clock(answer)]


def _account(answer: requests.Response) -> Finding:
    name = "Twilio account"
    if answer.status_code in {401, 403, 404}:
        cure = "Correct TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in .env, and restart."
        return Finding(name, "failed", "Twilio refuses our account or token.", cure)
    if answer.status_code != 200:
        told = f"Twilio answers {answer.status_code}."
        return Finding(name, "failed", told, "Look again in a minute, and at status.twilio.com.")
    facts = answer.json()
    if facts.get("status") != "active":
        told = f"Twilio says that the account is {facts.get('status')}: it takes no texts."
        return Finding(name, "failed", told, "See the account's page at console.twilio.com.")
    if facts.get("type") == "Trial":
        told = "It is Twilio's free trial, which calls and texts verified numbers alone."
        return Finding(name, "warning", told, "Upgrade it at console.twilio.com.")
    return Finding(name, "ok", "Twilio takes our token, and the account is active.")


def _clock(answer: requests.Response) -> Sequence[Finding]:
    name = "clock, Twilio"
    try:
        there = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return [Finding(name, "not applicable", "The answer has no date.")]
    # The answer was under way for a while; half of that is the better guess.
    here = datetime.now(UTC) - answer.elapsed / 2
    skew = abs((here - there).total_seconds())
    told = f"Twilio's clock and this one are {skew:.0f} s apart."
    if skew <= MOST_SKEW:
        return [Finding(name, "ok", told)]
    cure = "Switch time synchronisation on: timedatectl set-ntp true"
    return [Finding(name, "failed" if skew > MUCH_SKEW else "warning", told, cure)]


def recordings() -> Sequence[Finding]:
    """Whether somebody without our password could hear a recording whose address they have."""
    name = "recordings"
    with asking():
        found = twilio_api.client().recordings.list(limit=1)
    if not found:
        told = "There is none yet to try with."
        if settings().mode == "trial":
            return [Finding(name, "not applicable", told)]
        cure = "Switch HTTP authentication for media on at Twilio, leave a voicemail, look again."
        return [Finding(name, "warning", told, cure)]
    path = f"/2010-04-01/Accounts/{settings().twilio_account_sid}/Recordings/{found[0].sid}.mp3"
    with requests.get(
        twilio_api.rehosted(f"https://api.twilio.com{path}"),
        timeout=SECONDS,
        allow_redirects=False,
        stream=True,  # not one byte of it is wanted
    ) as answer:
        status = answer.status_code
    if status in {401, 403}:
        return [Finding(name, "ok", "Twilio refuses whoever has no password.")]
    if status < 400:
        told = "Whoever has a recording's address can hear it, without a password."
        cure = "At console.twilio.com, Voice settings: enforce HTTP authentication for media."
        return [Finding(name, "failed", told, cure)]
    told = f"It cannot be told: Twilio answers {status} for the newest one."
    return [Finding(name, "warning", told, "Leave a voicemail and look again.")]
