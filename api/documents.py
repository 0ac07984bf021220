"""Issues and answers as JSON documents."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Response
from pydantic import TypeAdapter, ValidationError

from api.schemas import Moment
from gis_core.answers import ANSWER, GRID_COLUMNS
from gis_core.errors import InvalidInput

_SAID = (
    "code", "status", "lon", "lat", "scheme", "kind", "category", "description", "address", "channel", "reported_at",
    "closed_at", "as_of",
)  # fmt: skip
_ANSWERED = tuple(name for name in ANSWER if name not in (*GRID_COLUMNS, "x", "y", "area", "flags"))
_JSON = TypeAdapter(Any)
"""Writes instants and days, and nothing for what is no number."""
_PLACE = TypeAdapter(tuple[Moment, int])


def answered(document: Any, status: int = 200, **headers: str) -> Response:
    """A JSON document as an answer; header names with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(written(document), status, headers=named, media_type="application/json")


def written(document: Any) -> bytes:
    """A document as JSON."""
    return _JSON.dump_json(document)


def answer_document(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer by the names of :class:`api.schemas.Answer`."""
    grids = [answer[name] for name in GRID_COLUMNS if answer[name] is not None]
    return {"grids": grids, **{name: answer[name] for name in _ANSWERED}, "flags": answer["flags"].split()}


def issue_document(issue: Mapping[str, Any]) -> dict[str, Any]:
    """A stored issue by the names of :class:`api.schemas.IssueDocument`."""
    measured = {"distance_m": issue["distance_m"]} if "distance_m" in issue else {}
    return {**{name: issue[name] for name in _SAID}, **measured, **answer_document(issue)}


def issue_at(code: str) -> str:
    """Where an issue is; its area may be called anything."""
    return f"/api/v1/issues/{quote(code, safe='')}"


def shown_at(code: str, photo: int) -> str:
    """Where the copy of an issue's photo is that is shown."""
    return f"{issue_at(code)}/photos/{photo}"


def place_of(issues: Sequence[Mapping[str, Any]], limit: int) -> str | None:
    """Where the page after this one begins; ``None`` when this one is the last."""
    if len(issues) < limit:
        return None
    return base64.urlsafe_b64encode(_PLACE.dump_json((issues[-1]["reported_at"], issues[-1]["id"]))).decode()


def parsed_place(written: str) -> tuple[dt.datetime, int]:
    """What :func:`place_of` wrote.

    Raises
    ------
    InvalidInput
        When it did not.
    """
    try:
        moment, number = _PLACE.validate_json(base64.urlsafe_b64decode(written.encode()))
    except (ValidationError, binascii.Error, ValueError):
        raise InvalidInput("cursor_invalid", field="cursor", value=written[:40]) from None
    if not 0 <= number < 2**63:
        raise InvalidInput("cursor_invalid", field="cursor", value=written[:40])
    return moment, number
