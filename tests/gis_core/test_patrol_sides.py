"""The sides of wide streets."""

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.following import match_cleaned
from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.passes import intervals_of, passes_of
from gis_core.patrol.tracks import clean_track
from tests.gis_core import truth_patrol as truth

LONG_M, EVERY_M = 1500, 150


def boulevard(width_m: float, *, again: bool = False) -> StreetNetwork:
    """A street with side streets, drawn once more the other way where it is said."""
    lines = {"wide": [(0, 0), (LONG_M, 0)]} | ({"again": [(LONG_M, 0), (0, 0)]} if again else {})
    lines |= {f"b{at}": [(at, -200), (at, 200)] for at in range(0, LONG_M + 1, EVERY_M)}
    widths = [width_m if code in ("wide", "again") else 8.0 for code in lines]
    return build_network(truth.layer(lines, width_m=widths), truth.SRID)


def visits(network: StreetNetwork, off_m: float, walks: int, sigma_m: float, shifted_m: float = 0.0) -> dict[str, int]:
    """Visits of the street by side, of people who walk so far left of its line, one way or the other."""
    random, total = np.random.default_rng(3), {"left": 0, "right": 0, "untold": 0}
    codes = network.edges()["code"].to_numpy()
    for _ in range(walks):
        line = np.array([(30.0, off_m), (LONG_M - 30.0, off_m)])[:: random.choice([-1, 1])]
        places, t = truth.paced(line + (truth.EAST_M, truth.NORTH_M), random)
        xy = truth.received(places, random, sigma_m) + (0.0, shifted_m)
        points = clean_track(truth.frame(xy[::5], t[::5]), truth.SRID, truth.START_S + 86_400).points
        found = match_cleaned(Matcher(network), points.assign(accuracy_m=1.5 * sigma_m))
        assert (found["side"][~np.isin(codes[found["edge"]], ["wide", "again"])] == 0).all()
        counted = PatrolLog(network, found).within(found["t_in"].min(), found["t_out"].max())
        on = codes == "wide"
        left, right = int(counted.visits_left[on].sum()), int(counted.visits_right[on].sum())
        rest = int(counted.visits[on].sum()) - left - right
        for name, count in {"left": left, "right": right, "untold": rest}.items():
            total[name] += count
    return total


@pytest.mark.parametrize(("sigma_m", "least"), [(5.0, 0.98), (10.0, 0.6)])
@pytest.mark.parametrize("side", ["left", "right"])
def test_sides_of_a_street_of_32_m_are_told_by_most_and_wrongly_by_none(
    sigma_m: float, least: float, side: str
) -> None:
    """One footway of an avenue would be proved by a walk on the other."""
    other = {"left": "right", "right": "left"}[side]
    found = visits(boulevard(32.0), 18.0 if side == "left" else -18.0, 20, sigma_m)
    assert found[other] == 0 and found[side] / sum(found.values()) >= least
    assert sum(found.values()) == pytest.approx(20 * LONG_M / EVERY_M, abs=2)


def test_sides_are_told_where_there_are_any() -> None:
    """In a lane, in the middle, or where all points are shifted, a side would be made up."""
    narrow = visits(boulevard(20.0), 12.0, 2, 5.0)
    assert narrow["left"] == narrow["right"] == 0 < narrow["untold"]
    middle = visits(boulevard(32.0), 0.0, 20, 5.0)
    assert middle["untold"] / sum(middle.values()) >= 0.93
    beyond = visits(boulevard(32.0), 18.0, 5, 3.0, shifted_m=20.0)
    assert beyond["left"] == beyond["right"] == 0


def test_the_side_is_kept_and_is_the_other_one_of_a_street_drawn_the_other_way() -> None:
    """Of a street that is drawn twice both sides would be walked at once."""
    network = boulevard(32.0, again=True)
    places, t = truth.paced(
        np.array([(30.0, 18.0), (900.0, 18.0)]) + (truth.EAST_M, truth.NORTH_M), np.random.default_rng(1)
    )
    points = clean_track(truth.frame(places[::5], t[::5]), truth.SRID, truth.START_S + 86_400).points
    found = match_cleaned(Matcher(network), points.assign(accuracy_m=4.0))
    again = intervals_of(network, passes_of(network, found))
    code = network.edges()["code"].to_numpy()[again["edge"]]
    long = (again["to_m"] - again["from_m"] > 100).to_numpy()
    assert set(again["side"][long & (code == "wide")]) == {1} and set(again["side"][long & (code == "again")]) == {-1}


def passed(edge: int, length_m: float, *told: tuple[float, int, str], share: float = 1.0) -> pd.DataFrame:
    """Sure passes of an edge, a minute each: when, on which side, by whom."""
    rows = [(edge, 0.0, share * length_m, at, at + 60, 0.9, who, side) for at, side, who in told]
    return pd.DataFrame(rows, columns=["edge", "from_m", "to_m", "t_in", "t_out", "confidence", "carrier", "side"])


def test_visits_are_counted_by_side_of_wide_segments_only() -> None:
    """A side that nobody walked would have visits, or a lane be told to have two."""
    network = boulevard(32.0)
    code = network.edges()["code"].to_numpy()
    wide, lane = (int(np.flatnonzero(code == name)[0]) for name in ("wide", "b0"))
    told = [(0.0, 1, "li"), (600.0, 1, "li"), (900.0, -1, "li"), (1300.0, 0, "li"), (1310.0, 1, "wang")]
    rows = [passed(edge, network.length_m[edge], *told) for edge in (wide, lane)]
    found = PatrolLog(network, pd.concat(rows)).within(0, 1e4)
    assert (found.visits[wide], found.visits_left[wide], found.visits_right[wide]) == (5, 3, 1)
    assert (found.visits[lane], found.visits_left[lane], found.visits_right[lane]) == (5, 0, 0)
    half = PatrolLog(network, passed(wide, network.length_m[wide], *told, share=0.4)).within(0, 1e4)
    assert half.visits_left[wide] == half.visits_right[wide] == 0
    unknown = PatrolLog(network, rows[0].drop(columns="side")).within(0, 1e4)
    assert (unknown.visits[wide], unknown.visits_left[wide], unknown.visits_right[wide]) == (5, 0, 0)


@pytest.mark.parametrize(("back", "sides"), [(-1, (1, 1)), (1, (1, 0)), (0, (1, 0))])
def test_who_comes_back_on_the_other_side_has_visited_both(back: int, sides: tuple[int, int]) -> None:
    """An avenue walked up one footway and down the other would be called walked on one side only."""
    network = boulevard(32.0)
    wide = int(np.flatnonzero(network.edges()["code"] == "wide")[0])
    rows = passed(wide, network.length_m[wide], (0.0, 1, "li"), (90.0, back, "li"))
    found = PatrolLog(network, rows).within(0, 1e4)
    assert (found.visits[wide], found.visits_left[wide], found.visits_right[wide]) == (1, *sides)
