"""Grids: mine, at a place, as a tree, with figures."""

from typing import Annotated, Any

import numpy as np
from fastapi import Path, Query, Response

from api.callers import Asking, Here
from api.documents import answered
from api.routing import Router
from api.schemas import CodeQuery, Latitude, Longitude
from api.territory_schemas import CellDocument, CellList, CellTree
from gis_core.answers import GRID_COLUMNS
from gis_core.errors import NotFound
from gis_core.locating import locate
from layers.finding import figures_of, rows_of
from layers.grids import Grid
from layers.reference import Holder
from layers.store import Store

router = Router(prefix="/api/v1/grids", tags=["territory"])
COLUMNS = ("code", "name", "level", "parent", "organisation", "grade", "area_m2")


@router.get("/mine", summary="The topmost cells of one's area", responses={200: {"model": CellList}})
def mine(asking: Asking) -> Response:
    """The cells in one's area that lie below no other cell of it."""
    with asking.reading() as store:
        cells = _cells(store)
    codes = {cell["code"] for cell in cells}
    return answered({"grids": [cell for cell in cells if cell["parent"] not in codes]})


@router.get("/at", summary="The cells at a place", responses={200: {"model": CellList}})
def at(context: Here, asking: Asking, lon: Longitude, lat: Latitude) -> Response:
    """The cells of one's area that answer for a place, from the top down; none outside it."""
    with context.stores.read() as store:
        territory = context.territories.get(store, store.version_at(context.now()))
    located = locate(territory, np.array([[lon, lat]])).grids[0]
    there = {level.codes[cell] for level, cell in zip(territory.levels, located, strict=True) if cell >= 0}
    with asking.reading() as store:
        cells = {cell["code"]: cell for cell in _cells(store)}
    return answered({"grids": [cell for code, cell in cells.items() if code in there]})


@router.get("/tree", summary="The cells of one's area as a tree", responses={200: {"model": CellTree}})
def tree(
    asking: Asking,
    root: Annotated[CodeQuery | None, Query(description="Only from this cell down.")] = None,
    depth: Annotated[int, Query(ge=1, le=6, description="Levels to show.")] = 2,
) -> Response:
    """Cells with those below them in `below`."""
    with asking.reading() as store:
        cells = _cells(store)
    codes = {cell["code"] for cell in cells}
    if root is not None and root not in codes:
        raise NotFound("grid_missing", value=root)
    below: dict[str | None, list[dict[str, Any]]] = {}
    for cell in cells:
        below.setdefault(cell["parent"] if cell["parent"] in codes else None, []).append(cell)

    def branch(cell: dict[str, Any], levels: int) -> dict[str, Any]:
        lower = below.get(cell["code"], [])
        shown = [branch(one, levels - 1) for one in lower] if levels > 1 else None
        return {**cell, "cells_below": len(lower), "below": shown}

    tops = below.get(None, []) if root is None else [cell for cell in cells if cell["code"] == root]
    return answered({"grids": [branch(cell, depth) for cell in tops]})


@router.get("/{code}", summary="One cell with its holder and figures", responses={200: {"model": CellDocument}})
def grid(asking: Asking, code: Annotated[str, Path(max_length=100)]) -> Response:
    """A cell of one's area, who holds it, and how many of its issues are open and closed."""
    with asking.reading() as store:
        cells = _cells(store, Grid.code == code)
        if not cells:
            raise NotFound("grid_missing", value=code)
        (cell,) = cells
        held = (Holder.subject == "grid", Holder.subject_code == code)
        holders = rows_of(store, "holders", ("holder", "deputy", "valid_from", "valid_to"), *held)
        column = GRID_COLUMNS[store.city.level(cell["level"])]
        figures = figures_of(store, column, code)
        cells_below = len(rows_of(store, "grids", ("code",), Grid.parent == code))
    for holder in holders:
        del holder["id"]
    return answered({**cell, "holders": holders, "issues": figures, "cells_below": cells_below})


def _cells(store: Store, *conditions: Any) -> list[dict[str, Any]]:
    cells = rows_of(store, "grids", COLUMNS, *conditions)
    for cell in cells:
        del cell["id"]
    order = {level.name: depth for depth, level in enumerate(store.city.levels)}
    return sorted(cells, key=lambda cell: (order[cell["level"]], cell["code"]))
