"""The HTTP door: map pages and health, on loopback until people and permissions exist."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from api.door import now as clock
from api.maps import page_html
from gis_core.errors import Conflict, Forbidden, GisError, InvalidInput, NotFound
from layers.store import Stores
from map_ui.offline import CSP, asset_path

STATUS = {InvalidInput: 422, NotFound: 404, Conflict: 409, Forbidden: 403}
Locale = Annotated[Literal["zh", "en"] | None, Query(description="language of the page; the city's own by default")]


def create_app(stores: Stores, now: Callable[[], dt.datetime] = clock) -> FastAPI:
    """The application over one store.

    Parameters
    ----------
    stores
        The store it reads.
    now
        The clock, so that a test can stand still.
    """
    app = FastAPI(title="GridWarden", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/maps/assets", StaticFiles(directory=asset_path()), name="assets")

    @app.get("/")
    def home() -> RedirectResponse:
        return RedirectResponse("/maps/overview")

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/maps/{page}", response_class=HTMLResponse)
    def show(page: str, lang: Locale = None) -> HTMLResponse:
        with stores.read() as store:
            html = page_html(store, page, lang or store.city.locale, now(), "assets")
        return HTMLResponse(html, headers={"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff"})

    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _refusal(status))
    return app


def _refusal(status: int) -> Callable[[Request, Exception], Response]:
    def answer(_: Request, fault: Exception) -> JSONResponse:
        detail = fault.text("en") if isinstance(fault, GisError) else ""
        document = {"status": status, "title": type(fault).__name__, "detail": detail}
        return JSONResponse(document, status, media_type="application/problem+json")

    return answer
