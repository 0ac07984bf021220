"""Issues and their events, on both databases."""

from threading import Barrier, Thread

import pandas as pd
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from gis_core.assignment import Assigner
from layers.bulk import among, insert_rows
from layers.cases import KEPT
from layers.frames import table_of, typed
from layers.issues import CaseEvent, Issue
from layers.store import Store
from layers.stores import Stores
from layers.territories import read_territory
from tests import town
from tests.town import NOW, issues

AWKWARD = [
    "plain",
    "",
    "tab\there",
    "two\nlines\r\n",
    "back\\slash \\N \\.",
    "引号“”'\"",
    "<b>&amp;</b>",
    "😀 𠮷",
    "%s {x} :y ?",
]


def add(stores: Stores, frame: pd.DataFrame) -> int:
    with stores.write() as store:
        return store.add_issues(town.answered(store, frame), NOW)


def events(store: Store, code: str) -> list[tuple[str, object]]:
    query = select(CaseEvent.type, CaseEvent.former).join(Issue, Issue.id == CaseEvent.issue_id)
    return [tuple(row) for row in store.session.execute(query.where(Issue.code == code).order_by(CaseEvent.id))]


def test_a_row_that_cannot_be_stored_is_a_fault_of_the_database(stores: Stores) -> None:
    """Of whichever driver: the command line tells it in one line."""
    row = pd.DataFrame({"id": [1], "issue_id": [1], "type": ["closed"], "at": [NOW]})
    with pytest.raises(IntegrityError), stores.write() as store:
        table = table_of(CaseEvent)
        for _ in range(2):
            insert_rows(store.session, table, typed(row, table, {"id": [1]}))


def test_an_issue_comes_back_as_it_was_answered(stores: Stores) -> None:
    with stores.write() as store:
        given = town.answered(store, issues(2, column=1.5))
        assert store.add_issues(given, NOW) == 2
    with stores.read() as store:
        read = store.issues().sort_values("external_id", ignore_index=True)
    for name in ("lon", "lat", "raw_x", "raw_y", "x", "y", "street_distance_m", "grid_distance_m"):
        assert read[name].tolist() == given[name].tolist(), name
    for name in (
        "grid",
        "grid_1",
        "grid_2",
        "street",
        "street_side",
        "responsible",
        "rule",
        "holds",
        "handles",
        "flags",
    ):
        assert read[name].tolist() == given[name].tolist(), name
    assert (read["reported_at"] == given["reported_at"].to_numpy()).all()
    assert (read["as_of"] == read["reported_at"]).all()
    assert read["closed_at"].isna().all()
    assert set(read["status"]) == {"open"}
    assert town.same_shapes(read.geometry, given.geometry)


def test_texts_survive_to_the_letter(stores: Stores) -> None:
    extras = [{"said": text, text: [1, None]} for text in AWKWARD]
    assert add(stores, issues(len(AWKWARD), description=AWKWARD, extra=extras)) == len(AWKWARD)
    with stores.read() as store:
        read = store.issues().sort_values("external_id")
    assert read["description"].tolist() == AWKWARD
    assert read["extra"].tolist() == extras


def test_case_numbers_are_area_local_day_and_sequence(stores: Stores) -> None:
    add(stores, issues(2))
    add(stores, issues(1, first=3))
    add(stores, issues(1, first=4, reported_at="2026-06-01T16:00Z"))
    with stores.read() as store:
        read = store.issues().sort_values("external_id")
    assert read["code"].tolist() == ["012026060100001", "012026060100002", "012026060100003", "012026060200001"]


def test_case_numbers_of_more_days_than_one_statement_holds(stores: Stores) -> None:
    days = pd.date_range("1990-01-01", periods=11_000, tz="UTC").as_unit("us").repeat(2)
    assert add(stores, issues(22_000, reported_at=days)) == 22_000
    with stores.read() as store:
        codes = store.issues(only=["code"])["code"]
    assert codes.is_unique
    assert codes.str[-5:].value_counts().to_dict() == {"00001": 11_000, "00002": 11_000}


def test_ids_are_known_to_the_letter(stores: Stores) -> None:
    ids = [*AWKWARD, "A", "a", "é", "e\u0301", "\\u0061", '"', "null"]
    assert add(stores, issues(len(ids), external_id=ids)) == len(ids)
    assert add(stores, issues(len(ids), external_id=ids)) == 0
    assert add(stores, issues(1, external_id=["none of them"])) == 1


def test_ids_are_looked_up_by_their_index(stores: Stores) -> None:
    """For a source that statistics do not know, a planner that has to guess would go through the keys row by row."""
    add(stores, issues(3))
    with stores.read() as store:
        if not store.is_postgis:
            pytest.skip("a plan of PostgreSQL")
        connection = store.session.connection()
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        among_them = among(store.session, table_of(Issue).c.external_id, [str(key) for key in range(4_000)])
        query = select(Issue.external_id).where(Issue.source == "february", among_them).compile(connection)
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {query}", query.params))
    assert "uq_issue_source_external_id" in plan and "ANY" in plan
    assert "Nested Loop" not in plan and "Function Scan" not in plan


