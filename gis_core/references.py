"""Whether everything named exists and everything that needs a holder has one."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import codes_of, missing, numbers_of, shapes_of
from gis_core.codes import resolve_duties
from gis_core.territory import Territory

FINDING_COLUMNS = ("check", "severity", "layer", "level", "code", "other", "amount", "unit", "lon", "lat")
PARTY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "grids": ("organisation",),
    "places": ("operator", "supervisor"),
    "facilities": ("supervises", "owns", "maintains"),
    "contracts": ("contractor", "responsible", "supervisor"),
    "holders": ("holder", "deputy"),
    "parties": ("parent",),
}
"""Columns that name a party, by layer."""


def check_references(territory: Territory) -> pd.DataFrame:
    """Codes that name something which does not exist, and contracts that nobody answers for.

    Returns
    -------
    findings
        Columns :data:`FINDING_COLUMNS`; ``code`` is the row with the fault, ``other`` what it names.
    """
    frames = territory.frames
    known = {name: set(frame["code"]) for name, frame in frames.items() if "code" in frame}
    found = [
        row
        for layer, columns in PARTY_COLUMNS.items()
        for name in columns
        for row in _dangling(frames[layer], layer, name, known.get("parties", set()), "party")
    ]
    found += _dangling(frames["grids"], "grids", "parent", known.get("grids", set()), "grid")
    found += _dangling(frames["streets"], "streets", "belongs_to", known.get("grids", set()), "grid")
    found += _dangling(frames["contracts"], "contracts", "grid", known.get("grids", set()), "grid")
    streets, contracts = known.get("streets", set()), frames["contracts"]
    names = set(frames["streets"]["name"]) if len(frames["streets"]) else set()
    by_name = codes_of(contracts, "kind") == "road"
    found += _dangling(contracts[by_name], "contracts", "street", streets | names, "street")
    found += _dangling(contracts[~by_name], "contracts", "street", streets, "street")
    found += _holder_subjects(frames["holders"], known)
    found += _contracts(territory)
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS))


def check_holders(territory: Territory, day: int) -> pd.DataFrame:
    """Grids, streets and places that nobody holds on ``day`` (days since 1970), or that have no deputy.

    A grid above the lowest level is held by its organisation where it names one.

    Returns
    -------
    findings
        Columns :data:`FINDING_COLUMNS`.
    """
    holders = territory.frames["holders"]
    held: dict[tuple[str, str], bool] = {}
    if len(holders):
        valid = holders[territory.in_force("holders", np.arange(len(holders)), day)]
        for subject, code, deputy in zip(valid["subject"], valid["subject_code"], valid["deputy"], strict=True):
            held[subject, code] = held.get((subject, code), False) or isinstance(deputy, str)
    found = []
    lowest = territory.city.levels[-1].name
    for layer, subject in (("grids", "grid"), ("streets", "street"), ("places", "place")):
        frame = territory.frames[layer]
        frame = frame[territory.in_force(layer, np.arange(len(frame)), day)]
        for row in frame.to_dict("records"):
            governed = layer == "grids" and row["level"] != lowest and isinstance(row.get("organisation"), str)
            deputy = held.get((subject, row["code"]))
            if deputy is None and not governed:
                found.append(_finding("no_holder", layer, row["code"], level=row.get("level")))
            elif deputy is False:
                found.append(_finding("no_deputy", layer, row["code"], level=row.get("level")))
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS))


def _dangling(frame: pd.DataFrame, layer: str, name: str, known: set[str], kind: str) -> list[dict[str, object]]:
    if name not in frame:
        return []
    named = frame[~missing(frame[name].to_numpy(object)) & ~frame[name].isin(known).to_numpy()]
    return [
        _finding(f"unknown_{kind}", layer, code, other)
        for code, other in zip(named["code" if "code" in named else "subject_code"], named[name], strict=True)
    ]


def _holder_subjects(holders: pd.DataFrame, known: Mapping[str, Iterable[str]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for subject, layer in (("grid", "grids"), ("street", "streets"), ("place", "places")):
        rows = holders[holders["subject"] == subject] if len(holders) else holders
        found += _dangling(rows, "holders", "subject_code", set(known.get(layer, ())), subject)
    return found


def _contracts(territory: Territory) -> list[dict[str, object]]:
    contracts = territory.frames["contracts"]
    if not len(contracts):
        return []
    nobody = missing(contracts["contractor"].to_numpy(object)) & missing(contracts["responsible"].to_numpy(object))
    found = [_finding("nobody_answers", "contracts", code) for code in contracts["code"][nobody]]
    found += _groundless(territory)
    _, unknown = resolve_duties(
        contracts["duties"].tolist(),
        contracts["scheme"].tolist(),
        territory.frames["categories"],
        territory.frames["tags"],
    )
    codes = contracts["code"].to_numpy(object)
    items = zip(unknown["position"], unknown["item"], strict=True)
    return found + [_finding("unknown_duty", "contracts", codes[position], item) for position, item in items]


def _groundless(territory: Territory) -> list[dict[str, object]]:
    """Contracts that can never answer because they hold no ground."""
    contracts, streets = territory.frames["contracts"], territory.frames["streets"]
    codes, kind = codes_of(contracts, "code"), codes_of(contracts, "kind")
    shapeless = np.isin(kind, ["area", "block", "point"]) & shapely.is_missing(shapes_of(contracts))
    pointless = (kind == "point") & ~(numbers_of(contracts, "radius_m") > 0)
    found = [_finding("no_geometry", "contracts", code) for code in codes[shapeless]]
    found += [_finding("no_radius", "contracts", code) for code in codes[pointless]]
    length = dict(zip(codes_of(streets, "code"), numbers_of(streets, "length_m", np.inf), strict=True))
    limit = np.array([length.get(street, np.inf) for street in codes_of(contracts, "street")])
    begins, ends = numbers_of(contracts, "from_m", 0.0), numbers_of(contracts, "to_m", np.inf)
    empty = (kind == "section") & (np.maximum(begins, 0.0) >= np.minimum(ends, limit))
    return found + [
        _finding("empty_section", "contracts", codes[row], f"{begins[row]:g}–{ends[row]:g}")
        for row in np.flatnonzero(empty)
    ]


def _finding(check: str, layer: str, code: object, other: object = None, level: object = None) -> dict[str, object]:
    return {"check": check, "severity": "warning", "layer": layer, "level": level, "code": code, "other": other}
