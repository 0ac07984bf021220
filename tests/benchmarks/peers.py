"""What a user could take instead, each in a process of its own, and ours.

A peer is a function that gets everything ready and returns what is to be measured. It holds points and shapes in
whatever form it likes best. An answer is a set of columns: points, positions and, of streets, distances.
"""

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis_core.arrays import Floats, Objects
from gis_core.joins.choosing import index_of
from layers.indexes import open_index

LIMIT_M = 50.0
LONLAT, METRES = 4326, 4545
Answer = tuple[np.ndarray, ...]
Run = Callable[[], Answer]


@dataclass(frozen=True)
class Job:
    """One of the joins.

    Parameters
    ----------
    folder
        With ``{layer}.parquet``, ``points.parquet`` and ``points.npy`` of the same points and the indexes of ours.
    layer
        ``grids``, ``streets`` or ``rectangles``.
    threads
        How many may be used.
    address
        Of a PostGIS database with the tables ``{layer}`` and ``points``.
    """

    folder: Path
    layer: str
    threads: int = 1
    address: str = ""

    @property
    def srid(self) -> int:
        """CRS of the join."""
        return METRES if self.layer == "streets" else LONLAT

    def points(self) -> Floats:
        """Shape (n, 2)."""
        return np.load(self.folder / f"points_{self.srid}.npy")

    def shapes(self) -> Objects:
        """Polygons or lines."""
        return gpd.read_parquet(self.folder / f"{self.layer}.parquet").geometry.to_numpy()


def ours(job: Job) -> Run:
    """The index of a published territory, opened; arrays in, arrays out."""
    points = job.points()
    arrays = open_index(job.folder / "indexes" / job.layer, "bench")
    assert arrays is not None
    index: Any = index_of(arrays)
    if job.layer == "streets":
        return lambda: index.nearest(points, LIMIT_M, job.threads)
    if job.layer == "grids":
        return lambda: index.covering(points, job.threads)
    return lambda: index.pairs(points, job.threads)


def gather(job: Job) -> Run:
    """The limit: arithmetic and one read per point by NumPy, which answers nothing where a border is."""
    points, arrays = job.points(), open_index(job.folder / "indexes" / job.layer, "bench")
    assert arrays is not None
    x0, y0, _, inverse, columns = arrays["frame"][:5]
    cells = np.array(arrays["cells"])

    def run() -> Answer:
        row = ((points[:, 1] - y0) * inverse).astype(np.int64)
        return (np.take(cells, row * int(columns) + ((points[:, 0] - x0) * inverse).astype(np.int64), mode="clip"),)

    return run


def shapely_tree(job: Job) -> Run:
    """The fast order for polygons: a tree of the points, asked by prepared polygons."""
    shapes, points = job.shapes(), shapely.points(job.points())

    def near() -> Answer:
        (point, line), distance = tree.query_nearest(
            points, max_distance=LIMIT_M, return_distance=True, all_matches=False
        )
        return point, line, distance

    def within() -> Answer:
        polygon, point = shapely.STRtree(points).query(shapes, predicate="contains")
        return point, polygon

    if job.layer == "streets":
        tree = shapely.STRtree(shapes)
        return near
    return within


def geopandas(job: Job) -> Run:
    """``sjoin`` and ``sjoin_nearest``."""
    frame = gpd.GeoDataFrame({"position": np.arange(len(job.shapes()))}, geometry=job.shapes(), crs=job.srid)
    points, _ = shapely.points(job.points()), frame.sindex

    def run() -> Answer:
        asked = gpd.GeoDataFrame(geometry=gpd.array.GeometryArray(points, crs=job.srid))
        if job.layer == "streets":
            found = gpd.sjoin_nearest(asked, frame, max_distance=LIMIT_M, distance_col="distance_m")
            return found.index.to_numpy(), found["position"].to_numpy(), found["distance_m"].to_numpy()
        found = gpd.sjoin(asked, frame, predicate="within")
        return found.index.to_numpy(), found["position"].to_numpy()

    return run


def duckdb(job: Job) -> Run:
    """Its spatial join, which its plan must name."""
    import duckdb
    import duckdb_extension_spatial

    folder = Path(duckdb_extension_spatial.__file__).parent
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{next(folder.glob('extensions/*/spatial.duckdb_extension'))}'")
    connection.execute(f"SET threads={job.threads}")
    connection.execute("SET preserve_insertion_order=false")
    for table, file in (("g", job.layer), ("p", f"points_{job.srid}")):
        source = f"read_parquet('{job.folder}/{file}.parquet')"
        connection.execute(f"CREATE TABLE {table} AS SELECT id, geometry::GEOMETRY AS geom FROM {source}")
    away = "ST_Distance(p.geom, g.geom)"
    query = "SELECT p.id, g.id FROM p JOIN g ON ST_Within(p.geom, g.geom)"
    if job.layer == "streets":
        query = (
            f"SELECT p.id, min_by(g.id, {away}), min({away}) FROM p JOIN g "
            f"ON ST_DWithin(p.geom, g.geom, {LIMIT_M}) GROUP BY p.id"
        )
    assert "SPATIAL_JOIN" in connection.execute(f"EXPLAIN {query}").fetchall()[0][1]
    return lambda: tuple(connection.execute(query).fetchnumpy().values())


