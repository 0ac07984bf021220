"""The sides of wide streets."""

import numpy as np
import pytest

from gis_core.patrol.following import match_cleaned
from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.passes import intervals_of, passes_of
from gis_core.patrol.sides import visits_by_side
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
        counted = visits_by_side(network, found)
        for name in total:
            total[name] += int(counted[name][codes[counted["edge"]] == "wide"].sum())
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
    assert visits(boulevard(20.0), 12.0, 2, 5.0) == {"left": 0, "right": 0, "untold": 0}
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
