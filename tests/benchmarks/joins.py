"""The joins against what a user could take instead: time, and every answer compared."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import create_engine, text

from gis_core.arrays import Floats
from gis_core.joins.buckets import Buckets
from gis_core.joins.choosing import index_of
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster
from layers.indexes import open_index, write_index
from tests.benchmarks import peers
from tests.benchmarks.city import MEASURED_SEED, LargeCity, build
from tests.benchmarks.databases import postgis
from tests.benchmarks.peers import LIMIT_M, LONLAT, METRES, Answer, Job, Process
from tests.benchmarks.spending import setting

POINTS, MANY, FEW = 1_000_000, 5_000_000, 100_000
REACH_M = 100.0
RUNS, SLOW_S = 5, 8.0
"""Runs of which the median counts; of what takes longer than the other, one run."""
NAMES = {
    "grids": "Points → grids",
    "streets": f"Nearest street within {LIMIT_M:.0f} m: position, distance, side (side: ours only)",
    "rectangles": "Points → rectangles, all pairs",
}
PEERS: tuple[tuple[str, Callable[[Job], peers.Run]], ...] = (
    ("shapely", peers.shapely_tree),
    ("geopandas", peers.geopandas),
    ("SedonaDB", peers.sedonadb),
    ("DuckDB", peers.duckdb),
    ("PostGIS", peers.postgis),
)
PACKAGES = ("numba", "numpy", "shapely", "geopandas", "duckdb", "duckdb_extension_spatial", "sedonadb")
HEAD = f"""
{{setting}}.

{{grids:,}} grids of {{least}} to {{most}} vertices without gaps, {{streets:,}} streets, {{rectangles:,}} rectangles and
{POINTS:,} points from seed {MEASURED_SEED}, on which nothing was tuned.

CPU seconds, median of {RUNS} interleaved runs (of what takes over {SLOW_S:.0f} s, one), one thread, each in its own
process. Every peer holds its points and shapes in its own form; getting there, with its index, stands apart. Ours takes
arrays and gives arrays, exact on the boundary. *Differences* counts points whose answer is not ours: another
polygon, or a distance more than a micrometre away.
"""


@dataclass
class Measured:
    """What one peer took."""

    name: str
    process: Process
    differences: int | None = None
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def cpu_s(self) -> float:
        """Median CPU seconds."""
        return float(np.median(self.cpu))


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    city = build(MEASURED_SEED, points=MANY)
    vertices = shapely.get_num_coordinates(city.grids) - 1
    lines = [
        HEAD.format(
            setting=setting(*PACKAGES), grids=len(city.grids), least=np.percentile(vertices, 1).astype(int),
            most=vertices.max(), streets=len(city.streets), rectangles=len(city.rectangles),
        )
    ]  # fmt: skip
    with postgis("fsync=off", "shared_buffers=1GB") as url:
        address = url.set(drivername="postgresql").render_as_string(False)
        lines += _indexes(folder, city)
        _write(folder, city, address)
        for layer in NAMES:
            lines += _compared(Job(folder, layer, address=address))
    lines += _together(city)
    return "\n".join(lines) + "\n"


def _indexes(folder: Path, city: LargeCity) -> list[str]:
    builds: dict[str, Callable[[], CellRaster | SegmentRaster | Buckets]] = {
        "grids": lambda: CellRaster(city.grids_lonlat),
        "streets": lambda: SegmentRaster(city.streets, REACH_M),
        "rectangles": lambda: Buckets(city.rectangles_lonlat),
    }
    rows = ["", "| index | build CPU s | MB | opening the file s |", "|---|---:|---:|---:|"]
    for layer, make in builds.items():
        make()  # the kernels are compiled at their first call ever
        begun = time.process_time()
        arrays = make().arrays()
        built = time.process_time() - begun
        write_index(folder / "indexes" / layer, arrays, "bench")
        begun = time.perf_counter()
        opened = open_index(folder / "indexes" / layer, "bench")
        assert opened is not None and index_of(opened)
        opening = time.perf_counter() - begun
        size = sum(array.nbytes for array in arrays.values()) / 1e6
        rows.append(f"| {layer} | {built:.1f} | {size:.0f} | {opening:.3f} |")
    return rows


def _write(folder: Path, city: LargeCity, address: str) -> None:
    layers = {"grids": city.grids_lonlat, "streets": city.streets, "rectangles": city.rectangles_lonlat}
    frames = {name: _frame(shapes, METRES if name == "streets" else LONLAT) for name, shapes in layers.items()}
    for srid, points in ((LONLAT, city.points_lonlat[:POINTS]), (METRES, city.points[:POINTS])):
        np.save(folder / f"points_{srid}.npy", points)
        frames[f"points_{srid}"] = _frame(shapely.points(points), srid)
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg2:"))
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
        frame.rename_geometry("geom").to_postgis(name, engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM ANALYZE {name}"))
    engine.dispose()


def _frame(shapes: Floats, srid: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": np.arange(len(shapes), dtype=np.int32)}, geometry=shapes, crs=srid)


def _compared(job: Job) -> list[str]:
    """One table: ours, with one thread and two, the limit, and every peer."""
    ours = Measured("**GridWarden**", Process(peers.ours, job))
    answer = ours.process.run("check")[2]
    assert answer is not None
    expected = _by_point(job.layer, answer)
    everyone = [ours, Measured("GridWarden, two threads", Process(peers.ours, replace(job, threads=2)))]
    if job.layer == "grids":
        everyone.append(Measured("limit: NumPy gather, no answer at borders", Process(peers.gather, job)))
    everyone += [Measured(name, Process(peer, job)) for name, peer in PEERS]
    for one in everyone[1:]:
        cpu, wall, answer = one.process.run("check")
        assert answer is not None
        if not one.name.startswith("limit"):
            found = answer if one.name.startswith("GridWarden") else _filled(job, answer, len(expected[0]))
            one.differences = _differences(expected, _by_point(job.layer, found))
        if cpu > SLOW_S:
            one.cpu, one.wall = [cpu], [wall]
    for _ in range(RUNS):
        for one in everyone:
            if not (one.cpu and one.cpu[0] > SLOW_S):
                cpu, wall, _ = one.process.run()
                one.cpu.append(cpu)
                one.wall.append(wall)
    rows = [
        "", f"{NAMES[job.layer]}:", "",
        "| tool | CPU s | times ours | wall s | getting ready, CPU s | differences |", "|---|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for one in everyone:
        one.process.end()
        differences = "–" if one.differences is None else f"{one.differences:,}"
        rows.append(
            f"| {one.name} | {one.cpu_s:.3f} | {one.cpu_s / ours.cpu_s:.1f} | {np.median(one.wall):.3f} "
            f"| {one.process.ready_s:.1f} | {differences} |"
        )
    return rows


def _filled(job: Job, answer: Answer, count: int) -> Answer:
    """A peer's rows in the form of ours: one row a point, or pairs."""
    if job.layer == "rectangles":
        return answer
    position = np.full(count, -1)
    position[answer[0]] = answer[1]
    if job.layer == "grids":
        return (position,)
    distance_m = np.full(count, np.nan)
    distance_m[answer[0]] = answer[2]
    return position, distance_m


