"""Finding people, and what the search reads to find them."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from leads import desk, search, walk_in
from leads.demo.telephone import Telephone
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.recording import Recording
from tests.browser import people
from tests.conftest import TUESDAY_TEN
from tests.leads.test_claim_plan import nodes_of, plans

__all__ = ["nodes_of"]
LONG = {"lead", "phone", "lead_phone", "message", "timeline", "recording", "call"}


@pytest.fixture
def played(morning: str, session: Session) -> Session:
    assert morning
    return session


def names(session: Session, q: str) -> set[str]:
    found = search.find(session, q)
    assert not found.partial
    return set(session.scalars(select(Lead.name).where(Lead.id.in_(found.lead_ids))))


@pytest.mark.parametrize(
    "q", ["142", "0142", "5550142", "555-0142", "(206) 555.0142", "+1 206 555 0142", "1206555 0142"]
)
def test_any_part_of_a_number_finds_its_people_whatever_stands_between(
    played: Session, q: str
) -> None:
    assert "Maria Alvarez" in names(played, q)


@pytest.mark.parametrize("q", ["maria", "ALVAREZ", "alvarez maria", "ria alv", "al"])
def test_any_part_of_a_name_finds_them_in_any_order_and_case(played: Session, q: str) -> None:
    assert "Maria Alvarez" in names(played, q)


def test_notes_texts_and_voicemails_are_searched_and_their_words_shown(played: Session) -> None:
    maria = Telephone(played).lead(people.MARIA)
    tomas = Telephone(played).lead(people.TOMAS)
    grace = Telephone(played).lead(people.GRACE)
    for q, lead, kind, marked in (
        ("sister elena", maria, "note", ["sister", "Elena"]),
        ("tomorrow", maria, "text_in", ["tomorrow"]),
        ("shall i put", grace, "text_out", ["Shall", "put"]),
        ("mornings are best", tomas, "voicemail", ["mornings", "are", "best"]),
    ):
        assert lead.id in search.find(played, q).lead_ids, q
        match = search.matches(played, q, [lead.id])[lead.id]
        assert match.kind == kind
        told = [piece for piece, is_marked in match.pieces if is_marked]
        assert set(marked) <= set(told), (q, told)


def test_what_was_logged_by_hand_is_searched_like_a_note(played: Session) -> None:
    linh = Telephone(played).lead(people.LINH)
    told = walk_in.Told("walked_in", "Bought a lumbar pillow.", needs_call=False)
    walk_in.log(played, linh, told, None, TUESDAY_TEN)
    assert search.find(played, "lumbar pillow").lead_ids == [linh.id]
    match = search.matches(played, "lumbar pillow", [linh.id])[linh.id]
    assert match.kind == "note"
    assert [piece for piece, is_marked in match.pieces if is_marked] == ["lumbar", "pillow"]


def test_what_was_said_in_a_recorded_call_is_not_searched(played: Session) -> None:
    tomas = Telephone(played).lead(people.TOMAS)
    words = "mornings are best"
    assert search.find(played, words).lead_ids == [tomas.id]
    for recording in played.scalars(select(Recording).where(Recording.transcript.is_not(None))):
        recording.kind = "call"
    played.flush()
    assert search.find(played, words).lead_ids == []
    assert search.matches(played, words, [tomas.id]) == {}


def test_texts_of_plans_find_nobody(played: Session) -> None:
    assert search.find(played, "sorry we missed your call").lead_ids == []


def test_what_was_typed_is_letters_and_never_a_pattern(played: Session) -> None:
    for q in ("%%", "__", "m_ria", "mar%a", "\\\\", "100%"):
        assert names(played, q) == set(), q
    desk.rename(played, Telephone(played).lead(people.MARIA), None, TUESDAY_TEN, "100% \\ Maria_")
    assert names(played, "100%") == names(played, "ia_") == {"100% \\ Maria_"}


@pytest.mark.parametrize("q", ["m", "4", " 1", "-", "a b", "--", "..", ":)", "%%", "a.", "- x -"])
def test_one_letter_or_two_digits_are_asked_for_more(q: str) -> None:
    assert "two letters" in search.too_little(q)


def test_signs_are_looked_for_with_letters_alone(played: Session) -> None:
    assert search.Words.of("maria -- ... :)").words == ("maria",)
    for q in ("--", ":)", "-", ""):
        assert search.find(played, q).lead_ids == search.find_people(played, q).lead_ids == []


def test_more_people_than_are_gone_through_are_said_to_be_more(
    played: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 3)
    assert search.find(played, "555").partial
    assert not search.find(played, "maria").partial


def test_the_search_reads_no_long_table_whole(database: str, session: Session) -> None:
    assert database
    _many(session, 5_000)
    session.execute(text("ANALYZE"))
    for q in ("maria", "an", "5550142", "206", "sister elena", "nobody at all"):
        asked = search.statement(q)
        search.plan_by_letters(session, only="off")
        _, nodes = plans(session, partial(session.execute, asked))
        read = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
        assert not read & LONG, q
        used = {node.get("Index Name") for node in nodes}
        assert {"ix_lead_name_letters", "ix_timeline_written_letters"} <= used


MANY = """
INSERT INTO lead (name, stage, relation, source, created_at, last_activity_at, tags) SELECT
md5(n::text), 'new', 'prospect', 'ads', :at, :at, '[]' FROM generate_series(1, :n) n;
INSERT INTO phone (e164) SELECT '+1206' || lpad(n::text, 7, '0') FROM generate_series(1, :n) n;
INSERT INTO lead_phone SELECT lead.id, phone.id, true FROM lead JOIN phone ON phone.e164 =
'+1206' || lpad(lead.id::text, 7, '0');
INSERT INTO timeline (lead_id, at, kind, text, facts) SELECT id, :at, 'note', md5(id::text ||
'note'), '{}' FROM lead;
INSERT INTO message (lead_id, phone_id, direction, body, media_count, segments, automated,
state, created_at, due_at, attempts) SELECT lead_id, phone_id, 'inbound', md5(lead_id::text ||
'text'), 0, 1, false, 'received', :at, :at, 0 FROM lead_phone;
INSERT INTO call (sid, lead_id, phone_id, direction, from_raw, outcome, "returning",
prompt_promises, started_at) SELECT 'CA' || lead_id, lead_id, phone_id, 'inbound', '', 'voicemail',
false, false, :at FROM lead_phone;
INSERT INTO recording (sid, call_id, kind, state, seconds, url, transcript, created_at,
fetch_attempts) SELECT 'RE' || id, id, 'voicemail', 'completed', 9, '', md5(sid), :at, 0 FROM
call;
"""


def _many(session: Session, count: int) -> None:
    """Leads with a number, a note and a text each, and some voicemails."""
    session.execute(text("SET LOCAL statement_timeout = '2min'"))
    values = {"n": count, "at": TUESDAY_TEN}
    for statement in filter(str.strip, MANY.split(";")):
        session.execute(text(statement), values)


def test_a_merged_lead_and_a_deleted_word_leave_no_trace(played: Session) -> None:
    """The search gives ids; the filter of the list leaves out who was merged."""
    from leads.lead_filter import LeadFilter, count, fitting

    chosen = LeadFilter.read([("q", "maria")])
    assert count(played, fitting(played, chosen)) == 1
    maria = Telephone(played).lead(people.MARIA)
    maria.merged_into_id = Telephone(played).lead(people.DEREK).id
    played.flush()
    assert count(played, fitting(played, chosen)) == 0


def test_people_alone_are_found_without_their_papers(played: Session) -> None:
    assert search.find_people(played, "sister").lead_ids == []
    assert search.find_people(played, "maria").lead_ids


def test_a_shared_number_finds_everybody_who_has_it(played: Session) -> None:
    phone = played.scalars(select(Phone).where(Phone.e164 == people.MARIA)).one()
    elena = Lead(
        name="Elena Alvarez",
        created_at=TUESDAY_TEN - timedelta(days=1),
        last_activity_at=TUESDAY_TEN,
    )
    played.add(elena)
    played.flush()
    played.add(LeadPhone(lead_id=elena.id, phone_id=phone.id, main=False))
    played.flush()
    assert names(played, "206-555-0142") == {"Maria Alvarez", "Elena Alvarez"}
    assert played.scalars(select(Recording.id)).first() is not None
