"""What derived strips were last drawn from, and whether that has changed since."""

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from gis_core.errors import GisError
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
DRAW_NOTHING = ("snow",)
"""Rules of a city that no strip's shape depends on."""


_drawing, _strip = table_of(Drawing), table_of(Frontage)


@dataclass(frozen=True)
class Drawn:
    """The last drawing that was kept, and what became of the attempt after it: :class:`layers.frontages.Drawing`."""

    source: str
    basis: str
    drawn_at: dt.datetime
    version: int
    given_up: str | None
    given_up_at: dt.datetime | None
    again_at: dt.datetime | None
    fault: dict[str, Any] | None

    def given_up_of(self, basis: str, now: dt.datetime) -> bool:
        """Whether it is not to be tried again to draw from a basis."""
        return self.given_up == basis and (self.again_at is None or now < self.again_at)


@dataclass(frozen=True)
class Outdated:
    """Strips that are of another state than the one in force: their version, and why they could not be drawn again.

    Parameters
    ----------
    fault
        Key of a text and its parameters; ``None`` while they wait to be drawn, or are.
    """

    version: int
    fault: dict[str, Any] | None


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
    register of shops; and the city's rules that draw.
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
    draws = {name: rule for name, rule in asdict(rules).items() if name not in DRAW_NOTHING}
    return hashlib.sha256(repr((turns, draws)).encode()).hexdigest()


def keeps_strips(store: Store) -> bool:
    """Whether the city keeps strips that are drawn here, be it that there is none at the moment."""
    return last_drawing(store) is not None


def strips_kept(store: Store) -> list[int]:
    """Ids of the strips that were drawn here and kept."""
    drawn = (_strip.c.origin == "derived", _strip.c.source == SOURCE, _strip.c.revision_to.is_(None))
    return list(store.session.scalars(select(_strip.c.id).where(*drawn)))


def last_drawing(store: Store) -> Drawn | None:
    """The last drawing that was kept."""
    found = store.session.execute(select(_drawing).where(_drawing.c.source == SOURCE)).mappings().one_or_none()
    return None if found is None else Drawn(**found)


def outdated(store: Store, now: dt.datetime) -> Outdated | None:
    """Whether strips are kept, and are of another state than the one in force."""
    drawing = last_drawing(store)
    if drawing is None or drawing.drawn_at > now:
        return None
    try:
        basis = basis_at(store, now)
    except GisError:
        return None  # nothing is in force
    if basis == drawing.basis:
        return None
    given_up = drawing.given_up_of(basis, now)
    return Outdated(drawing.version, (drawing.fault or {"key": "strips_stopped", "params": {}}) if given_up else None)


def note_drawing(store: Store, basis: str, version: int, now: dt.datetime) -> None:
    """Say what the drawing was drawn from that is kept in this transaction."""
    said = {"basis": basis, "version": version, "drawn_at": now}
    said |= dict.fromkeys(("given_up", "given_up_at", "again_at", "fault"))
    row = inserting(store.session.get_bind().dialect.name, Drawing).values(source=SOURCE, **said)
    store.session.execute(row.on_conflict_do_update(index_elements=["source"], set_=said))


def give_up(
    session: Session, basis: str, at: dt.datetime, again_at: dt.datetime | None, fault: dict[str, Any] | None
) -> None:
    """Say that a basis is not drawn from, and from when that is tried again."""
    said = {"given_up": basis, "given_up_at": at, "again_at": again_at, "fault": fault}
    session.execute(update(_drawing).where(_drawing.c.source == SOURCE).values(**said))


def forget_drawing(store: Store) -> None:
    """Keep no strips any more: nothing is drawn again."""
    store.session.execute(delete(_drawing).where(_drawing.c.source == SOURCE))


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
