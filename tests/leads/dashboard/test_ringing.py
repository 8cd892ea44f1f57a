"""What stands beside who rings right now."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.dashboard.pages.ringing import ringing
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.recording import Recording
from tests.browser import people
from tests.browser.telephone import Telephone


def test_the_last_words_are_a_voicemails_and_never_those_of_a_recorded_call(
    morning: str, session: Session
) -> None:
    assert morning
    Telephone(session).ring(people.TOMAS, people.NOW)
    [tomas] = ringing(session, people.NOW)
    assert tomas.last_words is not None
    assert tomas.last_words.kind == "voicemail"
    said = tomas.last_words.text
    for recording in session.scalars(select(Recording).where(Recording.transcript == said)):
        recording.kind = "call"
    session.flush()
    [tomas] = ringing(session, people.NOW)
    assert tomas.last_words is None or tomas.last_words.text != said


def test_whoever_stands_in_an_imported_list_is_known_and_has_not_called_before(
    morning: str, session: Session
) -> None:
    assert morning
    phone = Phone.of(session, "+12065550188")
    imported = Lead(name="Ines Costa", created_at=people.NOW, last_activity_at=people.NOW)
    session.add(imported)
    session.flush()
    session.add(LeadPhone(lead_id=imported.id, phone_id=phone.id))
    session.flush()
    Telephone(session).ring(phone.e164, people.NOW)
    Telephone(session).ring(people.TOMAS, people.NOW)
    Telephone(session).ring("+12065550189", people.NOW)
    standing = {each.call.from_raw: each.standing for each in ringing(session, people.NOW)}
    assert standing == {
        phone.e164: "Known",
        people.TOMAS: "Returning",
        "+12065550189": "New",
    }