def test_an_issue_is_stored_as_the_point_it_lies_at(stores: Stores) -> None:
    add(stores, issues(2, column=1.5))
    with stores.read() as store:
        stored = store.issues()
    lonlat = town.WEST + 1.5 * town.SIDE, town.SOUTH + 0.5 * town.SIDE
    assert [tuple(point.coords[0]) for point in stored.geometry] == [lonlat] * 2


def test_an_issue_is_stored_once(stores: Stores) -> None:
    assert add(stores, issues(3)) == 3
    assert add(stores, issues(4)) == 1
    assert add(stores, pd.concat([issues(1, first=9), issues(1, first=9)], ignore_index=True)) == 1
    assert add(stores, issues(3).assign(source="elsewhere")) == 3
    with stores.read() as store:
        assert store.count("issues") == 8


def test_events_tell_what_happened(stores: Stores) -> None:
    add(stores, issues(1, closed_at=pd.Timestamp("2026-06-02T00:00Z")))
    add(stores, issues(1, first=2))
    with stores.read() as store:
        assert events(store, "012026060100001") == [("reported", None), ("assigned", None), ("closed", None)]
        assert events(store, "012026060100002") == [("reported", None), ("assigned", None)]
        closed = store.issues(status="closed")
        assert closed["code"].tolist() == ["012026060100001"]


def test_an_assignment_says_by_which_state(stores: Stores) -> None:
    with stores.publishing() as store:
        town.publish(store, grids=town.grids(name=["东区", *"一二三四"]))
        store.revise(NOW, "second")
        revision = store.revise(NOW, "third")
    add(stores, issues(3, closed_at=pd.Timestamp("2026-06-02T00:00Z")))
    with stores.read() as store:
        said = store.session.execute(select(CaseEvent.type, CaseEvent.version, CaseEvent.revision)).all()
        state = store.latest_version(), store.latest_revision()
    assert state[0] != state[1] == revision
    assert {tuple(row) for row in said} == {("reported", None, None), ("assigned", *state), ("closed", None, None)}


def test_two_loads_of_one_source_at_once_store_each_issue_once(stores: Stores) -> None:
    together, stored = Barrier(2), []

    def load() -> None:
        together.wait()
        stored.append(add(stores, issues(500)))

    threads = [Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == [0, 500]
    with stores.read() as store:
        assert store.issues()["code"].is_unique
        assert store.count("issues") == 500


def test_two_sources_at_once_share_the_numbers_of_a_day(stores: Stores) -> None:
    together = Barrier(2)

    def load(source: str) -> None:
        together.wait()
        add(stores, issues(300).assign(source=source))

    threads = [Thread(target=load, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores.read() as store:
        sequence = sorted(int(code[-5:]) for code in store.issues()["code"])
    assert sequence == list(range(1, 601))


@pytest.mark.parametrize("column", [0.5, 1.5])
def test_a_reassignment_keeps_the_former_answer(stores: Stores, column: float) -> None:
    """Only unit 0101, in which column 0.5 lies, gets another holder."""
    add(stores, issues(1, column=column))
    with stores.publishing() as store:
        store.put("holders", town.holders("P2"), store.revise(NOW, "another holder"))
    with stores.write() as store:
        stored = store.issues()
        territory = read_territory(store, store.latest_version(), store.latest_revision())
        changed = store.reassign(stored, Assigner(territory)(stored), NOW)
    with stores.read() as store:
        after = store.issues().iloc[0]
        past = events(store, after["code"])
    if column == 1.5:
        assert changed == 0
        assert [kind for kind, _ in past] == ["reported", "assigned"]
        assert after["revision"] == stored["revision"].iloc[0]
        return
    assert changed == 1
    assert after["responsible"] == "P2"
    assert after["as_of"] == pd.Timestamp(NOW)
    kind, former = past[-1]
    assert kind == "reassigned"
    assert former["responsible"] == "P1"
    assert set(former) == {name for name in KEPT if not pd.isna(stored[name].iloc[0])}


def test_questions_about_issues(stores: Stores) -> None:
    add(stores, issues(3))
    add(stores, issues(2, first=10, reported_at="2026-06-20T02:00Z"))
    with stores.read() as store:
        assert len(store.issues(newest=4)) == 4
        assert store.issues(newest=1)["reported_at"].iloc[0] == pd.Timestamp("2026-06-20T02:00Z")
        assert len(store.issues(since=pd.Timestamp("2026-06-10T00:00Z").to_pydatetime())) == 2
        assert store.issues(codes=["012026060100002"])["external_id"].tolist() == ["2"]
        assert store.last_report() == pd.Timestamp("2026-06-20T02:00Z")
        assert store.session.scalar(select(func.count()).select_from(CaseEvent)) == 10


def test_an_open_issue_that_comes_again_closed_is_closed(stores: Stores) -> None:
    add(stores, issues(2))
    again = issues(1, closed_at=pd.Timestamp("2026-06-03T00:00Z"))
    with stores.write() as store:
        assert store.close_issues(again) == 1
        assert store.close_issues(again.assign(closed_at=pd.Timestamp("2026-06-09T00:00Z"))) == 0
        assert store.close_issues(issues(2)) == 0
    with stores.read() as store:
        closed = store.issues(status="closed")
        assert closed["external_id"].tolist() == ["1"]
        assert closed["closed_at"].tolist() == [pd.Timestamp("2026-06-03T00:00Z")]
        assert events(store, closed["code"].iloc[0]) == [("reported", None), ("assigned", None), ("closed", None)]
