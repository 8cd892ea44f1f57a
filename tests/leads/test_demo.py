"""`ringback demo`: what it makes up keeps every rule that real rows keep."""

import pytest
from sqlalchemy import func, select

from leads import Call, Lead, Phone, Reminder, db
from leads.demo import command

pytestmark = pytest.mark.usefixtures("database")


def test_a_year_has_so_many_people_three_calls_each_and_two_reminders() -> None:
    command.fill(2000, print)
    assert count(Lead) == count(Phone) == pytest.approx(2000, abs=20)
    assert count(Call) == pytest.approx(6000, rel=0.03)
    assert count(Reminder) == pytest.approx(4000, rel=0.1)


def count(model: type[db.Base]) -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0
