"""Thirty days of patrol: inspectors with their beats and receivers, the tracks they send, and what nobody walked.

What is planted here is what the finding of blind spots is tested against, so that nothing of it comes from there.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd

from data.demo.blocks import Blocks
from data.demo.check_ins import check_ins, checkers
from data.demo.city import CITY, LAST_DAY, generator, lonlat
from data.demo.grids import Codes, organisation
from data.demo.places import Places
from data.demo.rhythm import END
from data.demo.streets import Streets
from data.demo.walks import DAYS, FIRST_DAY, LANE, Beat, Way, Ways, beats_of, walks, ways_of
from gis_core.arrays import Floats, Ints

SILENT, SILENT_DAYS = 1, 2
"""Which inspector's phone was off, and on how many days up to the last."""

_REST_DAYS = (5, 2, 6, 0, 3, 4)
"""Each has one day off a week; nobody that of :data:`LAST_DAY`."""
_MORNING, _AFTERNOON, _NIGHT = 8.0, 14.0, 21.5
_LASTING_S, _LASTING_SHARE = 60.0, 0.8
"""So much of the variance of a receiver's error lasts so long."""
_STOPS, _STOP_S = 1.2, (240.0, 1_500.0)
_GAPS, _GAP_S = 0.4, (150.0, 600.0)
"""Stops and silences of a day on average, and their seconds."""
_ACCURACY = 1.5
"""What phones report is the radius that two thirds of their errors lie within."""


@dataclass(frozen=True, eq=False)
class Inspector:
    """Who walks a beat, and with what.

    Parameters
    ----------
    name
        Of the account.
    beat
        Position of the beat.
    begins
        Hour of the day.
    share
        How much of the beat's streets a day has.
    every_s, sigma_m, reports
        Seconds from point to point, standard deviation of the error on each axis, and whether it says how large it is.
    """

    name: str
    beat: int
    begins: float
    share: float
    every_s: int
    sigma_m: float
    reports: bool


