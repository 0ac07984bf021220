"""Tracks over HTTP: taken, matched, shown to whom they may be shown, and forgotten."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from api.jobs import Worker
from api.matching import Matched, TracksWatch, match_again, match_pending, matched_days, midnight, put_days
from api.networks import Networks
from api.replaying import MOST_LOOKED
from api.rollups import count_days
from api.settings import Settings
from gis_core.crs import gcj02_to_bd09, wgs84_to_gcj02
from gis_core.permissions import Area, Grant
from layers.files import files_of
from layers.jobs import Cancelled, cancel, take
from layers.patrolled import DayRow, forget_tracks, is_pending, keep_batch, points_between, put_day, waiting
from layers.rollups import uncounted
from layers.stores import Stores
from tests import town, walking
from tests.gis_core import truth_patrol as truth
from tests.patrolled import days_after
from tests.serving import SECRET, Reply, Server, join, serving

CITY = Area("city")
DAY = walking.BEGIN.date()


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town with lanes."""
    walking.lay(founded_stores)
    return founded_stores


@pytest.fixture
def server(stores: Stores) -> Iterator[Server]:
    with serving(stores, settings=Settings(SECRET, works=False)) as up:
        yield up


@pytest.fixture
def lin(server: Server, stores: Stores) -> Server:
    """Somebody who patrols."""
    return server.by(join(stores, "lin", Grant("inspector", CITY)))


def send(server: Server, points: pd.DataFrame, **more: Any) -> Reply:
    """Send points."""
    headers = {"Idempotency_Key": more.pop("key")} if "key" in more else {}
    return server.send("/api/v1/tracks", walking.as_sent(points, **more), **headers)


def match(stores: Stores, now: dt.datetime = town.NOW) -> int:
    """Match what waits; how many days."""
    return match_pending(stores, Networks(), now, lambda done, total: None).days


def rows(stores: Stores) -> list[DayRow]:
    """All days that are stored."""
    with stores.read() as store:
        return days_after(store.session, 0, dt.date(2000, 1, 1))


def told(stores: Stores) -> list[tuple[Any, ...]]:
    """What is stored of all days, to be compared."""
    match(stores)
    with stores.read() as store:
        assert not is_pending(store.session)
    named = ("carrier", "day", "points", "used", "fault", "walked_m")
    found = sorted(rows(stores), key=lambda row: (row.carrier, row.day))
    return [(*(getattr(row, name) for name in named), row.passes.to_csv()) for row in found]


def test_a_walk_is_taken_and_matched(lin: Server, stores: Stores) -> None:
    """Its day has the lanes that were walked."""
    points = walking.walk()
    reply = send(lin, points)
    assert reply.status == 202, reply.text
    assert reply.document == {"accepted": len(points), "known": 0, "dropped": {}, "days": ["2026-07-01"]}
    match(stores)
    (row,) = rows(stores)
    assert (row.carrier, row.day, row.fault, row.points) == ("lin", DAY, None, len(points))
    assert row.walked_m == pytest.approx(len(points) * 5 * 1.2, rel=0.1)
    assert set(row.passes["street"]) <= {f"h{n}" for n in range(9)} | {f"v{n}" for n in range(5)}


def test_however_it_comes_the_result_is_the_same(lin: Server, stores: Stores) -> None:
    """Sent twice, shuffled, or split and late, nothing would count twice or be lost."""
    points = walking.walk()
    send(lin, points)
    whole = told(stores)
    again = send(lin, points.sample(frac=1, random_state=1)).document
    assert (again["accepted"], again["known"], again["days"]) == (0, len(points), [])
    assert told(stores) == whole and len(whole) == 1
    for later in (points[200:], points[:200], points[100:300].sample(frac=1, random_state=2)):
        assert send(lin, later).document["known"] == len(later)
        assert told(stores) == whole


