"""The crowd's texts, runs and ledger, and everybody's timeline."""

import json

from sqlalchemy.orm import Session

from leads.call import SENTENCES
from leads.consent import Consent
from leads.delivery_errors import in_words
from leads.demo import names
from leads.demo.crowd import Ids
from leads.demo.crowd_rows import LANDLINE, STAGE, Say
from leads.demo.table import count_on, put
from leads.follow_up import FollowUp
from leads.message import Message
from leads.plan import ENDINGS, KINDS
from leads.practice import Practice
from leads.reminder import Reminder
from leads.timeline import TimelineEntry

OFF = 30003
CALL_SID = "'CAde' || lpad(to_hex(:call + n), 30, '0')"
TEXT_SID = "'SMde' || lpad(to_hex(:message + m), 30, '0')"
PERSON = "JOIN demo_lead USING (i)"


def write(session: Session, ids: Ids, prompt: str, versions: dict[str, int], say: Say) -> None:
    """`versions`: the id of each plan's version under which the runs were begun."""
    say("Writing texts …")
    _ledger(session, ids, prompt)
    _runs(session, ids, versions)
    _messages(session, ids)
    _reminders(session, ids)
    for model in (FollowUp, Message, Reminder):
        count_on(session, model)
    say("Writing timelines …")
    _timelines(session, ids)


def _ledger(session: Session, ids: Ids, prompt: str) -> None:
    given = {"phone_id": "phone_id", "at": "ended_at", "kind": "'given'", "basis": "basis"}
    heard = "CASE WHEN basis = 'notice' THEN CAST(:prompt AS text) ELSE '' END"
    begun = f"FROM demo_run {PERSON} ORDER BY run"
    columns = given | {"evidence": CALL_SID, "wording": heard}
    put(session, Consent, columns, begun, call=ids.call, prompt=prompt)
    for kind, basis, text_kind in (("given", "reply", "theirs"), ("revoked", "text", "stop")):
        columns = {"kind": f"'{kind}'", "basis": f"'{basis}'", "at": "at", "evidence": TEXT_SID}
        theirs = f"FROM demo_message {PERSON} WHERE kind = '{text_kind}' ORDER BY m"
        put(session, Consent, columns | {"phone_id": "phone_id"}, theirs, message=ids.message)


def _runs(session: Session, ids: Ids, versions: dict[str, int]) -> None:
    put(
        session,
        FollowUp,
        {
            "id": ":run + run",
            "lead_id": "lead_id",
            "phone_id": "phone_id",
            "tracking_number_id": "demo_lead.number_id",
            "call_id": ":call + n",
            "plan": "plan",
            "plan_version_id": "CASE plan WHEN 'voicemail' THEN CAST(:voicemail AS bigint) "
            "ELSE :missed_call END",
            "trigger": "outcome",
            "started_at": "ended_at",
            "ended_at": "over_at",
            "end_reason": "end_reason",
        },
        f"FROM demo_run {PERSON} ORDER BY run",
        run=ids.run,
        call=ids.call,
        **versions,
    )


def _messages(session: Session, ids: Ids) -> None:
    inbound, automated = "kind IN ('stop', 'theirs')", "kind = 'ours'"
    bad = f"{automated} AND NOT arrived"
    went = f"CASE WHEN NOT {inbound} THEN at + interval '2 seconds' END"
    put(
        session,
        Message,
        {
            "id": ":message + m",
            "sid": TEXT_SID,
            "lead_id": "lead_id",
            "phone_id": "phone_id",
            "tracking_number_id": "demo_lead.number_id",
            "direction": f"CASE WHEN {inbound} THEN 'inbound' ELSE 'outbound' END",
            "body": "body",
            "segments": "1",
            "automated": automated,
            "topic": f"CASE WHEN {automated} THEN 'inquiry' END",
            "reminder_id": "CAST(:reminder AS bigint) + reminder",
            "staff_id": "CASE WHEN kind = 'staff' THEN demo_lead.staff_id END",
            "state": f"CASE WHEN {inbound} THEN 'received' WHEN {bad} THEN 'undelivered' "
            "ELSE 'delivered' END",
            "error_code": f"CASE WHEN NOT ({bad}) THEN NULL WHEN landline THEN {LANDLINE} "
            f"ELSE {OFF} END",
            "error_text": f"CASE WHEN NOT ({bad}) THEN NULL WHEN landline "
            "THEN CAST(:landline AS text) ELSE :off END",
            "created_at": "at",
            "due_at": "at",
            "posted_at": went,
            "sent_at": went,
            "delivered_at": f"CASE WHEN NOT {inbound} AND NOT ({bad}) "
            "THEN at + interval '5 seconds' END",
            "attempts": f"CASE WHEN {inbound} THEN 0 ELSE 1 END",
        },
        f"FROM demo_message {PERSON} ORDER BY m",
        message=ids.message,
        reminder=ids.reminder,
        landline=in_words(LANDLINE),
        off=in_words(OFF),
    )


