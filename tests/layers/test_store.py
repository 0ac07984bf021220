"""Territory versions, revisions and rows by (source, key), on both databases."""

import datetime as dt
from threading import Thread

import pandas as pd
import pytest
from sqlalchemy import text

from gis_core.city import City, Level
from gis_core.errors import Conflict, NotFound
from layers.stores import Stores
from layers.territories import Territories
from tests import town
from tests.town import CITY, NOW

JULY = dt.datetime(2026, 7, 15, tzinfo=dt.UTC)


def test_a_store_without_a_city_says_what_to_do(empty: Stores) -> None:
    with empty.read() as store, pytest.raises(NotFound) as fault:
        _ = store.city
    assert "init" in fault.value.text("en")


def test_a_city_comes_back_as_it_went_in(empty: Stores) -> None:
    city = City(
        name="某市", timezone="Asia/Urumqi", metric_srid=4547, datum="gcj02", scheme="x", locale="en",
        levels=(Level(name="area", titles={"zh": "片区"}, code=r"A\d+", nests=False),), grid_tolerance_m=12.5,
        street_limit_m=80,
    )  # fmt: skip
    with empty.publishing() as store:
        store.init_city(city)
        store.init_city(city)
    with empty.read() as store:
        assert store.city == city


def test_what_stored_things_depend_on_cannot_change(stores: Stores) -> None:
    with stores.publishing() as store:
        store.init_city(City(name="新名", timezone=CITY.timezone, metric_srid=4545, scheme="town", levels=CITY.levels))
    with stores.read() as store:
        assert store.city.name == "新名"
    with pytest.raises(Conflict) as fault, stores.publishing() as store:
        store.init_city(City(name="新名", timezone=CITY.timezone, metric_srid=4547, levels=CITY.levels))
    assert fault.value.params["field"] == "metric_srid"


def test_rows_come_back_as_they_went_in(stores: Stores) -> None:
    with stores.read() as store:
        read = store.read("grids", store.latest_version())
    given = town.grids()
    assert read["code"].tolist() == given["code"].tolist()
    assert read["name"].tolist() == given["name"].tolist()
    assert read["parent"].tolist() == given["parent"].tolist()
    assert read["extra"].tolist() == [{}] * 5
    assert not read["parent_differs"].any()
    assert read["valid_from"].isna().all()
    assert read.crs == 4326
    assert town.same_shapes(read.geometry, given.geometry)


def test_the_same_rows_again_change_nothing(stores: Stores) -> None:
    with stores.publishing() as store:
        put = store.put("grids", town.grids(), store.begin_version(NOW, "again"))
        assert (put.added, put.changed, put.unchanged, put.ended) == (0, 0, 5, 0)
        put = store.put("holders", town.holders(), store.revise(NOW, "again"))
        assert (put.added, put.changed, put.unchanged, put.ended) == (0, 0, 1, 0)


def test_a_changed_row_is_a_new_state_of_the_same_feature(stores: Stores) -> None:
    with stores.publishing() as store:
        first = store.latest_version()
        renamed = town.grids(name=["东区", "一", "单元0102", "单元0103", "单元0104"])
        second = store.begin_version(NOW, "renamed")
        put = store.put("grids", renamed, second)
        assert (put.added, put.changed, put.unchanged, put.ended) == (0, 1, 4, 0)
    with stores.read() as store:
        before, after = (store.read("grids", one).set_index("code") for one in (first, second))
    assert before.loc["0101", "name"] == "单元0101"
    assert after.loc["0101", "name"] == "一"
    assert before.loc["0101", "feature_id"] == after.loc["0101", "feature_id"]
    assert before["feature_id"].is_unique
    assert sorted(after["feature_id"]) == sorted(before["feature_id"])


def test_putting_twice_into_one_draft_keeps_the_last(stores: Stores) -> None:
    with stores.publishing() as store:
        draft = store.begin_version(NOW, "twice")
        for name in ("一", "二"):
            store.put("grids", town.grids(name=["东区", name, "单元0102", "单元0103", "单元0104"]), draft)
        read = store.read("grids", draft)
        assert len(read) == 5
        assert "二" in set(read["name"])
        assert store.count("grids") == 5


def test_rows_missing_from_the_file_end_only_when_asked(stores: Stores) -> None:
    fewer = town.grids(units=("0101", "0102", "0103"))
    with stores.publishing() as store:
        first, draft = store.latest_version(), store.begin_version(NOW, "fewer")
        assert store.put("grids", fewer, draft).ended == 0
        assert store.put("grids", fewer, draft, replace=True).ended == 1
        assert len(store.read("grids", first)) == 5
        assert len(store.read("grids", draft)) == 4


def test_a_code_belongs_to_one_row(stores: Stores) -> None:
    other = town.grids(units=("0101", "0105", "0105")).iloc[1:].assign(source="other", key=["x", "y", "z"])
    with stores.publishing() as store:
        put = store.put("grids", other, store.begin_version(NOW, "other"))
    assert put.added == 1
    assert put.rejects["reason"].tolist() == ["code_taken", "code_taken"]
    assert put.rejects["row"].tolist() == [2, 4]
    assert put.rejects["params"].iloc[0] == {"field": "code", "value": "0101", "taken_by": "town 0101"}


