"""Backstreets: what was walked, how long ago, and what nobody has walked."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.patrol.percent import percents
from map_ui import patrol_heat
from map_ui.data import MapData, Patrolled
from map_ui.doors import PALE
from map_ui.draw import (
    MOST_FEATURES,
    Drawing,
    Json,
    columns,
    names_by_code,
    party_names,
    place_type_names,
    shapes,
)
from map_ui.heat import first_level
from map_ui.legend import items
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, layer, street_layer
from map_ui.texts import TEXTS, number

WINDOWS_DAYS = (1, 3, 7, 14, 30)
SIDES = [f"visits_{side}_{days}" for days in WINDOWS_DAYS for side in ("left", "right")]
"""Visits by side, which only wide segments have."""
MOST_ROWS, MOST_QUOTAS = 60, 200
NEEDS = {
    "grids": GRID_COLUMNS,
    "streets": STREET_COLUMNS,
    "parties": ("code", "kind", "name", "names"),
}
"""The columns the page draws, by frame."""
STATUSES: dict[str, Json] = {
    "walked": {"color": "#0072b2", "weight": 3},
    "probable": {"color": "#6bb8e6", "weight": 3},
    "blind": {"color": "#d1420a", "weight": 4.5},
    "no_data": {"color": "#7d8790", "weight": 2.5, "dashArray": "3 5"},
}
"""Blue and vermilion, told apart by colour-blind eyes; what nobody knows is dashed and grey."""
FRESHNESS: dict[str, Json] = {
    "d1": {"color": "#08589e", "weight": 3},
    "d3": {"color": "#4eb3d3", "weight": 3},
    "d7": {"color": "#d9a91f", "weight": 3.5},
    "d30": {"color": "#e3700f", "weight": 4},
    "never": {"color": "#8c1515", "weight": 4.5},
    "no_data": STATUSES["no_data"],
}
"""Blue for what is fresh over yellow to dark red, and the older the wider."""
AGES_H = {"d1": 24, "d3": 72, "d7": 168, "d30": 720}
"""Younger than so many hours, by class."""
URGENCY = ("overdue", "missed", "due", "on_time", "done")


def draw(data: MapData, locale: str) -> Drawing:
    """The page in ``locale``."""
    told = data.patrol
    segments = _ranked(told.segments, _window(data)) if told is not None else _nothing()
    shown = segments.head(MOST_FEATURES)
    layers = [
        *grid_layers(data, locale),
        street_layer(data, locale, PALE),
        _segment_layer(data, shown, segments, locale),
    ]
    by = {**_cells(data, segments), "contractor": segments["contractor"].astype(object)}
    tables = {str(days): dict(_tables(segments, by, days)) for days in WINDOWS_DAYS}
    contractors = {row[0] for found in tables.values() for row in found.get("contractor", {"rows": []})["rows"]}
    names = names_by_code(data.parties, locale)
    titles = {level.name: level.title(locale) for level in data.city.levels}
    facts = {
        "layers": layers,
        "grids": names_by_code(data.frame("grids"), locale),
        "parties": party_names(data, locale, layers) | {code: names.get(code) for code in contractors},
        "levels": titles,
        "by": titles | {"contractor": TEXTS.say("contractor", locale)},
        "first": first_level(data.city),
        "windows": WINDOWS_DAYS,
        "window": _window(data),
        "totals": {str(days): _totals(segments, days) for days in WINDOWS_DAYS},
        "tables": tables,
        "colours": {status: style["color"] for status, style in STATUSES.items()},
        "zone": data.city.timezone,
        "spans": {} if told is None else {str(days): _span(data, told, days) for days in WINDOWS_DAYS},
        "until": None if told is None else int(told.as_of.timestamp()),
        "until_words": None if told is None else _until(data, told, locale),
        "stale": told is not None and told.newest is not None and _age_days(data, told) > 1,
        "ended": _ended(data),
        "quotas": [] if told is None else _quotas(data, told, locale),
        "quota_states": {} if told is None else _counted(told),
        "replays": data.replays and data.served,
        "hot": patrol_heat.told(data, shown),
        "hot_days": max(WINDOWS_DAYS),
    }
    return Drawing(facts, _notes(data, len(shown), len(segments), locale))


def _nothing() -> gpd.GeoDataFrame:
    names = ["street", "name", "class", "from_m", "to_m", "length_m", "grid", "contractor", "age_h", "gap_h"]
    told = [f"{what}_{days}" for days in WINDOWS_DAYS for what in ("status", "visits", "share")]
    return gpd.GeoDataFrame({name: [] for name in (*names, *told, *SIDES)}, geometry=[], crs=4326)


def _window(data: MapData) -> int:
    """The days shown at first: those after which the city calls a street unwalked, or a week."""
    return data.city.patrol.unwalked_days if data.city.patrol.unwalked_days in WINDOWS_DAYS else 7


def _ranked(segments: gpd.GeoDataFrame, days: int) -> gpd.GeoDataFrame:
    """The most important first: blind ones, then those longest unwalked, then the longest."""
    if not len(segments):
        return _nothing()
    blind = (segments[f"status_{days}"] == "blind").to_numpy()
    age_h = segments["age_h"].fillna(np.inf).to_numpy(np.float64)
    order = np.lexsort((segments["from_m"], segments["street"], -segments["length_m"].to_numpy(), -age_h, ~blind))
    return segments.iloc[order]


def freshness_of(segments: pd.DataFrame) -> list[str]:
    """The class of each segment in :data:`FRESHNESS`."""
    if not len(segments):
        return []
    age_h = segments["age_h"].to_numpy(np.float64)
    unknown = (segments["status_30"] == "no_data").to_numpy()
    classes = [age_h < most for most in AGES_H.values()]
    return np.select([*classes, unknown], [*AGES_H, "no_data"], default="never").tolist()


def _segment_layer(data: MapData, shown: gpd.GeoDataFrame, segments: gpd.GeoDataFrame, locale: str) -> Json:
    """Segments by status in the window and by freshness, of which one is chosen."""
    told = {f"share_{days}": percents(shown[f"share_{days}"].to_numpy(np.float64)) for days in WINDOWS_DAYS}
    # Hours without minutes: nobody is followed by what the page holds.
    whole = ("from_m", "to_m", "length_m", "age_h", "gap_h")
    told |= {name: shown[name].astype(np.float64).round() for name in whole}
    names = [f"{what}_{days}" for days in WINDOWS_DAYS for what in ("status", "visits", "share")]
    plain = ["street", "class", "from_m", "to_m", "length_m", "grid", "contractor", "age_h", "gap_h", *names]
    content = columns(shown.assign(**told), plain)
    known = names_by_code(data.frame("streets"), locale)
    given = columns(shown, ["name"])["name"]
    content["name"] = [known.get(code) or name or code for code, name in zip(content["street"], given, strict=True)]
    content["fresh"] = freshness_of(shown)
    sides = zip(*columns(shown, SIDES).values(), strict=True)
    content["sides"] = [None if None in counts else counts for counts in sides]
    content["status"] = content[f"status_{_window(data)}"]
    content |= patrol_heat.columns_of(data.patrol.heat if data.patrol else None, shown)
    occurring = {status for days in WINDOWS_DAYS for status in content[f"status_{days}"]}
    statuses = {status: TEXTS.say(f"patrol_{status}", locale) for status in STATUSES}
    ages = {one: TEXTS.say("patrol_no_data" if one == "no_data" else f"fresh_{one}", locale) for one in FRESHNESS}
    ended = _ended(data)
    fresh = TEXTS.say("by_freshness_ended" if ended else "by_freshness", locale, day=ended)
    filters = [
        {"by": "status", "title": TEXTS.say("by_patrol", locale), "choice": True,
         "items": items(occurring, statuses, STATUSES, swatch="line")},
        {"by": "fresh", "title": fresh, "choice": True,
         "items": items(content["fresh"], ages, FRESHNESS, swatch="line")},
        *patrol_heat.filters(content, locale),
    ]  # fmt: skip
    thin = shown.set_geometry(shapely.simplify(shown.geometry.to_numpy(), 1e-6)) if len(shown) else shown
    return layer("segments", len(segments), filters, locale, columns=content, shapes=shapes(thin))


def _totals(segments: pd.DataFrame, days: int) -> Json:
    """Metres and segments by status."""
    by_status = segments["length_m"].astype(np.float64).groupby(segments[f"status_{days}"].astype(object))
    metres, count = by_status.sum(), by_status.size()
    return {status: [round(float(metres.get(status, 0.0))), int(count.get(status, 0))] for status in STATUSES}


def _tables(segments: pd.DataFrame, by: Mapping[str, pd.Series], days: int) -> Iterator[tuple[str, Json]]:
    """By level, and by contractor: rows of code and metres by status, most blind metres first; how many there are."""
    metres, status = segments["length_m"].astype(np.float64), segments[f"status_{days}"].astype(object)
    for name, codes in by.items():
        if not codes.notna().any():
            continue
        found = metres.groupby([codes.fillna("").rename("code"), status.rename("status")]).sum().unstack(fill_value=0.0)
        found = found.reindex(columns=list(STATUSES), fill_value=0.0).round().astype(np.int64).reset_index()
        found = found.sort_values(["blind", "no_data", "code"], ascending=[False, False, True])
        rows = [[row[0] or None, *row[1:]] for row in found.head(MOST_ROWS).to_numpy(object).tolist()]
        yield name, {"rows": rows, "total": len(found)}


def _cells(data: MapData, segments: pd.DataFrame) -> Mapping[str, pd.Series]:
    """By level the cell that each segment's lowest grid lies in."""
    grids = data.frame("grids")
    if not len(grids):
        return {}
    level = dict(zip(grids["code"], grids["level"], strict=True))
    parent = dict(zip(grids["code"], grids["parent"], strict=True))
    above: dict[str, dict[str, str]] = {}
    for code in segments["grid"].dropna().unique():
        cell = code
        while cell in level and level[cell] not in above.setdefault(code, {}):
            above[code][level[cell]] = cell
            cell = parent[cell]
    found = {one.name: {code: cells.get(one.name) for code, cells in above.items()} for one in data.city.levels}
    return {name: segments["grid"].astype(object).map(cells).astype(object) for name, cells in found.items()}


