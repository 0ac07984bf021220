"""What is told before a day is planned."""

from dataclasses import replace

import numpy as np
import pytest

from gis_core.errors import InvalidInput
from gis_core.planning.tasks import Break, Day, Patroller, Stop
from gis_core.planning.telling import available_s, relaxation, tell_before, work
from gis_core.texts import TEXTS
from tests.gis_core.planned import H, lane, place, random_day, town, ways_of

TOWN = town(6)


def stop(code: str, x: float = 100.0, y: float = 200.0, **more: object) -> Stop:
    """A stop at a place of the town."""
    return Stop(code=code, kind="place", x=place(x, y)[0], y=place(x, y)[1], **more)  # type: ignore[arg-type]


def who(**more: object) -> Patroller:
    """Somebody who has a morning."""
    return Patroller(**{"code": "p", "start": place(0, 0), "shift": (8 * H, 12 * H), **more})  # type: ignore[arg-type]


REFUSED = {
    "plan_nobody": Day(stops=(stop("a"),)),
    "plan_shift": Day(stops=(stop("a"),), patrollers=(who(shift=(12 * H, 8 * H)),)),
    "plan_break": Day(stops=(stop("a"),), patrollers=(who(breaks=(Break(5 * H, 9 * H, 10 * H),)),)),
    "plan_code": Day(stops=(stop("a"), stop("a")), patrollers=(who(),)),
    "plan_window": Day(stops=(stop("a", windows=((10 * H, 9 * H),)),), patrollers=(who(),)),
    "plan_stop": Day(stops=(stop("a", x=float("nan")),), patrollers=(who(),)),
    "plan_prize": Day(stops=(stop("a", prize=float("nan")),), patrollers=(who(),)),
    "plan_place": Day(stops=(stop("a"),), patrollers=(who(start=(float("nan"), 0.0)),)),
    "plan_unnamed": Day(stops=(stop(""),), patrollers=(who(),)),
    "plan_seed": Day(stops=(stop("a"),), patrollers=(who(),), seed=-1),
}
ALSO = {
    "a window before midnight": ("plan_window", Day(stops=(stop("a", windows=((-1, 9 * H),)),), patrollers=(who(),))),
    "a break that is the shift": (
        "plan_break", Day(stops=(stop("a"),), patrollers=(who(breaks=(Break(4 * H, 8 * H, 8 * H),)),)),
    ),
    "a seed too large": ("plan_seed", Day(stops=(stop("a"),), patrollers=(who(),), seed=2**32)),
}  # fmt: skip


def told(day: Day, **more: object) -> dict[str, dict[str, object]]:
    """What is told of a day, by key; in both languages without gaps."""
    found = tell_before(day, ways_of(TOWN, day), **more)  # type: ignore[arg-type]
    for reason in found:
        for locale in ("en", "zh"):
            assert "?" not in TEXTS.say(reason.key, locale, **reason.params)
    return {reason.key: dict(reason.params) for reason in found}


@pytest.mark.parametrize("key", REFUSED)
def test_what_no_plan_can_be_made_for_is_refused(key: str) -> None:
    """A search would run for minutes and find nothing, or break."""
    with pytest.raises(InvalidInput) as refused:
        tell_before(REFUSED[key], {})
    assert refused.value.key == key
    assert "?" not in refused.value.text("en") + refused.value.text("zh")


def test_more_places_than_there_is_room_for_are_refused() -> None:
    """The server would run out of memory, and every other request with it."""
    people = tuple(who(code=f"p{at}", shift=(0, 24 * H)) for at in range(500))
    day = Day(stops=tuple(stop(f"s{at}", x=at / 10) for at in range(5_001)), patrollers=people)
    with pytest.raises(InvalidInput) as refused:
        tell_before(day, {})
    assert (refused.value.key, refused.value.params["value"]) == ("plan_many", 6_001)
    assert "?" not in refused.value.text("en") + refused.value.text("zh")


@pytest.mark.parametrize("what", ALSO)
def test_what_the_search_would_break_on_is_refused_as_well(what: str) -> None:
    """Somebody would be told of a fault of the server."""
    key, day = ALSO[what]
    with pytest.raises(InvalidInput) as refused:
        tell_before(day, {})
    assert refused.value.key == key


@pytest.mark.parametrize("edge", [-1, 10**6])
def test_a_lane_of_other_streets_is_refused(edge: int) -> None:
    """It would be taken for another street, or break the planning."""
    known = lane(TOWN, 3)
    day = Day(lanes=(replace(known, edge=edge),), patrollers=(who(),))
    with pytest.raises(InvalidInput) as refused:
        tell_before(day, ways_of(TOWN, day))
    assert refused.value.key == "plan_lane"
    assert "?" not in refused.value.text("en") + refused.value.text("zh")


def test_a_way_to_move_that_there_is_not_is_refused_in_words() -> None:
    """Nobody could tell what was wrong."""
    with pytest.raises(InvalidInput) as refused:
        who(mover="flying")
    for locale in ("en", "zh"):
        assert "flying" in refused.value.text(locale) and "walking" in refused.value.text(locale)


def test_an_ordinary_day_has_nothing_to_tell() -> None:
    """People would learn to look away."""
    assert told(random_day(TOWN, 1, stops=20, lanes=5, crossing=True)) == {}


def test_five_thousand_stops_for_one_are_refused_with_the_least_that_helps() -> None:
    """It would be searched for a plan of a day's work that is not one."""
    random = np.random.default_rng(1)
    stops = tuple(stop(f"s{at}", *random.uniform(0, 700, 2)) for at in range(5_000))
    day = Day(stops=stops, patrollers=(who(),))
    with pytest.raises(InvalidInput) as refused:
        tell_before(day, {})
    asked = refused.value.params
    people = tuple(who(code=f"p{at}") for at in range(1 + asked["people"]))
    tell_before(replace(day, patrollers=people), ways_of(TOWN, day))
    with pytest.raises(InvalidInput):
        tell_before(replace(day, patrollers=people[:-1]), {})


def test_the_relaxation_is_the_least_that_helps() -> None:
    """People would be asked for more than it takes, or for what does not help."""
    day = Day(stops=tuple(stop(f"s{at}", x=10.0 * at, service_s=1_200) for at in range(30)), patrollers=(who(),))
    asked = relaxation(day)

    def over(other: Day) -> bool:
        return bool(work(other).sum() > available_s(other))

    assert over(day)
    more = tuple(who(code=f"p{at}") for at in range(1 + int(asked["people"])))
    assert not over(replace(day, patrollers=more))
    assert over(replace(day, patrollers=more[:-1]))
    by_work = [day.stops[at] for at in np.argsort(-work(day), kind="stable")]
    gone = int(asked["fewer"])
    kept = sum(work(day)[[day.stops.index(one) for one in by_work[gone:]]])
    assert kept <= available_s(day) < kept + work(day)[day.stops.index(by_work[gone - 1])]
    longer = who(shift=(8 * H, 12 * H + round(float(asked["hours"]) * H)))
    assert not over(replace(day, patrollers=(longer,)))
    assert told(day)["plan_much"]["fewer"] == gone


def test_places_windows_and_musts_that_cannot_be_are_told() -> None:
    """People would wonder in the evening why they are not in the plan."""
    off = Day(stops=(stop("off", x=4_000),), patrollers=(who(),))
    assert told(off)["plan_off_network"]["away_m"] == pytest.approx(3_280, abs=1)
    past = Day(stops=(stop("a", windows=((8 * H, 9 * H),)),), patrollers=(who(),))
    assert told(past, now_s=10 * H)["plan_window_past"]["now"] == "10:00"
    outside = Day(stops=(stop("a", windows=((13 * H, 14 * H),)),), patrollers=(who(),))
    assert told(outside)["plan_window_outside"]["code"] == "a"
    must = Day(stops=(stop("a", must=True, skills=frozenset({"law"})),), patrollers=(who(),))
    assert told(must)["plan_must"]["why"] == "dropped_nobody"
    long = Day(stops=(stop("a", must=True, service_s=4 * H),), patrollers=(who(),))
    assert told(long)["plan_must"]["why"] == "dropped_shift"
