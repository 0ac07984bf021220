"""Blocks and their kerbs by the rules of a city: what does not depend on shops."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Ints, Objects, shapes_of
from gis_core.crs import project
from gis_core.frontage.blocks import Kerbs, Roads, blocks, kerbs, roads
from gis_core.frontage.rules import StripRules


@dataclass(frozen=True, eq=False)
class Kerbside:
    """What does not depend on shops: blocks and their kerbs.

    Parameters
    ----------
    streets
        ``code``, ``name``, ``class``, ``width_m``, ``footway_m``, ``geometry`` in EPSG:4326.
    ground
        The territory, EPSG:4326.
    srid
        The city's metric CRS.
    """

    streets: pd.DataFrame
    ground: shapely.Geometry
    srid: int
    rules: StripRules

    @cached_property
    def roads(self) -> Roads:
        """Carriageways in metres."""
        return roads(self.streets, project(shapes_of(self.streets), self.srid), self.rules)

    @cached_property
    def blocks(self) -> tuple[Objects, Objects, Ints]:
        """As :func:`gis_core.frontage.blocks.blocks` has them."""
        (ground,) = project(np.array([self.ground], dtype=object), self.srid)
        return blocks(self.roads, ground)

    @cached_property
    def kerbs(self) -> Kerbs:
        """The kerb of all blocks."""
        _, behind, of = self.blocks
        return kerbs(behind, of, self.roads)

    @cached_property
    def names(self) -> Objects:
        """A name for each block, the same as long as its shape is."""
        written = (shapely.to_wkb(one) for one in self.blocks[0])
        return np.array([hashlib.sha256(one).hexdigest()[:10] for one in written], dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The blocks by place."""
        return shapely.STRtree(self.blocks[0])

    def within(self, reach_m: float, shapes: Objects) -> Ints:
        """Positions of the blocks within reach of shapes in metres, ascending."""
        known = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
        near: Ints = np.unique(self.tree.query(known, predicate="dwithin", distance=reach_m)[1]).astype(np.int64)
        return near

    def only(self, chosen: Ints) -> "Kerbside":
        """The same as if there were only these blocks, by position."""
        whole, behind, of = self.blocks
        kept = np.isin(of, chosen)
        part = replace(self)
        vars(part)["roads"] = self.roads
        vars(part)["blocks"] = whole[chosen], behind[kept], np.searchsorted(chosen, of[kept])
        vars(part)["names"] = self.names[chosen]
        return part
