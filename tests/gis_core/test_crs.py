"""Coordinate systems: our own conversions against published places, and refusals."""

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from gis_core.arrays import Floats
from gis_core.crs import (
    check_datum,
    gcj02_to_bd09,
    is_metric,
    project,
    readable,
    shapes_to_wgs84,
    suggest,
    to_lonlat,
    to_metres,
    to_wgs84,
    wgs84_to_gcj02,
)
from gis_core.errors import InvalidInput
from tests.project import ROOT

VECTORS = ROOT / "data" / "reference" / "coord_test_vectors.csv"
PRINTED_DEG = 1e-10
"""The published places are printed with so many digits."""


def vectors(path: Path, *systems: str) -> list[Floats]:
    """Places in several systems, without London: libraries exempt it by its place, we by what is declared."""
    with path.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if not row["name"].startswith("London")]
    return [
        np.array([[float(row[f"{system}_{axis}"]) for axis in ("lon", "lat")] for row in rows]) for system in systems
    ]


def test_published_places_are_met() -> None:
    wgs84, gcj02, bd09 = vectors(VECTORS, "wgs84", "gcj02", "bd09")
    assert len(wgs84) >= 12
    np.testing.assert_allclose(wgs84_to_gcj02(wgs84), gcj02, rtol=0, atol=PRINTED_DEG)
    np.testing.assert_allclose(gcj02_to_bd09(gcj02), bd09, rtol=0, atol=PRINTED_DEG)
    np.testing.assert_allclose(to_wgs84(gcj02, "gcj02"), wgs84, rtol=0, atol=PRINTED_DEG)
    np.testing.assert_allclose(to_wgs84(bd09, "bd09"), wgs84, rtol=0, atol=PRINTED_DEG)


@given(st.lists(st.tuples(st.floats(73, 135), st.floats(3, 54)), min_size=1, max_size=50))
def test_there_and_back_is_within_a_micrometre(places: list[tuple[float, float]]) -> None:
    lonlat = np.array(places)
    for back in (
        to_wgs84(wgs84_to_gcj02(lonlat), "gcj02"),
        to_wgs84(gcj02_to_bd09(wgs84_to_gcj02(lonlat)), "bd09"),
        to_lonlat(to_metres(lonlat, 4545), 4545) if (np.abs(lonlat[:, 0] - 108) < 3).all() else lonlat,
    ):
        _, _, away_m = Geod(ellps="WGS84").inv(*lonlat.T, *back.T)
        assert np.max(away_m) <= 1e-6


def test_metres_are_east_before_north() -> None:
    east, north = to_metres(np.array([[108.3665, 22.8170]]), 4545)[0]
    assert (east, north) == pytest.approx((537625.151, 2524318.324), abs=1e-3)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "EPSG:4545", "wgs84"])
def test_what_is_no_number_stays_none(datum: str) -> None:
    strange = np.array([[np.nan, 22.0], [108.0, np.nan], [np.inf, 0.0]])
    assert not np.isfinite(to_wgs84(strange, datum)).all(axis=1).any()
    assert to_wgs84(np.empty((0, 2)), datum).shape == (0, 2)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("wgs84", "wgs84"), (" GCJ02 ", "gcj02"), ("BD09", "bd09"), ("CGCS2000", "cgcs2000"), ("epsg:4545", "EPSG:4545"),
     ("EPSG:4326", "wgs84"), ("EPSG:4490", "cgcs2000"), ("EPSG:04545", "EPSG:4545")],
)  # fmt: skip
def test_a_datum_has_one_spelling(written: str, meant: str) -> None:
    assert check_datum(written) == meant


@pytest.mark.parametrize(
    "written", ["", "mars", "4545", "EPSG:", "EPSG:x", "EPSG:1", "EPSG:5773", "EPSG:4978", "EPSG:4979", "EPSG:99999999"]
)
def test_what_is_no_horizontal_system_is_refused(written: str) -> None:
    """5773 measures heights, 4978 is geocentric, 4979 has three axes."""
    with pytest.raises(InvalidInput) as refused:
        check_datum(written)
    assert refused.value.key == "datum_unknown"
    assert repr(written) in refused.value.text("en") and repr(written) in refused.value.text("zh")


def test_the_metric_system_measures_metres() -> None:
    assert [is_metric(srid) for srid in (4545, 26985, 3826)] == [True] * 3
    assert [is_metric(srid) for srid in (4326, 3857, 2248, 4978, 1, 0)] == [False] * 6


def test_cgcs2000_is_taken_as_it_is() -> None:
    place = np.array([[108.3, 22.8]])
    assert (to_wgs84(place, "cgcs2000") == place).all() and (to_wgs84(place, "EPSG:4490") == place).all()


def test_shapes_keep_their_place_and_their_gaps() -> None:
    shapes = np.array([shapely.Point(108.3, 22.8), None, shapely.box(108.3, 22.8, 108.4, 22.9)], dtype=object)
    metric = project(shapes, 4545)
    assert metric[1] is None
    back = shapely.transform(metric[[0, 2]], lambda xy: to_lonlat(xy, 4545))
    assert shapely.equals_exact(back, shapes[[0, 2]], 1e-9).all()
    assert len(project(np.empty(0, dtype=object), 4545)) == 0
    shifted = shapely.transform(shapes[[0, 2]], wgs84_to_gcj02)
    assert shapely.equals_exact(shapes_to_wgs84(shifted, "GCJ02"), shapes[[0, 2]], 1e-10).all()


def test_degrees_are_known_from_other_numbers() -> None:
    pairs = np.array([[180, 90], [-180, -90], [181, 0], [22.8, 108.3], [np.nan, 1], [np.inf, 1], [537625.1, 2524318.3]])
    assert readable(pairs).tolist() == [True, True, False, False, False, False, False]


def test_the_reading_that_fits_is_suggested() -> None:
    """Only one that puts the point inside; what cannot be degrees is never asked about."""
    home = np.array([[108.3, 22.8]])

    def inside(lonlat: Floats) -> np.ndarray:
        assert readable(lonlat).all()
        return np.hypot(*(lonlat - home).T) < 1e-4

    raw = np.vstack([home[:, ::-1], wgs84_to_gcj02(home), gcj02_to_bd09(wgs84_to_gcj02(home)), home + 1, [[np.nan, 0]]])
    assert suggest(raw, inside) == ["swapped", "gcj02", "bd09", None, None]
