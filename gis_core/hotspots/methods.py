"""The methods of hot spots, in one list: what each is called, what it needs, and what answers for it."""

from collections.abc import Callable
from dataclasses import dataclass

from gis_core.hotspots.answers_clusters import crowded
from gis_core.hotspots.answers_forecast import expected
from gis_core.hotspots.answers_heat import surface
from gis_core.hotspots.answers_scan import crowds
from gis_core.hotspots.answers_streets import along_streets
from gis_core.hotspots.answers_units import changing, significant
from gis_core.hotspots.asking import PER, Answer, Asked, Given
from gis_core.texts import TEXTS, Text

GRID = "grid"
"""Stands for every grid level among supports."""


@dataclass(frozen=True)
class Method:
    """One way of looking for hot spots.

    Parameters
    ----------
    name
        As addresses and commands have it.
    titles
        What people read, English and Chinese.
    supports
        What it can count by; :data:`GRID` is any level; none for methods on points.
    needs
        ``points`` (:class:`~gis_core.hotspots.asking.Points`), ``streets`` (these and their places on the network) or
        ``cube`` (a support and its counts).
    per
        What counts can be compared with.
    steps
        Of a cube: ``one`` for the whole window, ``steps`` of the days asked for, or ``days``.
    work
        The answer.
    """

    name: str
    titles: Text
    supports: tuple[str, ...]
    needs: str
    per: tuple[str, ...]
    steps: str
    work: Callable[[Asked, Given], Answer]


UNITS, ALIKE = ("lattice", GRID, "segment", "strip"), ("none",)
_METHODS = (
    Method("surface", TEXTS["hotspot_method_surface"], (), "points", ALIKE, "one", surface),
    Method("network", TEXTS["hotspot_method_network"], (), "streets", ALIKE, "one", along_streets),
    Method("significance", TEXTS["hotspot_method_significance"], UNITS, "cube", PER, "one", significant),
    Method("emerging", TEXTS["hotspot_method_emerging"], UNITS, "cube", PER, "steps", changing),
    Method("scan", TEXTS["hotspot_method_scan"], UNITS, "cube", PER, "days", crowds),
    Method("clusters", TEXTS["hotspot_method_clusters"], (), "points", ALIKE, "one", crowded),
    Method("forecast", TEXTS["hotspot_method_forecast"], (), "points", ALIKE, "one", expected),
)

METHODS: dict[str, Method] = {method.name: method for method in _METHODS}
"""By name, in the order they are offered."""
