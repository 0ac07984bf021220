"""What is named and does not exist, and what nobody holds."""

from typing import Any

import pytest

from gis_core.references import FINDING_COLUMNS, check_holders, check_references
from gis_core.territory import Territory
from gis_core.texts import TEXTS
from tests.gis_core.small_city import S1, Row, box, contract, facility, grids, holder, lonlat, place, territory

JULY_1 = 20_635
PARTY = {"code": "lost", "kind": "unit", "parent": "nobody"}


def found(findings: Any) -> list[tuple[str, str, Any, Any]]:
    assert list(findings.columns) == list(FINDING_COLUMNS) and set(findings["severity"]) <= {"warning"}
    for row in findings.to_dict("records"):
        assert all("?" not in TEXTS.say(f"check_{row['check']}", locale, **row) for locale in ("en", "zh"))
    columns = [
        findings[name].astype(object).where(findings[name].notna(), None)
        for name in ("check", "layer", "code", "other")
    ]
    return list(zip(*columns, strict=True))


def test_a_city_in_order_has_no_findings() -> None:
    assert found(check_references(territory(streets=[S1], contracts=[contract("c", "road", street="S1")]))) == []
    assert found(check_references(Territory(territory().city, 0, 0, {}))) == []


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"grids": grids(unit_010101={"parent": "0199"})}, ("unknown_grid", "grids", "010101", "0199")),
        ({"grids": grids(unit_010101={"organisation": "x"})}, ("unknown_party", "grids", "010101", "x")),
        ({"streets": [S1 | {"belongs_to": "x"}]}, ("unknown_grid", "streets", "S1", "x")),
        ({"places": [place("p", box(0, 0, 1, 1), operator="x")]}, ("unknown_party", "places", "p", "x")),
        ({"places": [place("p", box(0, 0, 1, 1), supervisor="x")]}, ("unknown_party", "places", "p", "x")),
        ({"facilities": [facility("f", lonlat(1, 1), owns="x")]}, ("unknown_party", "facilities", "f", "x")),
        ({"contracts": [contract("c", "grid", grid="x")]}, ("unknown_grid", "contracts", "c", "x")),
        ({"contracts": [contract("c", "road", street="x")]}, ("unknown_street", "contracts", "c", "x")),
        ({"contracts": [contract("c", "grid", grid="01", duties=["x"])]}, ("unknown_duty", "contracts", "c", "x")),
        ({"contracts": [contract("c", "grid", grid="01", responsible="x")]}, ("unknown_party", "contracts", "c", "x")),
        ({"contracts": [contract("c", "grid", grid="01", contractor=None)]},
         ("nobody_answers", "contracts", "c", None)),
        ({"streets": [S1], "contracts": [contract("c", "section", street="S1", from_m=50.0, to_m=10.0)]},
         ("empty_section", "contracts", "c", "50–10")),
        ({"streets": [S1 | {"name": "Long"}], "contracts": [contract("c", "section", street="Long")]},
         ("unknown_street", "contracts", "c", "Long")),
        ({"contracts": [contract("c", "area")]}, ("no_geometry", "contracts", "c", None)),
        ({"contracts": [contract("c", "point", geometry=box(0, 0, 1, 1))]}, ("no_radius", "contracts", "c", None)),
        ({"holders": [holder("x", "li")]}, ("unknown_grid", "holders", "x", "x")),
        ({"holders": [holder("x", "li", subject="place")]}, ("unknown_place", "holders", "x", "x")),
        ({"holders": [holder("x", "li", subject="street")]}, ("unknown_street", "holders", "x", "x")),
        ({"holders": [holder("01", "li", deputy="x")]}, ("unknown_party", "holders", "01", "x")),
        ({"parties": [PARTY, *({"code": code, "kind": "firm", "parent": None} for code in ("a", "b"))]},
         ("unknown_party", "parties", "lost", "nobody")),
    ],
)  # fmt: skip
def test_what_is_named_must_exist(layers: dict[str, list[Row]], expected: tuple[str, str, str, Any]) -> None:
    assert found(check_references(territory(**layers))) == [expected]


def test_everything_has_a_holder_with_a_deputy() -> None:
    """A cell above the lowest level may have an organisation instead; what has ended needs nobody."""
    rows = grids(
        without=["010103", "010104", "010201", "010202", "010203", "010204", "0102"],
        community_0101={"organisation": "office"},
    )
    city = territory(
        grids=[*rows, rows[-1] | {"code": "010105", "valid_to": "2026-06-30"}],
        streets=[S1],
        places=[place("p", box(0, 0, 1, 1))],
        holders=[
            holder("010101", "li", deputy="wang"),
            holder("010102", "li"),
            holder("01", "li", valid_to="2026-06-30"),
            holder("S1", "li", subject="street", valid_from="2026-07-02"),
            holder("p", "li", subject="place", deputy="wang"),
        ],
    )
    assert [row[:3] for row in found(check_holders(city, JULY_1))] == [
        ("no_holder", "grids", "01"),
        ("no_deputy", "grids", "010102"),
        ("no_holder", "streets", "S1"),
    ]
    assert [row[:3] for row in found(check_holders(city, JULY_1 + 1))] == [
        ("no_holder", "grids", "01"),
        ("no_deputy", "grids", "010102"),
        ("no_deputy", "streets", "S1"),
    ]
