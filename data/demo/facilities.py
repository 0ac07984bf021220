"""Facilities: components along the streets, each with the bodies that supervise, own and maintain it."""

from dataclasses import dataclass
from math import inf

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.city import CITY, generator, layer, lonlat, names, ordinal
from data.demo.grids import Codes
from data.demo.parties import firm
from data.demo.places import Places
from data.demo.streets import FOOTWAY_M, WIDTH_M, Streets, along, kerbs
from data.tables import reference
from gis_core.arrays import Floats, Ints, Objects

_STATES = np.array(["完好", "破损", "待修"], dtype=object)
_STATE_CHANCES = np.array([0.95, 0.03, 0.02])


@dataclass(frozen=True)
class Component:
    """A class of component.

    Parameters
    ----------
    category
        Its five digits.
    supervises, owns, maintains
        Party codes; a trade's code stands for the firm of it that serves the district, None for nobody.
    spacing_m
        Distance between two on one side of a street, by class of street.
    kerb, footway
        Distance from the centre line in shares of the carriageway's half and of the footway.
    at
        Type of the places where there is one each, instead of a spacing.
    """

    category: str
    supervises: str
    owns: str | None
    maintains: str | None
    spacing_m: tuple[float, float, float, float] = (inf, inf, inf, inf)
    kerb: float = 1.0
    footway: float = 0.0
    at: str = ""


COMPONENTS = (
    Component("01037", "D01", "D01", "FM", spacing_m=(45, 70, 80, 130), footway=0.15),
    Component("03005", "D01", "D01", "FC", spacing_m=(110, 140, 190, 320), footway=0.5),
    Component("01002", "D11", "W01", "FM", spacing_m=(110, 120, 130, 160), kerb=0.4),
    Component("01003", "D11", "D01", "FM", spacing_m=(90, 110, 150, inf), kerb=0.92),
    Component("01001", "D11", "W01", "W01", spacing_m=(320, 300, 320, 400), kerb=0.6),
    Component("01005", "D01", "W02", "W02", spacing_m=(400, 420, 480, inf), footway=0.6),
    Component("01007", "D01", "W03", "W03", spacing_m=(380, 420, 520, inf), footway=0.7),
    Component("01013", "D11", "W01", "W01", spacing_m=(360, 380, 450, inf), footway=0.3),
    Component("01023", "D01", None, None, spacing_m=(4500, 4500, 4500, 4500), kerb=0.5),
    Component("02010", "D04", "D04", "FM", spacing_m=(330, 380, 500, inf), footway=0.1),
    Component("02017", "D04", "D04", "FM", spacing_m=(180, inf, inf, inf), kerb=0.96),
    Component("02025", "D01", "D01", "FM", spacing_m=(300, 320, 420, inf), footway=0.5),
    Component("04002", "D05", "D05", "FG", spacing_m=(70, 90, inf, inf), footway=0.2),
    Component("02004", "D03", "W04", "W04", at="bus_stop"),
    Component("03001", "D01", "D01", "FC", at="public_toilet"),
)
"""Lamps, bins, covers, hydrants, covers of unknown owner, signs, railings, bicycle stands, trees, stops and toilets."""


@dataclass(frozen=True, eq=False)
class Facilities:
    """Facilities and where they stand.

    Parameters
    ----------
    frame
        Columns of the facility table; Points in EPSG:4326.
    xy
        Positions in metres, shape (facilities, 2).
    street, measure_m, side
        Street each stands on as a position, metres from its start, and 1 left or -1 right.
    """

    frame: gpd.GeoDataFrame
    xy: Floats
    street: Ints
    measure_m: Floats
    side: Ints


def equip(codes: Codes, streets: Streets, places: Places, seed: int) -> Facilities:
    """Equip the streets with the components of :data:`COMPONENTS`."""
    rng = generator(seed, "facilities")
    parts = [_standing(component, streets, places, rng) for component in COMPONENTS]
    kind = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    street, side, measure, xy = (np.concatenate(part) for part in zip(*parts, strict=True))
    columns = _columns(kind, codes, streets.cell[street])
    columns["state"] = _STATES[rng.choice(len(_STATES), len(kind), p=_STATE_CHANCES)]
    return Facilities(layer(columns, shapely.points(lonlat(xy))), xy, street, measure, side)


def _standing(
    component: Component, streets: Streets, places: Places, rng: np.random.Generator
) -> tuple[Ints, Ints, Floats, Floats]:
    """Street, side, measure and position of every one of a class."""
    if component.at:
        at = places.of_type(component.at)
        return places.street[at], places.side[at], places.measure_m[at], places.door[at]
    street, side = kerbs(streets)
    grade = streets.grade[street]
    offset = component.kerb * WIDTH_M[grade] / 2 + component.footway * FOOTWAY_M[grade]
    spacing = np.array(component.spacing_m)[grade] * rng.uniform(0.9, 1.1, len(street))
    row, xy, measure = along(streets.lines[street], spacing, side * offset, rng, shake_m=4.0)
    return street[row], side[row], measure, xy


def _columns(kind: Ints, codes: Codes, cell: Ints) -> dict[str, Objects]:
    """Codes of 17 digits (6 for the district, 5 for the class, 6 in sequence), names and bodies."""
    category = np.array([one.category for one in COMPONENTS], dtype=object)[kind]
    district = codes["district"][cell]
    within = pd.Series(kind).groupby([kind, district]).cumcount() + 1
    known = reference("categories").query("kind == 'component'").set_index("code")
    zh, en = (known[name][category].to_numpy(object) for name in ("name", "name_en"))
    return {
        "code": district + category + within.astype(str).str.zfill(6).to_numpy(object),
        "name": zh,
        "names": names(zh, en),
        "scheme": np.full(len(kind), CITY.scheme, dtype=object),
        "category": category,
        **{
            body: _bodies(body, kind, ordinal(district), len(codes["unit"]))
            for body in ("supervises", "owns", "maintains")
        },
    }


def _bodies(body: str, kind: Ints, district: Ints, units: int) -> Objects:
    """The party named by each component's class; of a trade, the firm that serves the district."""
    named = np.array([getattr(one, body) for one in COMPONENTS], dtype=object)[kind]
    for trade in ("FC", "FG", "FM"):
        rows = named == trade
        named[rows] = firm(trade, district[rows], units)
    return named
