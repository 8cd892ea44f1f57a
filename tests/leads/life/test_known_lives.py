"""Lives that once broke a rule, as programs of the machine; each check is the machine's own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.leads.life.machine import Life
from tests.leads.life.people import NEW_YORK, STARTS

TUESDAY = STARTS[0]
FRIDAY_EVENING = datetime(2027, 1, 16, 1, 0, tzinfo=UTC)  # night in New York


@pytest.fixture
def life(database: str) -> Iterator[Life]:
    assert database
    made = Life()
    yield made
    made.teardown()  # everything comes to its end, with a reason


def opens(
    life: Life,
    number: str,
    *,
    start: datetime = TUESDAY,
    first: str = "hears the prompt",
    work: str = "queues",
    owner: str = "twilio",
) -> None:
    life.opens(
        start=start,
        mode="call",
        owner=owner,
        hold=0,
        appointments=True,
        cast=(number,),
        first=first,
        second="they are a prospect",
        work=work,
    )


def answers(life: Life, what: str, fate: tuple[str, int | None] = ("delivered", None)) -> None:
    life.the_service_answers(which=0, what=what, fate=fate, refusal=(None, 429))


def test_an_unknown_text_counts_from_its_post(life: Life) -> None:
    """Queued in the morning, posted at one after a pause, its answer lost: not from the morning."""
    opens(life, NEW_YORK)
    life.work("claims")
    life.let_pass(timedelta(hours=3))
    life.work("authorizes")
    answers(life, "taken, answer lost")
    life.act(0, "contacted")
    life.let_pass(timedelta(hours=21, minutes=30))
    life.call(0, "hears the prompt")
    life.work("does everything")
    life.caps_hold()


def test_answers_that_waited_for_the_morning_count_one_another(life: Life) -> None:
    opens(life, NEW_YORK, start=FRIDAY_EVENING, first="answered", owner="app")
    for body in ("Who is this?", "HELP", "HELP", "HELP", "HELP"):
        life.somebody_texts(who=0, body=body)
    life.let_pass(timedelta(hours=16))
    for _ in range(5):
        life.work("does everything")
        life.caps_hold()


def test_no_answer_goes_out_after_the_key_for_no_texts(life: Life) -> None:
    opens(life, NEW_YORK, start=FRIDAY_EVENING, first="answered")
    life.somebody_texts(who=0, body="Who is this?")
    life.call(0, "presses the key for no texts")
    life.let_pass(timedelta(hours=16))
    life.work("does everything")
    life.nothing_automated_without_a_line_in_the_ledger()
    assert not life.history.posts


def test_a_text_that_the_plan_no_longer_has_may_still_fail(life: Life) -> None:
    """Its last text is out when an admin takes it from the plan; then the phone is unreachable."""
    opens(life, NEW_YORK, work="does everything")
    life.until_due(timedelta(0))
    life.work("does everything")
    life.until_due(timedelta(0))
    life.work("posts what it may")
    assert [post.step for post in life.history.posts] == [1, 2, 3]
    life.an_admin_edits_a_plan(
        plan="missed_call", steps=1, words="", active=True, runs="apply", purpose=""
    )
    answers(life, "accepted", ("undelivered", 30003))
    life.report(life.history.posts[-1], "undelivered", 30003)
    life.at_most_one_text_per_step()


@pytest.mark.parametrize("refusal", [(20429, 429), (63038, 429), (20003, 401)])
def test_a_posted_text_that_the_plan_lost_comes_to_its_end(
    life: Life, refusal: tuple[int | None, int]
) -> None:
    opens(life, NEW_YORK, work="does everything")
    life.until_due(timedelta(0))
    life.work("does everything")
    life.until_due(timedelta(0))
    life.work("posts what it may")
    life.an_admin_edits_a_plan(
        plan="missed_call", steps=1, words="", active=True, runs="apply", purpose=""
    )
    life.the_service_answers(which=0, what="refused", fate=("delivered", None), refusal=refusal)


def test_a_late_refusal_still_teaches_that_they_opted_out(life: Life) -> None:
    opens(life, NEW_YORK, work="posts what it may")
    life.real_time_passes(what="workers are slow", which=0)
    life.the_service_answers(
        which=0, what="refused", fate=("delivered", None), refusal=(21610, 400)
    )
    life.act(0, "reply")
    life.work("does everything")
    life.nothing_after_an_opt_out_commits()


@pytest.mark.parametrize("code", [30002, 30003])
def test_a_text_that_was_the_last_one_is_posted_again_and_never_after_a_reply(
    life: Life, code: int
) -> None:
    opens(life, NEW_YORK, first="leaves a voicemail", work=f"posts; undelivered with {code}")
    life.until_due(timedelta(minutes=1))
    life.work(f"posts; undelivered with {code}")
    assert len(life.history.posts) == 1 + (code == 30003), "a stopped queue tries one in minutes"
    life.real_time_passes(what="pauses end", which=0)
    life.somebody_texts(who=0, body="Tomorrow at three works")
    life.until_due(timedelta(hours=1))
    life.work("does everything")
    life.nothing_of_a_run_that_has_ended_or_had_to()
    assert len(life.history.posts) == 1 + (code == 30003)