def test_rows_may_swap_their_codes(stores: Stores) -> None:
    swapped = town.grids().assign(code=["01", "0102", "0101", "0103", "0104"], key=town.grids()["code"])
    with stores.publishing() as store:
        draft = store.begin_version(NOW, "renumbered")
        put = store.put("grids", swapped, draft)
        assert (put.changed, put.unchanged, len(put.rejects)) == (2, 3, 0)
        assert store.read("grids", draft).set_index("key").loc["0101", "code"] == "0102"


def test_a_refused_change_leaves_the_old_row_and_its_code(stores: Stores) -> None:
    """0101 wants the code of 0104, which stays; so 0101 stays too, and 0102 cannot become 0101."""
    wanted = town.grids().iloc[1:3].assign(code=["0104", "0101"], key=["0101", "0102"])
    with stores.publishing() as store:
        draft = store.begin_version(NOW, "chain")
        put = store.put("grids", wanted, draft)
        assert (put.changed, len(put.rejects)) == (0, 2)
        assert sorted(store.read("grids", draft)["code"]) == ["01", "0101", "0102", "0103", "0104"]


def test_a_key_that_says_two_things_keeps_the_first(stores: Stores) -> None:
    twice = pd.concat([town.parties().iloc[[1]].assign(name="甲"), town.parties().iloc[[1]].assign(name="乙")])
    twice = twice.assign(row=[1, 2], source="again", code="F9")
    with stores.publishing() as store:
        revision = store.revise(NOW, "twice")
        put = store.put("parties", twice, revision)
        assert put.added == 1
        assert put.rejects["reason"].tolist() == ["key_twice"]
        assert store.read("parties", revision).set_index("code").loc["F9", "name"] == "甲"


def test_which_version_answers_when(stores: Stores) -> None:
    with stores.publishing() as store:
        first = store.latest_version()
        later = town.publish(store, effective_from=JULY, grids=town.grids(name=["东区", *"一二三四"]))
    with stores.read() as store:
        assert store.version_at(JULY - dt.timedelta(microseconds=1)) == first
        assert store.version_at(JULY) == later
        instants = pd.Series(pd.to_datetime(["1990-01-01T00:00Z", "2026-07-15T00:00Z", "2026-07-14T23:59Z"]))
        assert store.versions_at(instants).tolist() == [first, later, first]


def test_a_draft_answers_nobody(stores: Stores) -> None:
    with stores.publishing() as store:
        first = store.latest_version()
        store.put("grids", town.grids(name=["东区", *"一二三四"]), store.begin_version(NOW, "draft"))
    with stores.read() as store:
        assert store.latest_version() == store.version_at(NOW) == first


def test_an_empty_store_has_no_version(empty: Stores) -> None:
    with empty.read() as store:
        assert store.latest_version() == store.latest_revision() == 0
        with pytest.raises(Conflict) as fault:
            store.version_at(NOW)
    assert fault.value.key == "no_grids"


def test_a_fault_within_the_block_leaves_no_trace(stores: Stores) -> None:
    with pytest.raises(RuntimeError), stores.publishing() as store:
        town.publish(store, grids=town.grids(name=["东区", *"一二三四"]))
        raise RuntimeError
    with stores.read() as store:
        assert store.latest_version() == 1
        assert "一" not in set(store.read("grids", 99)["name"])


def test_a_reader_sees_one_state_while_another_publishes(stores: Stores) -> None:
    def publish() -> None:
        with stores.publishing() as store:
            town.publish(store, grids=town.grids(name=["东区", *"一二三四"]))

    with stores.read() as reader:
        version = reader.latest_version()
        before = reader.read("grids", version)["name"].tolist()
        publisher = Thread(target=publish)
        publisher.start()
        publisher.join()
        assert reader.latest_version() == version
        assert reader.read("grids", 99)["name"].tolist() == before
    with stores.read() as reader:
        assert reader.latest_version() == version + 1
        assert reader.read("grids", version)["name"].tolist() == before
        assert "一" in set(reader.read("grids", version + 1)["name"])


def test_a_publication_waits_for_the_issues_being_written(stores: Stores) -> None:
    def publish() -> None:
        with stores.publishing() as store:
            town.publish(store, grids=town.grids(name=["东区", *"一二三四"]))

    publisher = Thread(target=publish)
    with stores.write() as writer:
        version = writer.latest_version()
        publisher.start()
        if writer.is_postgis:
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not writer.session.scalar(waiting):
                pass
        assert writer.latest_version() == version
        assert writer.add_issues(town.answered(writer, town.issues()), NOW) == 1
    publisher.join()
    with stores.read() as store:
        assert store.latest_version() == version + 1
        assert store.issues()["version"].tolist() == [version]


def test_territories_are_read_once_a_version_and_revision(stores: Stores) -> None:
    territories = Territories()
    with stores.publishing() as store:
        first = territories.get(store, 1)
        assert territories.get(store, 1) is first
        store.put("holders", town.holders("P2"), store.revise(NOW, "another holder"))
        second = territories.get(store, 1)
        assert second is not first
        assert second.frames["holders"]["holder"].tolist() == ["P2"]
        assert territories.get(store, 1, first.revision) is first
