"""What a city says of front-of-door strips: parameters, since each city says it otherwise."""

from dataclasses import dataclass, fields
from typing import Any

from gis_core.errors import InvalidInput

OUTER = ("kerb", "centre_line", "red_line")
"""Where a strip ends towards the street: at the kerb; at the centre line of a street without a footway, else at the
kerb; at the red line, where the footway begins."""


@dataclass(frozen=True)
class StripRules:
    """Rules for strips, in metres; the defaults are the most common ones found.

    Parameters
    ----------
    outer
        One of :data:`OUTER`.
    set_back_m
        From kerb to wall, where no wall is known.
    deepest_m
        Farther from the kerb than this no wall is looked for.
    gap_m
        How far a strip reaches sideways beyond its shop, at most: neighbours share a gap by half.
    point_half_m
        Half the front of a shop of which only a point is known.
    joint_m
        Shops whose doors are nearer than this along the kerb have one strip together.
    other_street_m
        How much farther a kerb may be, if it is of the street in the shop's address.
    farthest_m
        A shop farther from every kerb has no strip.
    """

    outer: str = "centre_line"
    set_back_m: float = 5.0
    deepest_m: float = 25.0
    gap_m: float = 3.0
    point_half_m: float = 4.0
    joint_m: float = 0.8
    other_street_m: float = 15.0
    farthest_m: float = 25.0

    def __post_init__(self) -> None:
        if self.outer not in OUTER:
            raise InvalidInput("city_field", field="strips.outer", value=self.outer, expected=", ".join(OUTER))
        for one in fields(self):
            value: Any = getattr(self, one.name)
            if one.name.endswith("_m") and not 0 < value <= 100:
                raise InvalidInput("city_field", field=f"strips.{one.name}", value=value, expected="0 – 100 metres")
