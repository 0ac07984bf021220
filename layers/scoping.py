"""The scope predicate: what of each table a sight takes in."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from gis_core.answers import GRID_COLUMNS
from gis_core.permissions import Sight
from layers.base import Base
from layers.bulk import among
from layers.coverages import SegmentDay
from layers.facilities import Facility
from layers.frames import table_of
from layers.frontages import Frontage
from layers.grids import Grid
from layers.issues import Issue
from layers.marks import Mark
from layers.places import Place
from layers.present import Present, present
from layers.putting import state_columns
from layers.reference import Agreement, Contract, Holder, Party, Shop
from layers.streets import Street
from layers.validity import holds_between
from layers.walls import Wall

SIGHTS_KEPT = 500
ANSWERING = ("responsible", "contractor", "handles", "supervises", "owns", "holds")
"""Columns of an issue that name a party with a part in it."""


@dataclass(frozen=True)
class Scope:
    """What a sight comes to in the newest published version and revision.

    Cells go down to every cell below them and parties to every party below them; what has a shape and no grid of its
    own is in scope where it touches a cell that was given.

    Parameters
    ----------
    session
        The transaction it is asked in.
    kept
        What sights came to before, by state and sight: states never change.
    drafting
        Whether a draft is looked at, in which a cell may be new: it is in scope where its parent is.
    at
        The moment that is asked about, where it is known; else the present one of the transaction.
    """

    session: Session
    sight: Sight
    kept: "Resolved" = field(default_factory=lambda: Resolved(), compare=False)
    drafting: bool = False
    at: Present | None = None

    def within(self, table: str) -> ColumnElement[bool] | None:
        """The condition on the rows of a table by its name in :data:`layers.SCOPED`; ``None`` where all are in scope.

        Raises
        ------
        KeyError
            When nobody has said what of the table may be seen.
        """
        condition = VISIBLE[table]
        return None if self.sight.everything or condition is None else condition(self)

    def admits(self, answer: Mapping[str, Any]) -> bool:
        """Whether an issue with this answer would be in scope, were it stored."""
        if self.sight.everything:
            return True
        in_cell = any(answer[name] in self.given for name in GRID_COLUMNS if answer[name] is not None)
        return in_cell or any(answer[name] in self.named for name in ANSWERING if answer[name] is not None)

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Codes of the cells that were given."""
        return self._once("given", lambda: (*self.sight.codes("grid"), *self._governed(), *self.held("grid")))

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Codes of the organisations that were given, and of the parties below them."""
        return self._once("parties", lambda: self._below(Party, self.sight.codes("organisation")))

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """Codes of the cells that were given, and of the cells below them."""
        return self._once("cells", lambda: self._below(Grid, self.given))

    def _once(self, name: str, find: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        return self.kept.codes((*self.states, self.sight.key, name), find)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """Codes of every party whose part in something puts it in scope."""
        return self.parties + self.sight.codes("contractor")

    def _below(self, model: type[Grid | Party], codes: Sequence[str]) -> tuple[str, ...]:
        """The codes, and those that name one of them as their parent, however far up."""
        if not codes:
            return ()
        table, upper = table_of(model), table_of(model).alias()
        roots = select(table.c.code).where(self.seen(table), among(self.session, table.c.code, codes))
        tree = roots.cte(recursive=True)
        lower = select(upper.c.code).join(tree, upper.c.parent == tree.c.code).where(self.seen(upper, model))
        return tuple(sorted(self.session.scalars(select(tree.union(lower).c.code))))

    def _governed(self) -> Iterable[str]:
        """Codes of the cells whose organisation is in scope."""
        table = table_of(Grid)
        governed = among(self.session, table.c.organisation, self.parties)
        return self.session.scalars(select(table.c.code).where(self.seen(table), governed)) if self.parties else ()

    def of_levels(self, levels: Sequence[str]) -> tuple[str, ...]:
        """The cells that were given which are of some levels."""
        table = table_of(Grid)
        mine = select(table.c.code).where(
            self.seen(table), table.c.level.in_(levels), among(self.session, table.c.code, self.given)
        )
        return self._once("of " + " ".join(levels), lambda: tuple(self.session.scalars(mine)))

    def held(self, subject: str) -> tuple[str, ...]:
        """Codes of the grids, streets or places that parties in scope hold."""
        if not self.named:
            return ()
        table = table_of(Holder)
        by_them = or_(*(among(self.session, table.c[name], self.named) for name in ("holder", "deputy")))
        theirs = (self.in_force(table), table.c.subject == subject, by_them)
        held = select(table.c.subject_code).where(*theirs)
        return tuple(self.session.scalars(held))

    @cached_property
    def present(self) -> Present:
        """The moment that is asked about."""
        return self.at or present(self.session.connection())

    @property
    def states(self) -> tuple[int, int]:
        """The newest published version and the newest revision."""
        return self.present.version, self.present.revision

    def seen(self, table: Any, model: type[Base] | None = None) -> ColumnElement[bool]:
        """The rows of a versioned or revised table that the newest state sees."""
        begun, ended = (table.c[name] for name in state_columns(model or _MODELS[table.name]))
        state = self.states[0] if begun.name == "version_from" else self.states[1]
        return and_(begun <= state, or_(ended.is_(None), ended > state))

    def in_force(self, table: Any) -> ColumnElement[bool]:
        """The rows that the newest state sees and that hold on the day of the sight."""
        day = self.sight.day
        lasting = true() if day is None else holds_between(table, day, day + dt.timedelta(days=1))
        return and_(self.seen(table), lasting)

    def by(self, table: Table, *columns: str) -> ColumnElement[bool]:
        """The rows in which a party in scope is named."""
        if not self.named:
            return false()
        return or_(*(among(self.session, table.c[name], self.named) for name in columns))

    def on_ground(self, table: Table) -> ColumnElement[bool]:
        """The rows whose shape touches a cell that was given."""
        if not self.given:
            return false()
        grid = table_of(Grid).alias("ground")
        touching = [self.seen(grid, Grid), among(self.session, grid.c.code, self.given)]
        if self.session.get_bind().dialect.name == "postgresql":
            touching.append(grid.c.geom.bool_op("&&")(table.c.geom))
        return select(grid.c.id).where(*touching, func.ST_Intersects(table.c.geom, grid.c.geom)).exists()

    @cached_property
    def patrolled_grids(self) -> tuple[str, ...]:
        """Codes of the cells in which what is walked is in scope: those given or contracted, and those below them."""
        return self._once("patrolled grids", lambda: self._below(Grid, (*self.given, *self._contracted_grids())))

    def _contracted_grids(self) -> Iterable[str]:
        return self.session.scalars(self.contracted("grid", table_of(Contract).c.kind == "grid"))

    @cached_property
    def patrolled_streets(self) -> tuple[str, ...]:
        """Codes of the streets on which what is walked is in scope wherever it is: those contracted or held."""
        table = table_of(Street)
        theirs = select(table.c.code).where(self.seen(table), self.streets_of_parties())
        return self._once("patrolled streets", lambda: tuple(self.session.scalars(theirs)) if self.named else ())

    def contracted(self, column: str, *conditions: ColumnElement[bool]) -> Select[Any]:
        """What parties in scope are contracted for: a column of their contracts in force."""
        table = table_of(Contract)
        theirs = self.by(table, "contractor", "responsible")
        return select(table.c[column]).where(self.in_force(table), table.c[column].is_not(None), *conditions, theirs)

    def streets_of_parties(self) -> ColumnElement[bool]:
        """The streets that parties in scope are contracted for, by code or by name, or hold."""
        table, contracted = table_of(Street), self.contracted("street")
        by_name = and_(table.c.name != "", table.c.name.in_(contracted))
        return or_(table.c.code.in_(contracted), by_name, among(self.session, table.c.code, self.held("street")))

    def said_of(self, model: type[Street | Place], column: str, name: str) -> Select[Any]:
        """A column of the streets or places in scope."""
        table = table_of(model)
        within = self.within(name)
        return select(table.c[column]).where(self.seen(table), true() if within is None else within)


class Resolved:
    """Codes that sights came to, those used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[str, ...]] = OrderedDict()
        self._lock = Lock()

    def codes(self, key: tuple[object, ...], find: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        """The codes kept for a key, found if there are none."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = find()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > SIGHTS_KEPT:
                self._kept.popitem(last=False)
        return found


def _issues(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Issue)
    held = [table.c[name] for name in GRID_COLUMNS]
    in_cells = or_(*(among(scope.session, column, scope.given) for column in held)) if scope.given else false()
    return or_(in_cells, scope.by(table, *ANSWERING))


def _grids(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Grid)
    contracted = scope.contracted("grid", table_of(Contract).c.kind == "grid")
    lower = among(scope.session, table.c.parent, scope.cells) if scope.drafting else false()
    return or_(among(scope.session, table.c.code, scope.cells), table.c.code.in_(contracted), lower)


def _streets(scope: Scope) -> ColumnElement[bool]:
    return or_(scope.on_ground(table_of(Street)), scope.streets_of_parties())


def _coverage(scope: Scope) -> ColumnElement[bool]:
    table = table_of(SegmentDay)
    in_cells = among(scope.session, table.c.grid, scope.patrolled_grids)
    return or_(in_cells, among(scope.session, table.c.street, scope.patrolled_streets))


def _places(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Place)
    held = among(scope.session, table.c.code, scope.held("place"))
    return or_(scope.on_ground(table), scope.by(table, "operator", "supervisor"), held)


def _facilities(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Facility)
    return or_(scope.on_ground(table), scope.by(table, "supervises", "owns", "maintains"))


def _frontages(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Frontage)
    return or_(scope.on_ground(table), scope.by(table, "responsible"))


def _of_shops(model: type[Shop | Agreement], column: str) -> Callable[[Scope], ColumnElement[bool]]:
    """What is said of shops is in scope where the shop is."""
    return lambda scope: table_of(model).c[column].in_(scope.said_of(Place, "code", "places"))


def _contracts(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Contract)
    # A road contract may name its street by code or by name.
    on_streets = or_(*(table.c.street.in_(scope.said_of(Street, said, "streets")) for said in ("code", "name")))
    theirs = scope.by(table, "contractor", "responsible", "supervisor")
    return or_(theirs, among(scope.session, table.c.grid, scope.cells), on_streets, scope.on_ground(table))


def _holders(scope: Scope) -> ColumnElement[bool]:
    table = table_of(Holder)
    subjects = {
        "grid": among(scope.session, table.c.subject_code, scope.cells),
        "street": table.c.subject_code.in_(scope.said_of(Street, "code", "streets")),
        "place": table.c.subject_code.in_(scope.said_of(Place, "code", "places")),
    }
    on_ground = [and_(table.c.subject == name, codes) for name, codes in subjects.items()]
    return or_(*on_ground, scope.by(table, "holder", "deputy"))


def _parties(scope: Scope) -> ColumnElement[bool]:
    """Units and firms are known to all; persons to those who have to do with what they hold or are named for."""
    table, holder = table_of(Party), table_of(Holder)
    holding = [select(holder.c[name]).where(scope.seen(holder), _holders(scope)) for name in ("holder", "deputy")]
    known = [table.c.code.in_(people) for people in holding]
    return or_(table.c.kind != "person", among(scope.session, table.c.code, scope.named), *known)


VISIBLE: dict[str, Callable[[Scope], ColumnElement[bool]] | None] = {
    "grids": _grids,
    "streets": _streets,
    "places": _places,
    "frontages": _frontages,
    "marks": lambda scope: scope.on_ground(table_of(Mark)),
    "walls": lambda scope: scope.on_ground(table_of(Wall)),
    "facilities": _facilities,
    "coverage": _coverage,
    "issues": _issues,
    "categories": None,
    "tags": None,
    "parties": _parties,
    "holders": _holders,
    "contracts": _contracts,
    "shops": _of_shops(Shop, "code"),
    "agreements": _of_shops(Agreement, "shop"),
}
"""What a sight takes in of each table; ``None``: reference data without a place, which all may read."""
_MODELS: dict[str, type[Base]] = {
    table_of(model).name: model
    for model in (Grid, Street, Place, Wall, Frontage, Mark, Facility, Contract, Holder, Party, Shop, Agreement)
}
