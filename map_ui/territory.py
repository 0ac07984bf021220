"""What every page draws beneath its own subject: grids of every level, and streets."""

from collections.abc import Mapping, Sequence
from typing import Any

from layers import LAYERS
from map_ui.data import MapData
from map_ui.draw import Json, columns, localised, packed, shapes, thinned
from map_ui.legend import STREETS, items
from map_ui.texts import TEXTS

GRID_COLUMNS = ("code", "name", "names", "level", "parent", "organisation", "area_m2")
STREET_COLUMNS = ("code", "name", "names", "class", "width_m", "footway_m", "length_m")


def layer(name: str, of: int, filters: Sequence[Json], locale: str, *, shown: bool = True, **content: Any) -> Json:
    """One layer as the script takes it.

    Parameters
    ----------
    name
        Name in :data:`layers.LAYERS`, or the key of its title; by it the script also knows what a click tells.
    of
        How many features there are, of which the page may hold a part.
    filters
        Each is a column and the legend items its values stand for.
    shown
        Whether the layer is switched on at first.
    content
        ``columns``, and ``shapes`` or ``points``; further facts by the name the script knows.
    """
    title = LAYERS[name].title[locale == "zh"] if name in LAYERS else TEXTS.say(name, locale)
    head = {"name": name, "title": title, "total": of, "shown": shown}
    count = len(next(iter(content["columns"].values())))
    content["columns"] = {column: packed(values) for column, values in content["columns"].items()}
    return {**head, "count": count, "filters": list(filters), **content}


def grid_layers(data: MapData, locale: str) -> list[Json]:
    """One layer a level, from the top down; the two upper levels and the lowest are switched on."""
    grids = data.frame("grids")
    lowest = len(data.city.levels) - 1
    drawn = []
    for depth, level in enumerate(data.city.levels):
        cells = grids[grids["level"] == level.name] if len(grids) else grids
        if not len(cells):
            continue
        cut = thinned(cells)
        style = {
            "color": LAYERS["grids"].style.colour,
            "weight": 0.7 if depth == lowest else max(1.2, 3.2 - 0.9 * depth),
            "opacity": 0.55 if depth == lowest else 0.75,
            "fillOpacity": 0.03 if depth == lowest else 0,
        }
        content = columns(cut, ["code", "level", "parent", "organisation", "area_m2"])
        content["name"] = localised(cut, locale)
        legend = items(
            content["level"], {level.name: level.title(locale)}, {level.name: style},
            swatch="area", hidden=() if depth in (0, 1, lowest) else (level.name,),
        )  # fmt: skip
        by_level = [{"by": "level", "items": legend}]
        drawn.append(
            layer("grids", len(cells), by_level, locale, columns=content, shapes=shapes(cut), label="area",
                  depth=depth, below=depth < lowest)
        )  # fmt: skip
    return drawn


def street_layer(data: MapData, locale: str, styles: Mapping[str, Json] = STREETS) -> Json:
    """Streets of the classes in ``styles``."""
    streets = data.frame("streets")
    if len(streets):
        streets = streets[streets["class"].isin(styles)]
    cut = thinned(streets)
    content = columns(cut, ["code", "class", "width_m", "footway_m", "length_m"]) | {"name": localised(cut, locale)}
    labels = {name: TEXTS.say(f"class_{name}", locale) for name in STREETS}
    by_class = [{"by": "class", "items": items(content["class"], labels, styles, swatch="line")}]
    return layer("streets", len(streets), by_class, locale, columns=content, shapes=shapes(cut), label="line")
