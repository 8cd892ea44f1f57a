"""The people who work at the desk, and how they prove it. Times here are real time."""

import re
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, false, func, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column, query_expression, relationship

from leads.db import Base
from leads.password import hashed

ROLES = ("front_desk", "reviewer", "marketing", "admin")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # kept in lower case
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    password_hash: Mapped[str | None]  # argon2id; none until one is set
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # The practice's phone that rings first when they call somebody back by click.
    rings_on_id: Mapped[int | None] = mapped_column(ForeignKey("practice_phone.id"))
    digest: Mapped[bool] = mapped_column(default=False, server_default=false())
    chime: Mapped[bool] = mapped_column(default=True, server_default=true())


class StaffSession(Base):
    """A signed-in browser. Only a digest of its cookie is kept."""

    __tablename__ = "staff_session"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_active_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()
    found_at: Mapped[datetime | None] = query_expression()  # the database's time of the look-up


class SignInLink(Base):
    """A link that signs in once. Only a digest of its token is kept."""

    __tablename__ = "sign_in_link"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A failed sign-in, by keyed digest of its e-mail and address: what throttles guessing."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class APIToken(Base):
    """A bearer token of the JSON API. Only a digest is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    scope: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class StaffRefused(Exception):
    """Somebody cannot be added or changed like this; the text says why and what to do."""


class AlreadyStaff(StaffRefused):
    """There is somebody with this e-mail."""


class UnknownStaff(StaffRefused):
    """There is nobody like this, or they may not sign in any more."""


class UnknownRole(StaffRefused):
    """Not one of `ROLES`."""


class UnusableEmail(StaffRefused):
    """Not an e-mail address."""


def normal_email(raw: str) -> str:
    """As it is kept and compared. PostgreSQL keeps no NUL, so no e-mail here has one."""
    return raw.replace("\x00", "").strip().lower()


def usable_email(raw: str) -> str:
    """As it is kept. Raises UnusableEmail."""
    email = normal_email(raw)
    if not EMAIL.fullmatch(email):
        raise UnusableEmail(f"{email!r} is not an e-mail address. Nothing was changed.")
    return email


def add_staff(
    session: Session, email: str, role: str, password: str | None = None, name: str = ""
) -> Staff:
    """Add somebody, who signs in with this password or, first, with a one-time link.

    Raises StaffRefused (UnknownRole, UnusableEmail, AlreadyStaff) or password.WeakPassword.
    """
    if role not in ROLES:
        raise UnknownRole(f"There is no role {role!r}. Choose one of {', '.join(ROLES)}.")
    email = usable_email(email)
    staff_id = session.scalar(
        insert(Staff)
        .values(
            email=email,
            role=role,
            name=name.strip(),
            password_hash=None if password is None else hashed(password, email),
        )
        .on_conflict_do_nothing()
        .returning(Staff.id)
    )
    if staff_id is None:
        raise AlreadyStaff(f"{email} is on the staff already. Nothing was changed.")
    return session.get_one(Staff, staff_id)
