"""Texts as conversations: whom people wrote with last, what nobody has read, what waits for us.

A conversation is in the list for what people wrote, in either direction: texts that went by
themselves move nobody up. They stand in the thread all the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, selectinload

from leads import desk
from leads.db import changed
from leads.delivery_errors import error_of
from leads.lead import Lead
from leads.message import FAILED, Message
from leads.phone import Phone

Show = Literal["unread", "waiting", "undeliverable", "all"]
SHOWS: tuple[Show, ...] = ("all", "unread", "waiting", "undeliverable")
COUNTED_AT_MOST = 100
SHORTEST = timedelta(microseconds=1)


@dataclass(frozen=True)
class Conversation:
    """`at` and `key` are its place in the list; `last` is the text that put it there."""

    lead: Lead
    at: datetime
    key: int
    last: Message | None


def unread() -> ColumnElement[bool]:
    """Leads that wrote something which waits for an answer, and which nobody has opened."""
    return and_(
        Lead.last_text_in_at.is_not(None),
        Lead.merged_into_id.is_(None),
        or_(Lead.texts_read_at.is_(None), Lead.texts_read_at < Lead.last_text_in_at),
    )


def unread_count() -> ScalarSelect[int]:
    """How many are unread, up to a hundred: more is more than anybody counts."""
    few = select(Lead.id).where(unread()).limit(COUNTED_AT_MOST).subquery()
    return select(func.count()).select_from(few).scalar_subquery()


def conversations(
    session: Session, show: Show, after: tuple[datetime, int] | None, limit: int
) -> list[Conversation]:
    """So many, the last text first, after the one with this `at` and `key`."""
    keys, at, key = _wanted(show)
    if after is not None:
        keys = keys.where(tuple_(at, key) < after)
    found = session.execute(keys.order_by(at.desc(), key.desc()).limit(limit)).all()
    return _told(session, found, by_text=show in {"all", "undeliverable"})


def _wanted(show: Show) -> tuple[Any, Any, Any]:
    """Lead, moment and id of each that fits, and the two columns that order them."""
    if show in {"unread", "waiting"}:
        fits = unread() if show == "unread" else _waits()
        keys = select(Lead.id, Lead.last_text_in_at, Lead.id.label("key")).where(fits)
        return keys, Lead.last_text_in_at, Lead.id
    last, its_phone = aliased(Message), aliased(Phone)
    fits, among_which = Message.state.in_(FAILED), last.direction == "outbound"
    if show == "all":
        fits, among_which = _written(Message), _written(last)
    # Asked for each text while the list is walked from its end, so that a page reads a page: as a
    # join, PostgreSQL may choose to compare all texts with all.
    newest = (
        select(last.id)
        .join(its_phone, its_phone.id == last.phone_id)
        .where(
            last.lead_id == Message.lead_id,
            among_which,
            # What a blocked number writes is kept, and bothers nobody. Their other numbers count.
            its_phone.blocked_at.is_(None),
        )
        .order_by(last.created_at.desc(), last.id.desc())
        .limit(1)
        .correlate(Message)
        .scalar_subquery()
    )
    keys = (
        select(Message.lead_id, Message.created_at, Message.id)
        .join(Lead, Lead.id == Message.lead_id)
        .where(fits, Lead.merged_into_id.is_(None), Message.id == newest)
    )
    return keys, Message.created_at, Message.id


def _waits() -> ColumnElement[bool]:
    """They wrote, and nobody has answered, called or settled it since."""
    return and_(
        Lead.needs_callback_since.is_not(None),
        Lead.last_text_in_at >= Lead.needs_callback_since,
        Lead.merged_into_id.is_(None),
    )


def _written(text: Any) -> ColumnElement[bool]:
    return or_(text.direction == "inbound", ~text.automated)


def waits(lead: Lead) -> bool:
    """The same of one lead."""
    since, wrote_at = lead.needs_callback_since, lead.last_text_in_at
    return since is not None and wrote_at is not None and wrote_at >= since


def is_unread(lead: Lead) -> bool:
    wrote_at, read_at = lead.last_text_in_at, lead.texts_read_at
    return wrote_at is not None and (read_at is None or read_at < wrote_at)


def _told(session: Session, found: Collection[Any], *, by_text: bool) -> list[Conversation]:
    lead_ids = [row[0] for row in found]
    leads = {
        lead.id: lead
        for lead in session.scalars(
            select(Lead).where(Lead.id.in_(lead_ids)).options(selectinload(Lead.phones))
        )
    }
    wanted = select(Message).where(Message.lead_id.in_(lead_ids))
    if by_text:
        wanted = wanted.where(Message.id.in_([row[2] for row in found]))
    else:
        wanted = (
            wanted.ext(distinct_on(Message.lead_id))
            .where(_written(Message))
            .order_by(Message.lead_id, Message.created_at.desc(), Message.id.desc())
        )
    last = {text.lead_id: text for text in session.scalars(wanted)}
    return [Conversation(leads[lead_id], at, key, last.get(lead_id)) for lead_id, at, key in found]


def one(session: Session, lead: Lead) -> Conversation | None:
    """The conversation with one lead, for a list that it has just left; None without a text."""
    text = session.scalars(
        select(Message)
        .where(Message.lead_id == lead.id, _written(Message))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(1)
    ).one_or_none()
    return None if text is None else Conversation(lead, text.created_at, text.id, text)


def read(session: Session, lead: Lead) -> None:
    """Somebody has opened their texts. The row's own lock is enough: nothing else hangs on it."""
    _read_up_to(session, lead, Lead.last_text_in_at, unread())


