"""Codes: what a contract's list of duties covers, and which unit a grid code lies in.

A unit grid's 15 digits are district (6), subdistrict (3), community (3) and sequence (3), and a
responsibility grid has 14; other cities have other codes. What holds for all of them is that a
code begins with the code of the unit it lies in.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Objects

EVERYTHING = "*"


def resolve_duties(
    duties: Sequence[Sequence[str]], schemes: Sequence[str], categories: pd.DataFrame, tags: pd.DataFrame
) -> tuple[Bools, pd.DataFrame]:
    """Which categories each contract covers.

    Parameters
    ----------
    duties
        Per contract, items ``*`` (everything), ``CODE`` (a matter of the contract's scheme),
        ``component:CODE``, ``tag:GROUP`` or ``tag:GROUP/TAG`` (categories of any scheme).
    schemes
        Category scheme of each contract.
    categories
        ``scheme``, ``kind``, ``code``.
    tags
        ``tag_group``, ``tag`` and the category's ``scheme``, ``kind``, ``code``.

    Returns
    -------
    covered
        Shape (contracts, categories).
    unknown
        ``position`` of the contract and ``item`` that names no category.
    """
    asked = pd.DataFrame(
        [
            (position, scheme, item.strip())
            for position, (items, scheme) in enumerate(zip(duties, schemes, strict=True))
            for item in items
        ],
        columns=["position", "scheme", "item"],
    )
    covered = np.zeros((len(duties), len(categories)), dtype=bool)
    everything = (asked["item"] == EVERYTHING).to_numpy(bool)
    covered[asked["position"][everything]] = True
    named = _named(categories, tags)
    asked = asked[~everything]
    met = asked.reset_index(names="asked").merge(named, on="item", suffixes=("", "_named"))
    met = met[met["scheme_named"].isna() | (met["scheme_named"] == met["scheme"])]
    covered[met["position"], met["category"]] = True
    unknown = asked.loc[~asked.index.isin(met["asked"]), ["position", "item"]]
    return covered, unknown.reset_index(drop=True)


def parent_code(codes: Objects, uppers: Objects) -> Objects:
    """The longest proper beginning of each code that is one of ``uppers``; ``None`` where there is none."""
    known = set(uppers)
    lengths = sorted({len(code) for code in known}, reverse=True)
    column = pd.Series(codes, dtype=object)
    parent = pd.Series([None] * len(column), dtype=object)
    for length in lengths:
        beginning = column.str.slice(0, length)
        fits = parent.isna() & beginning.isin(known) & (column.str.len() > length)
        parent[fits] = beginning[fits]
    return parent.to_numpy(object)


def _named(categories: pd.DataFrame, tags: pd.DataFrame) -> pd.DataFrame:
    """What can be named: ``item``, position of its ``category``, and the ``scheme`` a contract must have (or none)."""
    if not len(categories):
        return pd.DataFrame({"item": [], "category": np.empty(0, np.int64), "scheme": []}, dtype=object)
    keys = categories[["scheme", "kind", "code"]].reset_index(drop=True)
    keys["category"] = np.arange(len(keys))
    own = keys.assign(item=keys["code"].where(keys["kind"] == "matter", keys["kind"] + ":" + keys["code"]))
    parts = [own[["item", "category", "scheme"]]]
    if len(tags):
        tagged = tags[["tag_group", "tag", "scheme", "kind", "code"]].merge(keys, on=["scheme", "kind", "code"])
        group = "tag:" + tagged["tag_group"]
        items = (group, group + "/" + tagged["tag"])
        parts += [pd.DataFrame({"item": item, "category": tagged["category"]}) for item in items]
    return pd.concat(parts, ignore_index=True)
