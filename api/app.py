"""The HTTP door: every address, and what holds for all of them."""

import datetime as dt
from collections.abc import Callable

from fastapi import Depends, FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.staticfiles import StaticFiles

from api.callers import Context
from api.contract import REFUSING, Described
from api.door import now as clock
from api.journal import Journal
from api.living import living
from api.middleware import ASSETS, AnswerHeaders, Limits
from api.refusals import add_refusals, known_parameters
from api.routes import (
    assign,
    audit,
    check_ins,
    citizens,
    coverage,
    doors,
    drafts,
    editing,
    features,
    findings,
    grids,
    health,
    hotspots,
    issues,
    jobs,
    lanes,
    open311,
    pages,
    phone,
    photos,
    plan_sheets,
    plans,
    plates,
    registers,
    repeats,
    snapshots,
    stream,
    tiles,
    tokens,
    tracks,
)
from api.settings import LOOPBACK, Settings
from layers.stores import Stores
from map_ui.offline import asset_path

ROUTERS = (
    health.router, plates.router, pages.router, tokens.router, issues.router, photos.router, citizens.router,
    assign.router, grids.router, doors.router, registers.router, features.router, editing.router, drafts.router,
    jobs.router, check_ins.router, findings.router, lanes.router, coverage.router, snapshots.router, hotspots.router,
    tiles.router, open311.router, repeats.router, stream.router, audit.router, tracks.router,
    plans.router, plan_sheets.router, phone.router,
)  # fmt: skip
"""Every address, the first that fits before others; a test holds each against every role."""


def create_app(stores: Stores, settings: Settings, now: Callable[[], dt.datetime] = clock) -> FastAPI:
    """The application over one store.

    Parameters
    ----------
    now
        The clock, so that a test can stand still.
    """
    app = Described(
        title="GridWarden",
        lifespan=living,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        dependencies=[Depends(known_parameters)],
        responses=REFUSING,
    )
    context = app.state.context = Context(stores, settings, now)
    app.mount(ASSETS, StaticFiles(directory=asset_path()), name="assets")
    for router in ROUTERS:
        app.include_router(router)
    # The last one added comes first: every answer, whoever gives it, is numbered, counted, logged and has our headers.
    app.add_middleware(Limits)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *settings.names], www_redirect=False)
    app.add_middleware(Journal, metrics=context.metrics, proxies=settings.proxies)
    app.add_middleware(AnswerHeaders)
    add_refusals(app)
    return app
