"""The overview: territory, places, facilities and issues with whoever is responsible."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core import answers
from map_ui.data import MapData
from map_ui.draw import (
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
    thinned,
)
from map_ui.legend import (
    COMPONENTS,
    MANY,
    OTHER,
    OTHER_COLOUR,
    PARTIES,
    RULES,
    STATUSES,
    dots,
    grouped,
    items,
    most_common_first,
    place_style,
)
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, layer, street_layer
from map_ui.texts import TEXTS, core_texts, number

MOST_ISSUES = 5_000
"""Issues are objects one can click; more than this and the page no longer moves."""

ISSUE_COLUMNS = (
    "code", "status", "description", "address", "grid_distance_m", "street", "street_distance_m", "street_side",
    "place", "frontage", "facility", "contract", "contractor", "responsible", "responsible_kind", "rule", "supervises",
    "owns", "handles", "holds", "flags",
)  # fmt: skip

NEEDS = {
    "grids": GRID_COLUMNS,
    "streets": STREET_COLUMNS,
    "places": ("code", "name", "names", "type", "operator", "supervisor", "address"),
    "facilities": ("code", "name", "scheme", "category", "supervises", "owns", "maintains", "state"),
    "parties": ("code", "kind", "name", "names"),
    "categories": ("scheme", "kind", "code", "name", "names"),
    "issues": (*ISSUE_COLUMNS, "scheme", "kind", "category", "reported_at", *answers.GRID_COLUMNS),
}
"""The columns the page draws, by frame."""


def draw(data: MapData, locale: str) -> Drawing:
    """The overview in ``locale``."""
    issues = issues_to_show(data)
    layers = [
        *grid_layers(data, locale),
        street_layer(data, locale),
        place_layer(data, locale),
        facility_layer(data, locale),
        issue_layer(data, issues, locale),
    ]
    facts = {
        "layers": layers,
        "parties": party_names(data, locale, layers),
        "grids": names_by_code(data.frame("grids"), locale),
        "levels": {level.name: level.title(locale) for level in data.city.levels},
        "rules": core_texts("rule_", locale),
        "flags": core_texts("flag_", locale),
    }
    parts = [("cut", layer["title"], layer["count"], layer["total"]) for layer in layers[:-1]]
    parts += [
        ("cut_newest", TEXTS.say(f"issues_{status}", locale), int((issues["status"] == status).sum()), total)
        for status, total in data.issue_counts.items()
        if len(issues)
    ]
    notes = [
        TEXTS.say(key, locale, layer=title, shown=number(shown), total=number(total))
        for key, title, shown, total in parts
        if shown < total
    ]
    return Drawing(facts, notes)


def issues_to_show(data: MapData) -> gpd.GeoDataFrame:
    """The newest issues, open ones before closed, as many as a page can hold."""
    issues = data.issues()
    if not len(issues):
        return issues
    return issues.iloc[np.argsort(issues["status"] != "open", kind="stable")].head(MOST_ISSUES)


def place_layer(data: MapData, locale: str) -> Json:
    """Places by type, markets first and strongest."""
    places = data.frame("places")
    cut = thinned(places)
    names = place_type_names(data, locale)
    content = columns(cut, ["code", "type", "operator", "supervisor", "address"]) | {"name": localised(cut, locale)}
    content["group"] = grouped(content["type"], first="market")
    content["type"] = [names.get(code, code) for code in content["type"]]
    styles = {code: place_style(code) for code in dict.fromkeys(most_common_first(content["group"], "market"))}
    labels = names | {OTHER: TEXTS.say("other_types", locale)}
    groups = pd.Series(content["group"], dtype=object)
    flat = shapely.get_dimensions(cut.geometry.to_numpy()) == 2
    dense = groups[~flat].value_counts()
    legend = items(groups, labels, styles, swatch="dot", hidden=dense.index[dense > MANY])
    outlined = set(groups[flat])
    for item in legend:
        item["swatch"] = "area" if item["value"] in outlined else "dot"
    by_type = [{"by": "group", "items": legend}]
    return layer("places", len(places), by_type, locale, columns=content, shapes=shapes(cut), label="area")


def facility_layer(data: MapData, locale: str) -> Json:
    """Facilities by component class, switched off at first."""
    facilities = data.frame("facilities")
    cut = thinned(facilities)
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
    by_class = [{"by": "group", "items": items(content["group"], labels, styles, swatch="dot")}]
    return layer("facilities", len(facilities), by_class, locale, shown=False, columns=content, points=positions(cut))


def issue_layer(data: MapData, issues: gpd.GeoDataFrame, locale: str) -> Json:
    """Issues, coloured by the kind of party responsible or by the rule that found it; closed ones start hidden."""
    chain = answers.GRID_COLUMNS[: len(data.city.levels)]
    content = columns(issues, [*ISSUE_COLUMNS, "category", *chain])
    content["grids"] = [[code for code in codes if code] for codes in zip(*map(content.pop, chain), strict=True)]
    content["category"] = _issue_categories(data, locale, issues)
    if len(issues):
        local = issues["reported_at"].dt.tz_convert(data.city.zone)
        content["reported"] = local.dt.strftime("%Y-%m-%d %H:%M").tolist()
    content["place_name"] = _named(content["place"], names_by_code(data.frame("places"), locale))
    content["street_name"] = _named(content["street"], names_by_code(data.frame("streets"), locale))
    total = sum(data.issue_counts.values())
    return layer("issues", total, _issue_filters(content, locale), locale, columns=content, points=positions(issues))


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
         "items": items(content["status"], statuses, STATUSES, swatch="dot", hidden=("closed",))},
    ]  # fmt: skip
