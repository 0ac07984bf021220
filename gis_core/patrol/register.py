"""The register of lanes against the street layer: what one has and the other has not."""

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects, codes_of, numbers_of, shapes_of
from gis_core.crs import project
from gis_core.references import FINDING_COLUMNS

LENGTH_SHARE, LENGTH_M = 0.1, 10.0
"""Lengths differ when they do so by more than a tenth and by more than ten metres."""


def check_lanes(register: pd.DataFrame, streets: pd.DataFrame, srid: int, classes: tuple[str, ...]) -> pd.DataFrame:
    """What the register of lanes and the street layer do not agree on.

    A lane is found by its code, otherwise by its name where only one street has it. Rows of the layer with one code are
    one street; those without a geometry are not drawn, and with an area for one they are as long as its edges.

    Parameters
    ----------
    register
        ``code``, ``name``, and ``length_m`` where it is known; lanes may lack a code or a name.
    streets
        ``code``, ``name``, ``class``, ``geometry`` (EPSG:4326).
    srid
        The city's metric CRS.
    classes
        Streets of these classes belong in the register; of others nothing is said.

    Returns
    -------
    findings
        Columns :data:`gis_core.references.FINDING_COLUMNS`: ``lane_missing`` (registered, but not drawn),
        ``lane_extra`` (drawn, but not registered), ``lane_renamed`` (``other`` is the drawn name), ``lane_length``
        (``amount``: drawn less registered, m), ``lane_twice`` (registered twice).
    """
    codes, names = codes_of(register, "code"), codes_of(register, "name")
    drawn = _drawn(streets, srid)
    drawn_code, drawn_name, length_m = (drawn[name].to_numpy() for name in ("code", "name", "length_m"))
    middle = drawn[["lon", "lat"]].to_numpy()
    at = _found(codes, names, drawn_code, drawn_name)
    said = [code if code is not None else name for code, name in zip(codes, names, strict=True)]
    found = [_finding("lane_missing", said[row], names[row]) for row in np.flatnonzero(at < 0)]
    there = np.flatnonzero(at >= 0)
    twice = pd.Series(at[there]).duplicated().to_numpy()
    found += [_finding("lane_twice", said[row], drawn_name[at[row]], middle[at[row]]) for row in there[twice]]
    renamed = [row for row in there if _differ(names[row], drawn_name[at[row]])]
    found += [_finding("lane_renamed", said[row], drawn_name[at[row]], middle[at[row]]) for row in renamed]
    said_m = numbers_of(register, "length_m")[there]
    more_m = length_m[at[there]] - said_m
    for nth in np.flatnonzero(np.abs(more_m) > np.maximum(LENGTH_SHARE * said_m, LENGTH_M)):
        row = there[nth]
        found.append(_finding("lane_length", said[row], names[row], middle[at[row]], more_m[nth]))
    extra = np.setdiff1d(np.flatnonzero(np.isin(drawn["class"].astype(str), classes)), at)
    said_of = [code if code is not None else name for code, name in zip(drawn_code, drawn_name, strict=True)]
    found += [_finding("lane_extra", said_of[one], drawn_name[one], middle[one], length_m[one]) for one in extra]
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS))


def _drawn(streets: pd.DataFrame, srid: int) -> pd.DataFrame:
    """Each street once: ``code``, ``name``, ``class``, ``length_m`` of all its rows, ``lon`` and ``lat`` on it."""
    shapes = shapes_of(streets)
    frame = pd.DataFrame({name: codes_of(streets, name) for name in ("code", "name", "class")}, dtype=object)
    middle = shapely.point_on_surface(shapes)
    frame = frame.assign(
        length_m=shapely.length(project(shapes, srid)), lon=shapely.get_x(middle), lat=shapely.get_y(middle)
    )
    frame = frame[np.isfinite(frame["lon"].to_numpy(np.float64))]
    # What has no code is one street each.
    key = frame["code"].where(frame["code"].notna(), pd.Series([("row", row) for row in frame.index], frame.index))
    frame = frame.assign(length_m=frame.groupby(key, sort=False)["length_m"].transform("sum"))
    return frame[~key.duplicated()].reset_index(drop=True)


def _differ(name: object, other: object) -> bool:
    return name is not None and other is not None and name != other


def _found(codes: Objects, names: Objects, drawn_code: Objects, drawn_name: Objects) -> Ints:
    """Position of the street of each lane, -1 where there is none."""
    by_code = {code: at for at, code in enumerate(drawn_code) if code is not None}
    unique = pd.Series(drawn_name).drop_duplicates(keep=False).dropna()
    by_name = {name: at for at, name in unique.items()}
    at = [by_code.get(code, by_name.get(name, -1)) for code, name in zip(codes, names, strict=True)]
    return np.array(at, dtype=np.int64)


def _finding(
    check: str, code: object, other: object, where: Floats | None = None, amount_m: float | None = None
) -> dict[str, object]:
    row = {"check": check, "severity": "warning", "layer": "streets", "code": code, "other": other}
    if where is not None:
        row |= {"lon": float(where[0]), "lat": float(where[1])}
    return row if amount_m is None else row | {"amount": round(float(amount_m), 1), "unit": "m"}
