"""Colours of the overview and its legend rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from map_ui.draw import Json

OTHER = "_other"
MANY = 300
"""Points of one type; more of them would hide the rest of the page and start switched off."""
MOST_TYPES = 9
"""Types of place or component with a legend row of their own; the rest share one."""

STREETS: dict[str, Json] = {
    "arterial": {"color": "#6f7d90", "weight": 5},
    "secondary": {"color": "#8b97a8", "weight": 3.5},
    "branch": {"color": "#aab3c0", "weight": 2.2},
    "backstreet": {"color": "#c6a680", "weight": 1.6},
    "other": {"color": "#b9bfc8", "weight": 1.2, "dashArray": "3 4"},
}
PLACES = {
    "market": "#f2a900",
    "estate": "#c9a98b",
    "old_estate": "#b08d6e",
    "urban_village": "#a3876a",
    "mall": "#d98aa0",
    "school": "#9c86c6",
    "hospital": "#7f95d1",
    "park": "#84b36b",
    "plaza": "#a6c48a",
    "scenic": "#6ea38a",
    "station": "#5f9dbd",
    "construction_site": "#b9ab4f",
    "shop": "#8f8f8f",
}
"""Quiet colours by type of place, so that issues and markets stand out; other types share one."""
OTHER_COLOUR = "#a9a9a9"
GREY: Json = {"color": OTHER_COLOUR, "fillColor": OTHER_COLOUR, "weight": 1}
COMPONENTS = ("#4477aa", "#228833", "#aa3377", "#66ccee", "#999933", "#882255", "#44aa99", "#332288", "#bbbbbb")
PARTIES = {"firm": "#0072b2", "unit": "#d55e00", "person": "#009e73", "shop": "#cc79a7", "queue": "#1b1b1b"}
RULES = {
    "named_component": "#56b4e9",
    "place_operator": "#e69f00",
    "front_door": "#f0e442",
    "point_contract": "#cc79a7",
    "section_contract": "#0072b2",
    "area_contract": "#009e73",
    "grid_holder": "#d55e00",
    "territorial_fallback": "#1b1b1b",
}
"""Colours by kind of party and by rule (Okabe and Ito, told apart by colour-blind eyes)."""
STATUSES: dict[str, Json] = {
    "open": {"radius": 5, "color": "#ffffff", "weight": 1, "fillOpacity": 0.95},
    "closed": {"radius": 3, "weight": 1.2, "opacity": 0.65, "fillOpacity": 0},
}
"""Open issues are filled dots, closed ones small rings, so that status needs no colour."""


def items(
    values: Iterable[Any],
    labels: Mapping[str, str],
    styles: Mapping[str, Json],
    *,
    swatch: str,
    hidden: Collection[str] = (),
) -> list[Json]:
    """Legend rows for those values that occur, in the order of ``styles``; a value without a style is grey."""
    present = sorted(set(values))
    styles = {**styles, **{value: GREY for value in present if value not in styles}}
    return [
        {
            "value": value,
            "label": labels.get(value, value),
            "shown": value not in hidden,
            "style": style,
            "swatch": swatch,
        }
        for value, style in styles.items()
        if value in present
    ]


def place_style(code: str) -> Json:
    """How a place of a type is drawn: markets stand out, shops stay small."""
    colour = PLACES.get(code, OTHER_COLOUR)
    if code == "market":
        return {"color": "#8a5a00", "weight": 1.6, "fillColor": colour, "fillOpacity": 0.75, "radius": 7}
    if code == "shop":
        return {"color": colour, "weight": 0, "fillColor": colour, "fillOpacity": 0.8, "radius": 2}
    return {"color": colour, "weight": 1, "fillColor": colour, "fillOpacity": 0.28, "radius": 4}


def most_common_first(groups: Sequence[str], first: str = "") -> list[str]:
    """The values by falling count, equal counts by code; ``first`` leads and ``OTHER`` closes the list."""
    counts = pd.Series(list(groups), dtype=object).value_counts()
    return sorted(counts.index, key=lambda code: (code != first, code == OTHER, -counts[code], code))


def grouped(types: Sequence[str], first: str = "") -> list[str]:
    """Each type, or ``OTHER`` for those too rare for a legend row."""
    kept = set(most_common_first(types, first)[:MOST_TYPES])
    return [code if code in kept else OTHER for code in types]


def dots(colours: Mapping[str, str]) -> dict[str, Json]:
    """A filled dot in the colour of each value."""
    return {value: {"color": colour, "fillColor": colour, "fillOpacity": 1} for value, colour in colours.items()}
