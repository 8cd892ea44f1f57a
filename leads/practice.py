"""The clinic: its name, hours, phones that ring, and what it allows us to text."""

from datetime import datetime, time
from typing import Any, Literal

from sqlalchemy import CheckConstraint, false, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from leads.db import Base
from leads.opening_hours import OpeningHours
from leads.quiet_hours import Window, window_for
from leads.tracking_number import NumberRefused, TrackingNumber, one_line, own_e164

RingOrder = Literal["together", "in_turn"]
ConsentMode = Literal["call", "notice", "keypress"]
OptOutOwner = Literal["twilio", "app"]
MOST_PHONES = 10  # Twilio rings ten together, no more
LONGEST_WAIT = 300  # seconds in all, in turn; whoever rings longer is not there any more


class Practice(Base):
    __tablename__ = "practice"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]  # empty until somebody has set up a live installation
    phone: Mapped[str]
    zone: Mapped[str]
    weekly_hours: Mapped[dict[str, Any]]  # {"mon": [["09:00", "18:00"]], …}
    closed_days: Mapped[dict[str, Any]]  # {"2026-12-25": "Christmas Day", …}
    consent_mode: Mapped[str] = mapped_column(default="call")
    promise_minutes: Mapped[int] = mapped_column(default=30)
    transcribe_voicemail: Mapped[bool] = mapped_column(default=False)
    # Landlines are learnt from the first failure, or beforehand by a lookup that costs money.
    lookup_landlines: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Texts that waited for the morning leave staff so many minutes to call first.
    opening_hold_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    # When automated texts may go, within the hard limit of quiet_hours.
    texting_days: Mapped[list[Any]] = mapped_column(
        JSONB, default=lambda: [*range(6)], server_default="[0, 1, 2, 3, 4, 5]"
    )
    texting_from: Mapped[time] = mapped_column(default=time(9), server_default="09:00")
    texting_until: Mapped[time] = mapped_column(default=time(20), server_default="20:00")
    # Who answers STOP and HELP: Twilio by itself, or we, where its handling is switched off.
    optout_owner: Mapped[str] = mapped_column(default="twilio", server_default="twilio")
    # Carriers drop texts of unregistered senders; an admin says when the registration is through.
    sender_confirmed_at: Mapped[datetime | None]
    ring_order: Mapped[str] = mapped_column(default="together", server_default="together")
    # What callers hear, in the practice's own words; where it is empty, in ours.
    greeting_open: Mapped[str] = mapped_column(default="", server_default="")
    greeting_missed: Mapped[str] = mapped_column(default="", server_default="")
    greeting_closed: Mapped[str] = mapped_column(default="", server_default="")
    greeting_voicemail: Mapped[str] = mapped_column(default="", server_default="")

    @classmethod
    def get(cls, session: Session) -> "Practice":
        return session.get_one(cls, 1)

    @property
    def hours(self) -> OpeningHours:
        return OpeningHours.from_json({**self.weekly_hours, "closed": self.closed_days}, self.zone)

    def longest_wait(self, phones: list["PracticePhone"]) -> int:
        """Seconds for which these phones ring, in all, before nobody has answered."""
        seconds = [phone.ring_seconds for phone in phones]
        return sum(seconds) if self.ring_order == "in_turn" else max(seconds, default=0)

    def window(self, e164: str) -> Window:
        """When automated texts may go to this number, in each of its zones."""
        days = frozenset(int(day) for day in self.texting_days)
        return window_for(e164, Window(days, self.texting_from, self.texting_until))


class PracticePhone(Base):
    """A phone that rings at the practice. `desk` connects on pick-up, `mobile` asks for a key."""

    __tablename__ = "practice_phone"

    id: Mapped[int] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="desk")
    ring_seconds: Mapped[int] = mapped_column(default=20)
    position: Mapped[int] = mapped_column(default=0, server_default="0")  # in turn, lowest first
    retired_at: Mapped[datetime | None]

    @property
    def asks_for_key(self) -> bool:
        return self.kind == "mobile"

    @classmethod
    def ringing(cls, session: Session) -> list["PracticePhone"]:
        """The phones that ring, in the order of their turns; Twilio rings ten at most."""
        return list(
            session.scalars(
                select(cls)
                .where(cls.retired_at.is_(None))
                .order_by(cls.position, cls.id)
                .limit(MOST_PHONES)
            )
        )

    @classmethod
    def after(cls, session: Session, phone_id: int) -> list["PracticePhone"]:
        """The phones whose turn comes after this one's, which may be retired by now."""
        last = session.get(cls, phone_id)
        if last is None:
            return []
        place = (last.position, last.id)
        return [each for each in cls.ringing(session) if (each.position, each.id) > place]

    @classmethod
    def find(cls, session: Session, e164: str) -> "PracticePhone | None":
        return session.scalars(select(cls).where(cls.e164 == e164)).one_or_none()

    @classmethod
    def usable(cls, session: Session, raw: str) -> str:
        """The E.164 form of a number that may ring at the practice. Raises NumberRefused."""
        e164 = own_e164(raw)
        if TrackingNumber.find(session, e164) is not None:
            raise NumberRefused(
                "This is one of the clinic's own tracking numbers: ringing it would go in a circle."
            )
        others = [phone for phone in cls.ringing(session) if phone.e164 != e164]
        if len(others) >= MOST_PHONES:
            raise NumberRefused("Ten phones ring already, which is the most. Retire one first.")
        return e164

    @classmethod
    def usable_label(cls, raw: str) -> str:
        """The label in one line. Raises NumberRefused."""
        return one_line(raw, "a name, such as Front desk")

    @classmethod
    def add(
        cls, session: Session, e164: str, label: str, kind: str, ring_seconds: int
    ) -> "PracticePhone":
        """Add a usable phone, or change it and take it back from retirement."""
        phone = cls.find(session, e164)
        if phone is None:
            phone = cls(e164=e164)
            session.add(phone)
            phone.go_last(session)
        elif phone.retired_at is not None:
            phone.go_last(session)
        phone.label, phone.kind, phone.ring_seconds = label, kind, ring_seconds
        phone.retired_at = None
        session.flush()
        return phone

    def go_last(self, session: Session) -> None:
        """Behind the others: who was there first keeps the first turn until somebody moves it."""
        with session.no_autoflush:
            others = [each.position for each in PracticePhone.ringing(session)]
        self.position = max(others, default=-1) + 1

    def move(self, session: Session, by: int) -> bool:
        """One turn earlier (-1) or later (1); whether there was one."""
        phones = PracticePhone.ringing(session)
        if self not in phones:
            return False
        at = phones.index(self)
        if not 0 <= at + by < len(phones):
            return False
        phones.insert(at + by, phones.pop(at))
        for position, phone in enumerate(phones):
            phone.position = position
        return True
