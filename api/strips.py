"""Front-of-door strips of the stored city: drawn, and kept as the derived ones."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import shapely

from api.loading import CHANGES, Loaded
from gis_core.arrays import Objects, codes_of, shapes_of
from gis_core.errors import Conflict
from gis_core.front_doors import answering
from gis_core.frontage.kerbside import Kerbside
from gis_core.frontage.strips import Strips
from gis_core.frontage.strips import strips as drawn
from gis_core.frontage.trades import median_fronts
from gis_core.territory import Territory
from gis_core.texts import TEXTS
from gis_core.validity import local_day, on_day
from layers import TABLES
from layers.drawings import (
    DRAW_NOTHING,
    SOURCE,
    basis_at,
    forget_drawing,
    keeps_strips,
    note_drawing,
    strips_kept,
)
from layers.jobs import stop_all
from layers.putting import Ready, made_ready
from layers.store import Store
from layers.stores import Stores
from layers.territories import read_territory
from layers.walls import LOT

BEFORE = "省市区县旗镇乡村道处"
"""What a street follows in a Chinese address."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Strips of a city.

    Parameters
    ----------
    strips
        All of them.
    territory
        What they were drawn in.
    median_fronts_m
        The median front by trade in metres, where enough are measured.
    basis
        See :func:`layers.drawings.basis_at`.
    trades
        The trade of each shop by its code, where it is known.
    """

    strips: Strips
    territory: Territory
    median_fronts_m: dict[str, float]
    basis: str
    trades: dict[str, str]


def draw_strips(
    stores: Stores, moment: dt.datetime, walls: Objects | None = None, lots: Objects | None = None,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Drawn:  # fmt: skip
    """The strips of all shops at a moment, by the city's rules.

    Parameters
    ----------
    walls
        Footprints and fences to try out, EPSG:4326; ``None`` takes those of the store.
    lots
        Polygons of property to try out; ``None`` takes those of the store.
    tell
        Told before each block how many are done, and how many there are.

    Raises
    ------
    Conflict
        When there are no shops, nor strips from which shops could have gone; when there are no grids, so no ground.
    """
    with stores.read() as store:
        basis, day = basis_at(store, moment), local_day(moment, store.city.zone)
        territory = read_territory(
            store, store.version_at(moment), store.latest_revision(), ("grids", "streets", "places")
        ).on(day)
        register = store.read("shops", territory.revision, only=("code", "trade", "valid_from", "valid_to"))
        stored = store.read("walls", territory.revision, only=("code", "kind", "valid_from", "valid_to"))
        kept = keeps_strips(store)
    # In the order of their codes: one that is stored anew comes last otherwise, and moves strips.
    stored = stored[on_day(stored, day)].sort_values("code", kind="stable")
    is_lot = (stored["kind"] == LOT).to_numpy(bool)
    if walls is None:
        walls = shapes_of(stored)[~is_lot]
    if lots is None and is_lot.any():
        lots = shapes_of(stored)[is_lot]
    shops = _shops(territory, day)
    if not len(shops) and not kept:
        raise Conflict("no_shops")
    trades = register[on_day(register, day)].set_index("code")["trade"] if len(register) else {}
    shops = shops.assign(trade=shops["code"].map(trades))
    ground = shapely.union_all(shapes_of(territory.levels[0].frame))
    if ground.is_empty:
        raise Conflict("no_ground")
    side = Kerbside(territory.frames["streets"], ground, territory.city.metric_srid, territory.city.strips)
    medians = median_fronts(shops, side.srid)
    return Drawn(drawn(side, shops, walls, lots, tell), territory, medians, basis, dict(trades))


def keep_strips(
    stores: Stores, found: Drawn, now: dt.datetime, check: Callable[[Store], None] = lambda _: None
) -> Loaded:
    """Keep drawn strips in the place of the derived ones before; equal ones stay as they are.

    Parameters
    ----------
    check
        Raises where they are not wanted any more; asked in the transaction that keeps them.

    Raises
    ------
    Conflict
        When one cannot be kept; nothing is then.
    """
    rows = made_ready(TABLES["frontages"], _rows(found))
    with stores.publishing() as store:
        check(store)
        # What replaces others says whose place it takes; where nothing is left, all of them go.
        gone = () if len(rows.frame) else strips_kept(store)
        loaded = _kept(store, rows, f"{SOURCE}, version {found.territory.version}", now, gone)
        # Together with them: whoever keeps last says what is kept.
        note_drawing(store, found.basis, found.territory.version, now)
    return loaded


def forget_strips(stores: Stores, now: dt.datetime) -> Loaded:
    """Withdraw all strips that were drawn, and draw them again no more."""
    with stores.publishing() as store:
        rows = store.read("frontages", store.latest_revision()).head(0)
        loaded = _kept(store, rows, f"{SOURCE} forgotten", now, strips_kept(store))
        forget_drawing(store)
        stop_all(store.session, "strips", now)
    return loaded


def _kept(store: Store, rows: pd.DataFrame | Ready, note: str, now: dt.datetime, ending: Sequence[int]) -> Loaded:
    """Store rows as one revision, or none where nothing changed."""
    revision = store.revise(now, note)
    put = store.put("frontages", rows, revision, replace=True, ending=ending)
    if len(put.rejects):
        first = put.rejects.iloc[0]
        reason = TEXTS.say(first["reason"], store.city.locale, **first["params"])
        raise Conflict("strips_rejected", count=len(put.rejects), strip=first["key"], reason=reason)
    counts = {name: getattr(put, name) for name in (*CHANGES, "unchanged")}
    if not any(counts[name] for name in CHANGES):
        store.take_back(revision)
        return Loaded(counts={"frontages": counts})
    return Loaded(revision=revision, counts={"frontages": counts})


def _rows(found: Drawn) -> pd.DataFrame:
    """Drawn strips as rows of their table."""
    rows = found.strips.strips
    rows = rows[~rows.geometry.is_empty].reset_index(drop=True)
    parts, row = shapely.get_parts(shapes_of(rows), return_index=True)
    rows = rows.set_geometry(shapely.multipolygons(parts, indices=row), crs=rows.crs)
    metres = found.strips.fronts
    fronts = pd.Series(metres.drop(columns="strip").to_dict("records"), dtype=object)
    fronts = fronts.groupby(metres["strip"].to_numpy()).agg(list)
    said = {
        "origin": "derived", "kerb_m": rows["length_m"], "source": SOURCE, "key": rows["code"], "row": rows.index + 1,
        "responsible": answering(rows, found.territory.frames["places"]),
        "fronts": [fronts.get(code, []) for code in rows["code"]], "rules": _rules(found, rows["shops"]),
    }  # fmt: skip
    return rows.assign(**said)


def _rules(found: Drawn, shops: Iterable[Sequence[str]]) -> list[dict[str, Any]]:
    """The rules that drew each strip: those of the city, and of the usual fronts its own trades'. Others would make
    every strip of the city another one whenever one of them changes.
    """
    rules = asdict(found.territory.city.strips)
    usual = rules.pop("fronts_m")
    draws = {name: rule for name, rule in rules.items() if name not in DRAW_NOTHING}
    trades = ({found.trades.get(shop) for shop in mine} for mine in shops)
    return [draws | {"fronts_m": {one: front_m for one, front_m in usual.items() if one in mine}} for mine in trades]


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
