"""Front doors as people ask for them: the ledger of a day, figures, one street unrolled, repeat offenders."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from api.duties import duties_in_force, letters_of
from api.standing import standing_of
from gis_core.errors import InvalidInput, NotFound
from gis_core.ledger import Ledger, figures
from layers.finding import rows_of, violations_of
from layers.places import Place
from layers.reference import Shop
from layers.store import Store

STREET = "street"


def figures_of(store: Store, book: Ledger, by: str, since: dt.datetime, until: dt.datetime) -> list[dict[str, Any]]:
    """Figures by street or level, with names, by code.

    Raises
    ------
    InvalidInput
        When ``by`` is neither.
    """
    levels = [level.name for level in store.city.levels]
    if by not in (STREET, *levels):
        raise InvalidInput("parameter_invalid", field="by", value=by, expected=", ".join((STREET, *levels)))
    found = figures(book, by, counts(violations_of(store, since, until)))
    table = "streets" if by == STREET else "grids"
    known = store.read(table, store.version_at(until), only=("code", "name"))
    names = dict(zip(known["code"], known["name"], strict=True))
    return [
        {"code": row["code"], "name": names.get(row["code"]), **rounded(row)}
        for row in found.reset_index().to_dict("records")
    ]


def counts(violations: pd.DataFrame) -> pd.Series:
    """How many, by code of strip."""
    return violations.set_index("frontage")["count"]


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Figures as they are told: nothing for what is no number."""
    said = {}
    for name, value in row.items():
        if name != "code":
            number = float(value)
            said[name] = None if np.isnan(number) else int(number) if isinstance(value, int) else round(number, 4)
    return said


def unrolled(store: Store, book: Ledger, street: str, since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    """The two sides of a street as parts from its beginning to its end.

    Raises
    ------
    NotFound
        When no street in scope has the code.
    """
    known = store.read("streets", store.version_at(until), only=("code", "name", "length_m"))
    known = known[known["code"] == street]
    if not len(known):
        raise NotFound("street_missing", value=street)
    strips = book.strips
    parts = book.fronts[book.fronts["street"] == street].sort_values(["from_m", "to_m"], kind="stable")
    of = strips.iloc[parts["strip"].to_numpy()]
    told = book.told(counts(violations_of(store, since, until)))[parts["strip"].to_numpy()]
    rows = [
        {
            "strip": code, "name": name, "kind": kind, "state": state, "side": side, "from_m": begin, "to_m": end,
            "violations": count,
        }
        for code, name, kind, state, side, begin, end, count in zip(
            of["code"], of["name"], of["kind"], of["state"], parts["side"], parts["from_m"], parts["to_m"],
            told.tolist(), strict=True,
        )
    ]  # fmt: skip
    sides = {side: [row for row in rows if row["side"] == side] for side in ("left", "right")}
    (row,) = known.to_dict("records")
    return {"code": street, "name": row["name"], "length_m": row["length_m"], **sides}


def repeated(store: Store, book: Ledger, since: dt.datetime, until: dt.datetime, least: int) -> list[dict[str, Any]]:
    """Strips before which something was wrong again and again, most first."""
    found = violations_of(store, since, until)
    found = found[found["count"] >= least].sort_values(["count", "frontage"], ascending=[False, True])
    known = book.strips.drop_duplicates("code").set_index("code")
    return [
        {
            "strip": code, "name": known["name"].get(code), "state": known["state"].get(code),
            "street": known["street"].get(code), "violations": int(count), "last": last,
        }
        for code, count, last in zip(found["frontage"], found["count"], found["last"], strict=True)
    ]  # fmt: skip


def shop_document(
    store: Store, book: Ledger, code: str, since: dt.datetime, until: dt.datetime, *, named: bool
) -> dict[str, Any]:
    """A shop in scope with its strip, duties, agreements and violations.

    Parameters
    ----------
    named
        Whether the reader may know who is in charge; else only the surname is told.

    Raises
    ------
    NotFound
        When no shop in scope has the code.
    """
    place = next(iter(rows_of(store, "places", ("name", "address"), Place.code == code, Place.type == "shop")), None)
    if place is None:
        raise NotFound("shop_missing", value=code)
    said = next(iter(rows_of(store, "shops", ("trade", "plate", "person"), Shop.code == code)), {})
    strip: dict[str, Any] = next(iter(book.of_shop(code).to_dict("records")), {})
    told = counts(violations_of(store, since, until, strip.get("code")))
    return {
        "code": code, "name": place["name"], "address": place["address"], "trade": said.get("trade"),
        "plate": said.get("plate"), "person": _masked(said.get("person"), named), "strip": strip.get("code"),
        **{name: strip.get(name) for name in ("state", "origin", "quality", "street", "length_m")},
        "duties": duties_in_force(store, code, until),
        "agreements": letters_of(store, [code])[code],
        "violations": int(told.get(strip.get("code"), 0)),
        "standing": standing_of(store, code, until),
    }  # fmt: skip


def _masked(person: str | None, named: bool) -> str | None:
    return person if named or not person else person[0] + "＊＊"
