"""The ledger of front doors against sums done by hand."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis_core.ledger import FIGURE_COLUMNS, STATES, figures, ledger, poisson_interval
from gis_core.territory import Territory
from tests.gis_core.small_city import Row, box, holder, place, strip, territory

DAY = (dt.date(2026, 7, 1) - dt.date(1970, 1, 1)).days


def front(street: str, begin: float, end: float, side: str = "left") -> Row:
    return {"street": street, "side": side, "from_m": begin, "to_m": end, "length_m": end - begin}


def door(code: str, at: float, metres: float, *fronts: Row, **more: Any) -> Row:
    """A strip of a hundredth of a step's depth at ``x``; 40 m long without its fronts."""
    fronts = fronts or (front("S1", at * 100, at * 100 + metres),)
    shape = box(at, 0.5, at + 0.1, 0.51)
    return strip(code, shape, kerb_m=metres, fronts=list(fronts), **{"quality": "estimated", **more})


def letter(shop: str, **more: Any) -> Row:
    return {"code": f"letter of {shop}", "shop": shop, **more}


def town(strips: list[Row], letters: list[Row], **layers: list[Row]) -> Territory:
    shops = [place(code, box(0, 0, 0.01, 0.01), type="shop") for code in ("noodles", "tea", "hardware")]
    return territory(frontages=strips, agreements=letters, places=shops, holders=[holder("01", "li")], **layers)


STRIPS = [
    door("noodles", 0.0, 40.0),
    door("tea", 0.2, 20.0, front("S1", 60, 75), front("S2", 0, 5)),
    door("hardware", 1.0, 40.0, quality="measured"),
    door("B1", 0.5, 100.0, kind="blank", shops=[], responsible=None),
]


def test_metres_and_units_of_streets_and_cells() -> None:
    """Signed 40 of 195 m of kerb along S1: by hand."""
    book = ledger(town(STRIPS, [letter("noodles", valid_to="2026-12-31")]), DAY)
    assert book.strips["state"].tolist() == ["blank", "unsigned", "signed", "unsigned"], "in the order of codes"
    assert book.strips.set_index("code")["until"].to_dict()["noodles"] == dt.date(2026, 12, 31)
    assert set(book.strips["community"]) == {"0101"} and set(book.strips["unit"]) == {"010101", "010102"}
    found = figures(book, "street", pd.Series({"noodles": 3, "tea": 1, "elsewhere": 9}))
    assert tuple(found.columns) == FIGURE_COLUMNS
    first = found.loc["S1"]
    assert [first[f"{state}_m"] for state in STATES] == [40.0, 55.0, 100.0, 0.0]
    assert first["signed_share"] == pytest.approx(40 / 195) and first["shop_share"] == pytest.approx(40 / 95)
    assert (first["units"], first["signed_units"]) == (3, 1), "the corner shop counts where it lies along most"
    assert first["estimated_share"] == pytest.approx(55 / 95)
    assert first["violations"] == 4 and first["per_100_m"] == pytest.approx(4 / 1.95)
    second = found.loc["S2"]
    assert (second["unsigned_m"], second["units"], second["violations"]) == (5.0, 0, 0)
    assert np.isnan(second["unit_share"]), "no shops, no share"
    by_unit = figures(book, "unit", pd.Series(dtype=float))
    assert by_unit.loc["010101", "signed_share"] == pytest.approx(40 / 160)
    assert by_unit.loc["010102", "unsigned_m"] == 40.0


@pytest.mark.parametrize(
    ("letters", "state", "until"),
    [
        ([], "unsigned", None),
        ([letter("tea")], "signed", None),
        ([letter("tea", valid_to="2026-06-30")], "unsigned", None),
        ([letter("tea", valid_to="2026-07-01")], "signed", dt.date(2026, 7, 1)),
        ([letter("tea", valid_from="2026-07-02")], "unsigned", None),
        ([letter("tea", valid_to="2026-08-01"), letter("tea", code="B", valid_to="2026-12-31")], "signed",
         dt.date(2026, 12, 31)),
    ],
    ids=["none", "open", "expired", "last day", "not begun", "two: the longer"],
)  # fmt: skip
def test_a_letter_counts_on_its_days(letters: list[Row], state: str, until: dt.date | None) -> None:
    strips = ledger(town(STRIPS, letters), DAY).strips.set_index("code")
    assert (strips.loc["tea", "state"], strips.loc["tea", "until"]) == (state, until)


def test_a_joint_strip_is_signed_when_all_have() -> None:
    joint = [door("noodles", 0.0, 40.0, kind="joint", shops=["noodles", "tea"])]
    one = [letter("noodles", valid_to="2026-12-31")]
    both = [*one, letter("tea", valid_to="2026-09-30")]
    for letters, state, signed in ((one, "unsigned", 1), (both, "signed", 2)):
        row = ledger(town(joint, letters), DAY).strips.iloc[0]
        assert (row["state"], row["units"], row["signed_units"]) == (state, 2, signed)
    assert ledger(town(joint, both), DAY).strips["until"].tolist() == [dt.date(2026, 9, 30)], "the first to end"


def test_the_official_strip_takes_the_place_of_the_derived_one() -> None:
    """It would be counted twice, or its metres would be lost."""
    drawn = strip("tea", box(0.2, 0.5, 0.4, 0.52), origin="official", fronts=[])
    book = ledger(town([*STRIPS, drawn], []), DAY)
    tea = book.strips[book.strips["code"] == "tea"]
    assert tea["origin"].tolist() == ["official"] and tea["length_m"].tolist() == [20.0]
    assert figures(book, "street", pd.Series(dtype=float)).loc["S2", "unsigned_m"] == 5.0
    later = ledger(town([*STRIPS, {**drawn, "valid_from": "2026-07-02"}], []), DAY).strips
    assert later[later["code"] == "tea"]["origin"].tolist() == ["derived"]


