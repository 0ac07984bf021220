"""Coverage: what was walked, blind spots, exposure and the digest, each within one's area."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.callers import Asking, Caller, Context, Here
from api.coverage_files import as_csv, as_geojson
from api.coverage_schemas import CoverageList, DigestDocument, ExposureList, UnwalkedList
from api.coverages import (
    INSPECTOR,
    SEGMENT,
    Narrowed,
    Window,
    check_cell,
    chosen,
    days_before,
    exposure_told,
    figures_of,
    segments_of,
    shapes_by,
    told_rows,
    unwalked_of,
    window_of,
)
from api.digests import digest_document
from api.documents import answered
from api.instants import parse_day
from api.languages import preferred
from api.ogc import GEOJSON
from api.patrolling import KEPT_DAYS, Patrolling, begin_of, hour_end
from api.routes.tiles import MVT, TILE
from api.routing import Router
from gis_core.arrays import Bools
from gis_core.mvt import BUFFER, EXTENT, check_tile, encode, tile_box
from gis_core.permissions import may

router = Router(prefix="/api/v1/coverage", tags=["patrol"])
CSV = "text/csv"
SEGMENT_ZOOM = 12
"""From here on a tile holds segments."""
FILES: dict[int | str, dict[str, Any]] = {200: {"model": CoverageList, "content": {GEOJSON: {}, CSV: {}}}}
By = Annotated[str, Query(max_length=100, description="`segment`, `lane`, a level of the grids, `contractor`, `inspector` (for who may see tracks) or `shift`.")]  # noqa: E501  # fmt: skip
Days = Annotated[int | None, Query(ge=1, le=KEPT_DAYS, description="Local days up to now, today among them; 7 if nothing is said.")]  # noqa: E501  # fmt: skip
From = Annotated[str | None, Query(alias="from", max_length=40, description="A local day or an instant.")]
To = Annotated[str | None, Query(max_length=40, description="A local day or an instant, up to and without it.")]
Kind = Annotated[str | None, Query(alias="class", max_length=100, description="Segments of this class of street.")]
Grid = Annotated[str | None, Query(max_length=100, description="Segments mostly in this cell, of any level.")]
Bbox = Annotated[str | None, Query(max_length=200, description="Segments that touch west,south,east,north.")]
Most = Annotated[int, Query(ge=1, le=50_000, description="Rows that are told.")]
MOST_TOLD = 1_000
Some = Annotated[
    int | None, Query(ge=1, le=10_000_000, description="Rows that are told: 1,000 if not given, in a file all.")
]


@router.get("", summary="What was walked", responses=FILES)
def coverage(
    context: Here, asking: Asking, by: By = SEGMENT, days: Days = None, first: From = None, to: To = None,
    kind: Kind = None, grid: Grid = None, bbox: Bbox = None, limit: Some = None,
    f: Annotated[Literal["json", "geojson", "csv"], Query()] = "json",
) -> Response:  # fmt: skip
    """Segments that are to be patrolled within one's area, or figures of them: what was walked, probably walked, is
    blind or without data in the window, how often and how long ago. No persons, unless who asks may see tracks.
    """
    patrolling = context.patrols.known(context.stores, asking.now)
    if by == INSPECTOR:
        said = {"days": days, "from": first, "to": to, "class": kind, "grid": grid, "bbox": bbox}
        _note(context, asking, said)
    with asking.reading("trace" if by == INSPECTOR else "see") as store:
        check_cell(patrolling, store, grid)
        mask = chosen(patrolling, patrolling.seen(store.scope), Narrowed(kind, grid, bbox))
    exact = _traced(asking, patrolling, mask)
    with asking.reading("trace" if by == INSPECTOR else "see") as store:
        window = window_of(patrolling, asking.now, days, first, to, exact)
        if by == SEGMENT:
            found = segments_of(patrolling, window, mask)
        else:
            found = figures_of(patrolling, store, window, mask, by)
        count, found = len(found), found.head(limit or (MOST_TOLD if f == "json" else len(found)))
        if f == "csv":
            return Response(as_csv(found, store.city.zone), media_type=CSV)
        if f == "geojson":
            body = as_geojson(found, shapes_by(patrolling, store, found, mask, by), _head(patrolling, window, count))
            return Response(body, media_type=GEOJSON)
    return answered({**_head(patrolling, window, count), "by": by, "rows": told_rows(found)})


@router.get("/unwalked", summary="What is not proved walked", responses={200: {"model": UnwalkedList}})
def unwalked(
    context: Here, asking: Asking,
    days: Annotated[int | None, Query(ge=1, le=KEPT_DAYS - 1, description="So many times 24 hours; the city's if not given.")] = None,  # noqa: E501
    kind: Kind = None, grid: Grid = None, bbox: Bbox = None, limit: Most = MOST_TOLD,
) -> Response:  # fmt: skip
    """Segments within one's area that nobody is proved to have walked in so many days, those longest ago first. Only
    those with the status `blind` are blind spots: of others there is no data, or they were probably walked.
    """
    patrolling = context.patrols.known(context.stores, asking.now)
    with asking.reading() as store:
        days = days or store.city.patrol.unwalked_days
        check_cell(patrolling, store, grid)
        mask = chosen(patrolling, patrolling.seen(store.scope), Narrowed(kind, grid, bbox))
    window = days_before(patrolling, asking.now, days)
    found = unwalked_of(patrolling, window, mask)
    head = {**_head(patrolling, window, len(found)), "length_m": round(float(found["length_m"].sum()), 2)}
    return answered({**head, "segments": told_rows(found.head(limit))})


@router.get("/exposure", summary="How much patrol there was", responses={200: {"model": ExposureList}})
def exposure(
    context: Here, asking: Asking, by: Annotated[Literal["segment", "grid"], Query()] = "grid", days: Days = None,
    first: From = None, to: To = None, limit: Most = MOST_TOLD,
) -> Response:  # fmt: skip
    """Metres walked and hours spent by segment or lowest grid within one's area, on all streets, whether they are to be
    patrolled or not, for rates by patrol.
    """
    patrolling = context.patrols.known(context.stores, asking.now)
    with asking.reading() as store:
        mask = patrolling.seen(store.scope)
    # A cell has parts of segments that count elsewhere: without one of one's own nothing is told exactly.
    exact = bool(mask.any()) and _traced(asking, patrolling, mask)
    with asking.reading() as store:
        window = window_of(patrolling, asking.now, days, first, to, exact)
        found = exposure_told(patrolling, store, window, mask, by)
    rows = told_rows(found.head(limit))
    return answered({**_head(patrolling, window, len(found)), "by": by, "rows": rows})


@router.get("/digest", summary="One day's patrol", responses={200: {"model": DigestDocument}})
def digest(
    request: Request, context: Here, asking: Asking,
    day: Annotated[str | None, Query(max_length=10, description="A local day; the newest with a track if not given.")] = None,  # noqa: E501
) -> Response:  # fmt: skip
    """One local day's patrol within one's area in figures and sentences, for whoever reads no map."""
    patrolling = context.patrols.known(context.stores, asking.now)
    with asking.reading() as store:
        today = asking.now.astimezone(store.city.zone).date()
        newest = patrolling.last if patrolling.position else today
        wanted = newest if day is None else parse_day(day)
        locale = preferred(request) or store.city.locale
        document = digest_document(patrolling, store, wanted, locale, asking.now)
    return answered(document)


@router.get("/tiles/{z}/{x}/{y}.pbf", summary="One tile of what was walked", responses=TILE, response_class=Response)
async def tile(
    request: Request, context: Here, asking: Asking, z: int, x: int, y: int,
    days: Annotated[int, Query(ge=1, le=KEPT_DAYS)] = 7,
) -> Response:  # fmt: skip
    """Segments that are to be patrolled within one's area, from zoom 12 on, with their `status`, `age_h`, `visits` and
    `share` in the last local days, as it is at the end of this hour; 204 when none is there.
    """
    check_tile(z, x, y)
    sight = asking.sight("see")
    if z < SEGMENT_ZOOM:
        return Response(status_code=204)
    end = hour_end(asking.now)
    key = ("patrol", asking.present.version, asking.present.revision, asking.present.patrolled, sight.key, days, end)
    tag = f'"{hashlib.sha256(repr((*key, z, x, y)).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = context.tiles.get((*key, z, x, y))
    if found is None:
        made, position = await run_in_threadpool(_drawn, context, asking, days, end, (z, x, y))
        # While what is new is taken in, a tile may be of what was there before; it is asked for again.
        if position < asking.present.patrolled:
            del headers["ETag"]
        else:
            context.tiles.put((*key, z, x, y), made, len(made) + 200)
        found = made
    return Response(found, 200 if found else 204, headers=headers, media_type=MVT if found else None)


def _drawn(
    context: Context, asking: Caller, days: int, end: dt.datetime, place: tuple[int, int, int]
) -> tuple[bytes, int]:
    patrolling = context.patrols.known(context.stores, asking.now)
    with asking.reading() as store:
        seen = patrolling.seen(store.scope)
    edge = patrolling.tree.query(shapely.box(*tile_box(*place, BUFFER / EXTENT)), "intersects")
    edge = np.sort(edge[(patrolling.ground.due & seen)[edge]])
    told = patrolling.told(max(begin_of(end, days, patrolling.zone), patrolling.beginning), end).iloc[edge]
    ages = [None if hours != hours else round(hours) for hours in (told["age_s"] / 3_600).tolist()]
    said = {"street": patrolling.ground.segments["street"].to_numpy()[edge].tolist(), "status": told["status"].tolist(),
            "age_h": ages, "visits": told["visits"].tolist(), "share": told["share"].round(3).tolist()}  # fmt: skip
    return encode("patrol", patrolling.lines[edge], edge, said, *place), patrolling.position


def _traced(asking: Caller, patrolling: Patrolling, mask: Bools) -> bool:
    """Whether they may see the tracks on all these segments."""
    if not may(asking.user.grants, "trace"):
        return False
    with asking.reading("trace") as store:
        return bool(patrolling.seen(store.scope)[mask].all())


def _note(context: Context, asking: Caller, said: Mapping[str, str | int | None]) -> None:
    """Write into the audit trail that they look at what people walked.

    Raises
    ------
    Forbidden
        When they may not.
    """
    asking.sight("trace")
    asked = {"by": INSPECTOR} | {name: value for name, value in said.items() if value is not None}
    with context.stores.people(writes=True) as accounts:
        accounts.note(asking.user.name, "traced", context.now(), subject="coverage", address=asking.address, **asked)


def _head(patrolling: Patrolling, window: Window, count: int) -> dict[str, Any]:
    newest = patrolling.last if patrolling.position else None
    ends = {"as_of": window.as_of, "since": window.begin, "until": window.end}
    return {**ends, "newest_day": newest, "count": count}
