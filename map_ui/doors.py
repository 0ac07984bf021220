"""Front doors: signed, unsigned and blank kerb, violations before shops, and streets unrolled."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.ledger import STATES, figures
from map_ui import door_heat
from map_ui.data import MapData
from map_ui.draw import MOST_FEATURES, Drawing, Json, columns, names_by_code, party_names, shapes
from map_ui.legend import items
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, layer, street_layer
from map_ui.texts import TEXTS, number

WINDOW_DAYS = 90
REPEATED = 3
"""So many violations in the window make a repeat offender."""
MOST_REPEATED = 20
NEEDS = {
    "grids": GRID_COLUMNS,
    "streets": STREET_COLUMNS,
    "parties": ("code", "kind", "name", "names"),
    "marks": ("code", "name", "kind"),
}
"""The columns the page draws, by frame."""
_COLOURS = {"signed": "#0072b2", "unsigned": "#d55e00", "blank": "#b8bdc4", "excluded": "#e9dfc8"}
STYLES: dict[str, Json] = {
    state: {"color": colour, "weight": 0.8, "fillColor": colour, "fillOpacity": 0.3 if state == "blank" else 0.75}
    for state, colour in _COLOURS.items()
}
"""Blue and vermilion, told apart by colour-blind eyes and in grey; what is nobody's stays quiet."""
HEAT: dict[str, Json] = {
    name: {"color": edge, "weight": 0.9, "fillColor": colour, "fillOpacity": 0.9}
    for name, colour, edge in (
        ("none", "#ffffff", "#8a949e"), ("few", "#fdbb70", "#b3661b"), ("some", "#ef6548", "#a3321a"),
        ("many", "#8c0000", "#5a0000"), ("nobody", "#e4e7ea", "#c9ced4"),
    )
}  # fmt: skip
"""Violations before a shop's door, light to dark; what is nobody's stays quiet."""
MARKS: dict[str, Json] = {
    "goods": {"color": "#117733", "weight": 1.5, "fillOpacity": 0.1},
    "parking": {"color": "#332288", "weight": 1.5, "fillOpacity": 0.1},
    "no_parking": {"color": "#882255", "weight": 1.5, "fillOpacity": 0.1, "dashArray": "3 3"},
}
PALE = {
    "arterial": {"color": "#c2c8d1", "weight": 2},
    "secondary": {"color": "#cfd4da", "weight": 1.5},
    "branch": {"color": "#dadfe5", "weight": 1},
    "backstreet": {"color": "#e2e6ea", "weight": 0.8},
}


def draw(data: MapData, locale: str) -> Drawing:
    """The page in ``locale``."""
    strips, count = _strips(data)
    shown, found = _most_important(strips), door_heat.scales(data, count)
    rows = strips.index.get_indexer(shown.index)
    layers = [
        *grid_layers(data, locale), street_layer(data, locale, PALE),
        _strip_layer(shown, len(strips), door_heat.columns_of(found, rows), locale),
        _mark_layer(data, locale),
    ]  # fmt: skip
    facts = {
        "layers": layers,
        "grids": names_by_code(data.frame("grids"), locale),
        "parties": party_names(data, locale, layers),
        "levels": {level.name: level.title(locale) for level in data.city.levels},
        "window": WINDOW_DAYS,
        "hot_days": WINDOW_DAYS,
        "totals": _totals(strips),
        "streets": _streets(data, locale, count),
        "parts": _parts(data, shown),
        "hot": door_heat.told(data, found, rows, locale),
        "repeats": _repeats(data, strips),
        "repeated": int((strips["violations"] >= REPEATED).sum()) if len(strips) else 0,
        "least": REPEATED,
        "colours": _COLOURS,
        "prints": data.prints,
    }
    notes = [] if len(strips) else [TEXTS.say("no_strips", locale)]
    if len(shown) < len(strips):
        notes = [TEXTS.say("cut_strips", locale, shown=number(len(shown)), total=number(len(strips)))]
    return Drawing(facts, [data.outdated[locale], *notes] if data.outdated else notes)


def _strips(data: MapData) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Strips with their violations, and these by code."""
    count = data.violations.set_index("frontage")["count"]
    if data.doors is None:
        return gpd.GeoDataFrame({"code": [], "state": [], "violations": []}, geometry=[], crs=4326), count
    strips = data.doors.strips
    return strips.assign(violations=data.doors.told(count)), count


def _most_important(strips: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """As many strips as a page can hold: shops before blanks, then those with most violations."""
    if len(strips) <= MOST_FEATURES:
        return strips
    nobodys = strips["state"].isin(STATES[2:]).to_numpy()
    return strips.iloc[np.lexsort((-strips["violations"].to_numpy(), nobodys))[:MOST_FEATURES]]


def _strip_layer(strips: gpd.GeoDataFrame, total: int, hot: Json, locale: str) -> Json:
    content = columns(strips, ["code", "name", "state", "violations", "units", "agreement", "quality", "origin",
                               "length_m"])  # fmt: skip
    content["until"] = [day and day.isoformat() for day in strips["until"]] if len(strips) else []
    nobodys = [state in STATES[2:] for state in content["state"]]
    content["heat"] = ["nobody" if no else _heat(n) for no, n in zip(nobodys, content["violations"], strict=True)]
    content |= hot
    states = {state: TEXTS.say(f"door_{state}", locale) for state in STATES}
    heats = {name: TEXTS.say(f"door_heat_{name}", locale) for name in HEAT}
    filters = [
        {"by": "state", "title": TEXTS.say("by_state", locale), "choice": True,
         "items": items(content["state"], states, STYLES, swatch="area")},
        {"by": "heat", "title": TEXTS.say("by_violations", locale), "choice": True,
         "items": items(content["heat"], heats, HEAT, swatch="area")},
        *door_heat.filters(content, HEAT["nobody"], locale),
    ]  # fmt: skip
    return layer("frontages", total, filters, locale, columns=content, shapes=shapes(_simplified(strips)))


def _simplified(strips: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Without the vertices of a kerb's curve that no eye would miss."""
    return strips.set_geometry(shapely.simplify(strips.geometry.to_numpy(), 1e-6)) if len(strips) else strips


