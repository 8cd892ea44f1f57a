"""The sandbox as an ASGI application: REST API, control API and the page.

`app` reads its settings when it starts. Beside the real Twilio it does not start; under a server
that does not run the startup protocol, it answers 503 with the same sentence.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from webhooks.sandbox import (
    control,
    gate,
    guard,
    page,
    rest,
    rest_calls,
    rest_lookups,
    rest_media,
    rest_messages,
    rest_numbers,
    rest_recordings,
    rest_services,
)
from webhooks.sandbox.exchange import Exchange
from webhooks.sandbox.settings import Settings, SettingsError, check, load

REST = ("/2010-04-01/", "/v1/", "/v2/")
# Their routes stand in the one router of `rest`.
_REST_PARTS = (rest_calls, rest_media, rest_messages, rest_numbers, rest_recordings)


class Sandbox:
    def __init__(self, settings: Callable[[], Settings] = load) -> None:
        self._settings = settings
        self._refusal = "The sandbox has not been started."
        self._app: FastAPI | None = None
        self.exchange: Exchange | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._start()
        except SettingsError as error:
            self._refusal = str(error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self.exchange:
            await self.exchange.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        settings = self._settings()
        check(settings)
        self.exchange = Exchange(settings)
        self._app = _routes(self.exchange)
        self.exchange.start()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None or self.exchange is None:
            await JSONResponse({"error": self._refusal}, 503)(scope, receive, send)
        elif scope["path"].startswith(REST):
            await gate.pass_through(self._app, self.exchange, scope, receive, send)
        elif scope["path"] != "/health" and (
            objection := guard.objection(scope, self.exchange.settings.open_to_all)
        ):
            await JSONResponse({"error": objection}, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _routes(exchange: Exchange) -> FastAPI:
    app = FastAPI(
        title="Ringback sandbox",
        description=control.__doc__ or "",
        openapi_url="/sandbox/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.exchange = exchange
    app.include_router(rest.router)
    app.include_router(rest_numbers.account_router)
    app.include_router(rest_lookups.router)
    app.include_router(rest_media.store)
    app.include_router(rest_services.router)
    app.include_router(control.router)
    app.include_router(page.router)

    @app.get("/health", include_in_schema=False)
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.exception_handler(rest.RestError)
    async def rest_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, rest.RestError)  # noqa: S101 - the handler's type says less
        return rest.error_response(error)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - the handler's type says less
        if request.url.path.startswith(REST) and error.status_code == 404:
            return rest.error_response(rest.not_found(request))
        return JSONResponse({"error": error.detail}, error.status_code)

    return app


app: Any = Sandbox()
