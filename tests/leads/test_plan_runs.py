"""An edit applied to runs under way: each text is told by its id, not by where it stands."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import FollowUp, PlanVersion, Practice, Reminder, due, plan_edit
from leads.plan import NEW_STEP, Plan, Step
from leads.plan_edit import PlanRefused, PlanStale
from leads.shipped_plans import SHIPPED
from tests.conftest import TUESDAY_TEN
from tests.leads.test_missed_call import MARIA, NEW_YORKER, heard
from tests.leads.test_plan_edit import words_to_come

FIRST, SECOND, THIRD = SHIPPED["missed_call"].steps
NEW = "{clinic} with a new text. Reply STOP to opt out."


def of(*steps: Step) -> Plan:
    """These steps as a plan, in this order."""
    numbered = tuple(replace(step, number=n) for n, step in enumerate(steps, 1))
    return Plan("missed_call", numbered)


def save(session: Session, plan: Plan, runs: plan_edit.UnderWay = "apply") -> PlanVersion:
    return plan_edit.save(session, plan, None, TUESDAY_TEN, runs)


def states(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(Reminder.state).order_by(Reminder.id)))


def sent(session: Session, count: int) -> None:
    """The first texts of the run have gone."""
    for row in session.scalars(select(Reminder).where(Reminder.step <= count)):
        row.state = "sent"
    session.flush()


@pytest.fixture(autouse=True)
def under_way(session: Session, practice: Practice) -> None:
    assert practice
    heard(session, MARIA, TUESDAY_TEN)


def test_who_has_had_two_texts_gets_the_third_though_the_second_was_removed(
    session: Session,
) -> None:
    sent(session, 2)
    save(session, of(FIRST, THIRD))
    assert states(session) == ["sent", "sent", "scheduled"]
    [words] = words_to_come(session)
    assert "with our last text" in (words or "")
    third = session.scalars(select(Reminder).where(Reminder.step == 3)).one()
    due.queue(session, [third.id], third.due_at)
    assert states(session) == ["sent", "sent", "sending"]


def test_a_text_that_was_removed_is_the_one_that_does_not_go(session: Session) -> None:
    sent(session, 1)
    save(session, of(FIRST, THIRD))
    rows = session.scalars(select(Reminder).order_by(Reminder.step)).all()
    assert [row.state for row in rows] == ["sent", "cancelled", "scheduled"]
    assert rows[1].reason == "the plan has no such text any more."


def test_new_words_follow_their_text_to_where_it_stands_now(session: Session) -> None:
    moments = session.scalars(select(Reminder.due_at).order_by(Reminder.step)).all()
    save(session, of(FIRST, replace(THIRD, text=NEW), SECOND))
    assert session.scalars(select(Reminder.due_at).order_by(Reminder.step)).all() == moments
    _, second, third = words_to_come(session)
    assert "We would still like to help" in (second or "")
    assert "with a new text" in (third or "")


def test_a_text_between_is_for_new_runs_and_moves_nobodys_words(session: Session) -> None:
    save(session, of(FIRST, SECOND))
    version = save(session, of(FIRST, replace(THIRD, text=NEW, id=NEW_STEP), SECOND))
    assert version.read().ids == (1, 4, 2), "an id is never given twice"
    assert states(session) == ["scheduled", "scheduled", "cancelled"]
    assert "We would still like to help" in (words_to_come(session)[1] or "")
    heard(session, NEW_YORKER, TUESDAY_TEN, "CA2")
    assert states(session)[3:] == ["scheduled"] * 3


def test_edits_upon_edits_keep_telling_texts_apart(session: Session) -> None:
    sent(session, 1)
    save(session, of(FIRST, THIRD))
    save(session, of(FIRST, replace(THIRD, text=NEW)))
    assert states(session) == ["sent", "cancelled", "scheduled"]
    assert "with a new text" in (words_to_come(session)[0] or "")
    assert session.scalars(select(FollowUp)).one().steps(session).ids == (1, 2, 3)
    numbers = session.scalars(select(PlanVersion.number).order_by(PlanVersion.number)).all()
    assert [n for n in numbers if n > 0] == [1, 2, 3]
    assert PlanVersion.current(session, "missed_call", TUESDAY_TEN).number == 3


def test_new_words_alone_need_no_version_of_their_own_for_runs(session: Session) -> None:
    version = save(session, of(FIRST, replace(SECOND, text=NEW), THIRD))
    assert session.scalars(select(FollowUp.plan_version_id)).one() == version.id
    kept = select(PlanVersion.number).where(PlanVersion.plan == "missed_call")
    assert all(number >= 0 for number in session.scalars(kept))


def test_texts_without_ids_are_told_by_where_they_stand(session: Session) -> None:
    kind = SHIPPED["missed_call"].kind
    save(session, of(FIRST, THIRD), "keep")
    told = [{k: v for k, v in step.to_json().items() if k != "id"} for step in (FIRST, SECOND)]
    read = plan_edit.read(kind, told, active=True)
    assert save(session, read).read().ids == (1, 3)
    with pytest.raises(PlanRefused) as refused:
        save(session, plan_edit.read(kind, told[:1], active=True))
    assert "give each text its id" in refused.value.errors["plan"]
    assert save(session, plan_edit.read(kind, told[:1], active=True), "keep").read().ids == (1,)


@pytest.mark.parametrize(("ids", "field"), [([1, 1], "id.2"), ([1, 7], "id.2")])
def test_an_id_is_one_texts_own_and_never_invented(
    session: Session, ids: list[int], field: str
) -> None:
    steps = [{**SECOND.to_json(), "id": each} for each in ids]
    with pytest.raises(PlanRefused) as refused:
        save(session, plan_edit.read(SHIPPED["missed_call"].kind, steps, active=True))
    assert list(refused.value.errors) == [field]


def test_whoever_changes_what_was_saved_since_they_read_it_is_refused(session: Session) -> None:
    save(session, of(FIRST, SECOND))
    with pytest.raises(PlanStale) as stale:
        plan_edit.save(session, of(FIRST), None, TUESDAY_TEN, "end", expected=1)
    assert stale.value.current == 2
    assert "version 2" in stale.value.errors["plan"]
    assert session.scalars(select(FollowUp.ended_at)).one() is None
    later = TUESDAY_TEN + timedelta(minutes=1)
    saved = plan_edit.save(session, of(FIRST), None, later, "end", expected=2)
    assert saved.number == 3
