"""The rules of assignment: each finds its candidates, says which fit and what the winner answers.

A rule sees a batch of issues and the territory and changes neither. Deciding and explaining run
the same code: deciding keeps the candidates that fit, explaining shows the others with their fault.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gis_core.arrays import Bools, Ints
from gis_core.candidates import NO_CANDIDATES, Batch, Candidates, join, pairs
from gis_core.cells import EQUAL_M
from gis_core.contracts import ContractLines
from gis_core.front_doors import NOBODYS
from gis_core.territory import Territory

Answer = Mapping[str, Ints]
"""Some of :data:`gis_core.answers.RULE_COLUMNS`: positions in the layer, or in the territory's bodies."""


@dataclass(frozen=True)
class Rule:
    """One entry of the assignment policy.

    Parameters
    ----------
    name
        Stored with every answer; ``rule_<name>`` is its text.
    table
        Frame of the territory its candidates come from.
    candidates
        What it considers.
    answer
        What the things at the given positions answer.
    """

    name: str
    table: str
    candidates: Callable[[Batch, Territory], Candidates] = field(repr=False)
    answer: Callable[[Territory, Ints], Answer] = field(repr=False)


def named_component(batch: Batch, territory: Territory) -> Candidates:
    """The nearest component of the class that the category names, within the class's radius."""
    named, known = np.full(len(batch), -1), batch.category >= 0
    named[known] = territory.named_component[batch.category[known]]
    asking = np.flatnonzero(named >= 0)
    if not len(asking):
        return NO_CANDIDATES
    radius_m = territory.component_radius_m[named[asking]]
    point, thing, distance = territory.components.within(batch.located.xy[asking], radius_m, named[asking])
    issue = asking[point]
    faults = {
        "not_in_force": ~territory.in_force("facilities", thing, batch.day[issue]),
        "nobody_named": territory.named("facilities", "maintains")[thing] < 0,
    }
    return pairs(issue, thing, distance, faults, distance)


def component_answer(territory: Territory, thing: Ints) -> Answer:
    """The component's three bodies: the maintainer answers."""
    bodies = {name: territory.named("facilities", name)[thing] for name in ("supervises", "owns", "maintains")}
    return {
        "facility": thing,
        "responsible": bodies["maintains"],
        "contractor": _firms(territory, bodies["maintains"]),
        "supervises": bodies["supervises"],
        "owns": bodies["owns"],
    }


def place_operator(batch: Batch, territory: Territory) -> Candidates:
    """The operator of the smallest place that encloses the issue."""
    rows, index = territory.enclosing_places
    issue, enclosing = index.pairs(batch.located.lonlat)
    if not len(issue):
        return NO_CANDIDATES
    thing = rows[enclosing]
    faults = {
        "not_in_force": ~territory.in_force("places", thing, batch.day[issue]),
        "nobody_named": territory.named("places", "operator")[thing] < 0,
    }
    return pairs(issue, thing, enclosing.astype(np.float64), faults)


def place_answer(territory: Territory, thing: Ints) -> Answer:
    """The operator answers; its trade's authority supervises."""
    operator = territory.named("places", "operator")[thing]
    return {
        "place": thing,
        "responsible": operator,
        "contractor": _firms(territory, operator),
        "supervises": territory.named("places", "supervisor")[thing],
        "owns": operator,
    }


def front_door(batch: Batch, territory: Territory) -> Candidates:
    """The shop before whose door the issue lies, for what shops answer for."""
    issue = np.flatnonzero(batch.strip >= 0)
    if not len(issue):
        return NO_CANDIDATES
    thing, category = batch.strip[issue], batch.category[issue]
    duty, known = territory.doors.duty_of(thing, batch.day[issue]), category >= 0
    covered = np.zeros(len(issue), dtype=bool)
    covered[known] = territory.doors.duties[duty[known], category[known]]
    nobodys = np.isin(territory.codes("frontages", "kind")[thing], NOBODYS)
    nameless = nobodys | (territory.named("frontages", "responsible")[thing] < 0)
    faults = {"nobody_named": nameless, "other_duty": ~covered}
    return pairs(issue, thing, np.zeros(len(issue)), faults, batch.strip_distance_m[issue])


def strip_answer(territory: Territory, thing: Ints) -> Answer:
    """The shop answers, or whoever runs it."""
    responsible = territory.named("frontages", "responsible")[thing]
    return {"responsible": responsible, "contractor": _firms(territory, responsible), "owns": responsible}


def point_contract(batch: Batch, territory: Territory) -> Candidates:
    """Contracts over a point and its radius; the smallest radius first."""
    points = territory.ground.points
    issue, near, distance = points.index.within(batch.located.xy, points.reach_m)
    if not len(issue):
        return NO_CANDIDATES
    radius = points.radius_m[near]
    faults = {
        **_contract_faults(batch, territory, issue, points.thing[near]),
        "beyond_radius": distance > radius + EQUAL_M,
    }
    return pairs(issue, points.thing[near], radius, faults, distance)


