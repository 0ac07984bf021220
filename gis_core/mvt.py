"""Mapbox Vector Tiles (version 2.1): shapes in degrees to the bytes of one layer of one tile."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count as counting
from itertools import islice
from typing import Any

import numpy as np
import shapely

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


def encode_points(name: str, whole: Ints, ids: Ints, properties: Mapping[str, Sequence[Any]]) -> bytes:
    """One layer of a tile, of points that are known by their whole units, shape (n, 2); else as :func:`encode`."""
    rows = np.arange(len(whole))
    ones = np.ones(len(whole), dtype=np.int64)
    return _layer(name, ids, properties, ones * _POINT, _commands(whole, rows, ones, _POINT))


def _layer(name: str, ids: Ints, properties: Mapping[str, Sequence[Any]], kind: Ints, geometry: "_Ragged") -> bytes:
    if not len(ids):
        return b""
    tags, values = _tags(properties, len(ids))
    head = _field(0x0A, name.encode()) + b"\x78\x02" + b"\x28" + _varint(EXTENT)
    keys = b"".join([_field(0x1A, key.encode()) for key in properties])
    return _field(0x1A, b"".join((head, _features(ids, tags, kind, geometry), keys, values)))


@dataclass(frozen=True)
class _Ragged:
    """Whole numbers in rows of different lengths, one row after the other."""

    values: Ints
    count: Ints

    @classmethod
    def side_by_side(cls, *parts: "_Ragged") -> "_Ragged":
        """Rows of several joined, first with first, second with second."""
        count = np.sum([part.count for part in parts], axis=0)
        values = np.empty(int(count.sum()), dtype=np.int64)
        begin = np.cumsum(count) - count
        for part in parts:
            values[np.repeat(begin - part.first, part.count) + np.arange(len(part.values))] = part.values
            begin = begin + part.count
        return cls(values, count)

    @classmethod
    def column(cls, values: Ints | int, rows: int) -> "_Ragged":
        """One number a row."""
        return cls(np.broadcast_to(np.asarray(values, dtype=np.int64), rows), np.ones(rows, dtype=np.int64))

    @property
    def first(self) -> Ints:
        """Where each row begins."""
        return np.cumsum(self.count) - self.count

    def measured(self) -> "_Ragged":
        """With the bytes each row takes as varints before it, as the format wants of whatever it wraps."""
        ends = np.append(0, np.cumsum(_sizes(self.values)))
        lengths = ends[self.first + self.count] - ends[self.first]
        return _Ragged.side_by_side(_Ragged.column(lengths, len(lengths)), self)


def _features(ids: Ints, tags: _Ragged, kind: Ints, geometry: _Ragged) -> bytes:
    """The messages of all features. All they consist of, lengths included, are varints, so they are written at once."""
    fixed = partial(_Ragged.column, rows=len(ids))
    parts = (fixed(0x08), fixed(ids), fixed(0x12), tags.measured(), fixed(0x18), fixed(kind), fixed(0x22))
    message = _Ragged.side_by_side(*parts, geometry.measured())
    return _varints(_Ragged.side_by_side(fixed(0x12), message.measured()).values)


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
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), _Ragged.column(0, 0)
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
    """The tags of each feature, and the values they point to, each once. 1, 1.0 and true are not the same."""
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
        content = _field(0x0A, value.encode())
    elif isinstance(value, bool | np.bool_):
        content = b"\x38" + bytes((bool(value),))
    elif isinstance(value, int | np.integer):
        number = int(value)
        content = b"\x28" + _varint(number) if number >= 0 else b"\x30" + _varint((number << 1) ^ (number >> 63))
    else:
        content = b"\x19" + np.float64(value).tobytes()
    return _field(0x22, content)


def _sizes(values: Ints) -> Ints:
    """How many bytes whole numbers take as varints."""
    size = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 64, 7):
        more = values >> bits > 0
        if not more.any():
            break
        size += more
    return size


def _varints(values: Ints) -> bytes:
    """Whole numbers, not negative, in seven bits a byte, all but the last of each number marked."""
    size = _sizes(values)
    data = np.empty(int(size.sum()), dtype=np.uint8)
    left, place = values, np.cumsum(size) - size
    while len(left):
        more = left > 0x7F
        data[place] = (left & 0x7F) | (more << 7)
        left, place = left[more] >> 7, place[more] + 1
    return data.tobytes()


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
