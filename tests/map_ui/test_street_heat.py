"""What is more than chance, on the pages of front doors and of backstreets."""

import json
from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.hotspots.significance import significance
from gis_core.hotspots.weights import linked
from gis_core.ledger import Ledger, figures
from map_ui import MapData, render
from map_ui.door_heat import PER_100_M, SCALES, scales
from map_ui.significance import CORE, LINES, MOST_WORST, ORDER, WHY, areas, classes_of, told_of, worst
from map_ui.texts import TEXTS
from tests.map_ui.conftest import SOUTH, WEST
from tests.map_ui.test_map_pages import facts

Town = Callable[..., MapData]
SHOPS = 300


def changed(data: MapData, **changes: object) -> MapData:
    return MapData(**{**vars(data), **changes})


def long_street(data: MapData, violations: dict[int, int]) -> MapData:
    """Three hundred shops of 10 m on the left of a street, a blank behind them, and violations before some."""
    shapes = [
        shapely.box(WEST + n * 9e-5, SOUTH + 0.0031, WEST + (n + 1) * 9e-5, SOUTH + 0.0032) for n in range(SHOPS + 1)
    ]
    codes = [f"D{n:03d}" for n in range(SHOPS)] + ["B0"]
    state = ["signed"] * SHOPS + ["blank"]
    strips = gpd.GeoDataFrame(
        {"code": codes, "kind": "shop", "state": state, "name": codes, "shops": [[]] * len(codes), "street": "S0",
         "units": [1] * SHOPS + [0], "signed_units": 0, "agreement": None, "until": None, "origin": "derived",
         "quality": "measured", "length_m": 10.0, "excluded_m": 0.0},
        geometry=shapes, crs=4326,
    )  # fmt: skip
    begin = 10.0 * np.arange(SHOPS + 1)
    fronts = pd.DataFrame({"strip": np.arange(SHOPS + 1), "street": "S0", "side": "left", "from_m": begin,
                           "to_m": begin + 10, "length_m": 10.0, "excluded_m": 0.0})  # fmt: skip
    count = pd.DataFrame({"frontage": [codes[n] for n in violations], "count": list(violations.values())})
    return changed(data, doors=Ledger(strips, fronts), violations=count)


PILED = dict.fromkeys(range(0, SHOPS, 3), 1) | {30: 14, 31: 16, 32: 15}


def layer(told: dict, name: str) -> dict:
    return next(one for one in told["layers"] if one["name"] == name)


def test_three_shops_with_many_violations_are_the_hot_spot(town: Town) -> None:
    """Their neighbours have them in their neighbourhood, and are told apart from them."""
    told = facts("doors", long_street(town(), PILED))
    classes = dict(zip(layer(told, "frontages")["columns"]["code"], layer(told, "frontages")["columns"]["hot_strip"],
                       strict=True))  # fmt: skip
    assert {code for code, one in classes.items() if one == "core"} == {"D030", "D031", "D032", "D033"}
    assert classes["D029"].startswith("hot_") and classes["D200"] == "none" and classes["B0"] == "nobody"
    hot = told["hot"]["hot_strip"]
    assert [row[1] for row in hot["worst"][:3]] == ["D031", "D032", "D030"]
    assert hot["units"] == SHOPS and hot["reports"] == sum(PILED.values()) and hot["total"] >= 3
    (stretch, *_) = told["hot"]["hot_stretch"]["worst"]
    assert stretch[0] == "arterial road, 300–400 m, left side" and stretch[3] == 14 + 16 + 15 + 3


def test_rates_are_those_of_the_ledger(town: Town) -> None:
    """The page would show two rates per 100 m that differ."""
    data = long_street(town(), PILED)
    count = data.violations.set_index("frontage")["count"]
    for scale in scales(data, count):
        cells = scale.answer.cells
        assert cells["count"].sum() == sum(PILED.values())
        assert scale.support.size.sum() * PER_100_M == pytest.approx(SHOPS / 10)
    whole = figures(data.doors, "street", count).loc["S0"]
    blank = 10 / (10 * (SHOPS + 1))
    by_strip = scales(data, count)[0].answer.cells
    assert by_strip["count"].sum() / by_strip["exposure"].sum() == pytest.approx(whole["per_100_m"] / (1 - blank))


