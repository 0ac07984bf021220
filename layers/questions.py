"""Reading CQL2: text or JSON into a tree of operations, with limits that nobody's question meets."""

import json
from typing import Any, NoReturn

from gis_core.errors import InvalidInput
from layers.cql2_text import COMPARISONS, DEEPEST, refused, tree_of

LANGUAGES = {"cql2-text": 8_192, "cql-text": 8_192, "cql2-json": 65_536}
"""The most characters by the name in ``filter-lang``; GDAL asks for the second if offered, and means the first."""
MOST_PARTS, MOST_VERTICES = 400, 5_000
"""Operations and listed values of a filter (SQLite takes no more than a thousand terms), and corners of a shape."""
MOST_CALCULATED = 10
"""Sums and products in one filter: so few cannot leave the range of a number, which PostgreSQL takes for a fault."""
CALCULATIONS = ("+", "-", "*", "/")
SPATIAL = ("s_intersects", "s_within", "s_contains", "s_disjoint")
TEMPORAL = ("t_after", "t_before", "t_during", "t_intersects", "t_equals")
OPERATORS = ("and", "or", "not", *COMPARISONS, "like", "between", "in", "isNull", "casei", *SPATIAL, *TEMPORAL)

_LEVELS = 2 * DEEPEST + 8
"""Of a tree: an operation and its arguments are two, a shape has some more."""
_KNOWN = {one.lower(): one for one in OPERATORS}


def parsed(written: str, language: str) -> Any:
    """A filter as a tree of operations in the JSON form of CQL2.

    Raises
    ------
    InvalidInput
        When it is none, or larger than anybody means.
    """
    most = LANGUAGES.get(language)
    if most is None:
        raise InvalidInput("parameter_invalid", field="filter-lang", value=language, expected=", ".join(LANGUAGES))
    if len(written) > most:
        raise refused(written, f"at most {most} characters")
    try:
        tree = _json(written) if language == "cql2-json" else tree_of(written)
        # Halves of letters, which JSON can write, are no text to a database.
        shown(tree).encode()
    except InvalidInput:
        raise
    except (ValueError, RecursionError):
        raise refused(written, "a filter in CQL2") from None
    _check_size(tree, written)
    return tree


def _json(written: str) -> Any:
    """All numbers are floating, so that none is too long to be one."""

    def refuse(constant: str) -> NoReturn:
        raise refused(constant, "a number")

    return json.loads(written, parse_int=float, parse_constant=refuse)


def _check_size(tree: Any, written: str) -> None:
    """Go down level by level, which needs no stack."""
    found: list[Any] = []
    level = [tree] if isinstance(tree, dict | list) else []
    for _ in range(_LEVELS):
        found += level
        level = [one for part in level for one in (part.values() if isinstance(part, dict) else part)
                 if isinstance(one, dict | list)]  # fmt: skip
    operations = [part for part in found if isinstance(part, dict) and "op" in part]
    listed = [one for part in operations if isinstance(part.get("args"), list) for one in part["args"]]
    parts = len(operations) + sum(len(one) for one in listed if isinstance(one, list))
    calculations = sum(called(part) in CALCULATIONS for part in operations)
    if level or parts > MOST_PARTS or calculations > MOST_CALCULATED:
        most = (
            f"at most {MOST_PARTS} operations and listed values, {MOST_CALCULATED} of them sums, nested {DEEPEST} deep"
        )
        raise refused(written, most)


def called(part: Any) -> str:
    """The name of an operation in small letters, whether we know it or not; empty if it is none."""
    return str(part.get("op", "")).lower() if isinstance(part, dict) else ""


def operation(part: Any) -> tuple[str, list[Any]]:
    """Name and arguments of an operation we know.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    name = part.get("op") if isinstance(part, dict) else None
    known = _KNOWN.get(called(part))
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
