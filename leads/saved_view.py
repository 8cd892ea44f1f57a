"""A filter of a list that somebody gave a name: their own, or shared with everybody."""

from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl

from sqlalchemy import ForeignKey, Index, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from leads.call_filter import CallFilter
from leads.db import Base, changed
from leads.desk import Refused
from leads.filtering import query as written
from leads.lead_filter import LeadFilter
from leads.staff import Staff

List = Literal["leads", "calls"]
MOST = 30  # of one person and list: more are no help to find anything
LONGEST_NAME = 40


class SavedView(Base):
    __tablename__ = "saved_view"
    __table_args__ = (
        Index("uq_saved_view_name", "staff_id", "list", func.lower("name"), unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    list: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]  # as it stands in the address
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    staff: Mapped[Staff] = relationship()

    @property
    def href(self) -> str:
        return f"/{self.list}?{self.query}" if self.query else f"/{self.list}"


def seen_by(session: Session, staff_id: int, of: List) -> list[SavedView]:
    """Their own and those that others share, by name."""
    wanted = select(SavedView).where(
        SavedView.list == of, or_(SavedView.staff_id == staff_id, SavedView.shared)
    )
    return list(session.scalars(wanted.order_by(func.lower(SavedView.name), SavedView.id)))


def save(
    session: Session, staff_id: int, of: List, name: str, query: str, *, shared: bool
) -> SavedView:
    """Keep this filter; a view of theirs with the same name then shows it. Raises Refused."""
    name = _name(name)
    read = LeadFilter.read if of == "leads" else CallFilter.read
    chosen = read(parse_qsl(query))
    if chosen.problems:
        raise Refused(f"{chosen.problems[0]} The view was not saved.")
    sort = [pair for pair in parse_qsl(query) if pair[0] == "sort"]
    view = _named(session, staff_id, of, name)
    if view is None:
        mine = select(func.count()).where(SavedView.staff_id == staff_id, SavedView.list == of)
        if session.scalars(mine).one() >= MOST:
            raise Refused(f"You have {MOST} views here, which is the most. Delete one first.")
        view = SavedView(staff_id=staff_id, list=of, name=name)
        session.add(view)
    view.query = written([*chosen.pairs, *sort])
    view.shared = shared
    session.flush()
    changed(session, f"view:{view.id}")
    return view


def rename(
    session: Session, view: SavedView, staff_id: int, name: str, *, shared: bool, admin: bool
) -> None:
    """Raises Refused: for another's view, an empty name, and one that is taken."""
    _may(view, staff_id, admin=admin)
    name = _name(name)
    other = _named(session, view.staff_id, view.list, name)  # type: ignore[arg-type]
    if other is not None and other.id != view.id:
        raise Refused(f"There is a view “{name}” already. Nothing was changed.")
    view.name, view.shared = name, shared
    changed(session, f"view:{view.id}")


def delete(session: Session, view: SavedView, staff_id: int, *, admin: bool) -> None:
    """The view goes; what it shows stays. Raises Refused for another's view."""
    _may(view, staff_id, admin=admin)
    changed(session, f"view:{view.id}")
    session.delete(view)


def _may(view: SavedView, staff_id: int, *, admin: bool) -> None:
    if view.staff_id != staff_id and not (admin and view.shared):
        raise Refused("This view is a colleague's: they or an admin can change it.")


def _name(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(f"Give the view a name of at most {LONGEST_NAME} characters.")
    return name


def _named(session: Session, staff_id: int, of: List, name: str) -> SavedView | None:
    return session.scalars(
        select(SavedView).where(
            SavedView.staff_id == staff_id,
            SavedView.list == of,
            func.lower(SavedView.name) == name.lower(),
        )
    ).one_or_none()
