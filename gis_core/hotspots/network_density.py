"""Heat along streets: reports per km per day on lixels, by the discontinuous equal split."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import compiled, frozen, grown
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import pieces_of

LIXEL_M = 10.0
MOST_LIXELS = 20_000_000
LEAST_SHARE = 1e-3
AT_JUNCTION_M = 0.01


class Arms(NamedTuple):
    """The network as a walk takes it. Arm 2e leaves edge e's first node, arm 2e + 1 its last.

    Parameters
    ----------
    node
        Where each arm begins.
    length_m
        Of each edge.
    first, arm
        The arms of node n are ``arm[first[n]]`` up to ``arm[first[n + 1]]``.
    offset, lixel_m
        The lixels of edge e are ``offset[e]`` up to ``offset[e + 1]``, each so long.
    """

    node: Ints
    length_m: Floats
    first: Ints
    arm: Ints
    offset: Ints
    lixel_m: Floats


@dataclass(frozen=True, eq=False)
class Lixels:
    """Heat along a network, by lixels of about 10 m.

    Parameters
    ----------
    edge, length_m
        Of each lixel its edge and its length.
    mass
        Reports on each lixel after spreading; sums to the weights.
    density
        Reports per km per day.
    """

    edge: Ints
    length_m: Floats
    mass: Floats
    density: Floats


def network_heat(
    network: StreetNetwork, edge: Ints, at_m: Floats, bandwidth_m: float, days: float,
    weight: Floats | None = None, lixel_m: float = LIXEL_M,
) -> Lixels:  # fmt: skip
    """Spread reports along streets.

    A quartic kernel is walked out from each report both ways. At a junction of n arms each of the other n - 1 gets an
    equal part; at a dead end the walk turns back; a report on a junction itself sends 2/n into each arm. A part of
    less than a thousandth is not followed: what is left of it stays on the lixel it has reached. So mass is conserved.

    Parameters
    ----------
    network
        The streets.
    edge, at_m
        Where each report lies: its edge, and how far along it.
    bandwidth_m
        How far the kernel reaches.
    days
        Length of the period.
    weight
        Of each report, 1 where not given.
    lixel_m
        Greatest length of a lixel.

    Raises
    ------
    InvalidInput
        When the bandwidth, the lixel or the period has no length, a report is not on the network, there is none, or
        there would be too many lixels.
    """
    amount = np.ones(len(edge)) if weight is None else np.asarray(weight, dtype=np.float64)
    _check(network, edge, at_m, amount, bandwidth_m, days, lixel_m)
    arms = _arms(network, lixel_m)
    order = np.lexsort((at_m, edge))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(edge[order]) != 0) | (np.diff(at_m[order]) != 0)
    one = order[new]  # a pile at one place is walked once
    piled = np.add.reduceat(amount[order], np.flatnonzero(new))
    mass = _walked(arms, np.asarray(edge[one], np.int64), np.asarray(at_m[one], np.float64), piled, float(bandwidth_m))
    of_edge = np.repeat(np.arange(len(network.u)), np.diff(arms.offset))
    length_m = arms.lixel_m[of_edge]
    return Lixels(of_edge, length_m, mass, mass / length_m * 1000 / days)


def _check(
    network: StreetNetwork, edge: Ints, at_m: Floats, amount: Floats, bandwidth_m: float, days: float, lixel_m: float
) -> None:
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise InvalidInput("surface_bandwidth", value=bandwidth_m)
    if not (np.isfinite(days) and days > 0):
        raise InvalidInput("surface_days", value=days)
    total, edges = float(network.length_m.sum()), len(network.u)
    if not (lixel_m > 0 and total / lixel_m + edges <= MOST_LIXELS):
        expected = total / max(MOST_LIXELS - edges, 1)
        raise InvalidInput("lixel_length", value=lixel_m, limit=MOST_LIXELS, expected=expected)
    if not len(edge):
        raise InvalidInput("surface_empty", found=0)
    on = (edge >= 0) & (edge < edges) & np.isfinite(amount) & (amount >= 0)
    on[on] &= (at_m[on] >= -AT_JUNCTION_M) & (at_m[on] <= network.length_m[edge[on]] + AT_JUNCTION_M)
    if not on.all():
        raise InvalidInput("lixel_report", found=int((~on).sum()), row=int(np.flatnonzero(~on)[0]))


def _arms(network: StreetNetwork, lixel_m: float) -> Arms:
    node = np.column_stack([network.u, network.v]).ravel().astype(np.int64)
    arm = np.argsort(node, kind="stable")
    first = np.searchsorted(node[arm], np.arange(len(network.node_xy) + 1))
    offset, piece_m = pieces_of(network, lixel_m)
    return frozen(Arms(node, np.ascontiguousarray(network.length_m), first, arm, offset, piece_m))


@compiled
def _walked(arms: Arms, edge: Ints, at_m: Floats, weight: Floats, bandwidth_m: float) -> Floats:
    mass = np.zeros(arms.offset[-1])
    # Stretches still to be walked: the arm, how far along it, how far from the report, and the part of its weight.
    to_go, numbers = np.empty(64, np.int64), np.empty((64, 3))
    for k in range(len(edge)):
        length_m, count = arms.length_m[edge[k]], 0
        at, arm = min(max(at_m[k], 0.0), length_m), 2 * edge[k]
        if min(at, length_m - at) < AT_JUNCTION_M:
            node = arms.node[arm] if at < length_m - at else arms.node[arm + 1]
            begin, end = arms.first[node], arms.first[node + 1]
            to_go, numbers = grown(to_go, end - begin), grown(numbers, end - begin)
            for nth in range(begin, end):
                to_go[count], numbers[count] = arms.arm[nth], (0.0, 0.0, 2.0 * weight[k] / (end - begin))
                count += 1
        else:
            to_go[0], numbers[0] = arm, (at, 0.0, weight[k])
            to_go[1], numbers[1] = arm + 1, (length_m - at, 0.0, weight[k])
            count = 2
        while count:
            count -= 1
            arm, (at, away_m, part) = to_go[count], numbers[count]
            away_m = _painted(arms, arm, at, away_m, part, bandwidth_m, mass)
            if away_m >= bandwidth_m:
                continue
            node = arms.node[arm ^ 1]
            begin, end = arms.first[node], arms.first[node + 1]
            onward = part / max(end - begin - 1, 1)
            if onward < LEAST_SHARE * weight[k]:
                last = arms.offset[arm // 2] if arm & 1 else arms.offset[arm // 2 + 1] - 1
                mass[last] += part * (0.5 - _mass_to(away_m / bandwidth_m))
                continue
            to_go, numbers = grown(to_go, count + end - begin), grown(numbers, count + end - begin)
            for nth in range(begin, end):
                if arms.arm[nth] != arm ^ 1 or end - begin == 1:
                    to_go[count], numbers[count] = arms.arm[nth], (0.0, away_m, onward)
                    count += 1
    return mass


@compiled
def _painted(
    arms: Arms, arm: int, at: float, away_m: float, part: float, bandwidth_m: float, mass: Floats
) -> float:  # fmt: skip
    """Write the part of one edge from ``at`` along the arm; how far from the report its end is."""
    edge = arm // 2
    lixel_m, lixels = arms.lixel_m[edge], arms.offset[edge + 1] - arms.offset[edge]
    nth = min(int(at / lixel_m), lixels - 1)
    behind = _mass_to(away_m / bandwidth_m)
    start = away_m - at
    while nth < lixels and away_m < bandwidth_m:
        away_m = start + (nth + 1) * lixel_m
        upto = _mass_to(away_m / bandwidth_m)
        which = arms.offset[edge + 1] - 1 - nth if arm & 1 else arms.offset[edge] + nth
        mass[which] += part * (upto - behind)
        behind = upto
        nth += 1
    return away_m


@compiled
def _mass_to(share: float) -> float:
    """Mass of the quartic kernel from its middle to a share of its reach: at most a half."""
    if share >= 1.0:
        return 0.5
    square = share * share
    return 0.9375 * share * (1.0 - square * (2.0 / 3.0 - square * 0.2))
