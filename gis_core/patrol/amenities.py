"""Facilities along the lanes under patrol: whether toilets, bins, lamps and notices are near enough, and lamps lit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, shapes_of
from gis_core.crs import project, shapes_to_wgs84
from gis_core.patrol.chains import Chains, chains_of, drawn, gaps
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.rules import PatrolRules
from gis_core.patrol.walks import far_stretches
from gis_core.references import FINDING_COLUMNS

KINDS = ("toilets", "bins", "lamps", "notices")
BESIDE_M = {"toilets": 50.0, "bins": 25.0, "lamps": 25.0, "notices": 25.0}
"""So far from its street a facility of a kind may stand. Toilets lie in yards."""
STRIP_M = 200.0
GONE = frozenset({"lost", "abandoned", "removed", "丢失", "废弃", "移除", "移位", "拆除", "注销"})
BROKEN = frozenset({"damaged", "broken", "out", "unlit", "破损", "损坏", "待修", "故障", "不亮", "熄灭"})
"""States of what does not count, and of lamps that are not lit: those of GB/T 47678.5 and what is written for them."""


class Placed(NamedTuple):
    """Facilities of one kind on the network.

    Parameters
    ----------
    registered
        Whether there is any such facility in the register, wherever and in whatever state.
    edge, at_m, broken
        Of each that counts: the nearest edge, how far along it, and whether it is broken.
    """

    registered: bool
    edge: Ints
    at_m: Floats
    broken: Bools


@dataclass(frozen=True, eq=False)
class Amenities:
    """What stands along the lanes of a network.

    Parameters
    ----------
    network
        The whole of it: one walks to a toilet along any street.
    due
        Which edges are under patrol.
    rules
        How near is near enough.
    kinds
        By name in :data:`KINDS`.
    """

    network: StreetNetwork
    due: Bools
    rules: PatrolRules
    kinds: Mapping[str, Placed]

    @cached_property
    def chains(self) -> Chains:
        """The lanes from end to end."""
        return chains_of(self.network, self.due)

    def short(self, kind: str) -> pd.DataFrame:
        """Stretches of the edges that are due with too few of a kind, in pieces.

        Returns
        -------
        pieces
            ``stretch`` numbers the stretches, ``edge``, ``from_m`` and ``to_m`` are what they lie on. ``amount_m`` is,
            of toilets, the walk from the farthest point of the stretch (inf where there is no way), else its length.
        """
        placed = self.kinds[kind]
        if kind != "toilets":
            most_m = {"bins": self.rules.bin_m, "lamps": self.rules.lamp_m, "notices": self.rules.notice_m}[kind]
            found = gaps(self.network, self.chains, placed.edge, placed.at_m, most_m)
            return found.rename(columns={"gap_m": "amount_m"})
        far = far_stretches(self.network, placed.edge, placed.at_m, self.rules.toilet_m, self.due)
        edge = far["edge"].to_numpy(np.int64)
        street, part = self.network.street[edge], self.network.part[edge]
        begin_m = self.network.from_m[edge] + far["from_m"].to_numpy()
        end_m = self.network.from_m[edge] + far["to_m"].to_numpy()
        # Where one edge of a street is far up to its end and the next from its beginning, it is one stretch.
        new = (np.diff(street) != 0) | (np.diff(part) != 0) | (begin_m[1:] - end_m[:-1] > 1e-6)
        stretch = np.cumsum(np.append(True, new)[: len(far)]) - 1
        walk_m = far["walk_m"].groupby(stretch).transform("max")
        return far[["edge", "from_m", "to_m"]].assign(stretch=stretch, amount_m=walk_m)

    @cached_property
    def lamps(self) -> pd.DataFrame:
        """Per lane (row): ``lamps``, how many are ``broken``, ``length_m``, and the ``edge`` in its middle."""
        lamps, chains = self.kinds["lamps"], self.chains
        at = chains.position[lamps.edge]
        on = at >= 0
        lanes = len(chains.length_m)
        count = np.bincount(chains.chain[at[on]], minlength=lanes)
        broken = np.bincount(chains.chain[at[on]], lamps.broken[on], minlength=lanes).astype(np.int64)
        middle = np.searchsorted(chains.start_m, chains.begin_m + chains.length_m / 2, side="right") - 1
        found = {"lamps": count, "broken": broken, "length_m": chains.length_m, "edge": chains.edge[middle]}
        return pd.DataFrame(found)


def amenities_of(network: StreetNetwork, facilities: pd.DataFrame, due: Bools, rules: PatrolRules) -> Amenities:
    """Facilities told to the nearest edge of the network, those within :data:`BESIDE_M` of one.

    Parameters
    ----------
    facilities
        ``category``, ``state`` where known, ``geometry`` (EPSG:4326); those without a place and those that are
        :data:`GONE` do not count.
    due
        Which edges are under patrol.
    """
    category, shapes = pd.Series(codes_of(facilities, "category"), dtype=object), shapes_of(facilities)
    wanted = {kind: category.isin(getattr(rules, kind)).to_numpy() for kind in KINDS}
    gone, broken = (_in_state(facilities, states) for states in (GONE, BROKEN))
    usable = np.any(list(wanted.values()), axis=0) & ~gone
    row = np.flatnonzero(usable & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    points = shapely.centroid(project(shapes[row], network.srid))
    x, y = shapely.get_x(points), shapely.get_y(points)
    # Neighbours one after the other find what the tree has at hand: less than half the time.
    order = np.lexsort((x, np.floor(y / STRIP_M)))
    order = order[(np.isfinite(x) & np.isfinite(y))[order]]
    row, points = row[order], points[order]
    tree = shapely.STRtree(network.lines)
    (which, edge), off_m = tree.query_nearest(
        points, max_distance=max(BESIDE_M.values()), return_distance=True, all_matches=False
    )
    at_m = shapely.line_locate_point(network.lines[edge], points[which])
    at_m = np.clip(at_m, 0.0, network.length_m[edge])
    row = row[which]
    kinds = {}
    for kind in KINDS:
        on = wanted[kind][row] & (off_m <= BESIDE_M[kind])
        kinds[kind] = Placed(bool(wanted[kind].any()), edge[on], at_m[on], broken[row[on]])
    return Amenities(network, due, rules, kinds)


def _in_state(facilities: pd.DataFrame, states: Collection[str]) -> Bools:
    """Which facilities are in one of some states, however it is written."""
    number, known = pd.factorize(codes_of(facilities, "state"))
    of = np.array([str(one).strip().lower() in states for one in known] + [False], dtype=bool)
    return of[number]


def check_amenities(amenities: Amenities, streets: Collection[str] | None = None) -> gpd.GeoDataFrame:
    """Where facilities are not near enough along the lanes under patrol.

    Parameters
    ----------
    streets
        Codes of the streets that are asked about: of a stretch that goes on along others, what lies on these is drawn
        and named, its amount stays that of the whole. All if not given.

    Returns
    -------
    findings
        Columns :data:`gis_core.references.FINDING_COLUMNS` and ``geometry``, the stretch in EPSG:4326, all warnings on
        layer ``streets`` with the ``code`` of the street that most of it lies on: ``toilet_far`` (``amount``: metres on
        foot from its farthest point), ``toilet_none`` (no way leads to one; its metres), ``bin_gap``, ``notice_gap``
        (its metres), ``lamps_missing`` (a lane longer than ``lamp_m`` without a lamp; its metres), ``lamps_unlit``
        (percent that are lit). Of what the register has none at all, ``no_toilets``, ``no_bins``, ``no_lamps`` or
        ``no_notices`` says so once and nothing is said of the lanes: it may not have been surveyed.
    """
    found = [_nothing()]
    for kind in KINDS if amenities.due.any() else ():
        if not amenities.kinds[kind].registered:
            found.append(_unsurveyed(kind, getattr(amenities.rules, kind)))
        elif kind == "lamps":
            found += [_told(amenities.network, lanes, streets) for lanes in _lamps(amenities)]
        else:
            pieces = amenities.short(kind)
            far = pieces["amount_m"].to_numpy()
            name = np.where(np.isfinite(far), "toilet_far", "toilet_none") if kind == "toilets" else f"{kind[:-1]}_gap"
            found.append(_told(amenities.network, pieces.assign(check=name, unit="m"), streets))
    told = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), geometry="geometry", crs=4326)
    return told.astype(dict.fromkeys(("amount", "lon", "lat"), np.float64))


def _lamps(amenities: Amenities) -> list[pd.DataFrame]:
    """Lanes without a lamp, and those of whose lamps too few are lit, in pieces."""
    lanes, chains = amenities.lamps, amenities.chains
    dark = ((lanes["lamps"] == 0) & (lanes["length_m"] > amenities.rules.lamp_m)).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        lit = (1 - lanes["broken"] / lanes["lamps"]).to_numpy()
    dim = (lanes["lamps"] > 0).to_numpy() & (lit < amenities.rules.lamps_lit)
    length_m = amenities.network.length_m[chains.edge]
    whole = pd.DataFrame({"stretch": chains.chain, "edge": chains.edge, "from_m": 0.0, "to_m": length_m})
    return [
        whole.assign(check=check, amount_m=amount[chains.chain], unit=unit)[of[chains.chain]]
        for check, of, amount, unit in (
            ("lamps_missing", dark, chains.length_m, "m"),
            ("lamps_unlit", dim, lit * 100, "%"),
        )
    ]


def _told(network: StreetNetwork, pieces: pd.DataFrame, streets: Collection[str] | None) -> gpd.GeoDataFrame:
    """One finding a stretch, where its longest piece on one of the streets is."""
    if streets is not None:
        pieces = pieces[pd.Index(network.code[network.street[pieces["edge"]]]).isin(list(streets))]
    if not len(pieces):
        return _nothing()
    edge, begin_m, end_m = (pieces[name].to_numpy() for name in ("edge", "from_m", "to_m"))
    lines = drawn(network, edge, begin_m, end_m)
    number, stretch = pd.factorize(pieces["stretch"])
    by_length = np.lexsort((begin_m - end_m, number))
    longest = by_length[np.unique(number[by_length], return_index=True)[1]]
    in_order = np.argsort(number, kind="stable")
    merged = shapely.line_merge(shapely.multilinestrings(lines[in_order], indices=number[in_order]))
    middle = shapely.line_interpolate_point(lines[longest], 0.5, normalized=True)
    shapes = shapes_to_wgs84(np.append(merged, middle), f"EPSG:{network.srid}")
    lonlat = shapely.get_coordinates(shapes[len(stretch) :])
    size_m = np.bincount(number, end_m - begin_m)
    chosen = pieces.iloc[longest]
    amount = chosen["amount_m"].to_numpy(np.float64)
    found = {
        "check": chosen["check"].to_numpy(object), "severity": "warning", "layer": "streets", "level": None,
        "code": network.code[network.street[edge[longest]]], "other": None,
        "amount": np.where(np.isfinite(amount), amount, size_m).round(1), "unit": chosen["unit"].to_numpy(object),
        "lon": lonlat[:, 0], "lat": lonlat[:, 1],
    }  # fmt: skip
    return gpd.GeoDataFrame(found, geometry=shapes[: len(stretch)], crs=4326)


def _unsurveyed(kind: str, categories: tuple[str, ...]) -> gpd.GeoDataFrame:
    row = {"check": f"no_{kind}", "severity": "warning", "layer": "facilities", "other": ", ".join(categories)}
    return gpd.GeoDataFrame([row], columns=list(FINDING_COLUMNS), geometry=[None], crs=4326)


def _nothing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns=[*FINDING_COLUMNS, "geometry"], geometry="geometry", crs=4326)


def amenity_figures(amenities: Amenities, of: Objects, households: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Facilities along the lanes under patrol, in figures.

    Parameters
    ----------
    of
        Of each edge of the network the lane, grid or whatever else is counted by, None where it is in none.
    households
        By the same codes, where they are known.

    Returns
    -------
    figures
        One row a code, in their order: ``code``, ``due_m`` (metres under patrol), ``toilets``, ``bins``, ``lamps``,
        ``notices`` (how many are beside them), ``toilets_share``, ``bins_share``, ``lamps_share``, ``notices_share``
        (of the metres, those where such a facility is near enough; NaN where the register has none of the kind),
        ``lit_share`` (of the lamps, NaN where there are none) and ``lamps_per_100_households`` (NaN where households
        are not known).
    """
    counted = amenities.due & ~pd.isna(of)
    number, codes = pd.factorize(pd.Series(of, dtype=object).where(counted), sort=True)

    def total(edge: Ints, weight: Floats) -> Floats:
        inside = number[edge] >= 0
        return np.bincount(number[edge][inside], weight[inside], minlength=len(codes)).astype(np.float64)

    due = np.flatnonzero(counted)
    due_m = total(due, amenities.network.length_m[due])
    figures = pd.DataFrame({"code": np.asarray(codes, dtype=object), "due_m": due_m})
    for kind, placed in amenities.kinds.items():
        short = amenities.short(kind)
        short_m = total(short["edge"].to_numpy(np.int64), (short["to_m"] - short["from_m"]).to_numpy())
        share = np.clip(1 - short_m / due_m, 0.0, 1.0)
        figures[kind] = total(placed.edge, np.ones(len(placed.edge))).astype(np.int64)
        figures[f"{kind}_share"] = share if placed.registered else np.nan
    lamps = amenities.kinds["lamps"]
    with np.errstate(invalid="ignore"):
        figures["lit_share"] = 1 - total(lamps.edge, lamps.broken.astype(np.float64)) / figures["lamps"]
    homes = pd.to_numeric(figures["code"].map(dict(households or {})), errors="coerce")
    figures["lamps_per_100_households"] = (100 * figures["lamps"] / homes).where(homes > 0)
    return figures
