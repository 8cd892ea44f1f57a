"""A clinic's data, in every table and with every character that could go wrong on the way."""

from typing import Any

import psycopg

NASTY = "O'Hara\t\\N \\. \"quoted\"\r\nnew line 👋🏽 \\x00 ''"

ROWS = """
INSERT INTO staff (email, name, role) VALUES ('a@example.com', %(nasty)s, 'admin');
INSERT INTO api_token (name, scope, token_digest, revoked_at) VALUES ('site', 'read', 'd1', now());
INSERT INTO staff_session (token_digest, staff_id, csrf_token, expires_at, revoked_at)
    VALUES ('s1', 1, 'c', now(), now());
INSERT INTO sign_in_link (token_digest, staff_id, expires_at, used_at)
    VALUES ('l1', 1, now(), now());
INSERT INTO sign_in_failure (key) VALUES ('k');
INSERT INTO heartbeat (name, kind, at) VALUES ('backup', 'backup', now());
INSERT INTO outage (cause, began_at, ended_at, reconciled_at) VALUES ('Gone.', now(), now(), now());
INSERT INTO reconciliation (began_at, finished_at, since, until, found)
    VALUES (now(), now(), now(), now(), '{"calls": 2}');
INSERT INTO alarm (kind, text, stops_sending, raised_at, cleared_at, cleared_by)
    VALUES ('auth', 'Refused.', true, now(), now(), 1);
UPDATE tracking_number SET texts_per_second = 0.1, tokens = 1.0 / 3;
INSERT INTO webhook_event (source, sid, event, query, body, answer)
    SELECT 'twilio', 'CA' || n, 'voice', '', %(nasty)s || n, '' FROM generate_series(1, 500) n;
INSERT INTO phone (e164, opted_out_at)
    SELECT '+1206555' || to_char(n, 'FM0000'), CASE WHEN n %% 7 = 0 THEN now() END
    FROM generate_series(1, 500) n;
INSERT INTO lead (name, stage, relation, source, created_at, last_activity_at, owner_id)
    SELECT CASE WHEN n %% 2 = 0 THEN '' ELSE %(nasty)s END, 'new', 'prospect', 'site',
    now() - n * interval '1 hour', now(), 1 FROM generate_series(1, 500) n;
INSERT INTO lead_phone SELECT n, n, true FROM generate_series(1, 500) n;
INSERT INTO consent (phone_id, at, kind, basis, evidence, wording, wording_version)
    SELECT n, now(), 'given', 'notice', 'CA' || n, %(nasty)s, '1' FROM generate_series(1, 500) n;
INSERT INTO call (sid, lead_id, phone_id, tracking_number_id, direction, from_raw, to_raw, outcome,
    "returning", started_at, prompt_promises, ended_at)
    SELECT 'CA' || n, n, n, 1, 'inbound', '', '+14254379974', 'voicemail', false, now(), true, now()
    FROM generate_series(1, 500) n;
INSERT INTO call_leg (sid, call_sid, practice_phone_id, asks_for_key)
    SELECT 'CB' || n, 'CA' || n, 1, false FROM generate_series(1, 500) n;
INSERT INTO recording (sid, call_id, kind, state, seconds, url, transcript, created_at,
    fetch_attempts) SELECT 'RE' || n, n, 'voicemail', 'completed', 30, '', %(nasty)s, now(), 1
    FROM generate_series(1, 3) n;
INSERT INTO recording_audio VALUES (1, 'audio/mpeg', %(sound)s), (2, 'audio/mpeg', %(sound)s),
    (3, 'audio/mpeg', '');
INSERT INTO follow_up (lead_id, phone_id, tracking_number_id, call_id, plan, trigger, started_at)
    SELECT n, n, 1, n, 'missed_call', 'missed', now() FROM generate_series(1, 100) n;
INSERT INTO message (sid, lead_id, phone_id, tracking_number_id, direction, body, media_count,
    segments, automated, state, created_at, due_at, attempt, attempts, reminder_id)
    SELECT 'SM' || n, n, n, 1, 'outbound', %(nasty)s, 0, 1, true, 'delivered', now(), now(),
    gen_random_uuid(), 1, 2 * n FROM generate_series(1, 100) n;
INSERT INTO reminder (follow_up_id, lead_id, step, due_at, state, message_id)
    SELECT n, n, 1, now(), 'sent', n FROM generate_series(1, 100) n;
INSERT INTO reminder (follow_up_id, lead_id, step, due_at, state)
    SELECT n, n, 2, now() + interval '5 days', 'scheduled' FROM generate_series(1, 100) n;
INSERT INTO timeline (lead_id, at, kind, text, facts)
    SELECT n, now(), 'text_out', %(nasty)s, '{"message_id": 1, "deep": ["\\t", null, 1.5]}'
    FROM generate_series(1, 500) n;
INSERT INTO outbound_call (lead_id, phone_id, practice_phone_id, tracking_number_id, staff_id,
    asked_at, state, why, sid, posted_at, over_at)
    SELECT n, n, 1, 1, 1, now(), 'absent', %(nasty)s, 'CO' || n, now(), now()
    FROM generate_series(1, 3) n;
INSERT INTO picture (message_id, place, url, told_type, created_at, fetched_at, fetch_attempts,
    refused_why, opened_by) VALUES (1, 0, %(nasty)s, 'image/png', now(), now(), 1, NULL, '[1]'),
    (1, 1, '', '', now(), NULL, 1, %(nasty)s, '[]');
INSERT INTO picture_data VALUES (1, 'image/png', %(sound)s);
INSERT INTO saved_reply (title, body, changed_at, changed_by_id)
    VALUES (%(nasty)s, %(nasty)s, now(), 1);
INSERT INTO saved_view (staff_id, list, name, query, shared)
    VALUES (1, 'leads', %(nasty)s, 'stage=new', true);
INSERT INTO bulk_change (staff_id, kind, value, lead_ids, through, done, refusals, ended_at)
    VALUES (1, 'tag', %(nasty)s, '{1,2}', 2, 2, '[]', now());
INSERT INTO import_batch (staff_id, file_name, file, columns, state, total)
    VALUES (1, %(nasty)s, %(sound)s, '{"0": "name"}', 'applied', 1);
INSERT INTO import_row (batch_id, line, verdict, told, changes, why, lead_id, outcome)
    VALUES (1, 2, 'new', '{"name": "x"}', '{}', %(nasty)s, 1, 'made');
INSERT INTO errand (kind, asked_by_id, begun_at, ended_at, outcome)
    VALUES ('test_alerts', 1, now(), now(), '{"email": null}');
INSERT INTO digest_sent (day, staff_id, sent_at) VALUES ('2026-03-02', 1, now());
INSERT INTO audit (staff_id, lead_id, action, facts) SELECT 1, n, 'lead_seen', '{}'
    FROM generate_series(1, 500) n;
"""

SOUND = bytes(range(256)) * 8000  # 2 MB: more than one piece of an archive


def fill(url: str, *, sound: bytes = SOUND) -> None:
    """Write the sample into a migrated database."""
    with psycopg.connect(url) as connection:
        for statement in ROWS.strip().split(";\n"):
            words: dict[str, Any] = {"nasty": NASTY, "sound": sound}
            connection.execute(statement.rstrip(";"), words)


def contents(url: str) -> dict[str, set[str]]:
    """Every row of every table, as PostgreSQL writes it."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        return {
            name: {row for (row,) in connection.execute(f'SELECT t::text FROM "{name}" t')}  # noqa: S608 - a table's name
            for (name,) in names
        }
