"""Calls back of which somebody did not hear: told, looked for, and never dialled a second time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, text

from leads import Call, Message, OutboundCall, Phone, TimelineEntry, clock, db
from leads.desk import Refused
from leads.outbound_call import ABSENT, POSTING, STALE
from tests.workers.test_calling import (
    MARIA,
    act,
    click,
    clicked_ago,
    hire,
    lead_of,
    manner,
    missed,
    out,
    over,
    place,
    quick,
    row,
    the_call,
    told,
    until,
)
from tests.workers.town import DESK, Town, reconciled
from workers import calling

__all__ = ["quick"]
CALLS = "/Calls.json"


def test_a_lost_answer_is_told_and_settled_by_the_call_itself(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    quick.fault("drop_after_accepting", path=CALLS, method="POST", count=1)
    first = click(lead_id, anna)
    place()
    until(lambda: row(first).state == "placed")  # by the phone's own first webhook
    [call] = out(quick)
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])
    until(lambda: the_call(call["sid"]).outcome == "not_dialled")
    assert len(out(quick)) == 1


def test_a_lost_answer_is_settled_by_the_list_where_no_webhook_comes(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    quick.nobody_hears()
    quick.fault("drop_after_accepting", path=CALLS, method="POST", count=1)
    first = click(lead_id, anna)
    place()
    assert row(first).state == "unknown"
    assert "It is not known whether Front desk rings" in told(lead_id)[-1]
    assert click(lead_id, anna) == first, "a click meanwhile is the same call"
    place()
    [call] = out(quick)
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])
    calling.settle_unknown()
    assert row(first).sid == call["sid"]
    assert the_call(call["sid"]).outcome == "not_dialled"
    assert len(out(quick)) == 1


def test_a_call_that_never_came_to_be_may_be_clicked_again(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    quick.fault("drop_before_accepting", path=CALLS, method="POST", count=1)
    first = click(lead_id, anna)
    place()
    calling.settle_unknown()
    assert row(first).state == "unknown", "it may still be listed"
    clicked_ago(ABSENT)
    calling.settle_unknown()
    assert row(first).state == "absent"
    assert told(lead_id)[-1].startswith("Not called: it never reached the telephone service.")
    assert out(quick) == []
    place()
    assert out(quick) == [], "nobody dials again but staff"
    assert click(lead_id, anna) != first
    place()
    assert len(out(quick)) == 1


def test_a_worker_that_dies_at_the_post_leaves_no_second_call(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    first = click(lead_id, anna)
    assert len(calling.take()) == 1  # and is killed before or after the post: nobody knows
    place()
    assert out(quick) == []
    clicked_ago(POSTING)
    calling.settle_unknown()
    assert row(first).state == "unknown"
    clicked_ago(ABSENT)
    calling.settle_unknown()
    assert row(first).state == "absent"
    assert out(quick) == []
    assert lead_of(lead_id).needs_callback_since is not None


@pytest.mark.parametrize("fault", ["rate_limit", "unauthorized", "suspended"])
def test_a_refusal_is_said_in_words(quick: Town, fault: str) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    quick.fault(fault, path=CALLS, method="POST", count=1)
    first = click(lead_id, anna)
    place()
    assert row(first).state == "refused"
    assert "refused the call" in told(lead_id)[-1]
    assert "Nothing rang" in told(lead_id)[-1]
    assert click(lead_id, anna) != first


def test_no_phone_rings_minutes_after_the_click(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    first = click(lead_id, anna)
    clicked_ago(STALE)
    place()
    assert row(first).state == "refused"
    assert "the worker may be down" in told(lead_id)[-1]
    assert out(quick) == []


def test_a_call_is_found_and_settled_by_reconciliation_as_what_it_was(quick: Town) -> None:
    manner(quick, speed=20)
    lead_id, anna = missed(quick), hire("Anna")
    first = click(lead_id, anna)
    place()
    [call] = out(quick)
    until(lambda: row(first).sid)
    act(quick, call["sid"], "answer", leg=0)
    until(lambda: the_call(call["sid"]).dialled_at)
    quick.nobody_hears()
    act(quick, call["sid"], "answer", leg=MARIA)
    time.sleep(0.3)  # six seconds of talk
    act(quick, call["sid"], "hangup", by="callee")
    over(quick, call["sid"])
    quick.we_hear()
    assert the_call(call["sid"]).outcome == "ringing"
    assert reconciled().error is None
    made = the_call(call["sid"])
    assert (made.direction, made.outcome) == ("outbound", "answered")
    assert made.ended_at is not None
    assert row(first).over_at is not None
    assert told(lead_id)[-1] == "Rang them: they answered."
    assert lead_of(lead_id).needs_callback_since is None
    with db.transaction() as session:
        assert len(session.scalars(select(Call)).all()) == 2
    again = reconciled()
    assert {again.found.get(what, 0) for what in ("calls_added", "calls_settled")} == {0}


def test_a_call_of_which_nothing_was_heard_is_no_caller(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    quick.nobody_hears()
    quick.fault("drop_after_accepting", path=CALLS, method="POST", count=1)
    first = click(lead_id, anna)
    place()
    [call] = out(quick)
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])
    quick.we_hear()
    assert reconciled().found["calls_added"] == 1
    assert row(first).sid == call["sid"]
    made = the_call(call["sid"])
    assert (made.direction, made.outcome, made.lead_id) == ("outbound", "not_dialled", lead_id)
    with db.transaction() as session:
        assert session.scalars(select(Phone.e164)).all() == [MARIA], "the desk is no lead"
        kinds = session.scalars(select(TimelineEntry.kind)).all()
        assert kinds.count("call") == 1
        assert len(session.scalars(select(Message)).all()) <= 1


def test_the_worker_hears_of_a_click_at_once(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")

    def listen() -> None:
        with suppress(psycopg.OperationalError), ThreadPoolExecutor(1) as pool:
            calling.listen(pool)

    ears = threading.Thread(target=listen)
    ears.start()
    try:
        until(lambda: _listeners("count(*)"))
        first = click(lead_id, anna)
        until(lambda: row(first).state == "placed", 2)
        [call] = out(quick)
        assert call["to"] == DESK
        act(quick, call["sid"], "hangup", by="caller")
        over(quick, call["sid"])
    finally:
        until(lambda: _listeners("bool_or(pg_terminate_backend(pid))"))
        ears.join()


def _listeners(what: str) -> bool:
    query = f"SELECT {what} FROM pg_stat_activity WHERE query IN ('LISTEN calling', 'SELECT 1')"  # noqa: S608
    with db.transaction() as session:
        return bool(session.scalar(text(query)))


def test_ten_clicks_at_once_are_one_call(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: click(lead_id, anna), range(10)))
        assert len(ids) == 1
        list(pool.map(lambda _: place(), range(5)))
    [call] = out(quick)
    act(quick, call["sid"], "hangup", by="caller")
    over(quick, call["sid"])
    with db.transaction() as session:
        assert len(session.scalars(select(OutboundCall)).all()) == 1


def test_who_opted_out_may_be_called_and_who_is_blocked_may_not(quick: Town) -> None:
    lead_id, anna = missed(quick), hire("Anna")
    with db.transaction() as session:
        phone = session.scalars(select(Phone)).one()
        phone.opted_out_at = clock.now(session) - timedelta(days=1)
    place()
    click(lead_id, anna)
    clicked_ago(STALE)
    with db.transaction() as session:
        session.scalars(select(Phone)).one().blocked_at = clock.now(session)
    with pytest.raises(Refused, match="This number is blocked"):
        click(lead_id, anna)
