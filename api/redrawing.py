"""Strips drawn again once what they depend on has changed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from api.strips import draw_strips, keep_strips
from gis_core.errors import GisError
from layers.drawings import basis_at, keeps_strips, last_basis, state_at
from layers.files import Files
from layers.jobs import OPEN_STATES, THE_CITY, Taken, newest_of, submit
from layers.stores import Stores

KIND = "strips"


def strips_job(
    stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Callable[[int, int | None], None]
) -> dict[str, Any]:
    """Draw the strips of the moment and keep them."""
    drawing = draw_strips(stores, now)
    found = drawing.strips
    # Whoever lost the job meanwhile keeps nothing.
    tell(0, len(found.strips))
    counts = keep_strips(stores, drawing, now).counts.get("frontages", {})
    tell(len(found.strips), len(found.strips))
    changes = {told: counts.get(name, 0) for told, name in
               (("added", "added"), ("changed", "changed"), ("withdrawn", "ended"))}  # fmt: skip
    drawn = int((~found.strips.geometry.is_empty).sum())
    result = {"version": drawing.territory.version, "drawn": drawn, **changes, "unplaced": len(found.unplaced)}
    return {"result": result}


class Watch:
    """Looks whether the strips that a city keeps are outdated.

    It asks what there is, not what has happened: a version that begins to count, a new day, a command elsewhere and a
    publication whose server was killed a moment later all look the same.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._settled: tuple[Any, ...] | None = None
        """What was in force when there was nothing to do."""

    def look(self, now: dt.datetime) -> bool:
        """Write down a job where strips are outdated; whether one waits to be done.

        A job that failed or was stopped is not written down again before something changes.
        """
        with self._stores.read() as store:
            newest = newest_of(store.session, KIND)
            if newest is not None and newest["state"] in OPEN_STATES:
                lease = newest["lease_until"]
                return lease is None or lease < now
            try:
                state = state_at(store, now)
            except GisError:
                return False  # there is no city yet, or nothing is published
            if state == self._settled:
                return False
            basis = basis_at(store, now)
            given_up = newest is not None and newest["state"] != "done" and newest["asked"].get("basis") == basis
            if given_up or basis == last_basis(store) or not keeps_strips(store):
                self._settled = state
                return False
        with self._stores.people(writes=True) as accounts:
            submit(accounts.session, KIND, {"basis": basis}, THE_CITY, now)
        return True