def sedonadb(job: Job) -> Run:
    """Its spatial join; of streets the least distance alone, which is its fastest way."""
    import sedonadb

    engine = sedonadb.connect()
    engine.sql(f"SET datafusion.execution.target_partitions = {job.threads}").execute()
    for table, file in (("g", job.layer), ("p", f"points_{job.srid}")):
        source = f"SELECT id, geometry AS geom FROM '{job.folder}/{file}.parquet'"
        engine.sql(source).to_memtable().to_view(table)
    query = "SELECT p.id AS point, g.id AS position FROM p JOIN g ON ST_Within(p.geom, g.geom)"
    if job.layer == "streets":
        query = (
            "SELECT p.id AS point, min(ST_Distance(p.geom, g.geom)) AS distance_m FROM p JOIN g "
            f"ON ST_DWithin(p.geom, g.geom, {LIMIT_M}) GROUP BY p.id"
        )

    def run() -> Answer:
        table = engine.sql(query).to_arrow_table()
        columns = [table.column(name).to_numpy() for name in table.column_names]
        return (columns[0], np.full(len(columns[0]), -1), columns[1]) if job.layer == "streets" else tuple(columns)

    return run


def postgis(job: Job) -> Run:
    """The fastest way it was found to do each; the rows stay in the server, and are fetched for comparing."""
    import psycopg2

    connection = psycopg2.connect(job.address)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET jit = off; SET max_parallel_workers_per_gather = 0; SET work_mem = '1GB'")
    query = (
        f"SELECT p.id, g.id FROM {job.layer} g CROSS JOIN LATERAL (SELECT id FROM points_{job.srid} p "
        "WHERE ST_Covers(g.geom, p.geom) OFFSET 0) p"
    )
    if job.layer == "streets":
        query = (
            f"SELECT p.id, g.id, g.away FROM points_{job.srid} p CROSS JOIN LATERAL (SELECT id, geom <-> p.geom "
            f"AS away FROM streets ORDER BY geom <-> p.geom LIMIT 1) g WHERE g.away <= {LIMIT_M}"
        )
    cursor.execute("SELECT pg_backend_pid()")
    job_pid[0] = cursor.fetchone()[0]

    def run() -> Answer:
        cursor.execute(f"DROP TABLE IF EXISTS answer_{job.layer}")
        cursor.execute(f"CREATE UNLOGGED TABLE answer_{job.layer} AS {query.replace('g.id', 'g.id AS position', 1)}")
        return ()

    def fetched() -> Answer:
        run()
        cursor.execute(f"SELECT * FROM answer_{job.layer}")
        return tuple(np.array(column) for column in zip(*cursor.fetchall(), strict=True))

    run.checked = fetched  # type: ignore[attr-defined]
    return run


job_pid = [0]
"""The process whose time counts, if it is another than this."""


def spent() -> float:
    """CPU seconds of what does the work, all its threads."""
    if not job_pid[0]:
        return time.process_time()
    tasks = Path(f"/proc/{job_pid[0]}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _serve(pipe: Connection, peer: Callable[[Job], Run], job: Job) -> None:
    os.environ.update(OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")
    try:
        begun = time.process_time()
        run = peer(job)
        pipe.send(time.process_time() - begun)
        while (order := pipe.recv()) != "end":
            call = getattr(run, "checked", run) if order == "check" else run
            cpu, wall = spent(), time.perf_counter()
            answer = call()
            pipe.send((spent() - cpu, time.perf_counter() - wall, answer if order == "check" else None))
    except Exception:
        pipe.send(traceback.format_exc())
        raise


class Process:
    """A peer at work in its own process.

    Parameters
    ----------
    peer
        One of the functions above.
    job
        What it does.
    """

    def __init__(self, peer: Callable[[Job], Run], job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, peer, job), daemon=True)
        self._process.start()
        self.ready_s: float = self._answer()
        """CPU seconds to get ready: reading, converting, building an index."""

    def run(self, order: str = "run") -> tuple[float, float, Answer | None]:
        """CPU seconds, wall seconds and, for the order ``check``, the answer."""
        self._pipe.send(order)
        return self._answer()

    def end(self) -> None:
        """Let the process go."""
        self._pipe.send("end")
        self._process.join()

    def _answer(self) -> Any:
        answer = self._pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer
