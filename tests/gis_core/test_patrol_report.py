"""Reports of a window, against passes whose metres are known."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.errors import InvalidInput
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.passes import intervals_of, passes_of
from gis_core.patrol.report import METRES, report, told, unwalked
from gis_core.patrol.rules import PatrolRules
from gis_core.patrol.shifts import shifts
from gis_core.patrol.status import STATUSES, statuses
from tests.gis_core import patrolled
from tests.gis_core.patrolled import DAY_S, TODAY

BEGIN = (TODAY - 8) * DAY_S  # a day in UTC is taken for one of the city where the hour does not matter
LEVELS = ("district", "community", "unit")
TOWN = patrolled.town()


def reported(log: PatrolLog, by: str, town: patrolled.Town = TOWN, days: float = 1) -> pd.DataFrame:
    """A report of some days, by code."""
    window = BEGIN, BEGIN + days * DAY_S
    said = told(town.ground, log, *window, town.near)
    return report(town.ground, log, said, by, *window, town.near).set_index("code", drop=False)


def test_blind_is_where_somebody_was_heard_and_no_data_where_nobody_was() -> None:
    """A community whose phones were off would be told that it had walked nothing, or one that slept that it had."""
    log = TOWN.log([TOWN.one("east", BEGIN + 60)])
    lanes = reported(log, "lane")
    status = {lane: next(one for one in STATUSES if lanes[f"{one}_m"][lane] > 0) for lane in lanes.index}
    assert status == {"east": "walked", "north": "blind", "west": "no_data", "border": "no_data", "far": "no_data"}
    assert lanes["blind"].sum() == 1
    units = reported(log, "unit")
    assert units["no_data_m"]["010101"] > 0 == units["blind_m"]["010101"]
    main = TOWN.log([TOWN.one("main", BEGIN + 60, confidence=0.1)])  # a pass of any certainty on any street
    assert told(TOWN.ground, main, BEGIN, BEGIN + DAY_S, TOWN.near)["status"][TOWN.edges("west")[0]] == "blind"


def test_a_city_of_one_level_is_heard_of_as_a_whole() -> None:
    """There is no cell above, and the report would end in an error."""
    town = patrolled.town(levels=(patrolled.city.CITY.levels[-1],))
    said = [told(town.ground, town.log(rows), BEGIN, BEGIN + DAY_S, town.near)["status"] for rows in
            ([], [town.one("east", BEGIN)])]  # fmt: skip
    assert set(said[0]) == {"no_data"} and set(said[1]) == {"walked", "blind"}


def test_heard_may_come_as_whole_numbers() -> None:
    """Everything would be without data: the complement of 1 is -2, which is true."""
    coverage = TOWN.log([]).within(0, DAY_S)
    heard = np.arange(len(coverage.visits)) % 2
    assert (statuses(coverage, TOWN.near, heard) == statuses(coverage, TOWN.near, heard == 1)).all()


def test_a_walked_lane_is_split_at_the_border_of_grids() -> None:
    """A grid would be told to walk what was walked, or its neighbour be praised for it."""
    whole = TOWN.log([TOWN.one("west", BEGIN + 60)])
    half = TOWN.log([TOWN.one("west", BEGIN + 60, share=(0, 0.6))])
    length_m = float(TOWN.network.length_m[TOWN.edges("west")[0]])
    for log, second in ((whole, 0.4), (half, 0.0)):
        units = reported(log, "unit")
        assert units["covered_m"]["010101"] == pytest.approx(0.6 * length_m, abs=5)
        assert units["covered_m"]["010102"] == pytest.approx(second * length_m, abs=5)
    units = reported(whole, "unit")
    assert units["walked_m"]["010102"] == pytest.approx(0.4 * length_m, abs=5)
    assert units["visits"].to_dict()["010101"] == 1 and units["visits"]["010102"] == 0
    assert units["share"]["010101"] == 1


def test_contractors_have_what_they_sweep_and_the_rest_is_nobodys() -> None:
    """The share of a firm would hold lanes that it was never paid for."""
    found = reported(TOWN.log([TOWN.one("west", BEGIN + 60)]), "contractor")
    assert list(found["code"]) == ["cleaners", "sweepers", None]
    assert found["share"].tolist() == [1, 0, 0]


def test_inspectors_have_their_own_metres_each_once() -> None:
    """Two who walk one lane would share its metres, or one who walks it twice would have it twice."""
    log = TOWN.log(
        [
            TOWN.one("east", BEGIN + 60), TOWN.one("east", BEGIN + 600), TOWN.one("east", BEGIN + 60, carrier="wang"),
            TOWN.one("north", BEGIN + 900, carrier="wang", share=(0, 0.5)), TOWN.one("main", BEGIN + 1200),
            TOWN.one("north", BEGIN + 2000, carrier="zhao", confidence=0.3),
        ]
    )  # fmt: skip
    found, length_m = reported(log, "inspector"), TOWN.network.length_m
    east, north, main = (float(length_m[TOWN.edges(name)[0]]) for name in ("east", "north", "main"))
    assert list(found["code"]) == ["li", "wang", "zhao"]
    assert found["covered_m"].tolist() == pytest.approx([east, east + north / 2, 0], abs=5)
    assert found["visits"].tolist() == [2, 2, 0] and found["segments"].tolist() == [1, 2, 0]
    assert found["patrol_m"].tolist() == pytest.approx([2 * east + main, east + north / 2, 0], abs=0.01)
    assert found["patrol_s"].tolist() == [300, 200, 0]
    assert found["walked_m"].equals(found["covered_m"]) and found["blind_m"].isna().all()
    assert found["last_s"]["zhao"] - found["first_s"]["zhao"] == 100
    assert found["due_m"].tolist() == pytest.approx(list(reported(log, "district")["due_m"]) * 3)


def test_one_carrier_alone_is_told_by_the_log() -> None:
    """The map of one inspector would show what the others walked."""
    log = TOWN.log([TOWN.one("east", BEGIN), TOWN.one("north", BEGIN, carrier="wang")])
    assert log.carriers == ("li", "wang")
    for names, streets in ((["li"], ["east"]), (["wang"], ["north"]), (["li", "wang"], ["east", "north"]), ([], [])):
        visits = log.within(BEGIN, BEGIN + DAY_S, carriers=names).visits
        assert sorted(np.flatnonzero(visits)) == sorted(int(TOWN.edges(one)[0]) for one in streets)
    assert log.within(BEGIN, BEGIN + DAY_S, carriers=["nobody"]).passes.sum() == 0


def test_a_shift_over_midnight_is_one_and_ends_where_it_ends() -> None:
    """A night would be two half shifts, each with half of the metres."""
    zone = ZoneInfo("Asia/Shanghai")
    town = patrolled.town(
        PatrolRules(classes=("backstreet", "branch"), duty={"*": "22:00-06:00", "branch": "07:00-19:00"})
    )
    at = dt.datetime(2026, 6, 10, 23, tzinfo=zone).timestamp()
    log = town.log([town.one("east", at), town.one("north", at + 3 * 3600), town.one("west", at + 8 * 3600)])
    begin_s, end_s = (dt.datetime(2026, 6, day, 12, tzinfo=zone).timestamp() for day in (10, 11))
    said = told(town.ground, log, begin_s, end_s, town.near)
    found = report(town.ground, log, said, "shift", begin_s, end_s, town.near).set_index("code")
    assert list(found.index) == ["2026-06-10 branch", "2026-06-10 *", "2026-06-11 branch"]
    night = found.loc["2026-06-10 *"]
    assert (night["end_s"] - night["begin_s"]) / 3600 == 8 and night["visits"] == 2
    lanes = [float(town.network.length_m[town.edges(name)].sum()) for name in ("east", "north")]
    assert night["walked_m"] == pytest.approx(sum(lanes))
    assert found["due_m"].iloc[0] == pytest.approx(town.network.length_m[town.edges("main")].sum())
    assert found["end_s"].iloc[0] - found["begin_s"].iloc[0] == 7 * 3600  # from noon, where the window begins


def test_shifts_are_told_once_and_only_where_anything_is_due() -> None:
    """Each window would be painted for each class, and for those of which nobody asks for a segment."""
    day = "07:00-19:00"
    duty = {"*": day, "alley": "22:00-06:00", "backstreet": day, "square": day}
    town, asked = patrolled.town(PatrolRules(duty=duty, classes=("backstreet", "branch"))), []
    log = town.log([town.one("east", BEGIN + 3_600)])
    window = BEGIN, BEGIN + 3 * DAY_S
    said = told(town.ground, log, *window, town.near)

    def tell(begin_s: float, end_s: float) -> pd.DataFrame:
        asked.append((begin_s, end_s))
        return told(town.ground, log, begin_s, end_s, town.near)

    found = report(town.ground, log, said, "shift", *window, town.near, tell=tell)
    assert set(found["class"]) == {"*", "backstreet"} and len(asked) == len(set(asked)) == len(found) / 2
    assert found.equals(report(town.ground, log, said, "shift", *window, town.near))
    assert not len(report(town.ground, log, said, "shift", *window, town.near, np.zeros(len(said), bool), tell=tell))
    assert len(asked) == len(found) / 2


def test_a_night_is_an_hour_shorter_when_the_clocks_leap() -> None:
    """Berlin's night of 28 March 2026 would be held to eight hours; in October it has nine."""
    town = patrolled.town(PatrolRules(duty={"*": "22:00-06:00"}), timezone="Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    for month, day, hours in ((3, 28, 7), (10, 24, 9), (6, 10, 8)):
        noon = dt.datetime(2026, month, day, 12, tzinfo=zone).timestamp()
        found = shifts(town.ground.territory.city, noon, noon + DAY_S)
        assert [str(one) for one in found["day"]] == [f"2026-{month:02}-{day}"]
        assert (found["end_s"] - found["begin_s"]).tolist() == [hours * 3600]


def test_a_street_that_has_ended_keeps_its_passes_and_is_no_longer_due() -> None:
    """The blind-spot list would send people to a lane that is no more."""
    log = TOWN.log([TOWN.one("gone", BEGIN + 60)])
    assert "gone" not in reported(log, "lane").index
    assert "gone" not in set(unwalked(TOWN.ground, log, BEGIN - 6 * DAY_S, BEGIN + DAY_S, TOWN.near)["street"])
    assert log.within(BEGIN, BEGIN + DAY_S).visits[TOWN.edges("gone")[0]] == 1
    # In the network of a version without it, its passes are on nothing.
    passes = passes_of(TOWN.network, pd.DataFrame([TOWN.one("gone", BEGIN, piece=0), TOWN.one("east", BEGIN, piece=0)]))
    later = patrolled.build_network(patrolled.territory().on(TODAY).frames["streets"], TOWN.network.srid)
    assert PatrolLog(later, intervals_of(later, passes)).within(BEGIN, BEGIN + DAY_S).visits.sum() == 1


def test_nothing_walked_and_nothing_due_is_told_and_not_refused() -> None:
    """The first morning of a city would end in an error."""
    empty = TOWN.log([])
    for by in ("segment", "lane", "contractor", *LEVELS):
        found = reported(empty, by)
        assert found["no_data_m"].sum() == pytest.approx(found["due_m"].sum()) and not found["visits"].any()
        assert found["oldest_age_s"].isna().all() and (found["longest_gap_s"] == DAY_S).all()
    assert not len(reported(empty, "inspector"))
    assert len(unwalked(TOWN.ground, empty, BEGIN - 7 * DAY_S, BEGIN, TOWN.near)) == TOWN.ground.due.sum()
    idle = patrolled.town(PatrolRules(classes=("alley",)))
    for by in ("segment", "lane", "contractor", "inspector", "shift", *LEVELS):
        assert not len(reported(idle.log([]), by, idle))
    with pytest.raises(InvalidInput) as refused:
        reported(empty, "mood")
    assert refused.value.text("zh") != refused.value.text("en")


def test_the_longest_unwalked_come_first() -> None:
    """Whoever reads the list from the top would walk yesterday's lanes again and leave those of a month ago."""
    as_of = BEGIN + 20 * DAY_S
    log = TOWN.log(
        [TOWN.one("east", as_of - 3600), TOWN.one("west", as_of - 8 * DAY_S), TOWN.one("north", as_of - 15 * DAY_S)]
    )
    found = unwalked(TOWN.ground, log, as_of - 7 * DAY_S, as_of, TOWN.near)
    assert found["street"].tolist() == ["border", "far", "border", "north", "west"]
    assert found["last_s"].isna().tolist() == [True, True, True, False, False]
    assert (found["age_s"].tail(2) / DAY_S).tolist() == pytest.approx([15, 8], abs=0.01)
    assert found["status"].tail(2).tolist() == ["blind", "no_data"]
    assert found["segment"].tail(1).tolist() == ["west@0.00"]
    lanes = reported(log, "lane", days=20)
    assert (lanes["walked_share"] * lanes["due_m"]).tolist() == pytest.approx(lanes["walked_m"].tolist())
    assert lanes["unwalked_m"]["east"] == 0 and lanes["unwalked_m"]["north"] == lanes["due_m"]["north"]


walks = st.lists(
    st.tuples(
        st.integers(0, len(TOWN.network.u) - 1), st.integers(0, 10), st.integers(0, 10), st.integers(0, 3 * 86_400 - 1),
        st.sampled_from([0.1, 0.3, 0.9]), st.sampled_from(["li", "wang"]),
    ),
    max_size=30,
)  # fmt: skip


def walked(rows: list[tuple[int, int, int, int, float, str]]) -> PatrolLog:
    """A log of drawn passes."""
    frame = pd.DataFrame(rows, columns=["edge", "a", "b", "t", "confidence", "carrier"])
    length_m = TOWN.network.length_m[frame["edge"].astype(int)] / 10
    low, high = np.minimum(frame["a"], frame["b"]) * length_m, np.maximum(frame["a"], frame["b"]) * length_m
    frame = frame.assign(from_m=low, to_m=high, t_in=BEGIN + frame["t"], t_out=BEGIN + frame["t"] + 70)
    return PatrolLog(TOWN.network, frame)


@settings(max_examples=60, deadline=None)
@given(walks)
def test_every_report_has_the_same_totals(rows: list[tuple[int, int, int, int, float, str]]) -> None:
    """The sum of the grids would be another than that of the lanes, and nobody would believe either."""
    log = walked(rows)
    by_segment = reported(log, "segment", days=3)
    for by in ("lane", "contractor", *LEVELS):
        found = reported(log, by, days=3)
        for column in (*METRES, "visits", "segments", "blind"):
            assert found[column].sum() == pytest.approx(by_segment[column].sum())
        assert (found[["walked_m", "probable_m", "blind_m", "no_data_m"]].sum(axis=1)).tolist() == pytest.approx(
            found["due_m"].tolist()
        )
        assert found["longest_gap_s"].max() == by_segment["longest_gap_s"].max()


@settings(max_examples=60, deadline=None)
@given(walks, st.integers(1, 3 * 86_400 - 1))
def test_windows_one_after_the_other_add_up(rows: list[tuple[int, int, int, int, float, str]], cut: int) -> None:
    """A pass would count in two days, or in none."""
    log = walked(rows)
    whole = log.within(BEGIN, BEGIN + 3 * DAY_S)
    parts = log.within(BEGIN, BEGIN + cut), log.within(BEGIN + cut, BEGIN + 3 * DAY_S)
    assert (whole.visits == parts[0].visits + parts[1].visits).all()
    assert (whole.passes == parts[0].passes + parts[1].passes).all()
    assert ((whole.last_s > -np.inf) == ((parts[0].last_s > -np.inf) | (parts[1].last_s > -np.inf))).all()
    people = [log.within(BEGIN, BEGIN + 3 * DAY_S, carriers=[one]) for one in log.carriers]
    assert (whole.passes == sum((one.passes for one in people), np.zeros(len(whole.passes), np.int64))).all()


def test_what_may_have_been_walked_before_anything_is_known_is_not_called_unwalked() -> None:
    """Lanes would be unwalked for a week because the first days of it are forgotten."""
    log = TOWN.log([TOWN.one("east", BEGIN)])
    window = BEGIN, BEGIN + DAY_S
    said = told(TOWN.ground, log, *window, TOWN.near)
    for by in ("lane", "community"):
        found = report(TOWN.ground, log, said, by, *window, TOWN.near, known_s=BEGIN)
        assert found["unwalked_m"].isna().all() and found["walked_m"].sum() > 0
