"""Whether the server and its store are up."""

from typing import Any

from fastapi import APIRouter

from api.callers import Here

router = APIRouter()


@router.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False)
def readyz(context: Here) -> dict[str, Any]:
    """Whether requests can be answered: the store has a city and a published territory.

    Raises
    ------
    NotFound, Conflict
        When it has none.
    """
    with context.stores.read() as store:
        city, version = store.city.name, store.version_at(context.now())
    return {"status": "ready", "city": city, "version": version}


@router.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
def healthz(context: Here) -> dict[str, Any]:
    """The server's word that it is up and its store answers."""
    with context.stores.read() as store:
        return {"status": "ok", "store": "ok", "version": store.latest_version()}
