"""The demo city's patrols from end to end: what was planted as blind is found, and what was walked is known."""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import pytest

from api.demo import fill, welcome
from api.digests import digest_document
from api.door import Door, now
from api.networks import Networks
from api.patrolling import Patrolling, Patrols, segments_told
from api.quotas import quota_rows
from data.demo import Demo, build
from data.demo.rhythm import END
from data.demo.walks import DAYS, STALE_DAYS
from layers.check_ins import check_ins
from layers.patrolled import is_pending
from layers.stores import Stores
from layers.territories import Territories

UNITS, SEED = 60, 20260701
OTHERS = "others"
"""Kind of the lanes that nothing was planted in."""
ENOUGH = 0.95


@dataclass(frozen=True)
class Walked:
    """The demo city in a store, and how its segments are told."""

    demo: Demo
    stores: Stores
    known: Patrolling
    segments: gpd.GeoDataFrame

    def share(self, status: str, window: int, *kinds: str) -> float:
        """Share by length of the segments of lanes planted so that are told so for a window of days."""
        blind = self.demo.blind.set_index("street")["kind"]
        kind = self.segments["street"].map(blind).astype(object).fillna(OTHERS)
        chosen = self.segments[kind.isin(kinds)]
        assert len(chosen)
        return float(chosen["length_m"][chosen[f"status_{window}"] == status].sum() / chosen["length_m"].sum())


@pytest.fixture(scope="module")
def walked(module_store_url: str) -> Iterator[Walked]:
    door = Door(url=module_store_url, lang="en", as_json=True)
    done = fill(door, UNITS, 0, SEED, strips=False, patrols=True)
    demo = build(units=UNITS, issues=0, seed=SEED)
    assert done["tracks"] == len(list(demo.patrols.tracks()))
    known = Patrols(Networks(), Territories()).known(door.stores, now())
    yield Walked(demo, door.stores, known, segments_told(known, END.to_pydatetime(), (1, 2, STALE_DAYS, DAYS)))
    door.stores.close()


def test_planted_blind_spots_are_found_and_walks_are_known(walked: Walked) -> None:
    """A lane that nobody has seen for a month would pass for patrolled, or an inspector be told to walk it again."""
    assert walked.share("blind", DAYS, "never") >= ENOUGH
    assert walked.share("walked", DAYS, OTHERS, "stale", "silent") >= ENOUGH
    assert walked.share("blind", STALE_DAYS, "never", "stale") >= ENOUGH
    assert walked.share("walked", STALE_DAYS, OTHERS, "silent") >= ENOUGH


def test_where_a_phone_was_off_there_is_no_data(walked: Walked) -> None:
    """An inspector whose phone broke would be told that the lanes were not walked."""
    assert walked.share("no_data", 2, "silent") >= ENOUGH
    assert walked.share("no_data", 2, OTHERS) == 0


def test_all_tracks_are_matched_and_check_ins_stored(walked: Walked) -> None:
    with walked.stores.read() as store:
        assert not is_pending(store.session)
        visits = walked.demo.patrols.check_ins
        stored = check_ins(store.session, visits["arrived_at"].min(), END)
        names = list(visits)
        order = ["arrived_at", "place"]
        for name in ("arrived_at", "left_at"):
            stored[name] = pd.to_datetime(stored[name], utc=True)
        assert stored.sort_values(order, ignore_index=True)[names].astype(object).equals(
            visits.sort_values(order, ignore_index=True).astype(object)
        )  # fmt: skip


def test_inspectors_are_people_of_bodies_of_the_city(walked: Walked) -> None:
    """What they walked would be nobody's, and the accounts of the demo be others than its tracks."""
    names = welcome(walked.stores, now())
    with walked.stores.people() as accounts:
        users = {user.name: user for user in accounts.users()}
    carriers = walked.demo.patrols.carriers.set_index("carrier")["body"]
    assert {name: users[name].organisation for name in carriers.index} == carriers.to_dict()
    assert set(names) | set(carriers.index) == set(users)


def test_the_digest_tells_of_visits_to_places(walked: Walked) -> None:
    """Whoever reads no map would not know that a market was not visited."""
    with walked.stores.read() as store:
        document = digest_document(walked.known, store, walked.known.last, "en", now())
        names = {row["name"] for row in quota_rows(store, now(), walked.known.last) if row["state"] != "done"}
    told = document["figures"]["quotas"]
    assert 0 < told["done"] < told["required"] and told["met"] == told["places"] - len(names) > 0
    wanting = document["lines"][-1].split(", among them ")[1].split(", ")
    assert wanting and names.issuperset(wanting)
