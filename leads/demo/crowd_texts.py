"""What followed the crowd's unanswered calls: a run of a plan, its texts, and how staff settled it.

1. `demo_missed`: each unanswered call, when and how staff settled it, and its run, where it has
   one: not within 8 days of another, not for those whom we may not text.
2. `demo_reminder`: the texts of each run: those that went before it ended, and the others.
3. `demo_message`: every text, in either direction.
"""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from leads import clock, wording
from leads.demo import names
from leads.demo.crowd import Crowd
from leads.demo.table import run
from leads.opening_hours import instant
from leads.phone_number import pretty
from leads.plan import PlanVersion
from leads.practice import Practice

NO_NOTICE = "the call alone allows no more: they did not hear that texts would follow."
PATIENT = "patients get the first text only."
# Where it is later already than this here, it is past the window on the other coast.
LATEST_FAR = "17:00"

MISSED = """
CREATE TEMP TABLE demo_missed ON COMMIT DROP AS
WITH missed AS (
    SELECT c.*, l.landline, l.leaves, l.relation, l.near, l.zone, l.staff_id, l.number_id,
        lag(c.at) OVER mine AS before, row_number() OVER mine AS turn,
        CASE WHEN outcome = 'voicemail' THEN 'voicemail' ELSE 'missed_call' END AS plan,
        CASE WHEN outcome = 'abandoned' THEN 'call' ELSE 'notice' END AS basis,
        (CASE WHEN is_open THEN ended_at WHEN ended_at < opens THEN opens ELSE opens_next END)
            + (5 + 85 * pg_temp.dice(dice, 8)) * interval '1 minute' AS met_at,
        (day + CAST(:from AS time)) AT TIME ZONE :zone AS window_opens,
        (day + CASE WHEN near THEN CAST(:until AS time)
               ELSE least(CAST(:until AS time), CAST(:far AS time)) END) AT TIME ZONE :zone
            AS window_closes,
        (sends_next + CAST(:from AS time)) AT TIME ZONE :zone AS window_next
    FROM demo_call AS c JOIN demo_lead AS l USING (i) WHERE outcome <> 'answered'
    WINDOW mine AS (PARTITION BY i ORDER BY nth)
), due AS (
    SELECT missed.*,
        relation <> 'other' AND (before IS NULL OR at - before > interval '8 days')
            AND (turn = 1 OR NOT (landline OR leaves)) AS runs,
        CASE WHEN sends AND ended_at >= window_opens AND ended_at < window_closes THEN ended_at
             WHEN sends AND ended_at < window_opens THEN window_opens
             ELSE window_next END AS due_1,
        (second + time '14:00') AT TIME ZONE zone AS due_2,
        (fourth + time '14:00') AT TIME ZONE zone AS due_3
    FROM missed
), fated AS (
    SELECT due.*, pg_temp.dice(dice, 7) AS fate,
        due_1 + (3 + 180 * pg_temp.dice(dice, 9)) * interval '1 minute' AS wrote_at
    FROM due
), ending AS (
    SELECT fated.*,
        CASE WHEN NOT runs THEN NULL
             WHEN landline THEN 'untextable'
             WHEN leaves THEN 'opted_out'
             WHEN basis = 'call' OR plan = 'voicemail' OR relation = 'patient' THEN 'finished'
             WHEN fate < 0.45 OR due_3 > :over THEN 'contacted'
             WHEN fate < 0.6 THEN 'booked'
             WHEN fate < 0.82 THEN 'replied'
             ELSE 'finished' END AS end_reason
    FROM fated
)
SELECT ending.*,
    plan = 'missed_call' AND basis = 'notice' AND relation = 'prospect'
        AND end_reason = 'finished' AS given_up,
    CASE WHEN end_reason = 'untextable' THEN due_1 + interval '5 seconds'
         WHEN end_reason IN ('opted_out', 'replied') THEN wrote_at
         WHEN end_reason IN ('contacted', 'booked') THEN met_at
         WHEN basis = 'call' OR plan = 'voicemail' OR relation = 'patient'
             THEN due_1 + interval '2 seconds'
         WHEN end_reason = 'finished' THEN due_3 + interval '2 seconds' END AS over_at
FROM ending
"""
RUN = """
CREATE TEMP TABLE demo_run ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY ended_at, dice) AS run, demo_missed.* FROM demo_missed WHERE runs
"""
REMINDER = """
CREATE TEMP TABLE demo_reminder ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY run, step) AS reminder, r.*, step, due,
    CASE WHEN step > 1 AND basis = 'call' THEN CAST(:no_notice AS text)
         WHEN step > 1 AND relation = 'patient' THEN CAST(:patient AS text) END AS refusal,
    (step = 1 OR (basis <> 'call' AND relation <> 'patient')) AND due <= over_at AS went,
    NOT landline AND pg_temp.dice(dice, 20 + step) >= 0.015 AS arrived
FROM demo_run AS r
CROSS JOIN LATERAL (VALUES (1, due_1), (2, due_2), (3, due_3)) AS given(step, due)
WHERE plan = 'missed_call' AND step <= :steps OR step = 1
"""
MESSAGE = """
CREATE TEMP TABLE demo_message ON COMMIT DROP AS
WITH texts AS (
    SELECT i, dice, run, reminder, step, due AS at, 'ours' AS kind, arrived, number_id, staff_id,
        replace((CAST(:bodies AS text[]))[CASE plan WHEN 'voicemail' THEN 4 ELSE step END],
                '{callback}', to_char(met_at AT TIME ZONE :zone, 'FMHH12:MI AM "on" FMDay'))
            AS body
    FROM demo_reminder WHERE went
    UNION ALL
    SELECT i, dice, run, NULL, NULL, over_at, 'stop', true, number_id, staff_id, 'STOP'
    FROM demo_run WHERE end_reason = 'opted_out'
    UNION ALL
    SELECT i, dice, run, NULL, NULL, over_at, 'theirs', true, number_id, staff_id,
        (CAST(:replies AS text[]))
            [1 + floor(pg_temp.dice(dice, 31) * cardinality(CAST(:replies AS text[])))]
    FROM demo_run WHERE end_reason = 'replied'
    UNION ALL
    SELECT i, dice, run, NULL, NULL,
        over_at + (4 + 50 * pg_temp.dice(dice, 32)) * interval '1 minute', 'staff', true,
        number_id, staff_id,
        (CAST(:answers AS text[]))
            [1 + floor(pg_temp.dice(dice, 33) * cardinality(CAST(:answers AS text[])))]
    FROM demo_run WHERE end_reason = 'replied'
)
SELECT row_number() OVER (ORDER BY at, dice, kind) AS m, texts.* FROM texts
"""


