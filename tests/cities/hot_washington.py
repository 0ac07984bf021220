"""Hot spots of Washington in the summer of 2016: what is hot, what is only busy, and what the city called repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.crs import project, to_metres
from gis_core.duplicates import MODEL, Model, fitted
from gis_core.hotspots.emerging import Emerging, emerging, sliced
from gis_core.hotspots.forecast import chosen_bandwidth, scored
from gis_core.hotspots.network_density import Lixels, network_heat
from gis_core.hotspots.scan import Draws, circles, scan_time
from gis_core.hotspots.significance import Question, Significance, significance
from gis_core.hotspots.surface import Surface, canvas_of, heat
from gis_core.hotspots.weights import Neighbourhoods, contiguous, linked
from gis_core.likeness import Coder, Report, features, near_pairs
from gis_core.patrol.network import StreetNetwork, build_network

SRID = 26985
DIRT = (
    "Alley Cleaning", "Street Cleaning", "Illegal Dumping", "Sanitation Enforcement", "Graffiti Removal",
    "Grass and Weeds Mowing", "Dead Animal Collection", "Rodent Inspection and Treatment",
    "Public Space Litter Can-Collection",
)  # fmt: skip
"""What somebody who walks by could see."""
LABELLED = ("Street Cleaning", "Alley Cleaning", "Parking Enforcement", "Grass and Weeds Mowing",
            "Abandoned Vehicle - On Public Property", "Dead Animal Collection", "Graffiti Removal")  # fmt: skip
"""Of which the city called more than ten requests repeats."""
FIRST, LAST = "2016-07-08", "2016-08-06"
"""Whole days of the layers that begin with the first and end with the last: 30."""
HOUSE = r"^[\d\s/&-]*(BLOCK OF )?"
"""What stands before the street in an address."""
MOTORWAYS = ("S1100", "S1630")


@dataclass(frozen=True, eq=False)
class Washington:
    """The city as it was published, metric CRS."""

    folder: Path

    @cached_property
    def requests(self) -> pd.DataFrame:
        """All requests, with ``day`` (from the first of July) and ``t_h``, ``closed_h``."""
        names = ("before", "from")
        wanted = [
            "service_code",
            "service_name",
            "created",
            "closed",
            "status",
            "ward",
            "latitude",
            "longitude",
            "street_address",
        ]
        read = [
            pd.read_csv(self.folder / f"issues_311_created_{name}_2016-08-01.csv", usecols=wanted) for name in names
        ]
        rows = pd.concat(read, ignore_index=True)
        begin = pd.Timestamp("2016-07-01", tz="UTC")
        hours = {
            name: (pd.to_datetime(rows[column]) - begin).dt.total_seconds() / 3600
            for name, column in (("t_h", "created"), ("closed_h", "closed"))
        }
        day = np.floor(hours["t_h"] / 24).astype(np.int64)
        return rows.assign(**hours, day=day, duplicate=rows["status"].str.startswith("DUPLICATE").fillna(False))

    @cached_property
    def xy(self) -> Floats:
        """Where they are."""
        return to_metres(self.requests[["longitude", "latitude"]].to_numpy(np.float64), SRID)

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """The 296 districts of about 2,000 residents each."""
        return self._layer("poly_smd")

    @cached_property
    def shapes(self) -> Objects:
        """Of the districts."""
        return self.districts.geometry.to_numpy()

    @cached_property
    def near(self) -> Neighbourhoods:
        """Districts that touch."""
        return contiguous(self.shapes, 1.0)

    @cached_property
    def district(self) -> Ints:
        """Of each request its district."""
        return within(self.shapes, self.xy)

    @cached_property
    def network(self) -> StreetNetwork:
        """Streets without motorways and ramps."""
        read = gpd.read_file(self.folder / "streets_tiger2018.geojson")
        read = read[~read["MTFCC"].isin(MOTORWAYS)]
        columns = {"code": read["LINEARID"], "name": read["FULLNAME"]}
        return build_network(gpd.GeoDataFrame(columns, geometry=read.geometry), SRID)

    @cached_property
    def exposures(self) -> Mapping[str, Floats | None]:
        """Each district alike, its km², its km of streets, and its liquor licences."""
        lines = self.network.lines
        district, line = shapely.STRtree(lines).query(self.shapes, predicate="intersects")
        metres = shapely.length(shapely.intersection(lines[line], self.shapes[district]))
        licences = within(self.shapes, shapely.get_coordinates(self._layer("poi_liquor_licences").geometry))
        size = len(self.shapes)
        return {
            "none": None,
            "area": shapely.area(self.shapes) / 1e6,
            "streets": np.bincount(district, metres, minlength=size) / 1000,
            "shops": np.bincount(licences[licences >= 0], minlength=size).astype(np.float64),
        }

    def rows(self, services: tuple[str, ...] = (), *, whole: bool = False) -> Ints:
        """Requests of services, all of them where none is named; ``whole``: of the layers and days of :data:`FIRST`."""
        of = self.requests["service_name"]
        found = of.isin(services) if services else np.ones(len(of), bool)
        if whole:
            created = self.requests["created"].str[:10]
            first, last = (created.groupby(of).transform(name) for name in ("min", "max"))
            found = (
                found & (first <= "2016-07-10") & (last >= "2016-08-05") & (last <= "2016-08-07") & (created <= LAST)
            )
        return np.flatnonzero(found)

    def counts(self, rows: Ints) -> Ints:
        """By district."""
        return np.bincount(self.district[rows], minlength=len(self.shapes))

    def significant(self, rows: Ints, per: str) -> Significance:
        """Districts with too many or too few."""
        return significance(self.counts(rows), self.near, self.exposures[per], Question(side="both"))

    def _layer(self, name: str) -> gpd.GeoDataFrame:
        read = gpd.read_file(self.folder / f"{name}.geojson")
        return read.set_geometry(project(read.geometry.to_numpy(), SRID), crs=SRID)


def within(shapes: Objects, xy: Floats) -> Ints:
    """In which shape each point lies, -1 in none."""
    point, shape = shapely.STRtree(shapes).query(shapely.points(xy), predicate="intersects")
    found = np.full(len(xy), -1)
    found[point] = shape
    return found


def busiest(counts: Ints, of: int = 30) -> Ints:
    """The districts with most requests."""
    return np.argsort(-counts, kind="stable")[:of]


def changing(city: Washington, rows: Ints, step_days: int = 3) -> Emerging:
    """What has become of the districts in ten steps of three days."""
    step = (city.requests["day"].to_numpy()[rows] - 7) // step_days
    return emerging(sliced(city.district[rows], step, (len(city.shapes), 30 // step_days)), city.near)


def alarm(city: Washington, rows: Ints, simulations: int = 199) -> pd.DataFrame:
    """The crowd of the last days up to the sixth of August, over all districts."""
    cube = sliced(city.district[rows], city.requests["day"].to_numpy()[rows] - 7, (len(city.shapes), 30))
    around = circles(shapely.get_coordinates(shapely.point_on_surface(city.shapes)), cube.sum(1))
    return scan_time(cube, around, 7, Draws(simulations))


def foretold(city: Washington, rows: Ints, split: int = 30) -> tuple[float, pd.DataFrame]:
    """A week foretold from the 23 days before it, by squares of 100 m: the bandwidth, and scores of heat and of counts.

    Columns of :func:`~gis_core.hotspots.forecast.scores`, and ``by``: ``heat``, or the ``counts`` of the days before.
    """
    territory = shapely.union_all(city.shapes)
    fine, coarse = canvas_of(territory, 50.0), canvas_of(territory, 100.0)
    xy, day = city.xy[rows], city.requests["day"].to_numpy()[rows].astype(np.float64)
    past = day < split
    bandwidth_m, _ = chosen_bandwidth(fine, xy[past], day[past], (150.0, 200.0, 300.0, 400.0))
    warm = heat(fine, xy[past], bandwidth_m, split - 7.0).density
    tall, wide = (2 * side for side in coarse.inside.shape)
    warm = np.pad(warm, ((0, tall - warm.shape[0]), (0, wide - warm.shape[1])))
    then = np.zeros(coarse.inside.shape)
    column, row = (np.floor(at + 0.5).astype(np.int64) for at in coarse.places(xy[past & coarse.within(xy)]))
    np.add.at(then, (row, column), 1.0)
    ranked = {"heat": warm.reshape(tall // 2, 2, wide // 2, 2).mean(axis=(1, 3)), "counts": then}
    told = {name: scored(Surface(coarse, values, 0, 0), xy[~past], day[~past]) for name, values in ranked.items()}
    return bandwidth_m, pd.concat(told, names=["by"]).reset_index(level=0)


@dataclass(frozen=True, eq=False)
class Along:
    """Requests on the streets: on which edge they lie, the heat, and the edges that are significant."""

    edge: Ints
    lixels: Lixels
    edges: Significance


def along(city: Washington, rows: Ints, reach_m: float = 150.0) -> Along:
    """Heat of 31 days along streets, and stretches between crossings with too many for their length."""
    network = city.network
    points = shapely.points(city.xy[rows])
    edge = shapely.STRtree(network.lines).query_nearest(points, all_matches=False)[1]
    lixels = network_heat(network, edge, shapely.line_locate_point(network.lines[edge], points), reach_m, 31.0)
    counts = np.bincount(edge, minlength=len(network.u))
    return Along(edge, lixels, significance(counts, joined(network), network.length_m / 1000))


def joined(network: StreetNetwork) -> Neighbourhoods:
    """Edges that share a crossing."""
    node = np.concatenate([network.u, network.v])
    order = np.argsort(node, kind="stable")
    of, node = np.tile(np.arange(len(network.u)), 2)[order], node[order]
    pairs = [np.column_stack([of[:-lag], of[lag:]])[node[:-lag] == node[lag:]] for lag in range(1, 12)]
    return linked(len(network.u), np.concatenate(pairs))


@dataclass(frozen=True, eq=False)
class Repeats:
    """Pairs of requests within reach of each other, what is alike of them, and which of them the city means.

    Parameters
    ----------
    later, told
        Of each pair the later request, and its features.
    within_reach
        Requests that have an earlier one of the same service within reach of the suspicion.
    label
        Requests the city called repeats.
    """

    later: Ints
    told: Floats
    within_reach: Bools
    label: Bools

    def score(self, model: Model = MODEL) -> Floats:
        """Of each request the highest suspicion that it repeats an earlier one."""
        found = np.zeros(len(self.label))
        np.maximum.at(found, self.later, model.score(self.told))
        return found

    def agreed(self, said: Bools, among: Bools) -> tuple[int, int, int]:
        """How many we say, how many of them the city says, and how many the city says."""
        return int((said & among).sum()), int((said & among & self.label).sum()), int((among & self.label).sum())

    def refitted(self, on: Bools) -> Model:
        """A model of the city's own calls: an earlier request of the same service is the master of a repeat."""
        own = on[self.later]
        same = self.label[self.later] & (self.told[:, 4] > 0)
        return fitted(self.told[own], same[own])


