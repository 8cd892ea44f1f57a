"""The worker's steps and the telephone service, taken apart so that anything may come between.

The service here is a list of what was posted. What it makes of a text, and when it says so, is
the example's choice; what is learnt of it goes through the same functions as in production.
"""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from leads import clock, db, delivery, due, lease, outbox, unknown
from leads.consent import Consent
from leads.db import database_time
from leads.delivery_errors import error_of
from leads.follow_up import FollowUp
from leads.lease import Claim
from leads.message import Message
from leads.phone import Phone
from leads.reminder import Reminder
from leads.unknown import Listed
from tests.leads.life.front_desk import FrontDesk
from tests.leads.life.history import Line, Posted
from tests.leads.life.people import DIES, FAILED, FATES, HOW, REFUSALS, REFUSED, THEN, WORK
from tests.leads.life.world import TIMES

ANSWERS = [
    *("accepted", "accepted", "taken, no answer yet", "taken, answer lost", "lost"),
    *("refused", "refused"),
]
UNTEXTABLE = {21211, 21614, 21635, 30004, 30005, 30006}
REAL_TIME = [
    *("workers die", "workers are slow", "pauses end"),
    *("the unknown is looked for", "the unknown is looked for later", "somebody asks"),
]
PAUSE = timedelta(minutes=15)  # the longest between two tries
LEASE_OVER = timedelta(seconds=61)
NOT_YET, ABSENT = timedelta(seconds=40), timedelta(minutes=11)


