"""The HTTP door: map pages and health, on loopback until people and permissions exist."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import OperationalError

from api.door import now as clock
from api.maps import page_html
from gis_core.city import LOCALES
from gis_core.errors import Conflict, Forbidden, GisError, InvalidInput, NotFound
from layers.store import Stores
from map_ui.offline import CSP, asset_path
from map_ui.pages import fault_page, fault_title

STATUS: dict[type[Exception] | int, int] = {
    InvalidInput: 422, NotFound: 404, Conflict: 409, Forbidden: 403, OperationalError: 503, Exception: 500,
    404: 404, 405: 405,
}  # fmt: skip
"""Status by kind of fault; the numbers are what the router itself says of an address or method it does not know."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
READING = ["GET", "HEAD"]
ALWAYS = {"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
"""Headers of every answer."""


def create_app(stores: Stores, host: str = LOOPBACK[0], now: Callable[[], dt.datetime] = clock) -> FastAPI:
    """The application over one store.

    Parameters
    ----------
    stores
        The store it reads.
    host
        The address it listens on; asked for under any name but this and loopback's it refuses, so that no
        foreign site can read it through a visitor's browser by pointing a name of its own here.
    now
        The clock, so that a test can stand still.
    """
    app = FastAPI(title="GridWarden", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/maps/assets", StaticFiles(directory=asset_path()), name="assets")
    app.middleware("http")(_with_headers)
    names = [*LOOPBACK, f"[{host}]" if ":" in host else host]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)

    @app.api_route("/", methods=READING)
    def home() -> RedirectResponse:
        return RedirectResponse("/maps/overview")

    @app.api_route("/healthz", methods=READING)
    def healthz() -> dict[str, Any]:
        with stores.read() as store:
            return {"status": "ok", "store": "ok", "version": store.latest_version()}

    @app.api_route("/maps/{page}", methods=READING, response_class=HTMLResponse)
    def show(request: Request, page: str, lang: str | None = None) -> HTMLResponse:
        if lang not in (None, *LOCALES):
            raise InvalidInput("language_unknown", field="lang", value=lang, expected=", ".join(LOCALES))
        with stores.read() as store:
            locale = _preferred(request) or store.city.locale
            return HTMLResponse(page_html(store, page, locale, now(), "assets"))

    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _refusal(status))
    return app


async def _with_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await go_on(request)
    # Pages hold what citizens wrote and are kept nowhere; assets have no version in their names: kept, but checked.
    is_asset = request.url.path.startswith("/maps/assets/")
    response.headers.update(
        {**ALWAYS, "Cache-Control": "no-cache" if is_asset else "no-store", "Vary": "Accept-Language"}
    )
    return response


def _preferred(request: Request) -> str | None:
    """The reader's language: what the address asks for, else the browser's first that we speak."""
    if (asked := request.query_params.get("lang")) in LOCALES:
        return asked
    weighed = []
    for choice in request.headers.get("accept-language", "").lower().split(","):
        name, _, weight = choice.strip().partition(";q=")
        if name[:2] in LOCALES:
            weighed.append((float(weight) if weight.replace(".", "", 1).isdigit() else 1.0, name[:2]))
    # The first of equals: what comes earlier in the header is liked better.
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else None


def _refusal(status: int) -> Callable[[Request, Exception], Response]:
    """An answer that says why not: a page for a browser, a problem document (RFC 9457) for a program."""

    def answer(request: Request, fault: Exception) -> Response:
        locale = _preferred(request) or "en"
        detail = fault.text(locale) if isinstance(fault, GisError) else ""
        # A fault nobody foresaw is answered outside the middleware.
        headers = {**ALWAYS, **(getattr(fault, "headers", None) or {})}
        if "text/html" in request.headers.get("accept", ""):
            page = fault_page(status, detail, locale, assets="/maps/assets", home="/")
            return HTMLResponse(page, status, headers=headers)
        document = {"title": fault_title(status, locale), "status": status, "detail": detail}
        if isinstance(fault, GisError):
            document["code"] = fault.key
        return JSONResponse(document, status, headers=headers, media_type="application/problem+json")

    return answer
