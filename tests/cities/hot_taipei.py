"""Hot spots of Taipei: a week of dispatched cases of 2023, and what was reported after storms and an earthquake."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.crs import project
from gis_core.hotspots.significance import Question, Significance, significance
from gis_core.hotspots.weights import Neighbourhoods, contiguous
from gis_core.patrol.network import StreetNetwork, build_network
from tests.cities.hot_washington import joined, within

SRID = 3826
CASES, DISASTERS = "issues_1999_dispatch_2023-05-25_06-01", "issues_disaster_reports_2022-2024"
EARTHQUAKE, TYPHOON, KHANUN, DRILL = "0403地震", "1015尼莎風災", "0802卡努颱風", "1111206例行性測試"
BESIDE_M = 30.0


@dataclass(frozen=True, eq=False)
class Taipei:
    """The city as it was published, metric CRS."""

    folder: Path

    @cached_property
    def cases(self) -> gpd.GeoDataFrame:
        """2,817 cases of eight days, of which the first and the last are not whole."""
        return self._layer(CASES)

    @cached_property
    def disasters(self) -> gpd.GeoDataFrame:
        """What was reported in storms, earthquakes and drills of two years; 專案名稱 names each."""
        return self._layer(DISASTERS)

    @cached_property
    def villages(self) -> gpd.GeoDataFrame:
        """456 villages."""
        return self._layer("poly_village_456")

    @cached_property
    def shapes(self) -> Objects:
        """Of the villages."""
        shapes: Objects = shapely.make_valid(self.villages.geometry.to_numpy())
        return shapes

    @cached_property
    def near(self) -> Neighbourhoods:
        """Villages that touch."""
        return contiguous(self.shapes, 1.0)

    @cached_property
    def default(self) -> Floats:
        """The one coordinate that most cases have: the city hall, where nobody wrote a place down."""
        places, count = np.unique(np.round(points(self.cases), 1), axis=0, return_counts=True)
        return np.asarray(places[count.argmax()])

    def placed(self, layer: gpd.GeoDataFrame) -> Bools:
        """Which rows do not lie at the default."""
        return np.hypot(*(points(layer) - self.default).T) > 1.0

    @cached_property
    def edges(self) -> StreetNetwork:
        """Edges of the blocks of two districts, which follow the streets."""
        read = [self._raw(f"derived_block_edges_{code}") for code in ("63000050", "63000060")]
        both = pd.concat(read, ignore_index=True)
        columns = {"code": both.index.astype(str), "name": None}
        return build_network(gpd.GeoDataFrame(columns, geometry=both.geometry, crs=4326), SRID)

    def counts(self, layer: gpd.GeoDataFrame, kept: Bools) -> Ints:
        """Of each village."""
        village = within(self.shapes, points(layer)[kept])
        return np.bincount(village[village >= 0], minlength=len(self.shapes))

    def significant(self, counts: Ints, *, by_area: bool = False) -> Significance:
        """Villages with too many or too few, each alike or by area."""
        area = shapely.area(self.shapes) / 1e6 if by_area else None
        return significance(counts, self.near, area, Question(side="both"))

    def in_event(self, event: str) -> Ints:
        """Reports of one event by village, without those at the default."""
        return self.counts(self.disasters, (self.disasters["專案名稱"] == event) & self.placed(self.disasters))

    def by_edge(self) -> tuple[Ints, Significance]:
        """Cases beside block edges, without those at the default, and which edges have too many for their length."""
        network = self.edges
        xy = shapely.points(points(self.cases)[self.placed(self.cases)])
        (_, edge), far_m = shapely.STRtree(network.lines).query_nearest(xy, return_distance=True, all_matches=False)
        counts = np.bincount(edge[far_m <= BESIDE_M], minlength=len(network.u))
        return counts, significance(counts, joined(network), network.length_m / 1000)

    def _raw(self, name: str) -> gpd.GeoDataFrame:
        return gpd.read_file(self.folder / f"{name}.geojson")

    def _layer(self, name: str) -> gpd.GeoDataFrame:
        read = self._raw(name)
        return read.set_geometry(project(read.geometry.to_numpy(), SRID), crs=SRID)


def points(layer: gpd.GeoDataFrame) -> Floats:
    """Where its rows lie."""
    return shapely.get_coordinates(layer.geometry.to_numpy())
