"""Faults as answers: a page for a reader, a problem document (RFC 9457) for a program."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException

from api.contract import PROBLEM_KIND
from api.documents import written
from api.exchanges import exchange_of
from api.expected import MOST_SHOWN, said_of, value_of
from api.languages import preferred
from api.limits import TooMany
from api.open311 import PREFIX, refused
from api.preconditions import Impossible, MayRepeat, NotEditable, PreconditionFailed, PreconditionRequired
from gis_core.errors import Conflict, Forbidden, GisError, InvalidInput, NotFound, Unauthorised
from layers.engine import NO_ANSWER, took_too_long
from map_ui.pages import fault_page, fault_title
from map_ui.texts import TEXTS

OURS, UNAVAILABLE = 500, 503
"""From which status on the fault is the server's, logged and named by its number; the store does not answer."""
STATUS: dict[type[Exception], int] = {
    InvalidInput: 400, Unauthorised: 401, Forbidden: 403, NotFound: 404, NotEditable: 405, Conflict: 409,
    PreconditionFailed: 412, Impossible: 422, PreconditionRequired: 428, TooMany: 429,
    **dict.fromkeys(NO_ANSWER, UNAVAILABLE),
}  # fmt: skip
"""Status by kind of fault; what is not here is nobody's doing but ours, and 500."""
RETRY_AFTER_S = 5


def add_refusals(app: FastAPI) -> None:
    """Let the application answer every fault."""
    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _refusal(status))
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(RequestValidationError, _invalid)


async def known_parameters(request: Request) -> None:
    """Refuse parameters that an address does not have: a misspelt filter would answer with everything. And text that no
    database keeps, or that no reader of a form expects.

    Raises
    ------
    InvalidInput
        For the first of them.
    """
    known = _parameters(request.scope["route"])
    for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
        if "\0" in str(value):
            raise InvalidInput("parameter_invalid", field=name, value=value[:MOST_SHOWN], expected="text without NUL")
    kind, named = parse_options_header(request.headers.get("content-type"))
    charset = named.get(b"charset", b"utf-8").decode("latin-1")
    # Read by whatever codec it names, a form could hold what is no text.
    if kind == b"multipart/form-data" and charset.lower() not in ("utf-8", "utf8"):
        raise InvalidInput("parameter_invalid", field="Content-Type", value=charset[:MOST_SHOWN], expected="utf-8")
    for name in request.query_params:
        if name not in known:
            raise InvalidInput("parameter_unknown", field=name[:MOST_SHOWN], value=name[:MOST_SHOWN],
                               expected=", ".join(sorted(known)) or "–")  # fmt: skip


def _parameters(route: Any) -> frozenset[str]:
    # The language of a refusal can be asked for everywhere.
    return frozenset({"lang", *_asked_by(route.dependant)})


def _asked_by(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for one in dependant.dependencies:
        yield from _asked_by(one)


def refuse(request: Request, fault: Exception, status: int) -> Response:
    """The answer to a fault."""
    locale = preferred(request) or "en"
    detail = _detail(request, fault, status, locale)
    headers = dict(getattr(fault, "headers", None) or {})
    if status == STATUS[Unauthorised]:
        headers["WWW-Authenticate"] = 'Bearer realm="GridWarden"'
    if isinstance(fault, NotEditable):
        headers["Allow"] = "GET, HEAD"
    if isinstance(fault, TooMany):
        headers["Retry-After"] = str(fault.params["seconds"])
    if status == UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if request.url.path.startswith(f"{PREFIX}/"):
        return refused(request.url.path, status, detail or fault_title(status, locale), headers)
    if "text/html" in request.headers.get("accept", ""):
        if status == STATUS[Unauthorised] and request.method in ("GET", "HEAD"):
            return RedirectResponse(f"/login?next={quote(_asked(request), safe='')}", 303, headers=headers)
        page = fault_page(status, detail, locale, assets="/maps/assets", home="/")
        return HTMLResponse(page, status, headers=headers)
    document = {"title": fault_title(status, locale), "status": status, "detail": detail}
    if status >= OURS:
        document["request"] = exchange_of(request).number
    if isinstance(fault, GisError):
        document["code"] = fault.key
        if isinstance(fault.params.get("field"), str):
            document["field"] = _writable(fault.params["field"])
    if isinstance(fault, MayRepeat):
        document["suspected"] = fault.params["suspected"]
    return Response(written(document), status, headers=headers, media_type=PROBLEM_KIND)


def _detail(request: Request, fault: Exception, status: int, locale: str) -> str:
    """What is wrong and what to do; of a fault of ours no more than the number it is found by in the log."""
    if isinstance(fault, GisError):
        return _writable(fault.text(locale))
    if status < OURS:
        return ""
    exchange = exchange_of(request)
    exchange.fault = fault
    said = [TEXTS.say("fault_number", locale, number=exchange.number)]
    if status == UNAVAILABLE:
        said.insert(0, TEXTS.say("fault_slow" if took_too_long(fault) else "fault_again", locale))
    return " ".join(said)


def _writable(text: str) -> str:
    """The text with halves of letters, which JSON can name, spelt out."""
    return text.encode(errors="backslashreplace").decode()


def _asked(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _refusal(status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, fault: refuse(request, fault, status)


def _unknown(request: Request, fault: Exception) -> Response:
    """What the router itself says of an address, a method or a body."""
    assert isinstance(fault, HTTPException)
    return refuse(request, fault, fault.status_code)


def _invalid(request: Request, fault: Exception) -> Response:
    """The first thing wrong with a request's parameters or body, as any other refusal."""
    assert isinstance(fault, RequestValidationError)
    locale = preferred(request) or "en"
    kinds: dict[tuple[str, ...], list[tuple[str, Any]]] = {}
    for one in fault.errors():
        where, kind = _place(one, fault.body)
        kinds.setdefault(kind, []).append((where, one))
    # Of what may be one of several kinds, that is told which it comes nearest to.
    where, first = min(kinds.values(), key=len)[0]
    expected = said_of(first, locale)
    said = InvalidInput("parameter_invalid", field=where[:MOST_SHOWN], value=value_of(first, locale), expected=expected)
    return refuse(request, said, STATUS[InvalidInput])


def _place(fault: Any, body: Any) -> tuple[str, tuple[str, ...]]:
    """The field that is wrong, as its sender names it, and the kinds that it was read as, which only we name."""
    loc = fault["loc"]
    if loc[0] != "body":
        return ".".join(str(part) for part in loc[1:]) or str(loc[0]), ()
    named: list[str] = []
    kinds: list[str] = []
    for position, part in enumerate(loc[1:], 2):
        wanted = fault["type"] == "missing" and position == len(loc)
        if isinstance(part, int) or wanted or (isinstance(body, Mapping) and part in body):
            named.append(str(part))
            body = _within(body, part)
        else:
            kinds.append(str(part))
    return ".".join(named) or "body", tuple(kinds)


def _within(body: Any, part: str | int) -> Any:
    if isinstance(body, Mapping):
        return body.get(part)
    return body[part] if isinstance(body, list) and isinstance(part, int) and part < len(body) else None
