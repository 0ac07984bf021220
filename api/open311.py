"""Open311 GeoReport v2: its documents, in JSON and in XML from the same rows."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from fastapi import Response

from api.documents import written
from api.texts import SAY

Row = Mapping[str, Any]
PREFIX = "/open311"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMS = {"json": "application/json", "xml": "text/xml"}
"""Media types by suffix; the standard wants XML from everybody."""
ITEMS = {
    "attributes": "attribute", "endpoints": "endpoint", "errors": "error", "formats": "format",
    "service_requests": "request", "services": "service",
}  # fmt: skip
"""What one of a list is called in XML."""
COMPONENT = "c-"
"""Before the code of a component, which a matter may share."""
FIELDS = (
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
)  # fmt: skip
"""Of a request; what there is no value for is told as empty, since old clients ask for it by name."""
EXTENDED = (
    "scheme", "kind", "channel", "grid", "street", "place", "frontage", "facility", "contract", "contractor",
    "responsible", "rule", "flags",
)  # fmt: skip
"""Columns of an issue that are told as extended attributes."""
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def told(form: str, name: str, content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A document: in JSON without its outer name, in XML within it."""
    body = written(content) if form == "json" else _xml(name, content)
    return Response(body, status, headers=headers, media_type=f"{FORMS[form]}; charset=utf-8")


def _xml(name: str, content: Any) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(name, content)}'.encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inside = "".join(_element(field, one) for field, one in value.items())
    elif isinstance(value, list):
        inside = "".join(_element(ITEMS[name], one) for one in value)
    elif isinstance(value, bool):
        inside = str(value).lower()
    else:
        # A bare CR would be read back as LF.
        inside = "" if value is None else escape(NOT_XML.sub("\ufffd", str(value)), {"\r": "&#13;"})
    return f"<{name}>{inside}</{name}>"


def refused(path: str, status: int, text: str, headers: Mapping[str, str]) -> Response:
    """Why not, in the standard's own shape and in the form that the address asks for; XML where it asks for none."""
    form = path.rpartition(".")[2]
    told_as = form if form in FORMS else "xml"
    return told(told_as, "errors", [{"code": status, "description": text}], status, headers)


def service_code(kind: str, category: str) -> str:
    """The service of a category of the city's scheme."""
    return category if kind == "matter" else f"{COMPONENT}{category}"


def category_of(code: str) -> tuple[str, str]:
    """Kind and code of a service's category."""
    return ("component", code.removeprefix(COMPONENT)) if code.startswith(COMPONENT) else ("matter", code)


def named(row: Row, locale: str) -> str:
    """What a category, party or grid is called in a language, or officially."""
    return str(row["names"].get(locale) or row["name"] or row["code"])


def service(category: Row, locale: str) -> dict[str, Any]:
    """A category of the city's scheme as a service; every report gets its number at once."""
    name = named(category, locale)
    others = sorted({str(one) for one in (category["name"], *category["names"].values())} - {name})
    return {
        "service_code": service_code(category["kind"], category["code"]), "service_name": name,
        "description": name, "metadata": False, "type": "realtime", "keywords": ", ".join(others) or None,
        "group": category["extra"].get("major_name") or category["major"],
    }  # fmt: skip


@dataclass(frozen=True)
class Teller:
    """Tells issues as service requests.

    Parameters
    ----------
    locale
        The reader's language.
    scheme
        The city's category scheme.
    categories
        By scheme, kind and code.
    names
        Of what is in the reader's sight, by ``grids`` or ``parties`` and code.
    events
        Type and instant of what happened last, by id of the issue.
    media
        Address of the first photo, by id of the issue.
    extensions
        Whether extended attributes are told.
    """

    locale: str
    scheme: str
    categories: Mapping[tuple[str, str, str], Row]
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    events: Mapping[int, tuple[str, dt.datetime]] = field(default_factory=dict)
    media: Mapping[int, str] = field(default_factory=dict)
    extensions: bool = False

    def published(self, issue: Row) -> dict[str, Any]:
        """An issue as far as the public sees it."""
        category = (issue["scheme"], issue["kind"], issue["category"])
        called = self.categories.get(category)
        service = service_code(*category[1:])
        return {
            **dict.fromkeys(FIELDS),
            "service_request_id": str(issue["code"]),
            "status": issue["status"],
            "service_name": named(called, self.locale) if called else issue["category"],
            "service_code": service if issue["scheme"] == self.scheme else f"{issue['scheme']}:{service}",
            "requested_datetime": moment(issue["reported_at"]),
            "updated_datetime": moment(issue["reported_at"]),
            "lat": issue["lat"],
            "long": issue["lon"],
        }

    def request(self, issue: Row) -> dict[str, Any]:
        """An issue in the reader's sight."""
        event, happened_at = self.events[issue["id"]]
        queued = issue["responsible_kind"] == "queue"
        state = "queue" if queued and issue["status"] == "open" else event
        grid = issue["responsible"] if queued else issue["grid"]
        party = None if queued else issue["contractor"] or issue["responsible"]
        parts = (("grids", grid), ("parties", party))
        agency = [self.names.get((table, code), code) for table, code in parts if code is not None]
        told = {
            **self.published(issue),
            "status_notes": SAY.say(f"state_{state}", self.locale),
            "description": issue["description"],
            "agency_responsible": " · ".join(agency),
            "updated_datetime": moment(issue["closed_at"] or happened_at),
            "address": issue["address"],
            "media_url": self.media.get(issue["id"]),
        }
        if self.extensions:
            told["extended_attributes"] = {"state": state, **{name: issue[name] or None for name in EXTENDED}}
        return told


def moment(at: dt.datetime) -> str:
    """An instant as the standard writes it, in UTC and whole seconds."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
