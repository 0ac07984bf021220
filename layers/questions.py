"""Reading CQL2: text or JSON into a tree of operations, with limits that nobody's question meets.

The package ``cql2`` only parses. What it gives may hold any function by name, none of which is ever sent on.
"""

import json
import re
from typing import Any

import cql2

from gis_core.errors import InvalidInput

LANGUAGES = {"cql2-text": "text", "cql-text": "text", "cql2-json": "json"}
"""By the name in ``filter-lang``; GDAL asks for the second when it is offered, and means the first."""
MOST_CHARACTERS, DEEPEST, MOST_PARTS, MOST_VERTICES = 8_192, 32, 400, 5_000
COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
SPATIAL = ("s_intersects", "s_within", "s_contains", "s_disjoint")
TEMPORAL = ("t_after", "t_before", "t_during", "t_intersects", "t_equals")
OPERATORS = ("and", "or", "not", *COMPARISONS, "like", "between", "in", "isNull", "casei", *SPATIAL, *TEMPORAL)

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_ILIKE = re.compile(r"(\"[^\"]+\"|[^\s()'\"]+)\s+ILIKE\s+('(?:[^']|'')*')", re.IGNORECASE)
_NESTING = re.compile(r"[([{]|\bNOT\b", re.IGNORECASE)
_KNOWN = {one.lower(): one for one in OPERATORS}


def parsed(written: str, language: str) -> Any:
    """A filter as a tree of operations in the JSON form of CQL2.

    Raises
    ------
    InvalidInput
        When it is none, or larger than anybody means.
    """
    if language not in LANGUAGES:
        raise InvalidInput("parameter_invalid", field="filter-lang", value=language, expected=", ".join(LANGUAGES))
    # The parser recurses; with thousands of brackets it would take the process with it.
    plain = _QUOTED.sub("", written)
    if len(written) > MOST_CHARACTERS or len(_NESTING.findall(plain)) > MOST_PARTS or _depth(plain) > DEEPEST:
        raise refused(written, f"at most {MOST_CHARACTERS} characters, nested {DEEPEST} deep")
    try:
        if LANGUAGES[language] == "text":
            tree = cql2.parse_text(_ILIKE.sub(r"CASEI(\1) LIKE CASEI(\2)", written)).to_json()
        else:
            tree = cql2.parse_json(written).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError, TypeError):
        raise refused(written, "a filter in CQL2") from None
    if _parts(tree, DEEPEST * 2) > MOST_VERTICES * 3:
        raise refused(written, f"at most {MOST_VERTICES} points")
    return tree


def _depth(plain: str) -> int:
    deepest = depth = 0
    for sign in plain:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _parts(tree: Any, deepest: int) -> int:
    """Of how many values and operations a tree consists."""
    if deepest == 0:
        raise refused(shown(tree), f"nested {DEEPEST} deep")
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return 1 + sum(_parts(one, deepest - 1) for one in below)


def operation(part: Any) -> tuple[str, list[Any]]:
    """Name and arguments of an operation we know.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    name = part.get("op") if isinstance(part, dict) else None
    known = _KNOWN.get(str(name).lower())
    given = part.get("args") if isinstance(part, dict) else None
    if known is None or known == "casei" or not isinstance(given, list):
        raise refused(shown(name if name is not None else part), ", ".join(OPERATORS))
    return known, given


def counted(operator: str, given: Any, count: int) -> list[Any]:
    """So many arguments.

    Raises
    ------
    InvalidInput
        When there are more or fewer.
    """
    # `between` comes with its bounds beside the value or in a list of their own.
    if operator == "between" and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
        given = [given[0], *given[1]]
    if not isinstance(given, list) or len(given) != count:
        raise refused(operator, f"{operator} with {count} arguments")
    return given


def shown(part: Any) -> str:
    """A part as its writer may know it."""
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)


def refused(value: str, expected: str) -> InvalidInput:
    """What is wrong with a filter."""
    return InvalidInput("parameter_invalid", field="filter", value=value[:100], expected=expected)
