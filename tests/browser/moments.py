"""What has no address of its own until somebody did something: lists being imported, a change of
many, open menus, what is shown once, the bars above the page."""

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page, expect
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from leads import bulk, claim, clock, contact_list, db, import_apply, importing
from leads import call as calls
from leads.demo import story
from leads.importing import ImportBatch
from leads.lead import Lead
from leads.practice import PracticePhone
from leads.saved_reply import SavedReply
from leads.staff import Staff, add_staff
from leads.tracking_number import TrackingNumber
from tests.browser import people
from tests.browser.telephone import Telephone

LIST = """Name;Phone;Stage;Tags
Nora Quist;206-555-0299;new;massage
Maria Alvarez;206-555-0142;;sports
Tomas Novak;360-555-0131;;
Somebody;12;;
"""


def besides() -> None:
    """What the month leaves out: a row that a colleague holds, and what is used no more."""
    with db.transaction() as session:
        now = clock.now(session)
        claim.claim(session, Telephone(session).lead(story.HANNAH), rosa(session), now)
        retired = PracticePhone.add(session, "+14255550103", "Old front desk", "desk", 20)
        flyer = TrackingNumber.add(session, "+14255550198", "Last year's flyer", "front")
        former = add_staff(session, "lena@clinic.example", "front_desk", None, name="Lena Moss")
        retired.retired_at = flyer.retired_at = former.disabled_at = now


def made() -> dict[str, str]:
    """Paths of pages that are made first, of Anna's, and change nothing; one of them is not there
    at all."""
    with db.transaction() as session:
        asked = bulk.ask(session, anna(session), "stage", "contacted", everybody(session))
        columns, ready = kept(session, "friends.csv"), kept(session, "patients.csv")
        judge(session, ready)
        reply = SavedReply(
            title="Where we are",
            body="Hi {name}, we are on the second floor.",
            changed_at=clock.now(session),
        )
        session.add(reply)
        session.flush()
        return {
            "leads-import-columns": f"/leads/import/{columns.id}",
            "leads-import-preview": f"/leads/import/{ready.id}?show=changed",
            "leads-import-refused": f"/leads/import/{ready.id}?show=refused",
            "leads-change": f"/leads/bulk/{asked.id}",
            "settings-reply": f"/settings/replies/{reply.id}",
            "not-found": "/nothing/here",
        }


def done() -> dict[str, str]:
    """Paths of what many leads became by."""
    with db.transaction() as session:
        batch = kept(session, "family.csv")
        judge(session, batch)
        importing.begin(session, batch, "127.0.0.1")
        changed = bulk.ask(session, anna(session), "stage", "lost", everybody(session)[:3])
        bulk.begin(session, changed, "127.0.0.1")
        batch_id, changed_id = batch.id, changed.id
    while import_apply.step(batch_id):
        pass
    while bulk.step(changed_id):
        pass
    return {
        "leads-import-done": f"/leads/import/{batch_id}",
        "leads-changed": f"/leads/bulk/{changed_id}",
    }


def anna(session: Session) -> int:
    return session.scalars(select(Staff.id).where(Staff.email == people.ADMIN)).one()


def rosa(session: Session) -> int:
    return session.scalars(select(Staff.id).where(Staff.email == people.RECEPTIONIST)).one()


def everybody(session: Session) -> list[int]:
    return list(session.scalars(select(Lead.id).order_by(Lead.id)))


def kept(session: Session, name: str) -> ImportBatch:
    return importing.keep(session, anna(session), name, LIST.encode())


def judge(session: Session, batch: ImportBatch) -> None:
    importing.choose(session, batch, batch.columns)
    while importing.judge_some(session, batch.id, contact_list.read(batch.file)):
        pass


class Moment(NamedTuple):
    path: str
    act: Callable[[Page], None]
    shows: str  # the part of the page that comes by it