class Sender(FrontDesk):
    def __init__(self) -> None:
        super().__init__()
        self.claims: list[Claim] = []
        self.flying: list[Posted] = []  # posted; our side has not written down what came of it

    def begins(self, first: str, second: str, what: str) -> None:
        for who, does in enumerate((first, second)):
            if does in HOW:
                self.call(who, does)
            else:
                self.act(who, does)
        self.work(what)

    # Hypothesis leaves out about half of the rules in each example. Two ways to the same work
    # leave it in most of them.
    @rule(by=st.sampled_from(TIMES), then=st.sampled_from(THEN))
    def time_passes(self, by: timedelta | str, then: str) -> None:
        self.pass_time(by)
        self.work(then)

    @rule(what=st.sampled_from(WORK))
    def a_worker(self, what: str) -> None:
        self.work(what)

    def work(self, what: str) -> None:
        """Its claims may be minutes old when it authorizes them, or another worker's."""
        if what == "queues":
            self.queue_due()
        elif what == "claims":
            self.claim(32)
        elif what == "claims one":
            self.claim(1)
        elif what == "authorizes":
            claims, self.claims = self.claims, []
            self.authorize(claims)
        elif what == "authorizes one":
            claims, self.claims = self.claims[:1], self.claims[1:]
            self.authorize(claims)
        elif what != "sleeps":
            self.queue_due()
            self.claim(32)
            claims, self.claims = self.claims, []
            self.authorize(claims)
            if what in DIES:
                for post in self.flying if DIES[what] else []:
                    self._take(post, ("delivered", None))
                self.real_time_passes(what="workers die", which=0)
            elif what in REFUSED:
                self._all_are_refused(*REFUSED[what])
            elif what != "posts what it may":
                self.all_are_taken(FAILED.get(what, ("delivered", None)))

    def queue_due(self) -> None:
        self.conclude_calls()
        with db.transaction() as session:
            waiting = due.reminders(session, clock.now(session), 100)
        with self.doing() as (session, now):
            due.queue(session, waiting, now)

    def claim(self, limit: int) -> None:
        with self.doing() as (session, now):
            self.claims += lease.take(session, now, limit)

    def all_are_taken(self, fate: tuple[str, int | None]) -> None:
        """The service takes what was posted, and says what became of it."""
        posts, self.flying = self.flying, []
        for post in posts:
            self._take(post, fate)
            self.accept(post)
            self.report(post, *post.fate)

    def _all_are_refused(self, code: int | None, status: int) -> None:
        posts = [post for post in self.flying if post.sid is None]
        self.flying = [post for post in self.flying if post.sid is not None]
        for post in posts:
            self._refuse(post, code, status)

    def authorize(self, claims: list[Claim]) -> None:
        with self.doing() as (session, now):
            posts = outbox.authorize(session, claims, now)
            real = database_time(session)
            for post in posts:
                message = session.get_one(Message, post.message_id)
                run, step, purpose = None, None, "responsive"
                if message.reminder_id is not None:
                    reminder = session.get_one(Reminder, message.reminder_id)
                    run, step = session.get_one(FollowUp, reminder.follow_up_id), reminder.step
                    purpose = run.steps(session).step(step).purpose
                lines = session.scalars(select(Consent).where(Consent.phone_id == message.phone_id))
                number = session.get_one(Phone, message.phone_id).e164
                assert number == post.to
                posted = Posted(
                    n=self.history.n,
                    at=now,
                    real_at=real,
                    message_id=post.message_id,
                    attempt=post.attempt,
                    to=post.to,
                    lead=message.lead_id,
                    body=post.body,
                    validity_seconds=post.validity_seconds,
                    automated=message.automated,
                    topic=message.topic,
                    run=run.id if run else None,
                    step=step,
                    purpose=purpose,
                    run_was_open=run is None or run.ended_at is None,
                    ledger=tuple(Line(line.id, line.kind, line.basis, line.at) for line in lines),
                    mode=self.mode,
                    window=self.window,
                    heard_from=self.history.heard_from.get(message.lead_id, 0),
                    no_until=self.history.said_no.get(post.to, 0),
                )
                self.history.n += 1  # in their order: each counts for the caps of the next
                self.history.posts.append(posted)
                self.flying.append(posted)

    def _take(self, post: Posted, fate: tuple[str, int | None]) -> None:
        if post.sid is None:
            post.sid, post.fate = self.sid("SM"), fate

    @precondition(lambda self: self.flying)
    @rule(
        which=st.integers(0, 5),
        what=st.sampled_from(ANSWERS),
        fate=st.sampled_from(FATES),
        refusal=st.sampled_from(REFUSALS),
    )
    def the_service_answers(
        self,
        which: int,
        what: str,
        fate: tuple[str, int | None],
        refusal: tuple[int | None, int],
    ) -> None:
        """It may be late: the lease may have run out, or a callback been faster."""
        post = self.flying[which % len(self.flying)]
        if what == "taken, no answer yet":
            self._take(post, fate)
            return
        self.flying.remove(post)
        if what == "taken, answer lost":
            self._take(post, fate)
        if what == "accepted":
            self._take(post, fate)
            self.accept(post)
        elif what.endswith("lost") or post.sid is not None:
            with self.doing() as (session, now):
                outbox.lost(session, post.message_id, post.attempt, now)
        else:
            self._refuse(post, *refusal)

    def _refuse(self, post: Posted, code: int | None, status: int) -> None:
        with self.doing() as (session, now):
            error = error_of(code, status)
            outbox.refused(session, post.message_id, post.attempt, code, error, now)
        post.told.append((self.history.n, "refused"))
        self._learn(post, code)

    def accept(self, post: Posted) -> None:
        with self.doing() as (session, now):
            outbox.accepted(session, [(post.message_id, post.attempt, str(post.sid))], now)
        post.told.append((self.history.n, "accepted"))

    def _learn(self, post: Posted, code: int | None) -> None:
        history = self.history
        if code == 21610 and not history.is_out(post.to):
            history.opts(post.to, out=True, at_twilio=True)
        if code in UNTEXTABLE:
            history.untextable.setdefault(post.to, history.n)

    @precondition(lambda self: any(post.sid for post in self.history.posts))
    @rule(
        which=st.integers(0, 9),
        status=st.sampled_from(["queued", "sent", "its end", "its end", "its end", "delivered"]),
    )
    def the_service_reports(self, which: int, status: str) -> None:
        """In any order, twice, late; rarely a text that was reported lost has arrived after all."""
        posts = [post for post in self.history.posts if post.sid]
        post = posts[-1 - which % len(posts)]
        code = None
        if status == "its end":
            status, code = post.fate
        elif status == "delivered" and post.fate[1] not in {None, 30003, 30008}:
            return
        self.report(post, status, code)

    def report(self, post: Posted, status: str, code: int | None) -> None:
        with self.doing() as (session, now):
            delivery.status_changed(session, post.message_id, str(post.sid), status, code, now)
        known = post.known(self.history.n)
        post.told.append((self.history.n, status))
        if "delivered" not in known:
            self._learn(post, code)

    @rule(what=st.sampled_from(REAL_TIME), which=st.integers(0, 5))
    def real_time_passes(self, what: str, which: int) -> None:
        """Leases run out: a worker died, or is slow and goes on as if nothing were. Pauses end."""
        if what == "somebody asks":
            self.staff_settle_the_unknown(which)
        elif what.startswith("the unknown"):
            self.look_for_the_unknown(ABSENT if what.endswith("later") else NOT_YET)
        else:
            self.age(PAUSE if what == "pauses end" else LEASE_OVER)
            if what == "workers die":
                self.claims, self.flying = [], []
            with self.doing() as (session, now):
                outbox.sweep(session, now)

    def look_for_the_unknown(self, after: timedelta) -> None:
        """In the service's own list of what it took for that number."""
        self.age(after)
        with self.doing() as (session, now):
            outbox.sweep(session, now)  # so much real time has gone by
        with db.transaction() as session:
            waiting = unknown.waiting(session, 20)
        for text in waiting:
            taken = [post for post in self.history.posts if post.sid and post.to == text.to]
            listed = [
                Listed(str(p.sid), p.body, p.real_at, *(("sent", None), p.fate)[p.message_id % 2])
                for p in taken
            ]
            with self.doing() as (session, now):
                ours = unknown.known_sids(session, [one.sid for one in listed])
                found = unknown.match(text, listed, ours)
                unknown.settle(session, text, found, now)
            post = next(p for p in self.history.posts if p.attempt == text.attempt)
            assert found is None or found.sid == post.sid
            if found is not None:
                post.told.append((self.history.n, found.status))
                self._learn(post, found.error_code)
            elif text.absent:
                assert post.sid is None
                self.flying = [other for other in self.flying if other is not post]
                post.told.append((self.history.n, "absent"))

    def staff_settle_the_unknown(self, which: int) -> None:
        """They ask the person, who says what is true."""
        with db.transaction() as session:
            waiting = unknown.still_open(session, clock.now(session))
        if waiting:
            attempt = waiting[which % len(waiting)].attempt
            post = next(p for p in self.history.posts if p.attempt == attempt)
            self.settle_by_hand(post.message_id, arrived=post.sid is not None)
            if post.sid is None:
                self.flying = [other for other in self.flying if other is not post]
                post.told.append((self.history.n, "absent"))