def test_an_official_strip_of_two_takes_the_place_of_both() -> None:
    """Tea would be signed alone and unsigned together, and its kerb be counted twice."""
    both = strip("noodles", box(0.0, 0.5, 0.3, 0.52), kind="joint", origin="official", shops=["noodles", "tea"],
                 kerb_m=60.0, fronts=[])  # fmt: skip
    book = ledger(town([*STRIPS, both], [letter("tea")]), DAY)
    assert sorted(book.strips["code"]) == ["B1", "hardware", "noodles"]
    found = figures(book, "district", pd.Series(dtype=float)).loc["01"]
    assert (found["units"], found["signed_units"], found["unsigned_m"]) == (3, 1, 100.0)
    cut = strip("tea", box(0.2, 0.5, 0.3, 0.52), origin="official", kerb_m=25.0, fronts=[])
    joint = [door("noodles", 0.0, 40.0, kind="joint", shops=["noodles", "tea"]), cut]
    rows = ledger(town(joint, []), DAY).strips.set_index("code")
    assert rows["units"].to_dict() == {"noodles": 1, "tea": 1}


def test_an_official_strip_is_as_long_as_it_says() -> None:
    drawn = strip("tea", box(0.2, 0.5, 0.4, 0.52), origin="official", fronts=[], kerb_m=30.0)
    book = ledger(town([*STRIPS, drawn], []), DAY)
    by_street, by_district = (figures(book, by, pd.Series(dtype=float)) for by in ("street", "district"))
    assert by_street["unsigned_m"].sum() == pytest.approx(by_district["unsigned_m"].sum()) == 110.0


def test_excluded_ground_takes_its_share_of_the_kerb() -> None:
    """A crossing over half of the blank: 50 of its 100 m are not counted."""
    crossing = strip("crossing", box(0.5, 0.5, 0.55, 0.51), kind="excluded", origin="official", shops=[],
                     responsible=None, fronts=[], kerb_m=50.0)  # fmt: skip
    book = ledger(town([*STRIPS, crossing], []), DAY)
    found = figures(book, "street", pd.Series(dtype=float)).loc["S1"]
    assert found["blank_m"] == pytest.approx(50, abs=0.1) and found["excluded_m"] == pytest.approx(50, abs=0.1)
    assert figures(book, "district", pd.Series(dtype=float)).loc["01", "excluded_m"] == pytest.approx(50, abs=0.1)
    whole = sum(found[f"{state}_m"] for state in STATES)
    assert whole == pytest.approx(195), "signed, unsigned, blank and excluded are all there is"


def test_intervals_of_counts() -> None:
    """Garwood's table: 0 gives 0 to 3.69, 1 gives 0.0253 to 5.57, 10 gives 4.80 to 18.39."""
    low, high = poisson_interval(np.array([0, 1, 10]))
    assert low == pytest.approx([0, 0.0253, 4.795], abs=1e-3)
    assert high == pytest.approx([3.689, 5.572, 18.390], abs=1e-3)


def test_nothing_gives_nothing() -> None:
    book = ledger(territory(), DAY)
    assert len(book.strips) == 0 and len(book.fronts) == 0
    for by in ("street", "unit"):
        found = figures(book, by, pd.Series(dtype=float))
        assert len(found) == 0 and tuple(found.columns) == FIGURE_COLUMNS


def test_a_drawn_strip_takes_its_share_of_a_joint_one() -> None:
    """Noodles and tea share 40 m; once the noodles' own are drawn, the kerb would be 80 m and a violation be two."""
    joint = door("noodles", 0.0, 40.0, kind="joint", shops=["noodles", "tea"])
    for own in ("noodles", "tea"):
        drawn = door(own, 0.05, 40.0, origin="official", shops=[own]) | {"kerb_m": None, "fronts": []}
        book = ledger(town([joint, drawn], [letter(own)]), DAY)
        found = figures(book, "street", pd.Series({"noodles": 1})).loc["S1"]
        assert (found["signed_m"], found["unsigned_m"], found["units"]) == (20.0, 20.0, 2), own
        assert found["violations"] == 1, own
        assert book.of_shop(own)["origin"].tolist()[0] == "official"
    measured = door("tea", 0.05, 12.0, origin="official", shops=["tea"]) | {"fronts": []}
    found = figures(ledger(town([joint, measured], []), DAY), "street", pd.Series(dtype=float)).loc["S1"]
    assert found["unsigned_m"] == 40.0, "12 m as it was measured, and what is left of the joint ones"


def test_a_shop_with_two_drawn_strips_is_one_shop() -> None:
    """Two gates of one shop would be two shops, and its kerb be twice as long."""
    derived = door("noodles", 0.0, 10.0)
    gates = [door(f"gate{n}", 0.05 * n, 1.0, origin="official", shops=["noodles"]) | {"kerb_m": None, "fronts": []}
             for n in (1, 2)]  # fmt: skip
    book = ledger(town([derived, *gates], [letter("noodles")]), DAY)
    found = figures(book, "street", pd.Series(dtype=float)).loc["S1"]
    assert (found["signed_m"], found["unsigned_m"], found["units"], found["signed_units"]) == (10.0, 0.0, 1, 1)


def test_a_town_without_strips_has_no_strip_of_a_shop() -> None:
    empty = ledger(town([], []), DAY)
    assert len(empty.of_shop("noodles")) == 0 and "geometry" in empty.of_shop("noodles")
