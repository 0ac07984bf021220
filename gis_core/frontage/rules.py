"""What a city says of front-of-door strips: parameters, since each city says it otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gis_core.errors import InvalidInput

OUTER = ("kerb", "centre_line", "red_line")
"""Where a strip ends towards the street: at the kerb; at the centre line of a street without a footway, else at the
kerb; at the red line, where the footway begins."""

SIDES = ("half_gap", "property_line")
"""Where a strip ends towards its neighbours: half way, up to a limit; or at the property lines of the shop's lot."""
SNOW = ("strip", "centre_line")
"""How far a shop answers for snow and ice: over its strip, or from there on to the centre line of the street."""
CHOICES = {"outer": OUTER, "sides": SIDES, "snow": SNOW}


@dataclass(frozen=True)
class StripRules:
    """Rules for strips, in metres; the defaults are the most common ones found.

    Parameters
    ----------
    outer
        One of :data:`OUTER`.
    sides
        One of :data:`SIDES`.
    snow
        One of :data:`SNOW`.
    set_back_m
        From kerb to wall, where no wall is known.
    deepest_m
        Farther from the kerb than this no wall is looked for.
    lot_most_m
        How far a strip reaches sideways beyond its shop by property lines, at most: an estate is one lot.
    gap_m
        How far a strip reaches sideways beyond its shop, at most: neighbours share a gap by half.
    point_half_m
        Half the front of a shop of which only a point is known, and of whose trade no usual front is.
    fronts_m
        The usual front of a trade: of a shop of which only a point is known, half of it lies to either side.
    joint_m
        Shops whose doors are nearer than this along the kerb have one strip together.
    other_street_m
        How much farther a kerb may be, if it is of the street in the shop's address.
    farthest_m
        A shop farther from every kerb has no strip.
    """

    outer: str = "centre_line"
    sides: str = "half_gap"
    snow: str = "strip"
    set_back_m: float = 5.0
    deepest_m: float = 25.0
    gap_m: float = 3.0
    point_half_m: float = 4.0
    joint_m: float = 0.8
    other_street_m: float = 15.0
    farthest_m: float = 25.0
    lot_most_m: float = 50.0
    fronts_m: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if (chosen := getattr(self, name)) not in choices:
                raise InvalidInput("city_field", field=f"strips.{name}", value=chosen, expected=", ".join(choices))
        lengths: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self) if one.type is float}
        lengths |= {f"fronts_m.{trade}": front_m for trade, front_m in self.fronts_m.items()}
        for name, value in lengths.items():
            if not 0 < value <= 100:
                raise InvalidInput("city_field", field=f"strips.{name}", value=value, expected="0 – 100 metres")
