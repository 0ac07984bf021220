"""Sheets of a plan from the store, and the plan held against what was walked of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.patrolling import intervals_of_days, midnight_of
from api.plan_views import plan_document, task_names
from api.plan_ways import PlanWays, read_day, read_plan
from gis_core.crs import to_lonlat, to_metres
from gis_core.errors import NotFound
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.stays import Positions
from gis_core.planning.tasks import Day, Stop
from gis_core.planning.walking import CHECK_IN, MARK, VISITS, Walked, missed, walked
from layers.check_ins import check_ins
from layers.patrolled import day_row, find_days, points_between
from layers.plan_marks import marks_of
from layers.planned import published_on
from layers.plans import ARRIVED, DONE
from layers.store import Store
from layers.stores import Stores
from map_ui.rounds import lines_of

AROUND_M = 400.0
"""Streets so far from a round are on its map."""
DWELL_S = 300.0
"""Who stood at a place for so long has visited it, as quotas have it where they say nothing else."""


def drawn_plan(found: Mapping[str, Any], network: StreetNetwork) -> dict[str, Any]:
    """A plan as the API tells it, whose lanes have their ``line`` as it is walked."""
    document = plan_document(found, network, ())
    lanes = {lane.code: lane for lane in read_day(found["shown"]["day"]).lanes}
    for route in document["routes"]:
        for step in route["steps"]:
            if step["kind"] == "lane":
                line = shapely.get_coordinates(network.lines[lanes[step["code"]].edge])
                lonlat = np.round(to_lonlat(line[::-1] if step["reverse"] else line, network.srid), 6)
                step["line"] = lonlat.tolist()
    return document


def route_in(document: Mapping[str, Any], patroller: str) -> dict[str, Any]:
    """Somebody's route.

    Raises
    ------
    NotFound
        When the plan has none.
    """
    found = next((route for route in document["routes"] if route["patroller"] == patroller), None)
    if found is None:
        raise NotFound("plan_missing", value=f"{document['number']}, {patroller}")
    route: dict[str, Any] = found
    return route


def streets_around(route: Mapping[str, Any], network: StreetNetwork) -> gpd.GeoDataFrame:
    """The streets around a round, lines in EPSG:4326."""
    places = [step["at"] for step in route["steps"] if step["at"]]
    lonlat = np.array([*places, *(at for line in lines_of(route) for at in line)], np.float64).reshape(-1, 2)
    if not len(lonlat):
        return gpd.GeoDataFrame(geometry=[], crs=4326)
    xy = to_metres(lonlat, network.srid)
    box = shapely.box(*(xy.min(axis=0) - AROUND_M), *(xy.max(axis=0) + AROUND_M))
    near = network.lines[shapely.intersects(network.lines, box)]
    shapes = shapely.transform(near, lambda part: to_lonlat(part, network.srid))
    return gpd.GeoDataFrame(geometry=list(shapes), crs=4326)


def plates_on(route: Mapping[str, Any]) -> list[str]:
    """Places of a route that have a plate."""
    return list(dict.fromkeys(step["plate"] for step in route["steps"] if step["plate"]))


def walked_of(store: Store, found: Mapping[str, Any], network: StreetNetwork) -> list[Walked]:
    """What was done of a plan in sight, as far as tracks, check-ins and marks of its day tell."""
    day, plan = read_day(found["shown"]["day"]), read_plan(found["shown"]["plan"])
    city, who = store.city, [one.code for one in day.patrollers]
    begin, end = midnight_of(found["day"], city.zone), midnight_of(found["day"] + dt.timedelta(days=1), city.zone)
    rows = [
        day_row(row) for name in who for row in find_days(store.session, name, found["day"], found["day"], None, 1)
    ]  # fmt: skip
    log = PatrolLog(network, intervals_of_days(network, rows, city.zone))
    positions = {name: one for name in who if (one := _positions(store, name, begin, end, network.srid)) is not None}
    return walked(
        day, plan, log, _visits(store, found, day, begin, end), positions, begin.timestamp(), until_s=end.timestamp(),
        fence_m=city.patrol.fence_m, dwell_s=DWELL_S,
    )  # fmt: skip


def missed_before(stores: Stores, ways: PlanWays, day: dt.date, area: str, patroller: str) -> list[str]:
    """What somebody did not do of the plans that were published for an area for the day before, by its names; nothing
    where no track or mark of theirs came in.
    """
    with stores.read() as store:
        plans = [one for one in published_on(store, day - dt.timedelta(days=1)) if one["area"] == area]
    names: list[str] = []
    for one in plans:
        network = ways.network(stores, one["shown"]["version"])
        with stores.read() as store:
            done = walked_of(store, one, network)
        called = task_names(read_day(one["shown"]["day"]))
        names += [called[code] for code in missed(done, patroller)]
    return list(dict.fromkeys(names))


def _positions(store: Store, carrier: str, begin: dt.datetime, end: dt.datetime, srid: int) -> Positions | None:
    points = points_between(store.session, carrier, begin, end)
    if not len(points):
        return None
    lonlat = points[["lon", "lat"]].to_numpy(np.float64)
    return Positions(points["t"].to_numpy(np.float64), to_metres(lonlat, srid), np.zeros(len(points)))


def _visits(store: Store, found: Mapping[str, Any], day: Day, begin: dt.datetime, end: dt.datetime) -> pd.DataFrame:
    """Check-ins at the places of stops, and marks."""
    stops: dict[str, list[str]] = {}
    for stop in day.stops:
        if stop.place is not None:
            stops.setdefault(stop.place, []).append(stop.code)
    told = check_ins(store.session, begin, end, list(stops))
    rows = [
        (code, carrier, CHECK_IN, at.timestamp())
        for place, carrier, at in zip(*(told[name] for name in ("place", "carrier", "arrived_at")), strict=True)
        for code in stops[place]
    ]  # fmt: skip
    known = {task.code for task in day.tasks if isinstance(task, Stop)}
    rows += [
        (mark["code"], mark["by"], MARK, mark["at"].timestamp())
        for mark in marks_of(store, [found["id"]]) if mark["event"] in (ARRIVED, DONE) and mark["code"] in known
    ]  # fmt: skip
    return pd.DataFrame({name: [row[nth] for row in rows] for nth, name in enumerate(VISITS)})


def walked_document(
    found: Mapping[str, Any], done: Sequence[Walked], network: StreetNetwork
) -> dict[str, Any]:  # fmt: skip
    """What was walked by the names of :class:`api.plan_sheet_schemas.WalkedPlan`."""
    names = task_names(read_day(found["shown"]["day"]))
    routes = []
    for one in done:
        lines = [to_lonlat(shapely.get_coordinates(network.lines[edge]), network.srid) for edge in one.extra]
        routes.append({
            "patroller": one.patroller, "seen": one.seen, "planned": len(one.tasks),
            "done": sum(task.done for task in one.tasks), "extra_m": round(one.extra_m, 2),
            "tasks": [{**asdict(task), "name": names.get(task.code, task.code)} for task in one.tasks],
            "extra": [np.round(line, 6).tolist() for line in lines],
        })  # fmt: skip
    return {"number": found["id"], "edition": found["shown"]["edition"], "day": found["day"], "routes": routes}
