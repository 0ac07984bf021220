"""Reports: where issues are found on the streets, at shops, components and places, in clusters and at the edges."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import CITY, SOURCE, drawn, generator, lonlat, numbered, ordinal
from data.demo.facilities import Facilities
from data.demo.grids import Codes
from data.demo.grounds import within
from data.demo.mixes import BACKSTREET, CLUSTERS, EVENING, MAIN_ROAD, PLACES, PULL, SHOP_FRONT, WATERSIDE, mixed
from data.demo.places import Places
from data.demo.rhythm import closed, reported
from data.demo.streets import WALL_M, Streets, address, along, beside
from data.demo.wording import channels, descriptions
from gis_core.arrays import Floats, Ints, Objects

_STREET_PULL = np.array([1.7, 1.3, 1.0, 0.8])
"""Issues per metre of street, by class."""
_CLUSTER_M = 35.0
_CLUSTER_REACH_M = 110.0
_SPOTS = {"persistent": (3, 400), "emerging": (1, 1000), "fading": (1, 1000)}
"""Clusters per pattern: at least so many, and one more for so many unit grids."""
_OUTSIDE_M = (2.0, 10.0)
_NEAR = np.array(["附近", "路边", "门前", "对面", "人行道上", ""], dtype=object)
_IN_PLACE = np.array(["内", "门口", "东侧", "西侧", "北门", "南门旁"], dtype=object)


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything issues can be found on."""

    blocks: Blocks
    codes: Codes
    streets: Streets
    places: Places
    facilities: Facilities


Found = dict[str, Objects | Floats]
"""Columns ``x``, ``y`` (metres), ``category``, ``where`` and ``address`` (text), ``pattern``."""


def issues(ground: Ground, count: int, seed: int) -> gpd.GeoDataFrame:
    """``count`` issues of the 90 days up to the day the demo stands at, ordered by time.

    Returns
    -------
    issues
        Columns of the issue table as files bring them, Points in EPSG:4326; ``extra["pattern"]`` names the kind of
        cluster that an issue was put into.
    """
    rng = generator(seed, "issues")
    shares = np.cumsum([0.0, *STREAMS.values()])
    counts = np.diff(np.rint(shares / shares[-1] * count).astype(np.int64))
    parts = [pd.DataFrame(stream(ground, int(n), rng)) for stream, n in zip(STREAMS, counts, strict=True)]
    found = pd.concat(parts, ignore_index=True).astype({"x": float, "y": float})
    category, pattern = (found[name].to_numpy(object) for name in ("category", "pattern"))
    instant = reported(pattern, np.isin(category, list(EVENING)), rng)
    channel = channels(count, rng)
    position = lonlat(found[["x", "y"]].to_numpy())
    columns = {
        "lon": position[:, 0],
        "lat": position[:, 1],
        "raw_x": position[:, 0],
        "raw_y": position[:, 1],
        "datum": CITY.datum,
        "scheme": CITY.scheme,
        "kind": "matter",
        "category": category,
        "description": descriptions(found["where"].to_numpy(object), category, channel, rng),
        "address": CITY.name + found["address"].to_numpy(object),
        "channel": channel,
        "reported_at": instant,
        "closed_at": closed(instant, category, rng),
        "source": SOURCE,
        "extra": [{"pattern": one} if one else {} for one in pattern],
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapely.points(position), crs=4326)
    frame = frame.sort_values("reported_at", kind="stable", ignore_index=True)
    return frame.assign(external_id=numbered("DEMO-", count, 7))


