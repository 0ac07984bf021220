"""What an answer says, and how it is told: decided in whole numbers, given out in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.internals import create_dataframe_from_blocks

from gis_core.arrays import Bools, Ints
from gis_core.bodies import KINDS
from gis_core.candidates import Batch
from gis_core.city import MAX_LEVELS
from gis_core.labels import Label, label, united
from gis_core.locating import Located
from gis_core.rules import RULES
from gis_core.territory import Territory

FALLBACK = "territorial_fallback"
QUEUE = "queue"
RULE_NAMES = (*(rule.name for rule in RULES), FALLBACK)
"""What :attr:`Decided.rule` counts."""
FLAGS = (
    "snapped", "queue", "border_street", "several_grids", "parent_differs", "no_street", "no_contractor",
    "inside_lines", "no_parking",
)  # fmt: skip
"""What is worth a second look about an answer; ``flag_<name>`` is its text."""
SIDES = ("on", "left", "right")
"""Names of the sides 0, 1 and -1 of a street."""
GRID_COLUMNS = tuple(f"grid_{level + 1}" for level in range(MAX_LEVELS))
THINGS = {"place": "places", "frontage": "frontages", "facility": "facilities", "contract": "contracts"}
"""Columns of an answer that name a thing, and the layer it stands in."""
PARTIES = ("contractor", "responsible", "supervises", "owns")
RULE_COLUMNS = (*THINGS, *PARTIES)
ANSWER = (
    "x", "y", "version", "revision", *GRID_COLUMNS, "grid", "grid_distance_m", "street", "street_distance_m",
    "street_side", "place", "frontage", "facility", "contract", "contractor", "responsible", "responsible_kind", "rule",
    "supervises", "owns", "handles", "holds", "flags", "area",
)  # fmt: skip
"""Columns an assignment adds to the issues."""
_COLUMNS = pd.Index(ANSWER)

_CODES = {
    **dict.fromkeys(GRID_COLUMNS, "cells"), "grid": "cells", "area": "cells", "street": "streets", **THINGS,
    **dict.fromkeys((*PARTIES, "handles", "holds"), "answerers"),
}  # fmt: skip
"""Columns of codes, each with its kind in :attr:`Territory.labels`."""
_RAISED = list(product((False, True), repeat=len(FLAGS)))
_WORDS = {
    "rule": label(RULE_NAMES),
    "street_side": label(SIDES),
    "responsible_kind": label((*KINDS, QUEUE)),
    # Each combination of flags in words, by the number whose binary digits they are.
    "flags": label([" ".join(name for name, on in zip(FLAGS, raised, strict=True) if on) for raised in _RAISED]),
}
_TEXTS = (*_CODES, *_WORDS)


@dataclass(frozen=True, eq=False)
class Decided:
    """Answers as whole numbers.

    Parameters
    ----------
    rule
        Position in :data:`RULE_NAMES`.
    found
        Columns :data:`RULE_COLUMNS`: of things the position in their layer, of parties in
        :attr:`Territory.bodies`, beyond whose end come the cells of all levels, each with a queue; -1 for none.
    holds
        Who holds the territory, by the same positions.
    topmost
        Position of the topmost cell among the cells of all levels, -1 where there is none at all.
    """

    batch: Batch
    rule: Ints
    found: Mapping[str, Ints]
    holds: Ints
    topmost: Ints


def answers_of(decided: Decided, territory: Territory, index: pd.Index) -> pd.DataFrame:
    """Decided answers as a frame, columns :data:`ANSWER`; texts are categories."""
    positions = _positions(decided, territory)
    columns = {
        **{name: numbers[None] for name, numbers in _numbers(decided, territory).items()},
        **{name: one.column(positions[name]) for name, one in _labels(territory).items()},
    }
    # The usual constructor looks at every column as if it could be anything, which one issue would feel.
    blocks = [(columns[name], np.array([place])) for place, name in enumerate(ANSWER)]
    return create_dataframe_from_blocks(blocks, index, _COLUMNS)


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames with the columns :data:`ANSWER`, of whichever territories, one below the other."""
    if len(parts) == 1:
        return parts[0]
    # Categories of several territories are not the same ones, of which pandas would make objects.
    columns = {name: [part[name].array for part in parts] for name in _TEXTS}
    mixed = {name: many for name, many in columns.items() if any(one.dtype != many[0].dtype for one in many)}
    joined = pd.concat([part.drop(columns=list(mixed)) for part in parts])
    return joined.assign(**{name: united(many) for name, many in mixed.items()})[parts[0].columns]