def opened() -> dict[str, Moment]:
    """Where to go, and what to do there."""
    with db.transaction() as session:
        phone = Telephone(session)
        maria, tomas, hannah, ruth = (
            phone.lead(e164).id for e164 in (people.MARIA, people.TOMAS, story.HANNAH, story.RUTH)
        )
    lead = f"/leads/{tomas}"
    return {
        "desk-text": Moment("/", lambda page: write(page, f"#text-{maria}"), f"#text-{maria}"),
        "desk-rang": unfolding("/", f"#rang-{maria}"),
        "desk-snooze": unfolding("/", f"#snooze-{maria}"),
        "desk-close": unfolding("/", f"#close-{maria}"),
        "desk-snoozed": unfolding("/", "#away"),
        "desk-text-held": unfolding("/", f"#text-{hannah}"),
        "desk-text-untextable": unfolding("/", f"#text-{ruth}"),
        "keys": Moment("/", lambda page: page.keyboard.press("?"), "#keys"),
        "lead-booking": unfolding(lead, "#booking"),
        "lead-spoke": unfolding(lead, "#talk"),
        "lead-log": unfolding(lead, "#log"),
        "lead-block": unfolding(lead, "#block-form"),
        "lead-replies": unfolding(lead, "#replies"),
        "leads-chosen": Moment(
            "/leads", lambda page: page.locator("[data-choose]").first.check(), "main"
        ),
        "leads-filters": unfolding("/leads", ".more-filters"),
        "leads-save": unfolding("/leads?stage=booked", "#save-view"),
        "phones-edit": unfolding("/settings/phones", "[id^=edit-]"),
        "phones-retire": unfolding("/settings/phones", "[id^=retiring-]"),
        "numbers-edit": unfolding("/settings/numbers", "[id^=edit-]"),
        "numbers-retire": unfolding("/settings/numbers", "[id^=retiring-]"),
        "staff-change": unfolding("/settings/staff", ".change"),
        "staff-link": Moment("/settings/staff", make_link, "main"),
        "token": Moment("/settings/tokens", make_token, "main"),
        "offline": Moment("/calls", lambda page: connection(page, "offline"), ".connection"),
        "signed-out": Moment("/calls", lambda page: connection(page, "signed-out"), ".connection"),
        "idle": Moment("/calls", nearly_over, ".connection"),
    }


def on_a_phone() -> dict[str, Moment]:
    """Menus that a desk has no need of."""
    return {
        "more-pages": unfolding("/", "#more-pages"),
        "settings-menu": unfolding("/settings/practice", "#settings-menu"),
    }


def unfolding(path: str, details: str) -> Moment:
    return Moment(path, lambda page: unfold(page, details), details)


def over(page: Page) -> None:
    """The page as it was, without loading it anew."""
    page.evaluate(
        """() => {
          for (const opened of document.querySelectorAll("details[open]")) opened.open = false;
          document.querySelector("dialog[open]")?.close();
          delete document.documentElement.dataset.connection;
        }"""
    )


def unfold(page: Page, details: str) -> None:
    page.locator(f"{details} > summary").first.click()


def write(page: Page, row: str) -> None:
    unfold(page, row)
    page.locator(f"{row} textarea").fill("We can see you at 9:30. Does your back pain still hurt?")
    expect(page.locator(f"{row} [data-count]")).not_to_be_empty()


def make_link(page: Page) -> None:
    page.get_by_role("button", name="New link").last.click()
    expect(page.locator("#one-time-link")).to_be_visible()


def make_token(page: Page) -> None:
    page.get_by_label("Which program is it for?").fill("Website")
    page.get_by_role("button", name="Make token").click()
    expect(page.locator("#one-time-token")).to_be_visible()


def connection(page: Page, state: str) -> None:
    """As scripts/live.js says it; test_outage.py shows that it does."""
    page.evaluate("state => (document.documentElement.dataset.connection = state)", state)


def nearly_over(page: Page) -> None:
    """Nobody has used Ringback for almost ten hours."""
    page.wait_for_timeout(400)  # until the page hears of changes
    ago = "now() - interval '9 hours 54 minutes'"
    with db.transaction() as session:
        session.execute(text(f"UPDATE staff_session SET last_active_at = {ago}"))  # noqa: S608 - our own words
        db.changed(session, "settings")
    expect(page.locator("#ending")).to_contain_text("in 5 minutes")


def rings() -> None:
    """Three on the line: one rings, one talks with us, and one has no name."""
    with db.transaction() as session:
        phone, now = Telephone(session), clock.now(session)
        phone.ring(people.LINH, now)
        phone.ring("+14255550166", now)
        call = phone.ring(people.MARIA, now)
        leg = calls.leg(session, call.sid, "CAleg-of-maria", None)
        calls.leg_changed(leg, "in-progress", None, now)
        calls.settle(session, call, now)


def empty_the_desk() -> None:
    with db.transaction() as session:
        session.execute(update(Lead).values(needs_callback_since=None))
        db.changed(session, "lead")
