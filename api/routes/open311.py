"""Open311 GeoReport v2: discovery, services, requests; without a key those that the public sees."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import Path, Query, Request, Response
from pydantic import BeforeValidator
from starlette.datastructures import UploadFile

from api.callers import Context, Here
from api.filing import FIRST, file, source_of
from api.languages import preferred
from api.lines import LOG
from api.open311 import FORMS, PREFIX, SPECIFICATION, category_of, moment, service, told
from api.open311_asked import Text, instant, not_kept, report_of, sent, several, window
from api.open311_views import asking, viewing
from api.photographing import at_a_time, take
from api.proxies import root_of
from api.routing import Router
from api.schemas import MOST_AT_ONCE, Key
from api.settings import DEMO_SECRET
from api.texts import SAY
from gis_core.errors import Forbidden, InvalidInput, NotFound
from layers.finding import Wanted, revised_at, rows_of
from layers.frames import table_of
from layers.reference import Category

router = Router(prefix=PREFIX, tags=["open311"], include_in_schema=False)
Suffix = Annotated[str, Path(max_length=100)]
Number = Annotated[str, Path(max_length=100)]
Page = Annotated[int, Query(ge=1, le=100_000), BeforeValidator(lambda text: text or 1)]
Size = Annotated[int, Query(ge=1, le=MOST_AT_ONCE), BeforeValidator(lambda text: text or MOST_AT_ONCE)]
Flag = Annotated[bool, Query(), BeforeValidator(lambda text: text or False)]
DESCRIBED = ("code", "kind", "name", "names", "major", "extra")


@router.get("/discovery.{form}")
def discovery(request: Request, context: Here, form: Suffix) -> Response:
    """Where the service is, what it speaks, and since when its list of services is what it is."""
    _known(form)
    with context.stores.read() as store:
        changed, city = moment(revised_at(store) or FIRST), store.city
    locale = preferred(request) or city.locale
    endpoint = {
        "specification": SPECIFICATION, "url": f"{root_of(request, context.settings.proxies)}{PREFIX}/v2",
        "changeset": changed, "type": "test" if context.settings.secret == DEMO_SECRET else "production",
        "formats": [FORMS["xml"], FORMS["json"]],
    }  # fmt: skip
    content = {
        "changeset": changed, "contact": SAY.say("open311_contact", locale, city=city.name),
        "key_service": SAY.say("open311_key", locale), "endpoints": [endpoint],
    }  # fmt: skip
    return told(form, "discovery", content)


@router.get("/v2/services.{form}")
def services(request: Request, context: Here, form: Suffix, jurisdiction_id: Text = None) -> Response:
    """The categories of the city's scheme."""
    _known(form)
    with context.stores.read() as store:
        locale = preferred(request) or store.city.locale
        ours = table_of(Category).c.scheme == store.city.scheme
        found = [service(one, locale) for one in rows_of(store, "categories", DESCRIBED, ours)]
    return told(form, "services", found)


@router.get("/v2/services/{code}.{form}")
def definition(context: Here, code: Number, form: Suffix, jurisdiction_id: Text = None) -> Response:
    """What a service asks for beside position and words: nothing."""
    _known(form)
    kind, category = category_of(code)
    with context.stores.read() as store:
        columns = table_of(Category).c
        same = (columns.scheme == store.city.scheme, columns.kind == kind, columns.code == category)
        if not rows_of(store, "categories", (), *same):
            raise NotFound("service_missing", value=code)
    return told(form, "service_definition", {"service_code": code, "attributes": []})


@router.get("/v2/tokens/{token}.{form}")
def token(token: Number, form: Suffix, jurisdiction_id: Text = None) -> Response:
    """No report ever gets a token."""
    _known(form)
    raise NotFound("token_missing", value=token)


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
    page: Page = 1,
    page_size: Size = MOST_AT_ONCE,
    extensions: Flag = False,
    api_key: Text = None,
    jurisdiction_id: Text = None,
) -> Response:
    """Requests, newest first: those with the ids that are given, or else those that all other parameters admit."""
    _known(form)
    codes = several("service_request_id", service_request_id)
    statuses, changed_since = several("status", status, ("open", "closed")), instant("updated_after", updated_after)
    # Whoever asks what changed asks about old requests too.
    dated = start_date or end_date or changed_since is None
    since, until = window(start_date, end_date, context.now()) if dated else (None, None)
    asked = Wanted(statuses=statuses, since=since, until=until, changed_since=changed_since)
    services = several("service_code", service_code)
    with viewing(request, context, api_key) as view:
        if codes is not None:
            found = view.find(Wanted(codes=codes))
        else:
            narrowed = asked if services is None else replace(asked, categories=view.categories(services))
            found = view.find(narrowed, page_size, (page - 1) * page_size)
        return told(form, "service_requests", view.told(found, extensions=extensions))


@router.get("/v2/requests/{code}.{form}")
def one_request(
    request: Request, context: Here, code: Number, form: Suffix, extensions: Flag = False, api_key: Text = None,
    jurisdiction_id: Text = None,
) -> Response:  # fmt: skip
    """The request of an id, in a list of its own."""
    _known(form)
    with viewing(request, context, api_key) as view:
        found = view.find(Wanted(codes=(code,)))
        if not found:
            raise NotFound("issue_missing", value=code)
        return told(form, "service_requests", view.told(found, extensions=extensions))


@router.post("/v2/requests.{form}")
async def report(
    request: Request, context: Here, form: Suffix, api_key: Text = None, jurisdiction_id: Text = None, key: Key = None
) -> Response:
    """Report an issue, with photos as files called `media`; the answer says which fields were not kept."""
    _known(form)
    now = context.now()
    async with sent(request) as said:
        filing = partial(_filed, request, context, said.fields, said.fields.get("api_key") or api_key, key, now)
        code, actor, locale = await to_thread.run_sync(filing)
        lost = not_kept(said, await _photographed(context, code, said.photos, actor, now))
    notice = SAY.say("open311_not_kept", locale, fields=", ".join(lost)) if lost else None
    return told(form, "service_requests", [{"service_request_id": code, "service_notice": notice, "account_id": None}])


def _filed(
    request: Request,
    context: Context,
    fields: Mapping[str, str],
    api_key: str | None,
    key: str | None,
    now: dt.datetime,
) -> tuple[str, str, str]:
    """Store a report: its number, who reports, and the language to answer in."""
    reporter = asking(request, context, api_key)
    if reporter is None:
        raise Forbidden("key_needed")
    reporter.sight("report")
    try:
        code = file(context, source_of(reporter.user.name), report_of(fields), key, now).code
    except InvalidInput as fault:
        if fault.key != "issue_category_unknown":
            raise
        raise NotFound("service_missing", value=fields["service_code"]) from None
    with context.stores.read() as store:
        return code, reporter.user.name, preferred(request) or store.city.locale


async def _photographed(context: Context, code: str, photos: Sequence[UploadFile], actor: str, now: dt.datetime) -> int:
    """Keep photos of a report, and say how many were: whatever comes about with them, the report is stored, and who is
    told otherwise sends it again.
    """
    kept = 0
    for photo in photos:
        try:
            content = await photo.read()
            await at_a_time(partial(take, context, code, content, now, stage="report", actor=actor))
            kept += 1
        except InvalidInput:
            continue
        except Exception:
            LOG.exception("a photo of %s was not kept", code)
    return kept


def _known(form: str) -> None:
    if form not in FORMS:
        raise NotFound("form_missing", value=form, expected=", ".join(FORMS))
