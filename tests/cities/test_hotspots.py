"""The figures of docs/hotspots-cities.md, from the files of the two cities."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis_core.arrays import Bools, Ints
from gis_core.errors import InvalidInput
from gis_core.hotspots.emerging import emerging
from gis_core.hotspots.forecast import forecast
from gis_core.hotspots.significance import Significance, hot
from gis_core.hotspots.surface import canvas_of
from tests.cities.hot_taipei import DRILL, EARTHQUAKE, KHANUN, TYPHOON, Taipei, points
from tests.cities.hot_washington import (
    DIRT,
    LABELLED,
    Washington,
    alarm,
    along,
    busiest,
    changing,
    foretold,
    repeated_within,
    repeats,
)

METERS, BULK = ("Parking Meter Repair",), ("Bulk Collection",)


@pytest.fixture(scope="module")
def dc(cities: Path) -> Washington:
    return Washington(cities / "washington-dc")


@pytest.fixture(scope="module")
def taipei(cities: Path) -> Taipei:
    return Taipei(cities / "taipei")


def is_hot(found: Significance) -> Bools:
    return hot(found.cells["class"])


def called(found: Significance, busy: Ints) -> tuple[int, int, int]:
    """Hot districts, cold ones, and how many of the busiest are hot."""
    cold = found.cells["class"].isin(("cold_95", "cold_99"))
    return int(is_hot(found).sum()), int(cold.sum()), int(is_hot(found)[busy].sum())


@pytest.mark.parametrize(
    ("services", "wanted"),
    [
        ((), {"none": (18, 5, 11), "area": (69, 11, 13), "streets": (50, 12, 9), "shops": (51, 2, 5)}),
        (DIRT, {"none": (22, 23, 15), "area": (66, 20, 23), "streets": (46, 22, 20), "shops": (44, 10, 8)}),
        (METERS, {"none": (7, 0, 7), "area": (34, 33, 16), "streets": (9, 0, 5), "shops": (7, 59, 4)}),
        (BULK, {"none": (3, 47, 1), "area": (36, 11, 6), "streets": (19, 23, 3), "shops": (56, 26, 12)}),
    ],
)
def test_what_is_busy_in_washington_is_not_all_hot(dc: Washington, services: tuple[str, ...], wanted: dict) -> None:
    """The page would praise or blame other districts than the text says."""
    rows = dc.rows(services)
    busy = busiest(dc.counts(rows))
    assert {per: called(dc.significant(rows, per), busy) for per in dc.exposures} == wanted


def test_the_busiest_district_of_washington_is_only_busy(dc: Washington) -> None:
    """Downtown has most requests, since it has most streets and parking meters."""
    rows = dc.rows()
    first = int(np.flatnonzero(dc.districts["SMD_ID"] == "2C01")[0])
    assert (dc.counts(rows)[first], busiest(dc.counts(rows))[0]) == (537, first)
    assert (dc.requests["service_name"][rows[dc.district[rows] == first]] == METERS[0]).sum() == 348
    classes = [dc.significant(rows, per).cells["class"][first] for per in dc.exposures]
    assert classes == ["hot_99", "none", "none", "none"]


def test_layers_of_washington_have_each_their_own_month(dc: Washington) -> None:
    """What looks like growth in the whole file is where layers overlap."""
    days = dc.requests.groupby("service_name")["created"].agg(["min", "max", "size"])
    large = days[days["size"] > 500]
    assert {one[:10] for one in large["min"]} == {"2016-07-08", "2016-07-12", "2016-07-14", "2016-07-16", "2016-07-17"}
    assert len(dc.rows(whole=True)) == 13_239 and len(dc.rows(DIRT, whole=True)) == 2108


def test_what_has_changed_in_washington(dc: Washington) -> None:
    """Ten steps of three days, of the layers that have them all."""
    rows = dc.rows(whole=True)
    words = changing(dc, rows).cells["word"]
    assert words.value_counts().to_dict() == {"none": 277, "lasting": 11, "new": 8}
    new = set(dc.districts["SMD_ID"][(words == "new").to_numpy()])
    assert new == {"6A02", "6A06", "6A07", "6A08", "6B08", "5D06", "5D07", "5E06"}


def test_the_alarms_of_washington(dc: Washington) -> None:
    """One of downtown, and one that four reports of one morning and five dead animals ring."""
    found = alarm(dc, dc.rows(whole=True)).iloc[0]
    assert (found["observed"], found["first"], len(found["members"])) == (70, 25, 9)
    assert found["expected"] == pytest.approx(39.0, abs=0.05) and found["p"] <= 0.03
    rows = dc.rows(DIRT, whole=True)
    found = alarm(dc, rows, 99).iloc[0]
    assert (found["observed"], found["first"], found["p"]) == (12, 28, 0.01)
    assert found["expected"] == pytest.approx(1.65, abs=0.01)
    crowd = rows[np.isin(dc.district[rows], found["members"]) & (dc.requests["day"].to_numpy()[rows] >= 35)]
    services = dc.requests["service_name"][crowd]
    assert services.value_counts().to_dict() == {"Dead Animal Collection": 8, "Illegal Dumping": 4}
    dumped = dc.requests["t_h"][crowd][services == "Illegal Dumping"]
    assert 60 * np.ptp(dumped) < 6


def test_a_week_foretold_in_washington(dc: Washington) -> None:
    """Heat of three weeks is no better here than counting, and the text says so."""
    bandwidth_m, told = foretold(dc, dc.rows(whole=True))
    assert bandwidth_m == 150
    told = told.set_index(["by", "share"])
    wanted = {"heat": (6.01, 5.02, 4.69), "counts": (5.91, 5.69, 4.44)}
    for by, pai in wanted.items():
        assert told.loc[by, "pai"].to_numpy() == pytest.approx(pai, abs=0.006)
    assert told.loc["heat", "pei"].to_numpy() == pytest.approx((0.298, 0.315, 0.402), abs=6e-4)
    assert told.loc["counts", "pei"].to_numpy() == pytest.approx((0.293, 0.357, 0.380), abs=6e-4)
    for share in (0.01, 0.02, 0.05):
        heat, counts = told.loc[("heat", share)], told.loc[("counts", share)]
        assert heat["pai_low"] <= counts["pai_high"] and counts["pai_low"] <= heat["pai_high"]


def test_streets_of_washington(dc: Washington) -> None:
    """Stretches between crossings, and the heat along them."""
    found = along(dc, dc.rows(DIRT))
    counts, sure = found.edges.cells["count"].to_numpy(), is_hot(found.edges)
    assert (len(counts), int((counts > 0).sum()), int(sure.sum())) == (15_587, 2230, 274)
    assert dc.network.length_m[sure].sum() / dc.network.length_m.sum() == pytest.approx(0.016, abs=5e-4)
    assert counts[sure].sum() / counts.sum() == pytest.approx(0.195, abs=5e-4)
    assert sure[busiest(counts, 274)].mean() == pytest.approx(0.35, abs=0.005)
    assert found.lixels.mass.sum() == pytest.approx(4097)


def test_what_washington_calls_repeats(dc: Washington) -> None:
    """By place, street, time and service alone, since nothing else was written down."""
    found, service = repeats(dc), dc.requests["service_name"]
    said = found.score() >= 0.5
    every, labelled = np.ones(len(said), bool), service.isin(LABELLED).to_numpy()
    assert found.agreed(found.within_reach, every) == (3056, 195, 495)
    assert [repeated_within(dc, *reach) for reach in ((40, 72), (200, 72), (200, 720))] == [195, 292, 415]
    assert found.agreed(said, every) == (2056, 126, 495)
    assert found.agreed(said, labelled) == (386, 102, 458)
    of = {name: found.agreed(said, (service == name).to_numpy()) for name in (*LABELLED[:3], *METERS)}
    assert list(of.values()) == [(26, 25, 238), (39, 26, 119), (131, 33, 33), (of[METERS[0]][0], 0, 0)]
    odd = (pd.to_numeric(dc.requests["ward"], errors="coerce") % 2 == 1).to_numpy()
    again, other = found.score(found.refitted(odd & labelled)), labelled & ~odd
    assert found.agreed(said, other) == (179, 71, 291)
    ours, right, _ = found.agreed(again >= 0.2, other)
    assert (ours, right) == (55, 26) and (again[other] >= 0.5).sum() <= 5


def test_one_coordinate_makes_the_hot_spot_of_taipei(taipei: Taipei) -> None:
    """230 cases lie where nobody wrote a place down, and 10 villages would be hot for it."""
    placed = taipei.placed(taipei.cases)
    assert ((~placed).sum(), (~taipei.placed(taipei.disasters)).sum()) == (230, 70)
    with_it, without = (
        is_hot(taipei.significant(taipei.counts(taipei.cases, kept))) for kept in (placed | True, placed)
    )
    assert (with_it.sum(), without.sum()) == (11, 3) and with_it[without].all()
    by_area = is_hot(taipei.significant(taipei.counts(taipei.cases, placed), by_area=True))
    assert by_area.sum() == 155


def test_storms_earthquakes_and_drills_of_taipei(taipei: Taipei) -> None:
    """A drill is spread by hand, and nothing of it is hot."""
    found = {event: taipei.significant(taipei.in_event(event)) for event in (EARTHQUAKE, TYPHOON, DRILL)}
    assert [int(is_hot(one).sum()) for one in found.values()] == [19, 11, 0]
    assert found[DRILL].reference.dispersion == pytest.approx(0.82, abs=0.005)
    khanun = (taipei.disasters["專案名稱"] == KHANUN).to_numpy()
    kept = (khanun, khanun & taipei.placed(taipei.disasters))
    assert [is_hot(taipei.significant(taipei.counts(taipei.disasters, one))).sum() for one in kept] == [11, 0]
    districts = taipei.villages["TNAME"][is_hot(found[EARTHQUAKE])].value_counts().to_dict()
    assert districts == {"信義區": 9, "文山區": 6, "松山區": 4}


def test_a_week_of_taipei_carries_no_street_no_trend_and_no_forecast(taipei: Taipei) -> None:
    """Refused rather than told."""
    counts, found = taipei.by_edge()
    assert (counts.sum(), len(counts), int(is_hot(found).sum())) == (298, 3681, 0)
    with pytest.raises(InvalidInput) as short:
        emerging(np.ones((len(taipei.shapes), 8)), taipei.near)
    assert short.value.key == "hotspot_steps"
    day = pd.to_datetime(taipei.cases["成案時間"]).dt.day_of_year.to_numpy(np.float64)
    box = canvas_of(taipei.shapes[0].envelope.buffer(20_000), 100.0)
    with pytest.raises(InvalidInput) as short:
        forecast(box, points(taipei.cases), day, (400.0,))
    assert short.value.key == "forecast_short"
