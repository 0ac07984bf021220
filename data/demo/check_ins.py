"""Check-ins at markets and malls: four a day by four bodies, but for some that are too short, or missing."""

import numpy as np
import pandas as pd

from data.demo.city import CITY, generator
from data.demo.walks import DAYS, FIRST_DAY
from gis_core.arrays import Objects

BODIES = ("D01", "D06", "D08", "D09")
"""Who comes: each body once a day."""

_PLACES_EACH = 20
"""So many places somebody can visit in a day."""
_TOURS_H = (7.5, 10.5, 13.5, 16.5)
_NEXT_MIN = 25
"""From one place of a tour to the next."""
_MISSING, _SHORT, _UNTOLD, _FENCED = 0.04, 0.05, 0.01, 0.2
"""Shares of visits: not made, too short, end never told, and told by position instead of by the code at the door."""


def checkers(places: int, walkers: int) -> pd.DataFrame:
    """Who checks in, an account for each body and each score of places, numbered on from the walkers.

    Returns
    -------
    carriers
        ``carrier``, ``body``, ``area`` (None: the whole city).
    """
    count = len(BODIES) * -(-places // _PLACES_EACH)
    names = [f"inspector{walkers + nth + 1}" for nth in range(count)]
    bodies = [BODIES[nth % len(BODIES)] for nth in range(count)]
    return pd.DataFrame({"carrier": names, "body": bodies, "area": None}, dtype=object)


def check_ins(places: Objects, carriers: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The check-ins of :data:`data.demo.walks.DAYS` days. The last of the places is visited by two of the four only.

    Parameters
    ----------
    places
        Codes.
    carriers
        Those of :func:`checkers`.

    Returns
    -------
    check_ins
        ``place``, ``carrier``, ``body``, ``by`` (``qr`` or ``geofence``), ``arrived_at`` and ``left_at`` (UTC, NaT
        where never told), by time.
    """
    rng = generator(seed, "check-ins")
    day, place, body = (one.ravel() for one in np.indices((DAYS, len(places), len(BODIES))))
    made = (rng.random(len(day)) >= _MISSING) & ((place < len(places) - 1) | (body < 2))
    day, place, body = day[made], place[made], body[made]
    within = place % _PLACES_EACH
    minutes = 60 * np.array(_TOURS_H)[(within + body) % len(_TOURS_H)] + _NEXT_MIN * (within // len(_TOURS_H))
    minutes += rng.uniform(0, 8, len(day))
    stay = np.where(rng.random(len(day)) < _SHORT, rng.uniform(1, 4, len(day)), rng.uniform(6, 16, len(day)))
    midnight = pd.Timestamp(FIRST_DAY, tz=CITY.timezone).tz_convert("UTC")
    arrived = midnight + pd.to_timedelta(np.round(60 * (1_440 * day + minutes)), unit="s")
    left = pd.Series(arrived + pd.to_timedelta(np.round(60 * stay), unit="s"))
    who = carriers["carrier"].to_numpy(object)[len(BODIES) * (place // _PLACES_EACH) + body]
    frame = pd.DataFrame({
        "place": places[place], "carrier": who, "body": np.array(BODIES, dtype=object)[body],
        "by": np.where(rng.random(len(day)) < _FENCED, "geofence", "qr").astype(object), "arrived_at": arrived,
        "left_at": left.where(rng.random(len(day)) >= _UNTOLD),
    })  # fmt: skip
    return frame.sort_values(["arrived_at", "place"], ignore_index=True)
