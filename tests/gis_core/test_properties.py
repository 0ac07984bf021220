"""What must hold of any issues: one answer each, in any order, one by one or all at once, wherever the city lies."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gis_core.arrays import lonlat_of, shapes_of
from gis_core.assignment import Assigner
from gis_core.crs import to_lonlat, to_metres
from gis_core.issues import screen
from gis_core.rules import RULES
from gis_core.territory import Territory
from tests.gis_core.small_city import CITY, LAYERS_OF_ALL, Row, frame, instant, issues, lonlat, territory

Spots = list[tuple[float, float, str, int]]
SPOTS = st.tuples(
    st.floats(-0.3, 6.3) | st.sampled_from([0.0, 1.0, 1.05, 2.0, 3.0, 4.0]),
    st.floats(-0.3, 2.3) | st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    st.sampled_from(["litter", "bin-full", "parking"]),
    st.integers(0, 3),
)
REPORTS = st.lists(SPOTS, min_size=1, max_size=25)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def city() -> Territory:
    return territory(**LAYERS_OF_ALL)


def reports(spots: Spots) -> pd.DataFrame:
    reported = issues([lonlat(x, y) for x, y, _, _ in spots])
    days = [instant(f"2026-07-0{1 + day // 2} {(day % 2) * 23:02}:30") for _, _, _, day in spots]
    return reported.assign(category=[spot[2] for spot in spots], reported_at=days)


def same(one: pd.DataFrame, other: pd.DataFrame, **exact: Any) -> None:
    pd.testing.assert_frame_equal(one, other, check_dtype=False, check_categorical=False, check_exact=True, **exact)


@quick
@given(REPORTS)
def test_every_report_is_rejected_or_has_one_answer(city: Territory, spots: Spots) -> None:
    reported = reports(spots)
    screened = screen(reported, city)
    assert len(screened.accepted) + len(screened.rejects) == len(reported)
    answers = Assigner(city)(screened.accepted)
    assert answers.index.tolist() == screened.accepted.index.tolist()
    assert answers["responsible"].notna().all() and answers["holds"].notna().all() and answers["area"].notna().all()
    assert answers["responsible_kind"].isin(["unit", "firm", "person", "shop", "queue"]).all()
    assert answers["rule"].isin([*(rule.name for rule in RULES), "territorial_fallback"]).all()
    assert (answers["grid"].isna() == answers["flags"].str.split().map(lambda flags: "queue" in flags)).all()


@quick
@given(REPORTS, st.randoms(use_true_random=False))
def test_the_order_of_the_reports_is_nothing(city: Territory, spots: Spots, dice: Any) -> None:
    accepted = screen(reports(spots), city).accepted
    shuffled = accepted.iloc[dice.sample(range(len(accepted)), len(accepted))]
    same(Assigner(city)(accepted), Assigner(city)(shuffled).reindex(accepted.index))


@quick
@given(REPORTS)
def test_one_by_one_is_all_at_once(city: Territory, spots: Spots) -> None:
    accepted = screen(reports(spots), city).accepted
    at_once = Assigner(city)(accepted)
    assert screen(accepted, city).accepted.equals(accepted)
    for row in range(len(accepted)):
        same(Assigner(city)(accepted.iloc[[row]]), at_once.iloc[[row]])


@quick
@given(REPORTS, st.integers(0, 2**32 - 1))
def test_the_order_of_the_territorys_rows_is_nothing(city: Territory, spots: Spots, seed: int) -> None:
    shuffled = Territory(
        CITY, 7, 3, {name: rows.sample(frac=1, random_state=seed) for name, rows in city.frames.items() if len(rows)}
    )
    accepted = screen(reports(spots), city).accepted
    same(Assigner(city)(accepted), Assigner(shuffled)(accepted))


@quick
@given(REPORTS, st.integers(-100_000, 100_000), st.integers(-100_000, 100_000))
def test_a_city_moved_as_a_whole_answers_alike(city: Territory, spots: Spots, east_m: int, north_m: int) -> None:
    """Moved in the plane of its metres; nothing lies on a border, where the noise of projecting may decide."""

    def move(lonlat: Any) -> Any:
        return to_lonlat(to_metres(lonlat, CITY.metric_srid) + (east_m, north_m), CITY.metric_srid)

    def moved_layer(rows: list[Row]) -> pd.DataFrame:
        layer = frame(rows)
        if "geometry" not in layer:
            return layer
        return layer.assign(geometry=shapely.transform(shapes_of(layer), move))

    reported = reports([(x + 0.00137, y + 0.00071, category, day) for x, y, category, day in spots])
    accepted = screen(reported, city).accepted
    assume(len(accepted))
    layers = {name: moved_layer(rows) for name, rows in LAYERS_OF_ALL.items()}
    elsewhere = Territory(CITY, 7, 3, {**city.frames, **layers})
    at = move(lonlat_of(accepted))
    there = Assigner(elsewhere)(accepted.assign(lon=at[:, 0], lat=at[:, 1]))
    here = Assigner(city)(accepted)
    numbers = ["x", "y", "grid_distance_m", "street_distance_m"]
    same(here.drop(columns=numbers), there.drop(columns=numbers))
    np.testing.assert_allclose(there["x"], here["x"] + east_m, atol=1e-5)
    np.testing.assert_allclose(there["street_distance_m"], here["street_distance_m"], atol=1e-4)


@quick
@given(REPORTS)
def test_a_wider_tolerance_changes_only_what_had_no_unit(city: Territory, spots: Spots) -> None:
    accepted = screen(reports(spots), city).accepted
    wider = Territory(replace(CITY, grid_tolerance_m=300.0), 7, 3, city.frames)
    narrow, wide = Assigner(city)(accepted), Assigner(wider)(accepted)
    had = (narrow["grid_distance_m"] == 0).to_numpy()
    same(narrow[had], wide[had])
