"""Answers about hot spots of the town of the map pages, by the columns that methods answer with."""

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis_core.city import City
from gis_core.crs import project
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.surface import Surface, breaks_of, canvas_of, heat
from map_ui.data import Hotspots
from map_ui.hotspots import Step, pictured

WEEKS, DAYS, LAST = 12, 28, dt.date(2026, 3, 30)
HOT = "4501022"
"""The unit in the middle of the town."""
PERS = ("none", "size", "shops", "patrol")
UNITS = {"none": "unit", "size": "km2", "shops": "shop", "patrol": "km_h"}
PATTERNS = ("hot_intensifying", "hot_new", "hot_persistent", "hot_diminishing", "none")
OF_PATTERN = ("worse", "new", "lasting", "fading", "none")

FOUND: dict[tuple[Any, ...], Hotspots] = {}
"""By grids, since every test asks for the same town."""


def found(grids: gpd.GeoDataFrame, city: City, hostile: str) -> Hotspots:
    """Everything the page of hot spots can show; by patrol nothing is known of the period before."""
    if not len(grids):
        return Hotspots(answers={}, spans={})
    key = (*grids["code"], *grids.total_bounds)
    if key not in FOUND:
        FOUND[key] = _found(grids, city, hostile)
    return FOUND[key]


def _found(grids: gpd.GeoDataFrame, city: City, hostile: str) -> Hotspots:
    answers: dict[tuple[str, ...], Any]
    answers, steps = surfaces(grids, city.metric_srid)
    for level in ("unit", "community"):
        cells = grids[grids["level"] == level].sort_values("code")
        for per in PERS:
            answers["significance", level, per, "now"] = significant(cells, per)
            answers["significance", level, per, "before"] = significant(cells, per, calm=True)
        answers["emerging", level] = emerging(cells)
    answers["significance", "unit", "patrol", "before"] = InvalidInput("hotspot_steps", found=0, expected=10)
    shape = grids[grids["code"] == HOT].geometry if HOT in set(grids["code"]) else grids.geometry.head(1)
    answers["scan",] = circle(shape)
    answers["clusters",] = Answer(
        gpd.GeoDataFrame(
            {"category": ["0101", hostile], "count": [9, 12], "area_m2": [1234.5, 80.0], "p": [None, 0.002]},
            geometry=[*shape, *shape], crs=4326,
        ),
        {},
    )  # fmt: skip
    bare, pictures = pictured(answers, steps, city.metric_srid)
    return Hotspots(answers=bare, spans=spans(), pictures=pictures, step_days=1, days=28)


def spans() -> dict[str, tuple[dt.date, dt.date]]:
    """The days of each answer."""
    day = dt.timedelta(days=1)
    told = {"now": (LAST - 27 * day, LAST), "before": (LAST - 55 * day, LAST - 28 * day)}
    told |= {"emerging": (LAST - 83 * day, LAST), "scan": told["now"], "clusters": told["now"], "patrol": told["now"]}
    told["forecast"] = (LAST + day, LAST + 14 * day)
    return told | {str(n): (LAST - (DAYS - 1 - n) * day,) * 2 for n in range(DAYS)}


