"""Plans: which texts go by themselves and when. All staff look and preview; admins edit."""

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from leads import audit, clock, plan_edit
from leads.dashboard.guard import address
from leads.dashboard.pages.access import AdminChanger, Changer, Reader
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.pages.settings import plan_form, plan_preview, plan_time_line, plan_words
from leads.dashboard.pages.settings.change import Entry, record
from leads.dashboard.pages.settings.plan_time_line import TimeLine
from leads.dashboard.security import Viewer
from leads.db import transaction
from leads.plan import KINDS, MOST_STEPS, Kind, Plan, PlanVersion, Step
from leads.plan_edit import MOST_CHARACTERS, PlanRefused, PlanStale, UnderWay
from leads.practice import Practice
from leads.segments import segments

router = APIRouter(prefix="/plans")
STALE = (
    "Somebody else has saved this plan meanwhile. Yours is not saved and still here; open the plan "
    "anew to see theirs."
)


def named(name: str) -> Kind:
    """The plan of an address. Raises HTTPException where there is none."""
    if name not in KINDS:
        raise HTTPException(404)
    return KINDS[name]


Named = Annotated[Kind, Depends(named)]


@router.get("")
def show_all(request: Request, known: Reader) -> HTMLResponse:  # noqa: ARG001 - lets staff in
    with transaction() as session:
        practice, now = Practice.get(session), clock.now(session)
        plans = [
            {
                "kind": kind,
                "plan": (plan := PlanVersion.current(session, kind.name, now).read()),
                "texts": _texts(practice, kind, plan_form.values(plan), plan),
                "under_way": plan_edit.under_way(session, kind.name),
            }
            for kind in KINDS.values()
        ]
        return render(
            request,
            "settings/plans.html",
            frame=frame(session),
            plans=plans,
            plan_words=plan_words,
        )


@router.get("/{name}")
def show(request: Request, kind: Named, known: Reader) -> HTMLResponse:  # noqa: ARG001 - as above
    with transaction() as session:
        return _page(request, session, kind, Entry(_values(session, kind)))


@router.post("/{name}")
async def save(request: Request, kind: Named, known: AdminChanger) -> Response:
    return await run_in_threadpool(_save, request, kind, known, await _typed(request))


@router.post("/{name}/preview")
async def preview(request: Request, kind: Named, known: Changer) -> Response:
    """What the plan as typed would do, for admins; others preview the plan as it is."""
    return await run_in_threadpool(_preview, request, kind, known, await _typed(request))


@router.post("/{name}/draft")
async def redraw(request: Request, kind: Named, known: AdminChanger) -> Response:  # noqa: ARG001 - lets admins in
    """One text more or less, or the plan as shipped, in the form alone: nothing is saved."""
    return await run_in_threadpool(_redraw, request, kind, await _typed(request))


async def _typed(request: Request) -> dict[str, str]:
    """The form's fields; PostgreSQL keeps no NUL, which no keyboard types."""
    return {key: str(value).replace("\x00", "") for key, value in (await request.form()).items()}


def _values(session: Session, kind: Kind) -> dict[str, str]:
    """The form's fields as the plan is now, and somebody to preview it for."""
    now = clock.now(session)
    version = PlanVersion.current(session, kind.name, now)
    plan = version.read()
    told = {"version": str(version.number), "under_way": "keep", **plan_form.values(plan)}
    return told | plan_preview.values(now, plan, Practice.get(session).zone)


def _save(request: Request, kind: Kind, known: Viewer, typed: dict[str, str]) -> Response:
    entry = Entry(typed)
    runs: UnderWay = entry.choice("under_way", get_args(UnderWay))  # type: ignore[assignment] # it is one, or an error
    with transaction() as session:
        now = clock.now(session)
        plan, read = _read(entry, kind), plan_form.number(typed.get("version", "")) or 0
        if plan is not None and not entry.errors:
            try:
                saved = plan_edit.save(session, plan, known.staff_id, now, runs, expected=read)
            except PlanStale:
                entry.errors["plan"] = STALE
            except PlanRefused as refusal:
                entry.errors |= refusal.errors
            else:
                if saved.number != read:
                    told = {"plan": kind.name, "version": saved.number, "under_way": runs}
                    record(session, request, known, "plans", **told)
        if entry.errors:
            return _page(request, session, kind, entry, draft=True)
    return RedirectResponse(f"/settings/plans/{kind.name}", 303)


