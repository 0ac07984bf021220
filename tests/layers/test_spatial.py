"""Functions of PostGIS on SQLite."""

import subprocess
import sys

TOGETHER = """
import sqlite3, threading
import numpy as np, shapely
from layers.spatial import register

draw = np.random.default_rng(1)
shapes = [*shapely.points(draw.uniform(-1, 1, (40, 2))), *shapely.linestrings(draw.uniform(-1, 1, (10, 3, 2)))]
turn = np.linspace(0, 2 * np.pi, 2_000)

def opened():
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    register(connection)
    connection.execute("CREATE TABLE shape (geom BLOB)")
    connection.executemany("INSERT INTO shape VALUES (?)", [(shapely.to_wkb(shape),) for shape in shapes])
    return connection

def ask(connection, area, answers, begin):
    begin.wait()
    answers.append(connection.execute("SELECT sum(ST_Intersects(geom, ?)) FROM shape", (area,)).fetchone()[0])

connections = [opened() for _ in range(4)]
for turns in range(150):
    area = shapely.Polygon(np.column_stack([np.cos(turn), np.sin(turn) * (1 + 0.2 * np.sin(40 * turn + turns))]))
    answers, begin = [], threading.Barrier(4)
    threads = [
        threading.Thread(target=ask, args=(one, shapely.to_wkb(area), answers, begin)) for one in connections
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [int(shapely.intersects(area, shapes).sum())] * 4, answers
print("done")
"""


def test_threads_ask_about_the_same_area_at_the_same_time() -> None:
    """Two requests with one filter, or two readers of one area, would end the server: GEOS prepares as it is asked."""
    ended = subprocess.run([sys.executable, "-c", TOGETHER], capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr[-400:]
