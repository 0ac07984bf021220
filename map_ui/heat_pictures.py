"""Pictures of hot spots: PNG on a transparent ground, in the colours of the pages."""

import io
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import map_coordinates

from gis_core.arrays import Floats, Objects
from gis_core.crs import to_lonlat, to_metres
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.surface import Surface
from gis_core.mvt import EXTENT, tile_units
from map_ui.hotspot_colours import HATCHED, colour_of, opacity_of, ramp

TILE_PX, MOST_PX, MOST_PIXELS = 256, 4_096, 4_096 * 1_024
"""Sides of a tile and at most of a picture, and the pixels of a picture at most."""
STRIP_PX = 128
"""Rows of pixels that are worked out at once."""
EDGE_POINTS = 33
"""Places by which the side of a canvas is followed, which is no straight line of degrees."""
FAR_M = 1e9
"""Where places are taken to be that the metric CRS does not reach: outside of everything."""
FINER = 2
"""So many times finer is drawn what is then made smaller, so that edges are smooth."""
LINE_PX, OUTLINE_PX, HATCH_PX = 3, 1, 8
"""Widths of lines and outlines, and how far the lines of hatching are apart, in pixels of the picture."""
KNOTS_PX = 32
"""Every so many pixels a place is projected; those between are interpolated, to a fraction of a metre."""
COARSE_PIXEL = 1 / 40_000
"""Pixels of about a kilometre, as a share of the world: knots are closer, or lines between them would be no lines."""
MARGIN_PX = 8
NARROWEST = 0.25
HALF_INSIDE = 0.5
Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]


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

    def part(self, left: int, top: int, right: int, bottom: int) -> "Frame":
        """Some of its pixels."""
        west, north = self.west + left * self.pixel, self.north + top * self.pixel
        return Frame(west, north, self.pixel, right - left, bottom - top)

    def around(self, box: Box) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom of the pixels in which a box of degrees is seen; ``None`` where it is not."""
        corners = self.pixels(np.array([[box[0], box[3]], [box[2], box[1]]]))
        (left, top), (right, bottom) = np.floor(corners[0] - MARGIN_PX), np.ceil(corners[1] + MARGIN_PX)
        # Whole knots, so that hatching and interpolation are those of the whole frame.
        left, top = (max(one // KNOTS_PX * KNOTS_PX, 0.0) for one in (left, top))
        right, bottom = min(right, self.width), min(bottom, self.height)
        return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None


def tile_frame(z: int, x: int, y: int) -> Frame:
    """A tile of 256 pixels."""
    side = 2.0**-z
    return Frame(x * side, y * side, side / TILE_PX, TILE_PX, TILE_PX)


def box_frame(box: Box, width: int) -> Frame:
    """A box of degrees, so many pixels wide, as high as it is on a map.

    Raises
    ------
    InvalidInput
        When the picture would be too large, or the box has no inside or is too narrow for any picture.
    """
    corners = tile_units(np.array([[box[0], box[3]], [box[2], box[1]]]), 0, 0, 0) / EXTENT
    (west, north), (across, down) = corners[0], corners[1] - corners[0]
    if not (across > 0 and down > 0 and down / across <= MOST_PX):
        written, expected = (
            ",".join(f"{degrees:g}" for degrees in box),
            f"0 < north - south ≤ {MOST_PX} × (east - west)",
        )
        raise InvalidInput("parameter_invalid", field="bbox", value=written, expected=expected)
    if not 1 <= width <= MOST_PX:
        raise InvalidInput("parameter_invalid", field="width", value=width, expected=f"1 – {MOST_PX}")
    height = max(round(width * down / across), 1)
    if height > MOST_PX or width * height > MOST_PIXELS:
        most = int(min(MOST_PX * across / down, np.sqrt(MOST_PIXELS * across / down)))
        raise InvalidInput("parameter_invalid", field="width", value=width, expected=f"1 – {most}")
    return Frame(west, north, across / width, width, height)


def extent_of(answer: Answer, srid: int) -> Box | None:
    """Where the whole answer is, degrees: of heat its canvas, of others their features, with room around what is all in
    one line; ``None`` where it is nothing.

    Parameters
    ----------
    srid
        Of the metric CRS that the surface is in.
    """
    if answer.surface is not None:
        canvas, along = answer.surface.canvas, np.linspace(0.0, 1.0, EDGE_POINTS)
        rows, columns = canvas.inside.shape
        none, all_of = np.zeros(EDGE_POINTS), np.ones(EDGE_POINTS)
        sides = [np.column_stack(one) for one in ((along, none), (along, all_of), (none, along), (all_of, along))]
        metres = (canvas.west, canvas.south) + np.concatenate(sides) * (columns, rows) * canvas.cell_m
        lonlat = to_lonlat(metres, srid)
        (west, south), (east, north) = lonlat.min(axis=0).tolist(), lonlat.max(axis=0).tolist()
    elif len(answer.features):
        west, south, east, north = _roomy(*answer.features.total_bounds.tolist())
    else:
        return None
    return west, south, east, north


def _roomy(west: float, south: float, east: float, north: float) -> Box:
    """A box that is at least :data:`NARROWEST` as wide as high, and as high as wide: one street is no picture."""
    least = max(max(east - west, north - south) * NARROWEST, 10.0**-4)
    x, y = max((least - (east - west)) / 2, 0.0), max((least - (north - south)) / 2, 0.0)
    return west - x, south - y, east + x, north + y


def picture(method: str, answer: Answer, srid: int, frame: Frame) -> bytes:
    """An answer as PNG; empty where nothing of it is in the frame.

    Parameters
    ----------
    srid
        Of the metric CRS that the surface is in.
    """
    extent = extent_of(answer, srid)
    seen = None if extent is None else frame.around(extent)
    if seen is None:
        return b""
    # Only pixels in which the answer can be are worked out: a box may be the world.
    breaks, within = answer.facts.get("breaks") or (), frame.part(*seen)
    if answer.surface is not None:
        strips = [within.part(0, top, within.width, min(top + STRIP_PX, within.height))
                  for top in range(0, within.height, STRIP_PX)]  # fmt: skip
        heat = [_heat(answer.surface, srid, breaks, opacity_of(method), strip) for strip in strips]
        part = Image.fromarray(np.concatenate(heat))
    else:
        part = _shapes(method, answer, breaks, within)
    if part.getchannel("A").getbbox() is None:
        return b""
    image = Image.new("RGBA", (frame.width, frame.height))
    image.paste(part, seen[:2])
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
    apart = KNOTS_PX if frame.pixel < COARSE_PIXEL else KNOTS_PX // 8
    ends = [np.linspace(0.0, size, max(size // apart, 1) + 1) for size in (frame.width, frame.height)]
    across, down = (
        np.stack([np.interp(np.arange(size) + 0.5, knots, one) for one in np.eye(len(knots))], axis=1)
        for size, knots in zip((frame.width, frame.height), ends, strict=True)
    )
    xy = np.stack(np.meshgrid(*ends), axis=-1).reshape(-1, 2)
    known = to_metres(frame.degrees(xy), srid).reshape(len(ends[1]), len(ends[0]), 2)
    known = np.where(np.isfinite(known).all(axis=2, keepdims=True), known, FAR_M)
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