def test_no_violations_are_no_hot_spots(town: Town) -> None:
    """Nothing is to be divided by nothing."""
    told = facts("doors", long_street(town(), {}))
    for name in SCALES:
        assert told["hot"][name]["worst"] == [] and told["hot"][name]["reports"] == 0
        assert set(layer(told, "frontages")["columns"][name]) == {"none", "nobody"}


def test_one_enormous_pile_stays_one_pile(town: Town) -> None:
    """A million violations before one shop would make the street cold, or be no number any more."""
    told = facts("doors", long_street(town(), PILED | {5: 1_000_000}))
    assert told["hot"]["hot_strip"]["worst"][0][1] == "D005"


def test_repeats_say_on_how_many_days_and_when_last(town: Town) -> None:
    """Seven violations of one morning are not seven of a quarter."""
    assert facts("doors", town())["repeats"][0][2:] == [7, 3, "2026-03-31"]
    bare = changed(town(), violations=pd.DataFrame({"frontage": ["D0"], "count": [7]}))
    assert facts("doors", bare)["repeats"][0][2:] == [7, None, None]


def test_a_lane_is_hot_that_patrol_does_not_explain(town: Town) -> None:
    """And one that nobody walks is neither hot nor cold."""
    told = facts("backstreets", town())
    columns = layer(told, "segments")["columns"]
    by_from = {(code, at): nth for nth, (code, at) in enumerate(zip(columns["street"], columns["from_m"], strict=True))}
    hot = columns["hot_patrol"]
    assert hot[by_from["S3", 400.0]] == "core"
    assert hot[by_from["S3", 1900.0]] == hot[by_from["S9", 0.0]] == "insufficient"
    assert columns["why_hot_patrol"][by_from["S9", 0.0]][1:6] == [0.0, None, None, None, None]
    found = told["hot"]["hot_patrol"]
    row = found["worst"][0]
    assert row[0] == by_from["S3", 400.0] and row[1] == 90
    assert (found["insufficient"], found["elsewhere"], found["day"]) == (2, 17, "2026-03-01")
    assert "too little patrol to tell" in {
        item["label"] for one in layer(told, "segments")["filters"] for item in one["items"]
    }


def test_what_was_not_compared_is_not_offered(town: Town) -> None:
    """A colouring of nothing would be a grey map."""
    data = town()
    told = facts("backstreets", changed(data, patrol=replace(data.patrol, heat=None)))
    assert told["hot"] == {} and [one["by"] for one in layer(told, "segments")["filters"]] == ["status", "fresh"]
    none = facts("doors", changed(data, doors=None))
    assert none["hot"] == {} and none["repeats"] == []


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("page", ["doors", "backstreets"])
def test_no_number_that_is_none_is_on_a_page(town: Town, page: str, locale: str) -> None:
    """JSON knows no NaN, and a class without a legend row would stop the map."""
    told = facts(page, long_street(town(), PILED) if page == "doors" else town(), locale)
    json.dumps(told, allow_nan=False)
    for one in told["layers"]:
        for by in one["filters"]:
            assert set(one["columns"][by["by"]]) <= {item["value"] for item in by["items"]}
    title = TEXTS.say("by_hot_strip" if page == "doors" else "by_hot_patrol", locale)
    assert title in render(page, town(), locale, now=town().as_of)


def test_classes_have_their_look_and_their_words() -> None:
    """A class that the core adds would be grey, or without words."""
    for styles in (LINES, areas({"color": "#ccc", "weight": 1})):
        assert set(ORDER) <= set(styles)
        assert len({style.get("fillColor", style["color"]) for one, style in styles.items() if one in ORDER}) == len(
            ORDER
        )
    assert all(f"sure_{one}" in TEXTS for one in (*ORDER, "nobody"))


def test_the_worst_are_hot_spots_themselves_first() -> None:
    """Those beside one have the higher rate in their window now and then."""
    counts = np.ones(200, np.int64)
    counts[[50, 51, 52, 120]] = 12, 15, 13, 8
    along = np.arange(199)
    answer = significance(counts, linked(200, np.column_stack([along, along + 1])))
    rows = worst(answer)
    core = np.array(classes_of(answer)) == CORE
    assert core[rows].tolist() == sorted(core[rows].tolist(), reverse=True) and {50, 51, 52} <= set(rows)
    assert len(rows) <= MOST_WORST and told_of(answer)["reports"] == counts.sum()
    assert answer.cells.columns.isin(WHY).sum() == len(WHY)
