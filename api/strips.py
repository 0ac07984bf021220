"""Front-of-door strips of the stored city: drawn, and kept as the derived ones."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import shapely

from api.loading import Batch, Loaded, Step, Terms, store_batches
from api.reporting import Report
from gis_core.arrays import Objects, codes_of, shapes_of
from gis_core.errors import Conflict
from gis_core.front_doors import answering
from gis_core.frontage.kerbside import Kerbside
from gis_core.frontage.strips import Strips
from gis_core.frontage.strips import strips as drawn
from gis_core.frontage.trades import median_fronts
from gis_core.territory import Territory
from gis_core.validity import local_day, on_day
from layers.importers import Mapping
from layers.stores import Stores
from layers.territories import Territories

SOURCE = "strips"
BEFORE = "省市区县旗镇乡村道处"
"""What a street follows in a Chinese address."""


def draw_strips(
    stores: Stores, moment: dt.datetime, walls: Objects | None = None, lots: Objects | None = None
) -> tuple[Strips, Territory, dict[str, float]]:
    """The strips of all shops at a moment, by the city's rules, the territory they were drawn in, and the median front
    by trade in metres.

    Parameters
    ----------
    walls
        Footprints and fences, EPSG:4326.
    lots
        Polygons of property, EPSG:4326.

    Raises
    ------
    Conflict
        When there are no shops.
    """
    with stores.read() as store:
        territory = Territories().get(store, store.version_at(moment))
        register = store.read("shops", territory.revision, only=("code", "trade", "valid_from", "valid_to"))
    day = local_day(moment, territory.city.zone)
    territory = territory.on(day)
    shops = _shops(territory, day)
    if not len(shops):
        raise Conflict("no_shops")
    trades = register[on_day(register, day)].set_index("code")["trade"] if len(register) else {}
    shops = shops.assign(trade=shops["code"].map(trades))
    ground = shapely.union_all(shapes_of(territory.levels[0].frame))
    side = Kerbside(territory.frames["streets"], ground, territory.city.metric_srid, territory.city.strips)
    return drawn(side, shops, walls, lots), territory, median_fronts(shops, side.srid)


def keep_strips(stores: Stores, found: Strips, territory: Territory, now: dt.datetime) -> Loaded:
    """Keep drawn strips in the place of the derived ones before; equal ones stay as they are."""
    rows = found.strips[~found.strips.geometry.is_empty].reset_index(drop=True)
    parts, row = shapely.get_parts(shapes_of(rows), return_index=True)
    rows = rows.set_geometry(shapely.multipolygons(parts, indices=row), crs=rows.crs)
    metres = found.fronts.drop(columns="strip").to_dict("records")
    fronts = pd.Series(metres, dtype=object).groupby(found.fronts["strip"].to_numpy()).agg(list)
    rules = asdict(territory.city.strips)
    said = {
        "origin": "derived", "kerb_m": rows["length_m"], "source": SOURCE, "key": rows["code"], "row": rows.index + 1,
        "responsible": answering(rows, territory.frames["places"]),
        "fronts": [fronts.get(code, []) for code in rows["code"]], "rules": [rules] * len(rows),
    }  # fmt: skip
    step = Step(table="frontages", path=Path(SOURCE), mapping=Mapping(table="frontages"), replace=True)
    return store_batches(stores, [Batch(step, rows.assign(**said), Report())], Terms(now=now, note=SOURCE))


def _shops(territory: Territory, day: int) -> pd.DataFrame:
    """The shops of a day among the places, each with the longest name of a street in its address."""
    places = territory.frames["places"]
    shops = places[(codes_of(places, "type") == "shop") & on_day(places, day)] if len(places) else places
    names = {name for name in codes_of(territory.frames["streets"], "name") if name}
    longest = max(map(len, names), default=0)
    return shops.assign(street=[street_in(one or "", names, longest) for one in codes_of(shops, "address")])


def street_in(address: str, names: Collection[str], longest: int) -> str | None:
    """The longest name of a street in an address that stands there as a name of its own: 人民路 is not in 新人民路12号,
    nor South in Southgate Road.

    Parameters
    ----------
    longest
        Length of the longest name.
    """
    starts = [at for at in range(len(address)) if at == 0 or address[at - 1] in BEFORE or not address[at - 1].isalpha()]
    found = (
        address[at : at + length]
        for length in range(min(longest, len(address)), 0, -1)
        for at in starts
        if address[at : at + length] in names and not _goes_on(address[at + length - 1 : at + length + 1])
    )
    return next(found, None)


def _goes_on(pair: str) -> bool:
    """Whether a word in Latin letters goes on from one character to the next."""
    return len(pair) == 2 and pair.isascii() and pair.isalpha()
