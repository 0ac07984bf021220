"""Lanes under patrol: what stands along them, in figures."""

from typing import Annotated

from fastapi import Query, Response

from api.callers import Asking, Here
from api.documents import answered
from api.findings import amenities_today
from api.lanes import figures_of
from api.routing import Router
from api.territory_schemas import LaneFiguresList
from layers.store import Store

router = Router(prefix="/api/v1/lanes", tags=["territory"])
By = Annotated[str, Query(max_length=100, description="`lane`, or a level of the city's grids.")]


@router.get("/figures", summary="Facilities along the lanes under patrol", responses={200: {"model": LaneFiguresList}})
def figures(context: Here, asking: Asking, by: By = "lane") -> Response:
    """Toilets, bins, lamps and notices along the lanes of one's area today, by street or cell: how many, on which
    share of the metres they are near enough, and how many lamps are lit. Of what the city has registered none at all,
    the share is empty. Households are those that the source of a place in the cell tells.
    """
    with asking.reading() as store:
        whole = Store(store.session)
        amenities = amenities_today(context, whole, asking.now)
        territory = context.territories.get(whole, whole.version_at(asking.now))
        rows = figures_of(store, whole, territory, amenities, by, asking.now)
        day = asking.now.astimezone(store.city.zone).date()
    return answered({"day": day, "figures": rows})
