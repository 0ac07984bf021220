"""Screening: nothing is dropped, and each reason names what is wrong."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis_core.crs import gcj02_to_bd09, wgs84_to_gcj02
from gis_core.issues import REJECT_COLUMNS, fits, screen
from gis_core.texts import TEXTS
from tests.gis_core.small_city import box, grid, grids, instant, issues, lonlat, moved, territory

MIDDLE = lonlat(1.5, 0.5)
CORNER = lonlat(0.01, 0.01)
"""Near enough to the edge that a shifted datum puts it outside."""


@pytest.mark.parametrize(
    ("place", "columns", "reason"),
    [
        (MIDDLE, {}, None),
        (moved(lonlat(0, 0), -29.9, 5), {}, None),
        (lonlat(5, 1), {}, None),
        (lonlat(5.999, 1), {}, None),
        (moved(lonlat(0, 0), -30.1, 5), {}, "outside"),
        (lonlat(6.3, 1), {}, "outside"),
        ((np.nan, 22.8), {}, "issue_no_position"),
        ((np.inf, 22.8), {}, "issue_no_position"),
        ((211.51, 22.8), {}, "issue_no_position"),
        ((0.0, 0.0), {}, "outside"),
        (MIDDLE, {"category": "noise"}, "issue_category_unknown"),
        (MIDDLE, {"scheme": "U"}, "issue_category_unknown"),
        (MIDDLE, {"category": "bin"}, "issue_category_unknown"),
        (MIDDLE, {"kind": "component", "category": "bin"}, None),
        (MIDDLE, {"reported_at": pd.Series([pd.NaT]).dt.tz_localize("UTC")}, "issue_no_time"),
        (MIDDLE, {"closed_at": instant("2026-07-01 11:59")}, "issue_closed_before_reported"),
        (MIDDLE, {"closed_at": instant("2026-07-01 12:00")}, None),
        (MIDDLE, {"closed_at": pd.Series([pd.NaT]).dt.tz_localize("UTC")}, None),
        (lonlat(9, 9), {"category": "noise"}, "issue_category_unknown"),
    ],
)
def test_a_report_is_accepted_or_has_its_reason(
    place: tuple[float, float], columns: dict[str, Any], reason: str | None
) -> None:
    found = screen(issues([place], **columns), territory())
    assert (len(found.accepted), found.rejects["reason"].tolist()) == ((0, [reason]) if reason else (1, []))
    assert list(found.rejects.columns) == list(REJECT_COLUMNS)
    for row in found.rejects.to_dict("records"):
        for locale in ("en", "zh"):
            assert "?" not in TEXTS.say(row["reason"], locale, **row["params"])


def test_one_fits_where_a_frame_of_it_is_accepted() -> None:
    """A report would be refused by one door and taken by another."""
    places = [
        MIDDLE,
        moved(lonlat(0, 0), -29.9, 5),
        moved(lonlat(0, 0), -30.1, 5),
        lonlat(6.3, 1),
        (np.nan, 22.8),
        (0, 0),
    ]
    frame, ground = issues([place for place in places for _ in range(2)]), territory()
    frame["category"] = [frame["category"].iloc[0], "noise"] * len(places)
    accepted = frame.index.isin(screen(frame, ground).accepted.index)
    names = ["lon", "lat", "scheme", "kind", "category", "reported_at"]
    assert [fits(ground, **row) for row in frame[names].to_dict("records")] == accepted.tolist()
    assert accepted.any() and not accepted.all()


def test_rows_keep_their_number_and_key() -> None:
    places = [MIDDLE, lonlat(9, 9), MIDDLE, (np.nan, 1.0)]
    numbered = (
        issues(places).assign(row=[11, 12, 13, 14], external_id=["a", "b", "c", "d"]).set_index(pd.Index([3, 5, 7, 9]))
    )
    found = screen(numbered, territory())
    assert found.accepted.index.tolist() == [3, 7]
    assert found.rejects["row"].tolist() == [12, 14] and found.rejects["key"].tolist() == ["b", "d"]
    counted = screen(issues(places), territory()).rejects
    assert counted["row"].tolist() == [2, 4] and counted["key"].isna().all()


def test_the_distance_to_the_city_is_told() -> None:
    rejects = screen(issues([moved(lonlat(0, 1), -500, 0)]), territory()).rejects
    assert rejects["params"].iloc[0]["distance_m"] == pytest.approx(500, abs=0.1)
    assert "500 m" in TEXTS.say("outside", "en", **rejects["params"].iloc[0])


def test_a_reading_that_would_fit_is_suggested_and_not_applied() -> None:
    """Swapped degrees lie beyond 90 in most of China, and at sea elsewhere; a datum shifts some hundred metres."""
    true = np.array([CORNER])
    gcj02 = wgs84_to_gcj02(true)
    wrong = {"swapped": true[:, ::-1], "gcj02": gcj02, "bd09": gcj02_to_bd09(gcj02)}
    small = territory(grids=[grid("01", "district", box(0, 0, 1, 1)), grid("0101", "community", box(0, 0, 1, 1))])
    for name, place in wrong.items():
        found = screen(issues(place), small)
        assert len(found.accepted) == 0
        assert found.rejects["reason"].tolist() == [f"outside_{name}"]
        params = found.rejects["params"].iloc[0]
        assert (params["lon"], params["lat"]) == tuple(place[0])


def test_the_raw_pair_is_what_is_read_again() -> None:
    """Declared as GCJ-02 and swapped: the converted pair means nothing, the raw one does."""
    raw = issues([(200.0, 100.0)]).assign(raw_x=MIDDLE[1], raw_y=MIDDLE[0])
    assert screen(raw, territory()).rejects["reason"].tolist() == ["outside_swapped"]


def test_inside_is_asked_of_the_day() -> None:
    """A unit that alone covers a place answers for it on its days; before and after, the place is outside."""
    suburb = grid("010301", "unit", box(8, 0, 9, 1), valid_from="2026-07-01", valid_to="2026-07-31")
    city = territory(grids=[*(row | {"valid_from": None, "valid_to": None} for row in grids()), suburb])
    days = ["2026-06-30 23:59", "2026-07-01 00:00", "2026-07-31 23:59", "2026-08-01 00:00"]
    found = screen(issues([lonlat(8.5, 0.5)] * 4).assign(reported_at=[instant(day) for day in days]), city)
    assert found.accepted.index.tolist() == [1, 2]
    assert found.rejects["reason"].tolist() == ["outside", "outside"]


def test_nothing_to_screen() -> None:
    found = screen(issues([MIDDLE]).iloc[:0], territory())
    assert len(found.accepted) == 0 and len(found.rejects) == 0
