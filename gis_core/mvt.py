"""Mapbox Vector Tiles (version 2.1): shapes in degrees to the bytes of one layer of one tile."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_core.arrays import Floats, Ints, Objects
from gis_core.errors import InvalidInput

EXTENT, BUFFER = 4_096, 64
"""Units of a tile's side, and how far beyond it shapes are kept, so that outlines are not drawn at its edges."""
DEEPEST = 22
LIMIT_LAT = 85.0511287798066
"""Where the square of Web Mercator ends."""
_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE, _DRAW, _CLOSE = 1, 2, 15


def check_tile(z: int, x: int, y: int) -> None:
    """Refuse numbers that are no tile.

    Raises
    ------
    InvalidInput
        When the zoom or the place does not exist.
    """
    for name, value, most in (("z", z, DEEPEST), ("x", x, 2 ** max(z, 0) - 1), ("y", y, 2 ** max(z, 0) - 1)):
        if not 0 <= value <= most:
            raise InvalidInput("parameter_invalid", field=name, value=value, expected=f"0 – {most}")


def tile_box(z: int, x: int, y: int, margin: float = 0.0) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile in degrees, widened by a share of its side."""
    count = 2.0**z
    west, east = (x - margin) / count, (x + 1 + margin) / count
    north, south = (y - margin) / count, (y + 1 + margin) / count
    lats = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * np.array([south, north])))))
    return max(-180.0, west * 360 - 180), float(lats[0]), min(180.0, east * 360 - 180), float(lats[1])


def tile_units(lonlat: Floats, z: int, x: int, y: int) -> Floats:
    """Degrees, shape (n, 2), to units of a tile from its north-west corner, y downwards."""
    lat = np.radians(np.clip(lonlat[:, 1], -LIMIT_LAT, LIMIT_LAT))
    across = (lonlat[:, 0] + 180) / 360
    down = (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2
    return (np.column_stack([across, down]) * 2.0**z - (x, y)) * EXTENT


def encode(
    name: str, shapes: Objects, ids: Ints, properties: Mapping[str, Sequence[Any]], z: int, x: int, y: int
) -> bytes:
    """One layer of a tile; what lies outside it or is smaller than a unit is left out.

    Parameters
    ----------
    shapes
        Of one kind or several: points, lines, polygons and their multi-parts, in EPSG:4326.
    ids
        Of each feature, not negative.
    properties
        Text, whole numbers, numbers and truths by column; ``None`` is left out.

    Returns
    -------
    layer
        Empty when nothing of it lies in the tile.
    """
    placed = shapely.transform(shapes, lambda lonlat: tile_units(lonlat, z, x, y))
    clipped = _clipped(placed)
    kept = np.flatnonzero(~(shapely.is_missing(clipped) | shapely.is_empty(clipped)))
    if not len(kept):
        return b""
    said = {column: [values[row] for row in kept.tolist()] for column, values in properties.items()}
    tags, keys, values = _tags(said, len(kept))
    features = []
    geometries = _geometries(clipped[kept])
    for row, (kind, geometry), tag in zip(kept, geometries, tags, strict=True):
        message = b"\x08" + _varint(int(ids[row])) + _field(0x12, tag) + bytes((0x18, kind)) + _field(0x22, geometry)
        features.append(_field(0x12, message))
    head = _field(0x0A, name.encode()) + b"\x78\x02" + b"\x28" + _varint(EXTENT)
    body = head + b"".join(features) + b"".join(_field(0x1A, key.encode()) for key in keys) + b"".join(values)
    return _field(0x1A, body)


def _clipped(shapes: Objects) -> Objects:
    """Shapes within the tile and its margin, on whole units, valid, outer rings the way the format wants them."""
    found = shapes.copy()
    least, most = -BUFFER, EXTENT + BUFFER
    flat = shapely.get_dimensions(shapes) == 0
    if flat.any():
        points = np.floor(shapely.get_coordinates(shapes[flat]))
        inside = ((points >= least) & (points <= most)).all(axis=1)
        single = shapely.get_type_id(shapes[flat]) == 0
        if single.all():
            found[flat] = np.where(inside, shapely.points(points), None)
        else:
            found[flat] = shapely.set_precision(shapely.clip_by_rect(shapes[flat], least, least, most, most), 1)
    if not flat.all():
        cut = shapely.clip_by_rect(shapes[~flat], least, least, most, most)
        found[~flat] = shapely.orient_polygons(shapely.set_precision(cut, 1), exterior_cw=False)
    return found


def _geometries(shapes: Objects) -> list[tuple[int, bytes]]:
    """Kind and commands of each shape."""
    kinds = np.array([0, _POINT, _LINE, _POLYGON])[shapely.get_dimensions(shapes) + 1]
    encoded: list[tuple[int, bytes]] = [(0, b"")] * len(shapes)
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        for row, geometry in zip(rows, _commands(shapes[rows], int(kind)), strict=True):
            encoded[row] = (int(kind), geometry)
    return encoded


def _commands(shapes: Objects, kind: int) -> list[bytes]:
    """Commands of shapes of one kind, all computed at once."""
    parts, feature = shapely.get_parts(shapes, return_index=True)
    if kind == _POLYGON:
        parts, ring = shapely.get_rings(parts, return_index=True)
        feature = feature[ring]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    if kind == _POINT:
        # All points of a feature are one part.
        part = feature[part]
        feature = np.arange(len(shapes))
    elif kind == _POLYGON:
        last = np.append(part[1:] != part[:-1], True)
        xy, part = xy[~last], part[~last]
    whole = np.rint(xy).astype(np.int64)
    count = np.bincount(part, minlength=len(feature))
    first = np.cumsum(count) - count
    steps = np.diff(whole, axis=0, prepend=0)
    begins = first[np.append(True, feature[1:] != feature[:-1])]
    steps[begins] = whole[begins]
    zigzag = (steps << 1) ^ (steps >> 63)
    written = _interleaved(zigzag, count, first, kind)
    lengths = _lengths(count, kind)
    ends = np.cumsum(np.bincount(feature, weights=lengths, minlength=len(shapes)).astype(np.int64))
    data, offsets = _varints(written)
    cuts = np.append(0, offsets[ends])
    return [data[start:end].tobytes() for start, end in pairwise(cuts)]


def _lengths(count: Ints, kind: int) -> Ints:
    """How many whole numbers each part is written in."""
    return 2 * count + {_POINT: 1, _LINE: 2, _POLYGON: 3}[kind]


def _interleaved(steps: Ints, count: Ints, first: Ints, kind: int) -> Ints:
    """Steps with the commands between them: move, draw, close."""
    lengths = _lengths(count, kind)
    begin = np.cumsum(lengths) - lengths
    written = np.empty(int(lengths.sum()), dtype=np.int64)
    nth = np.arange(len(steps)) - np.repeat(first, count)
    # Before the first step stands one command, before all others of a line or ring a second one.
    place = np.repeat(begin, count) + 1 + 2 * nth + ((nth > 0) if kind != _POINT else 0)
    written[place], written[place + 1] = steps[:, 0], steps[:, 1]
    if kind == _POINT:
        written[begin] = (count << 3) | _MOVE
        return written
    written[begin] = (1 << 3) | _MOVE
    written[begin + 3] = ((count - 1) << 3) | _DRAW
    if kind == _POLYGON:
        written[begin + lengths - 1] = _CLOSE
    return written


def _varints(values: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Whole numbers, not negative, in seven bits a byte, and where each begins, with the end of the last."""
    size = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 64, 7):
        more = values >> bits > 0
        if not more.any():
            break
        size += more
    offsets = np.append(0, np.cumsum(size))
    data = np.empty(int(offsets[-1]), dtype=np.uint8)
    for nth in range(int(size.max(initial=0))):
        rows = np.flatnonzero(size > nth)
        byte = (values[rows] >> (7 * nth)) & 0x7F
        data[offsets[rows] + nth] = byte | np.where(size[rows] > nth + 1, 0x80, 0)
    return data, offsets


