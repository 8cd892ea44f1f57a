"""The invariants, each a named check after every step, and the end that every reminder reaches."""

import sys
from collections.abc import Callable, Iterable
from datetime import timedelta

from hypothesis.stateful import invariant
from sqlalchemy import select

from leads import clock, db
from leads.follow_up import FollowUp
from leads.message import Message
from leads.reminder import Reminder
from leads.timeline import TimelineEntry
from tests.leads.life import judge
from tests.leads.life.history import History
from tests.leads.life.races import Races
from tests.leads.life.sender import ABSENT
from tests.leads.life.world import next_due

MOST_LOOKS = 150  # at what is still waiting, before it counts as waiting for ever


class Life(Races):
    """The whole life of follow-ups, from the call to the last text's fate."""

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[int, str] = {}

    @invariant()
    def at_most_one_text_per_step(self) -> None:
        """A text is posted again only once its first post is known not to have arrived."""
        self._holds(judge.repeated)

    @invariant()
    def nothing_after_an_opt_out_commits(self) -> None:
        """By hand or by itself, until it is lifted; only its own confirmation, once."""
        self._holds(judge.after_no)

    @invariant()
    def nothing_automated_to_a_number_that_cannot_be_texted(self) -> None:
        self._holds(judge.to_the_untextable)

    @invariant()
    def nothing_automated_outside_the_window_at_the_recipient(self) -> None:
        """In every zone of the number; nor may a carrier's backlog deliver later than that."""
        self._holds(judge.outside_window)

    @invariant()
    def caps_hold(self) -> None:
        """By person over all numbers: 1 about an inquiry in 24 h, 3 in 7 days, 3 in all in 24 h."""
        self._holds(judge.over_caps)

    @invariant()
    def at_most_three_texts_about_an_inquiry_without_an_answer(self) -> None:
        self._holds(judge.over_three)

    @invariant()
    def nothing_automated_without_a_line_in_the_ledger(self) -> None:
        """Written before, not revoked since, of a basis that covers the text's purpose."""
        self._holds(judge.without_consent)

    @invariant()
    def nothing_of_a_paused_run(self) -> None:
        self._holds(judge.while_paused)

    @invariant()
    def nothing_of_a_run_that_has_ended_or_had_to(self) -> None:
        self._holds(judge.after_the_end)

    @invariant()
    def message_states_only_move_forward(self) -> None:
        """And a text is gone only while it was never posted."""
        with db.transaction() as session:
            rows = session.execute(select(Message.id, Message.state))
            states = {row.id: row.state for row in rows}
        for message_id, before in self.states.items():
            after = states.get(message_id)
            if after is None:
                posts = [p for p in self.history.posts if p.message_id == message_id]
                assert before == "queued" or all("refused" in p.known(sys.maxsize) for p in posts)
            else:
                assert _reachable(before, after), f"message {message_id}: {before} to {after}"
        self.states = states

    @invariant()
    def runs_end_only_with_an_ending_of_their_plan(self) -> None:
        with db.transaction() as session:
            ended = session.execute(
                select(FollowUp.id, FollowUp.plan, FollowUp.end_reason).where(
                    FollowUp.ended_at.is_not(None)
                )
            )
            for run, plan, reason in ended:
                assert reason in judge.ENDINGS[plan], f"run {run} of {plan} ended as {reason}"

    def _holds(self, check: Callable[[History], Iterable[str]]) -> None:
        violations = [*check(self.history)]
        assert not violations, "\n".join(violations)

    def teardown(self) -> None:
        """Let everything come to its end, unless the example has failed already."""
        if sys.exc_info()[0] is not None or not self.lead_ids:
            return
        self._come_to_rest()
        for name in dir(type(self)):
            check = getattr(self, name)
            if hasattr(check, "hypothesis_stateful_invariant"):
                check()
        self.every_reminder_has_reached_its_end_with_a_reason()

    def _come_to_rest(self) -> None:
        self.flying, self.claims = [], []  # their workers died
        for _ in range(MOST_LOOKS):
            self.look_for_the_unknown(ABSENT)
            self.work("does everything")
            with db.transaction() as session:
                going = Message.state.in_(("queued", "sending", "unknown"))
                waits = next_due(session, clock.now(session))
                if waits is None and session.scalar(select(Message.id).where(going)) is None:
                    return
            self.until_due(timedelta(seconds=1))
        raise AssertionError(f"something still waits after {MOST_LOOKS} looks")

    def every_reminder_has_reached_its_end_with_a_reason(self) -> None:
        """And its lead's timeline says what became of it."""
        with db.transaction() as session:
            told = {
                (entry.kind, key, entry.facts[key])
                for entry in session.scalars(select(TimelineEntry))
                for key in ("reminder_id", "message_id")
                if key in entry.facts
            }
            for reminder in session.scalars(select(Reminder)):
                what = f"step {reminder.step} of run {reminder.follow_up_id}: {reminder.state}"
                assert reminder.state in {"sent", "failed", "cancelled"}, what
                assert reminder.reason or reminder.state == "sent", f"{what} without a reason"
                entry = {
                    "sent": ("text_out", "message_id", reminder.message_id),
                    "failed": ("text_failed", "message_id", reminder.message_id),
                    "cancelled": ("reminder_cancelled", "reminder_id", reminder.id),
                }
                assert entry[reminder.state] in told, f"{what}, and the timeline says nothing"
            still_open = session.scalars(select(FollowUp.id).where(FollowUp.ended_at.is_(None)))
            assert not still_open.all(), "a run is open with nothing left to send"


def _reachable(before: str, after: str) -> bool:
    seen, wanted = set[str](), {before}
    while wanted:
        seen |= wanted
        wanted = {following for state in wanted for following in judge.FORWARD[state]} - seen
    return after in seen
