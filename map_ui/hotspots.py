"""Hot spots: heat, areas with more than chance explains, what changes, the alarm, the forecast, clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.errors import GisError
from gis_core.hotspots.asking import PER, Answer
from gis_core.hotspots.surface import Surface
from map_ui.data import Hotspots, MapData
from map_ui.draw import Drawing, Json, category_names, names_by_code, packed, party_names, shapes
from map_ui.heat import MAIN_STREETS, first_level
from map_ui.heat_values import painter, picture, scale_of
from map_ui.hotspot_colours import CLASSES, CLUSTER, CROWD, HATCHED, WORDS, ramp
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, street_layer
from map_ui.texts import TEXTS, core_texts

NEEDS = {
    "grids": GRID_COLUMNS,
    "streets": STREET_COLUMNS,
    "parties": ("code", "kind", "name", "names"),
    "categories": ("scheme", "kind", "code", "name", "names"),
}
"""The columns the page draws, by frame."""
MODES = {
    "heat": "surface",
    "areas": "significance",
    "changes": "emerging",
    "alarm": "scan",
    "forecast": "forecast",
    "clusters": "clusters",
}
"""What one looks at, and the method that answers it."""
PERIODS_DAYS, USUAL_DAYS = (7, 28, 90, 365), 28
"""Periods that are offered, up to the newest report, and the one that is shown if none is chosen."""
DIGITS = 3
"""Significant digits of numbers on the page."""
MOST_CLUSTERS = 200
AREAS = (
    "count", "exposure", "observed", "expected", "ratio", "rate", "low", "high", "q", "class", "core", "gi_class",
    "agree", "stable", "neighbours",
)  # fmt: skip
CHANGES = ("count", "word", "pattern", "trend", "hot_steps", "states")
CIRCLES = ("rank", "radius_m", "count", "expected", "ratio", "p", "days")
CLUSTERS = ("category", "count", "area_m2", "p")
Answers = Mapping[tuple[str, ...], Answer | GisError]
Step = tuple[Surface, Mapping[str, Any]]


def draw(data: MapData, locale: str) -> Drawing:
    """The page in ``locale``."""
    told = data.hotspots or Hotspots(answers={}, spans={})
    layers = [*grid_layers(data, locale), street_layer(data, locale, MAIN_STREETS)]
    answers = told.answers
    levels = _levels(answers, data)
    facts = {
        "layers": layers,
        "grids": names_by_code(data.frame("grids"), locale),
        "parties": party_names(data, locale, layers),
        "levels": {level.name: level.title(locale) for level in data.city.levels},
        "modes": list(MODES),
        "spans": {name: [day.isoformat() for day in span] for name, span in told.spans.items()},
        "step_days": told.step_days,
        "periods": list(PERIODS_DAYS) if data.served else [],
        "days": told.days,
        "begin": told.first and told.first.isoformat(),
        "heat": _heat(told),
        "areas": _areas(answers),
        "area_levels": levels["significance"],
        "pers": [per for per in PER if any(key[2] == per for key in answers if key[0] == "significance")],
        "changes": {level: _units(answer, CHANGES) for (method, level), answer in _found(answers, "emerging", 2)},
        "change_levels": levels["emerging"],
        "first": first_level(data.city),
        "alarm": _shaped(answers.get(("scan",)), CIRCLES, data),
        "forecast": _forecast(told),
        "clusters": _clusters(answers.get(("clusters",)), data, locale),
        "missing": dict(_missing(answers, locale)),
        "colours": {"classes": CLASSES, "words": WORDS, "crowd": CROWD, "cluster": CLUSTER, "hatched": list(HATCHED)},
        "named": core_texts("hotspot_", locale),
    }
    return Drawing(facts, _notes(told, locale))


def _levels(answers: Answers, data: MapData) -> dict[str, list[str]]:
    """By method the levels it was asked of, the lowest first."""
    order = [level.name for level in reversed(data.city.levels)]
    return {
        method: [name for name in order if any(key[:2] == (method, name) for key in answers)]
        for method in ("significance", "emerging")
    }


def _found(answers: Answers, method: str, length: int) -> list[tuple[tuple[str, ...], Answer]]:
    return [
        (key, answer)
        for key, answer in answers.items()
        if key[0] == method and len(key) == length and isinstance(answer, Answer)
    ]


def pictured(answers: Answers, steps: Sequence[Step], srid: int) -> tuple[Answers, dict[str, Json]]:
    """Answers without their surfaces, and the pictures of these, which are a hundredth of their size.

    Both periods and each step are on the one scale of the period shown at first, the forecast on one of its own.

    Parameters
    ----------
    steps
        Heat of each step of time, with what was counted.
    srid
        Of the metric CRS of the surfaces.
    """
    scale, forecast = _scale(answers.get(("surface", "now"))), answers.get(("forecast",))
    shown: dict[str, Step] = {
        key[1]: (one.surface, one.facts) for key, one in _found(answers, "surface", 2) if one.surface is not None
    }
    shown |= {str(nth): step for nth, step in enumerate(steps)}
    pictures: dict[str, Json] = {}
    if scale:
        # One canvas, but where the territory changed meanwhile.
        paint = {canvas: painter(canvas, scale, srid) for canvas in {surface.canvas for surface, _ in shown.values()}}
        pictures = {name: paint[one.canvas](one.density) | _counts(facts) for name, (one, facts) in shown.items()}
    if isinstance(forecast, Answer) and forecast.surface is not None and (own := _scale(forecast)):
        pictures["forecast"] = picture(forecast.surface, own, srid)
    bare = {key: replace(one, surface=None) if isinstance(one, Answer) else one for key, one in answers.items()}
    return bare, pictures


def _scale(answer: Answer | GisError | None) -> list[float]:
    """Ends of the bands of an answer that is heat; none where it is cold everywhere, or there is no answer."""
    return scale_of(answer.facts["breaks"], answer.facts["peak"]) if isinstance(answer, Answer) else []


def _heat(told: Hotspots) -> Json | None:
    """Pictures of both periods and of each step, and their scale."""
    scale = _scale(told.answers.get(("surface", "now")))
    if not scale:
        return None
    pictures = {name: picture for name, picture in told.pictures.items() if name != "forecast"}
    return {"scale": scale, "colours": ramp(len(scale) - 2), "pictures": pictures}


def _counts(facts: Mapping[str, Any]) -> Json:
    return {name: int(facts[name]) for name in ("counted", "left_out")}


def _areas(answers: Answers) -> Json:
    """By level, comparison and period."""
    return {"|".join(key[1:]): _units(answer, AREAS) for key, answer in _found(answers, "significance", 4)}


def _units(answer: Answer, names: Sequence[str]) -> Json:
    """Columns of units by code, whose shapes the page has already, and what is said of the whole."""
    frame = answer.features
    kept = {name: packed(_plain(frame[name])) for name in ("code", *names) if name in frame}
    return {"columns": kept, "size": len(frame), "facts": answer.facts}


def _plain(values: pd.Series) -> list[Any]:
    """A column for the page: numbers to a few digits, ``None`` for what is not told."""
    return [_short(value) for value in values.astype(object).where(values.notna(), None)]


def _short(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    return value


def _shaped(
    answer: Answer | GisError | None, names: Sequence[str], data: MapData, most: int | None = None
) -> Json | None:
    """Columns and shapes of features that are nothing else on the page, and the cell that each is about."""
    if not isinstance(answer, Answer):
        return None
    shown = answer.features.head(most) if most else answer.features
    columns = {name: _plain(shown[name]) for name in names if name in shown} | {"near": _near(shown, data)}
    drawn = shapes(shown) if len(shown) else []
    return {"columns": columns, "shapes": drawn, "size": len(answer.features), "facts": answer.facts}


def _near(shapes: gpd.GeoDataFrame, data: MapData) -> list[str | None]:
    """The lowest cell at the middle of each shape, or the one nearest to it."""
    grids = data.frame("grids")
    order = [level.name for level in reversed(data.city.levels)]
    lowest = next((name for name in order if len(grids) and (grids["level"] == name).any()), None)
    if lowest is None or not len(shapes):
        return [None] * len(shapes)
    cells = grids[grids["level"] == lowest]
    centres = shapely.centroid(shapes.geometry.to_numpy())
    _, at = shapely.STRtree(cells.geometry.to_numpy()).query_nearest(centres, all_matches=False)
    return cells["code"].to_numpy(object)[at].tolist()


def _forecast(told: Hotspots) -> Json | None:
    """The picture on a scale of its own, and how good the last one was."""
    answer = told.answers.get(("forecast",))
    scale = _scale(answer)
    if not scale or not isinstance(answer, Answer):
        return None
    scored = [{name: _short(value) for name, value in row.items()} for row in answer.facts["told"]]
    return {"scale": scale, "colours": ramp(len(scale) - 2), "picture": told.pictures["forecast"], "told": scored}


def _clusters(answer: Answer | GisError | None, data: MapData, locale: str) -> Json | None:
    """Clusters, the largest first, by the names of their classes."""
    if isinstance(answer, Answer) and len(answer.features):
        features: gpd.GeoDataFrame = answer.features.sort_values("count", ascending=False, kind="stable")
        names = {code: name for (_, _, code), name in category_names(data, locale).items()}
        said = features["category"].map(lambda code: names.get(code) or code)
        answer = Answer(features.assign(category=said), answer.facts)
    return _shaped(answer, CLUSTERS, data, MOST_CLUSTERS)


def _missing(answers: Answers, locale: str) -> list[tuple[str, str]]:
    """Why there is no answer, by the question."""
    return [("|".join(key), fault.text(locale)) for key, fault in answers.items() if isinstance(fault, GisError)]


def _notes(told: Hotspots, locale: str) -> list[str]:
    return [] if told.answers else [TEXTS.say("hotspots_nothing", locale)]
