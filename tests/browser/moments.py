"""What has no address of its own until somebody did something: lists being imported, a change of
many, open menus, what is shown once, the bars above the page."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from leads import bulk, clock, contact_list, db, import_apply, importing
from leads import call as calls
from leads.importing import ImportBatch
from leads.lead import Lead
from leads.saved_reply import SavedReply
from leads.staff import Staff
from tests.browser import people
from tests.browser.telephone import Telephone

LIST = """Name;Phone;Stage;Tags
Nora Quist;206-555-0299;new;massage
Maria Alvarez;206-555-0142;;sports
Tomas Novak;360-555-0131;;
Somebody;12;;
"""


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


def everybody(session: Session) -> list[int]:
    return list(session.scalars(select(Lead.id).order_by(Lead.id)))


def kept(session: Session, name: str) -> ImportBatch:
    return importing.keep(session, anna(session), name, LIST.encode())


def judge(session: Session, batch: ImportBatch) -> None:
    importing.choose(session, batch, batch.columns)
    while importing.judge_some(session, batch.id, contact_list.read(batch.file)):
        pass


def opened() -> dict[str, tuple[str, Callable[[Page], None]]]:
    """Where to go, and what to do there."""
    with db.transaction() as session:
        phone = Telephone(session)
        maria, tomas = phone.lead(people.MARIA).id, phone.lead(people.TOMAS).id
    lead = f"/leads/{tomas}"
    return {
        "desk-text": ("/", lambda page: write(page, f"#text-{maria}")),
        "desk-rang": ("/", lambda page: unfold(page, f"#rang-{maria}")),
        "desk-snooze": ("/", lambda page: unfold(page, f"#snooze-{maria}")),
        "desk-close": ("/", lambda page: unfold(page, f"#close-{maria}")),
        "keys": ("/", lambda page: page.evaluate("document.getElementById('keys').showModal()")),
        "lead-booking": (lead, lambda page: unfold(page, "#booking")),
        "lead-spoke": (lead, lambda page: unfold(page, "#talk")),
        "lead-log": (lead, lambda page: unfold(page, "#log")),
        "lead-block": (lead, lambda page: unfold(page, "#block-form")),
        "lead-replies": (lead, lambda page: unfold(page, "#replies")),
        "leads-chosen": ("/leads", lambda page: page.locator("[data-choose]").first.check()),
        "leads-filters": ("/leads", lambda page: unfold(page, ".more-filters")),
        "leads-save": ("/leads?stage=booked", lambda page: unfold(page, "#save-view")),
        "staff-change": ("/settings/staff", lambda page: unfold(page, ".change")),
        "staff-link": ("/settings/staff", make_link),
        "token": ("/settings/tokens", make_token),
        "offline": ("/calls", lambda page: connection(page, "offline")),
        "signed-out": ("/calls", lambda page: connection(page, "signed-out")),
        "idle": ("/calls", nearly_over),
    }


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
