"""The city file: what is read, and what is refused with which words."""

from typing import Any

import pytest

from gis_core.city import DEFAULT_LEVELS, City
from gis_core.errors import InvalidInput

CITY = {"name": "Lattice", "timezone": "Asia/Shanghai", "metric_srid": 4545}


def test_a_city_is_read() -> None:
    levels = [
        {"name": "ward", "title": {"en": "ward", "zh": "选区"}},
        {"name": "block", "code": r"\d{3}", "nests": False},
    ]
    city = City.parse({"city": {**CITY, "datum": "epsg:4490", "grid_tolerance_m": 12}, "level": levels})
    assert (city.datum, city.grid_tolerance_m, city.street_limit_m) == ("cgcs2000", 12, 100.0)
    assert [level.name for level in city.levels] == ["ward", "block"]
    assert (city.levels[0].title("zh"), city.levels[1].title("zh")) == ("选区", "block")
    assert city.levels[1].accepts("123") and not city.levels[1].accepts("1234")
    assert (city.level("block"), str(city.zone)) == (1, "Asia/Shanghai")
    assert City.parse(city.document()) == city


def test_levels_are_the_five_of_the_standard_unless_given() -> None:
    assert City.parse({"city": CITY}).levels == DEFAULT_LEVELS


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": 5}, "city.name"),
        ({"nmae": "x"}, "city.nmae"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "Asia"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": 8}, "city.timezone"),
        ({"metric_srid": "4545"}, "city.metric_srid"),
        ({"metric_srid": 4326}, "metric_srid"),
        ({"metric_srid": 3857}, "metric_srid"),
        ({"metric_srid": True}, "city.metric_srid"),
        ({"datum": "mars"}, "datum"),
        ({"scheme": ""}, "scheme"),
        ({"locale": "fr"}, "locale"),
        ({"grid_tolerance_m": -1}, "grid_tolerance_m"),
        ({"grid_tolerance_m": float("nan")}, "grid_tolerance_m"),
        ({"grid_tolerance_m": "30"}, "city.grid_tolerance_m"),
        ({"street_limit_m": 0}, "street_limit_m"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        City.parse({"city": {**CITY, **change}})
    assert refused.value.params["field"] == field
    assert field in refused.value.text("en") and field in refused.value.text("zh")


@pytest.mark.parametrize("field", ["name", "timezone", "metric_srid"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        City.parse({"city": {name: value for name, value in CITY.items() if name != field}})
    assert refused.value.params["field"] == f"city.{field}"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"level": "ward"}, "level"),
        ({"level": {"name": "ward"}}, "level"),
        ({"level": ["ward"]}, "level"),
        ({"level": [{}]}, "level.name"),
        ({"level": [{"name": "Ward 1"}]}, "level.name"),
        ({"level": [{"name": "ward", "code": "["}]}, "level.ward.code"),
        ({"level": [{"name": "ward", "code": 5}]}, "level.code"),
        ({"level": [{"name": "ward", "title": "Ward"}]}, "level.titles"),
        ({"level": [{"name": "ward", "title": {"en": 1}}]}, "level.titles"),
        ({"level": [{"name": "ward", "nests": "no"}]}, "level.nests"),
        ({"level": [{"name": "ward", "colour": "red"}]}, "level.colour"),
        ({"level": [{"name": "ward"}, {"name": "ward"}]}, "level.name"),
        ({"level": [{"name": f"l{number}"} for number in range(7)]}, "level"),
        ({"levels": []}, "levels"),
        ({"city": "Lattice"}, "city"),
    ],
)
def test_wrong_tables_are_named(document: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        City.parse({"city": CITY, **document})
    assert refused.value.params["field"] == field


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        City.parse({"city": CITY}).level("ward")
    assert refused.value.key == "level_unknown" and "district" in refused.value.text("en")


def test_rules_of_facilities_are_read() -> None:
    """A city with a catalogue of its own, or other distances, could not say so."""
    patrol = {"bin_m": 100.0, "lamp_m": 40.0, "toilets": ["wc"], "bins": ["litter-can"], "notices": []}
    city = City.parse({"city": CITY, "patrol": patrol})
    rules = city.patrol
    assert (rules.bin_m, rules.lamp_m, rules.toilets, rules.notices) == (100.0, 40.0, ("wc",), ())
    assert (rules.lamps, City.parse({"city": CITY}).patrol.bin_m) == (("01037",), 200.0)
    assert City.parse(city.document()) == city


@pytest.mark.parametrize("change", [{"bin_m": 0}, {"lamp_m": -1}, {"bin_m": 20_000}, {"bins": "03005"}, {"lamps": [1]}])
def test_wrong_rules_of_facilities_are_named(change: dict[str, Any]) -> None:
    """A distance of nothing would find fault with every metre."""
    with pytest.raises(InvalidInput) as refused:
        City.parse({"city": CITY, "patrol": change})
    assert refused.value.params["field"] == f"patrol.{next(iter(change))}"


def test_rules_of_patrols_and_quotas_are_read() -> None:
    """What is not said is as it is everywhere; a city without quotas says so by an empty list."""
    patrol = {"classes": ["backstreet", "branch"], "duty": {"*": "06:00-20:00"}, "tracks_days": 30, "toilet_m": 400}
    quotas = [{"type": "market", "visits": 4, "bodies": 4}, {"type": "toilet", "period": "week", "dwell_min": 0}]
    city = City.parse({"city": CITY, "patrol": patrol, "quota": quotas})
    assert (city.patrol.classes, city.patrol.tracks_days, city.patrol.unwalked_days) == (
        ("backstreet", "branch"),
        30,
        7,
    )
    assert [(one.type, one.period, one.visits, one.spacing_min) for one in city.quotas] == [
        ("market", "day", 4, 60), ("toilet", "week", 1, 60),
    ]  # fmt: skip
    assert City.parse(city.document()) == city
    assert [one.type for one in City.parse({"city": CITY}).quotas] == ["market", "mall"]
    assert City.parse({"city": CITY, "quota": []}).quotas == ()


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"patrol": {"clases": ["backstreet"]}}, "patrol.clases"),
        ({"patrol": {"classes": "backstreet"}}, "patrol.classes"),
        ({"patrol": {"tracks_days": 0}}, "patrol.tracks_days"),
        ({"patrol": {"tracks_days": 1.5}}, "patrol.tracks_days"),
        ({"patrol": {"unwalked_days": 30}}, "patrol.unwalked_days"),
        ({"patrol": {"fence_m": -1}}, "patrol.fence_m"),
        ({"patrol": {"toilet_m": float("nan")}}, "patrol.toilet_m"),
        ({"patrol": {"notice_m": 0}}, "patrol.notice_m"),
        ({"patrol": {"lamps_lit": 95}}, "patrol.lamps_lit"),
        ({"patrol": ["backstreet"]}, "patrol"),
        ({"quota": {"type": "market"}}, "quota"),
        ({"quota": [{}]}, "quota.type"),
        ({"quota": [{"type": " "}]}, "quota.type"),
        ({"quota": [{"type": "market", "period": "year"}]}, "quota.period"),
        ({"quota": [{"type": "market", "visits": 0}]}, "quota.visits"),
        ({"quota": [{"type": "market", "visits": 2, "bodies": 3}]}, "quota.bodies"),
        ({"quota": [{"type": "market", "spacing_min": -1}]}, "quota.spacing_min"),
        ({"quota": [{"type": "market", "dwell_min": 1_441}]}, "quota.dwell_min"),
        ({"quota": [{"type": "market"}, {"type": "market"}]}, "quota.type"),
    ],
)
def test_wrong_rules_of_patrols_are_named(document: dict[str, Any], field: str) -> None:
    """A typing error would let a city patrol by rules that it has not made."""
    with pytest.raises(InvalidInput) as refused:
        City.parse({"city": CITY, **document})
    assert refused.value.params["field"] == field


@pytest.mark.parametrize("written", ["7-21", "07:00", "25:00-26:00", "21:00", ""])
def test_a_wrong_duty_window_is_named(written: str) -> None:
    """With the class whose it is."""
    with pytest.raises(InvalidInput):
        City.parse({"city": CITY, "patrol": {"duty": {"backstreet": written}}})
