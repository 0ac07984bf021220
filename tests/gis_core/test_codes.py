"""What contracts cover, and what codes say about parents."""

import numpy as np
import pandas as pd
import pytest

from gis_core.codes import parent_code, resolve_duties

CATEGORIES = pd.DataFrame(
    [("A", "matter", "01"), ("A", "component", "01"), ("A", "matter", "02"), ("B", "matter", "01")],
    columns=["scheme", "kind", "code"],
)
TAGS = pd.DataFrame(
    [
        ("dirt", "litter", "A", "matter", "02"),
        ("dirt", "mud", "B", "matter", "01"),
        ("dirt", "gone", "A", "matter", "99"),
    ],
    columns=["tag_group", "tag", "scheme", "kind", "code"],
)


@pytest.mark.parametrize(
    ("items", "scheme", "covered", "unknown"),
    [
        (["*"], "A", [0, 1, 2, 3], []),
        (["01"], "A", [0], []),
        (["01"], "B", [3], []),
        (["component:01"], "A", [1], []),
        (["component:01"], "B", [], ["component:01"]),
        (["tag:dirt"], "A", [2, 3], []),
        (["tag:dirt/litter"], "B", [2], []),
        (["tag:dirt/gone", "tag:none", "77"], "A", [], ["tag:dirt/gone", "tag:none", "77"]),
        ([" 01 ", "02"], "A", [0, 2], []),
        ([], "A", [], []),
    ],
)
def test_duties_name_categories(items: list[str], scheme: str, covered: list[int], unknown: list[str]) -> None:
    other = ["02"]
    found, missed = resolve_duties([other, items], ["A", scheme], CATEGORIES, TAGS)
    assert np.flatnonzero(found[1]).tolist() == covered
    assert np.flatnonzero(found[0]).tolist() == [2]
    assert list(zip(missed["position"], missed["item"], strict=True)) == [(1, item) for item in unknown]


def test_nothing_to_resolve() -> None:
    found, missed = resolve_duties([], [], CATEGORIES, TAGS)
    assert found.shape == (0, 4) and len(missed) == 0
    found, missed = resolve_duties([["*"], ["01"]], ["A", "A"], pd.DataFrame(), pd.DataFrame())
    assert found.shape == (2, 0) and missed["item"].tolist() == ["01"]


def test_a_unit_begins_with_its_community() -> None:
    """Fifteen digits: district 6, subdistrict 3, community 3, sequence 3."""
    uppers = np.array(["450107", "450107001", "450107001002"], dtype=object)
    codes = np.array(["450107001002003", "450107001009001", "450107999", "450107", "9", None], dtype=object)
    assert parent_code(codes, uppers).tolist() == ["450107001002", "450107001", "450107", None, None, None]


def test_a_code_is_not_its_own_parent() -> None:
    codes = np.array(["01", "0101"], dtype=object)
    assert parent_code(codes, codes).tolist() == [None, "01"]
    assert parent_code(codes, np.empty(0, dtype=object)).tolist() == [None, None]
