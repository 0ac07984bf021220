"""Shipped reference tables, as they are and in the columns that layers load."""

from importlib.resources import files

import numpy as np
import pandas as pd

from gis_core.errors import NotFound


def reference(name: str) -> pd.DataFrame:
    """One table of ``data/reference``, every column as text, ``""`` where nothing is said.

    Parameters
    ----------
    name
        File name without ``.csv``, for example ``"place_types"``.

    Raises
    ------
    NotFound
        When there is no such table.
    """
    folder = files("data") / "reference"
    names = sorted(entry.name.removesuffix(".csv") for entry in folder.iterdir() if entry.name.endswith(".csv"))
    if name not in names:
        raise NotFound("reference_unknown", value=name, expected=", ".join(names))
    with (folder / f"{name}.csv").open(encoding="utf-8") as text:
        return pd.read_csv(text, dtype=str, keep_default_na=False)


def category_rows() -> pd.DataFrame:
    """Categories of GB/T 47678.5-2026 in the columns of the category table.

    Returns
    -------
    categories
        ``scheme``, ``kind``, ``code``, ``name``, ``names``, ``major``, ``component`` (None for a matter that
        names none), ``radius_m`` (metres; NaN for matters), ``status``, ``source``, ``key``.
    """
    table = reference("categories")
    rows = table[["scheme", "kind", "code", "name"]].copy()
    rows["names"] = _names(table)
    rows["major"] = table["major"]
    rows["component"] = np.where(table["component"] == "", None, table["component"].to_numpy(object))
    rows["radius_m"] = pd.to_numeric(table["radius_m"])
    rows["status"] = table["status"]
    rows["source"] = table["scheme"]
    rows["key"] = table["kind"] + "/" + table["code"]
    return rows


def tag_rows() -> pd.DataFrame:
    """Members of the tag groups in the columns of the tag table.

    Returns
    -------
    tags
        ``tag_group``, ``tag``, ``scheme``, ``kind``, ``code``, ``source``, ``key``.
    """
    rows = reference("tags")[["tag_group", "tag", "scheme", "kind", "code"]].copy()
    rows["source"] = "reference"
    rows["key"] = rows["tag_group"] + "/" + rows["tag"] + "/" + rows["code"]
    return rows


def _names(table: pd.DataFrame) -> pd.Series:
    pairs = zip(table["name"], table["name_en"], strict=True)
    return pd.Series([{"zh": chinese, "en": english} for chinese, english in pairs], dtype=object)
