"""Reports on backstreets compared with patrol: colours, numbers, and the lanes to look at first."""

from typing import Any

import geopandas as gpd
import numpy as np

from map_ui.data import MapData, PatrolHeat
from map_ui.draw import Json
from map_ui.significance import LINES, classes_of, filter_of, told_of, why_of, worst

HOT = "hot_patrol"


def columns_of(heat: PatrolHeat | None, segments: gpd.GeoDataFrame) -> Json:
    """Class and numbers of each segment; nothing where nothing was compared."""
    if heat is None or not len(segments):
        return {}
    unit = heat.unit[segments.index.to_numpy(np.int64)]
    classes, why = classes_of(heat.answer), why_of(heat.answer.cells)
    return {HOT: [classes[one] for one in unit], f"why_{HOT}": [why[one] for one in unit]}


def filters(columns: Json, locale: str) -> list[Json]:
    """The colouring by it, where the segments have it."""
    return [filter_of(HOT, columns[HOT], LINES, locale)] if HOT in columns else []


def told(data: MapData, shown: gpd.GeoDataFrame) -> Json:
    """What is said of the whole, and the segments to look at first: row on the page, reports, times the usual, rate
    with interval, class.

    Parameters
    ----------
    shown
        The segments on the page, in their order.
    """
    heat = None if data.patrol is None else data.patrol.heat
    if heat is None:
        return {}
    cells, classes = heat.answer.cells, classes_of(heat.answer)
    unit = heat.unit[shown.index.to_numpy(np.int64)]
    rows: list[list[Any]] = []
    for one in worst(heat.answer):
        on_page = np.flatnonzero(unit == one)
        if len(on_page):
            numbers = [round(float(cells[name].iloc[one]), 2) for name in ("ratio", "rate", "low", "high")]
            rows.append([int(on_page[0]), int(cells["count"].iloc[one]), *numbers, classes[one]])
    span = {"day": data.local(heat.since)[:10], "until": data.local(heat.until), "elsewhere": heat.elsewhere}
    return {HOT: told_of(heat.answer) | span | {"worst": rows}}
