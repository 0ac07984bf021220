"""Jobs handed in, and told of."""

import hashlib
from typing import Any

from fastapi import Request, Response

from api.callers import Caller, Context
from api.documents import answered
from api.languages import preferred
from gis_core.texts import TEXTS
from layers.jobs import job_of, submit
from layers.once import once


def submitted(
    request: Request, context: Context, asking: Caller, kind: str, what: dict[str, Any], key: str | None,
    owner: str | None = None, **found_here: str,
) -> Response:  # fmt: skip
    """Write a job down, once by its key, and answer with it.

    Parameters
    ----------
    what
        What is asked for; a request with the same key asks for the same.
    owner
        Whose job it is, if not theirs.
    found_here
        What the job needs beside and the request does not say.
    """
    now, name = context.now(), asking.user.name

    def write_down() -> int:
        number = submit(accounts.session, kind, what | found_here, owner or name, now)
        accounts.note(name, kind, now, subject=f"job {number}", address=asking.address, asked=what)
        return number

    with context.stores.people(writes=True) as accounts:
        said = hashlib.sha256(repr((kind, sorted(what.items()))).encode()).hexdigest()
        number = once(accounts.session, name, key, said, now, write_down)
        found = job_of(accounts.session, number, [owner or name])
    context.workshop.wake()
    return answered(job_document(found, request), 202, Location=f"/api/v1/jobs/{number}")


def job_document(found: dict[str, Any], request: Request) -> dict[str, Any]:
    """A job by the names of :class:`api.schemas.JobDocument`."""
    named = ("id", "kind", "state", "done", "total", "created_at", "started_at", "finished_at")
    fault = found["fault"]
    said = fault and {
        "code": fault["key"],
        "detail": TEXTS.say(fault["key"], preferred(request) or "en", **fault["params"]),
    }
    told = {name: value for name, value in (found["result"] or {}).items() if name != "sight"}
    file = f"/api/v1/jobs/{found['id']}/file" if found["file"] else None
    return {**{name: found[name] for name in named}, "result": told or None, "fault": said, "file": file}