def _by_point(layer: str, answer: Answer) -> tuple[Floats, float]:
    """What is compared of each point, or pair, and how far it may be off."""
    if layer == "streets":
        return np.nan_to_num(answer[1], nan=-1.0), 1e-6
    if layer == "grids":
        return answer[0].astype(np.float64), 0.0
    return np.sort(answer[0].astype(np.float64) * 1e6 + answer[1]), 0.0


def _differences(expected: tuple[Floats, float], found: tuple[Floats, float]) -> int:
    if len(expected[0]) != len(found[0]):
        return abs(len(expected[0]) - len(found[0]))
    return int((np.abs(expected[0] - found[0]) > expected[1]).sum())


def _together(city: LargeCity) -> list[str]:
    """All three joins on one batch, of several sizes and by two threads."""
    grids, streets = CellRaster(city.grids_lonlat), SegmentRaster(city.streets, REACH_M)
    rectangles = Buckets(city.rectangles_lonlat)

    def run(count: int, threads: int) -> None:
        grids.covering(city.points_lonlat[:count], threads)
        streets.nearest(city.points[:count], LIMIT_M, threads)
        rectangles.pairs(city.points_lonlat[:count], threads)

    rows = [
        "",
        "All three, ours:",
        "",
        "| points | threads | wall s | CPU s | ns a point |",
        "|---:|---:|---:|---:|---:|",
    ]
    sizes = [(FEW, 1), (POINTS, 1), (POINTS, 2), (MANY, 1)]
    spent: dict[tuple[int, int], list[tuple[float, float]]] = {size: [] for size in sizes}
    for _ in range(RUNS + 1):
        for size in sizes:
            wall, cpu = time.perf_counter(), time.process_time()
            run(*size)
            spent[size].append((time.perf_counter() - wall, time.process_time() - cpu))
    for (count, threads), times in spent.items():
        wall_s, cpu_s = np.median(times[1:], axis=0)
        rows.append(f"| {count:,} | {threads} | {wall_s:.3f} | {cpu_s:.3f} | {cpu_s / count * 1e9:.0f} |")
    return [*rows, *_singly(city, grids, streets, rectangles)]


def _singly(city: LargeCity, grids: CellRaster, streets: SegmentRaster, rectangles: Buckets) -> list[str]:
    rows = ["", "One point at a time, from Python:", "", "| lookup | p50 µs | p99 µs |", "|---|---:|---:|"]
    calls: dict[str, Callable[[slice], object]] = {
        "grid": lambda one: grids.covering(city.points_lonlat[one]),
        "street": lambda one: streets.nearest(city.points[one], LIMIT_M),
        "rectangle": lambda one: rectangles.covering(city.points_lonlat[one]),
    }
    for name, call in calls.items():
        times = []
        for one in range(5_000):
            begun = time.perf_counter()
            call(slice(one, one + 1))
            times.append((time.perf_counter() - begun) * 1e6)
        rows.append(f"| {name} | {np.percentile(times, 50):.1f} | {np.percentile(times, 99):.1f} |")
    return rows