def test_batches_in_any_order_give_the_same(stores: Stores) -> None:
    """One is matched before the other has come, and the day is matched again."""
    points = walking.walk()
    parts = [points[start : start + 60] for start in range(0, len(points), 60)]
    found = []
    for carrier, order in (("a", parts), ("b", parts[::-1]), ("c", [*parts[1::2], *parts[::2]])):
        for part in order:
            with stores.people(writes=True) as accounts:
                assert keep_batch(accounts.session, carrier, part, carrier, town.NOW)
            match(stores)
        found.append([row[1:] for row in told(stores) if row[0] == carrier])
    assert found[0] == found[1] == found[2]


def shifted(points: pd.DataFrame, east: float = 0.0, north: float = 0.0, later: dt.timedelta = dt.timedelta()) -> Any:
    """Points elsewhere or at another time."""
    moved = {"lon": points["lon"] + east, "lat": points["lat"] + north, "t": points["t"] + later.total_seconds()}
    return points.assign(**moved)


BAD = {
    "swapped": lambda points: points.rename(columns={"lon": "lat", "lat": "lon"}),
    "foreign": lambda points: shifted(points, east=5.0),
    "future": lambda points: shifted(points, later=dt.timedelta(days=1)),
    "long ago": lambda points: shifted(points, later=-dt.timedelta(days=91)),
    "a clock that begins at 1970": lambda points: points.assign(t=np.arange(len(points)) * 5.0),
    "nowhere": lambda points: points.assign(lon=None),
    "beside": lambda points: shifted(points, north=0.01),
}
SAID = {
    "swapped": "track_swapped", "foreign": "track_elsewhere", "beside": "track_elsewhere",
    "future": "track_refused", "long ago": "track_refused", "nowhere": "track_refused",
    "a clock that begins at 1970": "track_refused",
}  # fmt: skip


@pytest.mark.parametrize("how", BAD)
def test_a_batch_of_which_nothing_can_be_taken_is_refused(how: str, lin: Server, stores: Stores) -> None:
    """With what is wrong, and nothing is kept."""
    reply = send(lin, BAD[how](walking.walk()))
    assert (reply.status, reply.document["code"]) == (400, SAID[how]), reply.text
    match(stores)
    assert rows(stores) == []


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_batch_in_another_system_is_refused_with_the_suggestion(datum: str, lin: Server) -> None:
    """Declared as what it is it is taken, and lies where it was walked."""
    points = walking.walk(blocks=100)
    lonlat = wgs84_to_gcj02(points[["lon", "lat"]].to_numpy())
    if datum == "bd09":
        lonlat = gcj02_to_bd09(lonlat)
    there = points.assign(lon=lonlat[:, 0], lat=lonlat[:, 1])
    reply = send(lin, there)
    assert (reply.status, reply.document["code"]) == (400, "track_datum"), reply.text
    assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum] in reply.document["detail"]
    assert send(lin, there, datum=datum).document["accepted"] == len(points)
    assert send(lin, points, datum="moon").status == 400


def test_short_batches_of_a_wrong_system_are_seen_with_the_day(lin: Server, stores: Stores) -> None:
    """A minute says nothing about its system; of the day nothing would be right, and nothing counts."""
    points = walking.walk(blocks=100)
    lonlat = wgs84_to_gcj02(points[["lon", "lat"]].to_numpy())
    there = points.assign(lon=lonlat[:, 0], lat=lonlat[:, 1])
    for start in range(0, len(there), 40):
        assert send(lin, there[start : start + 40]).status == 202
    match(stores)
    (row,) = rows(stores)
    assert row.fault is not None and row.fault["key"] == "track_datum" and row.fault["params"]["datum"] == "gcj02"
    assert row.passes.empty and row.walked_m == 0
    (told,) = lin.ask("/api/v1/tracks").document["days"]
    assert told["fault"]["code"] == "track_datum" and "GCJ-02" in told["fault"]["detail"]


