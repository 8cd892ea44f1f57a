"""The story of the last days, by the domain's own functions: the named people and their like."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from leads import attempt, blocking, claim, desk, details, snooze
from leads.consent import Consent
from leads.demo import days_work, morning, names
from leads.demo.days import Days
from leads.demo.telephone import CLINIC, Telephone
from leads.follow_up import FollowUp
from leads.practice import PracticePhone
from leads.reminder import Reminder
from leads.saved_reply import SavedReply
from leads.staff import Staff, add_staff
from leads.tracking_number import TrackingNumber

ADS, YELP, SIGN = (e164 for e164, _, _ in names.NUMBERS)
NORA, BEN, OMAR = "+14255550131", "+12065550118", "+12535550109"
RUTH, LUIS, MEI = "+13605550116", "+15095550147", "+12065550186"
KAYLA, JONAS, AISHA = "+14255550174", "+12535550138", "+12125550167"
PETER, HANNAH, ERIC = "+13605550183", "+14255550162", "+15095550105"
SELLER, MACHINE = "+12065550199", "+14255550193"
NOT_KNOWN = "TN-Validation-Passed-C"
Change = Callable[..., Any]  # a function of the desk: session, lead, staff, moment, and more
STAFF = (
    ("anna@clinic.example", "Anna Berg", "admin"),
    ("rosa@clinic.example", "Rosa Lopez", "front_desk"),
)
PEOPLE = 60  # about, of the story
REPLIES = (
    ("Call us", "Hi {name}, this is {clinic}. Please call us at {phone} when it suits you."),
    ("First visit", "Hi {name}, a first visit takes about an hour. Which day suits you?"),
    ("Parking", "There is parking behind the building; the door is on the left."),
    ("Running late", "Thank you for telling us. We will keep your time for you."),
)


def prepare(session: Session) -> tuple[int, int]:
    """Anna and Rosa, the clinic's numbers and phones, where they are not there; their ids."""
    if TrackingNumber.find(session, CLINIC) is None:
        TrackingNumber.add(session, CLINIC, "Muscle spasms page", "front")
    for e164, label, source in names.NUMBERS:
        if TrackingNumber.find(session, e164) is None:
            TrackingNumber.add(session, e164, label, "front", source)
    if not PracticePhone.ringing(session):
        PracticePhone.add(session, "+14255550100", "Front desk", "desk", 20)
    if PracticePhone.find(session, "+14255550101") is None:
        PracticePhone.add(session, "+14255550101", "Dr. Berg's mobile", "mobile", 20)
    anna, rosa = (_hired(session, *each) for each in STAFF)
    if not session.scalar(select(func.count()).select_from(SavedReply)):
        now = func.now()
        session.add_all(
            SavedReply(title=title, body=body, changed_at=now, changed_by_id=anna.id)
            for title, body in REPLIES
        )
    return anna.id, rosa.id


def _hired(session: Session, email: str, name: str, role: str) -> Staff:
    """Nobody gets a password: `ringback staff link` lets them in."""
    found = session.scalars(select(Staff).where(Staff.email == email)).one_or_none()
    return found or add_staff(session, email, role, None, name=name)


def play(session: Session, days: Days, anna: int, rosa: int) -> None:
    Story(session, days, anna, rosa).tell()


