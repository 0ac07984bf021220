"""Files with tracks in, as phones, watches and offices write them, and as nobody should."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gis_core.errors import InvalidInput, NotFound
from layers.track_files import read_track
from tests.town import CITY

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="watch" xmlns="http://www.topografix.com/GPX/1/1">
 <wpt lat="1" lon="2"><time>2026-06-30T00:00:00Z</time></wpt>
 <trk><name>早</name><trkseg>{points}</trkseg></trk></gpx>"""
POINT = '<trkpt lat="{lat}" lon="{lon}"><ele>3</ele><time>{time}</time><hdop>1.2</hdop></trkpt>'
NOON_S = dt.datetime(2026, 6, 30, 12, tzinfo=CITY.zone).timestamp()


def written(folder: Path, text: str, name: str = "a.gpx", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    return written(folder, text, "a.csv", encoding)


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


@pytest.mark.parametrize("version", ["1/1", "1/0"])
def test_the_points_of_gpx_tracks_are_read(version: str, tmp_path: Path) -> None:
    """Of both versions, without waypoints; a point without a time is refused with its number."""
    points = (
        "".join(
            POINT.format(lat=22.8, lon=f"108.3000{k}", time=time)
            for k, time in enumerate(
                ("2026-06-30T04:00:00Z", "2026-06-30T12:00:05+08:00", "soon", "2026-06-30T04:00:10.5")
            )
        )
        + '<trkpt lat="22.8" lon="east"><time>2026-06-30T04:00:00Z</time></trkpt>'
    )
    read = read_track(written(tmp_path, GPX.format(points=points).replace("1/1", version)), CITY.zone)
    assert read.points["t"].tolist() == [NOON_S, NOON_S + 5, NOON_S + 10.5]
    assert read.points["lon"].tolist() == [108.3, 108.30001, 108.30003] and read.points["row"].tolist() == [1, 2, 4]
    assert read.points["carrier"].tolist() == [None] * 3 and np.isnan(read.points["accuracy_m"]).all()
    assert read.rejects[["row", "reason"]].to_numpy().tolist() == [[3, "track_time"], [5, "track_place"]]
    assert read.read == 5


BOMB = '<!DOCTYPE gpx [<!ENTITY a "' + "x" * 50 + '"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, "<!DOCTYPE gpx>"])
def test_gpx_with_a_document_type_is_refused(head: str, tmp_path: Path) -> None:
    """It would name files of the server, or grow without end."""
    path = written(
        tmp_path, head + "<gpx><trk><trkseg><trkpt lat='1' lon='1'><time>&b;</time></trkpt></trkseg></trk></gpx>"
    )
    with pytest.raises(InvalidInput) as refused:
        read_track(path, CITY.zone)
    assert refused.value.key == "gpx_document_type"


@pytest.mark.parametrize("text", ["<gpx><trk>", "<gpx>" + "<a>" * 100, "<gpx>&nothing;</gpx>"])
def test_damaged_gpx_is_refused(text: str, tmp_path: Path) -> None:
    """In one line that names the file."""
    with pytest.raises(InvalidInput) as refused:
        read_track(written(tmp_path, text), CITY.zone)
    assert refused.value.key == "file_damaged"


@pytest.mark.parametrize(
    "head",
    ["time,lon,lat,accuracy_m,carrier", "定位时间,经度,纬度,定位精度,携带人", "Timestamp,LNG,Latitude,accuracy,user"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_tables_are_read_by_many_names(head: str, encoding: str, tmp_path: Path) -> None:
    """Times with an offset, city time, seconds and milliseconds since 1970 are all the same noon."""
    times = ["2026-06-30T04:00:00Z", "2026-06-30 12:00:00", f"{NOON_S:.0f}", f"{NOON_S:.1f}", f"{NOON_S * 1000:.0f}"]
    rows = [
        f"{time},108.3,22.8,{accuracy},lin" for time, accuracy in zip(times, ("8", "", "0", "-1", "x"), strict=True)
    ]
    read = read_track(table(tmp_path, "\n".join((head, *rows)), encoding), CITY.zone)
    assert read.points["t"].tolist() == [NOON_S] * 5 and set(read.points["carrier"]) == {"lin"}
    assert read.points["accuracy_m"].fillna(99).tolist() == [8, 99, 0, -1, 99]
    assert not len(read.rejects)


def test_rows_that_are_no_points_are_told(tmp_path: Path) -> None:
    """With their numbers; the others are read."""
    text = "time,lon,lat\n2026-06-30 12:00,108.3,22.8\nnever,108.3,22.8\n2026-06-30 12:00,,22.8\n2026-06-30 12:00,1\n"
    read = read_track(table(tmp_path, text), CITY.zone)
    assert len(read.points) == 1
    assert read.rejects[["row", "reason"]].to_numpy().tolist() == [
        [2, "track_time"], [3, "track_place"], [4, "row_cells"]
    ]  # fmt: skip


def test_a_table_without_times_is_refused(tmp_path: Path) -> None:
    """With what it has."""
    with pytest.raises(InvalidInput, match="lon, lat, when"):
        read_track(table(tmp_path, "lon,lat,when\n1,2,3\n"), CITY.zone)
    with pytest.raises(NotFound):
        read_track(tmp_path / "nothing.gpx", CITY.zone)


def test_geojson_has_points_and_lines_with_times(tmp_path: Path) -> None:
    """A line has a time for each of its points, or is refused as a whole."""
    lines = [[108.3, 22.8], [108.31, 22.8]]
    features = [
        feature("Point", lines[0], time="2026-06-30T12:00:00+08:00", accuracy_m=4, carrier="lin"),
        feature("LineString", lines, coordTimes=["2026-06-30T04:00:00Z", NOON_S + 5]),
        feature("LineString", [[*place, 7.5] for place in lines], times=["2026-06-30T04:00:10Z"] * 2),
        feature("MultiLineString", [lines, lines], coordTimes=[[NOON_S] * 2, [NOON_S + 9] * 2]),
        feature("LineString", lines, coordTimes=["2026-06-30T04:00:00Z"]),
        feature("LineString", lines),
        feature("Polygon", [[*lines, [108.3, 22.9], lines[0]]], time=NOON_S),
        {**feature("Point", lines[0], time=NOON_S), "geometry": None},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    read = read_track(written(tmp_path, text, "a.geojson"), CITY.zone)
    assert read.points["t"].sub(NOON_S).tolist() == [0, 0, 5, 10, 10, 0, 0, 9, 9]
    assert read.points["row"].tolist() == [1, 2, 2, 3, 3, 4, 4, 4, 4]
    assert read.points["carrier"].tolist()[:2] == ["lin", None] and read.points["accuracy_m"].iloc[0] == 4
    assert read.rejects["row"].tolist() == [5, 6, 7, 8] and set(read.rejects["reason"]) == {"track_place"}


def test_files_without_a_point_are_refused_or_empty(tmp_path: Path) -> None:
    """A collection without features, a table without rows."""
    with pytest.raises(InvalidInput):
        read_track(written(tmp_path, '{"type": "FeatureCollection", "features": []}', "a.geojson"), CITY.zone)
    assert read_track(table(tmp_path, "time,lon,lat\n"), CITY.zone).read == 0
    assert read_track(written(tmp_path, GPX.format(points="")), CITY.zone).read == 0
    with pytest.raises(InvalidInput, match="XML"):
        read_track(written(tmp_path, "<kml/>", "a.kml"), CITY.zone)


@pytest.mark.parametrize("name", ["a.gpx", "a.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_gpx_is_known_in_any_encoding_and_behind_a_long_comment(encoding: str, name: str, tmp_path: Path) -> None:
    """It would be said to be a file of another kind."""
    points = POINT.format(lat=22.8, lon=108.3, time="2026-07-01T00:00:00Z")
    said = GPX.format(points=points).replace("UTF-8", encoding).replace("<gpx", f"<!--{'x' * 5000}--><gpx", 1)
    assert len(read_track(written(tmp_path, said, name, encoding), CITY.zone).points) == 1
