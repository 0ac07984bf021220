"""Pictures of hot spots: PNG on a transparent ground, in the colours of the pages."""

import io
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import map_coordinates

from gis_core.arrays import Floats, Objects
from gis_core.crs import to_metres
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.surface import Surface
from gis_core.mvt import EXTENT, tile_units
from map_ui.hotspot_colours import HATCHED, colour_of, opacity_of, ramp

TILE_PX, MOST_PX = 256, 4_096
FINER = 2
"""So many times finer is drawn what is then made smaller, so that edges are smooth."""
LINE_PX, OUTLINE_PX, HATCH_PX = 3, 1, 8
"""Widths of lines and outlines, and how far the lines of hatching are apart, in pixels of the picture."""
KNOTS_PX = 32
"""Every so many pixels a place is projected; those between are interpolated, to a fraction of a metre."""
MARGIN_PX = 8
HALF_INSIDE = 0.5
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """What a picture shows, in Web Mercator.

    Parameters
    ----------
    west, north
        Its corner, as shares of the world's side from 180° west and from the north.
    pixel
        Side of a pixel as such a share.
    width, height
        Pixels.
    """

    west: float
    north: float
    pixel: float
    width: int
    height: int

    def pixels(self, lonlat: Floats) -> Floats:
        """Degrees, shape (n, 2), to pixels from the north-west corner, y downwards."""
        return (tile_units(lonlat, 0, 0, 0) / EXTENT - (self.west, self.north)) / self.pixel

    def degrees(self, xy: Floats) -> Floats:
        """Pixels, shape (n, 2), to degrees."""
        world = xy * self.pixel + (self.west, self.north)
        lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * world[:, 1]))))
        return np.column_stack([world[:, 0] * 360 - 180, lat])


def tile_frame(z: int, x: int, y: int) -> Frame:
    """A tile of 256 pixels."""
    side = 2.0**-z
    return Frame(x * side, y * side, side / TILE_PX, TILE_PX, TILE_PX)


def box_frame(box: tuple[float, float, float, float], width: int) -> Frame:
    """A box of degrees, so many pixels wide, as high as it is on a map.

    Raises
    ------
    InvalidInput
        When the picture would be too large, or has no inside.
    """
    corners = tile_units(np.array([[box[0], box[3]], [box[2], box[1]]]), 0, 0, 0) / EXTENT
    (west, north), (across, down) = corners[0], corners[1] - corners[0]
    if not (1 <= width <= MOST_PX and across > 0 and down > 0):
        raise InvalidInput("parameter_invalid", field="width", value=width, expected=f"1 – {MOST_PX}")
    height = max(round(width * down / across), 1)
    if height > MOST_PX:
        raise InvalidInput(
            "parameter_invalid", field="width", value=width, expected=f"1 – {int(MOST_PX * across / down)}"
        )
    return Frame(west, north, across / width, width, height)


def picture(method: str, answer: Answer, srid: int, frame: Frame) -> bytes:
    """An answer as PNG; empty where nothing of it is in the frame.

    Parameters
    ----------
    srid
        Of the metric CRS that the surface is in.
    """
    breaks = answer.facts.get("breaks") or ()
    if answer.surface is not None:
        pixels = _heat(answer.surface, srid, breaks, opacity_of(method), frame)
        image = Image.fromarray(pixels)
    else:
        image = _shapes(method, answer, breaks, frame)
    if image.getchannel("A").getbbox() is None:
        return b""
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=3)
    return written.getvalue()


def _heat(surface: Surface, srid: int, breaks: tuple[float, ...], opacity: float, frame: Frame) -> Pixels:
    """The classes of a surface by pixel."""
    column, row = surface.canvas.places(_metres(frame, srid))
    inside = surface.canvas.inside.astype(np.float64)
    heat, share = (
        map_coordinates(one, [row, column], order=1, mode="grid-constant") for one in (surface.density, inside)
    )
    # Heat is that of the cells inside: the nothing beyond the border would draw a cooler rim along it.
    density = np.divide(heat, share, out=np.zeros(len(row)), where=share >= HALF_INSIDE)
    density = density.reshape(frame.height, frame.width)
    colours = np.zeros((len(breaks) + 1, 4), np.uint8)
    for nth, colour in enumerate(ramp(len(breaks)), 1):
        colours[nth] = (*_rgb(colour), round(255 * opacity))
    found: Pixels = colours[np.searchsorted(np.asarray(breaks), density, side="right")]
    return found