def test_points_that_cannot_be_taken_are_counted_by_reason(lin: Server, stores: Stores) -> None:
    """The others are taken, and count as they would alone."""
    good = walking.walk()
    send(lin, good)
    alone = told(stores)
    bad = pd.concat([BAD[how](good[:3]) for how in ("swapped", "foreign", "future", "long ago", "nowhere")])
    far_below = good[:2].assign(accuracy_m=-1.0)
    document = send(lin, pd.concat([bad, far_below, good[:100]]).sample(frac=1, random_state=1)).document
    assert document["dropped"] == {"unreadable": 5, "swapped": 3, "elsewhere": 3, "future": 3, "too_old": 3}
    assert (document["accepted"], document["known"]) == (0, 100)
    assert told(stores) == alone


def test_odd_tracks_do_no_harm(lin: Server, stores: Stores) -> None:
    """One point, none, far too many, too few, and some that jump: each has its reason, and nothing counts twice."""
    walk = walking.walk(every_s=1)
    assert send(lin, walk[:0]).status == 400
    assert send(lin, walk[:1]).status == 202
    match(stores)
    assert [row.fault and row.fault["key"] for row in rows(stores)] == ["track_too_short"]
    # Ten a second, of which those between stand at the same place.
    often = walk.loc[walk.index.repeat(10)].assign(t=walk["t"].iloc[0] + np.arange(10 * len(walk)) / 10)
    for start in range(0, len(often), 20_000):
        assert send(lin, often[start : start + 20_000]).status == 202
    match(stores)
    (row,) = rows(stores)
    assert row.fault is None and row.walked_m == pytest.approx(len(walk) * 1.2, rel=0.15)
    assert send(lin, pd.concat([often] * 2)[:20_001]).status == 400
    sparse = shifted(walk[::300], later=-dt.timedelta(days=1))
    jumping = shifted(walk[:600:5], later=-dt.timedelta(days=2))
    jumping.loc[jumping.index[::7], "lon"] += 0.015
    assert send(lin, sparse).status == send(lin, jumping).status == 202
    match(stores)
    faults = {one.day: one for one in rows(stores)}
    assert faults[DAY - dt.timedelta(days=1)].fault is not None
    assert faults[DAY - dt.timedelta(days=2)].dropped["teleporting"] > 0


def test_a_walk_over_midnight_counts_on_the_day_each_pass_begins(lin: Server, stores: Stores) -> None:
    """Whether its halves come together or hours apart, no metre would be lost or counted twice."""
    late = dt.datetime.combine(DAY - dt.timedelta(days=1), dt.time(23, 45), town.CITY.zone)
    points = walking.walk(begin=late)
    assert send(lin, points).document["days"] == ["2026-06-30", "2026-07-01"]
    whole = told(stores)
    assert [row[1] for row in whole] == [DAY - dt.timedelta(days=1), DAY]
    assert sum(row[5] for row in whole) == pytest.approx(len(points) * 5 * 1.2, rel=0.1)
    half = len(points) // 2
    for name, parts in (("b", (points[:half], points[half:])), ("c", (points[half:], points[:half]))):
        for part in parts:
            with stores.people(writes=True) as accounts:
                keep_batch(accounts.session, name, part, name, town.NOW)
            match(stores)
        assert [row[1:] for row in told(stores) if row[0] == name] == [row[1:] for row in whole]


def stroll() -> pd.DataFrame:
    """From the western cells of the town into the eastern ones and back, along one lane."""
    xy = np.array([(walking.LANES.xy((column, 1))) for column in (0, 4, 0)])
    random = np.random.default_rng(3)
    places, t = truth.paced(xy, random)
    lonlat = walking.degrees(places[::5])
    columns = {"t": walking.BEGIN.timestamp() + t[::5], "lon": lonlat[:, 0], "lat": lonlat[:, 1]}
    return pd.DataFrame({**columns, "accuracy_m": np.nan})


