"""Files with tracks in: GPX, GeoJSON and tables as points with their times."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats
from gis_core.errors import InvalidInput
from gis_core.issues import REJECT_COLUMNS
from layers.faults import Faults
from layers.formats import open_file
from layers.gpx import is_gpx, read_gpx
from layers.opened import Chunk
from layers.shaping import LAT_NAMES, LON_NAMES
from layers.values import Objects, instants, numbers, objects, texts

COLUMNS = ("row", "carrier", "t", "lon", "lat", "accuracy_m")
"""Number of the point in the file as people count, name of an account or ``None``, seconds since 1970, the position as
it is written, metres or NaN."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "carrier": ("carrier", "account", "user", "携带人", "账户", "账号"),
    "t": ("time", "t", "timestamp", "datetime", "gps_time", "utc", "时间", "定位时间", "采集时间"),
    "lon": LON_NAMES,
    "lat": LAT_NAMES,
    "accuracy_m": ("accuracy_m", "accuracy", "hacc", "precision", "精度", "定位精度"),
}
"""What columns may be called, whatever the case of letters; the first that is there counts."""
TIMES = ("coordTimes", "times", "coordinateTimes")
"""Property of a line that has the times of its points."""
CHUNK_ROWS = 50_000
_EPOCH_S = re.compile(r"\d{9,11}(\.\d+)?")


@dataclass(frozen=True, eq=False)
class TrackFile:
    """The points of a file, columns :data:`COLUMNS`, and the rows that are none, with their reasons, columns
    :data:`gis_core.issues.REJECT_COLUMNS`.
    """

    points: pd.DataFrame
    rejects: pd.DataFrame

    @property
    def read(self) -> int:
        """How many rows there were."""
        return len(self.points) + len(self.rejects)


def read_track(path: Path, zone: ZoneInfo) -> TrackFile:
    """The points of a GPX, GeoJSON, CSV, XLSX or Parquet file, known by its content.

    GeoJSON has points with a property ``time``, or lines with as many times as points in ``coordTimes`` or ``times``;
    tables have the columns :data:`NAMES`. Times are ISO 8601, city time where they name no offset (in GPX UTC), or
    seconds or milliseconds since 1970.

    Parameters
    ----------
    zone
        The city's.

    Raises
    ------
    NotFound, InvalidInput
        When there is no such file, it is of another kind or damaged, or has no positions or times.
    """
    if path.is_file() and is_gpx(path):
        return _of_gpx(path)
    parts = [_of_chunk(chunk, path, zone) for chunk in open_file(path).chunks(CHUNK_ROWS)]
    return TrackFile(
        pd.concat([part.points for part in parts], ignore_index=True),
        pd.concat([part.rejects for part in parts], ignore_index=True),
    )


def _of_gpx(path: Path) -> TrackFile:
    written = {name: texts(cells) for name, cells in read_gpx(path).items()}
    count = len(written["time"])
    lonlat = np.column_stack([numbers(written[name])[0] for name in ("lon", "lat")])
    nothing = np.full(count, None, dtype=object)
    return _judged(np.arange(1, count + 1), nothing, written["time"], lonlat, np.full(count, np.nan), ZoneInfo("UTC"))


def _of_chunk(chunk: Chunk, path: Path, zone: ZoneInfo) -> TrackFile:
    if chunk.shapes is not None:
        return _of_shapes(chunk, path, zone)
    columns = _columns(chunk.frame)
    for needed in ("lon", "lat", "t"):
        if needed not in columns:
            expected = ", ".join(map(str, chunk.frame))
            raise InvalidInput("track_column", file=path.name, value=" / ".join(NAMES[needed]), expected=expected)
    written = {name: texts(chunk.frame[column]) for name, column in columns.items()}
    lonlat = np.column_stack([numbers(written[name])[0] for name in ("lon", "lat")])
    return _judged(
        chunk.row, written.get("carrier", np.full(len(chunk.row), None, dtype=object)), written["t"], lonlat,
        _accuracy(written, len(chunk.row)), zone, chunk.faults,
    )  # fmt: skip


