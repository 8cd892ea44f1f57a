"""What staff write down about a lead: stage, owner, value, tags, and whether it is confidential.

As everything that is done to a lead (see desk.py), each takes the locks and tells the timeline.
What is so already is no change.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from sqlalchemy.orm import Session

from leads import desk, timeline
from leads.desk import Refused
from leads.lead import CLOSED, Lead, Stage
from leads.staff import Staff

STAGES: tuple[Stage, ...] = get_args(Stage)
OWNERS = ("front_desk", "reviewer", "admin")  # the roles that see leads at all
MOST_CENTS = 100_000_000  # a million dollars: more is a slip of the finger


def set_stage(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, stage: str
) -> None:
    """Put the lead there, with all that the button of the same name does.

    Raises Refused for what is no stage, and when an appointment lies ahead that says otherwise.
    """
    wanted = next((known for known in STAGES if known == stage), None)
    if wanted is None:
        raise Refused("There is no such stage. The stage stays as it is.")
    desk.hold(session, lead)
    if lead.stage == wanted:
        return
    if wanted in CLOSED:
        desk.close(session, lead, staff_id, now, wanted)
        return
    if wanted == "booked":
        desk.book(session, lead, staff_id, now, lead.appointment_at)
        return
    if lead.appointment_at is not None and lead.appointment_at > now:
        raise Refused(
            "They have an appointment ahead, so they stay booked. Cancel or close it first."
        )
    lead.stage = wanted
    if wanted == "contacted":
        desk.contacted(session, lead, staff_id, now)
    else:
        timeline.note(session, lead.id, now, "stage", "Set back to new.", staff_id=staff_id)


def assign(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, owner_id: int | None
) -> None:
    """Say whose lead it is; None: nobody's. Raises Refused for who cannot see leads."""
    desk.hold(session, lead)
    if lead.owner_id == owner_id:
        return
    owner = session.get(Staff, owner_id) if owner_id is not None else None
    if owner_id is not None and (
        owner is None or owner.disabled_at is not None or owner.role not in OWNERS
    ):
        raise Refused("They are not at the desk any more. The owner stays as it is.")
    lead.owner = owner
    words = f"Owner: {owner.name or owner.email}." if owner else "No owner any more."
    facts = {"staff_id": staff_id, "owner_id": owner_id}
    timeline.note(session, lead.id, now, "owner", words, **facts)


def price(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, cents: int | None
) -> None:
    """What the lead is worth, in US cents; None: not known. Raises Refused past all reason."""
    desk.hold(session, lead)
    if lead.value_cents == cents:
        return
    if cents is not None and not 0 <= cents <= MOST_CENTS:
        raise Refused("Give a value between $0 and $1,000,000. The value stays as it is.")
    lead.value_cents = cents
    words = "Value: not known." if cents is None else f"Value: {dollars(cents)}."
    facts = {"staff_id": staff_id, "value_cents": cents}
    timeline.note(session, lead.id, now, "value", words, **facts)


def read_dollars(typed: str) -> int | None:
    """The US cents that `$1,200` or `80.50` mean; None for nothing. Raises Refused."""
    text = typed.strip()
    if not text:
        return None
    plain = re.fullmatch(r"\$?\s*(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,2}))?", text)
    if plain is None:
        raise Refused("Write the value in dollars, such as 250 or 1,200.50.")
    whole, cents = plain[1].replace(",", ""), (plain[2] or "0").ljust(2, "0")
    return int(whole) * 100 + int(cents)


def dollars(cents: int) -> str:
    """`$1,200`, and `$80.50` where there are cents."""
    return f"${cents // 100:,}" + (f".{cents % 100:02}" if cents % 100 else "")


def tag(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, tags: Iterable[str]
) -> None:
    """Give the lead these tags and no others (see tag.read)."""
    desk.hold(session, lead)
    wanted = list(tags)
    added = [each for each in wanted if each not in lead.tags]
    gone = [each for each in lead.tags if each not in wanted]
    if not added and not gone:
        return
    lead.tags = wanted
    told = [
        f"{verb} {', '.join(those)}"
        for verb, those in (("Tagged", added), ("Untagged", gone))
        if those
    ]
    timeline.note(session, lead.id, now, "tags", f"{'. '.join(told)}.", staff_id=staff_id)


def keep_confidential(
    session: Session, lead: Lead, staff_id: int | None, now: datetime, *, confidential: bool
) -> None:
    """Lists show "Confidential" instead of who it is; or again who it is."""
    desk.hold(session, lead)
    if (lead.confidential_at is not None) == confidential:
        return
    lead.confidential_at = now if confidential else None
    words = (
        "Made confidential: lists do not show who it is."
        if confidential
        else "Not confidential any more."
    )
    timeline.note(session, lead.id, now, "confidential", words, staff_id=staff_id)
