"""What derived strips were last drawn from, and whether that has changed since."""

import datetime as dt
import hashlib
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, func, select

from layers import TABLES
from layers.base import Territorial
from layers.bulk import inserting
from layers.frames import table_of
from layers.frontages import Drawing, Frontage
from layers.grids import Grid
from layers.places import Place
from layers.putting import state_columns
from layers.store import Store

SOURCE = "strips"
"""Source of the strips that are drawn here."""


_drawing, _strip = table_of(Drawing), table_of(Frontage)


def state_at(store: Store, moment: dt.datetime) -> tuple[Any, ...]:
    """What is in force at a moment: version, revision, day and rules. While that is the same, so is the basis.

    Raises
    ------
    NotFound, Conflict
        When there is no city, or nothing is published.
    """
    day = moment.astimezone(store.city.zone).date()
    return store.version_at(moment), store.latest_revision(), day, store.city.strips


def basis_at(store: Store, moment: dt.datetime) -> str:
    """A text that is another one whenever strips drawn at a moment could be others: by the newest state and day up to
    then in which a shop, a street, a top grid or a wall began or ended, or, where trades count, an entry of the
    register of shops; and the city's rules.
    """
    version, revision, day, rules = state_at(store, moment)
    top = table_of(Grid).c.level == store.city.levels[0].name
    shops = table_of(Place).c.type == "shop"
    narrowed = {"grids": [top], "streets": [], "places": [shops], "walls": []}
    if rules.fronts_m:
        narrowed["shops"] = []
    turns = [
        _newest(store, name, version if issubclass(TABLES[name], Territorial) else revision, day, conditions)
        for name, conditions in narrowed.items()
    ]
    return hashlib.sha256(repr((turns, asdict(rules))).encode()).hexdigest()


def keeps_strips(store: Store) -> bool:
    """Whether the city keeps strips that were drawn here."""
    drawn = (_strip.c.origin == "derived", _strip.c.source == SOURCE, _strip.c.revision_to.is_(None))
    return store.session.scalar(select(_strip.c.id).where(*drawn).limit(1)) is not None


def last_basis(store: Store) -> str | None:
    """What the last drawing that was kept was drawn from."""
    return store.session.scalar(select(_drawing.c.basis))


def note_drawing(store: Store, basis: str, now: dt.datetime) -> None:
    """Say what the drawing was drawn from that is kept in this transaction."""
    said = {"basis": basis, "drawn_at": now}
    row = inserting(store.session.get_bind().dialect.name, Drawing).values(source=SOURCE, **said)
    store.session.execute(row.on_conflict_do_update(index_elements=["source"], set_=said))


def _newest(store: Store, name: str, state: int, day: dt.date, conditions: list[ColumnElement[bool]]) -> list[str]:
    """The last states and days, up to these, in which rows of a table began and ended."""
    rows = table_of(TABLES[name])
    begun, ended = (rows.c[column] for column in state_columns(TABLES[name]))
    known = [
        (begun, begun <= state), (ended, ended <= state),
        (rows.c.valid_from, rows.c.valid_from <= day), (rows.c.valid_to, rows.c.valid_to < day),
    ]  # fmt: skip
    seen = select(*(func.max(column).filter(past) for column, past in known)).where(begun <= state, *conditions)
    return [str(one) for one in store.session.execute(seen).one()]
