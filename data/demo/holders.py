"""Holders: who holds each unit and responsibility grid, street and place, and who stands in."""

import datetime as dt

import numpy as np
import pandas as pd

from data.demo.city import table
from data.demo.grids import Codes
from data.demo.parties import chief, keeper, leader, manager
from data.demo.places import Places
from data.demo.streets import Streets
from gis_core.arrays import Ints, Objects

SINCE, SUCCEEDED = dt.date(2025, 7, 1), dt.date(2026, 5, 15)
"""The day from which holders are named, and the day on which some grids got another."""
UNHELD = {"grids": 3, "streets": 2, "places": 2}
"""How many unit grids, streets and places are left without a holder, so that a check has something to find."""
_ONE_IN = 17
"""One responsibility grid in so many changed hands."""


def holders(codes: Codes, streets: Streets, places: Places) -> pd.DataFrame:
    """Holders of unit grids, responsibility grids, streets and places, all but :data:`UNHELD`.

    Returns
    -------
    holders
        Columns of the holder table; a grid that changed hands has two rows, one after the other.
    """
    place, street = places.frame["code"].to_numpy(object), streets.frame["code"].to_numpy(object)
    run = places.frame["operator"].notna().to_numpy()
    patch = codes["responsibility"]
    patches = np.unique(patch)
    community = codes["community"]
    without = {
        "unit": _spread(_open_ground(codes, places), UNHELD["grids"]),
        "street": _spread(np.arange(len(street)), UNHELD["streets"]),
        "place": _spread(np.arange(len(place)), UNHELD["places"]),
    }
    keepers = np.where(run, keeper(place), manager(patch[places.cell]))
    parts = [
        _held("grid", patches, manager(patches), np.array([one[:12] for one in patches], dtype=object)),
        _held("grid", codes["unit"], manager(patch), community).drop(index=without["unit"]),
        _held("street", street, chief(community[streets.cell]), community[streets.cell]).drop(index=without["street"]),
        _held("place", place, keepers, community[places.cell]).drop(index=without["place"]),
    ]
    frame = pd.concat([part for held in parts for part in _successions(held, patches[::_ONE_IN])], ignore_index=True)
    since = np.array([day.isoformat() for day in frame["valid_from"]], dtype=object)
    return table(frame, key=(frame["subject"] + "/" + frame["subject_code"] + "/" + since).to_numpy(object))


def _held(subject: str, code: Objects, holder: Objects, community: Objects) -> pd.DataFrame:
    """One holder each; the leader of the community's grids stands in."""
    held = pd.DataFrame({"subject": subject, "subject_code": code, "holder": holder, "deputy": leader(community)})
    return held.assign(valid_from=SINCE, valid_to=None)


def _successions(held: pd.DataFrame, changed: Objects) -> list[pd.DataFrame]:
    """The rows, those of the grid managers of the patches ``changed`` from :data:`SUCCEEDED` only: until then the
    leader held them and the chief of the streets stood in.
    """
    new = (held["subject"] == "grid") & held["holder"].isin(manager(changed))
    after = held.assign(valid_from=held["valid_from"].where(~new, SUCCEEDED))
    community = held["subject_code"][new].str.slice(0, 12).to_numpy(object)
    before = held[new].assign(
        holder=leader(community), deputy=chief(community), valid_to=SUCCEEDED - dt.timedelta(days=1)
    )
    return [after, before]


def _open_ground(codes: Codes, places: Places) -> Ints:
    """Unit grids without a place that has ground."""
    taken = np.zeros(len(codes["unit"]), dtype=bool)
    taken[places.cell[: len(places.quads)]] = True
    return np.flatnonzero(~taken)


def _spread(positions: Ints, count: int) -> Ints:
    """``count`` of the positions, evenly spread."""
    chosen: Ints = positions[(np.arange(count) * 2 + 1) * len(positions) // (2 * count)]
    return chosen
