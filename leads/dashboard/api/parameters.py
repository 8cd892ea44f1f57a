"""The query parameters that an address knows."""

from fastapi import HTTPException, Request

PREFIX = "/api/v1"


def only_named(request: Request) -> None:
    """Raises HTTPException for a parameter that is not in the description: a misspelt filter
    would otherwise list everybody."""
    path = PREFIX + request.scope["route"].path
    described = request.app.openapi()["paths"][path][request.method.lower()]
    named = {each["name"] for each in described.get("parameters", ()) if each["in"] == "query"}
    if not named.issuperset(request.query_params):
        told = f"It knows {', '.join(sorted(named))}." if named else "It knows none."
        raise HTTPException(422, f"This address does not know such a parameter. {told}")