def _reminders(session: Session, ids: Ids) -> None:
    put(
        session,
        Reminder,
        {
            "id": ":reminder + r.reminder",
            "follow_up_id": ":run + r.run",
            "lead_id": "lead_id",
            "step": "r.step",
            "due_at": "r.due",
            "stale_at": "r.due + CASE r.step WHEN 1 THEN interval '4 hours' "
            "ELSE interval '8 hours' END",
            "state": "CASE WHEN NOT r.went THEN 'cancelled' WHEN r.arrived THEN 'sent' "
            "ELSE 'failed' END",
            "reason": _WHY_NOT,
            "consent_id": "CASE WHEN r.refusal IS NULL THEN given.id END",
            "message_id": ":message + demo_message.m",
        },
        f"FROM demo_reminder AS r {PERSON} "
        f"JOIN consent AS given ON given.phone_id = demo_lead.phone_id AND given.kind = 'given' "
        f"AND given.evidence = {CALL_SID} "
        "LEFT JOIN demo_message ON demo_message.reminder = r.reminder ORDER BY r.reminder",
        reminder=ids.reminder,
        run=ids.run,
        message=ids.message,
        call=ids.call,
        **_words(),
    )


_WHY_NOT = (
    "CASE WHEN r.refusal IS NOT NULL THEN r.refusal "
    "WHEN NOT r.went THEN CAST(:endings AS jsonb) ->> r.end_reason WHEN r.arrived THEN NULL "
    "WHEN r.landline THEN CAST(:landline AS text) ELSE CAST(:off AS text) END"
)


def _words() -> dict[str, str]:
    return {
        "endings": json.dumps(ENDINGS),
        "landline": in_words(LANDLINE),
        "off": in_words(OFF),
    }


