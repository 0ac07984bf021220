"""A district of Washington and two of Taipei planned for real: ``python -m tests.cities.planned FOLDER_OF_CITIES OUT``.

Washington is loaded by its plan into a store and proposed from it. Taipei has no streets that anybody publishes: its
network is the edges of blocks, its tasks are the alleys of the register, whose edges are lanes, and the public toilets.
"""

import datetime as dt
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from PIL import Image, ImageDraw

from api.founding import found
from api.loading import Terms, load
from api.networks import Networks
from api.patrolling import Patrols
from api.plans import read_plan
from api.proposing import propose
from api.reporting import load_issues
from gis_core.arrays import Floats, Ints
from gis_core.crs import to_metres
from gis_core.patrol.checker import check
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.rules import PatrolRules
from gis_core.patrol.visits import plan_visits
from gis_core.permissions import Area, Grant
from gis_core.planning.asking import Asked
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Break, Day, Lane, Patroller, Reason, Stop
from gis_core.routing.matrices import ways_of
from layers.engine import connect, upgrade
from layers.stores import Stores
from layers.territories import Territories
from tests.oracles.nearest_first import nearest_first
from tests.project import ROOT

NOON = Break(3_600, 41_400, 43_200)
SECONDS = 20.0
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
CANS = 150
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
LANE_POINTS, CAN_POINTS, TOILET_POINTS = 60.0, 15.0, 40.0
TAIPEI = {"63000050": ("中正區", "Zhongzheng"), "63000060": ("大同區", "Datong")}
WARD, AS_OF = "1", dt.datetime(2016, 8, 4, 10, 0, tzinfo=dt.UTC)
"""Columbia Heights, Adams Morgan and the U Street: the densest ward; six o'clock of a Thursday."""


@dataclass(frozen=True, eq=False)
class Planned:
    """A day that was planned, and what it took."""

    name: str
    day: Day
    plan: Plan
    nearest: Plan
    network: StreetNetwork
    seconds: float

    def figures(self) -> str:
        """A row of the table."""
        kinds = Counter(task.kind for task in self.day.tasks)
        done = [task for task in self.day.tasks if task.code in self.plan.done]
        planned, nearest = (
            sum(t.prize for t in self.day.tasks if t.code in one.done) for one in (self.plan, self.nearest)
        )
        km = sum(route.walked_m for route in self.plan.routes) / 1_000
        lanes_km = sum(lane.length_m for lane in self.day.lanes if lane.code in self.plan.done) / 1_000
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        why = ", ".join(f"{n} {key}" for key, n in sorted(Counter(one.reason.key for one in self.plan.dropped).items()))
        return (
            f"| {self.name} | {len(self.network.u)} | {len(self.day.patrollers)} | {told} | {len(done)} | {why or '–'}"
            f" | {km:.1f} | {lanes_km:.1f} | {100 * (planned / nearest - 1):+.1f} % | {self.seconds:.0f} |"
        )


def planned(name: str, day: Day, network: StreetNetwork) -> Planned:
    """A day planned; the checker passes the plan and the rounds it is compared with."""
    ways = ways_of(network, {who.mover for who in day.patrollers})
    begun = time.perf_counter()
    plan = plan_visits(day, ways, seconds=SECONDS)
    lasted = time.perf_counter() - begun
    nearest = nearest_first(day, ways)
    for one in (plan, nearest):
        faults = check(day, one, network)
        assert not faults, faults[:3]
    return Planned(name, day, plan, nearest, network, lasted)


def filled(folder: Path, url: str) -> Stores:
    """Washington loaded by its plan, its local streets patrolled, with six inspectors of four bodies in the ward."""
    engine = connect(url)
    upgrade(engine)
    stores = Stores(engine)
    plan = read_plan(ROOT / "data" / "plans" / "washington-dc.toml", base=folder / "washington-dc")
    assert plan.city is not None
    found(stores, replace(plan.city, patrol=PatrolRules(classes=("branch", "backstreet"))), NOW)
    load(stores, plan.steps, Terms(now=NOW, override=plan.override, note=plan.note), lambda rows: None)
    for step in plan.issue_steps:
        load_issues(stores, step.path, step.mapping, now=NOW, dry_run=False, progress=lambda rows: None)
    with stores.people(writes=True) as accounts:
        for nth in range(6):
            name, body = f"inspector{nth + 1}", f"ANC-{WARD}{'ABCD'[nth % 4]}"
            user = accounts.add(name, title=name, organisation=body, password=None, now=NOW)
            accounts.grant(user, Grant("inspector", Area("grid", WARD)))
    return stores


def washington(stores: Stores) -> Planned:
    """The ward's local streets and alleys, markets and malls, open requests, and litter cans, by six people."""
    asked = Asked(day=dt.date(2016, 8, 4), area=WARD, as_of=AS_OF, surveys=12)
    proposal = propose(stores, Patrols(Networks(), Territories()), asked, NOW)
    with stores.read() as store:
        cans = store.read("facilities", store.latest_revision(), only=("code", "category"))
        grids = store.read("grids", store.latest_version(), only=("code", "level"))
    cans, own = cans[cans["category"] == "litter-can"], grids[(grids["level"] == "smd")]
    own = own[own["code"].str.startswith(WARD)]
    placed = gpd.sjoin(cans, own[["code", "geometry"]], predicate="within", lsuffix="can", rsuffix="grid")
    placed = placed.drop_duplicates("code_can").sort_values("code_can").iloc[:CANS]
    xy = to_metres(np.column_stack([placed.geometry.x, placed.geometry.y]), proposal.network.srid)
    stops = tuple(
        Stop(code=f"can:{code}", kind="other", name="litter can", x=x, y=y, area=area, service_s=60, prize=CAN_POINTS)
        for code, area, (x, y) in zip(placed["code_can"], placed["code_grid"], np.round(xy, 2).tolist(), strict=True)
    )
    day = replace(proposal.day, stops=(*proposal.day.stops, *stops))
    return planned(f"Washington, ward {WARD}", day, proposal.network)


