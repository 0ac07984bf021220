"""What the page of plans shows: the plans of the reader's area, and one of them with what was walked of it."""

from dataclasses import replace

from api.plan_sheets import drawn_plan, walked_document, walked_of
from api.plan_views import head_document
from api.plan_ways import PlanWays
from layers.planned import plan_of, plans_in
from layers.store import Store
from map_ui.data import MapData

MOST_PLANS = 60


def with_plans(data: MapData, store: Store, ways: PlanWays, number: int | None) -> MapData:
    """The same with the newest plans in the store's scope, and one of them: the newest if ``number`` does not say.

    Raises
    ------
    NotFound
        When there is no such plan in sight.
    """
    heads = [head_document(one) for one in plans_in(store, limit=MOST_PLANS)]
    chosen = number if number is not None else heads[0]["number"] if heads else None
    if chosen is None:
        return data
    found = plan_of(store, chosen)
    network = ways.in_store(store, found["shown"]["version"])
    told = walked_document(found, walked_of(store, found, network), network)
    return replace(data, plans=heads, plan=drawn_plan(found, network), walked=told)