def _span(data: MapData, told: Patrolled, days: int) -> list[str]:
    """First and last local day of a period."""
    last = (told.as_of - dt.timedelta(seconds=1)).astimezone(data.city.zone).date()
    return [(last - dt.timedelta(days=days - 1)).isoformat(), last.isoformat()]


def _until(data: MapData, told: Patrolled, locale: str) -> list[str]:
    """Where the windows end, and how old the newest tracks are."""
    said = [TEXTS.say("patrol_until", locale, time=data.local(told.as_of), zone=data.city.timezone)]
    if told.newest is None:
        return said
    days = _age_days(data, told)
    return [*said, TEXTS.say("patrol_old" if days > 1 else "patrol_newest", locale, day=told.newest, days=number(days))]


def _age_days(data: MapData, told: Patrolled) -> int:
    return (told.asked_at.astimezone(data.city.zone).date() - (told.newest or told.as_of.date())).days


def _ended(data: MapData) -> str | None:
    """The last day of the periods where these ended long ago, so that ages are not those of today; of this year
    without the year.
    """
    told = data.patrol
    if told is None or told.asked_at - told.as_of < dt.timedelta(days=1):
        return None
    year = data.local(told.asked_at)[:5]
    return data.local(told.as_of - dt.timedelta(seconds=1))[:10].removeprefix(year)


