"""Strips drawn again once what they depend on has changed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from api.strips import draw_strips, keep_strips
from api.watching import Watching
from gis_core.errors import GisError
from gis_core.texts import TEXTS
from layers.drawings import Drawn, basis_at, give_up, last_drawing, outdated, state_at
from layers.files import Files
from layers.jobs import OPEN_STATES, THE_CITY, Taken, check_wanted, newest_of, submit
from layers.store import Store
from layers.stores import Stores

KIND = "strips"
PASSING = ("job_lost", "job_unanswered")
"""Faults that may be of the moment: workers that were killed, a store that did not answer."""
PASSES_AFTER, AGAIN_AFTER = dt.timedelta(hours=1), dt.timedelta(days=1)
"""When a drawing is tried again that failed for one of these, and for any other reason."""


def strips_job(
    stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Callable[[int, int | None], None]
) -> dict[str, Any]:
    """Draw the strips of the moment and keep them."""
    far = 0

    def block(done: int, total: int) -> None:
        nonlocal far
        far = total
        tell(done, total)

    drawing = draw_strips(stores, now, tell=block)
    # Whoever lost the job meanwhile keeps nothing.
    tell(far, far)
    kept = keep_strips(stores, drawing, now, lambda store: check_wanted(store.session, taken))
    counts = kept.counts["frontages"]
    changes = {told: counts[name] for told, name in
               (("added", "added"), ("changed", "changed"), ("withdrawn", "ended"))}  # fmt: skip
    drawn = counts["added"] + counts["changed"] + counts["unchanged"]
    unplaced = len(drawing.strips.unplaced)
    return {"result": {"version": drawing.territory.version, "drawn": drawn, **changes, "unplaced": unplaced}}


def outdated_text(store: Store, now: dt.datetime, locale: str) -> str | None:
    """That the strips of a city are outdated and what becomes of it; ``None`` where they are not."""
    found = outdated(store, now)
    if found is None:
        return None
    if found.fault is None:
        return TEXTS.say("strips_waiting", locale, version=found.version)
    reason = TEXTS.say(found.fault["key"], locale, **found.fault["params"])
    return TEXTS.say("strips_given_up", locale, version=found.version, reason=reason)


class Watch(Watching):
    """Looks whether the strips that a city keeps are outdated.

    It asks what there is, not what has happened: a version that begins to count, a new day, a command elsewhere and a
    publication whose server was killed a moment later all look the same. A drawing that was stopped is not written down
    again before something changes; one that failed is tried again the next day, and where that may have been of the
    moment an hour later.
    """

    asks = "whether strips are outdated"

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._settled: tuple[Any, ...] | None = None
        """What was in force when there was nothing to do."""
        self._until: dt.datetime | None = None
        """Until when there is nothing to do for certain, where that ends by itself."""

    def _look(self, now: dt.datetime) -> bool:
        with self._stores.read() as store:
            newest = newest_of(store.session, KIND)
            if newest is not None and newest["state"] in OPEN_STATES:
                lease = newest["lease_until"]
                return lease is None or lease < now
            drawing = last_drawing(store)
            if drawing is None or drawing.drawn_at > now:
                return False  # nothing is kept, or somebody whose clock is ahead has drawn what comes
            try:
                state = state_at(store, now)
            except GisError:
                return False  # there is no city yet, or nothing is published
            if state == self._settled and (self._until is None or now < self._until):
                return False
            basis, self._until = basis_at(store, now), None
        if basis == drawing.basis or self._given_up(drawing, newest, basis, now):
            self._settled = state
            return False
        with self._stores.people(writes=True) as accounts:
            submit(accounts.session, KIND, {"basis": basis}, THE_CITY, now)
        return True

    def _given_up(self, drawing: Drawn, newest: dict[str, Any] | None, basis: str, now: dt.datetime) -> bool:
        """Whether a basis is not to be drawn from for now; what became of the newest job is kept, which is forgotten
        some day.
        """
        self._until = drawing.again_at
        over = newest is not None and newest["state"] != "done" and newest["asked"].get("basis") == basis
        known = drawing.given_up_at if drawing.given_up == basis else None
        if newest is None or not over or (known and known >= newest["finished_at"]):
            return drawing.given_up_of(basis, now)
        at, fault, again_at = newest["finished_at"], newest["fault"], None
        if newest["state"] == "failed":
            again_at = at + (PASSES_AFTER if fault["key"] in PASSING else AGAIN_AFTER)
        with self._stores.people(writes=True) as accounts:
            give_up(accounts.session, basis, at, again_at, fault)
        self._until = again_at
        return again_at is None or now < again_at
