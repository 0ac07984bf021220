"""Registers of front doors: what cannot be is listed with its reason, and the rest goes on."""

import datetime as dt

import pandas as pd
import pytest

from gis_core.references import FINDING_COLUMNS
from gis_core.registers import check_doors
from gis_core.territory import Territory
from tests.gis_core.small_city import Row, box, place, strip, territory

DAY = (dt.date(2026, 7, 1) - dt.date(1970, 1, 1)).days
SHOPS = [place(code, box(0, 0, 0.01, 0.01), type="shop") for code in ("noodles", "tea")]
STRIPS = [strip("noodles", box(0, 0.5, 0.1, 0.51)), strip("tea", box(0.2, 0.5, 0.3, 0.51))]
REGISTER = pd.DataFrame({"code": ["noodles", "tea"], "plate": ["1", None]})


def town(*letters: Row, strips: list[Row] | None = None) -> Territory:
    return territory(places=SHOPS, agreements=list(letters), frontages=STRIPS if strips is None else strips)


def found(city: Territory, register: pd.DataFrame = REGISTER) -> list[tuple[str, str, str | None]]:
    findings = check_doors(city, register, DAY)
    assert tuple(findings.columns) == FINDING_COLUMNS and set(findings["severity"]) <= {"warning"}
    return [(row.check, row.code, row.other) for row in findings.itertuples()]


def letter(code: str, shop: str = "tea", **more: object) -> Row:
    return {"code": code, "shop": shop, "duties": ["tag:door"], "valid_to": "2026-12-31", **more}


def test_registers_that_agree_have_no_findings() -> None:
    assert found(town(letter("A"))) == []
    assert found(territory()) == [("unknown_shop", "noodles", "noodles"), ("unknown_shop", "tea", "tea")]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ([letter("A"), letter("B")], [("two_agreements", "A", "tea"), ("two_agreements", "B", "tea")]),
        ([letter("A", valid_to="2026-06-30"), letter("B", valid_from="2026-07-01")], []),
        ([letter("A", valid_to="2026-06-30")], [("agreement_over", "A", "tea 2026-06-30")]),
        ([letter("A", valid_to="2026-08-29")], [("renewal_due", "A", "tea 2026-08-29")]),
        ([letter("A", valid_to="2026-08-30")], []),
        ([letter("A", valid_to="2026-08-29"), letter("B", valid_from="2026-08-30")], []),
        ([letter("A", "nobody")], [("unknown_shop", "A", "nobody")]),
        ([letter("A", duties=["tag:nothing"])], [("unknown_duty", "A", "tag:nothing")]),
        ([letter("A", duties=None, valid_to=None)], []),
    ],
)
def test_agreements(letters: list[Row], expected: list[tuple[str, str, str]]) -> None:
    assert found(town(*letters)) == expected


def test_what_is_over_is_no_fault() -> None:
    """A shop that closed would be on every list for ever, and its plate be its successor's fault."""
    closed = pd.DataFrame({"code": ["closed", "noodles"], "plate": ["1", "1"], "valid_to": ["2025-12-31", None]})
    assert found(town(letter("A", "closed", valid_to="2024-12-31")), closed) == []
    gate = strip("gate", box(0, 0.5, 0.1, 0.51), kind="excluded", origin="official", shops=[], responsible=None)
    own = strip("noodles", box(0, 0.5, 0.1, 0.51), origin="official")
    assert found(town(strips=[own, STRIPS[1], gate])) == []
    ghost = strip("tea", box(0.2, 0.5, 0.3, 0.51), shops=["ghost", "tea"])
    assert found(town(strips=[STRIPS[0], ghost])) == [("unknown_shop", "tea", "ghost")]


def test_a_plate_on_two_walls() -> None:
    twice = pd.DataFrame({"code": ["noodles", "tea"], "plate": ["1", "1"]})
    assert found(town(), twice) == [("plate_twice", "noodles", "1"), ("plate_twice", "tea", "1")]


def test_shops_without_strip_and_strips_twice_given() -> None:
    assert found(town(strips=STRIPS[:1])) == [("shop_without_strip", "tea", None)]
    ended = [STRIPS[0], {**STRIPS[1], "valid_to": "2026-06-30"}]
    assert found(town(strips=ended)) == [("shop_without_strip", "tea", None)]
    assert found(town(strips=[])) == [], "before strips are drawn no shop lacks one"
    official = [strip(code, box(0, 0.5, 0.1, 0.51), origin="official") for code in ("noodles", "tea")]
    ((check, one, other),) = found(town(strips=official))
    assert (check, one, other) == ("strips_overlap", "noodles", "tea")
    assert check_doors(town(strips=official), REGISTER, DAY)["amount"].iloc[0] == pytest.approx(46, abs=2)
