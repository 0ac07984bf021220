"""Tracks out: a carrier's day as GeoJSON, and days as a list, as far as an area goes."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from api.instants import is_sensible
from api.matching import DAY, MARGIN, first_day, midnight
from api.networks import Networks
from gis_core.arrays import Bools, Objects
from gis_core.crs import shapes_to_wgs84, to_lonlat
from gis_core.errors import InvalidInput, NotFound
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.passes import intervals_of
from gis_core.patrol.tracks import Cleaned, clean_track
from gis_core.texts import TEXTS
from layers.patrolled import day_of, find_days, points_between
from layers.store import Store

Feature = dict[str, Any]
SAID = ("carrier", "day", "body", "matched_at")
WHOLE = ("points", "used", "dropped")
"""Of the whole day, and not told to whoever sees a part."""
OF_A_PART = {"track_elsewhere": "track_elsewhere_part", "track_too_short": "track_too_short_part"}
"""What is said of a fault, by its key, to whoever sees a part: no place and no count of the rest."""
STEP, MOST_LOOKED = 200, 400
"""Days looked at for an area: so many at a time, and in one answer."""


def area_of(store: Store, now: dt.datetime) -> shapely.Geometry | None:
    """The ground of the cells in scope, EPSG:4326; ``None`` for everything."""
    if store.scope.sight.everything:
        return None
    grids = store.read("grids", store.version_at(now), only=("code",))
    return shapely.union_all(grids.geometry.to_numpy())


def days_document(
    store: Store,
    networks: Networks,
    area: shapely.Geometry | None,
    asked: Mapping[str, Any],
    limit: int,
    lang: str,
) -> dict[str, Any]:
    """A page of days, those only that have passes in an area: fewer, or none, where many had to be looked at.

    Parameters
    ----------
    store
        One that sees everything.
    asked
        ``carrier``, ``since``, ``until``, ``after`` of :func:`layers.patrolled.find_days`.
    """
    rows: list[dict[str, Any]] = []
    after, more, looked = asked["after"], True, 0
    step = limit if area is None else STEP
    while more and len(rows) < limit and looked < MOST_LOOKED:
        count = 0
        for row in find_days(store.session, asked["carrier"], asked["since"], asked["until"], after, step):
            after, count = (row["day"], row["id"]), count + 1
            told = _told(store, networks, area, row, lang)
            rows += [] if told is None else [told]
            if len(rows) == limit:
                break
        more, looked = count == step or len(rows) == limit, looked + count
    place = f"{after[0]}.{after[1]}" if more and after else None
    return {"days": rows, "next": place}


def place_after(written: str) -> tuple[dt.date, int]:
    """What ``next`` says of a page.

    Raises
    ------
    InvalidInput
        When that is not how one is written.
    """
    day, _, number = written.partition(".")
    with suppress(ValueError):
        place = dt.date.fromisoformat(day), int(number)
        if 0 <= place[1] < 2**63:
            return place
    raise InvalidInput("cursor_invalid", field="after", value=written[:40])


def replay(
    store: Store,
    networks: Networks,
    area: shapely.Geometry | None,
    carrier: str,
    day: dt.date,
    lang: str,
    now: dt.datetime,
) -> dict[str, Any]:
    """A day as GeoJSON: pieces of the track with their times, stops, and passes; of an area only what lies in it.

    Raises
    ------
    NotFound
        When there is nothing, or nothing in the area.
    """
    if not is_sensible(day):
        raise NotFound("track_missing", carrier=carrier, value=day)
    stored, expired = day_of(store.session, carrier, day), day < first_day(store, now)
    begin, end = midnight(store, day), midnight(store, day + DAY)
    points = points_between(store.session, carrier, begin - MARGIN, end + MARGIN)
    if expired:
        points = points[:0]
    features = _track(points, store.city.metric_srid, begin.timestamp(), end.timestamp(), area)
    told = None
    if stored is not None:
        walked_m = 0.0
        if len(stored["passes"]):
            network = networks.at(store, stored["version"])
            within = _within(network, stored["passes"], area)
            features += _passes(within, network)
            walked_m = _walked_m(network, within)
        told = _document(stored, stored["walked_m"] if area is None else walked_m, lang, whole=area is None)
    if not features and (area is not None or told is None):
        raise NotFound("track_missing", carrier=carrier, value=day)
    return {"type": "FeatureCollection", "features": features, "day": told, "expired": expired}


def _told(
    store: Store, networks: Networks, area: shapely.Geometry | None, row: dict[str, Any], lang: str
) -> dict[str, Any] | None:
    if area is None:
        return _document(row, row["walked_m"], lang, whole=True)
    if not len(row["passes"]):
        return None
    network = networks.at(store, row["version"])
    within = _within(network, row["passes"], area)
    return _document(row, _walked_m(network, within), lang, whole=False) if len(within) else None


def _document(row: dict[str, Any], walked_m: float, lang: str, *, whole: bool) -> dict[str, Any]:
    fault = row["fault"] and {
        "code": (key := row["fault"]["key"]),
        "detail": TEXTS.say(key if whole else OF_A_PART.get(key, key), lang, **row["fault"]["params"]),
    }
    counts = {name: row[name] if whole else None for name in WHOLE}
    return {**{name: row[name] for name in SAID}, **counts, "walked_m": walked_m, "fault": fault}


def _walked_m(network: StreetNetwork, within: pd.DataFrame) -> float:
    """Metres of passes, once where streets are drawn twice."""
    edge, chosen = within["edge"].to_numpy(np.int64), np.zeros(len(network.u), np.bool_)
    chosen[edge] = True
    once = within[network.twins.firsts(chosen)[edge]]
    return float((once["to_m"] - once["from_m"]).sum())


def _within(network: StreetNetwork, passes: pd.DataFrame, area: shapely.Geometry | None) -> pd.DataFrame:
    """Passes as intervals on the network, those whose middle lies in an area."""
    known = intervals_of(network, passes)
    if not len(known):
        return known
    middle = (known["from_m"] + known["to_m"]).to_numpy() / 2
    points = shapely.line_interpolate_point(network.lines[known["edge"].to_numpy()], middle)
    return known[_inside(to_lonlat(shapely.get_coordinates(points), network.srid), area)]


def _inside(lonlat: np.ndarray, area: shapely.Geometry | None) -> Bools:
    if area is None:
        return np.ones(len(lonlat), dtype=bool)
    shapely.prepare(area)
    return np.asarray(shapely.intersects_xy(area, lonlat[:, 0], lonlat[:, 1]))


def _passes(known: pd.DataFrame, network: StreetNetwork) -> list[Feature]:
    edge = known["edge"].to_numpy()
    parts = zip(network.lines[edge], known["from_m"], known["to_m"], strict=True)
    shapes: Objects = np.empty(len(known), dtype=object)
    shapes[:] = [substring(line, low, high) for line, low, high in parts]
    degrees = shapes_to_wgs84(shapes, f"EPSG:{network.srid}")
    street = network.street[edge]
    columns = {
        "street": network.code[street], "name": network.name[street],
        "from_m": network.from_m[edge] + known["from_m"], "to_m": network.from_m[edge] + known["to_m"],
        **{name: known[name] for name in ("t_in", "t_out", "confidence", "piece")},
    }  # fmt: skip
    rows = pd.DataFrame({name: np.asarray(one) for name, one in columns.items()}).to_dict("records")
    return [
        _feature(shapely.geometry.mapping(shape), "pass", **{str(name): value for name, value in row.items()})
        for shape, row in zip(degrees, rows, strict=True)
    ]


def _track(
    points: pd.DataFrame, srid: int, begin_s: float, end_s: float, area: shapely.Geometry | None
) -> list[Feature]:
    """Pieces of a day's points, and stops; points that cannot be used are left out."""
    if not len(points):
        return []
    try:
        cleaned = clean_track(points, srid, float(points["t"].max()))
    except InvalidInput:
        return []
    left = cleaned.points[cleaned.points["t"].between(begin_s, end_s, inclusive="left")]
    lonlat = to_lonlat(left[["x", "y"]].to_numpy(np.float64), srid)
    inside = _inside(lonlat, area)
    features = []
    run = np.cumsum(np.append(True, (np.diff(inside) != 0) | (np.diff(left["piece"]) != 0)))[: len(left)]
    for number in np.unique(run[inside]):
        rows = np.flatnonzero(run == number)
        if len(rows) > 1:
            line = {"type": "LineString", "coordinates": lonlat[rows].round(7).tolist()}
            piece = int(left["piece"].iloc[rows[0]])
            features.append(_feature(line, "track", piece=piece, t=left["t"].iloc[rows].tolist()))
    return features + _stops(cleaned, srid, begin_s, end_s, area)


def _stops(cleaned: Cleaned, srid: int, begin_s: float, end_s: float, area: shapely.Geometry | None) -> list[Feature]:
    stops = cleaned.stops[cleaned.stops["t_in"].between(begin_s, end_s, inclusive="left")]
    lonlat = to_lonlat(stops[["x", "y"]].to_numpy(np.float64), srid)
    told = stops[["t_in", "t_out", "dwell_s"]].to_dict("records")
    return [
        _feature({"type": "Point", "coordinates": place}, "stop", **{str(name): value for name, value in row.items()})
        for place, row, inside in zip(lonlat.round(7).tolist(), told, _inside(lonlat, area), strict=True)
        if inside
    ]


def _feature(geometry: dict[str, Any], kind: str, **said: Any) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **said}}
