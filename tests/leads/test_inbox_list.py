"""Which conversations the inbox lists, and at which of their texts."""

from datetime import timedelta

from sqlalchemy.orm import Session

from leads import blocking, inbox
from tests.browser.telephone import Telephone
from tests.conftest import TUESDAY_TEN
from tests.leads.test_blocking import second_number

MARIA, MARIA_WORK = "+12065550142", "+12065550143"


def test_a_blocked_number_hides_no_other_of_the_same_person(session: Session) -> None:
    phone = Telephone(session)
    phone.text(MARIA, "Do you have a time on Friday?", TUESDAY_TEN)
    maria = phone.lead(MARIA)
    second_number(session, maria, MARIA_WORK)
    blocking.block_number(session, MARIA_WORK, None, TUESDAY_TEN, "machine")
    phone.text(MARIA_WORK, "You have won!", TUESDAY_TEN + timedelta(minutes=1))
    session.flush()
    assert phone.messages() == 2
    (told,) = inbox.conversations(session, "all", None, 10)
    assert told.last is not None
    assert (told.lead.id, told.last.body) == (maria.id, "Do you have a time on Friday?")
