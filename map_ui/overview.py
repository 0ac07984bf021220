"""The overview: territory, places, facilities and issues with whoever is responsible."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import shapely

from gis_core.assignment import GRID_COLUMNS
from layers import LAYERS
from map_ui.data import MapData
from map_ui.draw import (
    MOST_FEATURES,
    Drawing,
    Json,
    category_names,
    columns,
    localised,
    names_by_code,
    party_names,
    place_type_names,
    positions,
    shapes,
)
from map_ui.legend import (
    COMPONENTS,
    OTHER,
    OTHER_COLOUR,
    PARTIES,
    RULES,
    STATUSES,
    STREETS,
    dots,
    grouped,
    items,
    most_common_first,
    place_style,
)
from map_ui.texts import TEXTS, core_texts, number

MOST_ISSUES = 5_000
"""Issues are objects one can click; more than this and the page no longer moves."""

ISSUE_COLUMNS = (
    "code", "status", "description", "address", "grid_distance_m", "street", "street_distance_m", "street_side",
    "place", "facility", "contract", "contractor", "responsible", "responsible_kind", "rule", "supervises", "owns",
    "handles", "holds", "flags",
)  # fmt: skip


def draw(data: MapData, locale: str) -> Drawing:
    """The overview in ``locale``."""
    layers = [
        *grid_layers(data, locale),
        street_layer(data, locale),
        place_layer(data, locale),
        facility_layer(data, locale),
        issue_layer(data, locale),
    ]
    facts = {
        "layers": layers,
        "parties": party_names(data, locale, *(layer["columns"] for layer in layers)),
        "grids": names_by_code(data.frame("grids"), locale),
        "levels": {level.name: level.title(locale) for level in data.city.levels},
        "rules": core_texts("rule_", locale),
        "flags": core_texts("flag_", locale),
    }
    notes = [
        TEXTS.say("cut", locale, layer=layer["title"], shown=number(layer["count"]), total=number(layer["total"]))
        for layer in layers
        if layer["count"] < layer["total"] and layer["popup"] != "issue"
    ]
    return Drawing(facts, _issues_shown(layers[-1]["count"], data.issues_total, locale), notes)


def _issues_shown(shown: int, total: int, locale: str) -> str:
    key = "issues_none" if not total else "issues_all" if shown >= total else "issues_newest"
    return TEXTS.say(key, locale, shown=number(shown), total=number(total))


def layer(popup: str, title: str, total: int, filters: Sequence[Json], **content: Any) -> Json:
    """One layer as the script takes it: each filter is a column and the legend items its values stand for."""
    shown = len(next(iter(content["columns"].values())))
    return {"popup": popup, "title": title, "count": shown, "total": total, "filters": list(filters), **content}


def grid_layers(data: MapData, locale: str) -> list[Json]:
    """One layer a level, from the top down; the lowest lies under a click, the outermost frames the city."""
    grids, title = data.frame("grids"), LAYERS["grids"].title[locale == "zh"]
    levels = data.city.levels
    drawn = []
    for depth, level in enumerate(levels):
        cells = grids[grids["level"] == level.name] if len(grids) else grids
        if not len(cells):
            continue
        cut = cells.head(MOST_FEATURES)
        lowest = depth == len(levels) - 1
        style = {
            "color": LAYERS["grids"].style.colour,
            "weight": 0.7 if lowest else 1.4 + 0.8 * (len(levels) - 1 - depth),
            "opacity": 0.55 if lowest else 0.75,
            "fillOpacity": 0.03 if lowest else 0,
        }
        content = columns(cut, ["code", "level", "parent", "organisation", "area_m2"])
        content["name"] = localised(cut, locale)
        legend = items(
            content["level"], {level.name: level.title(locale)}, {level.name: style},
            swatch="area", shown=lowest or depth == 0,
        )  # fmt: skip
        drawn.append(
            layer("grid", title, len(cells), [{"by": "level", "items": legend}],
                  columns=content, shapes=shapes(cut), label="area", below=not lowest)
        )  # fmt: skip
    return drawn


def street_layer(data: MapData, locale: str) -> Json:
    """Streets by class."""
    streets = data.frame("streets")
    cut = streets.head(MOST_FEATURES)
    content = columns(cut, ["code", "class", "width_m", "footway_m", "length_m"]) | {"name": localised(cut, locale)}
    labels = {name: TEXTS.say(f"class_{name}", locale) for name in STREETS}
    legend = items(content["class"], labels, STREETS, swatch="line")
    title = LAYERS["streets"].title[locale == "zh"]
    by_class = [{"by": "class", "items": legend}]
    return layer("street", title, len(streets), by_class, columns=content, shapes=shapes(cut), label="line")


def place_layer(data: MapData, locale: str) -> Json:
    """Places by type, markets first and strongest."""
    places = data.frame("places")
    cut = places.head(MOST_FEATURES)
    names = place_type_names(data, locale)
    content = columns(cut, ["code", "type", "operator", "supervisor", "address"]) | {"name": localised(cut, locale)}
    content["group"] = grouped(content["type"], first="market")
    content["type"] = [names.get(code, code) for code in content["type"]]
    styles = {code: place_style(code) for code in dict.fromkeys(most_common_first(content["group"], "market"))}
    labels = names | {OTHER: TEXTS.say("other_types", locale)}
    legend = items(content["group"], labels, styles, swatch="area")
    flat = shapely.get_dimensions(cut.geometry.to_numpy()) == 2
    outlined = {group for group, area in zip(content["group"], flat, strict=True) if area}
    for item in legend:
        item["swatch"] = "area" if item["value"] in outlined else "dot"
    title = LAYERS["places"].title[locale == "zh"]
    by_type = [{"by": "group", "items": legend}]
    return layer("place", title, len(places), by_type, columns=content, shapes=shapes(cut), label="area")


def facility_layer(data: MapData, locale: str) -> Json:
    """Facilities by component class, switched off at first."""
    facilities = data.frame("facilities")
    cut = facilities.head(MOST_FEATURES)
    content = columns(cut, ["code", "scheme", "category", "supervises", "owns", "maintains", "state"])
    content["name"] = localised(cut, locale)
    known = category_names(data, locale)
    keys = zip(content.pop("scheme"), content["category"], strict=True)
    titles = {code: known.get((scheme, "component", code)) or code for scheme, code in keys}
    content["group"] = grouped(content["category"])
    content["category"] = [titles[code] for code in content["category"]]
    styles = {
        code: {"color": colour, "weight": 1, "fillColor": colour, "fillOpacity": 0.55, "radius": 2.5}
        for code, colour in zip(most_common_first(content["group"]), [*COMPONENTS, OTHER_COLOUR], strict=False)
    }
    labels = titles | {OTHER: TEXTS.say("other_types", locale)}
    legend = items(content["group"], labels, styles, swatch="dot", shown=False)
    title = LAYERS["facilities"].title[locale == "zh"]
    by_class = [{"by": "group", "items": legend}]
    return layer("facility", title, len(facilities), by_class, columns=content, points=positions(cut))


def issue_layer(data: MapData, locale: str) -> Json:
    """The newest issues, coloured by the kind of party responsible or by the rule that found it."""
    issues = data.newest_issues(MOST_ISSUES)
    chain = GRID_COLUMNS[: len(data.city.levels)]
    content = columns(issues, [*ISSUE_COLUMNS, "category", *chain])
    content["grids"] = [[code for code in codes if code] for codes in zip(*map(content.pop, chain), strict=True)]
    content["category"] = _issue_categories(data, locale, issues)
    if len(issues):
        local = issues["reported_at"].dt.tz_convert(data.city.zone)
        content["reported"] = local.dt.strftime("%Y-%m-%d %H:%M").tolist()
    content["place_name"] = _named(content["place"], names_by_code(data.frame("places"), locale))
    content["street_name"] = _named(content["street"], names_by_code(data.frame("streets"), locale))
    title = LAYERS["issues"].title[locale == "zh"]
    filters = _issue_filters(content, locale)
    return layer("issue", title, data.issues_total, filters, columns=content, points=positions(issues))


def _named(codes: Sequence[str | None], names: Mapping[str, str | None]) -> list[str | None]:
    return [names.get(code) or code if code else None for code in codes]


def _issue_categories(data: MapData, locale: str, issues: pd.DataFrame) -> list[str]:
    known = category_names(data, locale)
    keys = columns(issues, ["scheme", "kind", "category"])
    return [known.get(key) or str(key[2]) for key in zip(*keys.values(), strict=True)]


def _issue_filters(content: Mapping[str, list[Any]], locale: str) -> list[Json]:
    """Two ways of colouring, of which one is chosen at a time, and the status."""
    parties = {kind: TEXTS.say(f"kind_{kind}", locale) for kind in PARTIES}
    rules = {rule: TEXTS.say(f"short_{rule}", locale) for rule in RULES}
    statuses = {status: TEXTS.say(f"status_{status}", locale) for status in STATUSES}
    return [
        {"by": "responsible_kind", "title": TEXTS.say("by_party", locale), "choice": True,
         "items": items(content["responsible_kind"], parties, dots(PARTIES), swatch="dot")},
        {"by": "rule", "title": TEXTS.say("by_rule", locale), "choice": True,
         "items": items(content["rule"], rules, dots(RULES), swatch="dot")},
        {"by": "status", "title": TEXTS.say("by_status", locale),
         "items": items(content["status"], statuses, STATUSES, swatch="dot")},
    ]  # fmt: skip
