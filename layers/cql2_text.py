"""CQL2 text into the tree that CQL2 writes as JSON.

One token is looked at once, and nothing is tried twice: what a stranger writes takes time by its length, however it is
nested or broken. Whether names, kinds and operators make sense is asked of the tree, not here.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from gis_core.errors import InvalidInput

DEEPEST = 32
"""Brackets and calls within one another."""
COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*+') | "(?P<quoted>[^"]+)" | (?P<number>(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?)
    | (?P<word>[^\W\d][\w.:]*) | (?P<sign><=|>=|<>|!=|[-<>=(),+*/]) | (?P<end>\Z)""",
    re.VERBOSE | re.IGNORECASE,
)
_BLANK = re.compile(r"\s*")
_RESERVED = frozenset({"and", "or", "not", "like", "ilike", "between", "in", "is", "null"})
_SHAPES = frozenset(
    {"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}
)
Token = tuple[str, str, int]
"""Kind, what it says, and where it begins."""


def refused(value: str, expected: str) -> InvalidInput:
    """What is wrong with a filter."""
    sendable = value[:100].encode(errors="replace").decode()
    return InvalidInput("parameter_invalid", field="filter", value=sendable, expected=expected)


def tree_of(written: str) -> Any:
    """The tree of a filter.

    ``ILIKE``, which GDAL writes, is taken for ``LIKE`` of both sides without case.

    Raises
    ------
    InvalidInput
        When it is no CQL2, naming where it ceases to be.
    """
    reader = _Reader(written)
    tree = reader.truth()
    reader.need("end")
    return tree


def _tokens(written: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    while not tokens or tokens[-1][0] != "end":
        place = _blank(written, place)
        found = _TOKEN.match(written, place)
        if found is None or found.lastgroup is None:
            raise refused(written[place:], "a filter in CQL2")
        tokens.append((found.lastgroup, found[found.lastgroup], place))
        place = found.end()
    return tokens


def _blank(written: str, place: int) -> int:
    blank = _BLANK.match(written, place)
    return place if blank is None else blank.end()


class _Reader:
    """Reads token by token. Every method takes what it names and stands behind it."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.tokens = _tokens(written)
        self.at = 0
        self.depth = 0

    def truth(self) -> Any:
        """Anything; ``OR`` binds least."""
        if self.depth > DEEPEST:
            raise self.fault(f"nested {DEEPEST} deep")
        self.depth += 1
        tree = self.joined("or", lambda: self.joined("and", self.negated))
        self.depth -= 1
        return tree

    def joined(self, operator: str, part: Callable[[], Any]) -> Any:
        """Parts with the same word between them."""
        parts = [part()]
        while self.word(operator):
            parts.append(part())
        return parts[0] if len(parts) == 1 else {"op": operator, "args": parts}

    def negated(self) -> Any:
        """A comparison after any number of ``NOT``."""
        negations = 0
        while self.word("not"):
            negations += 1
        tree = self.compared()
        for _ in range(negations):
            tree = {"op": "not", "args": [tree]}
        return tree

    def compared(self) -> Any:
        """A value, or a value and what is said of it."""
        left = self.sum()
        sign = self.sign(*COMPARISONS, "!=")
        if sign is not None:
            return {"op": "<>" if sign == "!=" else sign, "args": [left, self.sum()]}
        if self.word("is"):
            negated = self.word("not")
            self.need("word", "null")
            said = {"op": "isNull", "args": [left]}
        else:
            negated = self.word("not")
            said = self.listed(left)
            if said is None and negated:
                raise self.fault("LIKE, BETWEEN or IN")
        if said is None:
            return left
        return {"op": "not", "args": [said]} if negated else said

    def listed(self, left: Any) -> Any:
        """``LIKE``, ``BETWEEN`` and ``IN``, which may stand behind ``NOT``."""
        if self.word("like"):
            return {"op": "like", "args": [left, self.sum()]}
        if self.word("ilike"):
            return {"op": "like", "args": [{"op": "casei", "args": [one]} for one in (left, self.sum())]}
        if self.word("between"):
            least = self.sum()
            self.need("word", "and")
            return {"op": "between", "args": [left, least, self.sum()]}
        if self.word("in"):
            self.need("sign", "(")
            return {"op": "in", "args": [left, self.arguments(self.sum)]}
        return None

    def sum(self) -> Any:
        """Products between plus and minus."""
        return self.calculated(self.product, "+", "-")

    def product(self) -> Any:
        """Values between times and divided by."""
        return self.calculated(self.signed, "*", "/")

    def calculated(self, part: Callable[[], Any], *signs: str) -> Any:
        """From left to right."""
        tree = part()
        while sign := self.sign(*signs):
            tree = {"op": sign, "args": [tree, part()]}
        return tree

    def signed(self) -> Any:
        """A value after any number of signs."""
        negative = False
        while sign := self.sign("-", "+"):
            negative ^= sign == "-"
        value = self.value()
        if not negative:
            return value
        return -value if isinstance(value, float) else {"op": "*", "args": [-1.0, value]}

    def value(self) -> Any:
        """A literal, a property, a call, a shape, or anything in brackets."""
        kind, said, _ = self.tokens[self.at]
        name = said.lower()
        if kind == "word" and name in _SHAPES and self.tokens[self.at + 1][1].lower() in ("(", "z", "m", "zm"):
            return self.shape()
        if kind == "end" or (kind == "word" and name in _RESERVED) or (kind == "sign" and said != "("):
            raise self.fault("a property or a value")
        self.at += 1
        if kind == "sign":
            tree = self.truth()
            self.need("sign", ")")
            return tree
        if kind == "text":
            return said[1:-1].replace("''", "'")
        if kind == "number":
            return float(said)
        if kind == "word" and name in ("true", "false"):
            return name == "true"
        if kind == "word" and self.sign("("):
            return _call(name, self.arguments(self.truth))
        return {"property": said}

    def arguments(self, part: Callable[[], Any]) -> list[Any]:
        """What stands between commas before a closing bracket."""
        if self.sign(")"):
            return []
        found = [part()]
        while self.sign(","):
            found.append(part())
        self.need("sign", ")")
        return found

    def shape(self) -> Any:
        """A shape as text, which shapely knows to read, up to its last bracket."""
        start = self.tokens[self.at][2]
        depth, ended = 0, False
        while not ended:
            kind, said, _ = self.tokens[self.at]
            depth += (said == "(") - (said == ")")
            if kind not in ("word", "number", "sign") or depth > DEEPEST:
                raise refused(self.written[start:], "a shape")
            self.at += 1
            ended = said == ")" and depth <= 0
        text = self.written[start : self.tokens[self.at][2]]
        try:
            with np.errstate(over="ignore"):
                return json.loads(shapely.to_geojson(shapely.from_wkt(text)))
        except (shapely.errors.GEOSException, ValueError):
            raise refused(text, "a shape") from None

    def word(self, expected: str) -> bool:
        """Whether a word comes next, which is taken."""
        kind, said, _ = self.tokens[self.at]
        comes = kind == "word" and said.lower() == expected
        self.at += comes
        return comes

    def sign(self, *expected: str) -> str | None:
        """The sign that comes next, taken if it is expected."""
        kind, said, _ = self.tokens[self.at]
        if kind != "sign" or said not in expected:
            return None
        self.at += 1
        return said

    def need(self, kind: str, expected: str = "") -> None:
        """Take what has to come next."""
        found, said, _ = self.tokens[self.at]
        if found != kind or said.lower() != expected:
            raise self.fault(expected.upper() or "AND, OR or the end")
        self.at += 1

    def fault(self, expected: str) -> InvalidInput:
        """What is wrong with what comes next."""
        return refused(self.written[self.tokens[self.at][2] :] or self.written, expected)


def _call(name: str, given: list[Any]) -> Any:
    """A literal written as a call, or an operation."""
    if name in ("date", "timestamp") and len(given) == 1:
        return {name: given[0]}
    if name in ("interval", "bbox"):
        return {name: given}
    return {"op": name, "args": given}
