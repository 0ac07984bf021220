"""Front doors: the register of shops, their agreements, and ground painted for goods and vehicles."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.city import LAST_DAY, generator, geographic, layer, numbered, table
from data.demo.grids import Codes, multipolygons, organisation
from data.demo.kinds import TRADES
from data.demo.names import people
from data.demo.places import Places
from data.demo.streets import WALL_M, Streets
from gis_core.arrays import Floats, Ints, Objects

_WITH_PLATE = 0.9
_LET = 0.35
_BEGUN = dt.date(2025, 7, 1)
_YEARS = 2
_EXPIRED = 0.06
_DUTIES = (("tag:door/包卫生", "tag:door/包秩序", "tag:door/包绿化"), ("tag:door",))
"""Three items, or all that front-door letters have ever asked for."""
_MARKS = {
    # kind: length along the street, depth, distance from the wall (metres), title
    "goods": (4.0, 1.5, 0.2, "店前置物区"),
    "parking": (12.0, 2.0, 0.6, "非机动车停放区"),
    "no_parking": (15.0, 3.0, 0.3, "禁停区"),
}
_SHOPS_WITH_LINES = 0.05


def shops(places: Places, seed: int) -> pd.DataFrame:
    """What the register says of each shop."""
    rng, rows = generator(seed, "shops"), places.of_type("shop")
    said = {
        "code": places.frame["code"].to_numpy(object)[rows],
        "trade": [_trade(name) for name in places.frame["name"].iloc[rows]],
        "person": people(len(rows), rng)[0],
        "owner": _some(people(len(rows), rng)[0], _LET, rng),
        "plate": _some(numbered("MQ", len(rows), 6), _WITH_PLATE, rng),
    }
    return table(said)


def agreements(codes: Codes, places: Places, seed: int) -> pd.DataFrame:
    """Letters of front-door duties: some streets signed nearly all of their shops, others hardly any."""
    rng, rows = generator(seed, "agreements"), places.of_type("shop")
    willing = rng.beta(2.0, 1.0, places.street.max(initial=0) + 1)
    rows = rows[rng.random(len(rows)) < willing[places.street[rows]]]
    begun = np.datetime64(_BEGUN) + rng.integers(0, 360, len(rows)).astype("timedelta64[D]")
    begun[rng.random(len(rows)) < _EXPIRED] -= np.timedelta64(365 * _YEARS, "D")
    signed, until = begun - np.timedelta64(5, "D"), begun + np.timedelta64(365 * _YEARS - 1, "D")
    said = {
        "code": numbered("MB", len(rows), 6),
        "shop": places.frame["code"].to_numpy(object)[rows],
        "duties": [list(_DUTIES[one]) for one in (rng.random(len(rows)) < 0.3).astype(int)],
        "party": [organisation(code) for code in codes["subdistrict"][places.cell[rows]]],
        "signed_on": signed.astype(object), "valid_from": begun.astype(object), "valid_to": until.astype(object),
        "document": [f"门前三包责任书〔{day.year}〕{n}号" for n, day in enumerate(begun.astype(object), 1)],
    }  # fmt: skip
    return table(said)


def marks(streets: Streets, places: Places, seed: int) -> gpd.GeoDataFrame:
    """Painted ground: for goods before some shops, for bicycles before markets, against parking before stations."""
    rng, all_shops = generator(seed, "marks"), places.of_type("shop")
    chosen = {
        "goods": all_shops[rng.random(len(all_shops)) < _SHOPS_WITH_LINES],
        "parking": places.of_type("market", "mall"),
        "no_parking": places.of_type("station", "school"),
    }
    kind = np.repeat(list(chosen), [len(rows) for rows in chosen.values()]).astype(object)
    at = np.concatenate(list(chosen.values()))
    size = np.array([_MARKS[one][:3] for one in kind])
    shapes = multipolygons(geographic(_before(streets, places, at, size)).tolist())
    names = places.frame["name"].to_numpy(object)[at] + np.array([_MARKS[one][3] for one in kind], dtype=object)
    area_m2 = (size[:, 0] * size[:, 1]).round(1)
    columns = {"code": numbered("X", len(at), 5), "name": names, "kind": kind, "area_m2": area_m2}
    return layer({**columns, "document": f"划线公告〔{LAST_DAY.year}〕1号"}, shapes)


def _before(streets: Streets, places: Places, at: Ints, size: Floats) -> Objects:
    """Rectangles before doors, along their streets: ``size`` is length, depth and distance from the wall."""
    line, measure = streets.lines[places.street[at]], places.measure_m[at]
    length = shapely.length(line)
    # Less than nothing from a line's beginning would be counted from its end.
    begin = np.clip(measure - 0.5, 0.0, np.maximum(length - 1.0, 0.0))
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(line, one))
            for one in (begin, np.minimum(begin + 1.0, length))]  # fmt: skip
    along = ends[1] - ends[0]
    along /= np.hypot(*along.T)[:, None]
    middle = (ends[0] + ends[1]) / 2
    outward = np.column_stack([-along[:, 1], along[:, 0]]) * places.side[at][:, None]
    wall = WALL_M[streets.grade[places.street[at]]]
    half, near, far = size[:, 0] / 2, wall - size[:, 2], wall - size[:, 2] - size[:, 1]
    corners = [
        middle + along * (sign * half)[:, None] + outward * depth[:, None]
        for sign, depth in ((-1, near), (1, near), (1, far), (-1, far))
    ]
    found: Objects = shapely.polygons(np.stack(corners, axis=1))
    return found


def _some(values: Objects, share: float, rng: np.random.Generator) -> Objects:
    """About a share of the values; None for the others."""
    values[rng.random(len(values)) >= share] = None
    return values


_TRADE_OF = {title.replace("{}", ""): title.split("{}")[1].lstrip("记家氏") for title, _ in TRADES}


def _trade(name: str) -> str | None:
    """The trade in a shop's name, whose keeper's surname is its first or second character."""
    return _TRADE_OF.get(name[1:]) or _TRADE_OF.get(name[:1] + name[2:])