_ENTRIES = f"""
FROM (
    SELECT i, min(at) AS at, 1 AS rank, 'lead_created' AS kind, 'First heard of.' AS words,
        jsonb_build_object('source', '') AS facts
    FROM demo_call GROUP BY i
    UNION ALL
    SELECT i, at, 2, 'call', 'Called.',
        jsonb_build_object('call_id', :call + n, 'number', CAST(:called AS text))
    FROM demo_call
    UNION ALL
    SELECT i, ended_at, 3, 'call_' || outcome, CAST(:outcomes AS jsonb) ->> outcome,
        jsonb_build_object('call_id', :call + n)
    FROM demo_call
    UNION ALL
    SELECT i, ended_at, 4, 'follow_up_started', CAST(:titles AS jsonb) ->> plan,
        jsonb_build_object('follow_up_id', :run + run)
    FROM demo_run
    UNION ALL
    SELECT i, ended_at, 5, 'no_follow_up',
        'No text: ' || CASE WHEN relation = 'other' THEN CAST(:other AS text)
            WHEN before IS NOT NULL AND at - before <= interval '8 days' THEN CAST(:lately AS text)
            WHEN landline THEN CAST(:untextable AS text)
            ELSE CAST(:opted_out AS text) END,
        jsonb_build_object('call_id', :call + n, 'plan', plan)
    FROM demo_missed WHERE NOT runs
    UNION ALL
    SELECT i, ended_at, 5, 'reminder_scheduled', 'Text ' || step || ' scheduled.',
        jsonb_build_object('reminder_id', :reminder + reminder, 'step', step, 'due_at', due)
    FROM demo_reminder WHERE refusal IS NULL
    UNION ALL
    SELECT i, CASE WHEN refusal IS NULL THEN over_at ELSE ended_at END,
        CASE WHEN refusal IS NULL THEN 9 ELSE 5 END, 'reminder_cancelled',
        'Text ' || step || ' not sent: ' ||
            coalesce(refusal, CAST(:endings AS jsonb) ->> end_reason),
        jsonb_build_object('reminder_id', :reminder + reminder, 'step', step)
    FROM demo_reminder WHERE NOT went
    UNION ALL
    SELECT i, at + CASE kind WHEN 'ours' THEN interval '2 seconds' ELSE interval '0' END,
        CASE kind WHEN 'ours' THEN 6 WHEN 'staff' THEN 10 ELSE 7 END,
        CASE WHEN kind IN ('stop', 'theirs') THEN 'text_in' ELSE 'text_out' END, body,
        jsonb_strip_nulls(jsonb_build_object('message_id', :message + m, 'reminder_id',
            :reminder + reminder, 'step', step, 'staff_id',
            CASE kind WHEN 'staff' THEN staff_id END))
    FROM demo_message
    UNION ALL
    SELECT i, at + interval '5 seconds', 7, 'text_failed',
        'Text not delivered: ' || CASE WHEN landline THEN CAST(:landline AS text) ELSE :off END,
        jsonb_build_object('message_id', :message + m, 'error_code',
            CASE WHEN landline THEN {LANDLINE} ELSE {OFF} END)
    FROM demo_message JOIN demo_lead USING (i) WHERE NOT arrived
    UNION ALL
    SELECT i, over_at, 7, 'untextable', 'Call instead of texting: ' || CAST(:landline AS text),
        '{{}}'
    FROM demo_run WHERE end_reason = 'untextable'
    UNION ALL
    SELECT i, over_at, 8, 'opted_out', 'Opted out of texts.', jsonb_build_object('how', 'text')
    FROM demo_run WHERE end_reason = 'opted_out'
    UNION ALL
    SELECT i, over_at, 8, 'follow_up_ended',
        'Follow-up ended: ' || (CAST(:endings AS jsonb) ->> end_reason),
        jsonb_build_object('follow_up_id', :run + run, 'reason', end_reason)
    FROM demo_run WHERE end_reason <> 'finished'
    UNION ALL
    SELECT i, at, 7, kind, CASE kind WHEN 'booked' THEN 'Booked.' WHEN 'closed'
        THEN 'Closed as lost.' ELSE 'Marked as contacted.' END,
        jsonb_build_object('staff_id', staff_id)
    FROM demo_settled WHERE at IS NOT NULL
    UNION ALL
    SELECT i, last_activity_at + interval '1 hour', 11, 'note',
        (CAST(:notes AS text[]))[1 + floor(pg_temp.dice(i, 24) * :many)],
        jsonb_build_object('staff_id', staff_id)
    FROM demo_sum WHERE pg_temp.dice(i, 25) < 0.08
    UNION ALL
    SELECT i, last_activity_at + interval '2 hours', 12, 'closed', 'Closed as ' ||
        CASE {STAGE} WHEN 'not_a_lead' THEN 'not a lead' ELSE {STAGE} END || '.',
        jsonb_build_object('staff_id', staff_id)
    FROM demo_sum WHERE {STAGE} IN ('won', 'not_a_lead')
        OR {STAGE} = 'lost' AND given_up IS NOT TRUE
) AS entry {PERSON} ORDER BY i, at, rank
"""  # noqa: S608 - our own words


def _timelines(session: Session, ids: Ids) -> None:
    """By person and then in order: a lead's page reads them by id."""
    called = Practice.get(session).phone
    titles = {
        name: f"Follow-up begun: {kind.title[0].lower()}{kind.title[1:]}."
        for name, kind in KINDS.items()
    }
    columns = {"lead_id": "lead_id", "at": "at", "kind": "kind", "text": "words", "facts": "facts"}
    put(
        session,
        TimelineEntry,
        columns,
        _ENTRIES,
        call=ids.call,
        run=ids.run,
        message=ids.message,
        reminder=ids.reminder,
        called=called,
        outcomes=json.dumps(SENTENCES),
        titles=json.dumps(titles),
        notes=list(names.NOTES),
        many=len(names.NOTES),
        other="they are marked as neither prospect nor patient.",
        lately="one automated text in 24 hours is the most.",
        untextable="this number cannot receive texts.",
        opted_out="they opted out of texts.",
        **_words(),
    )
