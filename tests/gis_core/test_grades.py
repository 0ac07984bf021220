"""Grades of plates by month, and the steps that follow each other, by hand."""

import dataclasses

import pandas as pd
import pytest

from gis_core.grades import GRADE_COLUMNS, STEPS, monthly, standing, step
from tests.gis_core.small_city import CITY


def inspections(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Local day, whose, and score."""
    at = [pd.Timestamp(f"{day} 10:00", tz=CITY.zone).tz_convert("UTC") for day, _, _ in rows]
    return pd.DataFrame({"at": pd.to_datetime(at, utc=True), "body": [row[1] for row in rows],
                         "score": [row[2] for row in rows]})  # fmt: skip


def test_a_month_counts_the_city_s_party_for_six_tenths() -> None:
    """90 and 80 of the city, 70 of the district: 0.6 times 85 and 0.4 times 70 are 79, blue."""
    found = monthly(
        inspections(("2026-06-01", "city", 90), ("2026-06-20", "city", 80), ("2026-06-30", "district", 70)), CITY
    )
    assert tuple(found.columns) == GRADE_COLUMNS
    assert found.to_dict("records") == [{"month": "2026-06", "score": 79.0, "grade": "blue", "referred": False}]
    alone = monthly(inspections(("2026-06-01", "district", 90)), CITY)
    assert (alone["score"][0], alone["grade"][0]) == (90.0, "red"), "where only one has been there, its own"


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "red"), (90, "red"), (89.9, "blue"), (75, "blue"), (74.9, "yellow")]
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
    assert found["referred"].tolist() == [False, False, True, True] and standing(found).referred
    gap = monthly(inspections(*yellow[:2], yellow[3]), CITY)
    assert not gap["referred"].any()
    better = monthly(inspections(*yellow[:2], ("2026-03-01", "city", 80.0), yellow[3]), CITY)
    assert not better["referred"].any() and not standing(better).referred
    over_the_year = [("2025-11-30", "city", 1.0), ("2025-12-31", "district", 1.0), ("2026-01-01", "city", 1.0)]
    assert monthly(inspections(*over_the_year), CITY)["referred"].tolist() == [False, False, True]


def test_a_month_is_the_city_s() -> None:
    """Half past midnight on the first is still the month before in UTC."""
    at = pd.DataFrame({"at": pd.to_datetime(["2026-06-30T16:30Z"], utc=True), "body": ["city"], "score": [50.0]})
    assert monthly(at, CITY)["month"].tolist() == ["2026-07"]


def test_nothing_is_no_grade() -> None:
    empty = monthly(inspections(), CITY)
    assert not len(empty) and standing(empty).grade is None


def test_the_third_time_is_a_case() -> None:
    assert [step(earlier) for earlier in range(5)] == [*STEPS, "case", "case"]
