"""One look at what is due: reminders become texts, texts are claimed, checked and posted.

The rules are in leads/due.py and leads/outbox.py. Here is what happens between two
transactions: the network.
"""

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace

import structlog

from leads import (
    by_hand,
    call,
    clock,
    darkness,
    due,
    held_back,
    lease,
    missed_call,
    outbox,
    unknown,
)
from leads.db import transaction
from leads.delivery_errors import NOT_CONNECTED
from leads.installation import Installation
from leads.lease import Claim
from leads.log import what_failed
from leads.outbox import Post
from workers import twilio_api
from workers.twilio_api import OutcomeUnknown, Refusal

log = structlog.get_logger()

REMINDERS_A_LOOK = 100
AT_ONCE = twilio_api.CONNECTIONS  # posts in flight; none holds one to the database
A_ROUND = 64  # that many are made ready together: it is the statements that cost, not their rows
SLOW = 20.0  # seconds between the last check and the post; far less than a lease
LONGEST = 10.0  # seconds of going on while there is work; the next tick goes on from there

# A post, and its SID, or why there is none.
Outcome = tuple[Post, str | Refusal | OutcomeUnknown]


def send_due() -> None:
    """Everything that is due now and that the senders' pace allows. Raises WrongInstallation."""
    with transaction() as session:
        Installation.current(session)  # nothing that was typed in play goes out for real
        outbox.sweep(session, clock.now(session))
    with transaction() as session:
        by_hand.give_back(session, clock.now(session))
    if not in_the_dark():
        conclude_calls()
    send_for(LONGEST)
    with transaction() as session:
        now = clock.now(session)
        held_back.tell(session, darkness.why(session), now, REMINDERS_A_LOOK)


def send_for(seconds: float) -> None:
    """Round after round, until nothing more may go or so much time is over."""
    until = time.monotonic() + seconds
    # While some posts are on their way, the next are made ready and the last are written down.
    with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(1) as writer:
        under_way: set[Future[Outcome]] = set()
        written: Future[None] | None = None
        while True:
            free = AT_ONCE - len(under_way)
            begun = []
            if free >= A_ROUND and time.monotonic() < until:
                begun = send_some(pool, free)
            under_way |= set(begun)
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            if written is not None:
                written.result()
            written = writer.submit(write_down, [future.result() for future in done])


def send_some(pool: Executor, at_most: int) -> list["Future[Outcome]"]:
    """Begin as many posts of what may go now as there are threads free for them."""
    posts: list[Post] = []
    while not posts:
        claims = claim(at_most)
        if not claims:
            return []
        authorized_at = time.time()  # before the check: a pause within it counts, too
        posts = authorize(claims)
    return [pool.submit(post_one, post, authorized_at) for post in posts]


def claim(at_most: int) -> list[Claim]:
    """What is queued; where that is too little, what falls due is queued first. In the dark, what
    staff wrote and no more."""
    dark = in_the_dark()
    with transaction() as session:
        held = lease.take(session, clock.now(session), at_most, by_hand_alone=dark)
    if len(held) < at_most and not dark and queue_due():
        with transaction() as session:
            held += lease.take(session, clock.now(session), at_most - len(held))
    return held


def in_the_dark() -> bool:
    """Whether automated texts wait because a STOP may not have reached us. Asked in each round:
    what the last check holds back would else be claimed on and on."""
    with transaction() as session:
        return darkness.why(session) is not None


def conclude_calls() -> None:
    """Follow up on callers whose call was never reported as over."""
    with transaction() as session:
        sids = missed_call.unreported(session, clock.now(session), 20)
    for sid in sids:
        try:
            with transaction() as session:
                now = clock.now(session)
                missed_call.consider(session, call.find(session, sid, now), now)
        except Exception as error:
            log.error("call_not_concluded", **what_failed(error))


def queue_due() -> int:
    """Decide on what is due, all at once; where that fails, each in its own transaction: one
    reminder that cannot be decided holds up no other. Says how many there were."""
    waiting: list[int] = []
    try:
        with transaction() as session:
            due.wait_for_turn(session)
            now = clock.now(session)
            waiting = due.reminders(session, now, REMINDERS_A_LOOK)
            if waiting:
                due.queue(session, waiting, now)
    except Exception as error:
        log.error("reminders_one_by_one", count=len(waiting), **what_failed(error))
        for reminder_id in waiting:
            _queue_one(reminder_id)
    return len(waiting)


