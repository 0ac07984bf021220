"""What is reported where: matter classes with their weights, by street, shop front, place and cluster."""

import numpy as np

from data.demo.city import drawn
from gis_core.arrays import Objects

Mix = str
"""Classes and their weights, ``code:weight`` with blanks between."""

MAIN_ROAD: Mix = (
    "09010:15 09009:13 09011:12 06012:10 06013:8 07001:8 09001:7 06014:6 06017:5 06051:3 06050:3 07003:2 09022:2 "
    "09019:2 06016:2 06018:2 08011:1 07002:1 10002:1"
)
BACKSTREET: Mix = (
    "06036:16 06010:14 09010:12 07001:11 09009:8 06013:7 06007:6 06030:6 09012:5 06035:5 06011:4 06028:3 06001:2 "
    "06034:2 10002:1 06037:1"
)
SHOP_FRONT: Mix = "09005:34 09006:16 06030:8 06027:8 09010:8 06036:7 07006:6 06029:5 09022:5 07003:3"
WATERSIDE: Mix = "06025:70 06026:18 06024:12"
_ESTATE: Mix = "09012:17 06041:17 06036:14 09010:12 06042:10 06010:9 07001:8 06028:6 06040:4 06001:3"
PLACES: dict[str, Mix] = {
    "market": "09020:30 06010:15 06030:12 09005:11 06041:9 06012:9 09001:8 09009:6",
    "mall": "09011:26 09010:22 09022:18 06042:14 07003:10 09019:10",
    "plaza": "09001:26 06028:24 09010:18 06010:14 07002:10 06051:8",
    "hospital": "09009:34 09010:26 09019:16 09001:14 06033:10",
    "school": "09009:34 09001:26 09010:20 06010:12 07002:8",
    "park": "06017:26 06047:22 06010:18 06021:12 06018:10 06045:8 06029:4",
    "construction_site": "08004:26 08001:20 08002:12 08006:10 08007:10 08012:8 08005:8 08015:6",
    "station": "09009:28 09001:24 09003:16 09011:16 07001:16",
    "culture": "09010:40 07008:30 06012:30",
    "hotel": "09009:40 06042:30 06027:30",
    "urban_village": "06036:20 06010:18 09012:16 06001:14 06030:12 09010:10 06038:6 10002:4",
    "old_estate": _ESTATE + " 06038:3 06004:3",
    "estate": _ESTATE,
}
"""By place type."""
PULL = {
    "market": 9.0,
    "station": 8.0,
    "mall": 4.0,
    "hospital": 4.0,
    "construction_site": 4.0,
    "plaza": 3.0,
    "school": 2.5,
    "urban_village": 2.5,
    "old_estate": 2.2,
    "park": 2.0,
    "estate": 1.4,
    "hotel": 1.0,
    "culture": 0.7,
}
"""Issues in a place of a type, in proportion to each other."""
CLUSTERS: dict[str, Mix] = {
    "persistent": "09001:42 09006:28 06010:16 09009:14",
    "emerging": "06011:44 06036:22 06010:20 08011:14",
    "fading": "06013:40 06014:34 06012:26",
}
"""Hot spots that last all the time, that come up in the last weeks and that die down."""
EVENING = frozenset({"06028", "06029", "06027", "09001", "09002", "09005", "09006", "09020"})
"""Classes that are mostly reported after dark."""


def mixed(mix: Mix, count: int, rng: np.random.Generator) -> Objects:
    """``count`` classes drawn from a mix."""
    codes, weights = zip(*(entry.split(":") for entry in mix.split()), strict=True)
    chosen: Objects = np.array(codes, dtype=object)[drawn(np.array(weights, dtype=float), count, rng)]
    return chosen
