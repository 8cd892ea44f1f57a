"""The crowd: people who ring over weeks or a year, each with their calls and what came of them.

Everything is drawn by `dice`, which depends on the row and on nothing else: the same size gives
the same people. The steps, each a table for as long as the transaction:

1. `demo_hour`, `demo_day`: when people ring, and what the clinic's days look like (season.py).
2. `demo_lead`: who they are and how often they ring.
3. `demo_call`: when, how it ended, and how long it took.
4. What followed: crowd_texts.py. Then all of it is written by crowd_rows.py.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from leads.call import Call
from leads.demo import names, season
from leads.demo.areas import LINES, areas
from leads.demo.table import next_id, run
from leads.follow_up import FollowUp
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.practice import Practice
from leads.reminder import Reminder
from leads.tracking_number import TrackingNumber

# How often each of twenty people rings: three times on average in a year, less in a month.
YEAR = [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 7, 17]
MONTH = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 6]
LONG = timedelta(days=200)


@dataclass(frozen=True)
class Crowd:
    """`first` and `last` are dates of the practice; `staff` are ids, of whom the first answers."""

    people: int
    first: date
    last: date
    staff: list[int]

    @property
    def calls_each(self) -> list[int]:
        return YEAR if self.last - self.first > LONG else MONTH


@dataclass(frozen=True)
class Ids:
    """The last id of each table before the crowd came: theirs are counted on from there."""

    lead: int
    phone: int
    call: int
    run: int
    message: int
    reminder: int

    @classmethod
    def now(cls, session: Session) -> "Ids":
        tables = (Lead, Phone, Call, FollowUp, Message, Reminder)
        return cls(*(next_id(session, each) for each in tables))


DICE = """
CREATE OR REPLACE FUNCTION pg_temp.dice(n bigint, k int) RETURNS double precision
IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS 'SELECT (hashint8extended(n, k) & 2147483647)::double precision / 2147483648.0'
"""
HOUR = """
CREATE TEMP TABLE demo_hour ON COMMIT DROP AS
SELECT slot::int - 1 AS slot, at
FROM unnest(CAST(:at AS timestamptz[])) WITH ORDINALITY AS given(at, slot)
"""
DAY = """
CREATE TEMP TABLE demo_day ON COMMIT DROP AS
SELECT day, openings::tstzmultirange AS openings, opens, opens_next, sends, sends_next, second,
       fourth
FROM unnest(CAST(:day AS date[]), CAST(:openings AS text[]), CAST(:opens AS timestamptz[]),
            CAST(:opens_next AS timestamptz[]), CAST(:sends AS boolean[]),
            CAST(:sends_next AS date[]), CAST(:second AS date[]), CAST(:fourth AS date[]))
     AS given(day, openings, opens, opens_next, sends, sends_next, second, fourth)
"""
LEAD = """
CREATE TEMP TABLE demo_lead ON COMMIT DROP AS
SELECT i, :lead + i AS lead_id, :phone + i AS phone_id,
       '+1' || (CAST(:codes AS text[]))[1 + i % :areas] || '555' ||
       lpad((CASE WHEN line < 3000 THEN 1300 ELSE 2000 END + line)::text, 4, '0') AS e164,
       (CAST(:zones AS text[]))[1 + i % :areas] AS zone,
       (CAST(:near AS boolean[]))[1 + i % :areas] AS near,
       (CAST(:calls_each AS int[]))[1 + (i * 7) % 20] AS calls,
       (CAST(:first AS text[]))[1 + floor(pg_temp.dice(i, 11) * :firsts)] || ' ' ||
       (CAST(:last AS text[]))[1 + floor(pg_temp.dice(i, 12) * :lasts)] AS name,
       CASE WHEN pg_temp.dice(i, 13) < 0.8 THEN 'prospect'
            WHEN pg_temp.dice(i, 13) < 0.97 THEN 'patient' ELSE 'other' END AS relation,
       -- Which number they found: the same one each time.
       (CAST(:numbers AS int[]))
           [1 + floor(power(pg_temp.dice(i, 14), 1.6) * cardinality(CAST(:numbers AS int[])))]
           AS number_id,
       pg_temp.dice(i, 15) < 0.04 AS landline,
       pg_temp.dice(i, 16) < 0.03 AS leaves,
       (CAST(:staff AS int[]))[1 + floor(pg_temp.dice(i, 17) * cardinality(CAST(:staff AS int[])))]
           AS staff_id