def _quotas(data: MapData, told: Patrolled, locale: str) -> list[list[Any]]:
    """Places with a quota, the most urgent first."""
    types = place_type_names(data, locale)
    urgency = {state: place for place, state in enumerate(URGENCY)}
    rows = sorted(
        told.quotas,
        key=lambda row: (
            urgency.get(row["state"], 9),
            row["next_due"] or dt.datetime.max.replace(tzinfo=dt.UTC),
            row["place"],
        ),
    )

    today = data.local(told.as_of - dt.timedelta(seconds=1))[:10]

    def clock(instant: dt.datetime | None) -> str | None:
        # Of today the time only, and of this year no year: there is little room.
        return None if instant is None else data.local(instant).removeprefix(f"{today} ").removeprefix(today[:5])

    return [
        [row["name"] or row["place"], types.get(row["type"], row["type"]), row["period"], row["done"], row["required"],
         row["bodies"], row["bodies_required"], clock(row["last_at"]), clock(row["next_due"]), row["state"]]
        for row in rows[:MOST_QUOTAS]
    ]  # fmt: skip


def _counted(told: Patrolled) -> dict[str, int]:
    """How many places are in each state."""
    return {state: sum(row["state"] == state for row in told.quotas) for state in URGENCY}


def _notes(data: MapData, shown: int, total: int, locale: str) -> list[str]:
    notes = []
    if data.patrol is None or not total:
        classes = [TEXTS.say(f"class_{one}", locale) for one in data.city.patrol.classes if f"class_{one}" in TEXTS]
        notes.append(TEXTS.say("no_due_streets", locale, classes=TEXTS.say("comma", locale).join(classes)))
    elif data.patrol.newest is None:
        notes.append(TEXTS.say("no_patrol_yet", locale))
    if shown < total:
        notes.append(TEXTS.say("cut_segments", locale, shown=number(shown), total=number(total)))
    return notes
