"""The crowd's rows, written table by table from what crowd.py and crowd_texts.py have drawn.
Their texts and timelines are written by crowd_history.py."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.call import Call, CallLeg
from leads.delivery_errors import in_words
from leads.demo import names
from leads.demo.crowd import Ids
from leads.demo.sound import beep
from leads.demo.table import count_on, put, run
from leads.lead import Lead
from leads.phone import LeadPhone, Phone
from leads.practice import PracticePhone
from leads.recording import Recording, RecordingAudio

Say = Callable[[str], None]
LANDLINE = 30006
SOUNDS = 60  # of the newest voicemails; a million would fill the disk

SETTLED = """
CREATE TEMP TABLE demo_settled ON COMMIT DROP AS
SELECT i, dice, staff_id, CASE WHEN given_up THEN over_at + interval '2 hours'
    WHEN end_reason = 'replied' THEN NULL ELSE met_at END AS at,
    CASE WHEN given_up THEN 'closed' WHEN end_reason = 'booked' THEN 'booked'
         ELSE 'contacted' END AS kind
FROM demo_missed
"""
SUMMED = """
CREATE TEMP TABLE demo_sum ON COMMIT DROP AS
SELECT l.*, c.first_at, greatest(c.last_at, s.last_at, m.last_at) AS last_activity_at,
    m.last_text_in_at, s.given_up, s.booked_at, c.spoke, x.stopped_at, x.landline_at,
    pg_temp.dice(l.i, 18) AS fate
FROM demo_lead AS l
JOIN (SELECT i, min(at) AS first_at, max(at) AS last_at, bool_or(outcome = 'answered') AS spoke
      FROM demo_call GROUP BY i) AS c USING (i)
LEFT JOIN (SELECT i, max(at) FILTER (WHERE kind <> 'closed') AS last_at,
                  bool_or(kind = 'closed') AS given_up,
                  max(at) FILTER (WHERE kind = 'booked') AS booked_at
           FROM demo_settled GROUP BY i) AS s USING (i)
LEFT JOIN (SELECT i, max(at) FILTER (WHERE kind <> 'ours') AS last_at,
                  max(at) FILTER (WHERE kind = 'theirs') AS last_text_in_at
           FROM demo_message GROUP BY i) AS m USING (i)
LEFT JOIN (SELECT i, min(over_at) FILTER (WHERE end_reason = 'opted_out') AS stopped_at,
                  min(over_at) FILTER (WHERE end_reason = 'untextable') AS landline_at
           FROM demo_run GROUP BY i) AS x USING (i)
"""
STAGE = """
CASE WHEN relation = 'other' THEN 'not_a_lead'
     WHEN given_up AND fate < 0.5 THEN 'lost'
     WHEN fate < 0.3 THEN 'won' WHEN fate < 0.42 THEN 'lost' WHEN fate < 0.47 THEN 'not_a_lead'
     WHEN fate < 0.65 OR booked_at IS NOT NULL THEN 'booked'
     ELSE 'contacted' END