-- Spread: who differs from a caller in the last digits alone looks like a machine.
FROM (SELECT i, i / :areas * 4391 % :lines AS line FROM generate_series(1, :people) AS i) AS those
"""
CALL = """
CREATE TEMP TABLE demo_call ON COMMIT DROP AS
WITH drawn AS (
    SELECT i, j, at + pg_temp.dice(i * 32 + j, 2) * interval '1 hour' AS at
    FROM demo_lead CROSS JOIN LATERAL generate_series(1, calls) AS j
    JOIN demo_hour ON slot = floor(pg_temp.dice(i * 32 + j, 1) * :slots)::int
), again AS (  -- three in ten ring again within the hour
    SELECT i, j, CASE WHEN j > 1 AND pg_temp.dice(i * 32 + j, 3) < 0.3
        THEN lag(at) OVER mine + (4 + 40 * pg_temp.dice(i * 32 + j, 2)) * interval '1 minute'
        ELSE at END AS at
    FROM drawn WINDOW mine AS (PARTITION BY i ORDER BY j)
), judged AS (
    SELECT i, i * 32 + j AS dice, date_trunc('second', at) AS at, openings @> at AS is_open,
           demo_day.*, pg_temp.dice(i * 32 + j, 4) AS x
    FROM again JOIN demo_day ON day = (at AT TIME ZONE :zone)::date
), ended AS (
    SELECT judged.*,
        CASE WHEN is_open AND x < 0.76 THEN 'answered' WHEN is_open AND x < 0.92 THEN 'missed'
             WHEN is_open AND x < 0.96 THEN 'abandoned' WHEN NOT is_open AND x < 0.55 THEN 'missed'
             ELSE 'voicemail' END AS outcome,
        CASE WHEN is_open THEN 20 ELSE 1 END AS rung
    FROM judged
), timed AS (
    SELECT ended.*,
        CASE outcome
            WHEN 'answered' THEN 4 + floor(14 * pg_temp.dice(dice, 5))
            WHEN 'abandoned' THEN 3 + floor(15 * pg_temp.dice(dice, 5))
            ELSE rung + 14 END::int AS heard_after,
        CASE outcome
            WHEN 'answered' THEN 20 + floor(-150 * ln(1 - pg_temp.dice(dice, 6)))
            WHEN 'voicemail' THEN 6 + floor(50 * pg_temp.dice(dice, 6))
            ELSE 0 END::int AS talk
    FROM ended
)
SELECT row_number() OVER (ORDER BY at, i, dice) AS n,
       row_number() OVER (PARTITION BY i ORDER BY at, dice) AS nth,
       timed.*, at + (heard_after + talk) * interval '1 second' AS ended_at
FROM timed
"""


def draw(session: Session, practice: Practice, crowd: Crowd, ids: Ids) -> None:
    """The three steps: no row of the crowd is written yet."""
    run(session, DICE)
    run(session, HOUR, at=season.hours(practice, crowd.first, crowd.last))
    days = season.clinic_days(practice, crowd.first, crowd.last)
    run(session, DAY, **{name: [getattr(day, name) for day in days] for name in vars(days[0])})
    where = areas(crowd.people, practice.zone)
    numbers = select(TrackingNumber.id).where(TrackingNumber.retired_at.is_(None))
    run(
        session,
        LEAD,
        lead=ids.lead,
        phone=ids.phone,
        people=crowd.people,
        areas=len(where),
        lines=LINES,
        codes=[area.code for area in where],
        zones=[area.zone for area in where],
        near=[area.near for area in where],
        calls_each=crowd.calls_each,
        first=names.FIRST,
        firsts=len(names.FIRST),
        last=names.LAST,
        lasts=len(names.LAST),
        numbers=list(session.scalars(numbers.order_by(TrackingNumber.id))),
        staff=crowd.staff,
    )
    run(session, CALL, slots=season.SLOTS, zone=practice.zone)
    run(session, "ANALYZE demo_lead, demo_call, demo_day")
