"""The heat map: where issues were reported in the last days, and the busiest grids."""

import datetime as dt

import geopandas as gpd
import pandas as pd

from gis_core import answers
from gis_core.city import City
from map_ui.data import MapData
from map_ui.draw import Drawing, Json, names_by_code, party_names, positions
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, street_layer

WINDOWS_DAYS = (7, 30)
MOST_POSITIONS = 200_000
"""More positions than this and the page takes too long to open."""
GRADIENT = {"0": "#fff0b8", "0.2": "#ffd166", "0.45": "#fca652", "0.65": "#e8603c", "0.85": "#a8184b", "1": "#4a0d4f"}
"""Light to dark, so that it reads the same to colour-blind eyes and in grey."""
MAIN_STREETS = {"arterial": {"color": "#c2c8d1", "weight": 4}, "secondary": {"color": "#cfd4da", "weight": 2.5}}
"""Streets that say where one is, pale; more of them would hide the heat."""

NEEDS = {
    "grids": GRID_COLUMNS,
    "streets": STREET_COLUMNS,
    "parties": ("code", "kind", "name", "names"),
    "issues": ("code", "reported_at", *answers.GRID_COLUMNS),
}
"""The columns the page draws, by frame."""


def draw(data: MapData, locale: str) -> Drawing:
    """The heat map in ``locale``."""
    issues, layers = data.issues(), [*grid_layers(data, locale), street_layer(data, locale, MAIN_STREETS)]
    windows = [_since(issues, data.as_of, days) for days in WINDOWS_DAYS]
    drawn = windows[-1].head(MOST_POSITIONS)
    by_level = list(zip([level.name for level in data.city.levels], answers.GRID_COLUMNS, strict=False))
    facts = {
        "gradient": GRADIENT,
        "points": positions(drawn),
        "windows": [
            {
                "days": days,
                "count": len(window),
                "drawn": min(len(window), len(drawn)),
                "from": data.local(data.as_of - dt.timedelta(days=days)),
                "to": data.local(data.as_of),
                "grids": {level: counted(window, column) for level, column in by_level},
            }
            for days, window in zip(WINDOWS_DAYS, windows, strict=True)
        ],
        "layers": layers,
        "grids": names_by_code(data.frame("grids"), locale),
        "parties": party_names(data, locale, layers),
        "levels": {level.name: level.title(locale) for level in data.city.levels},
        "level": first_level(data.city),
    }
    return Drawing(facts)


def _since(issues: gpd.GeoDataFrame, as_of: dt.datetime, days: int) -> gpd.GeoDataFrame:
    """The issues of the ``days`` before ``as_of``."""
    if not len(issues):
        return issues
    return issues[issues["reported_at"] > pd.Timestamp(as_of - dt.timedelta(days=days))]


def counted(issues: pd.DataFrame, column: str) -> Json:
    """Issues by grid: rows of code and count, most first and equal counts by code; how many lie in no grid."""
    codes = issues[column].dropna() if column in issues else pd.Series(dtype=object)
    rows = sorted(codes.value_counts().items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {"rows": [[code, int(count)] for code, count in rows], "outside": len(issues) - len(codes)}


def first_level(city: City) -> str:
    """The level counted by at first: communities, else the one above the lowest."""
    names = [level.name for level in city.levels]
    return "community" if "community" in names else names[max(len(names) - 2, 0)]
