"""When a compiled index is built: once it pays.

That is when the points asked for so far have cost about as much in the light index as building takes. Where there
are no index files, whoever asks for few never waits, nor loads the compiler; nobody spends more than twice the least.
Loading costs 0.3 s and polygons 1.9 µs a vertex, against 3.5 µs a point; lines 4 µs a vertex, against 25 µs a point;
what is within reach 0.3 µs a vertex, against 3 µs a point.
"""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

import shapely

from gis_core.arrays import Objects

POLYGONS_PAY = 85_000, 0.55
LINES_PAY = 12_000, 0.15
REACH_PAYS = 100_000, 0.1
"""Points from which building pays, and as many more for each vertex."""
AT_ONCE = 0, 0.0
"""The same for what is built at the first question."""

Index = TypeVar("Index")


class Pending(Generic[Index]):
    """A compiled index that is built once it pays.

    Parameters
    ----------
    build
        Builds it.
    pays
        One of the pairs above, whichever suits the shapes.
    shapes
        What it is built of.
    ready
        The index where it is already there.
    """

    def __init__(
        self, build: Callable[[], Index], pays: tuple[int, float], shapes: Objects, ready: Index | None = None
    ) -> None:
        self._build, self._ready, self._lock = build, ready, Lock()
        self._left = pays[0] + pays[1] * float(shapely.get_num_coordinates(shapes).sum())

    def after(self, points: int) -> Index | None:
        """The index, if it pays now that so many points more are asked for."""
        if self._ready is None:
            with self._lock:
                self._left -= points
                if self._ready is None and self._left <= 0:
                    self._ready = self._build()
        return self._ready
