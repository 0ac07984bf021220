"""What lies before doors: whose strip a point is in, what was agreed about it, and which painted lines hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, shapes_of
from gis_core.cells import CellIndex, Groups
from gis_core.city import City
from gis_core.codes import resolve_duties
from gis_core.crs import project
from gis_core.ready import Ready
from gis_core.validity import holds

MARK_KINDS = ("goods", "parking", "no_parking")
"""Ground painted for goods, for vehicles, or against vehicles."""
ALLOWED = ("goods", "parking")
NOBODYS = ("blank", "excluded")
"""Kinds of strips that no shop answers for."""
LINES = "tag:lines/{}"
"""The tags whose categories a kind of mark is about."""


@dataclass(frozen=True, eq=False)
class FrontDoors:
    """Strips, agreements and marks of a territory.

    Parameters
    ----------
    city
        Says what shops answer for without an agreement.
    frames
        ``frontages``, ``agreements``, ``marks``, ``categories`` and ``tags`` of a territory.
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
        valid = self._in_force("frontages", order[nth], day[point])
        if len(self._drawn):
            valid &= ~self.taken_over(order[nth], day[point])[0]
        point, nth = point[valid], nth[valid]
        best = np.full(len(lonlat), len(order))
        np.minimum.at(best, point, nth)
        held = best < len(order)
        found[held] = order[best[held]]
        return found

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
