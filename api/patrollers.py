"""Who goes out on a day: the inspectors of an area, or those who are named, and where they set out from."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from api.patrolling import Patrolling
from gis_core.arrays import Bools
from gis_core.errors import InvalidInput
from gis_core.patrol.places import on_edges
from gis_core.permissions import PERMITTED
from gis_core.planning.asking import Asked, Named
from gis_core.planning.plan import Dropped
from gis_core.planning.proposing import BODY
from gis_core.planning.tasks import Patroller, Reason
from layers.accounts import User

INSPECTORS = frozenset({"inspector"})


def patrollers_of(
    users: Sequence[User], patrolling: Patrolling, asked: Asked, above: Mapping[str, str | None]
) -> tuple[list[Patroller], list[Dropped]]:
    """Who goes out, by name, and who cannot.

    Parameters
    ----------
    users
        All accounts.
    above
        Code of the grid above each grid.

    Raises
    ------
    InvalidInput
        When somebody is named who is nobody, or may not patrol.
    """
    by_name = {user.name: user for user in users}
    named = {one.code: one for one in asked.patrollers}
    for name in named:
        if name not in by_name or not any(one.role in PERMITTED["patrol"] for one in by_name[name].grants):
            raise InvalidInput("proposal_patroller", field="patrollers", value=name)
    organisations = _by_organisation(patrolling)
    found, left = [], []
    for name, user in sorted(by_name.items()):
        if named and name not in named:
            continue
        areas = _areas(user, PERMITTED["patrol"] if named else INSPECTORS, organisations)
        if not named and not (areas is None or touches(areas, asked.area, above)):
            continue
        one = _patroller(user, areas, patrolling, asked, named.get(name, Named(code=name)))
        if one is None:
            left.append(Dropped(code=name, reason=Reason("proposal_no_start", {"patroller": name})))
        else:
            found.append(one)
    return found, left


def _areas(user: User, roles: Collection[str], organisations: Mapping[str, list[str]]) -> frozenset[str] | None:
    """The grids somebody patrols in by a role, ``None`` for the city. Firms have no grids: who works for one is named
    with a start, or crosses.
    """
    areas = [grant.area for grant in user.grants if grant.role in roles]
    if any(area.kind == "city" for area in areas):
        return None
    grids = [area.code for area in areas if area.kind == "grid"]
    held = [code for area in areas if area.kind == "organisation" for code in organisations.get(area.code, [])]
    return frozenset([*grids, *held])


def touches(areas: frozenset[str], area: str | None, above: Mapping[str, str | None]) -> bool:
    """Whether one of some grids is in an area, or the area in one of them."""
    if area is None:
        return bool(areas)
    return area in areas or bool(set(chain(area, above)) & areas) or any(area in chain(one, above) for one in areas)


def chain(code: str | None, above: Mapping[str, str | None]) -> list[str]:
    """A grid and those above it."""
    found: list[str] = []
    while code is not None and code not in found:
        found.append(code)
        code = above.get(code)
    return found


def _by_organisation(patrolling: Patrolling) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for level in patrolling.ground.territory.levels:
        frame = level.frame
        for code, organisation in zip(frame["code"], frame["organisation"], strict=True):
            if isinstance(organisation, str):
                held.setdefault(organisation, []).append(code)
    return held


def _patroller(
    user: User, areas: frozenset[str] | None, patrolling: Patrolling, asked: Asked, named: Named
) -> Patroller | None:
    start = named.start or start_of(patrolling, areas, asked.area)
    if start is None:
        return None
    body = [BODY + user.organisation] if user.organisation else []
    return Patroller(
        code=user.name, name=user.title, start=start, end=named.end, shift=named.shift or asked.shift,
        breaks=asked.breaks if named.breaks is None else named.breaks, skills=named.skills | frozenset(body),
        areas=areas, mover=named.mover,
    )  # fmt: skip


def start_of(patrolling: Patrolling, areas: frozenset[str] | None, area: str | None) -> tuple[float, float] | None:
    """Where somebody sets out: on the street in the middle of their grids, as far as they are in an area; of streets
    that cannot be reached from each other, on the longest part. ``None`` without a street.
    """
    network = patrolling.network
    own = within(patrolling, areas) & within(patrolling, None if area is None else frozenset([area]))
    edges = np.flatnonzero(own if own.any() else within(patrolling, areas))
    if not len(edges):
        return None
    metres = np.bincount(network.component[edges], network.length_m[edges])
    edges = edges[network.component[edges] == np.argmax(metres)]
    middle = on_edges(network, edges, network.length_m[edges] / 2)
    centre = np.average(middle, axis=0, weights=network.length_m[edges])
    nearest = int(np.argmin(np.hypot(*(middle - centre).T)))
    x, y = np.round(middle[nearest], 2).tolist()
    return x, y


def within(patrolling: Patrolling, areas: frozenset[str] | None) -> Bools:
    """Which segments lie in some grids of any level."""
    ground = patrolling.ground
    if areas is None:
        return np.ones(len(ground.segments), bool)
    found = np.zeros(len(ground.segments), bool)
    for level, cells in enumerate(ground.territory.levels):
        chosen = np.append(np.isin(cells.codes.astype(str), list(areas)), False)
        found |= chosen[ground.segment_cell[:, level]]
    return found