def test_a_street_that_is_drawn_twice_is_walked_once(lin: Server, server: Server, stores: Stores) -> None:
    """A day would be twice as long where it is replayed as in the list, or to who sees a part as to who sees all."""
    streets = walking.streets()
    again = streets.assign(code="again " + streets["code"], key="again " + streets["key"])
    with stores.publishing() as store:
        town.publish(store, streets=pd.concat([streets, again.assign(row=again["row"] + len(streets))]))
    planner = server.by(join(stores, "planner", Grant("planner", Area("grid", "0101"))))
    send(lin, stroll())
    match(stores)
    whole, part = (asked.ask(f"/api/v1/tracks/lin/{DAY}").document for asked in (lin, planner))
    (day,), (own,) = (asked.ask("/api/v1/tracks").document["days"] for asked in (lin, planner))
    passes = [one["properties"] for one in part["features"] if one["properties"]["kind"] == "pass"]
    assert {one["street"].startswith("again") for one in passes} == {True, False}
    assert whole["day"]["walked_m"] == pytest.approx(day["walked_m"])
    drawn_m = sum(one["to_m"] - one["from_m"] for one in passes)
    assert part["day"]["walked_m"] == own["walked_m"] == pytest.approx(drawn_m / 2, rel=0.01)


def test_who_sees_whose_track(lin: Server, server: Server, stores: Stores) -> None:
    """The wearer all of it; planner and auditor what lies in their area, which is noted; nobody else."""
    keys = {
        "planner": Grant("planner", Area("grid", "0101")), "elsewhere": Grant("planner", Area("grid", "0104")),
        "auditor": Grant("auditor", CITY), "inspector": Grant("inspector", CITY), "chief": Grant("commander", CITY),
    }  # fmt: skip
    by = {name: server.by(join(stores, name, grant)) for name, grant in keys.items()}
    send(lin, stroll())
    match(stores)
    path, seen = f"/api/v1/tracks/lin/{DAY}", {}
    for name, asked in {"lin": lin, **by}.items():
        reply = asked.ask(path)
        if name in ("inspector", "chief"):
            assert reply.status == 403, name
            assert asked.ask("/api/v1/tracks?carrier=lin").status == 403
            assert asked.ask("/api/v1/tracks").document["days"] == []
        elif name == "elsewhere":
            assert (reply.status, reply.document["code"]) == (404, "track_missing")
            assert asked.ask("/api/v1/tracks").document["days"] == []
        else:
            assert reply.status == 200, reply.text
            seen[name] = reply.document
            (day,) = asked.ask("/api/v1/tracks").document["days"]
            assert day["carrier"] == "lin"
            assert day["walked_m"] == pytest.approx(reply.document["day"]["walked_m"])
    assert seen["lin"] == seen["auditor"]
    assert seen["planner"]["day"]["walked_m"] < 0.7 * seen["lin"]["day"]["walked_m"]
    for kind in ("track", "pass"):
        assert [one for one in seen["planner"]["features"] if one["properties"]["kind"] == kind]
    lines = [one for one in seen["planner"]["features"] if one["properties"]["kind"] == "track"]
    assert len(lines) == 2 and all(
        lon <= town.WEST + town.SIDE for one in lines for lon, _ in one["geometry"]["coordinates"]
    )
    assert len(lines[0]["properties"]["t"]) == len(lines[0]["geometry"]["coordinates"])
    auditor = server.by(join(stores, "audits", Grant("auditor", CITY)))
    trail = [one for one in auditor.ask("/api/v1/audit").document["entries"] if one["action"] == "traced"]
    assert [(one["actor"], one["subject"]) for one in trail] == [("auditor", "lin"), ("planner", "lin")]


def test_days_come_in_pages(lin: Server, stores: Stores) -> None:
    """And what is no day or no place in the list is refused, not a fault."""
    for day in range(3):
        send(lin, shifted(walking.walk(blocks=10), later=-dt.timedelta(days=day)))
    match(stores)
    seen, after = [], ""
    while after is not None:
        page = lin.ask(f"/api/v1/tracks?limit=1{after}").document
        seen += [one["day"] for one in page["days"]]
        after = page["next"] and f"&after={page['next']}"
    assert seen == ["2026-07-01", "2026-06-30", "2026-06-29"]
    some = lin.ask("/api/v1/tracks?since=2026-06-30&until=2026-06-30").document["days"]
    assert [one["day"] for one in some] == ["2026-06-30"]
    for path, status in (
        ("?after=x", 400), (f"?after=2026-06-30.{2**70}", 400), ("/lin/0001-01-01", 404), ("/lin/9999-12-31", 404),
        ("/lin/2026-05-01", 404), ("/lin/today", 400),
    ):  # fmt: skip
        assert lin.ask(f"/api/v1/tracks{path}").status == status, path


def test_who_may_send_whose_track(lin: Server, server: Server, stores: Stores) -> None:
    """Another's only who loads in the whole city, which is noted; nobody's at all, no one."""
    chief = server.by(join(stores, "chief", Grant("commander", CITY)))
    planner = server.by(join(stores, "planner", Grant("planner", CITY)))
    points = walking.walk()
    assert send(planner, points).status == 403
    assert send(lin, points, carrier="chief").status == 403
    assert send(chief, points, carrier="nobody").status == 404
    assert send(chief, points, carrier="lin").document["accepted"] == len(points)
    assert send(lin, points).document["known"] == len(points)
    assert send(lin, walking.walk(2), key="k").document == send(lin, walking.walk(2), key="k").document
    assert send(lin, walking.walk(3), key="k").status == 409
    assert server.send("/api/v1/tracks", walking.as_sent(points)).status == 401


def test_raw_tracks_go_and_what_was_passed_stays(lin: Server, stores: Stores) -> None:
    """Ninety days on nobody would be found by where they were; late points of then come too late."""
    send(lin, walking.walk())
    before = told(stores)
    later = town.NOW + dt.timedelta(days=92)
    with stores.read() as store:
        assert len(points_between(store.session, "lin", walking.BEGIN, town.NOW))
    assert not TracksWatch(stores).look(town.NOW) and TracksWatch(stores).look(later)
    worker = Worker(stores, files_of(stores.address), lambda: later)
    assert worker.work() and not worker.work()
    with stores.read() as store:
        assert points_between(store.session, "lin", walking.BEGIN, town.NOW).empty
    assert told(stores) == before
    with serving(stores, lambda: later, Settings(SECRET, works=False)) as up:
        replayed = up.by(lin.shown["Authorization"].split()[1]).ask(f"/api/v1/tracks/lin/{DAY}").document
        assert replayed["expired"] and {one["properties"]["kind"] for one in replayed["features"]} == {"pass"}
        assert (
            up.by(lin.shown["Authorization"].split()[1])
            .send("/api/v1/tracks", walking.as_sent(walking.walk(2)))
            .document["code"]
            == "track_refused"
        )


def test_what_was_not_stored_waits(lin: Server, stores: Stores) -> None:
    """Whoever is stopped between matching and storing leaves the points waiting; the next one does it."""
    send(lin, walking.walk())

    calls = []

    def lost(store: object) -> None:
        calls.append(store)
        if len(calls) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        match_pending(stores, Networks(), town.NOW, lambda done, total: None, lost)
    assert rows(stores) == []
    with stores.read() as store:
        assert is_pending(store.session)
    watch = TracksWatch(stores)
    assert watch.look(town.NOW) and watch.look(town.NOW)
    worker = Worker(stores, files_of(stores.address), lambda: town.NOW)
    assert worker.work() and not worker.work()
    assert len(rows(stores)) == 1 and not watch.look(town.NOW)


def test_points_that_come_while_a_day_is_matched_are_not_lost(lin: Server, stores: Stores) -> None:
    """The day that was read before they came would be stored over that which has them."""
    points = walking.walk()
    send(lin, points)
    whole = told(stores)
    with stores.people(writes=True) as accounts:
        keep_batch(accounts.session, "wang", points[:200], "wang", town.NOW)
    with stores.read() as store:
        early = list(matched_days(store, Networks(), "wang", [DAY]))
    with stores.people(writes=True) as accounts:
        keep_batch(accounts.session, "wang", points[200:], "wang", town.NOW)
    match(stores)
    with stores.write() as store:
        assert put_days(store, early, town.NOW, Matched()) == {DAY}
    wang = [row[1:] for row in told(stores) if row[0] == "wang"]
    assert wang == [row[1:] for row in whole]