def _heat(count: int) -> str:
    return "none" if not count else "few" if count < REPEATED else "some" if count < 2 * REPEATED else "many"


def _mark_layer(data: MapData, locale: str) -> Json:
    marks = data.frame("marks")
    content = columns(marks, ["code", "name", "kind"])
    labels = {kind: TEXTS.say(f"mark_{kind}", locale) for kind in MARKS}
    by_kind = [{"by": "kind", "items": items(content["kind"], labels, MARKS, swatch="area")}]
    return layer("marks", len(marks), by_kind, locale, columns=content, shapes=shapes(marks))


def _totals(strips: gpd.GeoDataFrame) -> Json:
    """Metres by state, shops, and shops that signed."""
    if not len(strips):
        return {"shops": 0, "signed_shops": 0, "violations": 0, **dict.fromkeys(STATES, 0)}
    metres = (strips["length_m"] - strips["excluded_m"]).groupby(strips["state"]).sum()
    said = {state: round(float(metres.get(state, 0.0))) for state in STATES}
    said["excluded"] = round(float(strips["excluded_m"].sum()))
    sums = {name: int(strips[of].sum()) for name, of in
            (("shops", "units"), ("signed_shops", "signed_units"), ("violations", "violations"))}  # fmt: skip
    return said | sums


def _streets(data: MapData, locale: str, count: pd.Series) -> list[list[Any]]:
    """Per street with shops: code, name, share of signed metres before shops, shops, shops that have not signed,
    violations per 100 m with their interval; most violations first.
    """
    if data.doors is None or not len(data.doors.fronts):
        return []
    found = figures(data.doors, "street", count)
    found = found[found["units"] > 0].sort_values(["per_100_m", "units"], ascending=False, kind="stable")
    names = names_by_code(data.frame("streets"), locale)
    unsigned = found["units"] - found["signed_units"]
    told = columns(found.assign(share=100 * found["shop_share"], unsigned=unsigned), ["share", "units", "unsigned"])
    rates = found[["per_100_m", "low", "high"]].round(2).fillna(0).to_numpy().tolist()
    rows = zip(found.index, told["share"], told["units"], told["unsigned"], rates, strict=True)
    return [[code, names.get(code) or code, *said, *rate] for code, *said, rate in rows]


def _parts(data: MapData, shown: gpd.GeoDataFrame) -> dict[str, list[list[Any]]]:
    """Per street with shops the pieces of its sides: row of the strip's layer, 1 for left, from where to where, and the
    violations that are drawn there: those of a strip once, on the longest piece along its own street.
    """
    if data.doors is None or not len(data.doors.fronts):
        return {}
    place = np.full(len(data.doors.strips), -1)
    place[data.doors.strips.index.get_indexer(shown.index)] = np.arange(len(shown))
    fronts = data.doors.fronts.assign(row=place[data.doors.fronts["strip"].to_numpy()])
    main = data.doors.strips["street"].to_numpy(object)[data.doors.fronts["strip"].to_numpy()]
    longest = (
        fronts[fronts["street"] == main].sort_values("length_m", kind="stable").drop_duplicates("strip", keep="last")
    )
    fronts["told"] = 0
    fronts.loc[longest.index, "told"] = shown["violations"].reindex(longest["strip"]).fillna(0).to_numpy()
    fronts = fronts[fronts["row"] >= 0].sort_values(["street", "from_m"], kind="stable")
    found: dict[str, list[list[Any]]] = {}
    left = fronts["side"] == "left"
    rows = zip(fronts["street"], fronts["row"], left, fronts["from_m"], fronts["to_m"], fronts["told"], strict=True)
    for street, row, is_left, begin, end, count in rows:
        found.setdefault(street, []).append([int(row), int(is_left), round(begin, 1), round(end, 1), int(count)])
    return found


def _repeats(data: MapData, strips: gpd.GeoDataFrame) -> list[list[Any]]:
    """Strips with repeated violations, most first: code, name, count, on how many days, and the day of the last."""
    again = strips[strips["violations"] >= REPEATED] if len(strips) else strips
    again = again.sort_values(["violations", "code"], ascending=[False, True]).head(MOST_REPEATED)
    known = data.violations.set_index("frontage").reindex(columns=["days", "last"])
    told = known[~known.index.duplicated()].reindex(again["code"].to_numpy(object))
    said = [
        (None if pd.isna(days) else int(days), None if pd.isna(last) else data.local(last)[:10])
        for days, last in zip(told["days"], told["last"], strict=True)
    ]
    rows = zip(again["code"], again["name"], again["violations"], said, strict=True) if len(again) else ()
    return [[code, name or code, int(count), *more] for code, name, count, more in rows]
