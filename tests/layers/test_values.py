import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from layers.values import days, given, inexact, instants, items, json_values, numbers, objects, texts

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def instant(text: str, zone: ZoneInfo = SHANGHAI) -> str | None:
    """The instant in UTC as ISO text; None where it is refused."""
    stamps, wrong = instants(objects([text]), zone)
    assert wrong[0] == (stamps[0] is pd.NaT)
    return None if wrong[0] else stamps[0].isoformat()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("01001", "01001"),
        ("12.0", "12.0"),
        (12, "12"),
        (12.0, "12"),
        (2**60 + 1, str(2**60 + 1)),
        (1.25, "1.25"),
        (True, "true"),
        (Decimal(7), "7"),
        ("　 a\tb\n", "a\tb"),
        ("a\0b\x1fc\ud800\x85", "abc"),
        ("", None),
        (" \r\n", None),
        (None, None),
        (float("nan"), None),
        (pd.NaT, None),
        (b"bytes", None),
        (dt.date(2026, 7, 1), "2026-07-01"),
        (dt.datetime(2026, 7, 1, 8, 30, tzinfo=dt.UTC), "2026-07-01T08:30:00+00:00"),
        (["a", 1], '["a", 1]'),
        ({"名": "值"}, '{"名": "值"}'),
    ],
)
def test_cells_as_text(cell: object, text: str | None) -> None:
    assert texts([cell]).tolist() == [text]


def test_numbers_that_lost_digits_are_known() -> None:
    cells = [2.0**53, 123456789012345.0, 2**60, "1e20", None, 4.5e17]
    assert inexact(cells).tolist() == [True, False, False, False, False, True]


def test_cells_as_json() -> None:
    cells = [1, 1.5, True, float("inf"), float("nan"), "a\0", dt.date(2026, 7, 1), {"a": ["\0"]}]
    assert json_values(cells).tolist() == [1, 1.5, True, "inf", None, "a", "2026-07-01", '{"a": ["\\u0000"]}']


def test_numbers() -> None:
    values, wrong = numbers(objects(["1", "-2.5e3", " 3", None, "x", "inf", "1,5", "nan"]))
    assert values[:3].tolist() == [1, -2500, 3]
    assert wrong.tolist() == [False, False, False, False, True, True, True, True]


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-01T08:30:00", "2026-07-01 08:30", "2026/7/1 8:30", "2026/07/01 08:30:00.000", "2026.7.1 8:30",
        "2026年7月1日 8:30", "20260701083000", "2026-07-01T00:30:00Z", "2026-07-01T00:30Z", "2026-07-01T08:30+08:00",
        "2026-07-01T08:30+0800", "2026-07-01T08:30:00 +08", "2026-06-30T20:30-04:00", "1782865800000",
        "2026-07-01T08:30:00,000",
    ],
)  # fmt: skip
def test_forms_of_one_instant(text: str) -> None:
    assert instant(text) == "2026-07-01T00:30:00+00:00"


@pytest.mark.parametrize("text", ["2026-07-01", "2026/7/1", "2026年7月1日", "20260701"])
def test_a_day_is_its_first_moment(text: str) -> None:
    assert instant(text) == "2026-06-30T16:00:00+00:00"


def test_fractions_of_a_second_are_kept() -> None:
    assert instant("2023-06-01T15:34:43.043") == "2023-06-01T07:34:43.043000+00:00"
    assert instant("2023-06-01T15:34:43.0430009Z") == "2023-06-01T15:34:43.043001+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30", "2026-13-01", "2026-00-01", "2026-01-00", "2026-07-01 24:00", "2026-07-01 8:60", "7/1/2026",
        "2026-07-01 8", "01-07-2026", "yesterday", "46204.35", "178286580000", "0000-00-00 00:00:00", "0999-01-01",
        "9999-12-31", "2026-07-01T08:30+25:00", "2026-07-01 8:30 PM", "2026-07", "20260732", "-1782865800000",
        "２０２６-07-01", "2026-07-01 08:30:0０",
    ],
)  # fmt: skip
def test_what_is_no_instant(text: str) -> None:
    assert instant(text) is None


