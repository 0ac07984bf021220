"""What repeats what: merged under the earliest, parted, rejected, counted both ways, on both databases."""

import datetime as dt
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from gis_core.errors import Conflict, Forbidden, NotFound
from gis_core.permissions import EVERYTHING, Area, Sight
from layers.batches import batch_of
from layers.citizens import Contact, keep_contact
from layers.events import events_after, newest_position
from layers.finding import events_of
from layers.frames import table_of
from layers.issues import EventBatch, Issue
from layers.lattice import counts as lattice_counts
from layers.repeating import Group, merge, part, reject
from layers.repeats import Repeat
from layers.store import Store
from layers.stores import Stores
from layers.suspecting import counts, note_pairs, pairs, relations, reports, reports_after, suspects_of
from tests import town
from tests.town import NOW

OURS = Sight((Area("grid", "0101"),))
SINCE, UNTIL = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
WHO = "li.wei"


def code(number: int) -> str:
    """Case number of the nth report."""
    return f"0120260601{number:05}"


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town with six reports, an hour apart; the last one lies in another unit."""
    when = pd.date_range("2026-06-01T02:00Z", periods=6, freq="h")
    with founded_stores.write() as store:
        for number in range(6):
            column = 1.5 if number == 5 else 0.5
            one = town.issues(1, first=number + 1, column=column, reported_at=when[[number]])
            store.add_issues(town.answered(store, one), NOW)
    return founded_stores


def note(stores: Stores, *of: tuple[int, int], returned: bool = False) -> list[int]:
    """Pairs of an earlier and a later report; their numbers."""
    rows = [{"issue_id": later, "earlier_id": earlier, "score": 0.9, "blind": 0.9, "away_m": 3.0, "returned": returned}
            for earlier, later in of]  # fmt: skip
    with stores.write() as store:
        assert note_pairs(store.session, rows, NOW) == len(rows)
    with stores.read() as store:
        known = {(row.earlier_id, row.issue_id): row.id for row in store.session.execute(select(table_of(Repeat)))}
    return [known[one] for one in of]


def merged(stores: Stores, number: int, sight: Sight = EVERYTHING) -> Group:
    with stores.write(sight) as store:
        return merge(store, number, WHO, NOW)


def masters(stores: Stores) -> dict[int, str | None]:
    """Masters by id."""
    table = table_of(Issue)
    with stores.read() as store:
        return dict(tuple(row) for row in store.session.execute(select(table.c.id, table.c.master)))


def states(stores: Stores) -> dict[int, str]:
    table = table_of(Repeat)
    with stores.read() as store:
        return dict(tuple(row) for row in store.session.execute(select(table.c.id, table.c.state)))


def happened(stores: Stores, position: int = 1) -> list[tuple[str, str]]:
    """Type and case number of what happened after the reports."""
    with stores.read() as store:
        return [(one["type"], one["code"]) for one in events_after(store, position, 2**62, 100)]


def test_groups_are_flat_and_their_earliest_is_master(stores: Stores) -> None:
    """A repeat of a repeat would be counted as a problem, or a later report stand for the earlier ones."""
    late, early, across = note(stores, (3, 4), (1, 2), (2, 3))
    assert merged(stores, late) == Group(code(3), (code(4),), True)
    assert merged(stores, early) == Group(code(1), (code(2),), True)
    assert merged(stores, across) == Group(code(1), (code(2), code(3), code(4)), True)
    assert masters(stores) == {1: None, 2: code(1), 3: code(1), 4: code(1), 5: None, 6: None}
    assert happened(stores) == [("merged", code(4)), ("merged", code(2)), ("merged", code(3)), ("merged", code(4))]
    with stores.read() as store:
        told = events_of(store, code(4)) or []
        assert [one["former"] for one in told if one["type"] == "merged"] == [None, {"master": code(3)}]
        assert relations(store, code(1)) == {
            "master": None, "repeats": [code(2), code(3), code(4)], "returned_from": []
        }  # fmt: skip
        assert relations(store, code(4))["master"] == code(1)
    assert set(states(stores).values()) == {"merged"}


def test_merging_twice_changes_nothing(stores: Stores) -> None:
    """A click sent twice would be told twice."""
    (pair,) = note(stores, (1, 2))
    merged(stores, pair)
    with stores.read() as store:
        before = newest_position(store)
    assert merged(stores, pair) == Group(code(1), (code(2),), False)
    with stores.write() as store:
        assert part(store, code(5), WHO, NOW) is False
    with stores.read() as store:
        assert newest_position(store) == before


def test_who_was_erased_while_a_pair_was_found_is_not_in_it(stores: Stores) -> None:
    """What a batch read before an erasure would be written down after it."""
    row = {"issue_id": 2, "earlier_id": 1, "score": 0.9, "blind": 0.6, "away_m": 1.0, "returned": False}
    with stores.write() as store:
        for number in (1, 3, 4):
            keep_contact(store, code(number), Contact(None, "13800000001"), NOW)
        rows = [row, {**row, "blind": 0.2, "earlier_id": 3}, {**row, "blind": 0.2, "issue_id": 4, "earlier_id": 3}]
        assert note_pairs(store.session, rows, NOW) == 2
    with stores.read() as store:
        found = {(one["earlier"]["id"], one["later"]["id"]): one["score"] for one in pairs(store, limit=9)}
        assert found == {(1, 2): 0.6, (3, 4): 0.9}
        assert [one["score"] for one in pairs(store, limit=9, blind=True)] == [0.6]
        assert (
            counts(store, SINCE, UNTIL)["suspected"] == 2 and counts(store, SINCE, UNTIL, blind=True)["suspected"] == 1
        )


def test_what_follows_from_a_merger_is_decided_with_it(stores: Stores) -> None:
    """People would be asked about pairs that they have answered."""
    first, second, third = note(stores, (1, 2), (2, 3), (1, 3))
    merged(stores, first)
    assert states(stores) == {first: "merged", second: "suspected", third: "suspected"}
    merged(stores, second)
    assert set(states(stores).values()) == {"merged"}


def test_parting_gives_a_problem_of_its_own(stores: Stores) -> None:
    """A mistake could not be taken back, or those that stay would repeat what has left."""
    for pair in note(stores, (1, 2), (1, 3), (1, 4)):
        merged(stores, pair)
    with stores.read() as store:
        before = newest_position(store)
    with stores.write() as store:
        assert part(store, code(3), WHO, NOW)
    assert masters(stores) == {1: None, 2: code(1), 3: None, 4: code(1), 5: None, 6: None}
    with stores.write() as store:
        assert part(store, code(1), WHO, NOW)
    assert masters(stores) == {1: None, 2: None, 3: None, 4: code(2), 5: None, 6: None}
    assert happened(stores, before) == [
        ("parted", code(3)), ("parted", code(1)), ("parted", code(2)), ("merged", code(4))
    ]  # fmt: skip
    # What was said to be one problem is said not to be.
    assert set(states(stores).values()) == {"rejected"}


def test_what_was_rejected_may_be_merged_and_not_the_other_way(stores: Stores) -> None:
    """Nobody could change their mind, or two issues would be one problem and not."""
    (pair,) = note(stores, (1, 2))
    for changed in (True, False):
        with stores.write() as store:
            assert reject(store, pair, WHO, NOW) is changed
    assert merged(stores, pair).changed
    with pytest.raises(Conflict, match="part one"), stores.write() as store:
        reject(store, pair, WHO, NOW)
    # Noted again by whoever looks again, it stays what a person made of it.
    with stores.write() as store:
        row = {"issue_id": 2, "earlier_id": 1, "score": 0.6, "blind": 0.6, "away_m": 1.0, "returned": False}
        assert note_pairs(store.session, [row], NOW) == 0
    assert states(stores) == {pair: "merged"}


def test_a_return_is_noted_and_never_merged(stores: Stores) -> None:
    """What was closed and came again would be counted as if it had never been dealt with."""
    (pair,) = note(stores, (1, 2), returned=True)
    with pytest.raises(Conflict, match="returns"):
        merged(stores, pair)
    with stores.read() as store:
        assert relations(store, code(2)) == {"master": None, "repeats": [], "returned_from": [code(1)]}
        assert counts(store, SINCE, UNTIL) == {"reports": 6, "problems": 6, "returned": 1, "suspected": 0}
    with stores.write() as store:
        reject(store, pair, WHO, NOW)
    with stores.read() as store:
        assert relations(store, code(2))["returned_from"] == []
        assert counts(store, SINCE, UNTIL)["returned"] == 0


def test_a_return_is_not_merged_through_its_group(stores: Stores) -> None:
    """What was closed and came again would be put under what was closed, by way of a report in between."""
    first, across = note(stores, (1, 2), (2, 3))
    (back,) = note(stores, (1, 3), returned=True)
    merged(stores, first)
    for _ in range(2):
        with pytest.raises(Conflict, match="returns"):
            merged(stores, across)
        assert masters(stores)[3] is None
        # That it is not the same problem makes it no repeat.
        with stores.write() as store:
            reject(store, back, WHO, NOW)
    # It may be a problem with reports of its own.
    (later,) = note(stores, (3, 4))
    assert merged(stores, later) == Group(code(3), (code(4),), True)
    with pytest.raises(Conflict, match="returns"):
        merged(stores, *note(stores, (2, 4)))


def test_what_repeats_a_closed_issue_is_closed(stores: Stores) -> None:
    """A report after the end would be suspected to repeat one that was merged with what has ended."""

    def closed(rows: list[dict[str, Any]] | None) -> dict[int, bool]:
        return {row["id"]: row["closed_at"] is not None for row in rows or []}

    (pair,) = note(stores, (1, 2))
    merged(stores, pair)
    with stores.read() as store:
        before = newest_position(store)
    with stores.write() as store:
        found = store.issues(codes=[code(1)])
        assert store.close_issues(found.assign(closed_at=found["reported_at"] + dt.timedelta(hours=2))) == 1
    with stores.read() as store:
        assert closed(reports(store, SINCE)) == {1: True, 2: True, 3: False, 4: False, 5: False, 6: False}
        assert closed(reports_after(store, before, SINCE, 10)) == {1: True, 2: True}
        assert reports_after(store, before, SINCE, 1) is None
        before = newest_position(store)
    with stores.write() as store:
        assert part(store, code(2), WHO, NOW)
    with stores.read() as store:
        assert closed(reports_after(store, before, SINCE, 10)) == {2: False}


def test_what_repeats_an_open_issue_is_open(stores: Stores) -> None:
    """Repeats are closed as such while the problem goes on: the next report of it would be a return, merged with
    nothing.
    """
    merged(stores, *note(stores, (1, 2)))
    with stores.read() as store:
        before = newest_position(store)
    with stores.write() as store:
        found = store.issues(codes=[code(2)])
        assert store.close_issues(found.assign(closed_at=found["reported_at"] + dt.timedelta(hours=1))) == 1
    with stores.read() as store:
        told = [*reports(store, SINCE), *(reports_after(store, before, SINCE, 10) or [])]
        assert {row["closed_at"] for row in told if row["id"] in (1, 2)} == {None}
    with stores.write() as store:
        assert part(store, code(2), WHO, NOW)
    with stores.read() as store:
        assert [row["closed_at"] is not None for row in reports(store, SINCE)][:2] == [False, True]


def test_a_rejection_is_not_undone_by_the_way(stores: Stores) -> None:
    """Two problems, as a person said, would be one because of a third report."""
    apart, near, across = note(stores, (1, 3), (1, 2), (2, 3))
    with stores.write() as store:
        reject(store, apart, WHO, NOW)
    merged(stores, near)
    with pytest.raises(Conflict, match=f"{apart}.*two problems"):
        merged(stores, across)
    assert (masters(stores)[3], states(stores)[apart]) == (None, "rejected")
    # Whoever says that these two are one after all, says so of what follows from it.
    assert merged(stores, apart) == Group(code(1), (code(2), code(3)), True)
    assert set(states(stores).values()) == {"merged"}


def test_what_is_noted_within_a_group_is_decided(stores: Stores) -> None:
    """People would be asked whether one problem is one, and could say no."""
    for pair in note(stores, (1, 2), (2, 3)):
        merged(stores, pair)
    (late,) = note(stores, (1, 3))
    with stores.read() as store:
        assert pairs(store, state="suspected", limit=10) == []
        assert [one["state"] for one in pairs(store, state="merged", limit=10)] == ["merged"] * 3
        assert counts(store, SINCE, UNTIL)["suspected"] == 0
    with pytest.raises(Conflict, match="part one"), stores.write() as store:
        reject(store, late, WHO, NOW)
    with stores.write() as store:
        assert part(store, code(3), WHO, NOW)
    with stores.read() as store:
        assert [one["state"] for one in pairs(store, limit=1)] == ["rejected"]


def test_counts_end_at_the_border_as_lists_do(stores: Stores) -> None:
    """Somebody would be told of a suspicion that no list shows, and learn that there is something beyond."""
    note(stores, (6, 2))
    note(stores, (6, 3), returned=True)
    with stores.read(OURS) as store:
        assert pairs(store, limit=10) == []
        assert counts(store, SINCE, UNTIL) == {"reports": 5, "problems": 5, "returned": 0, "suspected": 0}
    with stores.read() as store:
        assert counts(store, SINCE, UNTIL) == {"reports": 6, "problems": 6, "returned": 1, "suspected": 1}


def test_counts_go_both_ways_and_the_lattice_counts_reports(stores: Stores) -> None:
    """Work done would depend on how often it was complained about, or a map lose reports."""

    def cells(store: Store) -> list[list[int]]:
        return sorted(lattice_counts(store.session, 0, 2**62, 0, None).tolist())

    with stores.read() as store:
        before = cells(store)
        assert counts(store, SINCE, UNTIL) == {"reports": 6, "problems": 6, "returned": 0, "suspected": 0}
    pair, _ = note(stores, (1, 2), (1, 6))
    merged(stores, pair)
    with stores.read() as store:
        assert counts(store, SINCE, UNTIL) == {"reports": 6, "problems": 5, "returned": 0, "suspected": 1}
        assert counts(store, UNTIL, UNTIL) == {"reports": 0, "problems": 0, "returned": 0, "suspected": 0}
        assert cells(store) == before
    with stores.read(OURS) as store:
        assert counts(store, SINCE, UNTIL) == {"reports": 5, "problems": 4, "returned": 0, "suspected": 0}


def test_what_lies_elsewhere_is_neither_decided_nor_told(stores: Stores) -> None:
    """Somebody would merge into, or learn of, what is not theirs."""
    mine, across = note(stores, (1, 2), (2, 6))
    for decide in (merge, reject):
        with pytest.raises(NotFound), stores.write(OURS) as store:
            decide(store, across, WHO, NOW)
    with stores.read(OURS) as store:
        assert [one["id"] for one in pairs(store, limit=10)] == [mine]
    merged(stores, across)
    # The group of a pair of theirs reaches beyond.
    with pytest.raises(Forbidden), stores.write(OURS) as store:
        merge(store, mine, WHO, NOW)
    with pytest.raises(Forbidden), stores.write(OURS) as store:
        part(store, code(2), WHO, NOW)
    with pytest.raises(NotFound), stores.write(OURS) as store:
        part(store, code(6), WHO, NOW)
    with stores.read(OURS) as store:
        assert relations(store, code(2))["repeats"] == []
    there = Sight((Area("grid", "0102"),))
    with stores.read(there) as store:
        assert relations(store, code(6))["master"] is None
        assert suspects_of(store, code(6)) == []
    assert merged(stores, mine) == Group(code(1), (code(2), code(6)), True)
    with stores.read(there) as store:
        told = [one for one in events_of(store, code(6)) or [] if one["type"] == "merged"]
    assert [one["former"] for one in told] == [None, None]


@pytest.fixture
def chain(stores: Stores) -> Iterator[list[int]]:
    """Pairs that make one group of five."""
    yield note(stores, (4, 5), (3, 4), (2, 3), (1, 2))


def test_two_at_once_make_one_flat_group(stores: Stores, chain: list[int]) -> None:
    """Each would see the other's group as it was, and a repeat become a master."""
    barrier, faults = Barrier(len(chain)), list[BaseException]()

    def go(number: int) -> None:
        barrier.wait()
        try:
            merged(stores, number)
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=go, args=(number,)) for number in chain]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert masters(stores) == {1: None, **dict.fromkeys(range(2, 6), code(1)), 6: None}


def test_what_is_broken_off_leaves_nothing(stores: Stores) -> None:
    """An issue would have a master that no event tells of."""
    (pair,) = note(stores, (1, 2))
    with pytest.raises(RuntimeError), stores.write() as store:
        merge(store, pair, WHO, NOW)
        assert batch_of(store.session)
        raise RuntimeError
    assert (masters(stores)[2], states(stores), happened(stores)) == (None, {pair: "suspected"}, [])
    with stores.read() as store:
        placed = select(table_of(EventBatch).c.position).where(table_of(EventBatch).c.position.is_(None))
        assert store.session.execute(placed).all() == []
