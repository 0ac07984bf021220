"""Mapbox Vector Tiles (version 2.1): shapes in degrees to the bytes of one layer of one tile."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counting
from itertools import islice
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_core.arrays import Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import compiled

Bytes = NDArray[np.uint8]
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
    # Of a zoom of millions nobody works out how many tiles it would have.
    last = 2 ** min(max(z, 0), DEEPEST) - 1
    for name, value, most in (("z", z, DEEPEST), ("x", x, last), ("y", y, last)):
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
    """One layer of a tile; what lies outside it or is narrower than a unit is left out.

    Parameters
    ----------
    shapes
        Of one kind or several: points, lines, polygons and their multi-parts, in EPSG:4326; ``None`` is left out.
    ids
        Of each feature, not negative.
    properties
        Text, whole numbers, numbers and truths by column; ``None`` is left out.

    Returns
    -------
    layer
        Empty when nothing of it lies in the tile. Features come by kind, points first, else as they were given.
    """
    row, kind, geometry = _drawn(shapes, (z, x, y))
    as_given = np.array_equal(row, np.arange(len(shapes)))
    said = {column: values if as_given else [values[one] for one in row] for column, values in properties.items()}
    return _layer(name, np.asarray(ids, dtype=np.int64)[row], said, kind, geometry)


def encode_points(
    name: str, whole: Ints, ids: Ints, properties: Mapping[str, Sequence[Any]], row: Ints | None = None
) -> bytes:
    """One layer of a tile, of points that are known by their whole units, shape (n, 2); else as :func:`encode`.

    Parameters
    ----------
    row
        Of the properties, for each point, where several points have the same; else each has its own.
    """
    ones = np.ones(len(whole), dtype=np.int64)
    geometry = _commands(whole, np.arange(len(whole)), ones, _POINT)
    return _layer(name, ids, properties, ones * _POINT, geometry, row)


def _layer(
    name: str, ids: Ints, properties: Mapping[str, Sequence[Any]], kind: Ints, geometry: "_Ragged",
    row: Ints | None = None,
) -> bytes:  # fmt: skip
    if not len(ids):
        return b""
    tags, values = _tags(properties, len(ids) if row is None else int(row.max()) + 1)
    tags = tags if row is None else tags.take(row)
    head = _field(0x0A, name.encode()) + b"\x78\x02" + b"\x28" + _varint(EXTENT)
    keys = b"".join([_field(0x1A, key.encode()) for key in properties])
    return _field(0x1A, b"".join((head, _features(ids, tags, kind, geometry), keys, values)))


@dataclass(frozen=True)
class _Ragged:
    """Whole numbers in rows of different lengths, one row after the other."""

    values: Ints
    count: Ints

    @property
    def first(self) -> Ints:
        """Where each row begins."""
        return np.cumsum(self.count) - self.count

    def take(self, rows: Ints) -> "_Ragged":
        """The rows in another order, or several times."""
        count = self.count[rows]
        begin = np.cumsum(count) - count
        return _Ragged(self.values[np.repeat(self.first[rows] - begin, count) + np.arange(count.sum())], count)


def _drawn(shapes: Objects, tile: tuple[int, int, int]) -> tuple[Ints, Ints, _Ragged]:
    """What of the shapes is in a tile: the row, kind and commands of each."""
    kinds = np.array([0, _POINT, _LINE, _POLYGON])[shapely.get_dimensions(shapes) + 1]
    rows, drawn = [], []
    for kind in np.unique(kinds[kinds > 0]).tolist():
        of_kind = np.flatnonzero(kinds == kind)
        whole, feature, count = (_points if kind == _POINT else _rings)(shapes[of_kind], kind, tile)
        there = np.unique(feature)
        rows.append(of_kind[there])
        drawn.append(_commands(whole, np.searchsorted(there, feature), count, kind))
    if not rows:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), _Ragged(*np.empty((2, 0), dtype=np.int64))
    row = np.concatenate(rows)
    values, count = (np.concatenate([getattr(one, name) for one in drawn]) for name in ("values", "count"))
    return row, kinds[row], _Ragged(values, count)


def _points(shapes: Objects, _: int, tile: tuple[int, int, int]) -> tuple[Ints, Ints, Ints]:
    """Of points in the tile and its margin: places on whole units, features, and the number of points of each."""
    lonlat, feature = shapely.get_coordinates(shapes, return_index=True)
    whole = np.rint(tile_units(lonlat, *tile)).astype(np.int64)
    inside = ((whole >= -BUFFER) & (whole <= EXTENT + BUFFER)).all(axis=1)
    there, count = np.unique(feature[inside], return_counts=True)
    return whole[inside], there, count


def _rings(shapes: Objects, kind: int, tile: tuple[int, int, int]) -> tuple[Ints, Ints, Ints]:
    """Of lines or polygons in the tile and its margin: corners on whole units, of each line or ring the feature and
    the number of corners, a ring's first corner once.
    """
    placed = shapely.transform(shapes, lambda lonlat: tile_units(lonlat, *tile))
    cut = shapely.clip_by_rect(placed, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    parts, feature = shapely.get_parts(_on_units(cut), return_index=True)
    if kind == _POLYGON:
        parts, ring = shapely.get_rings(shapely.orient_polygons(parts, exterior_cw=False), return_index=True)
        feature = feature[ring]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    whole = xy.astype(np.int64)
    moved = np.append(True, (part[1:] != part[:-1]) | (whole[1:] != whole[:-1]).any(axis=1))[: len(part)]
    whole, part = whole[moved], part[moved]
    if kind == _POLYGON:
        last = np.append(part[1:] != part[:-1], True)[: len(part)]
        whole, part = whole[~last], part[~last]
    count = np.bincount(part, minlength=len(parts))
    drawn = count > 0  # what has shrunk to nothing is still a part, without corners
    return whole[drawn[part]], feature[drawn], count[drawn]


def _on_units(shapes: Objects) -> Objects:
    """Shapes with corners on whole units, valid; what is narrower than a unit is empty."""
    rounded = shapely.transform(shapes, np.rint)
    # Rounding hardly ever makes a shape cross itself, and keeping it from that takes ten times as long as looking.
    crossed = ~shapely.is_valid(rounded) & ~shapely.is_missing(rounded)
    if crossed.any():
        sound = shapely.make_valid(shapes[crossed], method="structure", keep_collapsed=False)
        rounded[crossed] = shapely.set_precision(sound, 1)
    return rounded


def _commands(whole: Ints, feature: Ints, count: Ints, kind: int) -> _Ragged:
    """Commands of features of one kind.

    Parameters
    ----------
    whole
        Corners, shape (n, 2), part after part.
    feature, count
        Of each part.
    """
    first = np.cumsum(count) - count
    steps = np.diff(whole, axis=0, prepend=0)
    begins = first[np.diff(feature, prepend=-1) > 0]
    steps[begins] = whole[begins]
    zigzag = (steps << 1) ^ (steps >> 63)
    lengths = 2 * count + {_POINT: 1, _LINE: 2, _POLYGON: 3}[kind]
    written = _interleaved(zigzag, count, lengths, kind)
    return _Ragged(written, np.bincount(feature, weights=lengths).astype(np.int64))


def _interleaved(steps: Ints, count: Ints, lengths: Ints, kind: int) -> Ints:
    """Steps with the commands between them: move, draw, close."""
    begin, first = np.cumsum(lengths) - lengths, np.cumsum(count) - count
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


def _tags(properties: Mapping[str, Sequence[Any]], rows: int) -> tuple[_Ragged, bytes]:
    """The tags of each row, and the values they point to, each once. 1, 1.0 and true are not the same."""
    known = defaultdict[tuple[type, Any], int](counting().__next__)
    absent = known[type(None), None]
    tags = np.empty((rows, len(properties), 2), dtype=np.int64)
    for place, values in enumerate(properties.values()):
        tags[:, place, 0] = place
        tags[:, place, 1] = list(map(known.__getitem__, zip(map(type, values), values, strict=True)))
    there = tags[:, :, 1] != absent
    tags[:, :, 1] -= 1
    table = b"".join([_value(one) for _, one in islice(known, 1, None)])
    return _Ragged(tags[there].ravel(), 2 * there.sum(axis=1)), table


def _value(value: Any) -> bytes:
    """A value in the table of its layer."""
    if isinstance(value, str):
        text = value.encode()
        if len(text) < 0x7E:  # as nearly all are, and there are thousands
            return bytes((0x22, len(text) + 2, 0x0A, len(text))) + text
        content = _field(0x0A, text)
    elif isinstance(value, bool | np.bool_):
        content = b"\x38" + bytes((bool(value),))
    elif isinstance(value, int | np.integer):
        number = int(value)
        content = b"\x28" + _varint(number) if number >= 0 else b"\x30" + _varint((number << 1) ^ (number >> 63))
    else:
        content = b"\x19" + np.float64(value).tobytes()
    return _field(0x22, content)


def _field(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    return bytes((tag,)) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _features(ids: Ints, tags: _Ragged, kind: Ints, geometry: _Ragged) -> bytes:
    """The messages of all features."""
    lengths = [_lengths(part.values, part.first, part.count) for part in (tags, geometry)]
    rows = (ids, kind, tags.first, tags.count, lengths[0], geometry.first, geometry.count, lengths[1])
    return _written(np.column_stack(rows), tags.values, geometry.values).tobytes()


@compiled
def _size(number: int) -> int:
    """Bytes a whole number, not negative, takes as a varint: seven bits a byte, all but the last marked."""
    size = 1
    while number > 0x7F:
        number >>= 7
        size += 1
    return size


@compiled
def _lengths(values: Ints, first: Ints, count: Ints) -> Ints:
    """Bytes that the numbers of each row take."""
    lengths = np.zeros(len(first), np.int64)
    for row in range(len(first)):
        for place in range(first[row], first[row] + count[row]):
            lengths[row] += _size(values[place])
    return lengths


@compiled
def _put(data: Bytes, at: int, number: int) -> int:
    """Write a varint; where the next one begins."""
    while number > 0x7F:
        data[at] = number & 0x7F | 0x80
        number >>= 7
        at += 1
    data[at] = number
    return at + 1


@compiled
def _put_all(data: Bytes, at: int, mark: int, length: int, values: Ints) -> int:
    """Write a field of several varints."""
    at = _put(data, _put(data, at, mark), length)
    for value in values:
        at = _put(data, at, value)
    return at


@compiled
def _written(rows: Ints, tags: Ints, steps: Ints) -> Bytes:
    """Features one after the other: id and kind, and where in tags and steps theirs begin, how many they are and how
    many bytes they take.
    """
    sizes = np.empty(len(rows), np.int64)
    for row in range(len(rows)):
        tag_bytes, step_bytes = rows[row, 4], rows[row, 7]
        sizes[row] = 5 + _size(rows[row, 0]) + _size(tag_bytes) + tag_bytes + _size(step_bytes) + step_bytes
    whole = sizes.sum() + len(rows)
    for size in sizes:
        whole += _size(int(size))
    data, at = np.empty(whole, np.uint8), 0
    for row in range(len(rows)):
        number, kind, tag, tag_count, tag_bytes, step, step_count, step_bytes = rows[row]
        at = _put(data, _put(data, at, 0x12), sizes[row])
        at = _put(data, _put(data, at, 0x08), number)
        at = _put_all(data, at, 0x12, tag_bytes, tags[tag : tag + tag_count])
        at = _put(data, _put(data, at, 0x18), kind)
        at = _put_all(data, at, 0x22, step_bytes, steps[step : step + step_count])
    return data
