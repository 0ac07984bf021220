"""The HTTP door: every address, and what holds for all of them."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.staticfiles import StaticFiles

from api.callers import Context
from api.door import now as clock
from api.middleware import ASSETS, AnswerHeaders, BodyLimit
from api.refusals import add_refusals, known_parameters
from api.routes import (
    assign,
    audit,
    citizens,
    features,
    grids,
    health,
    issues,
    open311,
    pages,
    registers,
    stream,
    tiles,
    tokens,
)
from api.settings import LOOPBACK, Settings
from layers.engine import THREADS
from layers.stores import Stores
from map_ui.offline import asset_path

ROUTERS = (
    health.router, pages.router, tokens.router, issues.router, citizens.router, assign.router, grids.router,
    registers.router, features.router, tiles.router, open311.router, stream.router, audit.router,
)  # fmt: skip
"""Every address; a test holds each against every role."""


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
    app.add_middleware(BodyLimit)
    app.add_middleware(AnswerHeaders)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *settings.names], www_redirect=False)
    add_refusals(app)
    return app


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """As many threads as there are connections: who has one never waits for another."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
    app.state.context.hub.end()