def _on_streets(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Matters of the street, more in some communities than in others."""
    streets, length = ground.streets, shapely.length(ground.streets.lines)
    community = ordinal(ground.codes["community"])
    burden = rng.lognormal(0, 0.55, int(community.max()) + 1)
    street = drawn(length * _STREET_PULL[streets.grade] * burden[community[streets.cell]], count, rng)
    main = streets.grade[street] < 2
    category = np.where(main, mixed(MAIN_ROAD, count, rng), mixed(BACKSTREET, count, rng))
    return _beside_streets(streets, street, rng.random(count) * length[street], category, "", rng)


def _at_shops(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Matters before shops; a few shops offend again and again."""
    places, streets = ground.places, ground.streets
    shops = places.of_type("shop")
    shop = shops[drawn(np.minimum(rng.pareto(1.1, len(shops)) + 0.05, 60.0), count, rng)]
    street, side = places.street[shop], places.side[shop]
    before = np.clip(WALL_M[streets.grade[street]] - rng.uniform(0.3, 3.5, count), 0.0, None)
    xy = beside(streets.lines[street], places.measure_m[shop] + rng.normal(0, 1.5, count), side * before)
    at = places.frame["address"].to_numpy(object)[shop]
    where = at + places.frame["name"].to_numpy(object)[shop]
    return _found(xy, mixed(SHOP_FRONT, count, rng), where, at)


def _at_components(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Faults of components, reported from a few metres away; some break time and again."""
    facilities = ground.facilities
    weak = np.where(rng.random(len(facilities.xy)) < 0.02, 15.0, 1.0)
    one = drawn(weak, count, rng)
    xy = facilities.xy[one] + np.clip(rng.normal(0, 2.5, (count, 2)), -6, 6)
    at = address(ground.streets, facilities.street[one], facilities.measure_m[one], facilities.side[one])
    return _found(xy, facilities.frame["category"].to_numpy(object)[one], at + _NEAR[rng.integers(2, size=count)], at)


def _in_places(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Matters inside places, of the kind that suits them."""
    places = ground.places
    types = places.frame["type"].to_numpy(object)[: len(places.quads)]
    pull = np.array([PULL[one] for one in types]) * rng.lognormal(0, 0.6, len(types))
    place = drawn(pull, count, rng)
    category = np.full(count, "", dtype=object)
    for one in PLACES:
        rows = types[place] == one
        category[rows] = mixed(PLACES[one], int(rows.sum()), rng)
    xy = within(places.quads[place], *rng.uniform(0.08, 0.92, (2, count)))
    at, name = (places.frame[column].to_numpy(object)[place] for column in ("address", "name"))
    return _found(xy, category, name + _IN_PLACE[rng.integers(len(_IN_PLACE), size=count)], at + name)


def _clustered(pattern: str, types: tuple[str, ...]) -> "Stream":
    """A stream of issues that gather around the gates of a few places."""

    def stream(ground: Ground, count: int, rng: np.random.Generator) -> Found:
        least, units_each = _SPOTS[pattern]
        gates = rng.permutation(ground.places.of_type(*types))[: least + len(ground.codes["unit"]) // units_each]
        centre = ground.places.door[gates]
        spot, near = shapely.STRtree(ground.streets.lines).query(
            shapely.points(centre), predicate="dwithin", distance=_CLUSTER_REACH_M
        )
        row, xy, measure = along(ground.streets.lines[near], 5.0, 0.0, rng)
        away = np.hypot(*(xy - centre[spot[row]]).T)
        weight = np.where(away < _CLUSTER_REACH_M, np.exp(-((away / _CLUSTER_M) ** 2) / 2), 0.0)
        total = np.bincount(spot[row], weights=weight, minlength=len(gates))
        chosen = drawn(weight / total[spot[row]], count, rng)
        street = near[row[chosen]]
        category = mixed(CLUSTERS[pattern], count, rng)
        return _beside_streets(ground.streets, street, measure[chosen], category, pattern, rng)

    return stream


def _on_water(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Dirt on the river and the lake, which lie in no unit grid."""
    middle = ground.blocks.rings(ground.blocks.water).mean(axis=1)
    xy = middle[rng.integers(len(middle), size=count)] + rng.uniform(-8, 8, (count, 2))
    water = np.full(count, "云岭河", dtype=object)
    return _found(xy, mixed(WATERSIDE, count, rng), water, water)


def _outside(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Matters a few metres beyond the last unit grid."""
    streets = ground.streets
    rim = np.flatnonzero(streets.inside)
    street = rim[rng.integers(len(rim), size=count)]
    measure = rng.uniform(0.2, 0.8, count) * shapely.length(streets.lines[street])
    xy = beside(streets.lines[street], measure, -streets.inside[street] * rng.uniform(*_OUTSIDE_M, count))
    at = address(streets, street, measure, streets.inside[street])
    return _found(xy, mixed(MAIN_ROAD, count, rng), at + "对面", at)


def _on_borders(ground: Ground, count: int, rng: np.random.Generator) -> Found:
    """Matters exactly on the corner of several unit grids."""
    corners = ground.blocks.corners
    cell = rng.integers(len(corners), size=count)
    called = np.full(count, "路口", dtype=object)
    return _found(corners[cell, rng.integers(4, size=count)], mixed(MAIN_ROAD, count, rng), called, called)


Stream = Callable[[Ground, int, np.random.Generator], Found]
STREAMS: dict[Stream, float] = {
    _on_streets: 0.38,
    _at_shops: 0.18,
    _at_components: 0.15,
    _in_places: 0.2,
    _clustered("persistent", ("market",)): 0.045,
    _clustered("emerging", ("construction_site",)): 0.018,
    _clustered("fading", ("school",)): 0.018,
    _on_water: 0.003,
    _outside: 0.003,
    _on_borders: 0.003,
}
"""Where issues come from, and their shares."""


def _beside_streets(
    streets: Streets, street: Ints, measure_m: Floats, category: Objects, pattern: str, rng: np.random.Generator
) -> Found:
    """Positions between the walls of streets, mostly on the footways, on the city's side of those on the rim."""
    side = np.where(streets.inside[street] == 0, rng.choice([-1, 1], len(street)), streets.inside[street])
    across = WALL_M[streets.grade[street]] * rng.beta(2.0, 1.3, len(street))
    at = address(streets, street, measure_m, side)
    where = at + _NEAR[rng.integers(len(_NEAR), size=len(street))]
    return _found(beside(streets.lines[street], measure_m, side * across), category, where, at, pattern)


def _found(xy: Floats, category: Objects, where: Objects, at: Objects, pattern: str = "") -> Found:
    patterns = np.full(len(xy), pattern, dtype=object)
    return {"x": xy[:, 0], "y": xy[:, 1], "category": category, "where": where, "address": at, "pattern": patterns}
