"""Which of a file's columns, constants and templates fill which of ours."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from gis_core.errors import InvalidInput
from layers.faults import Faults
from layers.values import Objects, given, objects, texts

POSITIONS = ("lon", "lat", "wkt")
"""What a file's columns may be mapped to besides our columns, where a table has a geometry."""
ROW = "#"
"""Name of the row number, for a file that has no column of that name: codes for rows that have none."""
OTHERWISE = "*"
"""Among translated values: every other value; among kept columns: every column not used."""
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """How a file's columns become those of a table.

    Parameters
    ----------
    table
        Name in :data:`layers.TABLES`.
    columns
        Our column to theirs. Besides the table's columns: ``lon`` and ``lat``, or ``wkt``; ``name_en``, ``name_zh``.
        A column of theirs that has our name is taken without being mapped; mapped to ``""``, ours stays empty.
        ``lon``, ``lat`` or ``wkt`` mapped to ``""`` means that rows take no position from the file.
    constants
        Our column to the value of every row.
    values
        Our column to a translation of what is written; ``*`` stands for every other value, ``""`` for an empty
        cell. A value that is not named stays as it is.
    templates
        Our column to a text in which ``{NAME}`` stands for their column, or for a constant of ours, and ``{#}`` for
        the row number.
    distinct
        Our columns of which only the first row of each combination is kept.
    keep
        Their columns that go into ``extra``; ``*`` for all that are not used otherwise.
    key
        Their column (or ours, where they have none of that name) that identifies a row.
    level, scheme
        Constant for that column; without ``scheme`` an empty cell takes the city's.
    datum
        Coordinate system of the positions, as :func:`gis_core.crs.check_datum` reads it.
    source
        Name of where the rows come from; the file's name without its ending if empty.
    valid_from
        First day on which every row holds.
    """

    table: str
    columns: Names[str, str] = field(default_factory=dict)
    constants: Names[str, Any] = field(default_factory=dict)
    values: Names[str, Names[str, Any]] = field(default_factory=dict)
    templates: Names[str, str] = field(default_factory=dict)
    distinct: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    key: str | None = None
    level: str | None = None
    scheme: str | None = None
    datum: str | None = None
    source: str | None = None
    valid_from: dt.date | None = None

    @property
    def fixed(self) -> dict[str, Any]:
        """All constants by our column."""
        named = {"level": self.level, "scheme": self.scheme, "valid_from": self.valid_from}
        return {**self.constants, **{name: value for name, value in named.items() if value is not None}}


def check_ours(mapping: Mapping, columns: Sequence[str], read: Sequence[str]) -> None:
    """Refuse a mapping that names a column we do not have, or fills one twice.

    Parameters
    ----------
    columns
        Our columns.
    read
        Names besides them that a file's column may be mapped to.
    """
    for names, allowed in (
        (mapping.columns, [*columns, *read]),
        (mapping.fixed, columns),
        (mapping.templates, columns),
        (mapping.values, columns),
        (mapping.distinct, columns),
    ):
        for name in names:
            if name not in allowed:
                raise InvalidInput("map_ours", value=name, expected=", ".join(allowed))
    filled = [*mapping.columns, *mapping.fixed, *mapping.templates]
    if twice := next((name for place, name in enumerate(filled) if name in filled[:place]), None):
        raise InvalidInput("map_twice", value=twice)


class Binding:
    """A mapping applied to a file with the columns ``theirs``.

    Parameters
    ----------
    mapping
        A mapping that :func:`check_ours` has passed.
    columns
        Our columns.
    theirs
        The file's columns.
    file
        What to call the file.

    Raises
    ------
    InvalidInput
        When the mapping names a column that the file does not have.
    """

    def __init__(self, mapping: Mapping, columns: Iterable[str], theirs: Sequence[str], file: str) -> None:
        self.mapping, self.theirs, self.file = mapping, theirs, file
        spoken_for = {*mapping.columns, *mapping.fixed, *mapping.templates}
        by_name = {name.casefold(): name for name in reversed(theirs)} | {name: name for name in theirs}
        own = {ours: by_name[ours] for ours in columns if ours not in spoken_for and ours in by_name}
        self.columns = {ours: name for ours, name in {**own, **mapping.columns}.items() if name}
        kept = [name for name in mapping.keep if name != OTHERWISE]
        in_templates = {name for text in mapping.templates.values() for name in _PLACEHOLDER.findall(text)}
        self._require([*filter(None, mapping.columns.values()), *kept, *(in_templates - mapping.fixed.keys())])
        self._used = {*self.columns.values(), *in_templates, *([mapping.key] if mapping.key else [])}

    def unplaced(self) -> bool:
        """Whether the mapping says that rows take no position from the file."""
        return any(self.mapping.columns.get(name) == "" for name in POSITIONS)

    def filled(self, ours: str) -> bool:
        """Whether the file or the mapping says anything about our column ``ours``."""
        return ours in self.columns or ours in self.mapping.fixed or ours in self.mapping.templates

    def cells(self, ours: str, frame: pd.DataFrame, faults: Faults) -> Objects:
        """What is written for our column ``ours`` in each row, translated; None where nothing is.

        A template with an empty cell in it is a fault of the row.
        """
        if ours in self.mapping.templates:
            cells = self._from_template(ours, frame, faults)
        elif ours in self.mapping.fixed:
            cells = _repeated(self.mapping.fixed[ours], len(frame))
        elif ours in self.columns:
            cells = frame[self.columns[ours]].to_numpy(object)
        else:
            return _repeated(None, len(frame))
        return _translated(cells, self.mapping.values[ours]) if ours in self.mapping.values else cells

    def kept(self, positions: Sequence[str]) -> list[str]:
        """Their columns that go into ``extra``; those at ``positions`` are used already."""
        if OTHERWISE not in self.mapping.keep:
            return list(self.mapping.keep)
        named = set(self.mapping.keep)
        return [name for name in self.theirs if name in named or name not in {*self._used, *positions}]

    def _from_template(self, ours: str, frame: pd.DataFrame, faults: Faults) -> Objects:
        pieces = _PLACEHOLDER.split(self.mapping.templates[ours])
        text = np.full(len(frame), pieces[0], dtype=object)
        for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
            fixed = name not in frame
            cells = texts(_repeated(self.mapping.fixed[name], len(frame)) if fixed else frame[name])
            faults.add(~given(cells), "template_empty", field=ours, value=name)
            text = text + np.where(given(cells), cells, "") + literal
        return text

    def _require(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.theirs and name != ROW:
                raise missing_column(name, self.theirs, self.file)


def missing_column(name: str, theirs: Sequence[str], file: str) -> InvalidInput:
    """The refusal of a column that the file does not have, with what it has and the nearest name."""
    lower = {one.casefold(): one for one in theirs}
    near = get_close_matches(name.casefold(), lower, n=1)
    key = "column_missing_near" if near else "column_missing"
    return InvalidInput(key, file=file, value=name, near=lower[near[0]] if near else "", expected=", ".join(theirs))


def _translated(cells: Objects, values: Names[str, Any]) -> Objects:
    return objects(
        values.get("") if text is None else values.get(text, values.get(OTHERWISE, text)) for text in texts(cells)
    )


def _repeated(value: Any, count: int) -> Objects:
    return objects([value] * count)
