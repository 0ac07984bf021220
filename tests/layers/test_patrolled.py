"""Tracks and days of patrol as they are kept."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from gis_core.patrol.passes import PASSES
from layers.patrolled import (
    POINT_COLUMNS,
    DayRow,
    Waiting,
    alone_with_patrols,
    canonical,
    day_of,
    digest_of_points,
    forget_tracks,
    is_pending,
    keep_batch,
    last_position,
    packed,
    points_between,
    put_day,
    settle,
    unpacked,
    waiting,
)
from layers.stores import Stores
from tests.patrolled import days_after
from tests.town import CITY, NOW

DAY = dt.date(2026, 6, 30)
NOON = dt.datetime(2026, 6, 30, 12, tzinfo=CITY.zone)
HOUR = dt.timedelta(hours=1)


def points(begin: dt.datetime, count: int = 5, every_s: float = 5.0) -> pd.DataFrame:
    """A few points in a row, every other with an accuracy."""
    t = begin.timestamp() + np.arange(count) * every_s
    accuracy_m = np.where(np.arange(count) % 2, np.nan, 8.0)
    return pd.DataFrame({"t": t, "lon": 108.3 + np.arange(count) * 1e-5, "lat": 22.8, "accuracy_m": accuracy_m})


def day_row(carrier: str = "lin", day: dt.date = DAY, walked_m: float = 20.0, **more: object) -> DayRow:
    """A day with one pass."""
    passes = pd.DataFrame([("S1", 0.0, walked_m, 1.0, 20.0, 0.9, 0, 0)], columns=list(PASSES))
    given = {
        "body": "U01", "position": 0, "version": 1, "fault": None, "points": 5, "used": 4, "dropped": {"thinned": 1},
    }  # fmt: skip
    return DayRow(carrier=carrier, day=day, walked_m=walked_m, passes=passes, **(given | more))


def put(stores: Stores, *rows: DayRow) -> list[bool]:
    """Store days in one transaction."""
    with stores.people(writes=True) as accounts:
        alone_with_patrols(accounts.session)
        return [put_day(accounts.session, row, NOW) for row in rows]


def keep(stores: Stores, frame: pd.DataFrame, carrier: str = "lin") -> bool:
    """Keep a batch."""
    with stores.people(writes=True) as accounts:
        return keep_batch(accounts.session, carrier, frame, carrier, NOW)


def test_points_are_the_same_whatever_their_order() -> None:
    """Shuffled and twice over they are one canonical frame; without points there is nothing."""
    whole = points(NOON, 50)
    shuffled = pd.concat([whole, whole]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(canonical(shuffled), canonical(whole))
    assert len(canonical(whole)) == 50
    assert not len(canonical(whole[:0]))


def test_frames_come_back_as_they_were_packed() -> None:
    """Numbers, texts, and nothing at all."""
    for frame in (points(NOON), day_row().passes, day_row().passes[:0], points(NOON)[:0]):
        assert packed(frame) == packed(frame.copy())
        pd.testing.assert_frame_equal(unpacked(packed(frame)), frame, check_dtype=False)


def test_a_batch_is_kept_once(stores: Stores) -> None:
    """The same points of one carrier, in another order, are there already; of another carrier they are not."""
    batch = points(NOON)
    assert keep(stores, batch)
    assert not keep(stores, batch[::-1])
    assert keep(stores, batch, "wang")
    with stores.read() as store:
        pending = waiting(store.session, CITY.zone)
        assert [(one.carrier, day) for one in pending for day in one.days] == [("lin", DAY), ("wang", DAY)]
        pd.testing.assert_frame_equal(points_between(store.session, "lin", NOON, NOON + HOUR), canonical(batch))


def test_points_of_two_batches_are_read_as_one(stores: Stores) -> None:
    """Cut anywhere, with some points in both, within the span that is asked for."""
    whole = points(NOON, 100)
    keep(stores, whole[:60])
    keep(stores, whole[40:])
    with stores.read() as store:
        pd.testing.assert_frame_equal(points_between(store.session, "lin", NOON, NOON + HOUR), canonical(whole))
        later = points_between(store.session, "lin", NOON + dt.timedelta(seconds=50), NOON + HOUR)
        assert len(later) == 90
        assert points_between(store.session, "nobody", NOON, NOON + HOUR).empty


def test_a_batch_near_midnight_changes_the_day_beside(stores: Stores) -> None:
    """Passes over midnight are matched with an hour of the other day."""
    keep(stores, points(dt.datetime(2026, 6, 30, 23, 30, tzinfo=CITY.zone)))
    keep(stores, points(dt.datetime(2026, 6, 30, 0, 30, tzinfo=CITY.zone)), "wang")
    with stores.read() as store:
        assert is_pending(store.session)
        found = waiting(store.session, CITY.zone)
        assert [(one.carrier, one.days) for one in found] == [
            ("lin", (DAY, dt.date(2026, 7, 1))),
            ("wang", (dt.date(2026, 6, 29), DAY)),
        ]
    with stores.people(writes=True) as accounts:
        settle(accounts.session, found[0].batches)
    with stores.read() as store:
        assert waiting(store.session, CITY.zone) == [Waiting("wang", found[1].batches)]


def test_days_are_read_from_a_position_on(stores: Stores) -> None:
    """A day that is stored anew comes last; one that is the same keeps its place."""
    other = DAY - dt.timedelta(days=1)
    assert put(stores, day_row(), day_row("wang"), day_row(day=other)) == [True, True, True]
    with stores.read() as store:
        assert last_position(store.session) == 3
        assert [(row.carrier, row.day, row.position) for row in days_after(store.session, 0, DAY)] == [
            ("lin", DAY, 1),
            ("wang", DAY, 2),
        ]
    assert put(stores, day_row(), day_row(walked_m=30.0)) == [False, True]
    with stores.read() as store:
        (newest,) = days_after(store.session, 3, other)
        assert (newest.carrier, newest.day, newest.position, newest.walked_m) == ("lin", DAY, 4, 30.0)
        assert newest.passes["street"].tolist() == ["S1"]
        assert len(days_after(store.session, 0, other)) == 3


def test_a_day_without_passes_says_why(stores: Stores) -> None:
    """Its fault is a text and what it is told with."""
    fault = {"key": "track_empty", "params": {}}
    put(stores, replace(day_row(walked_m=0.0), passes=day_row().passes[:0], fault=fault))
    with stores.read() as store:
        (row,) = days_after(store.session, 0, DAY)
    assert row.fault == fault
    assert list(row.passes) == list(PASSES)
    assert row.passes.empty


def test_a_day_matched_before_sides_were_told_has_none(stores: Stores) -> None:
    """Beside days that have them its sides would be no numbers, and nothing could be counted."""
    put(stores, replace(day_row(), passes=day_row().passes.drop(columns="side")))
    with stores.read() as store:
        (row,) = days_after(store.session, 0, DAY)
        stored = day_of(store.session, "lin", DAY)
    assert list(row.passes) == list(PASSES) and stored is not None
    assert row.passes["side"].tolist() == stored["passes"]["side"].tolist() == [0]


def test_raw_points_go_and_days_stay(stores: Stores) -> None:
    """Batches that end before an instant are dropped."""
    keep(stores, points(NOON))
    keep(stores, points(NOON + 24 * HOUR))
    put(stores, day_row())
    with stores.people(writes=True) as accounts:
        assert forget_tracks(accounts.session, NOON + HOUR) == 1
        assert forget_tracks(accounts.session, NOON + HOUR) == 0
    with stores.read() as store:
        assert points_between(store.session, "lin", NOON, NOON + HOUR).empty
        assert len(points_between(store.session, "lin", NOON, NOON + 25 * HOUR)) == 5
        assert len(days_after(store.session, 0, DAY)) == 1


def test_an_accuracy_of_less_than_nothing_is_not_an_unknown_one() -> None:
    """Of two points at one moment one would go, and a batch be taken for another."""
    unknown = pd.DataFrame([[1.0, 116.0, 39.0, np.nan]], columns=list(POINT_COLUMNS))
    odd = unknown.assign(accuracy_m=-1.0)
    assert digest_of_points(unknown) != digest_of_points(odd)
    assert len(canonical(pd.concat([unknown, odd, unknown]))) == 2
