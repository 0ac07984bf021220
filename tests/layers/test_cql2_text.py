"""CQL2 text: the tree that others make of it, and where it ceases to be CQL2."""

import json
import random
from typing import Any

import cql2
import pytest

from gis_core.errors import InvalidInput
from layers.cql2_text import tree_of

PROPERTIES = ["status", "名称", '"a b"', "android", "not_before", "street.name", "i", "IS_open", "date"]
VALUES = ["1", "2.5", "1e3", "-4", "'x'", "'it''s'", "'a AND b'", "'('", "TRUE", "DATE('2026-06-01')", "a_b"]
SHAPES = [
    "POINT(1 2)", "POINT Z (1 2 3)", "LINESTRING(1 2, 3.5 -4)",
    "POLYGON((0 0, 9 0, 9 9, 0 0), (2 1, 3 1, 3 2, 2 1))",
    "MULTIPOINT((1 2), (3 4))", "MULTILINESTRING((1 2, 3 4), (5 6, 7 8))", "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))",
    "GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4))", "BBOX(1, 2, 3, 4)", "BBOX(-1.5, 2, 0, 3, 4, 5)",
]  # fmt: skip


def _number(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.5:
        return draw.choice(["i", "1", "2.5", "x", "(3)"])
    return f"{_number(draw, depth - 1)} {draw.choice('+-*/')} {_number(draw, depth - 1)}"


def _leaf(draw: random.Random) -> str:
    name, value, other = draw.choice(PROPERTIES), draw.choice(VALUES), draw.choice(VALUES)
    no = draw.choice(["", "NOT "])
    return draw.choice([
        f"{name} {draw.choice(['=', '<>', '!=', '<', '>', '<=', '>='])} {value}", f"{value}={other}",
        f"{name} {no}LIKE 'a%\\_'", f"CASEI({name}) like casei('X')", f"{name} {no}IN ({value}, {other})",
        f"i {no}BETWEEN {_number(draw, 1)} AND {_number(draw, 1)}", f"{name} IS {no}NULL", name, "false",
        f"S_INTERSECTS(geom, {draw.choice(SHAPES)})", f"T_AFTER({name}, TIMESTAMP('2026-06-01T00:00:00Z'))",
        f"T_DURING({name},INTERVAL('2026-06-01', '..'))", f"{_number(draw, 2)} > {_number(draw, 2)}",
        f"avg({name}, {value}) = {other}",
    ])  # fmt: skip


def _random(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.2:
        return _leaf(draw)
    one, other = _random(draw, depth - 1), _random(draw, depth - 1)
    between = draw.choice(["AND", "OR", "or", "\n and "])
    return draw.choice([f"{one} {between} {other}", f"({one}) {between} ({other})", f"NOT ({one})", f"NOT {one}"])


def _plain(tree: Any) -> Any:
    """A tree without what is written in two ways."""
    if isinstance(tree, list):
        return [_plain(one) for one in tree]
    if not isinstance(tree, dict):
        return float(tree) if isinstance(tree, int) and not isinstance(tree, bool) else tree
    plain = {name: _plain(value) for name, value in tree.items()}
    if "op" in plain:
        plain["op"] = name = str(plain["op"]).lower()
        if name in ("and", "or"):
            same = [isinstance(part, dict) and part.get("op") == name for part in plain["args"]]
            parts = zip(plain["args"], same, strict=True)
            plain["args"] = [one for part, is_same in parts for one in (part["args"] if is_same else [part])]
    return plain


def test_the_tree_is_the_one_that_others_make() -> None:
    """A filter would mean something else here than at other servers: what binds first, where a text ends."""
    draw, seen = random.Random(20260702), set()
    for _ in range(1_000):
        written = _random(draw, 3)
        tree = tree_of(written)
        assert _plain(tree) == _plain(cql2.parse_text(written).to_json()), written
        seen.add(json.dumps(tree))
    assert len(seen) > 800


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("a = .5", {"op": "=", "args": [{"property": "a"}, 0.5]}),
        ("a = --1", {"op": "=", "args": [{"property": "a"}, 1.0]}),
        ("NOT NOT a", {"op": "not", "args": [{"op": "not", "args": [{"property": "a"}]}]}),
        (
            "a ILIKE 'x ILIKE ''y'''",
            {"op": "like", "args": [
                {"op": "casei", "args": [{"property": "a"}]}, {"op": "casei", "args": ["x ILIKE 'y'"]}]},
        ),
        ("'a' = '\\'", {"op": "=", "args": ["a", "\\"]}),
        ('"date" = date(\'2026-01-01\')', {"op": "=", "args": [{"property": "date"}, {"date": "2026-01-01"}]}),
        ("point = 1 AND \"IN\" = 2", {"op": "and", "args": [
            {"op": "=", "args": [{"property": "point"}, 1.0]}, {"op": "=", "args": [{"property": "IN"}, 2.0]}]}),
    ],
)  # fmt: skip
def test_what_others_refuse_or_change(written: str, tree: Any) -> None:
    """GDAL's own words, and numbers and names that the grammar allows, would be refused."""
    assert tree_of(written) == tree


@pytest.mark.parametrize(
    ("written", "rest", "expected"),
    [
        ("a = 1 AND", "a = 1 AND", "a property or a value"),
        ("a = 1 OR = 2", "= 2", "a property or a value"),
        ("a = 1 b = 2", "b = 2", "AND, OR or the end"),
        ("(a = 1", "(a = 1", ")"),
        ("a = 1)", ")", "AND, OR or the end"),
        ("a IS 1", "1", "NULL"),
        ("a BETWEEN 1 OR 2", "OR 2", "AND"),
        ("a IN 1", "1", "("),
        ("a NOT 1", "1", "LIKE, BETWEEN or IN"),
        ("a = 'x", "'x", "a filter in CQL2"),
        ("a = 1; b", "; b", "a filter in CQL2"),
        ("S_WITHIN(geom, POINT(1 2", "POINT(1 2", "a shape"),
        ("S_WITHIN(geom, POINT(1 'a'))", "POINT(1 'a'))", "a shape"),
    ],
)
def test_a_fault_says_where_it_lies_and_what_would_do(written: str, rest: str, expected: str) -> None:
    """A writer would have to guess which of forty conditions is wrong."""
    with pytest.raises(InvalidInput) as fault:
        tree_of(written)
    assert (fault.value.params["value"], fault.value.params["expected"]) == (rest, expected)
