"""Tracks over HTTP: taken, matched, shown to whom they may be shown, and forgotten."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from api.matching import match_pending
from api.networks import Networks
from api.settings import Settings
from gis_core.permissions import Area, Grant
from layers.patrolled import DayRow, days_after, is_pending, keep_batch
from layers.stores import Stores
from tests import town, walking
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
        assert send(lin, later).document["accepted"] == len(later)
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