def test_an_hour_that_comes_twice_is_its_first_and_one_that_never_comes_the_next() -> None:
    assert instant("2026-11-01 01:30", NEW_YORK) == "2026-11-01T05:30:00+00:00"
    assert instant("2026-03-08 02:30", NEW_YORK) == "2026-03-08T07:00:00+00:00"
    assert instant("1991-09-15 00:30") == "1991-09-14T15:30:00+00:00"


def test_instants_of_a_column_do_not_disturb_each_other() -> None:
    cells = ["2026-07-01", None, "x", "2026-07-01T00:00Z", "2026-11-01 01:30"]
    stamps, wrong = instants(objects(cells), NEW_YORK)
    assert str(stamps.dtype) == "datetime64[us, UTC]"
    assert wrong.tolist() == [False, False, True, False, False]
    assert stamps.notna().tolist() == [True, False, False, True, True]
    assert [instant(cell, NEW_YORK) for cell in ("2026-07-01", "2026-11-01 01:30")] == [
        stamps[0].isoformat(), stamps[4].isoformat(),
    ]  # fmt: skip


def test_no_instants_at_all() -> None:
    stamps, wrong = instants(objects([]), SHANGHAI)
    assert str(stamps.dtype) == "datetime64[us, UTC]"
    assert len(wrong) == 0


def test_days() -> None:
    cells = ["2026-07-01", "2026/7/1 23:59", "20260701", "2026-06-30T20:00Z", "9999-12-31", None, "2026-02-30"]
    found, wrong = days(objects(cells), SHANGHAI)
    assert found.tolist() == [dt.date(2026, 7, 1)] * 4 + [dt.date(9999, 12, 31), None, None]
    assert wrong.tolist() == [False] * 6 + [True]


def test_lists() -> None:
    cells = ["*", "a;b ; c", "a|b", "a，b、c；", ["x", 1, None], "", None, " ; "]
    expected = [["*"], ["a", "b", "c"], ["a", "b"], ["a", "b", "c"], ["x", "1"], None, None, None]
    assert items(cells).tolist() == expected
    assert given(items(cells)).tolist() == [True] * 5 + [False] * 3


# --- Columns of plain text go another way than single odd cells -------------------------------------------------------

WRITTEN = st.text(st.sampled_from(" \t\n\r\0\x0b\x1c\x1f\x7f\x85\xa0　​\ud800\ufffe\ufeffaé街道😀-,0"), max_size=6)
NUMBERS = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.integers().map(str),
    st.text(st.sampled_from("0123456789+-.eE_ ,xnaif∞１"), max_size=8),
)
MOMENTS = st.from_regex(
    r"\A(19|20)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d:[0-6]\d([.,]\d{1,9})?( ?Z|z|[+-][0-2]\d:?([0-6]\d)?)?\Z"
)


@hypothesis.given(st.lists(st.none() | WRITTEN, max_size=8))
def test_plain_texts_read_as_they_do_beside_an_odd_cell(cells: list[str | None]) -> None:
    assert texts(cells).tolist() == texts([*cells, 1.5])[:-1].tolist()


@hypothesis.given(st.lists(NUMBERS, max_size=8))
def test_numbers_read_as_they_do_beside_what_is_none(cells: list[str]) -> None:
    written = texts(cells)
    values, wrong = numbers(written)
    beside, wrong_beside = numbers(objects([*written, "x"]))
    np.testing.assert_array_equal(values, beside[:-1])
    assert wrong.tolist() == wrong_beside[:-1].tolist()


@hypothesis.given(st.lists(MOMENTS, max_size=8), st.sampled_from([SHANGHAI, NEW_YORK]))
def test_a_time_reads_the_same_with_other_separators(cells: list[str], zone: ZoneInfo) -> None:
    stamps, wrong = instants(objects(cells), zone)
    others, wrong_others = instants(objects([cell.replace("-", "/", 2) for cell in cells]), zone)
    assert stamps.equals(others)
    assert wrong.tolist() == wrong_others.tolist()


@hypothesis.given(MOMENTS, st.integers(0, 18), st.sampled_from("0 -:T年x１９"))
def test_a_time_with_one_character_changed_reads_as_by_itself(text: str, place: int, character: str) -> None:
    changed = text[:place] + character + text[place + 1 :]
    spread = changed.replace("-", "/", 2) if changed[4] == changed[7] == "-" else changed
    assert instant(changed) == instant(spread)
