"""Significance of units, and what has become of them, as answers."""

from typing import Any

import numpy as np

from gis_core.arrays import Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import PER, Answer, Asked, Given, Support
from gis_core.hotspots.checking import one_of
from gis_core.hotspots.emerging import emerging, recency
from gis_core.hotspots.patterns import WORD_OF
from gis_core.hotspots.significance import (
    INSUFFICIENT,
    Question,
    Significance,
    crowded_cells,
    hot,
    significance,
    stability,
)
from gis_core.hotspots.supports import coarser
from gis_core.hotspots.telling import features, number, rows

LEAST_PATROL = 0.05
"""Share of the patrol of a usual unit (the median of those patrolled) that a unit needs to be told about."""
TOLD_WORDS = (*dict.fromkeys(WORD_OF.values()), "none", INSUFFICIENT)
CELLS = (
    "count", "exposure", "observed", "expected", "ratio", "rate", "low", "high", "p", "q", "class", "core", "gi_z",
    "gi_class", "agree", "shrunk", "neighbours",
)  # fmt: skip


def significant(asked: Asked, given: Given) -> Answer:
    """Which units have significantly many reports for what they are compared with.

    Returns
    -------
    Units: ``code``, ``name``, of :data:`~gis_core.hotspots.significance.RESULT` the columns :data:`CELLS`, and
    ``stable``, the share of the ways of looking (two bandwidths, of two supports where there are) in which it is hot.

    Raises
    ------
    InvalidInput
        An exposure that is needed and not given.
    """
    support, cube = counted(given)
    counts = cube.sum(axis=1)
    exposure = exposure_of(asked, given)
    question = Question(least=least_of(asked, exposure))
    found = significance(counts, support.near, exposure, question)
    cells = found.cells
    stable, agreement = _stability(found, given, exposure, question)
    columns = {"code": support.codes, "name": support.names, **{name: cells[name] for name in CELLS}}
    columns |= {name: cells[name].astype(np.int64) for name in ("count", "observed")}
    facts = {
        "rate": number(found.reference.rate), "dispersion": number(found.reference.dispersion),
        "found": rows(found.found()), "unit": unit_of(asked, support), "per": asked.per, "units": len(cells),
        "insufficient": int((cells["class"] == INSUFFICIENT).sum()), "least": question.least,
        "counted": int(counts.sum()), "core": int(cells["core"].sum()), "stability": agreement,
    }  # fmt: skip
    return Answer(features(columns | {"stable": stable}, support.shapes), facts)


def exposure_of(asked: Asked, given: Given) -> Floats | None:
    """What reports are compared with, by unit; ``None`` where each counts alike."""
    one_of("per", asked.per, PER)
    if asked.per == "none":
        return None
    if given.exposure is not None:
        return given.exposure
    if asked.per == "size" and given.support is not None:
        return given.support.size
    raise InvalidInput("hotspot_exposure", value=asked.per)


def least_of(asked: Asked, exposure: Floats | None) -> float:
    """Patrol below which nothing is told; other exposures need only be there."""
    if asked.per != "patrol" or exposure is None or not (exposure > 0).any():
        return 0.0
    return LEAST_PATROL * float(np.median(exposure[exposure > 0]))


def unit_of(asked: Asked, support: Support) -> str:
    """The unit of an exposure: ``unit``, ``km2``, ``km``, ``shop`` or ``km_h`` (kilometres times hours)."""
    return {"none": "unit", "size": support.unit, "shops": "shop", "patrol": "km_h"}[asked.per]


def counted(given: Given) -> tuple[Support, Ints]:
    """The units and their reports by step.

    Raises
    ------
    InvalidInput
        They are not given.
    """
    if given.support is None or given.cube is None:
        raise InvalidInput("hotspot_given", field="cube")
    return given.support, given.cube if given.cube.ndim == 2 else given.cube[:, None]


def _stability(
    found: Significance, given: Given, exposure: Floats | None, question: Question
) -> tuple[Floats, dict[str, Any]]:
    """In what share of the ways of looking each unit is hot, NaN where it cannot be told, and their agreement."""
    support, cube = counted(given)
    counts = cube.sum(axis=1).astype(np.float64)
    base = np.ones(len(counts)) if exposure is None else exposure
    wide = crowded_cells(counts, base, support.near.wider(), question)
    ways: list[tuple[Any, Ints | None]] = [(found.cells["class"], None), (wide, None)]
    larger = coarser(support, given.above, given.srid)
    if larger is not None:
        holder, near = larger
        held = holder >= 0
        reports, base = (
            np.bincount(holder[held], one[held], minlength=len(near)).astype(np.float64) for one in (counts, base)
        )
        ways += [(crowded_cells(reports, base, each, question), holder) for each in (near, near.wider())]
    agreed = stability(ways)
    flags = [hot(named) if at is None else np.append(hot(named), False)[at] for named, at in ways]
    told = (found.cells["class"] != INSUFFICIENT).to_numpy()
    facts = {
        "ways": len(ways), "share": agreed.share, "stable": int(agreed.stable.sum()), "ever": int(agreed.ever.sum()),
    }  # fmt: skip
    return np.where(told, np.mean(flags, axis=0), np.nan), facts


def changing(asked: Asked, given: Given) -> Answer:
    """What has become of each unit over the steps of time.

    Returns
    -------
    Units: ``code``, ``name``, ``pattern`` (of 17, or ``insufficient``), ``word``, ``trend`` (1, 0, -1), ``slope`` per
    step, ``hot_steps``, ``last_class`` (``hot``, ``cold``, ``none``, ``insufficient``), ``count``, ``recent_q`` of
    the alarm for the last step alone, and ``states``, a sign for each step: ``+`` hot, ``-`` cold, ``0`` neither.

    Raises
    ------
    InvalidInput
        Fewer than ten steps, or an exposure that is needed and not given.
    """
    support, cube = counted(given)
    exposure = exposure_of(asked, given)
    found = emerging(cube, support.near, exposure, Question(least=least_of(asked, exposure), side="both"))
    cells = found.cells
    told = (cells["pattern"] != INSUFFICIENT).to_numpy()
    last = np.array(["none", "hot", "cold"], dtype=object)[cells["last"].to_numpy()]
    columns = {
        "code": support.codes, "name": support.names, "pattern": cells["pattern"], "word": cells["word"],
        "trend": cells["trend"], "slope": np.where(told, cells["slope"], np.nan), "hot_steps": cells["hot_steps"],
        "last_class": np.where(told, last, INSUFFICIENT), "count": cube.sum(axis=1),
        "recent_q": np.where(told, recency(cube, 1)["q"], np.nan), "states": _written(found.states),
    }  # fmt: skip
    facts = {
        "steps": cube.shape[1], "step_days": asked.step_days, "unit": unit_of(asked, support), "per": asked.per,
        "units": len(cells), "counted": int(cube.sum()),
        "words": {word: int((cells["word"] == word).sum()) for word in TOLD_WORDS},
    }  # fmt: skip
    return Answer(features(columns, support.shapes), facts)


def _written(states: Ints) -> Objects:
    """Steps as a sign each: ``+`` hot, ``-`` cold, ``0`` neither."""
    signs = np.array(["0", "+", "-"])[states]
    return np.array(["".join(row) for row in signs], dtype=object)
