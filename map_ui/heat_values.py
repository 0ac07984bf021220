"""Heat as a small picture of values that a page colours itself, so that it can also say what a place's value is."""

import base64
import io
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, map_coordinates

from gis_core.arrays import Floats
from gis_core.crs import to_lonlat, to_metres
from gis_core.hotspots.surface import Canvas, Surface
from map_ui.draw import DEGREE_DECIMALS, Json

MOST_PIXELS = 260
"""Of the longer side: heat is smooth, and a page draws it larger."""
BEYOND = 2
"""Cells beyond the territory that have the value of the nearest in it: the page cuts the picture along the border."""
LEVELS = 254
"""Values of a pixel from the bottom to the top of the scale are 1 to 255; 0 is far outside the territory."""


def scale_of(breaks: Sequence[float], peak: float) -> list[float]:
    """Ends of the bands of a scale: 0, the breaks, and a top that is above all of them.

    Within a band a pixel's value grows evenly, so that small and large densities are told alike well.
    """
    if not breaks:
        return []
    return [0.0, *breaks, float(f"{max(peak, 1.2 * breaks[-1]):.3g}")]


def picture(surface: Surface, scale: Sequence[float], srid: int) -> Json:
    """Heat on the map: a grey PNG of positions on the scale as an address of its own content, and its bounds.

    Columns are even in longitude and rows even on a web map, as the map stretches them.

    Parameters
    ----------
    scale
        Ends of bands, see :func:`scale_of`.
    srid
        Of the metric CRS of the surface.
    """
    return painter(surface.canvas, scale, srid)(surface.density)


def painter(canvas: Canvas, scale: Sequence[float], srid: int) -> Callable[[Floats], Json]:
    """Makes the :func:`picture` of each density on a canvas: where its pixels lie is worked out once for all."""
    bounds, lonlat = _pixels(canvas, srid)
    column, row = canvas.places(to_metres(lonlat.reshape(-1, 2), srid))
    at = np.stack([row, column])
    away, nearest = distance_transform_edt(~canvas.inside, return_indices=True)
    inside = map_coordinates((away <= BEYOND).astype(np.uint8), at, order=0, mode="nearest") > 0
    bands = len(scale) - 1

    def painted(density: Floats) -> Json:
        seen = map_coordinates(density[tuple(nearest)], at, order=1, mode="nearest")
        place = np.interp(seen, scale, np.arange(bands + 1)) / bands
        grey = np.where(inside, 1 + np.rint(place * LEVELS), 0).astype(np.uint8)
        return {"png": _png(grey.reshape(lonlat.shape[:2])), "bounds": bounds}

    return painted


def _pixels(canvas: Canvas, srid: int) -> tuple[list[list[float]], Floats]:
    """South-west and north-east corner, and longitude and latitude of each pixel, the northernmost row first."""
    rows, columns = canvas.inside.shape
    x = canvas.west + canvas.cell_m * np.array([-BEYOND, columns / 2, columns + BEYOND])
    y = canvas.south + canvas.cell_m * np.array([-BEYOND, rows / 2, rows + BEYOND])
    rim = to_lonlat(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), srid)
    (west, south), (east, north) = (
        np.round(rim.min(axis=0), DEGREE_DECIMALS),
        np.round(rim.max(axis=0), DEGREE_DECIMALS),
    )
    shrink = min(1.0, MOST_PIXELS / max(rows, columns))
    wide, high = max(int(columns * shrink), 1), max(int(rows * shrink), 1)
    lon = west + (np.arange(wide) + 0.5) / wide * (east - west)
    top, bottom = (np.arcsinh(np.tan(np.radians(lat))) for lat in (north, south))
    lat = np.degrees(np.arctan(np.sinh(top + (np.arange(high) + 0.5) / high * (bottom - top))))
    corners = [[float(south), float(west)], [float(north), float(east)]]
    return corners, np.stack(np.meshgrid(lon, lat), axis=-1)


def _png(grey: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
