"""What the checks find, as a layer that maps can show."""

from typing import Annotated, Literal

import geopandas as gpd
from fastapi import Query, Response

from api.callers import Asking, Context, Here
from api.documents import written
from api.findings import door_findings, features, grid_findings, lane_findings
from api.ogc import GEOJSON
from api.routing import Router
from api.territory_schemas import FindingFeatures
from gis_core.validity import local_day
from layers.store import Store

router = Router(prefix="/api/v1", tags=["territory"])


@router.get("/findings", summary="What the checks find, as GeoJSON",
            responses={200: {"model": FindingFeatures, "content": {GEOJSON: {}}}})  # fmt: skip
def findings(
    context: Here,
    asking: Asking,
    about: Annotated[
        Literal["grids", "doors", "lanes"],
        Query(description="Cells, the registers of front doors, or facilities along the lanes under patrol."),
    ] = "grids",
    check: Annotated[str | None, Query(max_length=100, description="Of this check only.")] = None,
    severity: Annotated[Literal["error", "warning"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> Response:
    """Faults in one's area as it is today, each with its place: gaps, overlaps and stated bounds of cells; shops
    without a strip, agreements that are over, plates that hang twice; lanes from which it is far to a toilet, or along
    which bins, notices or lamps are missing. `count` tells how many there are.
    """
    with asking.reading() as store:
        found = _found(context, store, asking, about)
    for name, value in (("check", check), ("severity", severity)):
        found = found if value is None else found[found[name] == value]
    document = {"type": "FeatureCollection", "count": len(found), "features": features(found.head(limit))}
    return Response(written(document), media_type=GEOJSON)


def _found(context: Context, store: Store, asking: Asking, about: str) -> gpd.GeoDataFrame:
    """Made once for a state and a sight."""
    day = local_day(asking.now, store.city.zone)
    key = (about, store.version_at(asking.now), store.latest_revision(), store.scope.sight.key, day)
    found = context.findings.get(key)
    if found is None:
        if about == "grids":
            found = grid_findings(store, asking.now)
        else:
            found = (door_findings if about == "doors" else lane_findings)(context, store, asking.now)
        context.findings.put(key, found)
    return found