def _tags(properties: Mapping[str, Sequence[Any]], count: int) -> tuple[list[bytes], list[str], list[bytes]]:
    """The tags of each feature, and the keys and values they point to."""
    keys, known = list(properties), dict[tuple[type, Any], int]()
    pairs = np.full((count, len(keys), 2), -1, dtype=np.int64)
    for place, said in enumerate(properties.values()):
        pairs[:, place, 0] = place
        pairs[:, place, 1] = [
            -1 if one is None else known.setdefault((type(one), one), len(known)) for one in said
        ]  # fmt: skip
    there = pairs[:, :, 1] >= 0
    data, offsets = _varints(pairs[there].ravel())
    ends = offsets[2 * np.cumsum(there.sum(axis=1))]
    cuts = np.append(0, ends)
    tags = [data[start:end].tobytes() for start, end in pairwise(cuts)]
    return tags, keys, [_field(0x22, _value(one)) for _, one in known]


def _value(value: Any) -> bytes:
    if isinstance(value, bool | np.bool_):
        return b"\x38" + bytes((bool(value),))
    if isinstance(value, int | np.integer):
        number = int(value)
        return b"\x28" + _varint(number) if number >= 0 else b"\x30" + _varint((number << 1) ^ (number >> 63))
    if isinstance(value, float):
        return b"\x19" + np.float64(value).tobytes()
    return _field(0x0A, str(value).encode())


def _field(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
