"""The street network: edges between crossings, as flat arrays, with the way back to street and metre."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, numbers_of, shapes_of
from gis_core.crs import project
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import frozen
from gis_core.patrol.noding import Cuts, Parts, cut, parts_of
from gis_core.patrol.twins import Twins, twins_of

FORWARD, BACKWARD = frozenset({"yes", "true", "1", "forward"}), frozenset({"-1", "reverse", "backward"})
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", "", "none"})


@dataclass(frozen=True)
class Profile:
    """Who moves on the network.

    Parameters
    ----------
    one_way
        Whether one-way rules bind.
    closed
        Classes of streets that are not used.
    """

    one_way: bool = False
    closed: tuple[str, ...] = ()


WALKING, CYCLING, DRIVING = Profile(), Profile(one_way=True), Profile(one_way=True, closed=("footpath", "square"))
PROFILES: Mapping[str, Profile] = {"walking": WALKING, "cycling": CYCLING, "driving": DRIVING}


class Graph(NamedTuple):
    """The network of one profile as kernels take it.

    Parameters
    ----------
    u, v, length_m
        Nodes at both ends of each edge, and its length.
    onward, back
        Whether each edge may be passed from u to v, and from v to u.
    first, to, via
        The ways out of node n are ``first[n]`` up to ``first[n + 1]``: the node each leads to and its edge.
    """

    u: Ints
    v: Ints
    length_m: Floats
    onward: Bools
    back: Bools
    first: Ints
    to: Ints
    via: Ints


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """A noded street layer in metres of the city's CRS. Edges are in the order of streets, parts and metres.

    Parameters
    ----------
    code, name, kind
        Of each street: code, name and class.
    width_m
        Carriageway width of each street, NaN where unknown.
    street, part, from_m, to_m
        Of each edge: position of its street, which drawn part of it, and from where to where it runs, in metres
        from the street's start. Code, ``from_m`` and ``to_m`` name an edge whatever else changes in the layer.
    u, v
        Nodes where each edge begins and ends.
    one_way
        1 where the edge is one-way from u to v, -1 from v to u, 0 where it is not.
    node_xy
        Position of each node, metres.
    xy, begin, end
        Vertices of all edges, and the first and last of each edge.
    srid
        The metric CRS.
    """

    code: Objects
    name: Objects
    kind: Objects
    width_m: Floats
    street: Ints
    part: Ints
    from_m: Floats
    to_m: Floats
    u: Ints
    v: Ints
    one_way: Ints
    node_xy: Floats
    xy: Floats
    begin: Ints
    end: Ints
    srid: int

    @cached_property
    def length_m(self) -> Floats:
        """Length of each edge."""
        return self.to_m - self.from_m

    @cached_property
    def lines(self) -> Objects:
        """Each edge as a line, metric CRS."""
        size = self.end - self.begin + 1
        edge = np.repeat(np.arange(len(size)), size)
        nth = np.arange(len(edge)) - np.repeat(np.cumsum(size) - size, size)
        return shapely.linestrings(self.xy[self.begin[edge] + nth], indices=edge)

    @cached_property
    def twins(self) -> Twins:
        """Which edges lie on each other."""
        return twins_of(self.u, self.v, self.lines)

    @cached_property
    def component(self) -> Ints:
        """Of each edge the connected component it lies in, numbered from the longest."""
        nodes = len(self.node_xy)
        ones = np.ones(len(self.u), np.int8)
        count, of_node = connected_components(coo_array((ones, (self.u, self.v)), (nodes, nodes)), directed=False)
        metres = np.bincount(of_node[self.u], self.length_m, minlength=count)
        rank = np.empty(count, np.int64)
        rank[np.argsort(-metres, kind="stable")] = np.arange(count)
        return rank[of_node[self.u]]

    def components(self) -> pd.DataFrame:
        """The connected components, longest first: ``component``, ``edges``, ``length_m`` and one ``code``."""
        frame = pd.DataFrame({"component": self.component, "length_m": self.length_m, "code": self.code[self.street]})
        return frame.groupby("component", as_index=False).agg(
            edges=("length_m", "size"), length_m=("length_m", "sum"), code=("code", "min")
        )

    def edges(self) -> pd.DataFrame:
        """Each edge with the street it is of: ``code``, ``name``, ``class``, ``from_m``, ``to_m``, ``component``."""
        columns = {"code": self.code, "name": self.name, "class": self.kind}
        frame = pd.DataFrame({name: values[self.street] for name, values in columns.items()})
        return frame.assign(from_m=self.from_m, to_m=self.to_m, component=self.component)

    def graph(self, profile: Profile = WALKING) -> Graph:
        """The network as who moves by ``profile`` finds it; of edges that lie on each other only the first is used."""
        open_ = ~np.isin(self.kind[self.street].astype(str), profile.closed)
        onward = open_ & ~(profile.one_way & (self.one_way < 0))
        back = open_ & ~(profile.one_way & (self.one_way > 0))
        first, against = self.twins
        other = np.flatnonzero(first != np.arange(len(first)))
        np.logical_or.at(onward, first[other], np.where(against, back, onward)[other])
        np.logical_or.at(back, first[other], np.where(against, onward, back)[other])
        onward[other] = back[other] = False
        edge = np.concatenate([np.flatnonzero(onward), np.flatnonzero(back)])
        source = np.concatenate([self.u[onward], self.v[back]])
        target = np.concatenate([self.v[onward], self.u[back]])
        order = np.lexsort((edge, source))
        first = np.searchsorted(source[order], np.arange(len(self.node_xy) + 1))
        arrays = (self.u, self.v, self.length_m, onward, back, first, target[order], edge[order])
        return frozen(Graph(*(np.ascontiguousarray(array) for array in arrays)))

    def at(self, edge: Ints, at_m: Floats) -> tuple[Objects, Floats]:
        """Street code and metre on the street of places on edges."""
        return self.code[self.street[edge]], self.from_m[edge] + at_m


def build_network(streets: pd.DataFrame, srid: int) -> StreetNetwork:
    """Join a street layer into a network.

    Streets are joined where they cross on one level and where one ends on another or within half a metre of it;
    bridges and tunnels are joined only to what they end at, and to what ends where they do.

    Parameters
    ----------
    streets
        ``code``, ``geometry`` (EPSG:4326; lines, or areas, of which all boundaries are walked) and, where known,
        ``name``, ``class``, ``width_m``, ``oneway`` (``yes``, ``-1``), ``bridge`` (anything but ``no``), ``tunnel``,
        ``level`` or ``layer`` (a whole number, which outranks the two). Streets with coordinates that are no numbers
        are left out.
    srid
        The city's metric CRS.

    Raises
    ------
    InvalidInput
        When no street has a length beyond what is joined.
    """
    lines = _readable(project(_readable(_outlined(shapes_of(streets))), srid))
    parts = parts_of(lines, _levels(streets))
    if len(parts.street):
        cuts = cut(parts)
        if (cuts.part[1:] == cuts.part[:-1]).any():  # else all are shorter than what is joined
            return _assembled(streets, srid, parts, cuts)
    raise InvalidInput("network_empty", found=len(streets))


def _outlined(shapes: Objects) -> Objects:
    """Areas by their boundaries, each ring for itself: vertices one after the other would lead across the holes."""
    shapes = shapes.copy()
    area = shapely.get_dimensions(shapes) == 2
    shapes[area] = shapely.boundary(shapes[area])
    return shapes


def _readable(lines: Objects) -> Objects:
    """Lines all of whose coordinates are numbers, ``None`` for others."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    lines = lines.copy()
    lines[line[~np.isfinite(xy).all(axis=1)]] = None
    return lines


