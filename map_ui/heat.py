"""The heat map: where issues were reported in the last days, and the busiest grids."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
from folium.plugins import HeatMap

from gis_core.assignment import GRID_COLUMNS
from gis_core.city import City
from map_ui.data import MapData
from map_ui.draw import DEGREE_DECIMALS, MOST_FEATURES, Drawing, Json, names_by_code, positions, shapes
from map_ui.texts import TEXTS, number

WINDOWS_DAYS = (7, 30)
MOST_POSITIONS = 200_000
"""More positions than this and the page takes too long to open."""
BUSIEST = 10
RADIUS_PX, BLUR_PX = 14, 14
GRADIENT = {"0.15": "#ffe29a", "0.4": "#fdae5a", "0.65": "#e8603c", "0.85": "#a8184b", "1": "#4a0d4f"}
"""Light to dark, so that it reads the same to colour-blind eyes and in grey."""


def draw(data: MapData, locale: str) -> Drawing:
    """The heat map in ``locale``."""
    issues = data.newest_issues(len(data.frame("issues")))
    windows = [_since(issues, data.as_of, days) for days in WINDOWS_DAYS]
    drawn = windows[-1].head(MOST_POSITIONS)
    look = {"radius": RADIUS_PX, "blur": BLUR_PX, "min_opacity": 0.25, "gradient": GRADIENT}
    heat = HeatMap(positions(drawn), control=False, **look)  # type: ignore[no-untyped-call]
    heat._id = "issues"
    boxes = _boxes(data.frame("grids"))
    names = names_by_code(data.frame("grids"), locale)
    levels = [(level.name, column) for level, column in zip(data.city.levels, GRID_COLUMNS, strict=False)]
    facts = {
        "heat": heat.get_name(),
        "gradient": GRADIENT,
        "reach_px": RADIUS_PX + BLUR_PX,
        "windows": [
            {
                "days": days,
                "count": len(window),
                "drawn": min(len(window), len(drawn)),
                "from": data.local(data.as_of - dt.timedelta(days=days)),
                "to": data.local(data.as_of),
                "busiest": {level: busiest(window, column, names, boxes) for level, column in levels},
            }
            for days, window in zip(WINDOWS_DAYS, windows, strict=True)
        ],
        "levels": [[level.name, level.title(locale)] for level in data.city.levels],
        "level": _first_level(data.city),
        "outlines": _lowest_outlines(data),
    }
    status = TEXTS.say("issues_all" if data.issues_total else "issues_none", locale, total=number(data.issues_total))
    return Drawing(facts, status, elements=[heat])


def _since(issues: gpd.GeoDataFrame, as_of: dt.datetime, days: int) -> gpd.GeoDataFrame:
    """The issues of the ``days`` before ``as_of``."""
    if not len(issues):
        return issues
    return issues[issues["reported_at"] > pd.Timestamp(as_of - dt.timedelta(days=days))]


def busiest(issues: pd.DataFrame, column: str, names: dict[str, str | None], boxes: dict[str, list[float]]) -> Json:
    """The grids with most issues: rows of code, name, count, extent, equal counts by code; how many lie in none."""
    codes = issues[column].dropna() if column in issues else pd.Series(dtype=object)
    counts = sorted(codes.value_counts().items(), key=lambda pair: (-pair[1], str(pair[0])))[:BUSIEST]
    rows = [[code, names.get(str(code)), int(count), boxes.get(str(code))] for code, count in counts]
    return {"rows": rows, "outside": len(issues) - len(codes)}


def _boxes(grids: gpd.GeoDataFrame) -> dict[str, list[float]]:
    """West, south, east and north of each grid, by code."""
    if not len(grids):
        return {}
    extent = np.round(grids.bounds.to_numpy(), DEGREE_DECIMALS).tolist()
    return dict(zip(grids["code"], extent, strict=True))


def _first_level(city: City) -> str:
    """The level counted by at first: communities, else the one above the lowest."""
    names = [level.name for level in city.levels]
    return "community" if "community" in names else names[max(len(names) - 2, 0)]


def _lowest_outlines(data: MapData) -> list[Json]:
    grids = data.frame("grids")
    return shapes(grids[grids["level"] == data.city.levels[-1].name].head(MOST_FEATURES)) if len(grids) else []