def test_days_are_matched_anew_with_the_streets_of_now(lin: Server, stores: Stores) -> None:
    """The same streets give the same days, which keep their place."""
    send(lin, walking.walk())
    match(stores)
    (before,) = rows(stores)
    again = match_again(stores, Networks(), DAY, town.NOW, lambda done, total: None)
    (after,) = rows(stores)
    assert (again.days, again.changed, after.position) == (1, 0, before.position)


def broken(stores: Stores, table: str, column: str, carrier: str) -> None:
    """Bytes of a carrier that nobody can read."""
    with stores.write() as store:
        written = text(f"UPDATE {table} SET {column} = :no WHERE carrier = :who")
        store.session.execute(written, {"no": b"x", "who": carrier})


def test_a_day_of_which_nothing_counts_stops_no_other(lin: Server, stores: Stores) -> None:
    """That day, and all after it, would be missing from the layer for good."""
    send(lin, shifted(walking.walk()[:1], later=-dt.timedelta(days=3)))
    send(lin, walking.walk())
    match(stores)
    with stores.read() as store:
        assert uncounted(store.session) == []
        assert store.session.scalar(text("SELECT count(DISTINCT day) FROM segment_day")) == 1


def test_a_day_that_cannot_be_counted_stops_no_other(lin: Server, stores: Stores) -> None:
    """It is counted when that is mended; until then whoever counts is told."""
    for who, days in (("a", 1), ("b", 0)):
        with stores.people(writes=True) as accounts:
            keep_batch(accounts.session, who, shifted(walking.walk(), later=-dt.timedelta(days=days)), who, town.NOW)
    with stores.read() as store:
        found = [one for who in "ab" for one in matched_days(store, Networks(), who, [DAY - dt.timedelta(days=1), DAY])]
    with stores.write() as store:
        put_days(store, found, town.NOW, Matched())
    broken(stores, "patrol_day", "passes", "a")
    with pytest.raises(ValueError, match="pickle"):
        count_days(stores, Networks(), town.NOW)
    with stores.read() as store:
        assert uncounted(store.session) == [DAY - dt.timedelta(days=1)]


def test_a_phone_that_sends_all_so_far_stores_each_point_once(lin: Server, stores: Stores) -> None:
    """A shift of hours would be kept once for each minute of it."""
    points = walking.walk()
    answers = [send(lin, points[:count]).document for count in (50, 55, 58)]
    assert [(one["accepted"], one["known"]) for one in answers] == [(50, 0), (5, 50), (3, 55)]
    with stores.read() as store:
        assert store.session.scalar(text("SELECT sum(points) FROM track_batch")) == 58


def test_old_days_keep_the_party_of_then(lin: Server, stores: Stores) -> None:
    """Whoever goes to another firm would take along what they walked for this one."""
    points = walking.walk()
    for sent, party in ((points[:300], "F1"), (points[300:], "A2")):
        with stores.write() as store:
            store.session.execute(text("UPDATE user_account SET organisation = :party"), {"party": party})
        send(lin, sent)
        match(stores)
    (row,) = rows(stores)
    assert (row.body, row.points) == ("F1", len(points))


