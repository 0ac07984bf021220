"""Whether the registers of front doors agree with each other: shops, agreements, plates and strips."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Objects, codes_of, missing, shapes_of
from gis_core.codes import resolve_duties
from gis_core.crs import project
from gis_core.references import FINDING_COLUMNS
from gis_core.territory import Territory
from gis_core.validity import last_day, on_day

RENEWAL_DAYS = 60
"""An agreement that ends within so many days is to be renewed."""
LEAST_OVERLAP_M2 = 0.1
"""Official strips are drawn by hand: less than this they may share."""


def check_doors(territory: Territory, shops: pd.DataFrame, day: int) -> pd.DataFrame:
    """What of the registers of front doors cannot be, is over, or is to be done.

    Parameters
    ----------
    shops
        The register: ``code``, ``plate``.
    day
        Days since 1970.

    Returns
    -------
    findings
        Columns :data:`gis_core.references.FINDING_COLUMNS`: ``unknown_shop``, ``plate_twice``, ``two_agreements``,
        ``agreement_over``, ``renewal_due``, ``unknown_duty``, ``shop_without_strip``, ``strips_overlap`` (m²).
    """
    frames = territory.frames
    places, agreements, strips = frames["places"], frames["agreements"], frames["frontages"]
    standing = places[(codes_of(places, "type") == "shop") & on_day(places, day)] if len(places) else places
    known = set(codes_of(standing, "code"))
    shops = shops[on_day(shops, day)]
    letters = agreements[on_day(agreements, day)] if len(agreements) else agreements
    found = [*_unknown("shops", codes_of(shops, "code"), codes_of(shops, "code"), known), *_plates(shops)]
    found += _unknown("agreements", codes_of(letters, "code"), codes_of(letters, "shop"), known)
    found += _agreements(agreements[agreements["shop"].isin(known)] if len(agreements) else agreements, day)
    _, unknown = resolve_duties(
        [duties or () for duties in codes_of(agreements, "duties")], [territory.city.scheme] * len(agreements),
        frames["categories"], frames["tags"],
    )  # fmt: skip
    codes = codes_of(agreements, "code")
    found += [_finding("unknown_duty", "agreements", codes[row], item) for row, item in unknown.itertuples(index=False)]
    if len(strips):
        held = strips[on_day(strips, day)]
        strip, shop = territory.doors.shops
        there = np.isin(strip, held.index)
        found += _unknown("frontages", codes_of(strips, "code")[strip[there]], shop[there], known)
        found += [_finding("shop_without_strip", "places", code) for code in sorted(known - set(shop[there]))]
        drawn = (codes_of(held, "origin") == "official") & (codes_of(held, "kind") != "excluded")
        found += _overlaps(held[drawn], territory.city.metric_srid)
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS))


def _unknown(layer: str, codes: Objects, shops: Objects, known: set[str]) -> list[dict[str, object]]:
    return [
        _finding("unknown_shop", layer, code, shop)
        for code, shop in zip(codes, shops, strict=True)
        if shop not in known
    ]


def _plates(shops: pd.DataFrame) -> list[dict[str, object]]:
    """Plates that hang on two walls."""
    plate = codes_of(shops, "plate")
    twice = pd.Series(plate).duplicated(keep=False).to_numpy() & ~missing(plate)
    return [
        _finding("plate_twice", "shops", code, number)
        for code, number in zip(codes_of(shops, "code")[twice], plate[twice], strict=True)
    ]


def _agreements(agreements: pd.DataFrame, day: int) -> list[dict[str, object]]:
    """Shops with two agreements on the day, with none any more, or with one that ends soon."""
    if not len(agreements):
        return []
    rows = pd.DataFrame({"code": codes_of(agreements, "code"), "shop": codes_of(agreements, "shop"),
                         "ends": last_day(agreements), "held": on_day(agreements, day)})  # fmt: skip
    held = rows[rows["held"]]
    twice = held[held["shop"].duplicated(keep=False)].sort_values(["shop", "code"])
    found = [_finding("two_agreements", "agreements", row.code, row.shop) for row in twice.itertuples()]
    latest = rows.sort_values(["ends", "code"]).drop_duplicates("shop", keep="last")
    over = latest[(latest["ends"] < day) & ~latest["shop"].isin(held["shop"])]
    due = latest[latest["held"] & (latest["ends"] < day + RENEWAL_DAYS)]
    for check, some in (("agreement_over", over), ("renewal_due", due)):
        found += [_finding(check, "agreements", row.code, f"{row.shop} {_date(row.ends)}") for row in some.itertuples()]
    return found


def _overlaps(official: pd.DataFrame, srid: int) -> list[dict[str, object]]:
    """Official strips that claim the same ground."""
    shapes, codes = project(shapes_of(official), srid), codes_of(official, "code")
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    pairs: Sequence[tuple[int, int, float]] = list(zip(one.tolist(), other.tolist(), shared.tolist(), strict=True))
    return [
        {**_finding("strips_overlap", "frontages", codes[a], codes[b]), "amount": round(area, 2), "unit": "m²"}
        for a, b, area in pairs
        if area > LEAST_OVERLAP_M2
    ]


def _date(day: int) -> str:
    return str(dt.date(1970, 1, 1) + dt.timedelta(days=int(day)))


def _finding(check: str, layer: str, code: object, other: object = None) -> dict[str, object]:
    return {"check": check, "severity": "warning", "layer": layer, "code": code, "other": other}