def taipei(folder: Path, code: str) -> Planned:
    """A district: its alleys and toilets, by three people."""
    district, name = TAIPEI[code]
    edges = gpd.read_file(folder / "taipei" / f"derived_block_edges_{code}.geojson").to_crs(4326)
    streets = pd.DataFrame({"code": edges["edge_id"].astype(str), "name": "", "class": "backstreet"})
    network = build_network(gpd.GeoDataFrame(streets, geometry=edges.geometry), 3826)
    alleys = gpd.read_file(folder / "taipei" / "alleys_narrow_list.geojson").to_crs(3826)
    alleys = alleys[alleys["TOWN_NAME"] == district]
    toilets = gpd.read_file(folder / "taipei" / "fac_public_toilets.geojson").to_crs(3826)
    hull = shapely.union_all(network.lines).convex_hull.buffer(50)
    toilets = toilets[toilets.geometry.within(hull)]
    near, far_m = _nearest(network, alleys)
    called = dict(zip(near[far_m <= 30].tolist(), alleys["巷道名稱"][far_m <= 30], strict=True))
    lanes = tuple(_lane(network, edge, str(one)) for edge, one in sorted(called.items()))
    _, spot_m = _nearest(network, toilets)
    where = np.round(np.column_stack([toilets.geometry.x, toilets.geometry.y]), 2).tolist()
    stops = tuple(
        Stop(code=f"toilet:{nth}", kind="other", name="toilet", x=x, y=y, service_s=480, prize=TOILET_POINTS)
        for nth, ((x, y), m) in enumerate(zip(where, spot_m, strict=True))
        if m <= 250
    )
    first = network.component == 0
    centre = network.node_xy[np.unique(network.u[first])].mean(axis=0)
    start = network.node_xy[network.u[first]][np.argmin(np.hypot(*(network.node_xy[network.u[first]] - centre).T))]
    people = tuple(
        Patroller(code=f"p{nth + 1}", start=(float(start[0]), float(start[1])), breaks=(NOON,)) for nth in range(3)
    )
    return planned(f"Taipei, {district} {name}", Day(stops=stops, lanes=lanes, patrollers=people), network)


def _nearest(network: StreetNetwork, these: gpd.GeoDataFrame) -> tuple[Ints, Floats]:
    points = these.geometry.representative_point().to_numpy()
    (which, edge), far_m = shapely.STRtree(network.lines).query_nearest(points, return_distance=True, all_matches=False)
    order = np.argsort(which)
    return edge[order], far_m[order]


def _lane(network: StreetNetwork, edge: int, name: str) -> Lane:
    return Lane(
        code=f"lane:{edge}", kind="lane", name=name, street=str(network.code[network.street[edge]]), edge=edge,
        from_m=float(network.from_m[edge]), to_m=float(network.to_m[edge]), length_m=float(network.length_m[edge]),
        prize=LANE_POINTS, reasons=(Reason("place_asked"),),
    )  # fmt: skip


def drawn(one: Planned, path: Path) -> None:
    """The plan as a picture: streets grey, ways by colour, stops as dots, what is left out as crosses."""
    tasks, lines = {task.code: task for task in one.day.tasks}, one.network.lines
    places = [(stop.x, stop.y) for stop in one.day.stops]
    places += [tuple(lines[lane.edge].centroid.coords[0]) for lane in one.day.lanes]
    low, high = np.min(places, axis=0) - 200, np.max(places, axis=0) + 200
    scale = 1_000 / (high[0] - low[0])
    image = Image.new("RGB", (1_000, int((high[1] - low[1]) * scale)), "white")
    pen = ImageDraw.Draw(image)

    def on(xy: Floats) -> list[tuple[float, float]]:
        return [((x - low[0]) * scale, (high[1] - y) * scale) for x, y in np.asarray(xy).reshape(-1, 2)]

    def street(edge: int, colour: str, width: int) -> None:
        pen.line(on(shapely.get_coordinates(lines[edge])), colour, width)

    for edge in shapely.STRtree(lines).query(shapely.box(*low, *high)):
        street(int(edge), "#d0d0d0", 1)
    for route, colour in zip(one.plan.routes, COLOURS, strict=False):
        for step in route.steps:
            for edge in step.edges:
                street(edge, colour, 2)
            task = tasks.get(step.code)
            if isinstance(task, Lane):
                street(task.edge, colour, 6)
            elif isinstance(task, Stop):
                pen.circle(on(np.array([task.x, task.y]))[0], 4, colour, "black")
    for left in one.plan.dropped:
        task = tasks[left.code]
        if isinstance(task, Stop):
            ((x, y),) = on(np.array([task.x, task.y]))
            pen.line([(x - 3, y - 3), (x + 3, y + 3)], "black")
            pen.line([(x - 3, y + 3), (x + 3, y - 3)], "black")
    image.quantize(64).save(path, optimize=True)


def main(folder: Path, out: Path) -> None:
    """Plan all, draw them, and write the table."""
    for code in TAIPEI:
        one = taipei(folder, code)
        drawn(one, out / f"plan-taipei-{TAIPEI[code][1].lower()}.png")
        sys.stdout.write(one.figures() + "\n")
        sys.stdout.flush()
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as place:
        stores = filled(folder, f"sqlite:///{place}/dc.db")
        one = washington(stores)
        stores.close()
    drawn(one, out / f"plan-washington-ward{WARD}.png")
    sys.stdout.write(one.figures() + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
