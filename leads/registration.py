"""`ringback export registration`: what carriers ask about a sender, from the practice's own data.

Everything in it is what the software says and sends now; what it cannot know is left open in
square brackets. It is a draft to be checked, and claims nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from leads import clock, greeting, privacy_page, wording
from leads.commands import CommandRefused
from leads.db import transaction
from leads.phone_number import pretty
from leads.plan import KINDS, Plan, PlanVersion, Step
from leads.practice import Practice
from leads.prompt import Promise

BY_TWILIO = "[Twilio's own, as set at Twilio.]"
ANSWERS = """\
# Sender registration for {clinic}

A draft, made from this installation's settings. Check every line, fill in what stands in [square
brackets], and have it checked by somebody who knows the rules: it is no legal advice, and Twilio
and the carriers decide whether it is accepted. Export it again, and tell Twilio, when plans or
settings change.

## Business

[Registered name, address, tax number (EIN) and website, as in the tax office's letter.]

## Campaign description

{clinic} answers people who telephoned it and could not be answered, or who have an appointment
with it. Texts say how to reach the practice ({phone}); nobody is texted from a bought or rented
list. An inquiry gets at most three automated texts, at most one in 24 hours.

Use case: customer care, low volume. [Choose the nearest that Twilio offers.]
Marketing: {marketing}. Embedded links: {links}. Embedded phone numbers: the practice's own.
Age-gated content: no. Direct lending: no. [Check these five.]

## How people agree (message flow)

People call the practice's number. {how} Agreement is no condition of treatment. [Check that it is
not.] Each agreement is kept with its time, its call and the words spoken.

Spoken to a caller whom nobody could answer:

> {missed}

Spoken outside opening hours:

> {closed}

[Say on your website too, beside your number and in the privacy page, that callers may get texts,
how many, that message and data rates may apply, and how to stop them.]

## Sample messages

{samples}

## Stop, start and help

STOP, and plain sentences of that meaning in English and Spanish, end automated texts from every
number of the practice at once. START takes it back.

- Answer to STOP: {stop}
- Answer to HELP: {help}

## Privacy page

`ringback export registration --privacy` prints one. Put it on your website once it was checked.
Its address: [https://…]"""
HOW = {
    "call": "Whoever calls and cannot be answered gets one text in reply to that call. Any further "
    "text goes only to callers who heard the announcement below and did not decline.",
    "notice": "Texts go only to callers who heard the announcement below and did not decline.",
    "keypress": "Texts go only to callers who pressed 1 during the announcement below.",
}


def export(
    *,
    privacy: Annotated[
        bool, typer.Option("--privacy", help="print the privacy page alone, as HTML")
    ] = False,
) -> None:
    """Print what a sender's registration asks for; a draft for you and your counsel to check."""
    with transaction() as session:
        practice = Practice.get(session)
        if not practice.name or not practice.phone:
            raise CommandRefused(
                "The practice has no name or phone yet: fill in Settings → Practice first."
            )
        if privacy:
            typer.echo(privacy_page.page(practice))
        else:
            typer.echo(answers(session, practice, clock.now(session)))


def answers(session: Session, practice: Practice, now: datetime) -> str:
    """The answers to a registration's questions, as Markdown. Raises CommandRefused."""
    steps = _steps(session, now)
    texts = [_sample(practice, plan, step) for plan, step in steps]
    inquiry = PlanVersion.current(session, "missed_call", now).read()
    most = len(inquiry.steps) if inquiry.active else 0
    return ANSWERS.format(
        clinic=practice.name,
        phone=pretty(practice.phone),
        marketing=_any("marketing" in step.purpose for _, step in steps),
        links=_any("://" in text for text in texts),
        how=HOW[practice.consent_mode],
        missed=spoken(practice, now, most, open_now=True),
        closed=spoken(practice, now, most, open_now=False),
        samples="\n".join(f"{n}. {text}" for n, text in enumerate(dict.fromkeys(texts), 1)),
        stop=BY_TWILIO
        if practice.optout_owner == "twilio"
        else wording.opt_out_text(practice.name),
        help=_help(practice),
    )


def _any(found: Iterable[bool]) -> str:
    return "yes" if any(found) else "no"


def _steps(session: Session, now: datetime) -> list[tuple[Plan, Step]]:
    """Every step of the plans in force. Raises CommandRefused when there is none."""
    plans = [PlanVersion.current(session, name, now).read() for name in KINDS]
    found = [(plan, step) for plan in plans if plan.active for step in plan.steps]
    if not found:
        raise CommandRefused(
            "No plan is switched on, so there is no text to register: see Settings → Plans."
        )
    return found


def _sample(practice: Practice, plan: Plan, step: Step) -> str:
    moments = {field: wording.MOMENTS[field] for field in plan.kind.moments}
    return wording.render(step.text, practice.name, pretty(practice.phone), **moments)


def spoken(practice: Practice, now: datetime, most: int, *, open_now: bool) -> str:
    """The announcement as a caller hears it on some day; `most`: how many texts may follow."""
    local = now.astimezone(ZoneInfo(practice.zone)).replace(hour=11, minute=0)
    opens = (local + timedelta(days=1)).replace(hour=9)
    text_at = local if open_now else opens
    promise = Promise(
        text_at=text_at if most else None,
        text_when="now" if open_now else "later",
        callback_by=local + timedelta(minutes=practice.promise_minutes) if open_now else None,
        opens_at=None if open_now else opens,
        ask_key=practice.consent_mode == "keypress",
        most_texts=most,
    )
    compose = wording.missed_prompt if open_now else wording.closed_prompt
    own = practice.greeting_missed if open_now else practice.greeting_closed
    return compose(promise, practice.name, local, practice.zone, greeting.fill(own, practice.name))


def _help(practice: Practice) -> str:
    words = wording.help_text(practice.name, pretty(practice.phone))
    return f"{BY_TWILIO} Suggested: {words}" if practice.optout_owner == "twilio" else words