def _preview(request: Request, kind: Kind, known: Viewer, typed: dict[str, str]) -> Response:
    with transaction() as session:
        practice = Practice.get(session)
        if known.role != "admin":
            stored = PlanVersion.current(session, kind.name, clock.now(session)).read()
            typed |= plan_form.values(stored)
        entry = Entry(typed)
        plan = _read(entry, kind)
        line = None
        whom = plan_preview.read(entry, plan, practice) if plan else None
        if plan is not None and whom is not None:
            line = plan_time_line.time_line(session, plan, whom)
            _note_search(session, request, known, line)
        draft = known.role == "admin" and plan != _stored(session, kind)
        return _page(request, session, kind, entry, line=line, draft=draft)


def _redraw(request: Request, kind: Kind, typed: dict[str, str]) -> Response:
    wanted, _, number = typed.get("draft", "").partition(".")
    if wanted == "add":
        typed = plan_form.added(typed, kind)
    elif wanted == "remove" and number in {"1", "2", "3"}:
        typed = plan_form.removed(typed, int(number))
    elif wanted == "shipped":
        others = {key: value for key, value in typed.items() if "." not in key}
        typed = others | plan_form.values(plan_edit.as_shipped(kind.name))
    with transaction() as session:
        return _page(request, session, kind, Entry(typed), draft=True)


def _read(entry: Entry, kind: Kind) -> Plan | None:
    """The plan that was typed; None when it cannot be read, which `entry.errors` then says."""
    active = entry.values.get("active") == "on"
    try:
        return plan_edit.read(kind, plan_form.steps(entry.values), active=active)
    except PlanRefused as refusal:
        entry.errors |= refusal.errors
        return None


def _stored(session: Session, kind: Kind) -> Plan:
    return PlanVersion.current(session, kind.name, clock.now(session)).read()


def _note_search(session: Session, request: Request, known: Viewer, line: TimeLine) -> None:
    """What stands of somebody we know shows on their preview: it is a look at them."""
    if line.known:
        audit.record(session, "searched", staff_id=known.staff_id, address=address(request))


def _page(
    request: Request,
    session: Session,
    kind: Kind,
    entry: Entry,
    *,
    line: TimeLine | None = None,
    draft: bool = False,
) -> HTMLResponse:
    """`draft`: the form holds what is not saved."""
    practice = Practice.get(session)
    try:
        plan = plan_edit.read(kind, plan_form.steps(entry.values), active=True)
    except PlanRefused:
        plan = None
    return render(
        request,
        "settings/plan.html",
        422 if entry.errors else 200,
        frame=frame(session),
        entry=entry,
        kind=kind,
        texts=_texts(practice, kind, entry.values, plan),
        samples=plan_words.fields(practice, kind.moments),
        under_way=plan_edit.under_way(session, kind.name),
        shipped=plan_form.values(plan_edit.as_shipped(kind.name)),
        line=line,
        draft=draft,
        most=MOST_STEPS,
        plan_words=plan_words,
    )


def _texts(
    practice: Practice, kind: Kind, typed: dict[str, str], plan: Plan | None
) -> list[dict[str, Any]]:
    """Each text as typed: filled in, what it costs, what the linter says, and its moment."""
    samples = plan_words.fields(practice, kind.moments)
    bodies = [plan_form.words(typed[f"text.{n + 1}"]) for n in range(plan_form.count(typed))]
    readable = [(n, body) for n, body in enumerate(bodies, 1) if 0 < len(body) <= MOST_CHARACTERS]
    steps = tuple(Step(n, "informational", body) for n, body in readable)
    found = plan_edit.findings(practice, Plan(kind.name, steps))
    return [
        {
            "number": n,
            "example": plan_words.example(body, samples),
            "size": segments(plan_words.example(body, samples)),
            "findings": found.get(n, []),
            "moment": plan_words.moment(plan.step(n), kind) if plan else "",
        }
        for n, body in enumerate(bodies, 1)
    ]
