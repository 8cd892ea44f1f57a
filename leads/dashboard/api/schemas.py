"""What the API says of leads, calls, texts and reminders. These names are the outside's."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, PlainSerializer

from leads import alarm, call, consent, lead, message, reminder, timeline
from leads.consent import Purpose

Time = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str),
    Field(json_schema_extra={"format": "date-time"}, description="RFC 3339, UTC"),
]


class Lead(BaseModel):
    """A person; `phone` and `opted_out_at` are of their main phone."""

    id: int
    phone: str | None
    name: str
    stage: str
    relation: str
    source: str
    owner: str | None
    created_at: Time
    last_activity_at: Time
    needs_callback_since: Time | None
    opted_out_at: Time | None
    appointment_at: Time | None

    @classmethod
    def of(cls, row: lead.Lead, **more: Any) -> Self:
        phone = row.phone
        return cls(
            id=row.id,
            phone=phone.e164 if phone else None,
            name=row.name,
            stage=row.stage,
            relation=row.relation,
            source=row.source,
            owner=(row.owner.name or f"staff {row.owner.id}") if row.owner else None,
            created_at=row.created_at,
            last_activity_at=row.last_activity_at,
            needs_callback_since=row.needs_callback_since,
            opted_out_at=phone.opted_out_at if phone else None,
            appointment_at=row.appointment_at,
            **more,
        )


class Call(BaseModel):
    """One leg with a caller, or a call of ours (`outbound`); `from` is null where withheld."""

    id: int
    sid: str
    lead_id: int | None
    direction: str
    from_: Annotated[str | None, Field(alias="from")]
    to: str | None
    tracking_number: str | None
    outcome: str
    returning: bool
    started_at: Time
    ended_at: Time | None
    talk_seconds: int | None

    @classmethod
    def of(cls, row: call.Call, tracking_number: str | None) -> Self:
        return cls.model_validate(
            {
                "id": row.id,
                "sid": row.sid,
                "lead_id": row.lead_id,
                "direction": row.direction,
                "from": row.caller,
                "to": row.to_raw if row.direction == "outbound" else tracking_number or row.to_raw,
                "tracking_number": tracking_number,
                "outcome": row.outcome,
                "returning": row.returning,
                "started_at": row.started_at,
                "ended_at": row.ended_at,
                "talk_seconds": row.talk_seconds,
            }
        )


class Message(BaseModel):
    """A text, in or out."""

    id: int
    sid: str | None
    lead_id: int
    direction: str
    body: str
    state: str
    error_code: int | None
    segments: int
    created_at: Time
    sent_at: Time | None
    delivered_at: Time | None

    @classmethod
    def of(cls, row: message.Message) -> Self:
        return cls.model_validate(row, from_attributes=True)


class QueuedMessage(Message):
    """A text by hand. `warning`: that the hour is wrong where they are; it goes all the same."""

    warning: str | None


class Reminder(BaseModel):
    """One scheduled text of a follow-up."""

    id: int
    lead_id: int
    plan: str
    step: int
    due_at: Time
    state: str
    reason: str | None

    @classmethod
    def of(cls, row: reminder.Reminder, plan: str) -> Self:
        return cls(
            id=row.id,
            lead_id=row.lead_id,
            plan=plan,
            step=row.step,
            due_at=row.due_at,
            state=row.state,
            reason=row.reason,
        )


class TimelineEntry(BaseModel):
    """Something that happened to a lead, or was not sent and why."""

    at: Time
    kind: str
    text: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, row: timeline.TimelineEntry) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Consent(BaseModel):
    """One line of the consent ledger: `basis` says how it was given or revoked, `evidence` by
    what (a CallSid, a MessageSid, a form, staff), `purposes` what for, `wording` what they heard
    or read."""

    id: int
    phone: str
    kind: str
    basis: str
    purposes: list[Purpose]
    evidence: str
    wording: str
    wording_version: str
    at: Time

    @classmethod
    def of(cls, row: consent.Consent, phone: str) -> Self:
        return cls(
            id=row.id,
            phone=phone,
            kind=row.kind,
            basis=row.basis,
            purposes=row.purposes,
            evidence=row.evidence,
            wording=row.wording,
            wording_version=row.wording_version,
            at=row.at,
        )


class Alarm(BaseModel):
    """What is wrong with sending as a whole."""

    id: int
    kind: str
    text: str
    stops_sending: bool
    raised_at: Time
    cleared_at: Time | None

    @classmethod
    def of(cls, row: alarm.Alarm) -> Self:
        return cls.model_validate(row, from_attributes=True)


class LeadInFull(Lead):
    """A lead with all that belongs to it, each list oldest first: its latest 500."""

    calls: list[Call]
    messages: list[Message]
    reminders: list[Reminder]
    timeline: list[TimelineEntry]