def _queue_one(reminder_id: int) -> None:
    """Raises only what the database cannot even take note of: it is gone."""
    try:
        with transaction() as session:
            due.queue(session, [reminder_id], clock.now(session))
    except Exception as error:
        log.error("reminder_undecided", reminder_id=reminder_id, **what_failed(error))
        with transaction() as session:
            due.postpone(session, reminder_id, clock.now(session))


def authorize(claims: Sequence[Claim]) -> list[Post]:
    """Check the claimed texts a last time; where that fails, one by one. A claim that is left
    runs out and is made again."""
    try:
        with transaction() as session:
            return outbox.authorize(session, claims, clock.now(session))
    except Exception as error:
        log.error("texts_one_by_one", count=len(claims), **what_failed(error))
    posts = []
    for claim in claims:
        try:
            with transaction() as session:
                posts += outbox.authorize(session, [claim], clock.now(session))
        except Exception as error:
            log.error("text_left", message_id=claim[0], **what_failed(error))
    return posts


def post_one(post: Post, authorized_at: float) -> Outcome:
    """Hand one text to Twilio. Raises nothing: what came of it is the answer.

    A process that was stopped, or a machine that slept, since the last check posts nothing any
    more: they may have opted out meanwhile, and others take the text for lost.
    """
    since = time.time() - authorized_at
    left = int(post.validity_seconds - since)  # or the carrier would try past the window's end
    if since > SLOW or left < 1:
        return post, Refusal(None, NOT_CONNECTED)
    try:
        return post, twilio_api.send(replace(post, validity_seconds=left))
    except (Refusal, OutcomeUnknown) as error:
        return post, error
    except Exception as error:
        unknown = OutcomeUnknown()
        unknown.__cause__ = error
        return post, unknown


def write_down(outcomes: Sequence[Outcome]) -> None:
    """Keep what came of some posts. What cannot be kept is told by the status callback; else the
    lease runs out: unknown."""
    taken = [
        (post.message_id, post.attempt, came) for post, came in outcomes if isinstance(came, str)
    ]
    try:
        if taken:
            with transaction() as session:
                outbox.accepted(session, taken, clock.now(session))
    except Exception as error:
        log.error("texts_one_by_one", count=len(taken), **what_failed(error))
        for each in taken:
            _taken(each)
    for post, came in outcomes:
        if isinstance(came, str):
            continue
        try:
            _not_taken(post, came)
        except Exception as error:
            log.error("text_left", message_id=post.message_id, **what_failed(error))


def _taken(each: tuple[int, uuid.UUID, str]) -> None:
    try:
        with transaction() as session:
            outbox.accepted(session, [each], clock.now(session))
    except Exception as error:
        log.error("text_left", message_id=each[0], **what_failed(error))


def _not_taken(post: Post, why: Refusal | OutcomeUnknown) -> None:
    with transaction() as session:
        now = clock.now(session)
        if isinstance(why, Refusal):
            outbox.refused(session, post.message_id, post.attempt, why.code, why.error, now)
        else:
            outbox.lost(session, post.message_id, post.attempt, now)
    if isinstance(why, Refusal):
        log.warning("text_refused", message_id=post.message_id, code=why.code)
    else:
        cause = what_failed(why.__cause__ or why)
        log.warning("text_unknown", message_id=post.message_id, **cause)


def settle_unknown() -> None:
    """Ask Twilio's own list what became of texts whose outcome is unknown."""
    with transaction() as session:
        waiting = unknown.waiting(session, 20)
    for text in waiting:
        try:
            listed = twilio_api.texts_to(text.to)
        except OutcomeUnknown as error:
            cause = what_failed(error.__cause__ or error)
            log.warning("list_unavailable", message_id=text.message_id, **cause)
            continue
        except Exception as error:
            log.error("list_unreadable", message_id=text.message_id, **what_failed(error))
            continue
        try:
            with transaction() as session:
                ours = unknown.known_sids(session, [one.sid for one in listed])
                found = unknown.match(text, listed, ours)
                unknown.settle(session, text, found, clock.now(session))
        except Exception as error:
            log.error("text_left", message_id=text.message_id, **what_failed(error))