class Story:
    """Told day by day: what happens later knows what happened before."""

    def __init__(self, session: Session, days: Days, anna: int, rosa: int) -> None:
        self.session, self.days, self.anna, self.rosa = session, days, anna, rosa
        self.phone = Telephone(session)

    def tell(self) -> None:
        self._last_week()
        morning.last_week(self.phone, self.days, self.rosa)
        self._lately()
        days_work.work(self.phone, self.days, [self.rosa, self.anna])
        morning.yesterday(self.phone, self.days, self.rosa)
        self._yesterday()
        morning.this_morning(self.phone, self.days, self.anna, self.rosa)
        self._this_morning()
        nothing_goes_by_itself(self.session, self.days.now)

    def _last_week(self) -> None:
        at = self.days.at
        self.phone.miss(BEN, at(-5, 10, 14), YELP)
        self._named(BEN, "Ben Okafor", at(-5, 10, 20))
        self.phone.text(BEN, "Yes, is there anything on Friday?", at(-5, 10, 26))
        self._reply(BEN, "Hi Ben, Friday at 11 is free. Shall I put you down?", at(-5, 10, 31))
        self.phone.text(BEN, "Perfect, see you then", at(-5, 10, 40))
        self._read(BEN, at(-5, 10, 41))
        self._lead(BEN, desk.book, at(-5, 10, 42), at(-2, 11, 0))
        self.phone.miss(OMAR, at(-5, 13, 5), ADS)
        self._named(OMAR, "Omar Haddad", at(-5, 13, 8))
        self.phone.text(OMAR, "STOP", at(-5, 13, 20))
        self._lead(OMAR, desk.contacted, at(-5, 13, 45))
        self.phone.miss(LUIS, at(-4, 9, 40), SIGN, declines=True)
        self._named(LUIS, "Luis Ortega", at(-4, 9, 52))
        self.phone.call_back(LUIS, self.rosa, at(-4, 9, 53), 142)
        self.phone.answer(JONAS, at(-4, 14, 20), 188, ADS)
        self._named(JONAS, "Jonas Weber", at(-4, 14, 24))
        self._lead(JONAS, desk.book, at(-4, 14, 25), at(-1, 15, 0))

    def _lately(self) -> None:
        at = self.days.at
        self.phone.answer(NORA, at(-3, 11, 30), 245)
        self._named(NORA, "Nora Whitaker", at(-3, 11, 36))
        self._lead(NORA, desk.book, at(-3, 11, 37), at(1, 11, 0))
        lead = self.phone.lead(NORA)
        details.keep_confidential(self.session, lead, self.anna, at(-3, 11, 40), confidential=True)
        self.phone.answer(MEI, at(-3, 15, 2), 75)
        self._named(MEI, "Mei Chen", at(-3, 15, 5))
        self._lead(MEI, desk.relate, at(-3, 15, 5), "patient")
        self.phone.answer(KAYLA, at(-2, 10, 50), 310, YELP)
        self._named(KAYLA, "Kayla Brooks", at(-2, 10, 56))
        desk.spoke(
            self.session,
            self.phone.lead(KAYLA),
            self.rosa,
            at(-2, 10, 57),
            texts_agreed=True,
        )
        self.phone.send_due(at(-2, 14, 0, 2))
        self._lead(BEN, desk.close, at(-2, 12, 5), "won")
        for change, value in ((details.price, 48_000), (details.assign, self.rosa)):
            self._lead(BEN, change, at(-2, 12, 6), value)
        self._lead(BEN, details.tag, at(-2, 12, 6), ["New patient", "Referred"])
        self.phone.hang_up(SELLER, at(-2, 13, 30), 4, ADS)
        self.phone.hang_up(SELLER, at(-2, 13, 32), 5)
        blocking.block_number(self.session, SELLER, self.anna, at(-2, 13, 40), "spam")
        self.phone.miss(ERIC, at(-2, 16, 10), SIGN)
        self.phone.text(ERIC, "Wrong number", at(-2, 16, 15))
        self._read(ERIC, at(-2, 16, 19))
        self._lead(ERIC, desk.close, at(-2, 16, 20), "not_a_lead")

    def _yesterday(self) -> None:
        at = self.days.at
        self.phone.ring(SELLER, at(-1, 9, 20))  # turned away
        self.phone.miss(PETER, at(-1, 11, 15), SIGN)
        self._named(PETER, "Peter Lang", at(-1, 11, 30))
        self._lead(PETER, attempt.rang, at(-1, 11, 40), "message")
        self._lead(PETER, snooze.snooze, at(-1, 11, 41), at(0, 14, 0))
        self._lead(JONAS, desk.miss_appointment, at(-1, 15, 30))
        self._lead(JONAS, details.assign, at(-1, 15, 31), self.anna)
        # In New York it is past eight: its text waits for the morning there.
        self.phone.miss(AISHA, at(-1, 17, 40), ADS)
        self._named(AISHA, "Aisha Rahman", at(-1, 17, 41))

    def _this_morning(self) -> None:
        at = self.days.at
        self.phone.miss(RUTH, at(0, 9, 15), SIGN, arrives=False)
        self._named(RUTH, "Ruth Feldman", at(0, 9, 17))
        self.phone.miss("Restricted", at(0, 9, 22))
        self.phone.miss(MEI, at(0, 9, 48))
        self.phone.call_back(MEI, self.rosa, at(0, 9, 55), 64)
        self.phone.miss(HANNAH, at(0, 10, 8), YELP)
        self._named(HANNAH, "Hannah Lind", at(0, 10, 10))
        body = "The pain won't stop, could I come in earlier?"
        self.phone.text(HANNAH, body, at(0, 10, 16))
        for second, number in ((0, CLINIC), (20, ADS), (41, YELP)):
            self.phone.hang_up(MACHINE, at(0, 10, 29, second), 2, number, NOT_KNOWN)
        self._lead(JONAS, attempt.rang, at(0, 10, 20), "no_answer")
        priya = self.phone.lead(morning.PRIYA)
        claim.claim(self.session, priya, self.anna, at(0, 10, 39))

    def _named(self, e164: str, name: str, at: datetime) -> None:
        desk.rename(self.session, self.phone.lead(e164), self.rosa, at, name)

    def _read(self, e164: str, at: datetime) -> None:
        """Somebody has read what they wrote."""
        self.phone.lead(e164).texts_read_at = at

    def _reply(self, e164: str, body: str, at: datetime) -> None:
        self._read(e164, at)
        desk.reply(self.session, self.phone.lead(e164), self.rosa, at, body)
        self.phone.send_due(at)

    def _lead(self, e164: str, change: Change, at: datetime, *told: Any) -> None:
        """What Rosa does to this person's lead."""
        change(self.session, self.phone.lead(e164), self.rosa, at, *told)


def nothing_goes_by_itself(session: Session, now: datetime) -> None:
    """Take back the consent of everybody who is still to get a text. When one falls due, it is
    found to have none and is not sent; until then the pages show how texts wait."""
    waiting = (
        select(FollowUp.phone_id, literal(now), literal("revoked"), literal("demo"), literal(""))
        .join(Reminder, Reminder.follow_up_id == FollowUp.id)
        .where(Reminder.state == "scheduled")
        .distinct()
    )
    columns = ["phone_id", "at", "kind", "basis", "evidence"]
    session.flush()
    session.execute(insert(Consent).from_select(columns, waiting))
