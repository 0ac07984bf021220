"""Colours of hot spots, in one place for pages, pictures and legends."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from map_ui.heat import GRADIENT

HEAT = tuple(GRADIENT.values())[1:]
"""Of the classes of heat, the lowest first; below the lowest break nothing is drawn."""
CLASSES = {
    "hot_99": "#b2182b", "hot_95": "#e0604d", "hot_90": "#f7b799",
    "cold_90": "#a7d0e4", "cold_95": "#4393c3", "cold_99": "#2166ac",
    "none": "#f2f3f5", "insufficient": "#9aa1ab", "alone": "#9aa1ab",
}  # fmt: skip
"""Of what a place is called: reds for hot, blues for cold, told apart by colour-blind eyes and in grey."""
HATCHED = frozenset({"insufficient", "alone"})
"""Classes drawn as lines across the area: nothing is known of it, which is not the same as nothing there."""
WORDS = {"new": "#e69f00", "lasting": "#d55e00", "worse": "#7a0f3d", "fading": "#56b4e9", "none": "#f2f3f5"}
"""Of the plain words of emerging hot spots (after Okabe and Ito)."""
CROWD, CLUSTER = "#a8184b", "#7b4bb3"
"""Of a circle of the scan statistic and of a cluster: outlines over whatever lies below."""
OPACITY = {"surface": 0.75, "forecast": 0.75, "network": 0.95, "scan": 0.25, "clusters": 0.3}
"""Of areas, and of lines where the method draws lines; 0.65 of others."""
USUAL_OPACITY = 0.65


def ramp(classes: int) -> tuple[str, ...]:
    """A colour for each class of heat, spread over the whole ramp: the hottest is always the darkest."""
    if classes <= 1:
        return HEAT[-1:] * classes
    return tuple(HEAT[round(nth * (len(HEAT) - 1) / (classes - 1))] for nth in range(classes))


def class_of(density: float, breaks: Sequence[float]) -> int:
    """The class of heat that a density is in, -1 below the lowest break."""
    return bisect_right(breaks, density) - 1


def colour_of(method: str, row: Mapping[str, Any], breaks: Sequence[float] = ()) -> str | None:
    """The colour of a feature of a method by its columns; ``None`` where nothing is drawn.

    Parameters
    ----------
    breaks
        Of heat, as the method's facts say them.
    """
    if method in ("surface", "forecast"):
        return ramp(len(breaks))[row["class"]] if row["class"] < len(breaks) else HEAT[-1]
    if method == "network":
        nth = class_of(row["density"], breaks)
        return None if nth < 0 else ramp(len(breaks))[nth]
    if method == "significance":
        return CLASSES.get(row["class"], CLASSES["none"])
    if method == "emerging":
        return WORDS.get(row["word"], WORDS["none"])
    return CROWD if method == "scan" else CLUSTER


def opacity_of(method: str) -> float:
    """How much of what lies below a feature is hidden."""
    return OPACITY.get(method, USUAL_OPACITY)
