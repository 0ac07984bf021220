"""The demo city's patrols: what was planted is so, and what receivers make of it looks like life."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely

from data.demo import Demo, build
from data.demo.city import LAST_DAY
from data.demo.patrols import SILENT, SILENT_DAYS, account
from data.demo.rhythm import END
from data.demo.walks import DAYS, FIRST_DAY, STALE_DAYS
from gis_core.arrays import Objects
from gis_core.crs import project, to_metres

NEAR_M = 12.0


@pytest.fixture(scope="module")
def tracks(demo: Demo) -> list[tuple[str, pd.DataFrame]]:
    return list(demo.patrols.tracks())


@pytest.fixture(scope="module")
def sent(tracks: list[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """All points with who sent them and the local day they are of."""
    whole = pd.concat([points.assign(carrier=carrier) for carrier, points in tracks], ignore_index=True)
    local = pd.to_datetime(whole["t"], unit="s", utc=True).dt.tz_convert("Asia/Shanghai")
    return whole.assign(day=local.dt.date, hour=local.dt.hour)


def middles(demo: Demo, kind: str) -> Objects:
    """The middle of each block of the lanes left out, metres."""
    streets = demo.frames["streets"].set_index("code")
    lines = project(streets.loc[demo.blind["street"][demo.blind["kind"] == kind], "geometry"].array, 4545)
    pieces = [shapely.get_coordinates(line).reshape(-1, 2) for line in lines]
    # Each third vertex is a corner.
    return np.array([shapely.Point(xy) for piece in pieces for xy in (piece[1::3] + piece[2::3]) / 2], dtype=object)


def ways(demo: Demo, first_day: int, nobody: str = "") -> Objects:
    """The true ways from a day on, but those of somebody."""
    return np.array([
        shapely.LineString(way.xy)
        for inspector, way in demo.patrols.walks() if way.day >= first_day and inspector.name != nobody
    ], dtype=object)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "first_day"), [("never", 0), ("stale", DAYS - STALE_DAYS), ("silent", DAYS - SILENT_DAYS)]
)
def test_nobody_walks_what_is_planted_as_blind(demo: Demo, kind: str, first_day: int) -> None:
    walked = ways(demo, first_day, account(SILENT) if kind == "silent" else "")
    away = shapely.distance(middles(demo, kind)[:, None], walked[None])
    assert away.min() > NEAR_M
    if kind == "stale":
        before = shapely.distance(middles(demo, kind)[:, None], ways(demo, 0)[None])
        assert before.min(axis=1).max() < 1


def test_as_many_lanes_are_left_out_as_is_said(demo: Demo) -> None:
    lanes = (demo.frames["streets"]["class"] == "backstreet").sum()
    share = demo.blind["kind"].value_counts() / lanes
    assert 0.07 <= share["never"] <= 0.15
    assert 0.04 <= share["stale"] <= 0.12
    assert demo.blind["street"].is_unique
    since = demo.blind.groupby("kind")["since"].unique()
    assert {kind: days.tolist() for kind, days in since.items()} == {
        "never": [FIRST_DAY], "stale": [LAST_DAY - dt.timedelta(days=STALE_DAYS - 1)],
        "silent": [LAST_DAY - dt.timedelta(days=SILENT_DAYS - 1)],
    }  # fmt: skip


def test_all_other_lanes_are_walked_every_few_days(demo: Demo) -> None:
    streets = demo.frames["streets"]
    last = np.full(len(streets), -1)
    longest = np.zeros(len(streets), dtype=int)
    for day in range(DAYS):
        walked = [demo.patrols.streets_of(way) for _, way in demo.patrols.walks() if way.day == day]
        seen = np.unique(np.concatenate(walked))
        longest[seen] = np.maximum(longest[seen], day - last[seen] - 1)
        last[seen] = day
    longest = np.maximum(longest, DAYS - 1 - last)
    left = streets["code"].isin(demo.blind["street"][demo.blind["kind"] != "silent"])
    lanes = (streets["class"] == "backstreet").to_numpy() & ~left.to_numpy()
    assert (longest[lanes] < 7).all()
    assert (longest[lanes] < 5).mean() > 0.9


def test_tracks_are_of_a_size_that_a_demo_can_wait_for(demo: Demo, sent: pd.DataFrame) -> None:
    assert 100_000 < len(sent) < 300_000
    assert len(list(build(units=60, issues=0, seed=1).patrols.tracks())) < 100
    assert set(sent["carrier"]) < set(demo.patrols.carriers["carrier"])


def test_receivers_err_as_they_are_said_to(demo: Demo) -> None:
    """By six metres on each axis, and for a minute in the same direction."""
    away, after = [], []
    tracks = iter(demo.patrols.tracks())
    silent = account(SILENT)
    for inspector, way in demo.patrols.walks():
        if inspector.name == silent and way.day >= DAYS - SILENT_DAYS:
            continue
        carrier, points = next(tracks)
        assert carrier == inspector.name
        xy = to_metres(points[["lon", "lat"]].to_numpy(), 4545)
        line = shapely.LineString(way.xy)
        across = xy - shapely.get_coordinates(
            shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.points(xy)))
        )
        far = np.hypot(*across.T)
        away.append(far)
        step = np.diff(points["t"]) == 10
        after.append((across[:-1] * across[1:]).sum(axis=1)[step] / (far**2).mean())
    assert 3.0 < np.sqrt((np.concatenate(away) ** 2).mean()) < 7.5
    assert np.concatenate(after).mean() > 0.4


def test_days_look_like_life(sent: pd.DataFrame) -> None:
    days = sent.groupby("carrier")["day"].nunique()
    silent = account(SILENT)
    assert set(days.drop(silent)) <= {25, 26, 27}
    assert sent["day"][sent["carrier"] == silent].max() == LAST_DAY - dt.timedelta(days=SILENT_DAYS)
    assert (sent["t"] < END.timestamp()).all()
    by_night = sent["hour"].ge(21) | sent["hour"].lt(3)
    assert by_night.groupby(sent["carrier"]).mean().round().sum() == 1
    reported = sent["accuracy_m"].notna().groupby(sent["carrier"]).mean()
    assert set(reported) == {0.0, 1.0}
    one = sent[sent["carrier"] == "inspector"].sort_values("t")
    wait_s = one["t"].diff()
    assert ((wait_s > 120) & (wait_s < 1_200)).sum() >= 5
    assert set(wait_s[wait_s < 30]) == {10.0}


def test_most_markets_are_visited_four_times_a_day_by_four_bodies(demo: Demo) -> None:
    visits, places = demo.patrols.check_ins, demo.frames["places"]
    wanted = places["code"][places["type"].isin(["market", "mall"])]
    assert set(visits["place"]) == set(wanted)
    assert not visits.duplicated(["carrier", "place", "arrived_at"]).any()
    local = visits["arrived_at"].dt.tz_convert("Asia/Shanghai")
    long = (visits["left_at"] - visits["arrived_at"]) >= pd.Timedelta(minutes=5)
    daily = visits[long].groupby(["place", local.dt.date])["body"].nunique()
    assert 0.5 < (daily.reindex(pd.MultiIndex.from_product([wanted, pd.date_range(FIRST_DAY, LAST_DAY).date]))
                  == 4).mean() < 0.9  # fmt: skip
    assert visits["left_at"].isna().any() and (~long).any()
    lagging = daily.groupby("place").max()
    assert (lagging < 4).sum() == 1
    known = demo.patrols.carriers.set_index("carrier")["body"]
    assert (visits["carrier"].map(known) == visits["body"]).all()
    assert set(known) <= set(demo.frames["parties"]["code"])
    # Nobody is at two places at once.
    after = visits.sort_values(["carrier", "arrived_at"])
    same = after["carrier"].eq(after["carrier"].shift())
    assert (after["arrived_at"] >= after["left_at"].shift())[same & after["left_at"].shift().notna()].all()


@pytest.mark.parametrize("units", [30, 31, 150])
def test_cities_of_any_size_have_patrols(units: int) -> None:
    demo = build(units=units, issues=0, seed=4)
    assert set(demo.blind["kind"]) == {"never", "stale", "silent"}
    assert {carrier for carrier, _ in demo.patrols.tracks()} < set(demo.patrols.carriers["carrier"])
