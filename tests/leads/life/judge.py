"""The rules once more, as small as they can be, over what was posted: none of the code that they
judge has a part in it. Each function gives a sentence for every violation."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.leads.life.history import History, Line, Posted
from tests.leads.life.people import FIRST_DAY, HOLIDAYS, LAST_DAY, ZONES

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
SUNDAY = 6
EARLIEST, LATEST = time(8), time(20)

_TEXTS = {"responsive", "informational"}
COVERS = {
    "call": {"responsive"},
    **dict.fromkeys(("notice", "keypress", "reply", "staff"), _TEXTS),
    "form": {*_TEXTS, "marketing"},
}
REFUSED_BASES = {"call": set[str](), "notice": {"call"}, "keypress": {"call", "notice"}}

_ALWAYS = {
    *("replied", "closed", "opted_out", "wrong_number", "declined", "untextable", "relation"),
    *("stopped", "edited", "finished"),
}
_IN_TOUCH = {"answered", "contacted", "booked"}
ENDINGS = {
    "missed_call": _ALWAYS | _IN_TOUCH | {"superseded", "won"},
    "voicemail": _ALWAYS | _IN_TOUCH | {"superseded", "won"},
    "spoke": _ALWAYS | _IN_TOUCH | {"superseded", "won"},
    "appointment": _ALWAYS | {"moved", "called_off", "not_kept"},
    "missed_appointment": _ALWAYS | _IN_TOUCH | {"moved", "called_off", "not_kept"},
}

IN_TOUCH_ENDS = {"missed_call", "voicemail", "spoke", "missed_appointment"}

# A message's states, and where each may go. Back to the outbox only after a plain refusal.
FORWARD = {
    "queued": {"sending"},
    "sending": {"queued", "unknown", "sent", "undelivered", "failed", "delivered"},
    "unknown": {"sent", "undelivered", "failed", "delivered"},
    "sent": {"undelivered", "failed", "delivered"},
    "undelivered": {"delivered"},
    "failed": {"delivered"},
    "delivered": set[str](),
    "received": set[str](),
}


def repeated(history: History) -> Iterator[str]:
    for post in history.posts:
        for earlier in history.posts:
            same_step = earlier.run == post.run and earlier.step == post.step
            same = earlier.message_id == post.message_id or (post.run is not None and same_step)
            if earlier.n < post.n and same and not earlier.may_be_repeated(post.n):
                yield f"{_name(post)} was posted again; of the first we knew {earlier.told}"


def after_no(history: History) -> Iterator[str]:
    """The one text that may follow an opt-out is its confirmation, once."""
    confirmed: set[tuple[str, int]] = set()
    for post in history.posts:
        if not history.is_out(post.to, post.n):
            if post.topic == "confirmation":
                yield f"{_name(post)} confirms an opt-out that is not in force"
            continue
        if post.topic != "confirmation":
            yield f"{_name(post)} went to {post.to} after the opt-out"
            continue
        since = [when for when, out in history.opted_out[post.to] if out and when < post.n]
        opted_in = [when for when, out in history.opted_out[post.to] if not out and when < post.n]
        current = (post.to, min(n for n in since if n > max(opted_in, default=-1)))
        again = post.message_id in {
            p.message_id for p in history.posts if p.n < post.n and p.may_be_repeated(post.n)
        }
        if current in confirmed and not again:
            yield f"{_name(post)} confirms the same opt-out a second time"
        confirmed.add(current)


def to_the_untextable(history: History) -> Iterator[str]:
    for post in history.posts:
        if post.automated and history.untextable.get(post.to, post.n) < post.n:
            yield f"{_name(post)} went to {post.to}, which cannot be texted"


def outside_window(history: History) -> Iterator[str]:
    for post in history.posts:
        if not post.automated:
            continue
        for name in ZONES[post.to]:
            local = post.at.astimezone(ZoneInfo(name))
            assert FIRST_DAY <= local.date() <= LAST_DAY, "the judge's list of holidays ends"
            start, end = max(post.window.start, EARLIEST), min(post.window.end, LATEST)
            quiet = local.weekday() == SUNDAY or local.date() in HOLIDAYS
            if quiet or not start <= local.time() < end:
                yield f"{_name(post)} went at {local:%A %Y-%m-%d %H:%M:%S} in {name}"
            closing = datetime.combine(local.date(), end, local.tzinfo)
            if post.at + timedelta(seconds=post.validity_seconds - 1) > closing:
                yield f"{_name(post)} may be delivered after {end} in {name}"


def over_caps(history: History) -> Iterator[str]:
    """By person, over all their numbers; what is known not to have arrived does not count."""
    for post in history.posts:
        if not post.automated or post.topic == "confirmation":
            continue
        before = [
            earlier
            for earlier in history.posts
            if earlier.n < post.n
            and earlier.automated
            and (earlier.lead == post.lead or earlier.to in history.phones[post.lead])
            and not earlier.did_not_arrive(post.n)
        ]
        if sum(earlier.at > post.at - DAY for earlier in before) >= 3:
            yield f"{_name(post)} is the fourth automated text within 24 hours"
        if post.topic != "inquiry":
            continue
        inquiry = [earlier for earlier in before if earlier.topic == "inquiry"]
        if any(earlier.at > post.at - DAY for earlier in inquiry):
            yield f"{_name(post)} is the second about an inquiry within 24 hours"
        if sum(earlier.at > post.at - WEEK for earlier in inquiry) >= 3:
            yield f"{_name(post)} is the fourth about an inquiry within 7 days"


def over_three(history: History) -> Iterator[str]:
    """Of one lead, since it was last heard from."""
    for post in history.posts:
        if post.topic != "inquiry":
            continue
        unanswered = [
            earlier
            for earlier in history.posts
            if post.heard_from < earlier.n < post.n
            and earlier.topic == "inquiry"
            and earlier.lead == post.lead
            and not earlier.did_not_arrive(post.n)
        ]
        if len(unanswered) >= 3:
            yield f"{_name(post)} is the fourth about one inquiry without an answer"


def without_consent(history: History) -> Iterator[str]:
    used: dict[int, Posted] = {}
    for post in history.posts:
        if not post.automated or post.topic == "confirmation":
            continue
        lines = _standing(post)
        fitting = [
            line
            for line in lines
            if line.id > post.no_until
            and line.at <= post.at
            and post.purpose in COVERS[line.basis]
            and line.basis not in REFUSED_BASES[post.mode]
        ]
        if not fitting:
            yield f"{_name(post)} ({post.purpose}) has no line in the ledger: {lines}"
        elif all(line.basis == "call" for line in fitting):
            spent = [used[line.id] for line in fitting if line.id in used]
            again = [p for p in spent if p.may_be_repeated(post.n)]
            if len(spent) - len(again) >= len(fitting):
                yield f"{_name(post)} is a second text on the same call"
            free = [line for line in fitting if line.id not in used or used[line.id] in again]
            if free:
                used[free[-1].id] = post


def _standing(post: Posted) -> list[Line]:
    """The lines given since the last revocation."""
    revoked = max((line.id for line in post.ledger if line.kind == "revoked"), default=0)
    return [line for line in post.ledger if line.kind == "given" and line.id > revoked]


def while_paused(history: History) -> Iterator[str]:
    for post in history.posts:
        if post.run is not None and history.paused.get(post.run, post.n) < post.n:
            yield f"{_name(post)} went while its run was paused"


def after_the_end(history: History) -> Iterator[str]:
    for post in history.posts:
        if post.run is None:
            continue
        if not post.run_was_open:
            yield f"{_name(post)} went after its run had ended"
        n, why = history.over.get(post.run, (post.n, ""))
        if n < post.n:
            yield f"{_name(post)} went although {why}"


def _name(post: Posted) -> str:
    what = f"step {post.step} of run {post.run}" if post.run else f"a {post.topic or 'staff'} text"
    return f"Post {post.n}, {what} to lead {post.lead},"
