"""Changes of who is on the staff and as what. One admin always stays: nobody else could let
anybody in again. Times here are real time.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leads import sign_in
from leads.db import changed, database_time
from leads.staff import (
    ROLES,
    AlreadyStaff,
    Staff,
    StaffRefused,
    StaffSession,
    UnknownRole,
    UnknownStaff,
    usable_email,
)

MOST_NAME = 100  # characters


class LastAdmin(StaffRefused):
    """Nobody would be left who may change anything here."""


def change(session: Session, staff_id: int, name: str, role: str) -> list[str]:
    """Give somebody this name and role; which of the two changed. Another role holds at once.

    Raises UnknownRole, UnknownStaff or LastAdmin.
    """
    if role not in ROLES:
        raise UnknownRole(f"There is no role {role!r}. Choose one of {', '.join(ROLES)}.")
    member = _locked(session, staff_id)
    told = {"name": " ".join(name.split())[:MOST_NAME], "role": role}
    altered = [field for field, value in told.items() if getattr(member, field) != value]
    if "role" in altered:
        _keep_an_admin(session, member, "keeps the role")
    for field in altered:
        setattr(member, field, told[field])
    changed(session, "settings")
    return altered


def change_email(session: Session, staff_id: int, email: str) -> None:
    """Give somebody another address, by which they sign in and are told of alarms from now on.

    Raises UnusableEmail, UnknownStaff or AlreadyStaff.
    """
    email = usable_email(email)
    member = _locked(session, staff_id)
    if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
        raise AlreadyStaff(f"{email} is on the staff already. Nothing was changed.")
    member.email = email
    changed(session, "settings")


def disable(session: Session, staff_id: int) -> None:
    """Let somebody sign in no more, and sign them out everywhere at once. Whom they had claimed
    is free again. Raises UnknownStaff or LastAdmin."""
    member = _locked(session, staff_id)
    if member.disabled_at is not None:
        return
    _keep_an_admin(session, member, "can still sign in")
    sign_in.end_sessions(session, staff_id)  # first: afterwards none of theirs counts as open
    member.disabled_at = database_time(session)
    changed(session, "settings")


def enable(session: Session, staff_id: int) -> None:
    """Let somebody sign in again, with the password that they had. Raises UnknownStaff."""
    _locked(session, staff_id).disabled_at = None
    changed(session, "settings")


def _locked(session: Session, staff_id: int) -> Staff:
    """Somebody's row, after those of all admins: locked in one order, so that of two admins who
    disable each other one remains. Raises UnknownStaff."""
    _admins(session)
    found = session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownStaff("There is nobody like this on the staff. Nothing was changed.")
    return found


def _admins(session: Session) -> Sequence[int]:
    return session.scalars(
        select(Staff.id)
        .where(Staff.role == "admin", Staff.disabled_at.is_(None))
        .order_by(Staff.id)
        .with_for_update()
    ).all()


def _keep_an_admin(session: Session, member: Staff, keeps: str) -> None:
    if list(_admins(session)) == [member.id]:
        who = member.name or member.email
        raise LastAdmin(
            f"{who} is the last admin and {keeps}; nothing was changed. Make somebody else an "
            "admin first."
        )


def sessions(session: Session) -> dict[int, int]:
    """In how many browsers each of the staff is signed in now; nobody without one is in it."""
    found = session.execute(
        select(StaffSession.staff_id, func.count())
        .join(StaffSession.staff)
        .where(sign_in.is_open())
        .group_by(StaffSession.staff_id)
    )
    return {staff_id: count for staff_id, count in found}  # noqa: C416 - rows, to mypy no pairs