def surfaces(grids: gpd.GeoDataFrame, srid: int) -> tuple[dict[tuple[str, ...], Answer], list[Step]]:
    """Heat of both periods, and the forecast; heat of each day."""
    territory = shapely.union_all(project(grids.geometry.to_numpy(), srid))
    west, south, east, north = shapely.bounds(territory)
    canvas = canvas_of(territory, max(east - west, north - south) / 60)
    inside = np.argwhere(canvas.inside)
    row, column = inside[len(inside) // 2]
    centre = np.array([canvas.west, canvas.south]) + canvas.cell_m * (np.array([column, row]) + 0.5)

    def drawn(count: int, spread: float, days: float) -> Answer:
        xy = centre + np.random.default_rng(count).normal(0, spread * canvas.cell_m, (count, 2))
        xy[:1] = centre
        surface = (
            heat(canvas, xy, 4 * canvas.cell_m, days) if count else Surface(canvas, np.zeros(canvas.inside.shape), 0, 0)
        )
        empty = gpd.GeoDataFrame({"class": []}, geometry=[], crs=4326)
        facts = {"breaks": list(breaks_of(surface)), "peak": float(surface.density.max()), "counted": count,
                 "left_out": 3}  # fmt: skip
        return Answer(empty, facts, surface)

    answers = {("surface", "now"): drawn(60, 9, 28), ("surface", "before"): drawn(40, 15, 28)}
    steps = [(one.surface, one.facts) for one in (drawn(n, 9, 1) for n in range(DAYS))]
    told = [
        {
            "share": share,
            "hit_rate": hit,
            "hit_rate_low": hit - 0.05,
            "hit_rate_high": hit + 0.05,
            "pai": hit / share,
            "pei": 0.6,
        }
        for share, hit in ((0.01, 0.08), (0.02, 0.14), (0.05, 0.3))
    ]
    forecast = drawn(60, 10, 14)
    answers["forecast",] = Answer(forecast.features, forecast.facts | {"told": told}, forecast.surface)
    return answers, steps


def significant(cells: gpd.GeoDataFrame, per: str, *, calm: bool = False) -> Answer:
    """The middle is hot and a core, its neighbour perhaps; of the first nothing is known by patrol."""
    count = len(cells)
    middle = cells["code"].to_numpy() == HOT
    named = np.where(middle & (not calm), "hot_99", "none").astype(object)
    unknown = np.zeros(count, bool)
    unknown[:1] = per == "patrol"
    named[unknown] = "insufficient"
    missing = np.where(unknown, None, 1.0)
    hot = named == "hot_99"
    ratio = [None if no else 2.664 if yes else 0.4 for no, yes in zip(unknown, hot, strict=True)]
    stable = [None if no else 0.75 if yes else 0.0 for no, yes in zip(unknown, hot, strict=True)]
    rows = {
        "code": cells["code"].tolist(), "name": cells["name"].tolist(), "count": np.where(hot, 40, 3),
        "exposure": np.where(unknown, 0.0, 1.25), "observed": np.where(hot, 57.0, 8.0),
        "expected": np.where(unknown, None, 21.4), "ratio": ratio, "rate": missing, "low": missing, "high": missing,
        "p": np.where(hot, 1e-5, 0.7), "q": np.where(hot, 0.004, 1.0), "class": named, "core": hot, "gi_z": missing,
        "gi_class": named, "agree": hot, "shrunk": missing, "stable": stable, "neighbours": np.where(hot, 8, 3),
    }  # fmt: skip
    levels = [
        {"level": level, "cells": int(hot.sum()), "false_cells": hot.sum() * share}
        for level, share in ((99, 0.01), (95, 0.05), (90, 0.1))
    ]
    facts = {"rate": 7.123, "dispersion": 1.0, "found": levels, "unit": UNITS[per], "per": per, "units": count,
             "insufficient": int(unknown.sum())}  # fmt: skip
    return Answer(gpd.GeoDataFrame(rows, geometry=cells.geometry.to_numpy(), crs=4326), facts)


def emerging(cells: gpd.GeoDataFrame) -> Answer:
    """One area of each word, in the order of their codes; the others are as usual."""
    kind = [min(nth, 4) for nth in range(len(cells))]
    states = ["+" * WEEKS, "0" * (WEEKS - 1) + "+", "+" * (WEEKS - 1) + "0", "+" * 6 + "0" * 6, "0" * (WEEKS - 1) + "-"]
    rows = {
        "code": cells["code"].tolist(), "name": cells["name"].tolist(), "pattern": [PATTERNS[k] for k in kind],
        "word": [OF_PATTERN[k] for k in kind], "trend": [(1, 0, 0, -1, 0)[k] for k in kind],
        "slope": [0.1] * len(cells),
        "hot_steps": [states[k].count("+") for k in kind], "last_class": ["hot"] * len(cells),
        "count": [30 - 2 * k for k in kind], "recent_q": [0.5] * len(cells), "states": [states[k] for k in kind],
    }  # fmt: skip
    facts = {"steps": WEEKS, "step_days": 7, "words": {word: kind.count(k) for k, word in enumerate(OF_PATTERN)}}
    return Answer(gpd.GeoDataFrame(rows, geometry=cells.geometry.to_numpy(), crs=4326), facts)


def circle(shape: gpd.GeoSeries) -> Answer:
    """One crowd of the last three days."""
    drawn = [shapely.centroid(one).buffer(0.004) for one in shape]
    row = {"rank": 1, "radius_m": 412.0, "units": 3, "count": 17, "expected": 4.9, "ratio": 3.47, "llr": 9.1,
           "p": 0.004, "days": 3}  # fmt: skip
    return Answer(gpd.GeoDataFrame([row] * len(drawn), geometry=drawn, crs=4326), {})
