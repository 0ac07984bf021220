"""Walks along the streets: blocks from corner to corner, beats of inspectors, lanes nobody walks, the way of a day."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import LAST_DAY, generator, groups
from data.demo.grids import Codes
from data.demo.streets import CLASSES, Streets
from gis_core.arrays import Floats, Ints

DAYS = 30
FIRST_DAY = LAST_DAY - dt.timedelta(days=DAYS - 1)
STALE_DAYS = 10
"""So many days up to the last nobody walked the lanes that are ``stale``."""

_NEVER, _STALE = 0.08, 0.05
"""Shares of lanes."""
_UNITS = 80
"""Unit grids of a beat."""
LANE = CLASSES.index("backstreet")
_DAY_S, _LANES_FIRST_S = 86_400.0, 43_200.0
"""Another street is walked only where it was not for so much longer than the lane beside it."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Streets from corner to corner of the lattice.

    Parameters
    ----------
    street
        Position of the street each block is of.
    node
        Corners at both ends of each, shape (blocks, 2).
    xy
        Metres, shape (blocks, 4, 2).
    corner
        Corners round each unit grid, shape (units, 4).
    """

    street: Ints
    node: Ints
    xy: Floats
    corner: Ints

    @property
    def length_m(self) -> Floats:
        """Length of each block."""
        return np.asarray(np.hypot(*np.moveaxis(np.diff(self.xy, axis=1), 2, 0)).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Beat:
    """The streets that one inspector walks.

    Parameters
    ----------
    units
        Positions of its unit grids.
    early, late
        Blocks that are walked until the lanes that are ``stale`` were given up, and from then on.
    """

    units: Ints
    early: Ints
    late: Ints


@dataclass(frozen=True, eq=False)
class Way:
    """The true way of one day.

    Parameters
    ----------
    day
        Days since :data:`FIRST_DAY`.
    blocks
        Positions of blocks in the order in which they were walked.
    xy
        Metres, shape (n, 2).
    """

    day: int
    blocks: Ints
    xy: Floats


def ways_of(blocks: Blocks, streets: Streets) -> Ways:
    """The streets in pieces from corner to corner: each third vertex is one."""
    xy, street = shapely.get_coordinates(streets.lines, return_index=True)
    begins = np.flatnonzero(np.append(True, np.diff(street) != 0))
    place = np.arange(len(xy)) - begins[street]
    first = np.flatnonzero((place % 3 == 0)[:-1] & (np.diff(street) == 0))
    shape = xy[first[:, None] + np.arange(4)]
    ends = np.concatenate([shape[:, [0, 3]].reshape(-1, 2), blocks.corners.reshape(-1, 2)])
    node = np.unique(np.round(ends, 2), axis=0, return_inverse=True)[1].reshape(-1)
    pairs = 2 * len(first)
    return Ways(street[first], node[:pairs].reshape(-1, 2), shape, node[pairs:].reshape(-1, 4))


def beats_of(ways: Ways, codes: Codes, streets: Streets, seed: int) -> tuple[list[Beat], pd.DataFrame]:
    """Divide the city into beats of neighbouring communities, and choose lanes that are left out.

    Returns
    -------
    beats, blind
        Of each lane left out: its position as ``street``, ``since`` when nobody was there (a day; the first of all for
        those never walked), and the ``kind``, ``never`` or ``stale``. Lanes that can only be reached by such a one are
        left out as well.
    """
    of_unit = _divided(codes)
    lanes = generator(seed, "blind lanes").permutation(np.flatnonzero(streets.grade == LANE))
    never, stale = max(1, round(_NEVER * len(lanes))), max(1, round(_STALE * len(lanes)))
    kind = np.full(len(streets.grade), None, dtype=object)
    kind[lanes[:never]], kind[lanes[never : never + stale]] = "never", "stale"
    beats, taken = [], np.zeros(len(ways.street), dtype=bool)
    for beat in range(of_unit.max() + 1):
        units = np.flatnonzero(of_unit == beat)
        # A street between two beats is of the first, as a street between two grids is of that with the lower code.
        own = np.isin(ways.node, ways.corner[units]).all(axis=1) & ~taken
        taken |= own
        early = _connected(ways, np.flatnonzero(own & (kind[ways.street] != "never")))
        late = _connected(ways, early[kind[ways.street[early]] == None])  # noqa: E711 - an array of objects
        mine = np.flatnonzero((streets.grade == LANE) & (of_unit[streets.cell] == beat))
        kind[mine[~np.isin(mine, ways.street[early])]] = "never"
        kind[mine[np.isin(mine, ways.street[early]) & ~np.isin(mine, ways.street[late])]] = "stale"
        beats.append(Beat(units, early, late))
    left = np.flatnonzero([one is not None for one in kind])
    since = {"never": FIRST_DAY, "stale": LAST_DAY - dt.timedelta(days=STALE_DAYS - 1)}
    return beats, pd.DataFrame({"street": left, "since": [since[one] for one in kind[left]], "kind": kind[left]})


def walks(
    ways: Ways, beat: Beat, streets: Streets, days: Ints, share: float, rng: np.random.Generator
) -> Iterator[Way]:
    """The way of each day, from the lane that was not walked for longest, and at each corner on along the street that
    was not, lanes first.

    Parameters
    ----------
    days
        On which days, since :data:`FIRST_DAY`.
    share
        How long each is, as a share of the beat's streets.
    """
    length_m, lane = ways.length_m, streets.grade[ways.street] == LANE
    last_s = rng.uniform(-_DAY_S, 0, len(length_m)) + np.where(lane, 0.0, _LANES_FIRST_S)
    around = {True: _around(ways, beat.early), False: _around(ways, beat.late)}
    for day in days:
        early = day < DAYS - STALE_DAYS
        open_, near = (beat.early if early else beat.late), around[early]
        left_m = share * float(length_m[open_].sum())
        lanes = open_[lane[open_]]
        corner = int(ways.node[lanes[last_s[lanes].argmin()], 0])
        taken: list[tuple[int, bool]] = []
        while left_m > 0:
            block, to, onward = min(near[corner], key=lambda one: last_s[one[0]])
            last_s[block] = day * _DAY_S + len(taken) + (0.0 if lane[block] else _LANES_FIRST_S)
            left_m -= length_m[block]
            taken.append((block, onward))
            corner = to
        parts = [ways.xy[block] if onward else ways.xy[block][::-1] for block, onward in taken]
        xy = np.concatenate([parts[0][:1], *(part[1:] for part in parts)])
        yield Way(int(day), np.array([block for block, _ in taken]), xy)


def _divided(codes: Codes) -> Ints:
    """The beat of each unit grid: neighbouring communities of one district, since a river may part districts."""
    beat, beats = np.zeros(len(codes["district"]), dtype=np.int64), 0
    for district in np.unique(codes["district"]):
        units = np.flatnonzero(codes["district"] == district)
        communities, community = np.unique(codes["community"][units], return_inverse=True)
        beat[units] = beats + groups(len(communities), len(communities) * _UNITS / len(units))[community]
        beats = int(beat.max()) + 1
    return beat


def _around(ways: Ways, blocks: Ints) -> dict[int, list[tuple[int, int, bool]]]:
    """Of each corner the blocks there: which, where it leads, and whether that is as it is drawn."""
    near: dict[int, list[tuple[int, int, bool]]] = {}
    for block in blocks.tolist():
        one, other = ways.node[block].tolist()
        near.setdefault(one, []).append((block, other, True))
        near.setdefault(other, []).append((block, one, False))
    return near


def _connected(ways: Ways, blocks: Ints) -> Ints:
    """Those of the blocks that hang together with the most others."""
    node = np.unique(ways.node[blocks], return_inverse=True)[1].reshape(-1, 2)
    mark = np.arange(node.max() + 1)
    while True:
        least = mark[node].min(axis=1)
        before = mark.copy()
        np.minimum.at(mark, node, least[:, None])
        if (mark == before).all():
            chosen: Ints = blocks[least == np.bincount(least).argmax()]
            return chosen
