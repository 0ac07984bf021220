"""Open311 GeoReport v2: discovery, services, requests: without a key what the public sees."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from pydantic import ValidationError

from api import open311
from api.callers import Caller, Context, Here, by_key, caller
from api.filing import file
from api.languages import preferred
from api.proxies import root_of
from api.schemas import Key, Report
from gis_core.errors import Forbidden, InvalidInput, NotFound, Unauthorised
from layers.citizens import published_requests
from layers.finding import Wanted, find_issues, rows_of
from layers.reference import Category
from layers.store import Store

router = APIRouter(prefix="/open311", tags=["open311"], include_in_schema=False)
Suffix = Annotated[str, Path(max_length=4)]
Text = Annotated[str | None, Query(max_length=2_000)]
Typed = Annotated[str, Form(max_length=10_000)]
KEPT = ("code", "kind", "name", "names", "major")


@router.get("/discovery.{form}")
def discovery(request: Request, context: Here, form: Suffix) -> Response:
    """Where the service is, and what it speaks."""
    _check(form)
    with context.stores.read() as store:
        changed = str(store.latest_revision())
        city = store.city.name
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{root_of(request, context.settings.proxies)}/open311/v2", "changeset": changed, "type": "production",
        "formats": list(open311.KINDS.values()),
    }  # fmt: skip
    content: dict[str, Any] = {
        "changeset": changed, "contact": city, "key_service": "gridwarden user key NAME LABEL", "endpoints": [endpoint]
    }  # fmt: skip
    return open311.told(form, "discovery", content)


@router.get("/v2/services.{form}")
def services(request: Request, context: Here, form: Suffix, jurisdiction_id: Text = None) -> Response:
    """The categories of the city's scheme."""
    _check(form)
    with context.stores.read() as store:
        locale = preferred(request) or store.city.locale
        found = [open311.service(one, locale) for one in _categories(store)]
    return open311.told(form, "services", found)


@router.get("/v2/services/{code}.{form}")
def service(
    context: Here, code: Annotated[str, Path(max_length=100)], form: Suffix, jurisdiction_id: Text = None
) -> Response:
    """What a service asks for beside place and words: nothing."""
    _check(form)
    with context.stores.read() as store:
        if open311.category_of(code) not in {(one["kind"], one["code"]) for one in _categories(store)}:
            raise NotFound("service_missing", value=code)
    return open311.told(form, "service_definition", {"service_code": code, "attributes": []})


@router.get("/v2/requests.{form}")
def requests(
    request: Request,
    context: Here,
    form: Suffix,
    service_request_id: Text = None,
    service_code: Text = None,
    start_date: Text = None,
    end_date: Text = None,
    status: Text = None,
    updated_after: Text = None,
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=open311.MOST)] = open311.MOST,
    api_key: Text = None,
    jurisdiction_id: Text = None,
) -> Response:
    """Requests of the last 90 days, newest first."""
    _check(form)
    codes = open311.several(service_request_id)
    wanted = Wanted(codes=codes)
    if codes is None:
        since, until = open311.span_of(start_date, end_date, context.now())
        chosen = open311.several(service_code)
        categories = None if chosen is None else tuple(open311.category_of(one) for one in chosen)
        wanted = Wanted(
            statuses=open311.several(status, ("open", "closed"), "status"),
            since=since,
            until=until,
            categories=categories,
            changed_since=open311.parsed("updated_after", updated_after),
        )
    return _requests(request, context, form, api_key, wanted, page_size, (page - 1) * page_size)


@router.get("/v2/requests/{code}.{form}")
def one_request(
    request: Request, context: Here, code: Annotated[str, Path(max_length=100)], form: Suffix,
    api_key: Text = None, jurisdiction_id: Text = None,
) -> Response:  # fmt: skip
    """One request."""
    _check(form)
    return _requests(request, context, form, api_key, Wanted(codes=(code,)), 1, 0, needed=code)


@router.get("/v2/tokens/{token}.{form}")
def token(token: Annotated[str, Path(max_length=100)], form: Suffix, jurisdiction_id: Text = None) -> Response:
    """No token was ever given: every report has its number at once."""
    _check(form)
    raise NotFound("token_missing", value=token)


@router.post("/v2/requests.{form}")
def report(
    request: Request,
    context: Here,
    form: Suffix,
    service_code: Typed = "",
    lat: Typed = "",
    long: Typed = "",
    description: Typed = "",
    address_string: Typed = "",
    first_name: Typed = "",
    last_name: Typed = "",
    phone: Typed = "",
    api_key: Typed = "",
    jurisdiction_id: Typed = "",
    key: Key = None,
) -> Response:
    """Report an issue; whoever has the right to report has a key."""
    _check(form)
    asking = _asking(request, context, api_key)
    if asking is None:
        raise Forbidden("key_needed")
    asking.sight("report")
    kind, category = open311.category_of(service_code)
    with context.stores.read() as store:
        if (kind, category) not in {(one["kind"], one["code"]) for one in _categories(store)}:
            raise NotFound("service_missing", value=service_code)
    person = {"name": f"{last_name} {first_name}".strip() or None, "phone": phone or None}
    said = {
        "lon": long, "lat": lat, "kind": kind, "category": category, "description": description or None,
        "address": address_string or None, "channel": "open311", "contact": person if any(person.values()) else None,
    }  # fmt: skip
    try:
        parsed = Report.model_validate(said)
    except ValidationError as fault:
        first = fault.errors()[0]
        field = {"lon": "long"}.get(str(first["loc"][0]), str(first["loc"][0]))
        value = str(first["input"])[:100]
        raise InvalidInput("parameter_invalid", field=field, value=value, expected=first["msg"]) from None
    code, _, _ = file(context, f"api/{asking.user.name}", parsed, key, context.now())
    made = {"service_request_id": code, "service_notice": None, "account_id": None}
    return open311.told(form, "service_requests", [made])


def _requests(
    request: Request, context: Context, form: str, key: str | None, wanted: Wanted, limit: int, offset: int,
    needed: str = "",
) -> Response:  # fmt: skip
    asking = _asking(request, context, key)
    with context.stores.read() if asking is None else asking.reading() as store:
        locale = preferred(request) or store.city.locale
        if asking is None:
            found = published_requests(store, wanted, limit, offset)
        else:
            found = find_issues(store, wanted, limit, offset)
        names = {(one["kind"], one["code"]): one["names"].get(locale) or one["name"] for one in _categories(store)}
        shown = {one["handles"] for one in found if "handles" in one}
        parties = {one["code"]: one["name"] for one in rows_of(store, "parties", ("code", "name"))} if shown else {}
    if needed and not found:
        raise NotFound("issue_missing", value=needed)
    return open311.told(form, "service_requests", [open311.request_of(one, names, parties) for one in found])


def _asking(request: Request, context: Context, key: str | None) -> Caller | None:
    """Who asks, by the key of the standard or any of our ways; nobody in particular if nothing is shown."""
    if key:
        return by_key(request, context, key)
    try:
        return caller(request, context)
    except Unauthorised as fault:
        if fault.key == "signed_out":
            return None
        raise


def _categories(store: Store) -> list[dict[str, Any]]:
    return rows_of(store, "categories", KEPT, Category.scheme == store.city.scheme)


def _check(form: str) -> None:
    if form not in open311.FORMS:
        raise NotFound("form_missing", value=form, expected=", ".join(open311.FORMS))
