"""Importing a contact list: upload, say what the columns are, look at what would change, apply."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from leads import audit, contact_list, import_apply, importing
from leads.contact_list import FIELDS, ContactList, Unreadable, cell
from leads.dashboard.background import work
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Changer, Reader
from leads.dashboard.pages.rendering import frame, render
from leads.dashboard.security import Viewer
from leads.db import database_time, transaction
from leads.desk import Refused
from leads.importing import VERDICTS, ImportBatch, ImportRow

router = APIRouter(prefix="/leads/import")
SAMPLES = 3
PER_PAGE = 50
LABELS = {
    "phone": "Telephone number",
    "name": "Name (whole)",
    "first_name": "First name",
    "last_name": "Last name",
    "stage": "Stage",
    "relation": "Relation (prospect, patient, other)",
    "source": "Source",
    "owner": "Owner (a colleague's name or e-mail)",
    "tags": "Tags",
    "value": "Value in dollars",
    "no_texts": "Do not text (yes or no)",
    "id": "Ringback's own id",
}
SHOWN = {
    "new": ("New", "people who are not here yet"),
    "changed": ("Changed", "people who are here, and what becomes different"),
    "same": ("Unchanged", "people who are here just so"),
    "refused": ("Refused", "rows that are left out, and why"),
}


@router.get("")
def start(request: Request, known: Reader) -> HTMLResponse:
    return _start(request, known)


def _start(request: Request, known: Viewer, problem: str = "", status: int = 200) -> HTMLResponse:
    importing.forget()
    with transaction() as session:
        before = session.scalars(
            select(ImportBatch)
            .where(ImportBatch.staff_id == known.staff_id)
            .order_by(ImportBatch.id.desc())
            .limit(10)
        ).all()
        return render(
            request,
            "import.html",
            status,
            frame=frame(session),
            before=before,
            problem=problem,
            kept=importing.KEPT.days,
        )


@router.post("")
async def upload(request: Request, known: Changer) -> Response:
    """The form is read here and not by a parameter: only once it is known who sends it."""
    async with request.form() as form:  # which lies in a file on disk until it is closed
        file = form.get("file")
        data = await file.read() if isinstance(file, UploadFile) else b""
        name = (file.filename if isinstance(file, UploadFile) else "") or "contacts.csv"
    return await run_in_threadpool(_keep, request, known, name, data)


def _keep(request: Request, known: Viewer, name: str, data: bytes) -> Response:
    if not data:
        why = "Choose a file first, one that is not empty. Nothing was imported."
        return _start(request, known, why, 422)
    try:
        with transaction() as session:
            batch = importing.keep(session, known.staff_id, name, data)
            audit.record(
                session,
                "import_uploaded",
                staff_id=known.staff_id,
                address=address(request),
                import_batch=batch.id,
                rows=batch.total,
            )
    except Unreadable as error:
        return _start(request, known, str(error), 422)
    return RedirectResponse(f"/leads/import/{batch.id}", 303)


@router.get("/{batch_id}")
def show(
    request: Request, batch_id: int, known: Reader, show: str = "", after: int = 0
) -> HTMLResponse:
    with transaction() as session:
        return _page(request, session, _found(session, batch_id, known), show, after)


def _page(
    request: Request,
    session: Session,
    batch: ImportBatch,
    wanted: str = "",
    after: int = 0,
    problem: str = "",
) -> HTMLResponse:
    found = contact_list.read(batch.file) if batch.state == "choosing" else None
    counts = importing.counts(session, batch.id) if found is None else {}
    usual = next((each for each in ("changed", "new", "refused") if counts.get(each)), "same")
    wanted = wanted if wanted in VERDICTS else usual
    rows = [] if found else _rows(session, batch, wanted, max(0, min(after, 2**31 - 1)))
    return render(
        request,
        "import_batch.html",
        422 if problem else 200,
        frame=frame(session),
        batch=batch,
        found=found,
        columns=_samples(found) if found else [],
        labels=LABELS,
        shown=SHOWN,
        counts=counts,
        noes=importing.refused_noes(session, batch.id) if batch.state == "ready" else 0,
        outcomes=importing.outcomes(session, batch.id) if batch.state == "done" else {},
        wanted=wanted,
        rows=rows[:PER_PAGE],
        next=rows[PER_PAGE - 1].line if len(rows) > PER_PAGE else 0,
        stalled=batch.stalled(database_time(session)),
        problem=problem,
        kept=importing.KEPT.days,
    )


def _rows(session: Session, batch: ImportBatch, verdict: str, after: int) -> list[ImportRow]:
    if batch.state == "reading":
        return []
    return list(
        session.scalars(
            select(ImportRow)
            .where(
                ImportRow.batch_id == batch.id,
                ImportRow.verdict == verdict,
                ImportRow.line > after,
            )
            .order_by(ImportRow.line)
            .limit(PER_PAGE + 1)
        )
    )


def _samples(found: ContactList) -> list[tuple[int, str, str]]:
    """Each column by its place, heading, and what stands in it first."""
    told = []
    for place, heading in enumerate(found.headings):
        some = (cell(cells, place) for _, cells in found.rows[:20])
        filled = [each for each in some if each][:SAMPLES]
        told.append((place, heading, ", ".join(each[:40] for each in filled)))
    return told


@router.post("/{batch_id}/columns")
async def choose(request: Request, batch_id: int, known: Changer) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_choose, request, batch_id, known, typed)


def _choose(request: Request, batch_id: int, known: Viewer, typed: dict[str, str]) -> Response:
    columns = {
        name: int(typed[name])
        for name in FIELDS
        if typed.get(name, "").isascii() and typed.get(name, "").isdigit() and len(typed[name]) < 4
    }
    try:
        with transaction() as session:
            batch = _found(session, batch_id, known)
            importing.choose(session, batch, columns)
            found = contact_list.read(batch.file)
    except Refused as refusal:
        with transaction() as session:
            batch = _found(session, batch_id, known)
            return _page(request, session, batch, problem=str(refusal))
    work(f"import:{batch_id}", _judging(batch_id, found))
    return RedirectResponse(f"/leads/import/{batch_id}", 303)


def _judging(batch_id: int, found: ContactList) -> Callable[[], bool]:
    def step() -> bool:
        with transaction() as session:
            return importing.judge_some(session, batch_id, found)

    return step


@router.post("/{batch_id}/application")
def apply(request: Request, batch_id: int, known: Changer) -> Response:
    """Yes, or on with what stood still."""
    with transaction() as session:
        batch = _found(session, batch_id, known)
        if batch.state == "reading":
            step = _judging(batch_id, contact_list.read(batch.file))
        else:
            importing.begin(session, batch, address(request))
            step = partial(import_apply.step, batch_id)
    work(f"import:{batch_id}", step)
    return RedirectResponse(f"/leads/import/{batch_id}", 303)


@router.post("/{batch_id}/deletion")
def delete(batch_id: int, known: Changer) -> Response:
    """The list goes; what it has changed stays. Raises Refused while it is being applied."""
    with transaction() as session:
        batch = _found(session, batch_id, known)
        if batch.state == "applying" and not batch.stalled(database_time(session)):
            raise Refused("The list is just being imported. Nothing was deleted.")
        batch.state = "choosing"  # nobody goes on with it meanwhile
    importing.forget_rows(batch_id)
    with transaction() as session:
        session.delete(_found(session, batch_id, known))
    return RedirectResponse("/leads/import", 303)


@router.get("/{batch_id}/columns")
@router.get("/{batch_id}/application")
@router.get("/{batch_id}/deletion")
def back(batch_id: int, known: Reader) -> Response:  # noqa: ARG001 - lets staff in
    return RedirectResponse(f"/leads/import/{batch_id}", 303)


def _found(session: Session, batch_id: int, known: Viewer) -> ImportBatch:
    """Raises HTTPException: others' lists are as if they were not there."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.staff_id != known.staff_id:
        raise HTTPException(404, "This list is not here: lists are deleted after 7 days.")
    return batch
