"""Commands about the clinic's data: who may sign in, which numbers, what time it is."""

import re
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import api_token, audit, clock, migrations, roster, sign_in
from leads.clock import ClockIsReal, ClockTooFar
from leads.db import transaction
from leads.first_admin import FIRST_ADMIN
from leads.phone_number import pretty
from leads.practice import Practice, PracticePhone
from leads.staff import Staff, StaffRefused, add_staff, normal_email
from leads.tracking_number import NumberRefused, TrackingNumber, one_line

staff = typer.Typer(help="The people who may sign in.", no_args_is_help=True)
token = typer.Typer(help="Bearer tokens of the JSON API.", no_args_is_help=True)
numbers = typer.Typer(help="The numbers that callers ring.", no_args_is_help=True)
phones = typer.Typer(help="The phones that ring at the practice.", no_args_is_help=True)
practice_time = typer.Typer(help="Practice time, in trial mode.", no_args_is_help=True)


class CommandRefused(Exception):
    """A command cannot do what it was asked; the text says why and what to do."""


def migrate() -> None:
    """Bring the database to this version. Forward only; run it before every start."""
    migrations.upgrade()


def sign_in_link() -> None:
    """Print a link that signs in once, for the installation's first admin."""
    typer.echo(first_link())


def first_link() -> str:
    """A link that signs in once, for the first admin, who is made where there is none."""
    with transaction() as session:
        admin_id = session.scalars(
            select(Staff.id)
            .where(Staff.role == "admin", Staff.disabled_at.is_(None))
            .order_by(Staff.id)
        ).first()
        if admin_id is None:
            admin_id = add_staff(session, FIRST_ADMIN, "admin", None, name="Admin").id
        made = sign_in.create_sign_in_link(session, admin_id)
    return sign_in.link_address(made)


@staff.command("add")
def staff_add(
    email: str,
    role: Annotated[str, typer.Option(help="front_desk, reviewer, marketing or admin")],
) -> None:
    """Add somebody and print the link with which they sign in for the first time."""
    with transaction() as session:
        added = add_staff(session, email, role, None)
        made = sign_in.create_sign_in_link(session, added.id)
    typer.echo(sign_in.link_address(made))


@staff.command("link")
def staff_link(email: str) -> None:
    """Print a new link that signs this person in once."""
    with transaction() as session:
        made = sign_in.create_sign_in_link(session, _member(session, email).id)
    typer.echo(sign_in.link_address(made))


@staff.command("email")
def staff_email(email: str, new: str) -> None:
    """Give this person another e-mail address."""
    with transaction() as session:
        found = _member(session, email)
        roster.change_email(session, found.id, new)
        audit.record(session, "staff_email", changed=found.id)
        typer.echo(f"{found.email} it is from now on; the password is as it was.")


@staff.command("disable")
def staff_disable(email: str) -> None:
    """Let this person sign in no more, and sign them out everywhere at once."""
    with transaction() as session:
        found = _member(session, email)
        roster.disable(session, found.id)
        audit.record(session, "staff_disabled", disabled=found.id)
        typer.echo(f"{found.email} may sign in no more and is signed out everywhere.")


