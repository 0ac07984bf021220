"""Who can answer for something: the organisation tree, departments, firms, own managements and people."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from data.demo.city import CITY, COUNTY_PREFIX, generator, names, numbered, table
from data.demo.grids import Codes, organisation
from data.demo.names import Stems, people
from gis_core.arrays import Ints, Objects

COMMAND = f"U{COUNTY_PREFIX}"
"""The city's command centre, root of the tree."""

_DEPARTMENTS = {
    "D01": ("城市管理局", "Urban Management Bureau"),
    "D02": ("住房和城乡建设局", "Housing and Construction Bureau"),
    "D03": ("交通运输局", "Transport Bureau"),
    "D04": ("公安局交通警察支队", "Traffic Police"),
    "D05": ("林业和园林局", "Forestry and Parks Bureau"),
    "D06": ("市场监督管理局", "Market Supervision Bureau"),
    "D07": ("教育局", "Education Bureau"),
    "D08": ("卫生健康委员会", "Health Commission"),
    "D09": ("商务局", "Commerce Bureau"),
    "D10": ("文化广电和旅游局", "Culture and Tourism Bureau"),
    "D11": ("水利局", "Water Resources Bureau"),
}
_UTILITIES = {
    "W01": ("云岭水务集团有限公司", "Yunling Water Group"),
    "W02": ("云岭供电公司", "Yunling Power Supply"),
    "W03": ("云岭通信有限公司", "Yunling Telecom"),
    "W04": ("云岭公共交通集团有限公司", "Yunling Bus Group"),
}
_TRADES = {
    "FC": ("环境服务有限公司", "Environmental Services", 260, 3),
    "FG": ("园林绿化有限公司", "Greening", 600, 2),
    "FM": ("市政设施养护有限公司", "Municipal Maintenance", 700, 2),
    "FP": ("物业服务有限公司", "Property Management", 40, 3),
    "FK": ("市场管理有限公司", "Market Operation", 90, 2),
    "FR": ("商业管理有限公司", "Retail", 250, 1),
    "FH": ("酒店管理有限公司", "Hospitality", 200, 1),
    "FS": ("秩序管理服务有限公司", "Street Order Services", 500, 2),
    "FB": ("建设工程有限公司", "Construction", 120, 2),
}
"""Title in Chinese and English, unit grids per firm and least number of firms, by the trade's code."""

_LEVELS = (
    ("district", "{}城市管理指挥中心", "{} Command Centre"),
    ("subdistrict", "{}办事处", "{} Office"),
    ("community", "{}居民委员会", "{} Committee"),
)


def firm(trade: str, index: Ints, units: int) -> Objects:
    """Codes of the firms of a trade that have the things numbered ``index``: they take turns.

    Parameters
    ----------
    units
        Unit grids of the city, which say how many firms there are.
    """
    codes = numbered(trade, _firms_of(trade, units), 3)
    return codes[index % len(codes)]


def management(places: Objects) -> Objects:
    """Codes of the managements that run places of their own."""
    return "M" + places


def organisations(grids: gpd.GeoDataFrame, units: int, seed: int) -> pd.DataFrame:
    """The city's command centre and departments, the bodies of three grid levels, utilities and firms.

    Returns
    -------
    parties
        Columns of the party table.
    """
    bureaus, suppliers = _DEPARTMENTS.values(), _UTILITIES.values()
    parts = [
        _parties([COMMAND], "unit", [f"{CITY.name}城市管理指挥中心"], ["Yunling Command Centre"], None),
        _parties(list(_DEPARTMENTS), "unit", [CITY.name + zh for zh, _ in bureaus], [en for _, en in bureaus], COMMAND),
        _parties(list(_UTILITIES), "firm", [zh for zh, _ in suppliers], [en for _, en in suppliers], None),
        *_firms(units, seed),
    ]
    for level, chinese, english in _LEVELS:
        cells = grids[grids["level"] == level]
        bodies = [organisation(one) for one in cells["code"]]
        above = [organisation(one) if isinstance(one, str) else COMMAND for one in cells["parent"]]
        zh, en = (
            [title.format(one[lang]) for one in cells["names"]] for title, lang in ((chinese, "zh"), (english, "en"))
        )
        parts.append(_parties(bodies, "unit", zh, en, above))
    return pd.concat(parts, ignore_index=True)


def managements(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """The managements of places that run themselves, named like the place, below the department that supervises it."""
    own = places[places["operator"] == management(places["code"])]
    zh, en = ([one[lang] for one in own["names"]] for lang in ("zh", "en"))
    return _parties(own["operator"], "unit", zh, en, own["supervisor"])


def persons(codes: Codes, places: gpd.GeoDataFrame, seed: int) -> pd.DataFrame:
    """Grid managers, leaders and street chiefs of each community, and one manager for each place with an operator.

    Their codes are those of :func:`manager`, :func:`leader`, :func:`chief` and :func:`keeper`.
    """
    patches, communities = np.unique(codes["responsibility"]), np.unique(codes["community"])
    run = places[places["operator"].notna()]
    committee = np.array([organisation(one) for one in communities], dtype=object)
    code = np.concatenate(
        [manager(patches), leader(communities), chief(communities), keeper(run["code"].to_numpy(object))]
    )
    above = np.concatenate([[organisation(one[:12]) for one in patches], committee, committee, run["operator"]])
    return _parties(code, "person", *people(len(code), generator(seed, "people")), above)


def manager(patch: Objects) -> Objects:
    """The grid manager (网格员) of each responsibility grid."""
    return "P" + patch


def leader(community: Objects) -> Objects:
    """The leader (网格长) of each community's grids."""
    return "P" + community + "L"


def chief(community: Objects) -> Objects:
    """The chief (街长) of each community's streets."""
    return "P" + community + "S"


def keeper(place: Objects) -> Objects:
    """The manager of each place."""
    return "P" + place


def _firms(units: int, seed: int) -> list[pd.DataFrame]:
    stems = Stems(generator(seed, "firm names"))
    parts = []
    for trade, (chinese, english, *_) in _TRADES.items():
        codes = numbered(trade, _firms_of(trade, units), 3)
        zh, en = stems.take(len(codes))
        parts.append(_parties(codes, "firm", zh + chinese, en + " " + english, None))
    return parts


def _firms_of(trade: str, units: int) -> int:
    _, _, per_firm, least = _TRADES[trade]
    return max(least, round(units / per_firm))


def _parties(
    codes: Iterable[str], kind: str, chinese: Iterable[str], english: Iterable[str], parent: Iterable[str] | str | None
) -> pd.DataFrame:
    code, zh, en = (np.array(list(one), dtype=object) for one in (codes, chinese, english))
    above = [parent] * len(code) if parent is None or isinstance(parent, str) else list(parent)
    return table({"code": code, "kind": kind, "name": zh, "names": names(zh, en), "parent": above})