def _metres(frame: Frame, srid: int) -> Floats:
    """Where the middle of each pixel lies, row by row, metric CRS."""
    ends = [np.linspace(0.0, size, max(size // KNOTS_PX, 1) + 1) for size in (frame.width, frame.height)]
    across, down = (
        np.stack([np.interp(np.arange(size) + 0.5, knots, one) for one in np.eye(len(knots))], axis=1)
        for size, knots in zip((frame.width, frame.height), ends, strict=True)
    )
    xy = np.stack(np.meshgrid(*ends), axis=-1).reshape(-1, 2)
    known = to_metres(frame.degrees(xy), srid).reshape(len(ends[1]), len(ends[0]), 2)
    return np.stack([(down @ known[:, :, axis] @ across.T).ravel() for axis in (0, 1)], axis=1)


def _shapes(method: str, answer: Answer, breaks: tuple[float, ...], frame: Frame) -> Image.Image:
    """Lines and areas, drawn finer and made smaller."""
    size = frame.width * FINER, frame.height * FINER
    image = Image.new("RGBA", size)
    rows = answer.features.drop(columns="geometry").to_dict("records")
    shapes = _placed(answer.features.geometry.to_numpy(object), frame)
    pen = ImageDraw.Draw(image)
    for row, shape in zip(rows, shapes, strict=True):
        colour = colour_of(method, row, breaks)
        if colour is None or shape is None or shape.is_empty:
            continue
        full, fill = (*_rgb(colour), 255), (*_rgb(colour), round(255 * opacity_of(method)))
        for part in shapely.get_parts(shape):
            if part.geom_type == "LineString":
                pen.line(_flat(part), fill, LINE_PX * FINER, joint="curve")
            elif part.geom_type == "Polygon":
                _area(image, pen, part, fill, hatched=row.get("class") in HATCHED)
                pen.line(_flat(part.exterior), full, OUTLINE_PX * FINER)
    # Smaller with weighed colours, or every edge would be darkened by the nothing beside it.
    return image.convert("RGBa").resize((frame.width, frame.height), Image.Resampling.BOX).convert("RGBA")


def _placed(shapes: Objects, frame: Frame) -> Objects:
    """Shapes of degrees in pixels of the finer picture, cut at its margin."""
    placed = shapely.transform(shapes, lambda lonlat: frame.pixels(lonlat) * FINER)
    margin, (right, bottom) = MARGIN_PX * FINER, (frame.width * FINER, frame.height * FINER)
    found: Objects = shapely.clip_by_rect(placed, -margin, -margin, right + margin, bottom + margin)
    return found


def _area(
    image: Image.Image, pen: ImageDraw.ImageDraw, area: shapely.Polygon, fill: tuple[int, ...], *, hatched: bool
) -> None:
    """Fill an area but its holes, or draw lines across it."""
    if not (area.interiors or hatched):
        pen.polygon(_flat(area.exterior), fill)
        return
    left, top, right, bottom = (int(np.floor(one)) for one in area.bounds)
    mask = Image.new("L", (right - left + 2, bottom - top + 2))
    cutter = ImageDraw.Draw(mask)
    for ring, within in ((area.exterior, 255), *((hole, 0) for hole in area.interiors)):
        cutter.polygon([(x - left, y - top) for x, y in ring.coords], within)
    if hatched:
        row, column = np.indices((mask.height, mask.width))
        lines = (row + top + column + left) % (HATCH_PX * FINER) < FINER * 2
        mask = Image.fromarray(np.where(lines, np.asarray(mask), 0).astype(np.uint8))
    image.paste(fill, (left, top), mask)


def _flat(line: shapely.LineString) -> list[tuple[float, float]]:
    return [(x, y) for x, y in shapely.get_coordinates(line).tolist()]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
