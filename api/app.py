"""The HTTP door: every address, and what holds for all of them."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import Context
from api.door import now as clock
from api.refusals import ALWAYS, add_refusals, known_parameters
from api.routes import assign, audit, citizens, features, grids, health, issues, pages, registers, tiles, tokens
from api.settings import LOOPBACK, Settings
from layers.engine import THREADS
from layers.store import Stores
from map_ui.offline import asset_path

ROUTERS = (
    health.router, pages.router, tokens.router, issues.router, citizens.router, assign.router, grids.router,
    registers.router, features.router, tiles.router, audit.router,
)  # fmt: skip
"""Every address; a test holds each against every role."""
ASSETS = "/maps/assets"


def create_app(stores: Stores, settings: Settings, now: Callable[[], dt.datetime] = clock) -> FastAPI:
    """The application over one store.

    Parameters
    ----------
    now
        The clock, so that a test can stand still.
    """
    app = FastAPI(
        title="GridWarden",
        lifespan=_living,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        dependencies=[Depends(known_parameters)],
    )
    app.state.context = Context(stores, settings, now)
    app.mount(ASSETS, StaticFiles(directory=asset_path()), name="assets")
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(_Headers)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *settings.names], www_redirect=False)
    add_refusals(app)
    return app


@asynccontextmanager
async def _living(_: FastAPI) -> AsyncIterator[None]:
    """As many threads as there are connections: who has one never waits for another."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


class _Headers:
    """Puts the headers of every answer on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Answers hold what citizens wrote and are kept nowhere unless they say otherwise; assets have no version in
        # their names: kept, but checked.
        kept = "no-cache" if scope["path"].startswith(f"{ASSETS}/") else "no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", kept)
                headers.add_vary_header("Accept-Language, Cookie")
            await send(message)

        await self._app(scope, receive, with_headers)
