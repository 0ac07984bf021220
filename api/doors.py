"""Front doors as people ask for them: the ledger of a day, figures, one street unrolled, repeat offenders."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from api.remembering import Remembered
from api.standing import standing_of
from gis_core.errors import InvalidInput, NotFound
from gis_core.ledger import Ledger, figures, ledger
from gis_core.territory import Territory
from gis_core.validity import local_day
from layers import LAYERS, TABLES
from layers.base import Territorial
from layers.boxes import Box, meets
from layers.bulk import among
from layers.finding import rows_of, violations_of
from layers.frames import read_frame, table_of
from layers.places import Place
from layers.reference import Agreement, Shop
from layers.store import Store
from layers.territories import seen_by

STREET = "street"
LETTER = ("code", "duties", "party", "signed_on", "document", "valid_from", "valid_to")
READ = {
    "frontages": ("code", "kind", "origin", "shops", "quality", "kerb_m", "fronts", "valid_from", "valid_to"),
    "agreements": ("code", "shop", "valid_from", "valid_to"),
    "grids": ("code", "level", "parent", "valid_from", "valid_to"),
    "places": ("code", "name", "valid_from", "valid_to"),
    "streets": ("code", "name", "length_m", "valid_from", "valid_to"),
}
"""Columns of the layers that a ledger is made of."""


def ledger_of(store: Store, moment: dt.datetime) -> Ledger:
    """The ledger of a local day, of the strips in scope."""
    version, revision = store.version_at(moment), store.latest_revision()
    frames = {
        name: store.read(name, version if issubclass(TABLES[name], Territorial) else revision, only=columns)
        for name, columns in READ.items()
    }
    # A strip may reach into an area in which its shop does not stand; signed it is nevertheless.
    frames["agreements"] = Store(store.session).read("agreements", revision, only=READ["agreements"])
    day = local_day(moment, store.city.zone)
    return ledger(Territory(store.city, version, revision, frames).on(day), day)


def book_of(kept: Remembered[Ledger], store: Store, moment: dt.datetime) -> Ledger:
    """The same, made once for a state, a sight and a day."""
    day = local_day(moment, store.city.zone)
    key = (store.version_at(moment), store.latest_revision(), store.scope.sight.key, day)
    book = kept.get(key)
    if book is None:
        kept.put(key, book := ledger_of(store, moment))
    return book


def ledger_near(store: Store, box: Box, moment: dt.datetime) -> Ledger:
    """The ledger of what lies near: its ``strips`` meet a box of degrees."""
    version, revision = store.version_at(moment), store.latest_revision()
    frames: dict[str, pd.DataFrame] = {}
    for name, columns in READ.items():
        table = table_of(TABLES[name])
        if name in LAYERS:
            held = meets(table, box, postgis=store.is_postgis)
        else:
            held = among(store.session, table.c.shop, sorted(_shops(frames["frontages"])))
        seen = store.bounded(name, seen_by(store, name, version), held).order_by(table.c.id)
        frames[name] = read_frame(store.session, TABLES[name], seen, columns)
    day = local_day(moment, store.city.zone)
    return ledger(Territory(store.city, version, revision, frames).on(day), day)


def _shops(strips: pd.DataFrame) -> set[str]:
    return {
        shop for code, shops in zip(strips["code"], strips["shops"], strict=True) for shop in (*(shops or ()), code)
    }


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
    told = counts(violations_of(store, since, until))
    strips = book.strips
    parts = book.fronts[book.fronts["street"] == street].sort_values(["from_m", "to_m"], kind="stable")
    of = strips.iloc[parts["strip"].to_numpy()]
    rows = [
        {
            "strip": code, "name": name, "kind": kind, "state": state, "side": side, "from_m": begin, "to_m": end,
            "violations": int(told.get(code, 0)),
        }
        for code, name, kind, state, side, begin, end in zip(
            of["code"], of["name"], of["kind"], of["state"], parts["side"], parts["from_m"], parts["to_m"], strict=True
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
    letters = rows_of(store, "agreements", LETTER, Agreement.shop == code)
    strip: dict[str, Any] = next(iter(book.of_shop(code).to_dict("records")), {})
    today = until.astimezone(store.city.zone).date()
    held = [letter for letter in letters if _holds(letter, today)]
    duties = max(held, key=lambda one: one["valid_from"] or dt.date.min)["duties"] if held else None
    told = counts(violations_of(store, since, until))
    return {
        "code": code, "name": place["name"], "address": place["address"], "trade": said.get("trade"),
        "plate": said.get("plate"), "person": _masked(said.get("person"), named), "strip": strip.get("code"),
        **{name: strip.get(name) for name in ("state", "origin", "quality", "street", "length_m")},
        "duties": duties or list(store.city.door_duties),
        "agreements": [{name: letter[name] for name in LETTER} for letter in letters],
        "violations": int(told.get(strip.get("code"), 0)),
        "standing": standing_of(store, code),
    }  # fmt: skip


def _holds(letter: dict[str, Any], day: dt.date) -> bool:
    return (letter["valid_from"] or day) <= day <= (letter["valid_to"] or day)


def _masked(person: str | None, named: bool) -> str | None:
    return person if named or not person else person[0] + "＊＊"
