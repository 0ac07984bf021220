"""What is more than chance, on pages of streets and front doors: classes, their colours, and why a place has one."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from gis_core.hotspots.significance import INSUFFICIENT, Significance
from map_ui.draw import Json
from map_ui.hotspot_colours import CLASSES
from map_ui.legend import items
from map_ui.texts import TEXTS

CORE, NOBODY = "core", "nobody"
ORDER = (CORE, "hot_99", "hot_95", "hot_90", "none", INSUFFICIENT)
"""From the surest on; places with less than usual are not looked for."""
CORE_COLOUR = "#67001f"
WHY = ("count", "observed", "expected", "rate", "low", "high", "exposure")
"""Numbers behind a colour, as the script reads them."""
MOST_WORST = 20


def areas(nobody: Json) -> dict[str, Json]:
    """How an area of each class is drawn, wider outlines for hotter ones; ``nobody`` is what is no unit at all."""
    found = {one: {"color": _edge(one), "weight": 0.9, "fillColor": _colour(one), "fillOpacity": 0.9} for one in ORDER}
    found[CORE] |= {"weight": 2.2}
    found[INSUFFICIENT] |= {"fillOpacity": 0.25, "dashArray": "3 3"}
    return found | {NOBODY: nobody}


LINES: dict[str, Json] = {
    CORE: {"color": CORE_COLOUR, "weight": 6},
    "hot_99": {"color": CLASSES["hot_99"], "weight": 5},
    "hot_95": {"color": CLASSES["hot_95"], "weight": 4.5},
    "hot_90": {"color": CLASSES["hot_90"], "weight": 4},
    "none": {"color": "#a9b6c4", "weight": 2.2},
    INSUFFICIENT: {"color": CLASSES[INSUFFICIENT], "weight": 2.2, "dashArray": "3 5"},
}
"""The hotter the darker and the wider; what nobody can tell is dashed and grey."""


def classes_of(answer: Significance) -> list[str]:
    """The class of each unit in :data:`ORDER`: the hot spot itself before what merely has it in its neighbourhood.

    Along a street a core reaches over units in which nothing happened; they are not called a hot spot here.
    """
    cells = answer.cells
    above = (cells["count"] > answer.reference.rate * cells["exposure"]) & (cells["ratio"] > 1)
    named = np.where(cells["core"] & above, CORE, cells["class"].to_numpy(object))
    return [str(one) for one in named]


def why_of(cells: pd.DataFrame) -> list[list[float | None]]:
    """The numbers of :data:`WHY` for each unit, ``None`` where nothing can be told."""
    numbers = cells[list(WHY)].astype(np.float64)
    rounded = numbers.round(2).astype(object).where(np.isfinite(numbers), None)
    found: list[list[float | None]] = rounded.to_numpy().tolist()
    return found


def filter_of(by: str, values: Collection[Any], styles: dict[str, Json], locale: str) -> Json:
    """A colouring by significance as a layer takes it: ``by`` is the column, its title the text ``by_<column>``."""
    labels = {one: TEXTS.say(f"sure_{one}", locale) for one in (*ORDER, NOBODY)}
    if styles is LINES:
        labels[INSUFFICIENT] = TEXTS.say("sure_insufficient_patrol", locale)
    swatch = "line" if styles is LINES else "area"
    return {"by": by, "title": TEXTS.say(f"by_{by}", locale), "choice": True,
            "items": items(values, labels, styles, swatch=swatch)}  # fmt: skip


def worst(answer: Significance, most: int = MOST_WORST) -> list[int]:
    """Rows of the units to look at first: hot spots themselves by how much more there is in them than is usual, then
    the rest of what is called hot.
    """
    rank = np.array([ORDER.index(one) for one in classes_of(answer)], dtype=np.int64)
    hot = np.flatnonzero(rank < ORDER.index("none"))
    more = (answer.cells["count"] - answer.reference.rate * answer.cells["exposure"]).to_numpy(np.float64)
    first: list[int] = hot[np.lexsort((-more[hot], rank[hot]))][:most].tolist()
    return first


def told_of(answer: Significance) -> Json:
    """What is said of the whole: units told about and not, the usual rate, and for each level how many are hot and how
    many of these to expect false.
    """
    cells = answer.cells
    missing = int((cells["class"] == INSUFFICIENT).sum())
    found = [[int(row.level), int(row.cells), round(float(row.false_cells), 1)]
             for row in answer.found().itertuples()]  # fmt: skip
    uneven = answer.reference.dispersion if answer.reference.unevenness > 0 else None
    return {
        "units": len(cells) - missing, "insufficient": missing, "rate": round(float(answer.reference.rate), 3),
        "uneven": uneven and round(float(uneven), 1), "found": found, "cores": classes_of(answer).count(CORE),
        "total": len(worst(answer, len(cells))), "reports": int(cells["count"].sum()),
    }  # fmt: skip


def _colour(one: str) -> str:
    return CORE_COLOUR if one == CORE else "#ffffff" if one == "none" else CLASSES[one]


def _edge(one: str) -> str:
    return {"none": "#8a949e", INSUFFICIENT: "#6b747e", "hot_90": "#b3661b"}.get(one, "#4a0015")
