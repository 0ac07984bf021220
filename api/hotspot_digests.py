"""The morning's word to the command center: what became hot since the day before, what faded, alarm and forecast."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from api.snapshots import DAY, HORIZON, levels_kept
from gis_core.crs import to_lonlat
from gis_core.errors import NotFound
from gis_core.hotspots.answers_scan import ALARM
from gis_core.hotspots.keeping import read_kept
from gis_core.hotspots.significance import hot
from gis_core.texts import TEXTS
from layers.snapshots import Snapshot, newest_day, snapshot_of, snapshots_of
from layers.store import Store

NAMED = 5
"""Cells that are named."""
LOOKED_BACK = 100
"""Kept answers of significance, a few of each day, among which a day to compare with is looked for."""
SCORED_AT = 0.02
"""Share of the ground that the last forecast is told by."""


def digest_of(store: Store, day: dt.date | None, locale: str) -> dict[str, Any]:
    """What was new on a local day, the newest that is kept if none is said, within scope; of the alarm and of forecasts
    for those who see the whole city.

    Raises
    ------
    NotFound
        When no significance is kept of that day.
    """
    day = day or newest_day(store.session, "significance")
    wide, lowest = levels_kept(store.city)
    now = None if day is None else snapshot_of(store.session, day, "significance", lowest, "none")
    if day is None or now is None or now.fault is not None:
        raise NotFound("snapshot_missing", method="significance", day=str(day or "–"), by=lowest, per="none")
    grids = store.read("grids", store.scope.states[0], only=("code", "name", "level"))
    then = _before(store, day, lowest)
    figures: dict[str, Any] = {"before": None if then is None else then.day, **_changes(now, then, grids)}
    if store.scope.sight.everything:
        areas = grids[(grids["level"] == wide).to_numpy(bool)]
        figures |= {"alarm": _alarm(store, day, lowest, areas), "ahead": _ahead(store, day, areas)}
        figures["scored"] = _scored(store, day)
    return {"day": day, "figures": figures, "lines": _lines(day, figures, locale)}


def _before(store: Store, day: dt.date, lowest: str) -> Snapshot | None:
    """The last significance before a day that came to something: against one that did not, all that is hot were new."""
    key = ("significance", lowest, "none")
    listed = snapshots_of(store.session, key[0], last=day - DAY, limit=LOOKED_BACK)
    found = next((one.day for one in listed if one.key == key and one.fault is None), None)
    return None if found is None else snapshot_of(store.session, found, *key)


def _changes(now: Snapshot, then: Snapshot | None, grids: gpd.GeoDataFrame) -> dict[str, Any]:
    """Cells that are hot, those that were not before, and those that were and are not, least likely by chance first."""
    seen = dict(zip(grids["code"], grids["name"], strict=True))
    hot_now, hot_then = _hot(now, seen), {} if then is None else _hot(then, seen)

    def cells(codes: Collection[str]) -> list[dict[str, Any]]:
        return [{"code": code, "name": seen[code]} for code in codes]

    fresh = None if then is None else cells([code for code in hot_now if code not in hot_then])
    faded = None if then is None else cells([code for code in hot_then if code not in hot_now])
    return {"hot": cells(hot_now), "new": fresh, "faded": faded}


def _hot(one: Snapshot, seen: Mapping[str, Any]) -> dict[str, float]:
    """Hot cells in scope, the least likely by chance first."""
    rows = [feature["properties"] for feature in (one.body or {}).get("features", [])]
    found = [(row["q"], row["code"]) for row in rows if row["code"] in seen and hot([row["class"]])[0]]
    return {code: q for q, code in sorted(found)}


def _alarm(store: Store, day: dt.date, lowest: str, areas: gpd.GeoDataFrame) -> dict[str, Any] | None:
    """The most unlikely crowd, where chance hardly makes one."""
    one = snapshot_of(store.session, day, "scan", lowest, "none")
    features = [] if one is None or one.body is None else one.body.get("features", [])
    if not features or features[0]["properties"]["p"] > ALARM:
        return None
    said = features[0]["properties"]
    middle = shapely.geometry.shape(features[0]["geometry"]).centroid
    told = {name: said[name] for name in ("count", "expected", "days", "radius_m", "p")}
    return {**told, "around": _names(areas, np.array([[middle.x, middle.y]]))}


def _ahead(store: Store, day: dt.date, areas: gpd.GeoDataFrame) -> dict[str, Any] | None:
    """Where the hottest share of the ground lies that the forecast names, by area, that with most of it first."""
    one = snapshot_of(store.session, day, "forecast", "", "none")
    if one is None or one.body is None or "kept" not in one.body:
        return None
    surface = read_kept(one.body["kept"]).surface
    canvas, hottest = surface.canvas, surface.density == surface.density.max()
    row, column = np.nonzero(hottest)
    xy = np.column_stack([canvas.west + (column + 0.5) * canvas.cell_m, canvas.south + (row + 0.5) * canvas.cell_m])
    lonlat = to_lonlat(xy, store.city.metric_srid)
    ends = {"since": day + DAY, "until": day + HORIZON}
    return {**ends, "areas": _names(areas, lonlat)}


def _names(areas: gpd.GeoDataFrame, lonlat: Any) -> list[str]:
    """Names of the areas that places lie in, that with most of them first."""
    _, area = shapely.STRtree(areas.geometry.to_numpy(object)).query(shapely.points(lonlat), predicate="intersects")
    counted = np.bincount(area, minlength=len(areas))
    order = np.lexsort((areas["code"].to_numpy(str), -counted))[:NAMED]
    named = areas["name"].where(areas["name"].notna(), areas["code"]).tolist()
    return [named[nth] for nth in order if counted[nth]]


def _scored(store: Store, day: dt.date) -> dict[str, Any] | None:
    """How good the last forecast was whose fortnight was over by then."""
    for one in snapshots_of(store.session, "forecast", last=day - HORIZON, limit=NAMED):
        shares = (one.told or {}).get("shares") or []
        told = next((share for share in shares if share["share"] == SCORED_AT), None)
        if told is not None:
            return {"day": one.day, **{name: told[name] for name in ("share", "hit_rate", "pai", "reports")}}
    return None


def _lines(day: dt.date, figures: Mapping[str, Any], locale: str) -> list[str]:
    def say(key: str, **params: Any) -> str:
        return TEXTS.say(f"hot_digest_{key}", locale, **params)

    comma = TEXTS.say("digest_comma", locale)

    def named(cells: Sequence[Mapping[str, Any]]) -> str:
        return comma.join(one["name"] or one["code"] for one in cells[:NAMED])

    lines = [say("hot", day=day, cells=len(figures["hot"]), named=named(figures["hot"])) if figures["hot"]
             else say("none", day=day)]  # fmt: skip
    changed = [name for name in ("new", "faded") if figures[name]]
    before = figures["before"]
    lines += [say(name, before=before, cells=len(figures[name]), named=named(figures[name])) for name in changed]
    if before is not None and not changed:
        lines.append(say("same", before=before))
    if figures.get("alarm"):
        alarm = figures["alarm"]
        lines.append(say("alarm", **{**alarm, "around": comma.join(alarm["around"])}))
    if figures.get("ahead"):
        lines.append(say("ahead", **{**figures["ahead"], "areas": comma.join(figures["ahead"]["areas"])}))
    if figures.get("scored"):
        scored = figures["scored"]
        lines.append(say("scored", **{**scored, "hit": scored["hit_rate"] * 100, "percent": scored["share"] * 100}))
    return lines
