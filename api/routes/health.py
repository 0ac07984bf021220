"""Whether the server and its store are up, and what it counts."""

from typing import Any

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.callers import Asking, Context, Here, everywhere
from api.documents import answered
from api.refusals import UNAVAILABLE
from api.routing import Router
from gis_core.errors import Conflict, NotFound
from layers.engine import NO_ANSWER

router = Router()


@router.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False)
def readyz(context: Here) -> Response:
    """Whether requests can be answered: the store answers, has our schema, a city and a published territory; 503 with
    the first of these that is missing.
    """
    found = _found(context)
    return answered(found, UNAVAILABLE if "missing" in found else 200)


def _found(context: Context) -> dict[str, Any]:
    missing = {"status": "not ready"}
    try:
        if not context.stores.is_current:
            return {**missing, "missing": "schema"}
        with context.stores.read() as store:
            return {"status": "ready", "city": store.city.name, "version": store.version_at(context.now())}
    except NO_ANSWER:
        return {**missing, "missing": "store"}
    except NotFound:
        return {**missing, "missing": "city"}
    except Conflict:
        return {**missing, "missing": "version"}


@router.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
def healthz(context: Here) -> dict[str, Any]:
    """The server's word that it is up and its store answers."""
    with context.stores.read() as store:
        return {"status": "ok", "store": "ok", "version": store.latest_version()}


@router.get("/metrics", include_in_schema=False)
def metrics(context: Here, asking: Asking) -> Response:
    """What the server counts, in the text format of Prometheus, for a program that watches it by key."""
    everywhere(asking, "monitor")
    return Response(context.metrics.text(), media_type=CONTENT_TYPE_LATEST)
