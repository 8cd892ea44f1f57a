"""What stands beside who rings right now."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.dashboard.pages.ringing import ringing
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