def _of_shapes(chunk: Chunk, path: Path, zone: ZoneInfo) -> TrackFile:
    """Points one by one, and lines as their points; a line without a time for each is one row without any."""
    columns = _columns(chunk.frame)
    known = [columns.get(name) for name in ("carrier", "t", "accuracy_m")]
    rows: list[tuple[int, Any, Any, float, float, Any]] = []
    for place, row in enumerate(chunk.frame.to_dict("records")):
        carrier, time, accuracy_m = (row.get(name) if name is not None else None for name in known)
        assert chunk.shapes is not None
        for lon, lat, when in _places(chunk.shapes[place], row, time):
            rows.append((int(chunk.row[place]), carrier, when, lon, lat, accuracy_m))
    if not rows:
        raise InvalidInput("track_file_empty", file=path.name)
    row_, carrier_, time_, lon_, lat_, accuracy_ = (list(column) for column in zip(*rows, strict=True))
    lonlat = np.column_stack([np.array(lon_, np.float64), np.array(lat_, np.float64)])
    accuracy = numbers(texts(accuracy_))[0]
    return _judged(np.array(row_, np.int64), texts(carrier_), texts(time_), lonlat, accuracy, zone)


def _places(shape: Any, row: Mapping[Any, Any], time: Any) -> Iterator[tuple[float, float, Any]]:
    """Positions of a feature with the time of each."""
    if shape is None or shape.is_empty or shape.geom_type not in ("Point", "LineString", "MultiLineString"):
        yield np.nan, np.nan, None
        return
    if shape.geom_type == "Point":
        yield shape.x, shape.y, time
        return
    listed = next((row[name] for name in TIMES if isinstance(row.get(name), list)), None)
    nested = listed is not None and all(isinstance(one, list) for one in listed)
    times = [one for part in listed for one in part] if listed is not None and nested else listed
    places = shapely.get_coordinates(shape).tolist()
    if times is None or len(times) != len(places):
        yield np.nan, np.nan, None
        return
    for (lon, lat), when in zip(places, times, strict=True):
        yield lon, lat, when


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Our names of columns to those of the file."""
    there = {str(name).strip().lower(): name for name in reversed(list(frame))}
    found = {ours: next((there[name] for name in names if name in there), None) for ours, names in NAMES.items()}
    return {ours: theirs for ours, theirs in found.items() if theirs is not None}


def _accuracy(written: Mapping[str, Objects], count: int) -> Floats:
    return numbers(written["accuracy_m"])[0] if "accuracy_m" in written else np.full(count, np.nan)


def _judged(
    row: "np.ndarray[Any, np.dtype[np.int64]]", carrier: Objects, time: Objects, lonlat: Floats, accuracy_m: Floats,
    zone: ZoneInfo, damaged: Mapping[int, tuple[str, dict[str, Any]]] | None = None,
) -> TrackFile:  # fmt: skip
    """Points with a time and a position, and why the others are none."""
    faults, t = Faults(len(row)), _seconds(time, zone)
    for place, (reason, params) in (damaged or {}).items():
        wrong = np.zeros(len(row), dtype=bool)
        wrong[place] = True
        faults.add(wrong, reason, **params)
    faults.add(~(np.isfinite(lonlat[:, 0]) & np.isfinite(lonlat[:, 1])), "track_place")
    faults.add(np.array([text is None or not text.strip() for text in time], dtype=bool), "track_timeless")
    faults.add(np.isnan(t), "track_time", field="time", value=time)
    columns = (row, carrier, t, lonlat[:, 0], lonlat[:, 1], accuracy_m)
    points = pd.DataFrame({name: pd.Series(one, dtype=one.dtype) for name, one in zip(COLUMNS, columns, strict=True)})
    rejects = faults.rejects(~faults.clear, row, carrier)
    return TrackFile(points[faults.clear].reset_index(drop=True), rejects[list(REJECT_COLUMNS)])


def _seconds(written: Objects, zone: ZoneInfo) -> Floats:
    """Seconds since 1970, NaN where there is no time."""
    epoch = np.array([text is not None and bool(_EPOCH_S.fullmatch(text)) for text in written], dtype=bool)
    others = objects(None if is_epoch else text for text, is_epoch in zip(written, epoch, strict=True))
    stamps, _ = instants(others, zone)
    t = np.where(stamps.isna(), np.nan, stamps.to_numpy("M8[us]").astype(np.int64) / 1e6)
    t[epoch] = numbers(written[epoch])[0]
    return t
