"""A plan of one day as the API tells it, small and by hand."""

from typing import Any

import geopandas as gpd
import shapely

SRID = 32650


def step(kind: str, begin_s: int, leave_s: int, **said: Any) -> dict[str, Any]:
    """A step; what is not said is empty."""
    return {
        "kind": kind, "code": "", "arrive_s": begin_s, "begin_s": begin_s, "leave_s": leave_s, "leg_m": 0.0,
        "reverse": False, "locked": False, "done": False, "task": None, "name": "", "must": False, "prize": None,
        "area": None, "plate": None, "length_m": None, "reasons": [], "at": None, "to": None, "way": [], **said,
    }  # fmt: skip


def plan(state: str = "published") -> dict[str, Any]:
    """Ann with a market, a break and a lane; Bob with nothing; a task left out."""
    home, market, near, far = [116.40, 39.90], [116.402, 39.9], [116.404, 39.901], [116.404, 39.903]
    ann = [
        step("start", 28_800, 28_800, at=home),
        step("stop", 29_400, 29_700, arrive_s=29_000, code="place:m1", name="=East <Market>", plate="m1", must=True,
             leg_m=171.5, at=market, way=[[home, market]], task="place",
             reasons=[{"en": "three visits short", "zh": "还差三次"}]),
        step("break", 29_700, 33_300),
        step("lane", 33_500, 33_750, code="lane:s1:0", name="East Lane", length_m=222.0, leg_m=204.0, at=near, to=far,
             way=[[market, near]], task="lane", reasons=[{"en": "not walked for 9 days", "zh": "9 天未巡"}]),
        step("end", 34_200, 34_200, at=home, leg_m=480.0, way=[[far, home]]),
    ]  # fmt: skip
    bob = [step("start", 28_800, 28_800, at=home), step("end", 28_800, 28_800, at=home)]
    routes = [
        {"patroller": name, "name": called, "mover": "walking", "shift": (28_800, 61_200), "walked_m": walked_m,
         "lasts_s": steps[-1]["leave_s"] - 28_800, "steps": steps}
        for name, called, walked_m, steps in (("ann", "Ann 安", 855.5, ann), ("bob", "", 0.0, bob))
    ]  # fmt: skip
    left = {**step("stop", 0, 0, code="issue:1", name="Sofa"), "reason": {"en": "not enough time", "zh": "时间不足"},
            "needs": {"extra_s": 601, "patroller": "ann"}}  # fmt: skip
    told = [{"en": "Ann is back 12 min later", "zh": "安晚归 12 分钟"}]
    return {"number": 7, "shown": 2, "day": "2026-11-02", "state": state, "routes": routes, "dropped": [left],
            "told": told, "bound": {"longest_s": 4_800.0}}  # fmt: skip


def streets() -> gpd.GeoDataFrame:
    """Two streets around."""
    lines = [
        shapely.LineString([(116.39, 39.9), (116.41, 39.9)]),
        shapely.LineString([(116.404, 39.89), (116.404, 39.91)]),
    ]
    return gpd.GeoDataFrame({"name": ["A", "B"], "width_m": [7.0, None]}, geometry=lines, crs=4326)
