"""Pages for people: the maps, and the way in and out."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from api.backstreets import walks_of
from api.callers import COOKIE, Asking, Caller, Context, Here, is_own
from api.entering import enter, give_page
from api.hotspot_pages import NOTHING, Planned, made, planned
from api.hotspot_periods import Chosen
from api.hotspot_turns import once
from api.languages import preferred
from api.limits import TooMany
from api.maps import BACKSTREETS, HOTSPOTS, PATROL, TERRITORY, page_data, with_drafts
from api.middleware import ASSETS
from api.patrolling import Patrolling
from api.plan_pages import with_plans
from api.proxies import is_secure
from api.refusals import STATUS
from api.routing import Router
from api.security import PAGE_FOR, digest_of
from gis_core.city import LOCALES
from gis_core.errors import Conflict, Forbidden, InvalidInput, Unauthorised
from gis_core.permissions import may
from map_ui.data import MapData
from map_ui.entrance import login_page
from map_ui.pages import render

READING = ["GET", "HEAD"]
HOME, PHONE = "/maps/overview", "/m"
MOST_TYPED = 2_048
NO_MORE: Mapping[str, str] = {}

router = Router(include_in_schema=False)


@router.api_route("/", methods=READING)
def home() -> RedirectResponse:
    """The way to the first page."""
    return RedirectResponse(HOME)


@router.api_route(f"/maps/{HOTSPOTS}", methods=READING, response_class=HTMLResponse)
async def hotspots(
    request: Request, context: Here, asking: Asking, lang: str | None = None, days: int | None = None,
    since: Annotated[str | None, Query(max_length=10)] = None,
    until: Annotated[str | None, Query(max_length=10)] = None,
) -> HTMLResponse:  # fmt: skip
    """The map page of hot spots. What is asked twice at once is worked out once; meanwhile nobody holds a connection,
    and who waits holds no thread either.
    """
    _check(lang)
    locale, data, plan = await run_in_threadpool(_planned, request, context, asking, Chosen(days, since, until))
    told = NOTHING
    if plan is not None:
        known = partial(context.hotspots.pages.get, plan.key)
        work = partial(made, plan, context.hotspots, asking.reading)
        told = await once(("page", plan.key), known, work, request.is_disconnected)
    own = {name: request.query_params[name] for name in Chosen._fields if name in request.query_params}
    return await run_in_threadpool(_rendered, context, asking, HOTSPOTS, replace(data, hotspots=told), locale, own)


@router.api_route("/maps/{page}", methods=READING, response_class=HTMLResponse)
def show(
    request: Request,
    context: Here,
    asking: Asking,
    page: str,
    lang: str | None = None,
    draft: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    plan: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> HTMLResponse:
    """A map page, of what its reader may see; of the territory also what a draft would move."""
    _check(lang)
    with asking.reading() as store:
        locale, data = preferred(request) or store.city.locale, page_data(store, page, context.now())
    data = replace(data, prints=may(asking.user.grants, "inspect"))
    if page == BACKSTREETS and (patrolling := _patrols(context)) is not None:
        with asking.reading() as store:
            walks = walks_of(store, patrolling, context.now())
        replays = any(may(asking.user.grants, action) for action in ("patrol", "trace"))
        data = replace(data, patrol=walks.told(), replays=replays)
    if page == TERRITORY and may(asking.user.grants, "draft"):
        with asking.reading("draft") as store:
            data = with_drafts(data, store, draft, context.now())
    if page == PATROL and may(asking.user.grants, "plan"):
        with asking.reading("plan") as store:
            data = with_plans(data, store, context.plan_ways, plan)
    return _rendered(context, asking, page, data, locale)


@router.api_route("/login", methods=READING, response_class=HTMLResponse)
def login(request: Request, context: Here, next: str = HOME, lang: str | None = None) -> HTMLResponse:  # noqa: A002
    """The page that asks for name and password."""
    _check(lang)
    return HTMLResponse(_login_page(request, context, _own_path(next)))


@router.post("/login", response_class=HTMLResponse)
def sign_in(
    request: Request,
    context: Here,
    name: Annotated[str, Form(max_length=MOST_TYPED)] = "",
    password: Annotated[str, Form(max_length=MOST_TYPED)] = "",
    next: Annotated[str, Form(max_length=MOST_TYPED)] = HOME,  # noqa: A002
    lang: str | None = None,
) -> Response:
    """Let somebody in to the page they wanted, or say why not."""
    _check(lang)
    if request.headers.get("origin") is not None and not is_own(request):
        raise Forbidden("foreign_origin")
    target = _own_path(next)
    try:
        user = enter(context, request, name, password)
    except (Unauthorised, TooMany) as fault:
        status = STATUS[type(fault)]
        message = fault.text(_locale(request, context))
        return HTMLResponse(_login_page(request, context, target, name=name, message=message), status)
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        COOKIE, give_page(context, user), max_age=int(PAGE_FOR.total_seconds()), httponly=True, samesite="lax",
        secure=is_secure(request, context.settings.proxies),
    )  # fmt: skip
    return answer


@router.post("/logout")
def sign_out(request: Request, context: Here, asking: Asking) -> RedirectResponse:
    """End the session of this browser."""
    with context.stores.people(writes=True) as accounts:
        accounts.end("page", digest_of(request.cookies.get(COOKIE, "")))
        accounts.note(asking.user.name, "sign_out", context.now(), address=asking.address)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure(request, context.settings.proxies))
    return answer


def _planned(
    request: Request, context: Context, asking: Caller, chosen: Chosen
) -> tuple[str, MapData, Planned | None]:  # fmt: skip
    """The language, what the page of hot spots shows anyway, and what is to be asked for it."""
    patrolling, now = _patrols(context), context.now()
    with asking.reading() as store:
        data = page_data(store, HOTSPOTS, now)
        plan = planned(data, store, context.hotspots, patrolling, now, chosen)
        return preferred(request) or store.city.locale, data, plan


def _rendered(
    context: Context, asking: Caller, page: str, data: MapData, locale: str, asked: Mapping[str, str] = NO_MORE
) -> HTMLResponse:
    """The page, for whom it is made; of its address what is kept when only the language changes."""
    more = "".join(f"&{name}={quote(value, safe='')}" for name, value in asked.items())
    account = asking.user.title or asking.user.name
    phone = PHONE if may(asking.user.grants, "patrol") else ""
    html = render(page, data, locale, assets="assets", account=account, phone=phone, more=more, now=context.now())
    return HTMLResponse(html)


def _patrols(context: Context) -> Patrolling | None:
    """What was walked; ``None`` where nothing is published, or no street is."""
    try:
        return context.patrols.known(context.stores, context.now())
    except (Conflict, InvalidInput):
        return None


def _check(lang: str | None) -> None:
    if lang not in (None, *LOCALES):
        raise InvalidInput("language_unknown", field="lang", value=lang, expected=", ".join(LOCALES))


def _locale(request: Request, context: Here) -> str:
    if (locale := preferred(request)) is not None:
        return locale
    with context.stores.read() as store:
        return store.city.locale


def _login_page(request: Request, context: Here, target: str, *, name: str = "", message: str = "") -> str:
    link = f"/login?lang={{locale}}&next={quote(target, safe='')}"
    return login_page(_locale(request, context), name=name, message=message, target=target, assets=ASSETS, link=link)


def _own_path(target: str) -> str:
    """Where to go after signing in: a path of this server, whatever the address said."""
    plain = target.replace("\\", "/")
    own = plain.startswith("/") and not plain.startswith("//") and plain.isprintable()
    return plain if own else HOME
