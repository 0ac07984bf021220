"""Snapshots of hot spots: kept once, told of once, forgotten in time."""

import datetime as dt
from typing import Any

import pytest

from layers.snapshots import (
    Snapshot,
    forget_snapshots,
    newest_day,
    note_told,
    packed,
    put_snapshot,
    snapshot_of,
    snapshots_of,
    snapshots_on,
    untold,
)
from layers.stores import Stores
from tests import town

DAY = dt.date(2026, 6, 30)
FAULT = {"fault": {"key": "forecast_short", "params": {"found": 3, "expected": 42}}}


def snapshot(method: str = "forecast", days_ago: int = 0, per: str = "none", **said: Any) -> Snapshot:
    """A snapshot of the town."""
    given: dict[str, Any] = {"facts": {"counted": 7}, "body": {"features": [{"a": "街"}]}, "made_at": town.NOW}
    return Snapshot(day=DAY - dt.timedelta(days=days_ago), method=method, support="", per=per, **given | said)


def put(stores: Stores, *snapshots: Snapshot) -> list[bool]:
    """Store them, each in a transaction of its own; which were new."""
    told = []
    for one in snapshots:
        with stores.write() as store:
            told.append(put_snapshot(store.session, one))
    return told


def test_a_snapshot_is_kept_once_and_read_as_it_was(stores: Stores) -> None:
    """A night's job that ran twice would rewrite what people have already decided by."""
    assert put(stores, snapshot(), snapshot(facts={"counted": 8}), snapshot(per="patrol")) == [True, False, True]
    with stores.read() as store:
        found = snapshot_of(store.session, DAY, "forecast", "", "none")
        assert found is not None and found.body == {"features": [{"a": "街"}]}
        assert (found.facts, found.told, found.made_at, found.fault) == ({"counted": 7}, None, town.NOW, None)
        assert snapshot_of(store.session, DAY, "scan", "", "none") is None
        assert [(one.key, one.body) for one in snapshots_on(store.session, DAY)] == [
            (("forecast", "", "none"), None), (("forecast", "", "patrol"), None)]  # fmt: skip


def test_what_came_to_nothing_makes_way_for_what_did(stores: Stores) -> None:
    """A method that could not answer on its day is asked again by hand; one that could is not undone."""
    broken = snapshot(facts=FAULT, body=None)
    assert put(stores, broken, broken, snapshot(), broken) == [True, False, True, False]
    with stores.read() as store:
        (one,) = snapshots_on(store.session, DAY)
        assert one.fault is None


def test_lists_are_newest_first_and_bounded(stores: Stores) -> None:
    """A year of nights is not read to show a week."""
    put(stores, *(snapshot(method, ago) for ago in range(5) for method in ("scan", "forecast")))
    with stores.read() as store:
        session = store.session
        days = [(one.day, one.method) for one in snapshots_of(session, limit=3)]
        assert days == [(DAY, "forecast"), (DAY, "scan"), (DAY - dt.timedelta(days=1), "forecast")]
        first, last = (DAY - dt.timedelta(days=ago) for ago in (3, 2))
        some = snapshots_of(session, "scan", first=first, last=last, limit=9)
        assert [one.day for one in some] == [last, first]
        assert newest_day(session) == newest_day(session, "scan") == DAY
        assert newest_day(session, before=DAY) == DAY - dt.timedelta(days=1)
        assert newest_day(session, "emerging") is None


def test_how_good_a_forecast_was_is_told_once_it_is_known(stores: Stores) -> None:
    """One that never came about is not waited for."""
    put(stores, snapshot(days_ago=20), snapshot(days_ago=14), snapshot(days_ago=13), snapshot("scan", 20),
        snapshot(days_ago=30, facts=FAULT, body=None))  # fmt: skip
    due = DAY - dt.timedelta(days=14)
    with stores.write() as store:
        older, newer = untold(store.session, "forecast", due)
        assert (older.day, newer.day) == (DAY - dt.timedelta(days=20), due)
        note_told(store.session, older.id, {"reports": 3})
    with stores.read() as store:
        assert [one.id for one in untold(store.session, "forecast", due)] == [newer.id]
        found = snapshot_of(store.session, older.day, "forecast", "", "none")
        assert found is not None and found.told == {"reports": 3}


def test_old_snapshots_go(stores: Stores) -> None:
    """A store would grow with every night."""
    put(stores, *(snapshot(days_ago=ago) for ago in range(4)))
    with stores.write() as store:
        assert forget_snapshots(store.session, DAY - dt.timedelta(days=1)) == 2
        assert [one.day for one in snapshots_of(store.session, limit=9)] == [DAY, DAY - dt.timedelta(days=1)]


def test_what_is_no_number_is_not_kept() -> None:
    """A browser cannot read it, years later."""
    assert packed({"a": [1.5, None]}) == packed({"a": [1.5, None]})
    with pytest.raises(ValueError, match="JSON"):
        packed({"a": float("nan")})
