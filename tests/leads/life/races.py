"""What comes between two steps of a worker: where a text is most easily sent all the same."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.leads.life.people import FATES
from tests.leads.life.sender import Sender

BETWEEN = {
    "text": ["STOP", "please stop texting me", "the pain won't stop", "Tomorrow at three works"],
    "act": ["contacted", "opt out", "book in 3 hours", "stop", "they are neither", "cancel"],
    "call": ["presses the key for no texts", "answered", "leaves a voicemail"],
    "time": ["until hours later", "until seconds before the window closes", "overnight"],
    "plan": ["apply", "end"],
}
EVENTS = [(kind, what) for kind, each in BETWEEN.items() for what in each]


class Races(Sender):
    @rule(
        who=st.integers(0, 3),
        event=st.sampled_from(EVENTS),
        stage=st.sampled_from(["queued", "claimed", "claimed", "by hand"]),
        fate=st.sampled_from(FATES),
    )
    def something_comes_between(
        self, who: int, event: tuple[str, str], stage: str, fate: tuple[str, int | None]
    ) -> None:
        """A text is due and on its way to the post; then this."""
        self.until_due(timedelta(0))
        if stage == "by hand":
            self.act(who, "reply")
        self.queue_due()
        if stage == "claimed":
            self.claim(32)
        self._happens(who, *event)
        self.claim(32)
        claims, self.claims = self.claims, []
        self.authorize(claims)
        self.all_are_taken(fate)

    def _happens(self, who: int, kind: str, what: str) -> None:
        if kind == "text":
            self.somebody_texts(who=who, body=what)
        elif kind == "act":
            self.act(who, what)
        elif kind == "call":
            self.call(who, what)
        elif kind == "plan":
            self.an_admin_edits_a_plan(
                plan="missed_call",
                steps=2,
                words="",
                active=True,
                runs="apply" if what == "apply" else "end",
                purpose="",
            )
        else:
            self.pass_time(timedelta(hours=13) if what == "overnight" else what)
