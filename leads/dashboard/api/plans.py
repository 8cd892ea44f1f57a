"""Plans, what they would do, and the linter of their texts.

Changing a plan needs the scope `admin`; preview and linter, as whatever is posted, `write`.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, PositiveInt, StringConstraints
from sqlalchemy.orm import Session

from leads import audit, clock, plan_edit, preview, wording
from leads.consent import Basis, Purpose
from leads.dashboard.api.actions import Body, Moment
from leads.dashboard.api.bearer import Caller, Reader, Writer, problems, scope
from leads.dashboard.api.paging import Page
from leads.dashboard.api.schemas import Time
from leads.dashboard.errors import PAGE_TEXTS, answer
from leads.dashboard.pages.settings import plan_preview, plan_words
from leads.db import transaction
from leads.lead import Relation
from leads.plan import KINDS, Anchor, Kind, Plan, PlanVersion, Topic
from leads.plan import Step as PlanStep
from leads.plan_edit import MOST_CHARACTERS, PlanRefused, PlanStale, UnderWay
from leads.practice import Practice
from leads.segments import segments

router = APIRouter(tags=["plans"])
Admin = Annotated[Caller, Depends(scope("admin"))]
PlanName = Literal["missed_call", "voicemail", "spoke", "appointment", "missed_appointment"]
NO_NUL = r"^[^\x00]*$"
Words = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS, pattern=NO_NUL)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Step(Body):
    """One text. With `days`: on that open day after the trigger (or before the appointment), `at`
    this time where the recipient lives; else so many `hours` after (or before) it. Later than
    `lateness_hours` after it was due, it is skipped.

    `id` is what a text keeps wherever it stands: give each back as it was read, and null for a
    new one. Without any, texts are told by where they stand."""

    id: PositiveInt | None = None
    purpose: Purpose
    text: Words
    hours: int = 0
    days: int | None = None
    at: TimeOfDay | None = None
    lateness_hours: int = 8


class NumberedStep(Step):
    number: int
    id: int

    @classmethod
    def of(cls, step: PlanStep) -> "NumberedStep":
        return cls.model_validate({"number": step.number, "id": step.id, **step.to_json()})


class PlanTold(BaseModel):
    """A plan as its last version has it; `under_way` is how many follow-ups of it are open."""

    name: str
    title: str
    begins: str
    topic: Topic
    anchor: Anchor
    active: bool
    version: int
    steps: list[NumberedStep]
    under_way: int

    @classmethod
    def of(cls, session: Session, version: PlanVersion) -> "PlanTold":
        plan = version.read()
        return cls(
            name=plan.name,
            title=plan.kind.title,
            begins=plan.kind.begins,
            topic=plan.kind.topic,
            anchor=plan.kind.anchor,
            active=plan.active,
            version=version.number,
            steps=[NumberedStep.of(step) for step in plan.steps],
            under_way=plan_edit.under_way(session, plan.name),
        )


class PlanChange(Body):
    """`version`: the plan's as it was read; where somebody else has saved since, nothing is
    changed (409, with the version as it is now).

    `under_way`: follow-ups under way finish as they began (`keep`), their texts still to come
    take the new words (`apply`), or they end now (`end`)."""

    version: PositiveInt
    active: bool
    steps: list[Step]
    under_way: UnderWay = "keep"


class PreviewOf(Body):
    """Somebody, and the moment at which the plan would begin; `steps`: instead of the plan's."""

    number: Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL)]
    trigger_at: Moment
    appointment_at: Moment | None = None
    basis: Basis
    relation: Relation = "prospect"
    steps: list[Step] | None = None


class PreviewedText(BaseModel):
    """`refusal`: why it does not go; `why`: what moved it from the moment that the plan names;
    `capped`: the limit on how many did."""

    number: int
    text: str
    due_at: Time
    refusal: str | None
    why: str
    capped: bool


class Previewed(BaseModel):
    """`refusal`: why nothing goes at all. `known`: the number has been heard from, so its own
    texts, opt-out and relation count."""

    refusal: str | None
    known: bool
    texts: list[PreviewedText]


class TextToLint(Body):
    """`plan`: the plan whose fields the text may name, such as `{callback}`."""

    text: Words
    plan: PlanName | None = None


class FindingTold(BaseModel):
    """An error keeps a text from being saved."""

    level: Literal["error", "warning"]
    message: str


class Linted(BaseModel):
    findings: list[FindingTold]
    segments: Annotated[int, Field(description="What it costs, its fields at their longest")]


def named(name: str) -> Kind:
    """Raises HTTPException where there is no such plan."""
    if name not in KINDS:
        raise HTTPException(404, "There is no plan of this name. `GET /plans` lists them.")
    return KINDS[name]


