"""What lies before doors: whose strip a point is in, what was agreed about it, and which painted lines hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, shapes_of
from gis_core.cells import CellIndex, Groups, NearestIndex
from gis_core.city import City
from gis_core.codes import resolve_duties
from gis_core.crs import project
from gis_core.frontage.blocks import ROUGH_M, roads
from gis_core.ready import Ready
from gis_core.validity import holds

MARK_KINDS = ("goods", "parking", "no_parking")
"""Ground painted for goods, for vehicles, or against vehicles."""
ALLOWED = ("goods", "parking")
NOBODYS = ("blank", "excluded")
"""Kinds of strips that no shop answers for."""
LINES = "tag:lines/{}"
"""The tags whose categories a kind of mark is about."""
SNOW = "tag:snow"
"""The tag of snow and ice."""


@dataclass(frozen=True, eq=False)
class FrontDoors:
    """Strips, agreements and marks of a territory.

    Parameters
    ----------
    city
        Says what shops answer for without an agreement.
    frames
        ``frontages``, ``agreements``, ``marks``, ``streets``, ``categories`` and ``tags`` of a territory.
    periods
        Its periods, by layer.
    ready
        Where compiled indexes are found.
    """

    city: City
    frames: Mapping[str, pd.DataFrame]
    periods: Mapping[str, tuple[Ints, Ints]]
    ready: Ready

    @cached_property
    def strips(self) -> tuple[Ints, CellIndex]:
        """Positions of the strips in order of preference, and their index: an official one before a derived one, then
        the smaller.
        """
        derived = codes_of(self.frames["frontages"], "origin") == "derived"
        return self._indexed(self.frames["frontages"], derived)

    @cached_property
    def shops(self) -> tuple[Ints, Objects]:
        """Pairs of a strip's position and a shop's code, strip by strip."""
        said = zip(*(codes_of(self.frames["frontages"], name) for name in ("kind", "code", "shops")), strict=True)
        named = [tuple(dict.fromkeys(_shops(*row))) for row in said]
        strip = np.repeat(np.arange(len(named)), [len(one) for one in named])
        return strip, np.array([shop for one in named for shop in one], dtype=object)

    @cached_property
    def agreed(self) -> tuple[Groups, Ints]:
        """The agreements of each strip's first shop, which is the one that answers: groups by the strip's position, and
        the agreements' positions.
        """
        strip, shop = self.shops
        first = np.diff(strip, prepend=-1) != 0
        agreements = self.frames["agreements"]
        letters = pd.DataFrame({"shop": codes_of(agreements, "shop"), "agreement": np.arange(len(agreements))})
        pairs = pd.DataFrame({"strip": strip[first], "shop": shop[first]}).merge(letters, on="shop")
        groups = Groups(pairs["strip"].to_numpy(np.int64), len(self.frames["frontages"]))
        return groups, pairs["agreement"].to_numpy(np.int64)

    @cached_property
    def _drawn(self) -> pd.DataFrame:
        """Each shop of a derived strip that an official one names: ``strip``, ``shop``, ``official``."""
        strip, shop = self.shops
        official = (codes_of(self.frames["frontages"], "origin") == "official")[strip]
        mine = pd.DataFrame({"strip": strip[~official], "shop": shop[~official]})
        return mine.merge(pd.DataFrame({"shop": shop[official], "official": strip[official]}), on="shop")

    def taken_over(self, strip: Ints, day: Ints) -> tuple[Bools, pd.DataFrame]:
        """Whether official strips in force name all shops of each derived strip on its day; and the ones they name:
        ``nth`` among the strips asked for, and ``shop``.
        """
        asked = pd.DataFrame({"nth": np.arange(len(strip)), "strip": strip, "day": day})
        pairs = asked.merge(self._drawn, on="strip")
        held = self._in_force("frontages", pairs["official"].to_numpy(np.int64), pairs["day"].to_numpy(np.int64))
        named = pairs.loc[held, ["nth", "shop"]].drop_duplicates()
        units = np.bincount(self.shops[0], minlength=len(self.frames["frontages"]))[strip]
        over: Bools = np.bincount(named["nth"], minlength=len(strip)) == units
        return over & (units > 0), named

    @cached_property
    def duties(self) -> Bools:
        """Whether an agreement (row) covers a category (column); in the last row what holds without one."""
        written = codes_of(self.frames["agreements"], "duties").tolist()
        usual = list(self.city.door_duties)
        return self._covered([*(one or usual for one in written), usual])

    @cached_property
    def mark_index(self) -> tuple[Ints, CellIndex]:
        """Positions of the marks, smallest first, and their index."""
        return self._indexed(self.frames["marks"], np.zeros(len(self.frames["marks"]), dtype=bool))

    @cached_property
    def marked(self) -> Bools:
        """Whether a mark (row) is about a category (column)."""
        by_kind = self._covered([[LINES.format(kind)] for kind in MARK_KINDS])
        kind = pd.Index(MARK_KINDS).get_indexer(pd.Index(codes_of(self.frames["marks"], "kind"), dtype=object))
        found: Bools = by_kind[kind]
        return found

    def strip_at(self, lonlat: Floats, day: Ints) -> Ints:
        """Position of the strip that holds each point on its day, -1 for none."""
        found = np.full(len(lonlat), -1)
        if not len(self.frames["frontages"]):
            return found
        order, index = self.strips
        point, nth = index.pairs(lonlat)
        valid = self._counts(order[nth], day[point])
        point, nth = point[valid], nth[valid]
        best = np.full(len(lonlat), len(order))
        np.minimum.at(best, point, nth)
        held = best < len(order)
        found[held] = order[best[held]]
        return found

    @cached_property
    def snow(self) -> Bools:
        """Whether each category is snow or ice, for which shops answer on to the centre line; none is where the city
        has no such rule.
        """
        (found,) = self._covered([[SNOW] if self.city.strips.snow == "centre_line" else []])
        return found

    @cached_property
    def _kerbside(self) -> tuple[Floats, NearestIndex, NearestIndex]:
        """How far the strips beside each street are from its centre line, and indexes in metres of the streets, and of
        the strips in the order of :attr:`strips`.
        """
        streets, frontages = (self.frames[name] for name in ("streets", "frontages"))
        lines, shapes = (project(shapes_of(one), self.city.metric_srid) for one in (streets, frontages))
        half_m = roads(streets, lines, self.city.strips).half_m
        return half_m, NearestIndex(lines), NearestIndex(shapes[self.strips[0]])

    def before(self, xy: Floats, day: Ints, category: Ints, strip: Ints) -> tuple[Ints, Floats]:
        """The strip of each issue; of snow on the carriageway the nearest one, and how far away that is.

        Parameters
        ----------
        xy
            Metres in the city's CRS, shape (n, 2).
        strip
            The strip that holds each issue, -1 for none.

        Returns
        -------
        strip, distance_m
            NaN where the strip holds the issue.
        """
        strip, away = strip.copy(), np.full(len(strip), np.nan)
        asking = np.flatnonzero((strip < 0) & (category >= 0))
        asking = asking[self.snow[category[asking]]] if len(asking) else asking
        if not len(asking) or not len(self.frames["frontages"]) or not len(self.frames["streets"]):
            return strip, away
        # The kerb of one's own side is no farther than what is left of half the carriageway; the other one is.
        left = self._left_m(xy[asking])
        asking, left = asking[left >= 0], left[left >= 0]
        nth, near, distance = self._kerbside[2].within(xy[asking], left + ROUGH_M)
        order = np.lexsort((near, distance.round(3), nth))
        nth, near, distance = nth[order], self.strips[0][near[order]], distance[order]
        counts = np.flatnonzero(self._counts(near, day[asking[nth]]))
        first = counts[np.flatnonzero(np.diff(nth[counts], prepend=-1))]
        strip[asking[nth[first]]], away[asking[nth[first]]] = near[first], distance[first]
        return strip, away

    def _left_m(self, xy: Floats) -> Floats:
        """What is left of half the carriageway beside each point, negative where it lies on none. Where a lane meets a
        wide street, the lane's centre line is often nearer than that of the street one stands on.
        """
        half_m, streets, _ = self._kerbside
        left = np.full(len(xy), -np.inf)
        point, street, distance = streets.within(xy, float(half_m.max()))
        np.maximum.at(left, point, half_m[street] - distance)
        return left

    def duty_of(self, strip: Ints, day: Ints) -> Ints:
        """Row of :attr:`duties` for each strip on its day: the agreement begun last, else the usual duties."""
        row = np.full(len(strip), len(self.frames["agreements"]))
        groups, agreements = self.agreed
        nth, pair = groups.expand(strip)
        agreement = agreements[pair]
        valid = self._in_force("agreements", agreement, day[nth])
        nth, agreement = nth[valid], agreement[valid]
        order = np.lexsort((agreement, self.periods["agreements"][0][agreement]))
        row[nth[order]] = agreement[order]
        return row

    def lines_at(self, lonlat: Floats, day: Ints, category: Ints) -> tuple[Bools, Bools]:
        """Whether each issue lies inside lines that allow what it is about, and inside lines that forbid it."""
        allowed, forbidden = np.zeros(len(lonlat), dtype=bool), np.zeros(len(lonlat), dtype=bool)
        if not len(self.frames["marks"]):
            return allowed, forbidden
        order, index = self.mark_index
        point, nth = index.pairs(lonlat)
        mark = order[nth]
        about = self._in_force("marks", mark, day[point]) & (category[point] >= 0)
        about[about] = self.marked[mark[about], category[point[about]]]
        allows = np.isin(codes_of(self.frames["marks"], "kind")[mark], ALLOWED)
        allowed[point[about & allows]] = True
        forbidden[point[about & ~allows]] = True
        return allowed, forbidden

    def _counts(self, strip: Ints, day: Ints) -> Bools:
        """Whether strips are in force on their days, and no official ones instead of them."""
        counts = self._in_force("frontages", strip, day)
        return counts & ~self.taken_over(strip, day)[0] if len(self._drawn) else counts

    def _in_force(self, name: str, position: Ints, day: Ints) -> Bools:
        return holds(self.periods[name], position, day)

    def _covered(self, items: Sequence[Sequence[str]]) -> Bools:
        if not len(self.frames["categories"]):
            return np.zeros((len(items), 0), dtype=bool)
        covered, _ = resolve_duties(
            items, [self.city.scheme] * len(items), self.frames["categories"], self.frames["tags"]
        )
        return covered

    def _indexed(self, frame: pd.DataFrame, later: Bools) -> tuple[Ints, CellIndex]:
        shapes = shapes_of(frame)
        area = shapely.area(project(shapes, self.city.metric_srid))
        order = np.lexsort((np.arange(len(frame)), area, later))
        return order, CellIndex(shapes[order], self.ready.polygons(shapes[order]))


def _shops(kind: str, code: str, shops: Sequence[str] | None) -> Sequence[str]:
    """The shops of a strip: those it names, or the one whose code it has."""
    if kind in NOBODYS:
        return ()
    return shops or (code,)


def answering(strips: pd.DataFrame, places: pd.DataFrame) -> list[str | None]:
    """Who answers for each strip: the operator of its first shop, or that shop itself; nobody where no shop does."""
    operator = dict(zip(codes_of(places, "code"), codes_of(places, "operator"), strict=True))
    said = zip(*(codes_of(strips, name) for name in ("kind", "code", "shops")), strict=True)
    first = [next(iter(_shops(*one)), None) for one in said]
    return [shop and (operator.get(shop) or shop) for shop in first]
