"""Counts made beforehand: whatever is written, by however many at once, they are those of the issues themselves."""

import threading
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, select, text

from gis_core.lattice import place_numbers
from gis_core.permissions import EVERYTHING, Area, Sight
from layers.engine import connect, upgrade
from layers.frames import table_of
from layers.issues import Issue
from layers.lattice import LEVELS, LatticeAdded, LatticeCount, counts, fold_in
from layers.store import Store
from layers.stores import Stores
from layers.tiles import tile
from tests import town
from tests.layers.test_tiles import covering, read

SIGHTS = {
    "all": EVERYTHING, "unit": Sight((Area("grid", "0101"),)),
    "two units": Sight((Area("grid", "0101"), Area("grid", "0104"))),
    "district": Sight((Area("grid", "01"),)), "organisation": Sight((Area("organisation", "U01"),)),
    "contractor": Sight((Area("contractor", "F1"),)), "nothing": Sight(()),
}  # fmt: skip


@pytest.fixture
def stores(store_url: str) -> Iterator[Stores]:
    """The town."""
    engine = connect(store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    yield stores
    engine.dispose()


def reported(store: Store, first: int, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Issues somewhere in the town, assigned."""
    said = pd.concat(
        [
            town.issues(1, first=first + k, column=float(rng.uniform(0, 2)), row=float(rng.uniform(0, 2)))
            for k in range(count)
        ],
        ignore_index=True,
    )
    return town.answered(store, said)


def check(stores: Stores) -> None:
    """Every sight's tiles hold as many issues as it sees, all and open ones."""
    for name, sight in SIGHTS.items():
        with stores.read(sight) as store:
            there = store.count("issues")
            still_open = store.issues_by_status().get("open", 0)
        for z in (0, 8, 9, 10, 11, 12, 13):
            cells = [one["properties"] for one in read(stores, "issues", z, sight)]
            told = sum(one["count"] for one in cells), sum(one["open"] for one in cells)
            assert told == (there, still_open), (name, z)


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_the_issues_after_any_writing(stores: Stores, seed: int) -> None:
    """A heat map would drift from the truth with every change."""
    rng = np.random.default_rng(seed)
    first = 1
    for _ in range(12):
        with stores.write() as store:
            match int(rng.integers(4)):
                case 0:
                    number = int(rng.integers(1, 6))
                    store.add_issues(reported(store, first, number, rng), town.NOW)
                    first += number
                case 1:
                    row = pd.DataFrame(reported(store, first, 1, rng)).drop(columns="closed_at").astype(object)
                    (issue,) = row.where(row.notna(), None).to_dict("records")
                    said = {"extra": {"request": str(first)}, "description": None, "address": None, "channel": None}
                    store.add_report({**issue, **said, "reported_at": issue["reported_at"].to_pydatetime()}, town.NOW)
                    first += 1
                case 2 if first > 1:
                    gone = pd.DataFrame({"source": "town", "external_id": [str(rng.integers(1, first))]})
                    store.close_issues(gone.assign(closed_at=pd.Timestamp(town.NOW)))
                case 3 if first > 1:
                    issues = store.issues(status="open").head(3)
                    moved = issues.assign(grid_2=issues["grid_2"].map({"0101": "0104"}).fillna("0102"), rule="other")
                    store.reassign(issues, moved, town.NOW)
    check(stores)
    with stores.write() as store:
        fold_in(store.session)
    check(stores)


def test_what_is_not_kept_is_not_counted(stores: Stores) -> None:
    """A failed transaction would leave its counts."""
    with pytest.raises(ZeroDivisionError), stores.write() as store:
        store.add_issues(reported(store, 1, 3, np.random.default_rng(0)), town.NOW)
        raise ZeroDivisionError
    check(stores)


def test_two_who_change_one_issue_count_it_once(stores: Stores) -> None:
    """Each would count it out as it was before the other."""
    with stores.write() as store:
        store.add_issues(reported(store, 1, 4, np.random.default_rng(3)), town.NOW)
    ending = pd.DataFrame({"source": "town", "external_id": ["1", "2", "3"], "closed_at": pd.Timestamp(town.NOW)})
    begun = threading.Barrier(4)

    def close(rows: pd.DataFrame) -> None:
        begun.wait()
        with stores.write() as store:
            store.close_issues(rows)

    threads = [threading.Thread(target=close, args=(ending.sample(frac=1, random_state=k),)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(stores)


def test_folding_leaves_nothing_behind_and_no_empty_cells(stores: Stores) -> None:
    """The counts would be read from an ever longer list, and cells that hold nothing would never go."""
    with stores.write() as store:
        store.add_issues(reported(store, 1, 5, np.random.default_rng(4)), town.NOW)
    with stores.write() as store:
        issues = store.issues()
        store.reassign(issues, issues.assign(grid_1="02", rule="other"), town.NOW)
        fold_in(store.session)
    with stores.read() as store:
        assert store.session.scalar(select(func.count()).select_from(table_of(LatticeAdded))) == 0
        table = table_of(LatticeCount)
        assert set(store.session.scalars(select(table.c.grid_1))) == {"02"}
        assert store.session.scalar(select(func.sum(table.c.count))) == 5 * len(LEVELS)


def test_a_tile_reads_its_cells_by_their_index(stores: Stores) -> None:
    """A tile of the whole city would read every count there is."""
    with stores.write() as store:
        if not store.is_postgis:
            pytest.skip("a plan of PostgreSQL")
        store.add_issues(reported(store, 1, 3, np.random.default_rng(5)), town.NOW)
    with stores.read() as store:
        store.session.execute(text("SET enable_seqscan = off"))
        (x, y), *_ = covering(12)
        seen: list[str] = []
        connection = store.session.connection()
        tile(store, "issues", 12, x, y)
        assert counts(store.session, 0, 1, 0, None).shape == (0, 3)
        for name, index in (("issue_lattice", "pk_issue_lattice"), ("issue_lattice_added", "ix_issue_lattice_added")):
            plan = connection.execute(text(f"EXPLAIN SELECT count FROM {name} WHERE cell >= 5 AND cell < 9")).scalars()
            seen.append("\n".join(plan))
            assert index in seen[-1]


def test_the_issue_table_knows_each_place(stores: Stores) -> None:
    """Reports by one door would be counted elsewhere than those by the other."""
    with stores.write() as store:
        store.add_issues(reported(store, 1, 3, np.random.default_rng(6)), town.NOW)
    with stores.read() as store:
        issues = store.issues(only=("place_number",))
        assert issues["place_number"].tolist() == place_numbers(issues[["lon", "lat"]].to_numpy()).tolist()
        assert table_of(Issue).c.place_number.nullable is False
