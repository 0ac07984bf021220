"""What the OpenAPI documents say of every address beside what is its own: how it refuses."""

from typing import Any

from fastapi import FastAPI

PROBLEM_KIND = "application/problem+json"
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string", "description": "What kind of refusal it is, in the reader's language."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, with the value and what is expected."},
        "code": {"type": "string", "description": "The same for programs: a name that stays."},
        "field": {"type": "string", "description": "Where in the request it is."},
        "suspected": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Earlier reports that this one may repeat, as `POST /api/v1/issues/suspected` tells them.",
        },
        "request": {"type": "string", "description": "Number of the request, to name to whoever runs the server."},
    },
    "additionalProperties": False,
}
REFUSING: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {PROBLEM_KIND: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, said in (("4XX", "Refused, with what is wrong and expected."), ("5XX", "Not answered for now."))
}
"""Responses of every operation."""


class Described(FastAPI):
    """An application whose document says how it refuses."""

    def openapi(self) -> dict[str, Any]:
        """The document; see :data:`REFUSING`."""
        document = super().openapi()
        document["components"]["schemas"]["Problem"] = PROBLEM
        return document