def _assembled(streets: pd.DataFrame, srid: int, parts: Parts, cuts: Cuts) -> StreetNetwork:
    xy, begin, end = _pieces(parts, cuts)
    start = np.flatnonzero(cuts.part[1:] == cuts.part[:-1])
    part = cuts.part[start]
    street = parts.street[part]
    nodes, numbered = np.unique(np.concatenate([cuts.node[start], cuts.node[start + 1]]), return_inverse=True)
    node_xy = np.empty((len(nodes), 2))
    ends = np.concatenate([begin, end])
    node_xy[numbered[::-1]] = xy[ends[::-1]]  # the first edge at a node says where it is
    before = parts.before_m[part]
    return StreetNetwork(
        code=codes_of(streets, "code"), name=codes_of(streets, "name"), kind=codes_of(streets, "class"),
        width_m=numbers_of(streets, "width_m"), street=street, part=part, from_m=before + cuts.at_m[start],
        to_m=before + cuts.at_m[start + 1], u=numbered[: len(start)], v=numbered[len(start) :],
        one_way=_one_way(streets)[street], node_xy=node_xy, xy=xy, begin=begin, end=end, srid=srid,
    )  # fmt: skip


def _pieces(parts: Parts, cuts: Cuts) -> tuple[Floats, Ints, Ints]:
    """Vertices of all pieces between cuts, and the first and last of each piece; pieces share their ends."""
    after = np.searchsorted(parts.part, cuts.part, side="left")
    last = parts.last[cuts.part]
    # The chord of each cut: the last vertex of its part that does not lie beyond it.
    scale = float(parts.at_m.max()) + 1.0
    chord = np.searchsorted(parts.part * scale + parts.at_m, cuts.part * scale + cuts.at_m, side="right") - 1
    chord = np.clip(chord, after, last - 1)
    share = (cuts.at_m - parts.at_m[chord]) / (parts.at_m[chord + 1] - parts.at_m[chord])
    place = parts.xy[chord] + share[:, None] * (parts.xy[chord + 1] - parts.xy[chord])
    part = np.concatenate([cuts.part, parts.part])
    at_m = np.concatenate([cuts.at_m, parts.at_m])
    is_cut = np.arange(len(part)) < len(cuts.part)
    order = np.lexsort((~is_cut, at_m, part))
    part, at_m, is_cut, xy = part[order], at_m[order], is_cut[order], np.concatenate([place, parts.xy])[order]
    behind = np.maximum.accumulate(np.where(is_cut, np.arange(len(part)), 0))
    doubled = ~is_cut & (at_m - at_m[behind] < 1e-6)
    xy, part, is_cut = xy[~doubled], part[~doubled], is_cut[~doubled]
    at = np.flatnonzero(is_cut)
    inside = part[at[1:]] == part[at[:-1]]
    return xy, at[:-1][inside], at[1:][inside]


def _levels(streets: pd.DataFrame) -> Ints:
    level = numbers_of(streets, "level")
    level = np.where(np.isnan(level), numbers_of(streets, "layer"), level)
    otherwise = (~_is(streets, "bridge", NO)).astype(np.int64) - _is(streets, "tunnel", YES)
    return np.where(np.isnan(level), otherwise, level).astype(np.int64)


def _one_way(streets: pd.DataFrame) -> Ints:
    return _is(streets, "oneway", FORWARD).astype(np.int64) - _is(streets, "oneway", BACKWARD)


def _is(streets: pd.DataFrame, column: str, words: frozenset[str]) -> Bools:
    # A column with gaps comes as numbers with a point: 1.0 is 1.
    said = [str(value).strip().lower().removesuffix(".0") for value in codes_of(streets, column)]
    return np.array([word in words for word in said], dtype=bool)
