"""Texts: those to us that never came, and what became of ours. A STOP among them is known before
anything follows from a call."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads import delivery, gaps, late_text, set_aside, strange_text, unknown
from leads.db import transaction
from leads.listed import ListedText
from leads.message import Message
from leads.outbox import VALIDITY
from leads.unknown import Listed
from workers.comparison import OVERLAP, Comparison
from workers.listing import RowUnreadable

VALIDITY_OVER = timedelta(seconds=VALIDITY)


def compare(comparison: Comparison) -> None:
    """Raises ListUnavailable, UNAVAILABLE."""
    for begin, end in comparison.slices():
        missing: list[ListedText] = []
        further: list[tuple[int, ListedText]] = []
        for page in comparison.lists.texts(begin, end):
            comparison.looked_at("texts", len(page))
            listed = [text for text in page if text.created_at < comparison.until]
            with transaction() as session:
                new, old, strange = gaps.unsettled_texts(session, listed, comparison.numbers)
            missing += new
            further += old
            _strange(comparison, strange)
        for text in sorted(missing, key=lambda text: text.created_at):
            _received(comparison, text)
        for message_id, text in further:
            _reported(comparison, message_id, text)
    _last_words(comparison)


def _received(comparison: Comparison, listed: ListedText) -> None:
    text = listed.moved(comparison.shift)
    received = partial(late_text.received, listed=text)
    comparison.found["texts_added"] += bool(
        comparison.apply(received, text.sid, instead=partial(set_aside.text, listed=text))
    )


def _reported(comparison: Comparison, message_id: int, listed: ListedText) -> None:
    text = listed.moved(comparison.shift)
    changed = partial(_changed, message_id=message_id, text=text)
    comparison.found["reports_added"] += bool(comparison.apply(changed, text.sid))


def _changed(session: Session, message_id: int, text: ListedText) -> bool:
    """Whether it is news."""
    before = session.scalar(select(Message.state).where(Message.id == message_id))
    message = delivery.status_changed(
        session, message_id, text.sid, text.status, text.error_code, text.updated_at
    )
    return message is not None and message.state != before


def _strange(comparison: Comparison, strange: list[ListedText]) -> None:
    """Texts from our numbers whose SID we do not know: a post without an answer, or others',
    or ours of the time before a restore."""
    left = list(strange)
    if left:
        with transaction() as session:
            waiting = gaps.unknown_texts(session, {text.to_raw for text in left})
        for text in waiting:
            listed = [
                Listed(each.sid, each.body, each.created_at, each.status, each.error_code)
                for each in left
                if each.to_raw == text.to
            ]
            found = unknown.match(text, listed, set())
            if found is None:
                continue
            left = [each for each in left if each.sid != found.sid]
            settled = partial(unknown.settle, unknown=text, found=found, now=comparison.now)
            comparison.apply(settled, found.sid)
            comparison.found["unknowns_settled"] += 1
    comparison.found["texts_not_ours"] += len(left)
    for each in filter(strange_text.is_telling, left):
        learn = partial(strange_text.learn, listed=each.moved(comparison.shift))
        comparison.found["refusals_learnt"] += bool(comparison.apply(learn, each.sid))


def _last_words(comparison: Comparison) -> None:
    """A text's report may come hours after it, and be lost when the text itself is no longer in
    the span. Once its validity is over there is a last word, which is asked for."""
    age = comparison.shift - VALIDITY_OVER
    with transaction() as session:
        waiting = gaps.texts_without_a_last_word(
            session, comparison.since - OVERLAP + age, comparison.until + age
        )
    for message_id, sid in waiting:
        text = None
        with suppress(RowUnreadable):
            text = comparison.lists.text(sid)
        if text is not None and delivery.FROM_TWILIO.get(text.status, "sent") != "sent":
            _reported(comparison, message_id, text)
