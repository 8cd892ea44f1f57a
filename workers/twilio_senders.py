"""Who sends our texts, as Twilio has it: the messaging service, and the registration of each
number. Carriers drop what an unregistered US number sends."""

from collections.abc import Sequence
from typing import Any

from leads.db import transaction
from leads.phone_number import pretty
from leads.practice import Practice
from leads.settings import settings
from leads.verdict import Finding, Verdict
from workers import twilio_api
from workers.twilio_numbers import Compared, asking, compare

TOLL_FREE = tuple(f"+1{code}" for code in (800, 833, 844, 855, 866, 877, 888))
REGISTERED = {"VERIFIED", "TWILIO_APPROVED"}
MOST_SERVICES = 20  # a clinic has one or two
REGISTER = "Register it at Twilio: `ringback export registration` writes what is asked."


def look() -> Sequence[Finding]:
    numbers = [number for number in compare() if number.sid]
    if not numbers:
        return [Finding("messaging", "not applicable", "No number of ours is at Twilio.")]
    with asking():
        services = _services()
        members = {service.sid: _members(service.sid) for service in services}
    found = [*_named(services, members, numbers), *_inbound(services, members, numbers)]
    with transaction() as session:
        confirmed = Practice.get(session).sender_confirmed_at is not None
    for number in numbers:
        with asking():
            states = _states(number, members)
        found.append(_registered(number, states, confirmed=confirmed))
    return found


def _services() -> Sequence[Any]:
    sid = settings().twilio_messaging_service_sid
    if sid:
        return [twilio_api.client().messaging.v1.services(sid).fetch()]
    return list(twilio_api.client().messaging.v1.services.list(limit=MOST_SERVICES))


def _members(service_sid: str) -> set[str]:
    numbers = twilio_api.client().messaging.v1.services(service_sid).phone_numbers
    return {str(each.phone_number) for each in numbers.list()}


def _named(
    services: Sequence[Any], members: dict[str, set[str]], numbers: Sequence[Compared]
) -> Sequence[Finding]:
    """The service that TWILIO_MESSAGING_SERVICE_SID names must have our numbers, and no others."""
    name = "messaging service"
    if not settings().twilio_messaging_service_sid:
        return [Finding(name, "not applicable", "Texts are sent by the number itself.")]
    missing = [n.e164 for n in numbers if n.e164 not in members[services[0].sid]]
    if missing:
        told = f"{', '.join(map(pretty, missing))} is not in it, so its texts come from another."
        return [Finding(name, "failed", told, "Add it to the service's senders at Twilio.")]
    strange = sorted(members[services[0].sid] - {n.e164 for n in numbers})
    if strange:
        # Twilio sends from any of them, and they answer to the one that wrote to them.
        told = (
            f"It also sends from {', '.join(map(pretty, strange))}, no number of ours: replies "
            "and STOP to it reach us only when Twilio's lists are compared, or never."
        )
        cure = "Take it out of the service's senders at Twilio, or add it in Settings → Numbers."
        return [Finding(name, "failed", told, cure)]
    return [Finding(name, "ok", "It has all our numbers.")]


def _inbound(
    services: Sequence[Any], members: dict[str, set[str]], numbers: Sequence[Compared]
) -> Sequence[Finding]:
    """A service takes its numbers' incoming texts away from the number's own address, unless it
    is told not to: replies and STOP would never reach us."""
    wanted = settings().public_url.rstrip("/") + "/webhooks/twilio/sms"
    ours = {number.e164 for number in numbers}
    return [
        Finding(
            "incoming texts",
            "failed",
            f"The messaging service {service.friendly_name or service.sid} keeps replies and "
            "STOP from us.",
            "At Twilio, in its integration settings: defer to the sender's webhook.",
        )
        for service in services
        if ours & members[service.sid]
        and not service.use_inbound_webhook_on_number
        and service.inbound_request_url != wanted
    ]


def _states(number: Compared, members: dict[str, set[str]]) -> list[str]:
    """What Twilio says of each registration that this number has a part in."""
    if number.e164.startswith(TOLL_FREE):
        return _toll_free(number)
    return _campaigns([sid for sid, known in members.items() if number.e164 in known])


def _registered(number: Compared, states: Sequence[str], *, confirmed: bool) -> Finding:
    name = f"registration {pretty(number.e164)}"
    if not number.e164.startswith("+1"):
        return Finding(name, "not applicable", "It is no US number.")
    if any(state in REGISTERED for state in states):
        return Finding(name, "ok", "Twilio says that it is registered.")
    if settings().mode == "trial":
        return Finding(name, "not applicable", "A trial's texts reach nobody.")
    # Confirmed under Settings → Texting, they go out, and nobody gets them.
    verdict: Verdict = "failed" if confirmed else "warning"
    if not states:
        told = "Twilio knows no registration for it: carriers drop its texts."
        return Finding(name, verdict, told, REGISTER)
    told = f"Twilio says of its registration: {', '.join(states).lower().replace('_', ' ')}."
    return Finding(name, verdict, told, "Wait, or correct what Twilio's page names.")


def _toll_free(number: Compared) -> list[str]:
    found = twilio_api.client().messaging.v1.tollfree_verifications.list(
        tollfree_phone_number_sid=number.sid or "", limit=MOST_SERVICES
    )
    return [str(each.status) for each in found]


def _campaigns(services: Sequence[str]) -> list[str]:
    return [
        str(campaign.campaign_status)
        for sid in services
        for campaign in twilio_api.client().messaging.v1.services(sid).us_app_to_person.list()
    ]
