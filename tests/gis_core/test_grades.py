"""Grades of plates by month, and the steps that follow each other, by hand."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from gis_core.grades import GRADE_COLUMNS, STEPS, monthly, standing, standings, step
from tests.gis_core.small_city import CITY

JULY, MAY = dt.date(2026, 7, 15), dt.date(2026, 5, 1)


def inspections(*rows: tuple[str, str, float], shop: str = "D1") -> pd.DataFrame:
    """Local day, whose, and score."""
    at = [pd.Timestamp(f"{day} 10:00", tz=CITY.zone).tz_convert("UTC") for day, _, _ in rows]
    _, body, score = zip(*rows, strict=True) if rows else ([], [], [])
    return pd.DataFrame({"shop": shop, "at": pd.to_datetime(at, utc=True), "body": body, "score": score})


def test_a_month_counts_the_city_s_party_for_six_tenths() -> None:
    """90 and 80 of the city, 70 of the district: 0.6 times 85 and 0.4 times 70 are 79, blue."""
    found = monthly(
        inspections(("2026-06-01", "city", 90), ("2026-06-20", "city", 80), ("2026-06-30", "district", 70)), CITY
    )
    assert tuple(found.columns) == ("shop", *GRADE_COLUMNS)
    assert found.to_dict("records") == [
        {"shop": "D1", "month": "2026-06", "score": 79.0, "grade": "blue", "referred": False}
    ]
    alone = monthly(inspections(("2026-06-01", "district", 90)), CITY)
    assert (alone["score"][0], alone["grade"][0]) == (90.0, "red"), "where only one has been there, its own"


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "red"), (90, "red"), (89.96, "red"), (89.9, "blue"), (75, "blue"), (74.9, "yellow")]
)
def test_grades_begin_where_the_city_says(score: float, grade: str) -> None:
    assert monthly(inspections(("2026-06-01", "city", score)), CITY)["grade"].tolist() == [grade]
    strict = dataclasses.replace(CITY, plate_red_from=100, plate_blue_from=100)
    assert monthly(inspections(("2026-06-01", "city", score)), strict)["grade"].tolist() == [
        "red" if score == 100 else "yellow"
    ]


def test_three_yellow_months_in_a_row_are_referred() -> None:
    """A month without an inspection, or a better one, would be forgotten."""
    yellow = [(f"2026-{month:02}-05", "city", 60.0) for month in (1, 2, 3, 4)]
    found = monthly(inspections(*yellow), CITY)
    assert found["referred"].tolist() == [False, False, True, True] and standing(found, MAY).referred
    gap = monthly(inspections(*yellow[:2], yellow[3]), CITY)
    assert not gap["referred"].any()
    better = monthly(inspections(*yellow[:2], ("2026-03-01", "city", 80.0), yellow[3]), CITY)
    assert not better["referred"].any() and not standing(better, MAY).referred
    over_the_year = [("2025-11-30", "city", 1.0), ("2025-12-31", "district", 1.0), ("2026-01-01", "city", 1.0)]
    assert monthly(inspections(*over_the_year), CITY)["referred"].tolist() == [False, False, True]


def test_a_month_is_the_city_s() -> None:
    """Half past midnight on the first is still the month before in UTC."""
    at = pd.DataFrame(
        {"shop": ["D1"], "at": pd.to_datetime(["2026-06-30T16:30Z"], utc=True), "body": ["city"], "score": [50.0]}
    )
    assert monthly(at, CITY)["month"].tolist() == ["2026-07"]


def test_two_bodies_at_ninety_are_ninety() -> None:
    """0.6 times 99.6 and 0.4 times 75.6 are 90, and in binary digits a little less."""
    both = monthly(inspections(("2026-06-01", "city", 99.6), ("2026-06-02", "district", 75.6)), CITY)
    assert both[["score", "grade"]].to_dict("records") == [{"score": 90.0, "grade": "red"}]


def test_a_shop_stands_by_its_newest_month_that_is_over() -> None:
    """One bad score on the first of a month would refer it, or an old row of yellow months for ever."""
    yellow = [(f"2026-{month:02}-05", "city", 60.0) for month in (4, 5, 6)]
    found = monthly(inspections(*yellow), CITY)
    now = standing(found, dt.date(2026, 6, 30))
    assert (now.grade, now.month, now.referred, now.provisional) == ("yellow", "2026-05", False, False)
    assert standing(found, JULY).referred and not standing(found, dt.date(2026, 8, 1)).referred
    first = standing(monthly(inspections(("2026-07-02", "city", 95.0)), CITY), JULY)
    assert (first.grade, first.provisional) == ("red", True), "better than nothing"


def test_many_shops_stand_each_for_itself() -> None:
    """The months of one shop would go on in those of the next."""
    yellow = [(f"2026-{month:02}-05", "city", 60.0) for month in (4, 5, 6)]
    rows = [inspections(*yellow, shop="A"), inspections(yellow[2], shop="B"),
            inspections(("2026-07-01", "city", 80.0), shop="C")]  # fmt: skip
    found = standings(monthly(pd.concat(rows), CITY), JULY)
    told = found[["shop", "grade", "provisional", "referred"]].to_numpy().tolist()
    assert told == [["A", "yellow", False, True], ["B", "yellow", False, False], ["C", "blue", True, False]]


def test_nothing_is_no_grade() -> None:
    empty = monthly(inspections(), CITY)
    assert not len(empty) and standing(empty, JULY).grade is None


def test_the_third_time_is_a_case() -> None:
    assert [step(earlier) for earlier in range(5)] == [*STEPS, "case", "case"]