def answer_of(decided: Decided, territory: Territory) -> dict[str, Any]:
    """The first of decided answers by the names in :data:`ANSWER`, ``None`` for what is missing."""
    positions = _positions(decided, territory)
    found = {
        **{name: numbers[0].item() for name, numbers in _numbers(decided, territory).items()},
        **{name: one.first(positions[name]) for name, one in _labels(territory).items()},
    }
    return {name: None if found[name] != found[name] else found[name] for name in ANSWER}


def _labels(territory: Territory) -> dict[str, Label]:
    return {name: territory.labels[kind] for name, kind in _CODES.items()} | _WORDS


def _numbers(decided: Decided, territory: Territory) -> dict[str, NDArray[Any]]:
    located = decided.batch.located
    return {
        "x": located.xy[:, 0],
        "y": located.xy[:, 1],
        "version": np.full(len(located), territory.version),
        "revision": np.full(len(located), territory.revision),
        "grid_distance_m": located.grid_distance_m,
        "street_distance_m": located.street_distance_m,
    }


def _positions(decided: Decided, territory: Territory) -> dict[str, Ints]:
    """Per column of text the position of what it says among all labels of its kind, -1 for nothing."""
    located, found, bodies = decided.batch.located, decided.found, territory.bodies
    cells = np.where(located.grids >= 0, located.grids + territory.first_cell, -1)
    nowhere = np.full(len(located), -1)
    # A queue comes after all bodies; it is of no kind of theirs and nobody is above it.
    body = np.minimum(found["responsible"], len(bodies.codes))
    return {
        **{name: cells[:, level] if level < cells.shape[1] else nowhere for level, name in enumerate(GRID_COLUMNS)},
        **found,
        "grid": cells[:, -1],
        "area": decided.topmost,
        "street": located.street,
        "street_side": np.where(located.street >= 0, located.street_side % len(SIDES), -1),
        "responsible_kind": bodies.kind[body],
        "rule": decided.rule,
        "supervises": np.where(found["supervises"] >= 0, found["supervises"], bodies.parent[body]),
        "handles": np.where(found["contractor"] >= 0, found["contractor"], found["responsible"]),
        "holds": decided.holds,
        "flags": _flags(decided, territory),
    }


def _flags(decided: Decided, territory: Territory) -> Ints:
    """The flags of each answer as the binary digits of a number."""
    located = decided.batch.located
    raised = {
        "snapped": located.snapped,
        "queue": located.grids[:, -1] < 0,
        "border_street": located.border_street,
        "several_grids": located.several_grids,
        "parent_differs": _parent_differs(territory, located),
        "no_street": located.street < 0,
        "inside_lines": decided.batch.inside_lines,
        "no_parking": decided.batch.no_parking,
        "no_contractor": (decided.found["contract"] >= 0) & (decided.found["contractor"] < 0),
    }
    number = np.zeros(len(located), dtype=np.int64)
    for name in FLAGS:
        number = 2 * number + raised[name]
    return number


def _parent_differs(territory: Territory, located: Located) -> Bools:
    """Whether the cells located at two levels disagree with the lower cell's own chain of parents."""
    differs = np.zeros(len(located), dtype=bool)
    rows = np.flatnonzero(located.grids[:, -1] >= 0)
    chain = territory.ancestry[located.grids[rows, -1]]
    differs[rows] = ((chain >= 0) & (located.grids[rows] >= 0) & (chain != located.grids[rows])).any(axis=1)
    return differs
