"""What lies under the streets, against lanes whose metres in each grid are known."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from gis_core.assignment import Assigner
from gis_core.crs import to_lonlat
from gis_core.errors import InvalidInput
from gis_core.patrol.ground import ground_of
from gis_core.patrol.rules import PatrolRules
from tests.gis_core import patrolled

TODAY = dt.date(2026, 7, 2)


@pytest.fixture(scope="module")
def town() -> patrolled.Town:
    """The lanes of 2 July 2026."""
    return patrolled.town()


def metres(town: patrolled.Town, street: str, codes: np.ndarray) -> dict[str | None, float]:
    """Metres of a street by code of its pieces."""
    own = np.isin(town.ground.pieces["edge"], town.edges(street))
    pieces = town.ground.pieces[own].assign(code=codes[own])
    found = pieces.groupby("code", dropna=False)["length_m"].sum()
    return {code if isinstance(code, str) else None: float(length) for code, length in found.items()}


def test_a_lane_over_a_border_is_split_there(town: patrolled.Town) -> None:
    """All of it would be counted in one grid, and its metres would miss in the other."""
    found = metres(town, "west", town.ground.pieces["grid"].to_numpy(object))
    length_m = town.network.length_m[town.edges("west")].sum()
    assert found == {
        "010101": pytest.approx(0.6 * length_m, abs=5), "010102": pytest.approx(0.4 * length_m, abs=5)
    }  # fmt: skip
    assert set(town.ground.segments["grid"][town.edges("west")]) == {"010101"}
    assert metres(town, "west", town.ground.cells("community")) == {"0101": pytest.approx(length_m)}


def test_a_border_street_lies_in_the_grid_that_it_belongs_to(town: patrolled.Town) -> None:
    """Two grids would share it, though one was told to walk it."""
    assert set(metres(town, "border", town.ground.cells("community"))) == {"0101"}
    assert set(metres(town, "border", town.ground.pieces["grid"].to_numpy(object))) == {"010102", "010104"}


def test_where_no_unit_is_the_district_still_is(town: patrolled.Town) -> None:
    """A lane outside of all units would be in no report of the district."""
    far = town.edges("far")
    assert town.ground.segments["grid"][far].tolist() == [None]
    assert town.ground.segment_cells("community")[far].tolist() == [None]
    assert town.ground.segment_cells("district")[far].tolist() == ["01"]
    with pytest.raises(InvalidInput):
        town.ground.cells("street")


def test_due_are_lanes_in_force(town: patrolled.Town) -> None:
    """Inspectors would be told to walk a lane that has been built over, or the main road."""
    due = set(town.ground.segments["street"][town.ground.due])
    assert due == {"west", "border", "east", "north", "far"}
    earlier = patrolled.town(day=patrolled.TODAY - 1)
    assert set(earlier.ground.segments["street"][earlier.ground.due]) == due | {"gone"}
    roads = patrolled.town(PatrolRules(classes=("branch",)))
    assert set(roads.ground.segments["street"][roads.ground.due]) == {"main"}
    assert not patrolled.town(PatrolRules(classes=())).ground.due.any()


def test_what_is_not_known_is_none() -> None:
    """A lane without a name would be called nan on the map."""
    nameless = patrolled.city.street("S", patrolled.city.line((4.2, 0.3), (4.6, 0.3)), name=None, **patrolled.LANE)
    whole = patrolled.city.territory(city=patrolled.territory().city, streets=[nameless, patrolled.STREETS[0]])
    ground = ground_of(patrolled.build_network(whole.frames["streets"], 4545), whole, patrolled.TODAY)
    assert ground.segments[["name", "grid", "contractor"]].iloc[0].tolist() == [None, None, None]
    assert ground.segments["name"].iloc[1] == "west"


def test_who_sweeps_a_lane_is_who_answers_for_litter_on_it(town: patrolled.Town) -> None:
    """A firm would be told to sweep what another was paid for."""
    segments = town.ground.segments
    assert segments["contractor"][town.edges("west")].tolist() == ["cleaners"]
    assert set(segments["contractor"][town.edges("east")]) == {"sweepers"}
    assert segments["contractor"][town.edges("far")].tolist() == [None]
    assert patrolled.town(PatrolRules()).ground.segments["contractor"].isna().all()  # no such category


def test_pieces_and_segments_are_told_as_issues_are(town: patrolled.Town) -> None:
    """The map of coverage would show another grid than the case that is opened on the same spot."""
    pieces = town.network.edges().assign(edge=np.arange(len(town.network.u)))
    assert list(pieces["code"]) == list(town.ground.segments["street"])
    log = town.log([])
    place = log.pieces()
    lonlat = to_lonlat(place[["x", "y"]].to_numpy(float), town.network.srid)
    issues = pd.DataFrame({"lon": lonlat[:, 0], "lat": lonlat[:, 1], "scheme": "T", "kind": "matter"})
    issues = issues.assign(category="litter", reported_at=pd.Timestamp(TODAY, tz="UTC"))
    answers = Assigner(patrolled.territory())(issues)
    grid = answers["grid_3"].astype(object).where(answers["grid_3"].notna(), None)
    ours = town.ground.pieces["grid"]
    on_its_street = (
        answers["street"].astype(object).to_numpy() == town.ground.segments["street"].to_numpy(object)[place["edge"]]
    )
    in_force = town.ground.segments["street"].to_numpy(object)[place["edge"]] != "gone"
    assert on_its_street[in_force].all()
    assert grid.tolist() == ours.tolist()


def test_a_segment_half_in_each_grid_is_in_the_one_with_the_smaller_code() -> None:
    """Which grid it is counted in would change from one run to the next."""
    lattice = patrolled.city
    halves = lattice.street("halves", lattice.line((0.76, 0.25), (1.24, 0.25)), **patrolled.LANE)
    whole = lattice.territory(city=patrolled.territory().city, streets=[halves])
    network = patrolled.build_network(whole.frames["streets"], whole.city.metric_srid)
    ground = ground_of(network, whole, patrolled.TODAY)
    assert ground.pieces["grid"].value_counts().to_dict() == {"010101": 5, "010102": 5}
    assert ground.segments["grid"].tolist() == ["010101"]
