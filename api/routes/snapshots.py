"""Kept hot spots: what was found on earlier days, and how good the forecasts were."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from api.callers import Asking, everywhere
from api.documents import answered
from api.hotspot_digests import digest_of
from api.languages import preferred
from api.ogc import GEOJSON
from api.routing import Router
from api.snapshot_schemas import HotDigest, ScoreList, SnapshotDocument, SnapshotList
from api.snapshot_views import listed, one_of_day, scores_of, written_day

router = Router(prefix="/api/v1/hotspots", tags=["hotspots"])
MAP: dict[int | str, dict[str, Any]] = {200: {"model": SnapshotDocument, "content": {GEOJSON: {}}}}
Day = Annotated[str | None, Query(max_length=10, description="A local day.")]
Per = Annotated[Literal["none", "size", "shops", "patrol"], Query(description="What counts are compared with.")]
By = Annotated[str | None, Query(max_length=100, description="Level of the grids; the lowest that is kept.")]
Most = Annotated[int, Query(ge=1, le=1_000)]


@router.get("/snapshots", summary="Kept hot spots", responses={200: {"model": SnapshotList}})
def snapshots(
    request: Request, asking: Asking,
    method: Annotated[str | None, Query(max_length=100, description="Of this method alone.")] = None,
    since: Day = None, until: Day = None, limit: Most = 100,
) -> Response:  # fmt: skip
    """What is kept of which days, newest first, whole days at a time; `until` of an answer asks for the next page.
    Figures of the whole city are told to those who see all of it.
    """
    first, last = (value and written_day(name, value) for name, value in (("since", since), ("until", until)))
    with asking.reading() as store:
        locale = preferred(request) or store.city.locale
        document = listed(store, method, first or None, last or None, limit, locale)
    return answered(document)


@router.get("/snapshots/{day}/{method}", summary="Hot spots of a day", responses=MAP, response_class=Response)
def snapshot(
    request: Request, asking: Asking, day: str, method: str, by: By = None, per: Per = "none"
) -> Response:  # fmt: skip
    """Hot spots as they were found on a local day. Cells within one's area are told as they were found then; circles of
    the scan and surfaces of the forecast are for those who see the whole city.
    """
    wanted = written_day("day", day)
    with asking.reading() as store:
        body = one_of_day(store, wanted, method, by, per, preferred(request) or store.city.locale)
    return Response(body, media_type=GEOJSON)


@router.get("/scores", summary="How good the forecasts were", responses={200: {"model": ScoreList}})
def scores(asking: Asking, limit: Most = 100) -> Response:
    """Forecasts of the city, newest first, each with how much of what came it caught once its fortnight is over."""
    everywhere(asking, "see")
    with asking.reading() as store:
        found = scores_of(store, limit)
    return answered({"scores": found})


@router.get("/digest", summary="What is new in the morning", responses={200: {"model": HotDigest}})
def digest(
    request: Request, asking: Asking,
    day: Annotated[str | None, Query(max_length=10, description="A local day; the newest that is kept if not given.")] = None,  # noqa: E501
) -> Response:  # fmt: skip
    """What became hot since the day before within one's area and what faded, and for those who see the whole city the
    alarm and the forecast, in figures and sentences.
    """
    wanted = None if day is None else written_day("day", day)
    with asking.reading() as store:
        document = digest_of(store, wanted, preferred(request) or store.city.locale)
    return answered(document)