def repeated_within(city: Washington, reach_m: float, window_h: float) -> int:
    """Of the requests that the city calls repeats, how many have an earlier one of their service so near."""
    rows = city.requests
    t_h, service = rows["t_h"].to_numpy(), rows["service_code"].to_numpy(object)
    own = np.flatnonzero(rows["duplicate"])
    near = cKDTree(city.xy).query_ball_point(city.xy[own], reach_m)
    found = 0
    for one, others in zip(own, near, strict=True):
        some = np.setdiff1d(others, one)
        apart_h = t_h[one] - t_h[some]
        found += bool(((service[some] == service[one]) & (apart_h >= 0) & (apart_h <= window_h)).any())
    return found


def repeats(city: Washington) -> Repeats:
    """All pairs; nothing was written in the requests, so that place, street, time and service are all there is."""
    rows = city.requests
    streets = rows["street_address"].fillna("").str.replace(HOUSE, "", regex=True)
    columns = (rows["t_h"], rows["service_code"], rows["closed_h"].fillna(np.inf), streets)
    reports = [
        Report(x=x, y=y, t_h=t_h, kind=kind, closed_h=closed_h, street=street or None)
        for (x, y), t_h, kind, closed_h, street in zip(city.xy.tolist(), *columns, strict=True)
    ]
    coded = Coder().coded(reports)
    pairs = near_pairs(coded, returning=False)
    told = features(coded, pairs, returning=False)
    reached = np.zeros(len(rows), bool)
    reached[pairs[told[:, 4] > 0, 1]] = True
    return Repeats(pairs[:, 1], told, reached, rows["duplicate"].to_numpy(bool))