"""


def write(session: Session, ids: Ids, prompt: str, say: Say) -> None:
    """The people, their calls and voicemails. `prompt`: what callers heard."""
    run(session, SETTLED)
    run(session, SUMMED)
    run(session, "ANALYZE demo_settled, demo_sum")
    say("Writing people …")
    _people(session)
    say("Writing calls …")
    _calls(session, ids, prompt)
    for model in (Phone, Lead, Call):
        count_on(session, model)


def _people(session: Session) -> None:
    words = in_words(LANDLINE)
    put(
        session,
        Phone,
        {
            "id": "phone_id",
            "e164": "e164",
            "opted_out_at": "stopped_at",
            "opted_out_how": "CASE WHEN stopped_at IS NOT NULL THEN 'text' END",
            "untextable_at": "landline_at",
            "untextable_why": "CASE WHEN landline_at IS NOT NULL THEN CAST(:words AS text) END",
        },
        "FROM demo_sum ORDER BY i",
        words=words,
    )
    put(
        session,
        Lead,
        {
            "id": "lead_id",
            "name": "CASE WHEN spoke OR fate < 0.4 THEN demo_sum.name ELSE '' END",
            "stage": STAGE,
            "relation": "relation",
            "source": "tracking_number.source",
            "owner_id": "CASE WHEN pg_temp.dice(i, 19) < 0.6 THEN staff_id END",
            "created_at": "first_at",
            "last_activity_at": "last_activity_at",
            "last_text_in_at": "last_text_in_at",
            "texts_read_at": "last_text_in_at + interval '3 minutes'",
            "appointment_at": "CASE WHEN booked_at IS NOT NULL "
            "THEN date_trunc('hour', booked_at) + interval '2 days' END",
            "value_cents": f"CASE WHEN {STAGE} = 'won' "
            "THEN 5000 * (1 + floor(20 * pg_temp.dice(i, 21)))::int END",
            "tags": "CASE WHEN pg_temp.dice(i, 22) < 0.2 THEN jsonb_build_array("
            "(CAST(:tags AS text[]))[1 + floor(pg_temp.dice(i, 23) * :many)]) ELSE '[]' END",
        },
        "FROM demo_sum JOIN tracking_number ON tracking_number.id = number_id ORDER BY i",
        tags=list(names.TAGS),
        many=len(names.TAGS),
    )
    put(
        session,
        LeadPhone,
        {"lead_id": "lead_id", "phone_id": "phone_id", "main": "true"},
        "FROM demo_lead ORDER BY i",
    )


def _calls(session: Session, ids: Ids, prompt: str) -> None:
    prompted = "outcome IN ('missed', 'voicemail')"
    put(
        session,
        Call,
        {
            "id": ":call + n",
            "sid": "'CAde' || lpad(to_hex(:call + n), 30, '0')",
            "lead_id": "lead_id",
            "phone_id": "phone_id",
            "tracking_number_id": "number_id",
            "direction": "'inbound'",
            "from_raw": "demo_lead.e164",
            "to_raw": "tracking_number.e164",
            "outcome": "outcome",
            "outcome_told": "outcome",
            "returning": "nth > 1",
            "started_at": "at",
            "dialled_at": "CASE WHEN is_open THEN at END",
            "dial_status": "CASE WHEN NOT is_open THEN NULL WHEN outcome = 'answered' "
            "THEN 'completed' WHEN outcome <> 'abandoned' THEN 'no-answer' END",
            "answered_at": "CASE WHEN outcome = 'answered' "
            "THEN at + heard_after * interval '1 second' END",
            "prompted_at": f"CASE WHEN {prompted} THEN at + rung * interval '1 second' END",
            "prompt": f"CASE WHEN {prompted} THEN CAST(:prompt AS text) END",
            "prompt_promises": prompted,
            "prompt_heard_at": f"CASE WHEN {prompted} "
            "THEN at + heard_after * interval '1 second' END",
            "voicemail_at": "CASE WHEN outcome = 'voicemail' THEN ended_at END",
            "follow_up_decided_at": "CASE WHEN outcome <> 'answered' THEN ended_at END",
            "ended_at": "ended_at",
            "talk_seconds": "CASE WHEN outcome = 'answered' THEN talk END",
            "stir": "'TN-Validation-Passed-' || CASE WHEN pg_temp.dice(dice, 40) < 0.85 THEN 'A' "
            "WHEN pg_temp.dice(dice, 40) < 0.98 THEN 'B' ELSE 'C' END",
        },
        "FROM demo_call JOIN demo_lead USING (i) "
        "JOIN tracking_number ON tracking_number.id = number_id ORDER BY n",
        call=ids.call,
        prompt=prompt,
    )
    desk = PracticePhone.ringing(session)[0]
    put(
        session,
        CallLeg,
        {
            "sid": "'CAd1' || lpad(to_hex(:call + n), 30, '0')",
            "call_sid": "'CAde' || lpad(to_hex(:call + n), 30, '0')",
            "practice_phone_id": ":desk",
            "asks_for_key": ":key",
            "status": "'completed'",
            "accepted_at": "at + heard_after * interval '1 second'",
            "talk_seconds": "talk",
        },
        "FROM demo_call WHERE outcome = 'answered' ORDER BY n",
        call=ids.call,
        desk=desk.id,
        key=desk.asks_for_key,
    )
    _voicemails(session, ids)


def _voicemails(session: Session, ids: Ids) -> None:
    put(
        session,
        Recording,
        {
            "sid": "'REde' || lpad(to_hex(:call + n), 30, '0')",
            "call_id": ":call + n",
            "kind": "'voicemail'",
            "state": "'completed'",
            "seconds": "talk",
            "url": "'https://api.example.com/REde' || n",
            "transcript": "(CAST(:said AS text[]))[1 + floor(pg_temp.dice(dice, 41) * :many)]",
            "created_at": "ended_at",
            "fetched_at": "ended_at",
        },
        "FROM demo_call WHERE outcome = 'voicemail' ORDER BY n",
        call=ids.call,
        said=list(names.VOICEMAILS),
        many=len(names.VOICEMAILS),
    )
    newest = select(Recording.id, Recording.seconds).order_by(Recording.id.desc()).limit(SOUNDS)
    for recording_id, seconds in session.execute(newest).all():
        sound = RecordingAudio(content_type="audio/wav", data=beep(min(seconds, 8)))
        sound.recording_id = recording_id
        session.add(sound)
    session.flush()
