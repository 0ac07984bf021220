"""Exports: features that somebody may see, as a file."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gis_core.errors import Forbidden
from gis_core.permissions import Sight, may, sight_of
from layers.asking import Written, asked
from layers.exports import export
from layers.files import Files
from layers.jobs import Taken
from layers.stores import Stores
from layers.writing import FORMATS

QUESTION = ("bbox", "bbox_crs", "crs", "datetime", "filter", "filter_lang", "filter_crs", "sortby")
"""Parameters of a question about features that an export takes."""


def sight_now(stores: Stores, actor: str, action: str, now: dt.datetime) -> Sight:
    """Where an account may do something at this moment, as :meth:`api.callers.Caller.sight` says it.

    Raises
    ------
    Forbidden
        When nowhere.
    """
    with stores.people() as accounts:
        grants = accounts.user(actor).grants
    if not may(grants, action):
        raise Forbidden("not_permitted")
    sight = sight_of(grants, action)
    if not sight.by_party:
        return sight
    with stores.read() as store:
        return replace(sight, day=now.astimezone(store.city.zone).date())


def export_job(
    stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Callable[[int, int | None], None]
) -> dict[str, Any]:
    """Write the file of an export; it shows what whoever asked may see when it is written."""
    layer, form = taken.asked["layer"], taken.asked["format"]
    question = Written(**{name: taken.asked[name] for name in QUESTION if name in taken.asked})
    sight = sight_now(stores, taken.actor, "export", now)
    path = files.coming()
    with stores.read(sight) as store:
        parsed = replace(asked(question, layer, store.city, postgis=store.is_postgis), after=None)
        local = now.astimezone(store.city.zone)
        rows = export(store, layer, parsed, form, path, tell)
    kept = files.keep(path)
    name = f"{layer}-{local:%Y%m%d-%H%M}.{FORMATS[form].ending}"
    result = {"rows": rows, "bytes": kept.size_bytes, "sha256": kept.digest, "sight": sight.key}
    return {"result": result, "file": kept.digest, "file_name": name}
