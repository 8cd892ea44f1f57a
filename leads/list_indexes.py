"""What the lists and the search read long tables by: beside the nouns, because no noun needs them.

A search looks for letters in the middle of words, which is what trigrams are for (pg_trgm). The
lists follow an index in their order from where a page begins, so that no page is slower than the
first one.
"""

from typing import Any

from sqlalchemy import Index, Text, desc, func, literal_column

from leads.call import Call, CallLeg
from leads.lead import Lead
from leads.message import Message
from leads.phone import Phone
from leads.recording import Recording
from leads.timeline import TimelineEntry

LETTERS = "gin_trgm_ops"
# Those without a name come last in any order by it, so for the order they have none at all.
EMPTY = literal_column("''::text", Text())
BY_NAME = func.nullif(func.lower(Lead.__table__.c.name), EMPTY, type_=Text())


def _letters(name: str, column: Any, where: str | None = None) -> Index:
    return Index(
        name,
        column,
        postgresql_using="gin",
        postgresql_ops={column.key: LETTERS},
        postgresql_where=where,
    )


lead, call = Lead.__table__.c, Call.__table__.c
LETTERS_OF = (
    _letters("ix_lead_name_letters", lead.name),
    _letters("ix_phone_e164_letters", Phone.__table__.c.e164),
    _letters(
        "ix_timeline_written_letters",
        TimelineEntry.__table__.c.text,
        "kind IN ('note', 'logged')",
    ),
    # Texts of plans are the same for everybody: nobody looks for a person by them.
    _letters("ix_message_body_letters", Message.__table__.c.body, "NOT automated"),
    _letters(
        "ix_recording_transcript_letters",
        Recording.__table__.c.transcript,
        "transcript IS NOT NULL",
    ),
)
LISTED_BY = (
    Index("ix_lead_created_at", lead.created_at, lead.id),
    Index("ix_lead_name_order", BY_NAME, lead.id),
    Index("ix_lead_stage", lead.stage, lead.last_activity_at, lead.id),
    Index("ix_lead_source", lead.source, lead.last_activity_at, lead.id),
    Index(
        "ix_lead_owner_id",
        lead.owner_id,
        lead.last_activity_at,
        lead.id,
        postgresql_where="owner_id IS NOT NULL",
    ),
    Index(
        "ix_lead_relation",
        lead.relation,
        lead.last_activity_at,
        lead.id,
        postgresql_where="relation <> 'prospect'",
    ),
    Index(
        "ix_lead_tags",
        lead.tags,
        postgresql_using="gin",
        postgresql_ops={"tags": "jsonb_path_ops"},
        postgresql_where="tags <> '[]'::jsonb",
    ),
    Index(
        "ix_phone_opted_out",
        Phone.__table__.c.id,
        postgresql_where="opted_out_at IS NOT NULL",
    ),
    Index("ix_call_outcome", call.outcome, call.started_at, call.id),
    Index("ix_call_tracking_number_id", call.tracking_number_id, call.started_at, call.id),
    Index(
        "ix_call_talk_seconds",
        desc(call.talk_seconds),
        desc(call.id),
        postgresql_where="talk_seconds IS NOT NULL",
    ),
    Index(
        "ix_call_outbound",
        call.started_at,
        call.id,
        postgresql_where="direction = 'outbound'",
    ),
    Index(
        "ix_call_leg_accepted",
        CallLeg.__table__.c.practice_phone_id,
        CallLeg.__table__.c.call_sid,
        postgresql_where="accepted_at IS NOT NULL",
    ),
)
