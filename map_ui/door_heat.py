"""Violations before doors compared with what is usual: shop by shop, for each 100 m of a side, and per shop."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.hotspots.significance import Significance, significance
from gis_core.hotspots.street_supports import STRETCH_M, FrontSupport, stretch_support, strip_support
from map_ui.data import MapData
from map_ui.draw import Json, names_by_code
from map_ui.significance import NOBODY, areas, classes_of, filter_of, told_of, why_of, worst
from map_ui.texts import TEXTS

PER_100_M = 10.0
"""Hundreds of metres in a kilometre."""
SCALES = ("hot_strip", "hot_stretch", "hot_shops")


@dataclass(frozen=True)
class Scale:
    """One way to compare: units, and how they stand."""

    name: str
    support: FrontSupport
    answer: Significance


def scales(data: MapData, count: pd.Series) -> list[Scale]:
    """Violations by code of strip, compared in each of :data:`SCALES`; none where no strips are drawn."""
    book, srid = data.doors, data.city.metric_srid
    if book is None or not len(book.strips):
        return []
    streets = data.frame("streets")
    strips = strip_support(book, srid, streets.geometry.to_numpy() if len(streets) else None)
    stretches = stretch_support(book, srid)
    told = book.told(count)
    asked = (
        (strips, strips.size * PER_100_M), (stretches, stretches.size * PER_100_M),
        (strips, strips.shops.astype(np.float64)),
    )  # fmt: skip
    return [
        Scale(name, support, significance(support.counted(told), support.near, exposure))
        for name, (support, exposure) in zip(SCALES, asked, strict=True)
    ]


def columns_of(found: list[Scale], rows: np.ndarray) -> Json:
    """Class and numbers of the unit that each strip is of, for some rows of the ledger's strips."""
    columns: Json = {}
    for scale in found:
        unit = scale.support.of_strip[rows]
        classes, why = [*classes_of(scale.answer), NOBODY], [*why_of(scale.answer.cells), None]
        columns[scale.name] = [classes[one] for one in unit]
        columns[f"why_{scale.name}"] = [why[one] for one in unit]
    return columns


def filters(columns: Json, nobody: Json, locale: str) -> list[Json]:
    """A colouring for each scale that the strips have."""
    return [filter_of(name, columns[name], areas(nobody), locale) for name in SCALES if name in columns]


def told(data: MapData, found: list[Scale], rows: np.ndarray, locale: str) -> Json:
    """By scale what is said of the whole, and the units to look at first: name, code, row on the page (-1 where it is
    not there), violations, times the usual, rate with interval, class.
    """
    streets = names_by_code(data.frame("streets"), locale)
    place = pd.Series(np.arange(len(rows)), index=rows)
    return {scale.name: told_of(scale.answer) | {"worst": _worst(scale, place, streets, locale)} for scale in found}


def _worst(scale: Scale, place: pd.Series, streets: dict[str, str | None], locale: str) -> list[list[Any]]:
    cells, of = scale.answer.cells, scale.support.of_strip
    classes = classes_of(scale.answer)
    found = []
    for unit in worst(scale.answer):
        row = cells.iloc[unit]
        on_page = place.reindex(np.flatnonzero(of == unit)).dropna()
        code = str(scale.support.codes[unit])
        name = _stretch(code, streets, locale) if scale.support.name == "stretch" else scale.support.names[unit]
        numbers = [round(float(row[one]), 2) for one in ("ratio", "rate", "low", "high")]
        found.append(
            [name or code, code, int(on_page.iloc[0]) if len(on_page) else -1, int(row["count"]), *numbers,
             classes[unit]]
        )  # fmt: skip
    return found


def _stretch(code: str, streets: dict[str, str | None], locale: str) -> str:
    """A stretch as people call it."""
    street, _, rest = code.rpartition("@")
    begin, _, side = rest.partition(":")
    named = TEXTS.say(f"side_{side}", locale) if f"side_{side}" in TEXTS else side
    return TEXTS.say("hot_stretch", locale, name=streets.get(street) or street, from_m=begin,
                     to_m=int(begin) + int(STRETCH_M), side=named)  # fmt: skip