@dataclass(frozen=True, eq=False)
class Patrols:
    """Who patrols the demo city, and where nobody does. Tracks are made when they are asked for.

    Parameters
    ----------
    carriers
        ``carrier`` (name of the account), ``body`` (party), ``area`` (subdistrict, None: the city).
    blind
        Lanes that nobody walked: ``street``, ``since`` which day, and ``kind``: ``never`` in the thirty days,
        ``stale``, or ``silent``, where the inspector's phone was off, so that nothing is known.
    check_ins
        ``place``, ``carrier``, ``body``, ``by``, ``arrived_at``, ``left_at`` (NaT: never told).
    """

    carriers: pd.DataFrame
    blind: pd.DataFrame
    check_ins: pd.DataFrame
    _inspectors: tuple[Inspector, ...]
    _beats: tuple[Beat, ...]
    _ways: Ways
    _streets: Streets
    _seed: int

    def walks(self) -> Iterator[tuple[Inspector, Way]]:
        """The true ways, inspector by inspector, day by day; also those of which no track was sent."""
        for nth, inspector in enumerate(self._inspectors):
            weekday = (FIRST_DAY.weekday() + np.arange(DAYS)) % 7
            days = np.flatnonzero(weekday != _REST_DAYS[nth % len(_REST_DAYS)])
            rng = generator(self._seed, f"walks of {nth}")
            for way in walks(self._ways, self._beats[inspector.beat], self._streets, days, inspector.share, rng):
                yield inspector, way

    def tracks(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """What receivers sent: carrier, and ``t`` (seconds since 1970), ``lon``, ``lat``, ``accuracy_m`` (or NaN)."""
        rng = generator(self._seed, "receivers")
        silent = self._inspectors[SILENT].name
        for inspector, way in self.walks():
            points = _received(inspector, way, rng)
            if inspector.name != silent or way.day < DAYS - SILENT_DAYS:
                yield inspector.name, points

    def streets_of(self, way: Way) -> Ints:
        """Positions of the streets of a way."""
        return np.unique(self._ways.street[way.blocks])


def patrols(blocks: Blocks, codes: Codes, streets: Streets, places: Places, seed: int) -> Patrols:
    """Divide the city into beats, leave lanes out, and let inspectors walk the others."""
    ways = ways_of(blocks, streets)
    beats, blind = beats_of(ways, codes, streets, seed)
    inspectors = _inspectors(len(beats), seed)
    district = codes["subdistrict"]
    area = [str(district[beats[one.beat].units[0]]) for one in inspectors]
    walkers = pd.DataFrame({
        "carrier": [one.name for one in inspectors], "body": [organisation(one) for one in area], "area": area,
    })  # fmt: skip
    markets = places.frame["code"].to_numpy(object)[places.of_type("market", "mall")]
    others = checkers(len(markets), len(inspectors))
    since = LAST_DAY - dt.timedelta(days=SILENT_DAYS - 1)
    unheard = np.setdiff1d(np.unique(ways.street[beats[SILENT].late]), blind["street"])
    unheard = unheard[streets.grade[unheard] == LANE]
    silent = pd.DataFrame({"street": unheard, "since": since, "kind": "silent"})
    blind = pd.concat([blind, silent], ignore_index=True)
    blind["street"] = streets.frame["code"].to_numpy(object)[blind["street"].to_numpy(np.int64)]
    carriers = pd.concat([walkers, others], ignore_index=True)
    visits = check_ins(markets, others, seed)
    return Patrols(carriers, blind, visits, inspectors, tuple(beats), ways, streets, seed)


def account(nth: int) -> str:
    """Name of the account of the inspector with a number from 0."""
    return f"inspector{nth + 1}" if nth else "inspector"


def _inspectors(beats: int, seed: int) -> tuple[Inspector, ...]:
    """One for each beat by day, and one more who walks the first by night."""
    sigma_m = generator(seed, "phones").uniform(5.0, 7.0, beats + 1)
    begins = [_MORNING if nth % 2 == 0 else _AFTERNOON for nth in range(beats)]
    walks = [(nth, begins[nth], 0.8) for nth in range(beats)] + [(0, _NIGHT, 0.4)]
    return tuple(
        Inspector(account(nth), beat, hour, share, 5 if nth % 5 == 1 else 10, float(sigma_m[nth]), nth % 2 == 0)
        for nth, (beat, hour, share) in enumerate(walks)
    )


def _received(inspector: Inspector, way: Way, rng: np.random.Generator) -> pd.DataFrame:
    """The points of one day: who stops sends on, and now and then nothing comes for some minutes."""
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(way.xy, axis=0).T)))
    stop_m = np.sort(rng.uniform(0, along[-1], rng.poisson(_STOPS)))
    stop_s = rng.uniform(*_STOP_S, len(stop_m))
    pace_m_s = rng.uniform(1.1, 1.3)
    before_s = stop_m / pace_m_s + np.append(0.0, np.cumsum(stop_s))[: len(stop_m)]
    end_s = along[-1] / pace_m_s + stop_s.sum()
    known_s = np.concatenate([[0.0], np.column_stack([before_s, before_s + stop_s]).ravel(), [end_s]])
    known_m = np.concatenate([[0.0], np.repeat(stop_m, 2), along[-1:]])
    s = np.arange(0.0, end_s, inspector.every_s)
    at_m = np.interp(s, known_s, known_m)
    places = np.column_stack([np.interp(at_m, along, axis) for axis in way.xy.T])
    lasting = _lasting(len(s), inspector.every_s, rng)
    noise = rng.normal(size=places.shape)
    error = np.sqrt(_LASTING_SHARE) * lasting + np.sqrt(1 - _LASTING_SHARE) * noise
    accuracy_m = np.round(inspector.sigma_m * _ACCURACY * rng.uniform(0.8, 1.25, len(s)), 1)
    t = _begin_s(inspector, way.day, rng) + s
    heard = t < END.timestamp()
    for begin_s, length_s in zip(rng.uniform(0, end_s, rng.poisson(_GAPS)), rng.uniform(*_GAP_S, 9), strict=False):
        heard &= (s < begin_s) | (s > begin_s + length_s)
    degrees = lonlat(places + inspector.sigma_m * error)
    points = {"t": t, "lon": degrees[:, 0], "lat": degrees[:, 1]}
    return pd.DataFrame(points | {"accuracy_m": accuracy_m if inspector.reports else np.nan})[heard]


def _begin_s(inspector: Inspector, day: int, rng: np.random.Generator) -> float:
    """When somebody sets out, seconds since 1970."""
    midnight = pd.Timestamp(FIRST_DAY + dt.timedelta(days=day), tz=CITY.timezone).timestamp()
    return float(np.floor(midnight + 3_600 * inspector.begins + rng.uniform(-900, 900)))


def _lasting(count: int, every_s: int, rng: np.random.Generator) -> Floats:
    """An error of unit variance on both axes that is forgotten in a minute."""
    kept = float(np.exp(-every_s / _LASTING_S))
    fresh = rng.normal(size=(count, 2))
    fresh[1:] *= np.sqrt(1 - kept * kept)
    for axis in fresh.T:
        axis[:] = list(accumulate(axis.tolist(), lambda one, other: kept * one + other))
    return fresh
