"""`ringback play`: a busy hour at the clinic, played through the sandbox by named people."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import Call, Lead, LeadPhone, Phone, PracticePhone, clock, desk
from leads.db import transaction
from leads.phone_number import pretty
from leads.settings import settings
from webhooks import play
from webhooks.play import NotPlayed


@dataclass(frozen=True)
class Person:
    """Somebody who rings: what happens in the call, and what they text afterwards."""

    name: str
    number: str
    story: str
    script: dict[str, Any] = field(default_factory=dict)
    texts: tuple[str, ...] = ()


PEOPLE = (
    Person("Maria Alvarez", "+12065550142", "is missed and texts back", texts=("Friday at 3?",)),
    Person("Tomas Novak", "+13605550131", "leaves a voicemail", {"voicemail_seconds": 12}),
    Person("Priya Shah", "+12535550177", "hangs up while it rings", {"hangup_while": "ringing"}),
    Person("Grace Kim", "+12065550164", "wants no texts and presses 2", {"keys": ["2"]}),
    Person("Sam Whitfield", "+15095550123", "is missed and texts STOP", texts=("STOP",)),
    Person("Linh Tran", "+12065550151", "is answered", {"answer": "desk", "talk_seconds": 90}),
    Person("", "anonymous", "withholds the number", {"voicemail_seconds": 5}),
)


def busy_hour() -> None:
    """Play a busy hour: seven people ring, in every way that a call can go. Trial mode only."""
    play.refuse_before_the_start()
    if settings().mode != "trial":
        raise NotPlayed("This installation is live: play does not go among real people.")
    with transaction() as session:
        play.open_the_practice(session)
        number = play.called_number(session)
        desk_phone = session.scalars(
            select(PracticePhone.e164).where(
                PracticePhone.retired_at.is_(None), PracticePhone.kind == "desk"
            )
        ).first()
    people = [person for person in PEOPLE if desk_phone or "answer" not in person.script]
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda person: ring_and_text(person, number, desk_phone), people))
    typer.echo("The desk shows who needs a call now.")


def ring_and_text(person: Person, number: str, desk_phone: str | None) -> None:
    """One person's call, and then their texts, once ours has arrived."""
    script = dict(person.script)
    if "answer" in script:
        script["answer"] = desk_phone
    sid = play.ring(person.number, number, script)
    wait_for(lambda session: call_of(session, sid) is not None)
    if person.name:
        with transaction() as session:
            introduce(session, person)
    wait_for(lambda session: has_ended(session, sid))
    for body in person.texts:
        wait_for(lambda session: play.texted(session, sid))
        play.text(person.number, number, body)
    typer.echo(f"  {person.name or 'Somebody'} ({shown(person.number)}) {person.story}")


def introduce(session: Session, person: Person) -> None:
    """Give the lead its name, as the front desk would after a call."""
    lead = session.scalars(
        select(Lead)
        .join(LeadPhone)
        .join(Phone, Phone.id == LeadPhone.phone_id)
        .where(Phone.e164 == person.number)
    ).first()
    if lead is not None and not lead.name:
        desk.rename(session, lead, None, clock.now(session), person.name)


def call_of(session: Session, sid: str) -> Call | None:
    return session.scalars(select(Call).where(Call.sid == sid)).one_or_none()


def has_ended(session: Session, sid: str) -> bool:
    call = call_of(session, sid)
    return call is not None and call.ended_at is not None


def shown(number: str) -> str:
    return pretty(number) if number.startswith("+") else "number withheld"


def wait_for(holds: Callable[[Session], bool]) -> None:
    """Until it holds, for as long as a call may take. Raises NotPlayed."""
    deadline = time.monotonic() + play.PATIENCE
    while time.monotonic() < deadline:
        with transaction() as session:
            if holds(session):
                return
        time.sleep(0.2)
    raise NotPlayed("A call got stuck. The log files of `make run` say more.")