@router.get("/plans", responses=problems())
def list_plans(caller: Reader) -> Page[PlanTold]:  # noqa: ARG001 - its being there is the permission
    """All of them; there is no second page."""
    with transaction() as session:
        now = clock.now(session)
        told = [PlanTold.of(session, PlanVersion.current(session, name, now)) for name in KINDS]
        return Page(items=told, next=None)


@router.get("/plans/{name}", responses=problems(404))
def show_plan(caller: Reader, name: str) -> PlanTold:  # noqa: ARG001 - as above
    kind = named(name)
    with transaction() as session:
        return PlanTold.of(session, PlanVersion.current(session, kind.name, clock.now(session)))


@router.put("/plans/{name}", responses=problems(400, 404, 409, 413), response_model=PlanTold)
def change_plan(caller: Admin, request: Request, name: str, told: PlanChange) -> Response:
    """Save the plan as its next version. Refused with what the linter says of each text."""
    kind = named(name)
    try:
        plan = plan_edit.read(kind, _raw(told.steps), active=told.active)
    except PlanRefused as refusal:
        return _refused(request, refusal)
    try:
        with transaction() as session:
            now = clock.now(session)
            saved = plan_edit.save(session, plan, None, now, told.under_way, expected=told.version)
            if saved.number != told.version:
                _record(session, caller, plan, saved.number, told.under_way)
            content = PlanTold.of(session, saved).model_dump(mode="json")
    except PlanStale as stale:
        return answer(request, 409, str(stale), version=stale.current)
    except PlanRefused as refusal:
        return _refused(request, refusal)
    return JSONResponse(content)


def _raw(steps: list[Step]) -> list[dict[str, Any]]:
    # A null is a new text; where none is said, it goes by where the text stands.
    return [
        step.model_dump(exclude=None if "id" in step.model_fields_set else {"id"}) for step in steps
    ]


def _record(session: Session, caller: Caller, plan: Plan, version: int, runs: UnderWay) -> None:
    audit.record(
        session,
        "settings_changed",
        token_id=caller.token_id,
        address=caller.address,
        page="plans",
        plan=plan.name,
        version=version,
        under_way=runs,
    )


def _refused(request: Request, refusal: PlanRefused) -> Response:
    """`text.2`, as the page calls a field, is `steps.1.text` of the body."""
    places = []
    for field, words in refusal.errors.items():
        what, _, number = field.partition(".")
        where = f"body.steps.{int(number) - 1}.{what}" if number else "body.steps"
        places.append({"where": where, "problem": words})
    return answer(request, 422, PAGE_TEXTS[422], errors=places)


OTHERS = ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "TRACE"]


@router.api_route("/plans/{name}", methods=OTHERS, include_in_schema=False)
def refuse_method() -> None:
    """Starlette's own answer would allow what its first route of this address does: GET alone."""
    raise HTTPException(405, "A plan is read with GET and changed with PUT.", {"Allow": "GET, PUT"})


@router.post("/plans/{name}/preview", responses=problems(400, 404, 413), response_model=Previewed)
def preview_plan(caller: Writer, request: Request, name: str, told: PreviewOf) -> Any:
    """Each text with the moment it would go and why, by the code that sends. Writes nothing but
    the audit."""
    kind = named(name)
    try:
        with transaction() as session:
            plan = PlanVersion.current(session, kind.name, clock.now(session)).read()
            if told.steps is not None:
                plan = plan_edit.read(kind, _raw(told.steps), active=True)
                plan_preview.check_fields(Practice.get(session), plan)
            seen = preview.preview(
                session,
                plan,
                number=told.number,
                trigger_at=told.trigger_at,
                appointment_at=told.appointment_at,
                basis=told.basis,
                relation=told.relation,
            )
            if seen.known:
                audit.record(session, "search", token_id=caller.token_id, address=caller.address)
            return Previewed.model_validate(seen, from_attributes=True)
    except PlanRefused as refusal:
        return _refused(request, refusal)
    except preview.PreviewRefused as refusal:
        raise HTTPException(422, str(refusal)) from refusal


@router.post("/texts/lint", responses=problems(400, 413))
def lint(caller: Writer, told: TextToLint) -> Linted:  # noqa: ARG001 - as above
    """What the linter says of a text, as on a plan's page."""
    with transaction() as session:
        practice = Practice.get(session)
        moments = KINDS[told.plan].moments if told.plan else ()
        found = wording.lint(
            told.text,
            practice.name,
            first_text=True,
            clinic_registered_name=practice.name,
            moments=moments,
        )
        filled = plan_words.example(told.text, plan_words.fields(practice, moments))
        return Linted(
            findings=[FindingTold(level=each.level, message=each.message) for each in found],
            segments=segments(filled).count,
        )