def draw(session: Session, practice: Practice, crowd: Crowd) -> None:
    window = {"from": practice.texting_from, "until": practice.texting_until}
    over = instant(crowd.last + timedelta(days=1), time(0), ZoneInfo(practice.zone))
    run(session, MISSED, **window, far=LATEST_FAR, zone=practice.zone, over=over)
    run(session, RUN)
    missed, voicemail = (_bodies(session, practice, plan) for plan in ("missed_call", "voicemail"))
    run(session, REMINDER, no_notice=NO_NOTICE, patient=PATIENT, steps=len(missed))
    bodies = [*missed, *[""] * (3 - len(missed)), voicemail[0]]
    run(
        session,
        MESSAGE,
        bodies=bodies,
        zone=practice.zone,
        replies=list(names.REPLIES),
        answers=list(names.ANSWERS),
    )
    run(session, "ANALYZE demo_missed, demo_run, demo_reminder, demo_message")


def _bodies(session: Session, practice: Practice, plan: str) -> list[str]:
    """The plan's texts; the moment of the call back is filled in for each person."""
    version = PlanVersion.current(session, plan, clock.now(session))
    fields = {"callback": "{callback}"} if plan == "voicemail" else {}
    clinic = practice.name or "the clinic"
    return [
        wording.render(step.text, clinic, pretty(practice.phone), **fields)
        for step in version.read().steps
    ]
