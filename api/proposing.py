"""A day proposed from what the store knows: due lanes, quotas, open issues, hot spots, draws, and who goes out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from api.patrollers import chain, patrollers_of, within
from api.patrolling import Patrolling, Patrols, segments_told
from api.proposing_places import places_asked, visits_due
from gis_core.answers import GRID_COLUMNS
from gis_core.errors import NotFound
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges
from gis_core.patrol.rules import MOST_UNWALKED_DAYS
from gis_core.patrol.sides import wide_of
from gis_core.permissions import EVERYTHING, Area, Sight
from gis_core.planning import proposing, worth
from gis_core.planning.asking import HOTSPOTS, ISSUES, LANES, PLACES, Asked
from gis_core.planning.choosing import limited
from gis_core.planning.drawing import Drawn
from gis_core.planning.plan import Dropped
from gis_core.planning.recurring import showcase
from gis_core.planning.tasks import Day, Lane, Patroller, Reason, Stop
from layers.finding import categories_of
from layers.proposed import open_issues, returned
from layers.snapshots import newest_day, snapshot_of
from layers.store import Store
from layers.stores import Stores

HOT_DAYS_OLD = 7
"""Hot spots that were found longer ago are not gone by."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """A day as it is proposed.

    Parameters
    ----------
    day
        What a plan is made of.
    left
        Tasks that are not proposed, and people who cannot go out, with why.
    told
        What else whoever plans should know.
    asked
        What was asked for, with the moment that it is as of: asked again, it is the same day.
    drawn
        The draw of places, where one was asked for.
    network, version
        The streets that edges are of, and the territory version they are from.
    """

    day: Day
    left: tuple[Dropped, ...]
    told: tuple[Reason, ...]
    asked: Asked
    drawn: Drawn | None
    network: StreetNetwork
    version: int


@dataclass(frozen=True, eq=False)
class Known:
    """What is read of a store, at which moment."""

    store: Store
    patrolling: Patrolling
    asked: Asked
    as_of: dt.datetime
    above: Mapping[str, str | None]


def propose(stores: Stores, patrols: Patrols, asked: Asked, now: dt.datetime) -> Proposal:
    """Propose a day.

    Parameters
    ----------
    patrols
        What was walked, as a process keeps it.
    asked
        The same of the same store, and as of the same moment, is the same day to the last byte.

    Raises
    ------
    NotFound
        When there is no such area.
    InvalidInput
        When somebody is named who may not patrol.
    Conflict, InvalidInput
        When nothing is published, or there are no streets.
    """
    as_of = min(asked.as_of or now, now)
    asked = replace(asked, as_of=as_of)
    with stores.people() as accounts:
        users = accounts.users()
    patrolling = patrols.known(stores, now)
    above = _above(patrolling)
    if asked.area is not None and asked.area not in above:
        raise NotFound("grid_missing", value=asked.area[:100])
    people, unable = patrollers_of(users, patrolling, asked, above)
    with stores.read(EVERYTHING if asked.area is None else Sight((Area("grid", asked.area),))) as store:
        known = Known(store, patrolling, asked, as_of, above)
        stops, lanes, left, told, drawn = _tasks(known, people)
    day = Day(
        stops=tuple(stops), lanes=tuple(lanes), patrollers=tuple(people), crossing=asked.crossing,
        balance=asked.balance, seed=asked.seed, iterations=asked.iterations, above=above,
    )  # fmt: skip
    day, many = limited(day, asked.most)
    return Proposal(
        day=day, left=(*unable, *left, *many), told=tuple(told), asked=asked, drawn=drawn,
        network=patrolling.network, version=patrolling.state[0],
    )  # fmt: skip


def _tasks(
    known: Known, people: Sequence[Patroller]
) -> tuple[list[Stop], list[Lane], list[Dropped], list[Reason], Drawn | None]:
    kinds = known.asked.kinds
    units, told = _hot_units(known) if HOTSPOTS in kinds else (None, [])
    looks, hot = proposing.hotspots(units) if units is not None else ([], {})
    left: list[Dropped] = []
    wanted, said, drawn = places_asked(known.store, known.patrolling, known.asked)
    visits: list[Stop] = []
    if PLACES in kinds:
        visits, left = visits_due(known.store, known.patrolling, known.asked, known.as_of, people)
    stops = [*worth.raised(proposing.joined(wanted, visits), hot), *looks]
    if ISSUES in kinds:
        stops += worth.raised(proposing.issues(_issues(known), known.asked), hot)
    lanes = worth.raised(_lanes(known), hot)
    return worth.told(stops), worth.told(lanes), left, [*told, *said], drawn


def _above(patrolling: Patrolling) -> dict[str, str | None]:
    """Code of the grid above each grid, by code."""
    frames = [level.frame for level in patrolling.ground.territory.levels if len(level.codes)]
    pairs = [(code, parent) for one in frames for code, parent in zip(one["code"], one["parent"], strict=True)]
    return {code: parent if isinstance(parent, str) else None for code, parent in sorted(pairs, key=lambda one: one[0])}


def _lanes(known: Known) -> list[Lane]:
    """Lanes of the area that are due or drawn."""
    store, asked, patrolling = known.store, known.asked, known.patrolling
    rules = store.city.patrol
    network = patrolling.network
    told = segments_told(patrolling, known.as_of, (rules.unwalked_days, MOST_UNWALKED_DAYS))
    own = network.twins.firsts(
        patrolling.ground.due & within(patrolling, None if asked.area is None else frozenset([asked.area]))
    )
    told = told[own[told.index]]
    edge = told.index.to_numpy(np.int64)
    segments = pd.DataFrame(told.drop(columns="geometry")).assign(
        edge=edge, wide=wide_of(network)[edge], status=told[f"status_{rules.unwalked_days}"].astype(str)
    )
    found: list[Lane] = []
    if LANES in asked.kinds:
        found = proposing.lanes(segments, rules.unwalked_days, rules.duties(), asked.must_days)
    return proposing.surveyed(found, segments, asked, rules.duties())


def _issues(known: Known) -> pd.DataFrame:
    """Issues that are open, as :func:`gis_core.planning.proposing.issues` takes them."""
    found = open_issues(known.store, known.as_of)
    age = (pd.Timestamp(known.as_of) - found["reported_at"]).dt.total_seconds() / 86_400
    names = categories_of(known.store, set(found["category"]))
    keys = zip(found["scheme"], found["kind"], found["category"], strict=True)
    again = returned(known.store, found["id"].tolist())
    grids = found[["grid", *reversed(GRID_COLUMNS)]].astype(object)
    return pd.DataFrame({
        "code": found["code"], "category": found["category"],
        "title": [str(names.get(key, {}).get("name") or key[2]) for key in keys],
        "x": found["x"], "y": found["y"], "days": age,
        "area": grids.where(grids.notna(), None).bfill(axis=1).iloc[:, 0], "returned": found["id"].isin(again),
    })  # fmt: skip


def _hot_units(known: Known) -> tuple[pd.DataFrame | None, list[Reason]]:
    """Hot spots of the lowest grid as they were last kept before the moment, in the area."""
    store, zone = known.store, known.store.city.zone
    lowest = store.city.levels[-1].name
    day = newest_day(store.session, "significance", before=known.as_of.astimezone(zone).date())
    if day is None or (known.asked.day - day).days > HOT_DAYS_OLD:
        return None, [Reason("proposal_no_hotspots", {"days": HOT_DAYS_OLD})]
    kept = snapshot_of(store.session, day, "significance", lowest, "none")
    if kept is None or kept.fault is not None:
        return None, [Reason("proposal_no_hotspots", {"days": HOT_DAYS_OLD})]
    rows = [one["properties"] for one in (kept.body or {})["features"]]
    hot = [row for row in rows if row["core"] and str(row["class"]).startswith("hot_")]
    hot = [row for row in hot if known.asked.area is None or known.asked.area in chain(row["code"], known.above)]
    return _placed_units(known.patrolling, hot, int(kept.facts["window_days"])), []


def _placed_units(patrolling: Patrolling, hot: Sequence[Mapping[str, Any]], days: int) -> pd.DataFrame:
    """Hot units with a place on a street in each: the middle of its longest segment."""
    network = patrolling.network
    edges = patrolling.ground.segments[["grid"]].assign(edge=np.arange(len(network.u)), length_m=network.length_m)
    edges = edges.sort_values(["length_m", "edge"], ascending=[False, True], kind="stable").drop_duplicates("grid")
    by_grid = dict(zip(edges["grid"], edges["edge"], strict=True))
    edge = np.array([by_grid.get(row["code"], -1) for row in hot], np.int64)
    xy = np.full((len(hot), 2), np.nan)
    known = edge >= 0
    xy[known] = np.round(on_edges(network, edge[known], network.length_m[edge[known]] / 2), 2)
    columns = {
        "code": [row["code"] for row in hot], "name": [row.get("name") or row["code"] for row in hot],
        "count": [row["count"] for row in hot], "expected": [row["expected"] or 0.0 for row in hot],
        "sure": [int(str(row["class"]).removeprefix("hot_")) for row in hot], "days": days,
        "x": xy[:, 0], "y": xy[:, 1],
    }  # fmt: skip
    return pd.DataFrame(columns).sort_values("code", ignore_index=True)


def propose_showcase(stores: Stores, patrols: Patrols, asked: Asked, route: str, now: dt.datetime) -> Proposal:
    """The day of a showcase route: the places asked for, in their order, by the one who is named to lead.

    :func:`gis_core.planning.recurring.plan_showcase` makes its plan.

    Raises
    ------
    InvalidInput, NotFound, Conflict
        As :func:`propose`.
    """
    alone = replace(asked, kinds=(), surveys=0, draw={}, places=tuple(dict.fromkeys(asked.places)), crossing=True,
                    most=10_000)  # fmt: skip
    proposal = propose(stores, patrols, alone, now)
    there = {stop.place: stop for stop in proposal.day.stops}
    stops = showcase(route, [there[code] for code in asked.places if code in there])
    return replace(
        proposal, day=replace(proposal.day, stops=tuple(stops), lanes=()), asked=replace(alone, places=asked.places)
    )