def section_contract(batch: Batch, territory: Territory) -> Candidates:
    """Contracts over a section of a street, only inside its extent; the nearest line first."""
    return _along(batch, territory, territory.ground.sections, by_area=False)


def area_contract(batch: Batch, territory: Territory) -> Candidates:
    """Contracts over a road, block, area, grid or the whole city; the smallest area first."""
    areas = territory.ground.areas
    issue, near = areas.index.pairs(batch.located.lonlat)
    thing = areas.thing[near]
    found = [_along(batch, territory, territory.ground.roads, by_area=True), *_by_grid(batch, territory)]
    if len(issue):
        found.append(pairs(issue, thing, areas.area_m2[near], _contract_faults(batch, territory, issue, thing)))
    if len(territory.ground.city):
        found.append(_city_wide(batch, territory))
    return join(found)


def contract_answer(territory: Territory, thing: Ints) -> Answer:
    """The contract's responsible party answers, its contractor if it names no other; the contractor handles."""
    contractor = territory.named("contracts", "contractor")[thing]
    named = territory.named("contracts", "responsible")[thing]
    return {
        "contract": thing,
        "contractor": contractor,
        "responsible": np.where(named >= 0, named, contractor),
        "supervises": territory.named("contracts", "supervisor")[thing],
        "owns": named,
    }


def grid_holder(batch: Batch, territory: Territory) -> Candidates:
    """The party that holds the lowest grid; the latest begun first."""
    return holders_of(batch.located.grids[:, -1], batch.day, territory, -1)


def holders_of(cell: Ints, day: Ints, territory: Territory, level: int) -> Candidates:
    """The parties that hold the cells of a level on the days asked for, position by position; -1 has none."""
    issue, thing = territory.grid_holders[level].expand(cell)
    begun = territory.periods["holders"][0][thing].astype(np.float64)
    return pairs(issue, thing, -begun, {"not_in_force": ~territory.in_force("holders", thing, day[issue])})


def holder_answer(territory: Territory, thing: Ints) -> Answer:
    """The holder answers."""
    holder = territory.named("holders", "holder")[thing]
    return {"responsible": holder, "contractor": _firms(territory, holder)}


RULES = (
    Rule("named_component", "facilities", named_component, component_answer),
    Rule("place_operator", "places", place_operator, place_answer),
    Rule("front_door", "frontages", front_door, strip_answer),
    Rule("point_contract", "contracts", point_contract, contract_answer),
    Rule("section_contract", "contracts", section_contract, contract_answer),
    Rule("area_contract", "contracts", area_contract, contract_answer),
    Rule("grid_holder", "holders", grid_holder, holder_answer),
)
"""The policy: asked in this order, the first that answers wins. Whatever none answers falls to the territory."""


def _firms(territory: Territory, parties: Ints) -> Ints:
    return np.where(territory.bodies.is_firm[parties], parties, -1)


def _contract_faults(batch: Batch, territory: Territory, issue: Ints, thing: Ints) -> dict[str, Bools]:
    category = batch.category[issue]
    covered, known = np.zeros(len(issue), dtype=bool), category >= 0
    covered[known] = territory.duties[thing[known], category[known]]
    return {
        "not_in_force": ~territory.in_force("contracts", thing, batch.day[issue]),
        "other_duty": ~covered,
        "nobody_named": territory.nobody_named[thing],
    }


def _along(batch: Batch, territory: Territory, lines: ContractLines, *, by_area: bool) -> Candidates:
    issue, line, distance, measure, side = lines.index.along(batch.located.xy, lines.reach_m)
    if not len(issue):
        return NO_CANDIDATES
    left, right = lines.left_m[line], lines.right_m[line]
    extent = np.select([side > 0, side < 0], [left, right], np.maximum(left, right))
    faults = {
        **_contract_faults(batch, territory, issue, lines.thing[line]),
        "before_start": measure < lines.from_m[line] - EQUAL_M,
        "after_end": measure > lines.to_m[line] + EQUAL_M,
        "other_side": extent < 0,
        "beyond_extent": distance > extent + EQUAL_M,
    }
    return pairs(issue, lines.thing[line], lines.area_m2[line] if by_area else distance, faults, distance)


def _by_grid(batch: Batch, territory: Territory) -> list[Candidates]:
    found = []
    for level, cells in enumerate(territory.ground.cells):
        if not len(cells.thing):
            continue
        position = batch.located.grids[:, level]
        issue, row = cells.groups.expand(position)
        if not len(issue):
            continue
        thing = cells.thing[row]
        faults = _contract_faults(batch, territory, issue, thing)
        found.append(pairs(issue, thing, cells.area_m2[position[issue]], faults))
    return found


def _city_wide(batch: Batch, territory: Territory) -> Candidates:
    things = territory.ground.city
    issue, thing = np.repeat(np.arange(len(batch)), len(things)), np.tile(things, len(batch))
    return pairs(issue, thing, np.full(len(issue), np.inf), _contract_faults(batch, territory, issue, thing))
