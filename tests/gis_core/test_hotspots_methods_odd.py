"""The methods where there is nothing, one thing, or far too much of it: an answer JSON can carry, or a reason."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import PER, Asked, Given, Points
from gis_core.hotspots.methods import METHODS
from gis_core.hotspots.supports import lattice_support
from tests.gis_core.test_hotspots_methods import CITY, SPOT, SRID, carried, crossing

ON_POINTS = [name for name, method in METHODS.items() if method.needs == "points"]
ON_UNITS = [name for name, method in METHODS.items() if method.needs == "cube"]
ASKED = Asked(0, 83)
ISLANDS = shapely.MultiPolygon([shapely.box(x, 0, x + 90, 90) for x in range(0, 2000, 200)])
NETWORK = crossing()


def points_at(xy: list | np.ndarray, number: int = 1) -> Points:
    """Reports at places, the days in turn."""
    at = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    count = len(at)
    return Points(at, np.arange(count) % 84, np.full(count, "a", dtype=object), np.full(count, number, np.int64))


def refused(name: str, asked: Asked, given: Given) -> str:
    """The key of what is refused, said in both languages."""
    with pytest.raises(InvalidInput) as said:
        METHODS[name].work(asked, given)
    assert said.value.text("zh") != said.value.text("en") and "?" not in said.value.text("en")
    return said.value.key


@pytest.mark.parametrize("points", [points_at([]), points_at([[0, 0]] * 3), points_at([[np.nan, 1]]), None])
def test_a_window_without_reports_is_empty(points: Points | None) -> None:
    """Page and alarm would fail on a quiet day, or show the heat of another."""
    given = Given(CITY, SRID, points=points)
    answer = METHODS["surface"].work(replace(ASKED, breaks=(1.0, 2.0)), given)
    assert carried(answer) == [] and answer.facts["breaks"] == [1.0, 2.0] and answer.facts["counted"] == 0
    assert answer.surface.density.max() == 0
    assert carried(METHODS["clusters"].work(ASKED, given)) == []
    assert refused("forecast", ASKED, given) == "surface_empty"
    count = 0 if points is None else len(points.xy)
    nowhere = replace(given, network=NETWORK, edge=np.full(count, -1), at_m=np.zeros(count))
    assert carried(METHODS["network"].work(ASKED, nowhere)) == []


def test_one_enormous_pile_is_told_where_it_is() -> None:
    """A million reports of one leaking pipe would hide, stop or repaint everything."""
    pile = points_at([SPOT] * 84, 10**6)
    given = Given(CITY, SRID, points=pile)
    hottest = carried(METHODS["surface"].work(ASKED, given))
    assert hottest and carried(METHODS["clusters"].work(ASKED, given)) == []
    assert carried(METHODS["forecast"].work(ASKED, given))
    network = replace(given, network=NETWORK, edge=np.zeros(84, np.int64), at_m=np.full(84, 7.0))
    assert carried(METHODS["network"].work(ASKED, network))
    support = lattice_support(CITY, SRID, 200.0)
    cube = np.random.default_rng(1).poisson(1.0, (len(support.codes), 28))
    at = list(support.codes).index("2505:12505")
    cube[at, -1] += 10**6
    on_units = Given(CITY, SRID, support=support, cube=cube)
    rows = carried(METHODS["significance"].work(ASKED, on_units))
    assert rows[at]["class"] == "hot_99" and not any(row["class"].startswith("cold") for row in rows)
    assert carried(METHODS["emerging"].work(ASKED, on_units))[at]["last_class"] == "hot"
    alarm = carried(METHODS["scan"].work(ASKED, on_units))[0]
    assert (alarm["units"], alarm["days"], alarm["p"]) == (1, 1, 0.01)


@pytest.mark.parametrize("name", ON_UNITS)
@pytest.mark.parametrize("ground", [shapely.box(0, 0, 50, 50), ISLANDS])
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_one_cell_and_islands_have_an_answer(name: str, ground: shapely.Geometry, count: int) -> None:
    """A district of one square, or an archipelago, would be painted in NaN."""
    support = lattice_support(ground, SRID, 100.0)
    cube = np.zeros((len(support.codes), 28), np.int64)
    cube[0, -1] = count
    for per in PER:
        for exposure in (np.ones(len(cube)), np.zeros(len(cube)), np.eye(len(cube))[0] * 3.5):
            given = Given(ground, SRID, support=support, cube=cube, exposure=exposure)
            rows = carried(METHODS[name].work(replace(ASKED, per=per), given))
            if name == "significance" and per != "none" and not exposure.any():
                assert {row["class"] for row in rows} == {"insufficient"}
                assert {row["stable"] for row in rows} == {None}


@pytest.mark.parametrize(
    ("name", "asked", "key"),
    [
        ("surface", {"bandwidth_m": 0.0}, "surface_bandwidth"), ("surface", {"bandwidth_m": 0.01}, "surface_narrow"),
        ("surface", {"bandwidth_m": np.nan}, "surface_bandwidth"),
        ("surface", {"halflife_days": 0.0}, "surface_halflife"),
        ("surface", {"last": -1}, "surface_days"), ("forecast", {"last": 68}, "forecast_short"),
        ("network", {"bandwidth_m": 0.0}, "surface_bandwidth"), ("network", {"last": -1}, "surface_days"),
    ],
)  # fmt: skip
def test_heat_that_cannot_be_is_refused(name: str, asked: dict, key: str) -> None:
    """A mistyped figure would be a picture."""
    points = points_at([SPOT] * 84)
    given = Given(CITY, SRID, points=points, network=NETWORK, edge=np.zeros(84, np.int64), at_m=np.ones(84))
    assert refused(name, replace(ASKED, **asked), given) == key


@pytest.mark.parametrize("ground", [None, shapely.Polygon(), shapely.Point(1, 1)])
@pytest.mark.parametrize("name", ON_POINTS)
def test_a_territory_of_no_area_is_refused(name: str, ground: shapely.Geometry) -> None:
    """Whoever sees nothing of the city would see heat of it, or a fault."""
    key = refused(name, ASKED, Given(ground, SRID, points=points_at([SPOT] * 84)))
    assert key == ("cluster_area" if name == "clusters" else "surface_territory")


@pytest.mark.parametrize("breaks", [(2.0, 1.0), (0.0, 1.0), (1.0, 1.0), (np.nan,), (1.0, np.inf), (-1.0,)])
def test_classes_that_do_not_rise_are_refused(breaks: tuple[float, ...]) -> None:
    """A class would be empty, or hold everything."""
    with pytest.raises(InvalidInput, match="rising"):
        Asked(0, 1, breaks=breaks)


def test_what_is_not_given_is_refused() -> None:
    """A server that forgot a part of the question would answer another."""
    support = lattice_support(CITY, SRID, 500.0)
    cube = np.ones((len(support.codes), 28), np.int64)
    for name in ON_UNITS:
        assert refused(name, ASKED, Given(CITY, SRID)) == "hotspot_given"
        given = Given(CITY, SRID, support=support, cube=cube)
        for per in ("shops", "patrol"):
            assert refused(name, replace(ASKED, per=per), given) == "hotspot_exposure"
        assert refused(name, replace(ASKED, per="mood"), given) == "hotspot_choice"
    assert refused("network", ASKED, Given(CITY, SRID, points=points_at([SPOT]))) == "hotspot_given"
    assert refused("emerging", ASKED, replace(given, cube=cube[:, :9])) == "hotspot_steps"
    assert refused("scan", ASKED, replace(given, cube=cube[:, :1])) == "hotspot_steps"
    assert refused("scan", ASKED, replace(given, cube=cube * 10**6)) == "hotspot_many"


NUMBERS = st.sampled_from([0, 0, 0, 1, 1, 2, 7, 10**4])
EXPOSURES = st.sampled_from([0.0, 1e-9, 0.5, 1.0, 3.0, 1e9])


@settings(max_examples=60, deadline=None)
@drawn_from(st.data())
def test_any_small_map_of_units_can_be_carried(data: st.DataObject) -> None:
    """One town in a thousand would have a page that does not open."""
    columns, rows = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    support = lattice_support(shapely.box(0, 0, columns * 100 - 30, rows * 100), SRID, 100.0)
    name, per = data.draw(st.sampled_from(ON_UNITS)), data.draw(st.sampled_from(PER))
    units, steps = len(support.codes), data.draw(st.sampled_from([10, 14]))
    cube = np.array(data.draw(st.lists(NUMBERS, min_size=units * steps, max_size=units * steps)))
    exposure = np.array(data.draw(st.lists(EXPOSURES, min_size=units, max_size=units)))
    given = Given(CITY, SRID, support=support, cube=cube.reshape(units, steps), exposure=exposure)
    carried(METHODS[name].work(Asked(0, steps - 1, per=per), given))


@settings(max_examples=60, deadline=None)
@drawn_from(st.data())
def test_any_few_reports_can_be_carried(data: st.DataObject) -> None:
    """The same of heat, clusters and the forecast."""
    place = st.tuples(st.sampled_from([-50.0, 0.0, 100.0, 333.3, 1999.9, 2000.0]), st.floats(-100, 2100))
    xy = np.array(data.draw(st.lists(place, max_size=12))).reshape(-1, 2) + (500_000, 2_500_000)
    count = len(xy)
    number = np.array(data.draw(st.lists(NUMBERS, min_size=count, max_size=count)), dtype=np.int64)
    day = np.array(data.draw(st.lists(st.integers(-3, 90), min_size=count, max_size=count)), dtype=np.int64)
    points = Points(xy, day, np.full(count, "a", dtype=object), number)
    halflife = data.draw(st.sampled_from([None, 0.01, 7.0]))
    asked = replace(ASKED, bandwidth_m=data.draw(st.sampled_from([20.0, 100.0, 3000.0])), halflife_days=halflife)
    edge = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=count, max_size=count)), dtype=np.int64)
    given = Given(CITY, SRID, points=points, network=NETWORK, edge=edge, at_m=np.full(count, 12.5))
    for name in ("surface", "network", "clusters"):
        carried(METHODS[name].work(asked, given))