def test_a_job_that_is_to_stop_is_waited_for(lin: Server, stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever looks would fail until it has stopped."""
    send(lin, walking.walk())
    watch = TracksWatch(stores)
    assert watch.look(town.NOW)
    with stores.people(writes=True) as accounts:
        taken = take(accounts.session, town.NOW)
        assert taken is not None and cancel(accounts.session, taken.id, town.NOW)
    assert not watch.look(town.NOW) and not caplog.records
    assert watch.look(town.NOW + dt.timedelta(days=1)), "its worker died"


def test_who_sees_a_part_is_told_of_a_part(lin: Server, server: Server, stores: Stores) -> None:
    """The text of a fault would say where somebody was beyond their area, and counts for how long."""
    send(lin, walking.walk()[:50])
    match(stores)
    fault = {"key": "track_elsewhere", "params": {"limit_m": 50.0, "lon": 108.12345, "lat": 22.54321}}
    with stores.write() as store:
        (row,) = days_after(store.session, 0, DAY)
        put_day(store.session, replace(row, fault=fault), town.NOW)
    planner = server.by(join(stores, "planner", Grant("planner", Area("grid", "0101"))))
    assert "108.12345" in lin.ask(f"/api/v1/tracks/lin/{DAY}").document["day"]["fault"]["detail"]
    day = planner.ask(f"/api/v1/tracks/lin/{DAY}").document["day"]
    assert day["fault"]["code"] == "track_elsewhere"
    assert "50" in day["fault"]["detail"] and "108." not in day["fault"]["detail"]
    assert (day["points"], day["used"], day["dropped"]) == (None, None, None)


def test_a_page_looks_at_so_many_days(lin: Server, server: Server, stores: Stores) -> None:
    """Whoever sees a part where nobody was would have all days of the city unpacked for nothing."""
    send(lin, stroll())
    match(stores)
    with stores.write() as store:
        (row,) = days_after(store.session, 0, DAY)
        for number in range(MOST_LOOKED):
            put_day(store.session, replace(row, carrier=f"c{number}", passes=row.passes[:0]), town.NOW)
    planner = server.by(join(stores, "planner", Grant("planner", Area("grid", "0101"))))
    first = planner.ask("/api/v1/tracks").document
    assert first["days"] == [] and first["next"]
    second = planner.ask(f"/api/v1/tracks?after={first['next']}").document
    assert [one["carrier"] for one in second["days"]] == ["lin"] and second["next"] is None


def test_a_day_is_not_matched_again_without_the_hour_before_it(lin: Server, stores: Stores) -> None:
    """What was passed over midnight would count on both days."""
    late = dt.datetime.combine(DAY - dt.timedelta(days=1), dt.time(23, 45), town.CITY.zone)
    send(lin, walking.walk(begin=late))
    whole = told(stores)
    with stores.write() as store:
        assert forget_tracks(store.session, midnight(store, DAY)) == 1
    match_again(stores, Networks(), DAY - dt.timedelta(days=9), town.NOW, lambda done, total: None)
    assert told(stores) == whole


def test_a_carrier_whose_points_cannot_be_read_stops_no_other(stores: Stores) -> None:
    """They wait for a time when they can, and the job is told as failed so that it is tried again."""
    for who in "ab":
        with stores.people(writes=True) as accounts:
            keep_batch(accounts.session, who, walking.walk(blocks=10), who, town.NOW)
    broken(stores, "track_batch", "content", "a")
    with pytest.raises(ValueError, match="pickle"):
        match(stores)
    assert [row.carrier for row in rows(stores)] == ["b"]
    with stores.read() as store:
        assert [one.carrier for one in waiting(store.session, town.CITY.zone)] == ["a"]
        assert uncounted(store.session) == []


def test_wgs84_declared_as_another_system_is_told_so(lin: Server) -> None:
    """Whoever shifts twice would look for a fault of the receiver."""
    detail = send(lin, walking.walk(blocks=100), datum="gcj02").document["detail"]
    assert "GCJ-02" in detail and "WGS 84" in detail, detail


def test_why_nothing_is_left_is_said_in_words(lin: Server) -> None:
    """Codes, and no clock to hold one's own against."""
    future, old = (send(lin, BAD[how](walking.walk())).document["detail"] for how in ("future", "long ago"))
    assert "the server's clock says 2026-07-01" in future and "future 4" not in future, future
    assert "points of 2026-04-03 to 2026-07-01 are taken" in old and "too_old" not in old, old
    foreign = send(lin, BAD["foreign"](walking.walk())).document["detail"]
    assert "near 113.3" in foreign, foreign