def _member(session: Session, email: str) -> Staff:
    """Raises StaffRefused where nobody with this address may sign in."""
    found = session.scalars(
        select(Staff).where(Staff.email == normal_email(email), Staff.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        raise StaffRefused(
            "Nobody with this e-mail may sign in; nothing was changed. `ringback staff list` shows "
            "who may, and `ringback staff add` adds one."
        )
    return found


@staff.command("list")
def staff_list() -> None:
    """The people who may sign in, and those who no longer may."""
    with transaction() as session:
        for person in session.scalars(select(Staff).order_by(Staff.email)):
            disabled = "  (disabled)" if person.disabled_at else ""
            named = f"  {person.name}" if person.name else ""
            typer.echo(f"{person.email}  {person.role}{named}{disabled}")


@token.command("create")
def token_create(
    name: str, scope: Annotated[str, typer.Option(help="read, write or admin")]
) -> None:
    """Make a token for the JSON API and print it, alone, this once."""
    name = one_line(name, "a name for the token, to know it by later")
    with transaction() as session:
        made = api_token.create_token(session, name, scope)
    typer.echo(made)


@numbers.command("add")
def numbers_add(
    number: str,
    label: Annotated[str, typer.Option(help="what people see, such as a page's name")],
    source: Annotated[str, typer.Option(help="a short code for reports")] = "",
    overflow: Annotated[
        bool, typer.Option(help="the carrier forwards unanswered calls here; nothing is dialled")
    ] = False,
) -> None:
    """Add a tracking number."""
    label = TrackingNumber.usable_label(label)
    source = one_line(source, "a short code for reports") if source else ""
    with transaction() as session:
        e164 = TrackingNumber.usable(session, number)
        kept = TrackingNumber.find(session, e164)
        if kept and kept.retired_at is None:
            raise CommandRefused(f"{pretty(e164)} is a tracking number already; it was left alone.")
        TrackingNumber.add(session, e164, label, "overflow" if overflow else "front", source)
    typer.echo(f"{pretty(e164)} is a tracking number now.")


@numbers.command("list")
def numbers_list() -> None:
    """The tracking numbers."""
    with transaction() as session:
        for number in session.scalars(select(TrackingNumber).order_by(TrackingNumber.id)):
            retired = "  (retired)" if number.retired_at else ""
            typer.echo(f"{pretty(number.e164)}  {number.mode:8}  {number.label}{retired}")


@phones.command("add")
def phones_add(
    number: str,
    label: Annotated[str, typer.Option(help="whose phone it is")],
    mobile: Annotated[bool, typer.Option(help="asks for a key before it takes a call")] = False,
    seconds: Annotated[int, typer.Option(min=5, max=120, help="how long it rings")] = 20,
) -> None:
    """Add a phone that rings at the practice."""
    label = PracticePhone.usable_label(label)
    with transaction() as session:
        e164 = PracticePhone.usable(session, number)
        kept = PracticePhone.find(session, e164)
        if kept and kept.retired_at is None:
            raise CommandRefused(f"{pretty(e164)} rings already; it was left alone.")
        PracticePhone.add(session, e164, label, "mobile" if mobile else "desk", seconds)
    typer.echo(f"{pretty(e164)} rings now when somebody calls.")


@phones.command("list")
def phones_list() -> None:
    """The phones that ring at the practice."""
    with transaction() as session:
        for phone in session.scalars(select(PracticePhone).order_by(PracticePhone.id)):
            retired = "  (retired)" if phone.retired_at else ""
            typer.echo(
                f"{pretty(phone.e164)}  {phone.kind:6}  {phone.ring_seconds:3} s  "
                f"{phone.label}{retired}"
            )


@practice_time.command("set")
def clock_set(at: str) -> None:
    """Move practice time, to 2026-12-01T10:00-08:00 for example; it goes on from there."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise CommandRefused(
            f"“{at}” is no time. Write it as 2026-12-01T10:00-08:00; nothing was changed."
        ) from None
    with transaction() as session:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(Practice.get(session).zone))
        _say_time(clock.set_to(session, moment), Practice.get(session).zone)


@practice_time.command("advance")
def clock_advance(by: str) -> None:
    """Move practice time forward, by 26h, 90m, 3d or "1h 30m" for example."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([smhdw])", by)
    if not parts or "".join(amount + unit for amount, unit in parts) != "".join(by.split()):
        raise CommandRefused(f"“{by}” is no length of time. Write 26h, 90m or 3d.")
    seconds = sum(float(amount) * units[unit] for amount, unit in parts)
    # A millennium is refused like everything longer, which no timedelta holds.
    length = timedelta(seconds=min(seconds, 1000 * units["d"] * 365))
    with transaction() as session:
        _say_time(clock.advance(session, length), Practice.get(session).zone)


@practice_time.command("reset")
def clock_reset() -> None:
    """Back to real time."""
    with transaction() as session:
        _say_time(clock.reset(session), Practice.get(session).zone)


def _say_time(at: datetime, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone))
    typer.echo(f"Practice time is {local:%A, %B} {local.day}, {local:%Y, %H:%M} ({zone}).")


REFUSALS = (CommandRefused, ClockIsReal, ClockTooFar, NumberRefused, StaffRefused)
