"""Replies that staff wrote once, to be put into a text by one click and changed before it goes."""

import re
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads import wording
from leads.db import Base
from leads.phone_number import pretty
from leads.practice import Practice
from leads.wording import Finding

SAMPLE_NAME = "Maria"
LONGEST_TITLE, LONGEST_BODY = 60, 640  # characters


class SavedReply(Base):
    __tablename__ = "saved_reply"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    title: Mapped[str]
    body: Mapped[str]  # with {clinic}, {phone} and {name} in it
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


def every(session: Session) -> list[SavedReply]:
    return list(session.scalars(select(SavedReply).order_by(SavedReply.title, SavedReply.id)))


def filled(body: str, practice: Practice, name: str) -> str:
    """The words for one person. Of a name the first word is used; where it is not known, the
    field goes with the space before it: `Hi {name},` becomes `Hi,`."""
    fields = {
        "clinic": practice.name,
        "phone": pretty(practice.phone),
        "name": next(iter(name.split()), ""),
    }
    body = body if fields["name"] else body.replace(" {name}", "")
    # One pass, so that a name with braces in it stays a name.
    return re.sub(r"\{(clinic|phone|name)\}", lambda match: fields[match[1]], body)


def lint(body: str, practice: Practice) -> list[Finding]:
    """What keeps it from being saved, or is shown beside it."""
    return wording.lint(
        body.replace("{name}", SAMPLE_NAME),
        practice.name,
        first_text=False,
        clinic_registered_name=practice.name,
        by_hand=True,
    )
