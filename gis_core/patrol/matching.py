"""GPS tracks to the metres of the street network that were passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import local

import numpy as np
import pandas as pd

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import frozen
from gis_core.patrol.decoding import Decoded, decode
from gis_core.patrol.network import DRIVING, WALKING, Profile, StreetNetwork
from gis_core.patrol.places import near_network, none_near, places_of
from gis_core.patrol.routes import Field, field_of
from gis_core.patrol.tracing import Passes, trace
from gis_core.patrol.trellis import Model, Steps
from gis_core.patrol.twins import told_of_all

SPACING_M = 5.0
STRAY_SIGMAS = 2.0
INTERVALS = ("piece", "chain", "edge", "from_m", "to_m", "t_in", "t_out", "confidence")
LONG_S = 120.0
"""Who was not seen to move for longer is looked for no farther away than after so long."""
MOVING, PACE_QUANTILE = 0.3, 0.5
"""Who is slower than the first, as a share of the second quantile of the paces of the piece, stands or turns."""
_OFF, _BROKEN = 8.0, 20.0
"""What a point off the network and a broken chain cost, natural logarithm, where two readings are compared."""


@dataclass(frozen=True)
class Mover:
    """What is assumed of who carries the receiver.

    Parameters
    ----------
    profile
        Whether one-way rules bind, and where nobody goes.
    model
        Scales of errors and ways.
    sigma_m
        Standard deviation of the error on each axis where the receiver does not report one.
    fastest_m_s
        Nobody moves faster.
    window_s
        The pace is what is seen over so long.
    stray_m
        A point so far from every street still belongs to one, its error taken to be larger.
    """

    profile: Profile
    model: Model
    sigma_m: float
    fastest_m_s: float
    window_s: float
    stray_m: float = 0.0


WALKER = Mover(WALKING, Model(3.5, 0.8, 60.0, 5.0, 4.0, 0.3, 5.0, 1.0, 3.0), 10.0, 3.0, 40.0, 25.0)
DRIVER = Mover(DRIVING, Model(4.5, 0.8, 60.0, 5.0, 15.0, 0.3, 3.0, 4.0, 3.0), 5.0, 40.0, 10.0, 60.0)
MOVERS: Mapping[str, Mover] = {"walker": WALKER, "driver": DRIVER}


class Matcher:
    """Matches tracks to a network, in as many threads as ask: each has working memory of its own.

    Parameters
    ----------
    network
        The streets.
    mover
        What is assumed of the carrier.
    """

    def __init__(self, network: StreetNetwork, mover: Mover = WALKER) -> None:
        self.network, self.mover = network, mover
        self._graph = network.graph(mover.profile)
        self._places = places_of(network, SPACING_M)
        self._own = local()

    def match(self, xy: Floats, t: Floats, piece: Ints, sigma_m: Floats | None = None) -> pd.DataFrame:
        """The stretches of edges that pieces of tracks have passed, whatever the order the points come in.

        Parameters
        ----------
        xy, t, piece
            Positions (n, 2) in metres of the network's CRS, seconds, and the piece each point is of. Points without a
            finite position and time are left out.
        sigma_m
            Standard deviation of the error on each axis, of each point; the mover's where it is not above 0.

        Returns
        -------
        intervals
            Columns :data:`INTERVALS`, by piece, then by time: the edge, from where to where on it (metres from its
            beginning), when, and how sure the edge is (0 to 1). ``chain`` counts up where no way led on. Who walks on
            edges that lie on each other has passed them all.
        """
        found = [
            (
                number,
                trace(steps.t, decoded, self._graph, self._places, self._working(), _most(steps, decoded, self.mover)),
            )
            for number, steps, decoded in self._decoded(xy, t, piece, sigma_m)
        ]
        return told_of_all(self.network.twins, self.network.length_m, _intervals(found))

    def explains(self, xy: Floats, t: Floats, piece: Ints, sigma_m: Floats | None = None) -> float:
        """How well the network explains tracks, natural logarithm; to compare two readings of the same points."""
        return float(
            sum(
                decoded.score[0] - _OFF * (decoded.place < 0).sum() - _BROKEN * max(decoded.chain.max(), 0)
                for _, _, decoded in self._decoded(xy, t, piece, sigma_m)
            )
        )

    def off_m(self, xy: Floats, reach_m: float) -> Floats:
        """How far points are from the network, within the spacing of places; inf beyond ``reach_m``."""
        return near_network(np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]), reach_m, self._places)

    def _working(self) -> Field:
        """The working memory of this thread."""
        if not hasattr(self._own, "field"):
            self._own.field = field_of(self._graph)
        field: Field = self._own.field
        return field

    def _decoded(self, xy: Floats, t: Floats, piece: Ints, sigma_m: Floats | None) -> list[tuple[int, Steps, Decoded]]:
        usual = np.full(len(t), self.mover.sigma_m)
        sigma_m = usual if sigma_m is None else np.where(np.isfinite(sigma_m) & (sigma_m > 0), sigma_m, usual)
        order = np.lexsort((sigma_m, xy[:, 1], xy[:, 0], t, piece))
        # A point that is nowhere or never would spoil all that follows it.
        order = order[(np.isfinite(xy).all(axis=1) & np.isfinite(t))[order]]
        if not len(order):
            return []
        xy, t, piece, sigma_m = xy[order], t[order].astype(np.float64), piece[order], sigma_m[order]
        if self.mover.stray_m:
            x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
            astray = np.flatnonzero(none_near(x, y, STRAY_SIGMAS * sigma_m, self._places))
            off_m = self.off_m(xy[astray], self.mover.stray_m)
            near = np.isfinite(off_m)
            sigma_m[astray[near]] = np.maximum(sigma_m[astray[near]], off_m[near] / STRAY_SIGMAS)
        begin = np.flatnonzero(np.append(True, piece[1:] != piece[:-1]))
        field, found = self._working(), []
        for one, stop in zip(begin, np.append(begin[1:], len(piece)), strict=True):
            steps = steps_of(xy[one:stop], t[one:stop], sigma_m[one:stop], self.mover)
            found.append((int(piece[one]), steps, decode(steps, self._graph, self._places, field, self.mover.model)))
        return found


def steps_of(xy: Floats, t: Floats, sigma_m: Floats, mover: Mover) -> Steps:
    """A piece in the order of time as the model sees it."""
    count, step_s = len(t), np.diff(t)
    middle, half = (t[1:] + t[:-1]) / 2, mover.window_s / 2
    low = np.minimum(np.searchsorted(t, middle - half), np.arange(count - 1))
    high = np.maximum(np.searchsorted(t, middle + half, side="right") - 1, np.arange(1, count))
    pace = np.hypot(*(xy[high] - xy[low]).T) / np.maximum(t[high] - t[low], 1e-9)
    if mover.profile == WALKING and count > 1:
        # People on foot keep their pace: what looks slow is a corner, unless it is very slow.
        usual = np.quantile(pace, PACE_QUANTILE)
        pace = np.where(pace > MOVING * usual, usual, pace)
    paced = np.minimum(pace, mover.fastest_m_s) * step_s
    # Who stood for twenty minutes need not be looked for two kilometres away.
    least = mover.fastest_m_s * np.minimum(step_s, LONG_S) / 2
    within = np.minimum(mover.fastest_m_s * step_s, np.maximum(3 * paced, least))
    within = np.maximum(within, 1.5 * np.hypot(*np.diff(xy, axis=0).T))
    columns = (xy[:, 0], xy[:, 1], t, sigma_m, np.append(0.0, np.cumsum(paced)), np.append(0.0, np.cumsum(within)))
    return frozen(Steps(*(np.ascontiguousarray(column, dtype=np.float64) for column in columns)))


def _most(steps: Steps, decoded: Decoded, mover: Mover) -> Floats:
    """How far each matched point can be from the one matched before it, metres, as the decoder has it."""
    used = np.flatnonzero(decoded.place >= 0)
    most = np.zeros(len(steps.t))
    most[used[1:]] = np.diff(steps.within_m[used]) + mover.model.slack * steps.sigma_m[used[1:]]
    return most


def _intervals(found: list[tuple[int, Passes]]) -> pd.DataFrame:
    if not found:
        return pd.DataFrame({name: np.empty(0, np.int64 if name in INTERVALS[:3] else float) for name in INTERVALS})
    owner = np.repeat([number for number, _ in found], [len(passes.edge) for _, passes in found])
    columns = [np.concatenate(column) for column in zip(*(passes for _, passes in found), strict=True)]
    edge, chain, low_m, high_m, begin_s, stop_s, sure = columns
    values = (owner, chain, edge, low_m, high_m, begin_s, stop_s, sure)
    return pd.DataFrame(dict(zip(INTERVALS, values, strict=True)))
