"""The methods as they are offered: each asked and given the same, and answering what JSON can carry."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis_core.crs import project
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer, Asked, Given, Points
from gis_core.hotspots.methods import METHODS
from gis_core.hotspots.supports import lattice_places, lattice_support
from gis_core.patrol.network import StreetNetwork, build_network

SRID = 32649
CITY = shapely.box(500_000, 2_500_000, 502_000, 2_502_000)
SPOT = np.array([501_050.0, 2_501_050.0])


def reports(random: np.random.Generator, number: int = 4000, days: int = 30, city: shapely.Geometry = CITY) -> Points:
    """Reports spread over a city, and a tenth as many at one spot."""
    west, south, east, north = city.bounds
    spread = random.uniform((west, south), (east, north), (number, 2))
    xy = np.concatenate([spread, random.normal(SPOT, 60, (number // 10, 2))])
    count = len(xy)
    return Points(xy, random.integers(0, days, count), np.full(count, "a", dtype=object), np.ones(count, np.int64))


def by_lattice(points: Points, cell_m: float = 100.0, steps: int = 1, step_days: int = 30) -> Given:
    """The reports counted by squares and steps."""
    support = lattice_support(CITY, SRID, cell_m)
    at = lattice_places(support, points.xy, cell_m)
    cube = np.zeros((len(support.codes), steps), np.int64)
    inside = at >= 0
    np.add.at(cube, (at[inside], points.day[inside] // step_days), points.number[inside])
    return Given(CITY, SRID, support=support, cube=cube)


def crossing() -> StreetNetwork:
    """Two streets that cross, one with a bend."""
    lines = [[(100, 1000), (1000, 1000), (1900, 1300)], [(1000, 100), (1000, 1900)]]
    shapes = [shapely.LineString(np.array(line) + (500_000, 2_500_000)) for line in lines]
    frame = gpd.GeoDataFrame({"code": ["s0", "s1"]}, geometry=shapes, crs=SRID).to_crs(4326)
    return build_network(frame, SRID)


def carried(answer: Answer) -> list[dict]:
    """The rows of an answer, as JSON carries them."""
    assert answer.features.crs.to_epsg() == 4326
    assert shapely.is_valid(answer.features.geometry.to_numpy()).all()
    rows = answer.features.drop(columns="geometry").to_dict("records")
    json.dumps([rows, answer.facts], allow_nan=False)
    return rows


def test_heat_is_drawn_in_classes() -> None:
    """The page would have no red, or red of another scale than its legend."""
    points = reports(np.random.default_rng(1))
    answer = METHODS["surface"].work(Asked(0, 29), Given(CITY, SRID, points=points))
    rows = carried(answer)
    breaks = answer.facts["breaks"]
    assert {row["class"] for row in rows} == set(range(len(breaks)))
    assert all(row["from_density"] == breaks[row["class"]] for row in rows)
    assert {row["to_density"] for row in rows if row["class"] == len(breaks) - 1} == {None}
    assert answer.facts["counted"] + answer.facts["left_out"] == len(points.xy)


def test_what_is_significant_is_told_of_every_unit() -> None:
    """The worst block would not be found, or nobody could say why it is red."""
    answer = METHODS["significance"].work(Asked(0, 29), by_lattice(reports(np.random.default_rng(1))))
    rows = {row["code"]: row for row in carried(answer)}
    spot = rows["5010:25010"]
    assert (spot["class"], spot["core"], spot["stable"]) == ("hot_99", True, 1.0)
    assert spot["low"] < spot["rate"] < spot["high"] and spot["expected"] < spot["observed"]
    assert answer.facts["stability"]["ways"] == 4 and answer.facts["found"][0]["cells"] > 0


def test_what_changes_is_told_in_words() -> None:
    """A spot that is new would look like one that has always been there."""
    points = reports(np.random.default_rng(1), days=84)
    later = np.arange(len(points.xy)) >= 4000
    points = points._replace(day=np.where(later, 77 + points.day % 7, points.day))
    answer = METHODS["emerging"].work(Asked(0, 83), by_lattice(points, steps=12, step_days=7))
    rows = {row["code"]: row for row in carried(answer)}
    spot = rows["5010:25010"]
    assert (spot["word"], spot["last_class"]) == ("new", "hot") and spot["recent_q"] < 0.05
    assert answer.facts["words"]["new"] >= 4 and sum(answer.facts["words"].values()) == len(rows) == 400
    assert (answer.facts["steps"], answer.facts["step_days"]) == (12, 7)


def test_a_crowd_of_the_last_days_is_an_alarm() -> None:
    """The alarm would not ring, or not say since when."""
    points = reports(np.random.default_rng(1), days=28)
    later = np.arange(len(points.xy)) >= 4000
    points = points._replace(day=np.where(later, 25 + points.day % 3, points.day))
    given = by_lattice(points, steps=28, step_days=1)
    rows = carried(METHODS["scan"].work(Asked(0, 27), given))
    assert (rows[0]["rank"], rows[0]["p"], rows[0]["days"]) == (1, 0.001, 3)
    assert rows[0]["count"] > 2 * rows[0]["expected"]
    answer = METHODS["scan"].work(Asked(0, 27, per="size"), given)
    assert carried(answer)[0]["days"] is None and answer.facts["alarm"]


def test_heat_along_streets_is_told_by_stretches() -> None:
    """A line would lie beside its street, or be told at the wrong metre."""
    network = crossing()
    random = np.random.default_rng(1)
    edge = random.integers(0, len(network.u), 300)
    at_m = random.uniform(0, network.length_m[edge])
    edge[:200], at_m[:200] = 0, 405.0
    number = np.ones(300, np.int64)
    points = Points(np.zeros((300, 2)), np.zeros(300, np.int64), np.full(300, "a", dtype=object), number)
    given = Given(CITY, SRID, points=points, network=network, edge=edge, at_m=at_m)
    answer = METHODS["network"].work(Asked(0, 29), given)
    rows, breaks = carried(answer), answer.facts["breaks"]
    lines = project(answer.features.geometry.to_numpy(), SRID)
    metres = np.array([row["to_m"] - row["from_m"] for row in rows])
    assert shapely.length(lines) == pytest.approx(metres, rel=1e-6)
    assert min(row["density"] for row in rows) >= breaks[0]
    hottest = max(rows, key=lambda row: row["density"])
    assert hottest["street"] == "s0" and hottest["from_m"] <= 405 <= hottest["to_m"]
    thrice = replace(given, points=points._replace(number=number * 3))
    again = METHODS["network"].work(Asked(0, 29), thrice)
    assert again.facts["peak"] == pytest.approx(3 * answer.facts["peak"])


def test_clusters_are_told_with_their_chance() -> None:
    """A pile of repeats would be a cluster, or a cluster have no outline."""
    points = reports(np.random.default_rng(1))
    answer = METHODS["clusters"].work(Asked(0, 29), Given(CITY, SRID, points=points))
    rows = carried(answer)
    assert len(rows) == 1 and rows[0]["category"] == "a" and rows[0]["p"] < 0.001
    assert 200 < rows[0]["count"] < 600 and rows[0]["area_m2"] > 5_000
    piled = points._replace(number=np.where(np.arange(4400) == 7, 10**6, 1))
    assert len(METHODS["clusters"].work(Asked(0, 29), Given(CITY, SRID, points=piled)).features) == 1


def test_the_next_fortnight_is_expected_where_the_past_was() -> None:
    """The plan of the next two weeks would lead elsewhere, or nobody would know how far to trust it."""
    points = reports(np.random.default_rng(1), days=84)
    answer = METHODS["forecast"].work(Asked(0, 83), Given(CITY, SRID, points=points))
    rows = carried(answer)
    assert {row["class"] for row in rows} == set(range(len(answer.facts["breaks"])))
    assert [told["share"] for told in answer.facts["told"]] == [0.01, 0.02, 0.05]
    assert all(told["hit_rate_low"] <= told["hit_rate"] <= told["hit_rate_high"] for told in answer.facts["told"])
    assert answer.surface.density.sum() * answer.facts["cell_m"] ** 2 / 1e6 == pytest.approx(4400 / 84 * 14, rel=0.01)
    with pytest.raises(InvalidInput, match="69"):
        METHODS["forecast"].work(Asked(0, 68), Given(CITY, SRID, points=points))


@pytest.mark.parametrize("name", ["surface", "clusters", "forecast"])
def test_rows_that_stand_for_many_are_as_many(name: str) -> None:
    """What the database counts by small cells would be another map than its reports one by one."""
    points = reports(np.random.default_rng(2), number=2000, days=84)
    number = np.random.default_rng(3).integers(1, 4, len(points.xy))
    once = points._replace(number=number)
    again = np.repeat(np.arange(len(number)), number)
    each = Points(points.xy[again], points.day[again], points.kind[again], np.ones(len(again), np.int64))
    answers = [METHODS[name].work(Asked(0, 83), Given(CITY, SRID, points=one)) for one in (once, each)]
    for one, other in zip(*map(carried, answers), strict=True):
        assert one == pytest.approx(other)
    plain = [{key: told for key, told in answer.facts.items() if key not in ("told", "breaks")} for answer in answers]
    assert plain[0] == pytest.approx(plain[1])
    assert answers[0].facts.get("breaks") == answers[1].facts.get("breaks")
    for one, other in zip(*(answer.facts.get("told", []) for answer in answers), strict=True):
        assert one == pytest.approx(other)
