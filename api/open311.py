"""Open311 GeoReport v2: its documents in JSON and XML, from the same rows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from fastapi import Response

from api.documents import written
from gis_core.errors import InvalidInput

Row = Mapping[str, Any]
FORMS = ("json", "xml")
KINDS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
COMPONENT = "c-"
"""Before the code of a component, which a matter may share."""
SPAN = dt.timedelta(days=90)
MOST = 1_000
NAMES = {
    "services": "service", "service_requests": "request", "errors": "error", "attributes": "attribute",
    "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
"""What one of a list is called in XML."""


def told(form: str, name: str, content: Any, status: int = 200) -> Response:
    """A document: in JSON without its outer name, in XML within it."""
    if form == "json":
        return Response(written(content), status, media_type=KINDS[form])
    root = ElementTree.Element(name)
    _fill(root, name, content)
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, status, media_type=KINDS["xml"])


def _fill(element: ElementTree.Element, name: str, content: Any) -> None:
    if isinstance(content, Mapping):
        for field, value in content.items():
            _fill(ElementTree.SubElement(element, field), field, value)
    elif isinstance(content, list):
        for one in content:
            _fill(ElementTree.SubElement(element, NAMES.get(name, "item")), NAMES.get(name, "item"), one)
    elif content is not None:
        element.text = _text(content)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # What XML has no place for in any form.
    return "".join(sign for sign in str(value) if sign in "\t\n\r" or ord(sign) >= 32)


def faults(form: str, status: int, text: str) -> Response:
    """Why not, in the shape the standard has for it."""
    return told(form if form in FORMS else "xml", "errors", [{"code": status, "description": text}], status)


def service(category: Row, locale: str) -> dict[str, Any]:
    """A category as a service one may ask for."""
    name = category["names"].get(locale) or category["name"]
    return {
        "service_code": service_code(category["kind"], category["code"]), "service_name": name, "description": name,
        "metadata": False, "type": "realtime", "keywords": "", "group": category["major"] or category["kind"],
    }  # fmt: skip


def service_code(kind: str, code: str) -> str:
    """The service of a category."""
    return code if kind == "matter" else f"{COMPONENT}{code}"


def category_of(code: str) -> tuple[str, str]:
    """Kind and code of a service's category."""
    return ("component", code.removeprefix(COMPONENT)) if code.startswith(COMPONENT) else ("matter", code)


def request_of(issue: Row, names: Mapping[tuple[str, str], str], parties: Mapping[str, str]) -> dict[str, Any]:
    """An issue as a service request; of one that only the public sees, what it may know."""
    answers = [issue.get("grid"), parties.get(issue.get("handles", ""), issue.get("handles"))]
    return {
        "service_request_id": str(issue["code"]),
        "status": issue["status"],
        "status_notes": issue.get("flags") or None,
        "service_name": names.get((issue["kind"], issue["category"]), issue["category"]),
        "service_code": service_code(issue["kind"], issue["category"]),
        "description": issue.get("description"),
        "agency_responsible": " · ".join(one for one in answers if one) or None,
        "service_notice": None,
        "requested_datetime": _moment(issue["reported_at"]),
        "updated_datetime": _moment(issue.get("closed_at") or issue.get("as_of") or issue["reported_at"]),
        "expected_datetime": None,
        "address": issue.get("address"),
        "address_id": None,
        "zipcode": None,
        "lat": issue["lat"],
        "long": issue["lon"],
        "media_url": None,
    }


def _moment(at: dt.datetime | dt.date) -> str:
    if isinstance(at, dt.datetime):
        return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{at.isoformat()}T00:00:00Z"


def span_of(start: str | None, end: str | None, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """From when until when requests are listed: 90 days at most, those before now if nothing is said.

    Raises
    ------
    InvalidInput
        When a date has no zone, or they are farther apart or the wrong way round.
    """
    first, last = (parsed(name, value) for name, value in (("start_date", start), ("end_date", end)))
    if first is None:
        last = last or now
        first = last - SPAN
    last = last or first + SPAN
    if not first <= last <= first + SPAN:
        raise InvalidInput("parameter_invalid", field="end_date", value=end or "", expected="start_date, 90 days")
    return first, last


def parsed(name: str, value: str | None) -> dt.datetime | None:
    """An instant with its zone; nothing where an empty one is given.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    if not value:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        expected = "2026-07-01T08:00:00Z"
        raise InvalidInput("parameter_invalid", field=name, value=value[:40], expected=expected) from None


def several(value: str | None, known: Sequence[str] | None = None, name: str = "") -> tuple[str, ...] | None:
    """Values between commas; nothing where an empty text is given.

    Raises
    ------
    InvalidInput
        When one of them is not known.
    """
    found = tuple(part.strip() for part in (value or "").split(",") if part.strip())
    if known is not None and not set(found) <= set(known):
        raise InvalidInput("parameter_invalid", field=name, value=(value or "")[:40], expected=", ".join(known))
    return found or None
