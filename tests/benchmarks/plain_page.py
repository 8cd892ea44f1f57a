"""The least that a page can be: `SELECT 1` in a transaction, on the same server and database."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from sqlalchemy import text

from leads.db import transaction

app = FastAPI(openapi_url=None)


@app.get("/")
def plain() -> HTMLResponse:
    with transaction() as session:
        return HTMLResponse(f"<p>{session.execute(text('SELECT 1')).scalar_one()}</p>")
