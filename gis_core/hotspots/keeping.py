"""A forecast as it is kept until it can be scored: of each cell, which of the hottest shares of the ground it is in."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.arrays import Floats
from gis_core.hotspots.forecast import SHARES, scored
from gis_core.hotspots.surface import Canvas, Surface

OUTSIDE = 255


@dataclass(frozen=True, eq=False)
class Kept:
    """The hottest shares of a forecast.

    Parameters
    ----------
    surface
        Where each cell's ``density`` is how many of the shares choose it: that puts cells in the forecast's own order,
        as far as shares ask for it, so scores are those of the forecast itself, digit for digit.
    shares
        Rising.
    """

    surface: Surface
    shares: tuple[float, ...] = SHARES

    def scored(self, xy: Floats, day: Floats, number: Floats | None = None) -> pd.DataFrame:
        """Score it by the reports that came; see :func:`gis_core.hotspots.forecast.scored`."""
        return scored(self.surface, xy, day, self.shares, number=number)

    def document(self) -> dict[str, Any]:
        """What JSON can carry of it: some kilobytes of a large city."""
        canvas, density = self.surface.canvas, self.surface.density
        classes = np.where(canvas.inside, density, OUTSIDE).astype(np.uint8)
        packed = base64.b64encode(zlib.compress(classes.tobytes(), 9)).decode()
        rows, columns = classes.shape
        return {
            "west": canvas.west, "south": canvas.south, "cell_m": canvas.cell_m, "rows": rows, "columns": columns,
            "shares": list(self.shares), "classes": packed,
        }  # fmt: skip


def kept(surface: Surface, shares: tuple[float, ...] = SHARES) -> Kept:
    """What is to be kept of a forecast."""
    inside = surface.canvas.inside
    values = surface.density[inside]
    order = np.lexsort((np.arange(len(values)), -values))
    classes, size = np.zeros(len(values)), np.full(len(values), surface.canvas.cell_m**2 / 1e6)
    for share in shares:
        # As many as scores choose, by the same sums; the first alone may be more.
        upto = np.cumsum(size) <= share * size.sum() * (1 + 1e-9)
        upto[:1] = True
        classes[order[upto]] += 1
    density = np.zeros(inside.shape)
    density[inside] = classes
    return Kept(Surface(surface.canvas, density, surface.counted, surface.left_out), shares)


def read_kept(document: Mapping[str, Any]) -> Kept:
    """What :meth:`Kept.document` made a document of."""
    shape = document["rows"], document["columns"]
    packed = zlib.decompress(base64.b64decode(document["classes"]))
    classes = np.frombuffer(packed, np.uint8).reshape(shape)
    inside = classes != OUTSIDE
    canvas = Canvas(document["west"], document["south"], document["cell_m"], inside)
    density = np.where(inside, classes, 0).astype(np.float64)
    return Kept(Surface(canvas, density, 0, 0), tuple(document["shares"]))
