"""What a method of hot spots is asked, what it is given and what it answers: the same for all methods."""

from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

import geopandas as gpd
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.hotspots.surface import Canvas, Surface
from gis_core.hotspots.weights import Neighbourhoods
from gis_core.patrol.network import StreetNetwork

PER = ("none", "size", "shops", "patrol")
"""What counts are compared with: nothing (each unit alike), area or length, shops, kilometres times hours of patrol."""


@dataclass(frozen=True)
class Asked:
    """A question about hot spots.

    Parameters
    ----------
    first, last
        Local days since 1970, both included.
    support
        ``lattice``, a grid level, ``segment`` or ``strip``; methods on points need none.
    per
        One of :data:`PER`.
    bandwidth_m
        Of heat.
    cell_m
        Side of the lattice's cells.
    halflife_days
        Reports count for less the older they are; ``None``: all alike.
    step_days
        Length of a step of time.
    seed
        Of simulated maps.
    breaks
        Classes of heat, rising, so that every view has one scale; none: those of the answer itself.
    """

    first: int
    last: int
    support: str = "lattice"
    per: str = "none"
    bandwidth_m: float = 100.0
    cell_m: float = 100.0
    halflife_days: float | None = None
    step_days: int = 7
    seed: int = 1
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in pairwise((0.0, *self.breaks, inf)))
        if not rising:
            raise InvalidInput("hotspot_breaks", value=", ".join(f"{one:g}" for one in self.breaks))

    @property
    def days(self) -> int:
        """How many local days it is about."""
        return self.last - self.first + 1


class Points(NamedTuple):
    """Reports as the database counted them: how many were in a small cell on a day, of a class.

    Parameters
    ----------
    xy
        Middle of the cell, metric CRS, shape (n, 2).
    day
        Local days since 1970.
    kind
        Category code.
    number
        How many.
    weight
        What they count for, where who counted them has weighed each by its day; ``None``: by ``number`` and ``day``.
    """

    xy: Floats
    day: Ints
    kind: Objects
    number: Ints
    weight: Floats | None = None


@dataclass(frozen=True, eq=False)
class Support:
    """Units that reports are counted by.

    Parameters
    ----------
    name
        ``lattice``, a grid level, ``segment`` or ``strip``.
    codes
        Of the units, in ascending order; of a lattice ``column:row``, of segments ``street@metre``.
    names
        For people; ``None`` where there is none.
    shapes
        Polygons or lines, EPSG:4326.
    xy
        A place within each, metric CRS, shape (n, 2).
    size
        km² of areas, km of streets and strips.
    unit
        ``km2`` or ``km``.
    near
        Their neighbourhoods.
    """

    name: str
    codes: Objects
    names: Objects
    shapes: Objects
    xy: Floats
    size: Floats
    unit: str
    near: Neighbourhoods


@dataclass(frozen=True, eq=False)
class StreetSupport(Support):
    """Units along streets, with longer ones that hold them.

    Parameters
    ----------
    stretch
        Of each unit the number of the stretch of street that it is of; -1 of none.
    """

    stretch: Ints


@dataclass(frozen=True, eq=False)
class Given:
    """All that a method is given to answer.

    Parameters
    ----------
    territory
        What the reader sees of the city: polygons, metric CRS.
    srid
        Of the metric CRS.
    points
        For methods on points; else ``None``.
    support, cube
        For methods on units: reports by unit and step, shape (units, steps), the last step the newest; one step for
        methods without time.
    exposure
        By unit, of one kind for the whole window; ``None``: each alike.
    above
        A support of larger units, where there is one: whether what is hot stays so is also asked of it. What is counted
        in it is what is counted in ``support``.
    canvas
        For heat on the ground: cells over the territory, where they are known already.
    network, edge, at_m
        For heat along streets: on which edge, and where on it, each of the points lies.
    """

    territory: shapely.Geometry
    srid: int
    points: Points | None = None
    support: Support | None = None
    cube: Ints | None = None
    exposure: Floats | None = None
    above: Support | None = None
    canvas: Canvas | None = None
    network: StreetNetwork | None = None
    edge: Ints | None = None
    at_m: Floats | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method found.

    Parameters
    ----------
    features
        Rows with the method's columns and a geometry, EPSG:4326; never NaN: what is not told is absent (``None``).
    facts
        What is said of the whole: numbers and texts that JSON can carry, units in the names.
    surface
        Heat on the ground, of methods that make it.
    """

    features: gpd.GeoDataFrame
    facts: dict[str, Any] = field(default_factory=dict)
    surface: Surface | None = None