def read_all(session: Session) -> int:
    """Everything up to now counts as read, except of people who wait for an answer; how many."""
    done = session.scalars(
        update(Lead)
        .where(unread(), ~func.coalesce(_waits(), False))
        .values(texts_read_at=Lead.last_text_in_at)
        .returning(Lead.id)
        .execution_options(synchronize_session=False)
    ).all()
    if done:
        changed(session, "lead:0")  # once for all of them: every inbox is drawn again
    return len(done)


def count_to_read(session: Session) -> int:
    """How many `read_all` would mark, up to a hundred."""
    few = select(Lead.id).where(unread(), ~func.coalesce(_waits(), False))
    return session.scalars(
        select(func.count()).select_from(few.limit(COUNTED_AT_MOST).subquery())
    ).one()


def unread_again(session: Session, lead: Lead) -> None:
    """Somebody else is to read them."""
    _read_up_to(session, lead, Lead.last_text_in_at - SHORTEST, ~unread())


def _read_up_to(session: Session, lead: Lead, moment: Any, when: ColumnElement[bool]) -> None:
    done = session.scalar(
        update(Lead)
        .where(Lead.id == lead.id, Lead.last_text_in_at.is_not(None), when)
        .values(texts_read_at=moment)
        .returning(Lead.id)
        .execution_options(synchronize_session=False)
    )
    if done is not None:
        session.refresh(lead, ["texts_read_at"])
        changed(session, f"lead:{lead.id}")


def may_try_again(text: Message) -> bool:
    """A text by hand that did not arrive, and whose failure says nothing against the same again."""
    if text.state not in FAILED or text.automated or text.direction != "outbound":
        return False
    return error_of(text.error_code).kind not in {"number", "opt_out", "filtered", "too_long"}


def to_try_again(texts: Collection[Message]) -> set[int]:
    """The ids of those of a lead's texts that may be tried again, and have not been."""
    sent = [each for each in texts if each.direction == "outbound"]
    return {
        text.id
        for text in filter(may_try_again, sent)
        if not any(each.id > text.id and each.body == text.body for each in sent)
    }


def try_again(
    session: Session, text: Message, lead: Lead, staff_id: int | None, now: datetime
) -> Message:
    """Send the same words once more. Raises desk.Refused when somebody has done so already, the
    text did not fail, or none may go."""
    desk.hold(session, lead)
    session.refresh(text)
    if not may_try_again(text):
        raise desk.Refused("This text cannot be sent again as it stands. Nothing was sent.")
    again = select(Message.id).where(
        Message.lead_id == lead.id,
        Message.id > text.id,
        Message.direction == "outbound",
        Message.body == text.body,
    )
    if session.scalar(again.limit(1)) is not None:
        raise desk.Refused("Somebody has sent these words again already. Nothing was sent.")
    return desk.reply(session, lead, staff_id, now, text.body)
