"""Which numbers are landlines is asked once, beforehand, and no other text waits for the answer."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select, update

from leads import Phone, Practice, clock, db, lookup
from tests.workers.conftest import Phones
from tests.workers.test_errors import SOMEBODY_ELSE, tell
from tests.workers.test_sending import MARIA, advance, missed, only
from workers import lookups, sending

LOOKUPS = "/v2/PhoneNumbers"


def pays_for_it() -> None:
    with db.transaction() as session:
        Practice.get(session).lookup_landlines = True


def asked_of(phones: Phones) -> Counter[str]:
    """How often Twilio was asked, and paid, for each number."""
    log = phones.client.get("/sandbox/api/log", params={"kind": "lookup"}).json()
    return Counter(entry["number"] for entry in log)


def test_a_landline_is_learnt_beforehand_where_lookup_is_paid_for(phones: Phones) -> None:
    pays_for_it()
    tell(phones, MARIA, line_type="landline")
    missed()
    missed(SOMEBODY_ELSE, "CA2")
    sending.send_due()
    assert phones.texts_to(SOMEBODY_ELSE) == [], "not before it is known"
    lookups.look_up()
    sending.send_due()
    assert phones.texts_to(MARIA) == []
    assert len(phones.texts_to(SOMEBODY_ELSE)) == 1
    assert asked_of(phones) == {MARIA: 1, SOMEBODY_ELSE: 1}
    with db.transaction() as session:
        types = {phone.e164: phone.line_type for phone in session.scalars(select(Phone))}
    assert types == {MARIA: "landline", SOMEBODY_ELSE: "mobile"}


def test_a_lookup_that_fails_holds_no_text_up(phones: Phones) -> None:
    pays_for_it()
    phones.fault("error_before_accepting", probability=1, path="/v2/PhoneNumbers")
    missed()
    lookups.look_up()
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_two_workers_ask_for_no_number_twice(phones: Phones) -> None:
    pays_for_it()
    callers = [f"+1206555017{index}" for index in range(6)]
    for index, caller in enumerate(callers):
        missed(caller, f"CA{index}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: lookups.look_up(), range(4)))
    assert asked_of(phones) == dict.fromkeys(callers, 1)


def test_texts_go_out_while_an_answer_on_another_number_is_awaited(phones: Phones) -> None:
    pays_for_it()
    missed(SOMEBODY_ELSE, "CA2")
    lookups.look_up()
    missed()
    phones.fault("hang", count=1, seconds=3, path=LOOKUPS)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(lookups.look_up)
        while only_marias().looked_up_at is None:
            time.sleep(0.01)
        sending.send_due()
        assert not asking.done()
        assert len(phones.texts_to(SOMEBODY_ELSE)) == 1
        assert phones.texts_to(MARIA) == []
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1


def test_who_asked_and_died_holds_the_text_up_for_a_minute_and_nobody_asks_again(
    phones: Phones,
) -> None:
    pays_for_it()
    missed()
    with db.transaction() as session:
        assert lookup.claim(session, clock.now(session), 5)
    sending.send_due()
    assert phones.texts_to(MARIA) == []
    advance(timedelta(seconds=61))
    lookups.look_up()
    sending.send_due()
    assert len(phones.texts_to(MARIA)) == 1
    assert asked_of(phones) == {}


def test_what_the_version_before_had_asked_in_vain_is_not_asked_again(phones: Phones) -> None:
    pays_for_it()
    missed()
    with db.transaction() as session:
        before = clock.now(session) - timedelta(days=2)
        session.execute(update(Phone).values(looked_up_at=before, line_type=None))
    lookups.look_up()
    sending.send_due()
    assert asked_of(phones) == {}
    assert len(phones.texts_to(MARIA)) == 1
    assert only(Phone).line_type is None


def only_marias() -> Phone:
    with db.transaction() as session:
        return session.scalars(select(Phone).where(Phone.e164 == MARIA)).one()
