"""Rows into a table, however many and whatever is alike in them."""

import sqlite3

import pytest
from sqlalchemy import func, select

from layers.bulk import among, insert_rows
from layers.frames import table_of, typed
from layers.reference import Party
from layers.stores import Stores
from tests import town

ALIKE = {"feature_id": 1, "revision_from": 1, "digest": ""}


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 403])
def test_every_row_is_there_once(stores: Stores, count: int) -> None:
    table = table_of(Party)
    codes = [f"X{number}" for number in range(count)]
    rows = town.rows(code=codes, name=["名"] * count, kind=["unit"] * count, parent=[None] * count)
    with stores.write() as store:
        before = store.session.scalar(select(func.count()).select_from(table))
        insert_rows(store.session, table, typed(rows, table, ALIKE))
        found = store.session.execute(select(table.c.code, table.c.name, table.c.parent).order_by(table.c.id)).all()
    assert [tuple(row) for row in found[before:]] == [(code, "名", None) for code in codes]


def test_a_database_that_takes_few_values_at_once(stores: Stores) -> None:
    table = table_of(Party)
    rows = town.rows(code=["A", "B", "C"], name=["名"] * 3, kind=["unit"] * 3, parent=[None] * 3)
    with stores.write() as store:
        connection = store.session.connection().connection.driver_connection
        if isinstance(connection, sqlite3.Connection):
            connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 20)
        insert_rows(store.session, table, typed(rows, table, ALIKE))
        assert store.session.scalars(select(table.c.code).where(table.c.code.in_(["A", "B", "C"]))).all() == [*"ABC"]


def test_texts_are_found_whatever_is_in_them(stores: Stores) -> None:
    table = table_of(Party)
    codes = ["", "NULL", 'a"b', "c\\d", "c\\\\d", "e'f%s:g", "{},", "一\t二\n三", " "]
    rows = town.rows(code=codes, name=["名"] * len(codes), kind=["unit"] * len(codes), parent=[None] * len(codes))
    with stores.write() as store:
        insert_rows(store.session, table, typed(rows, table, ALIKE))
        for asked in (codes, codes[1:3], ["cd", "c\\\\\\d", "a"], []):
            found = store.session.scalars(select(table.c.code).where(among(store.session, table.c.code, asked)))
            assert sorted(found) == sorted(set(asked) & set(codes))
        keys = store.session.scalars(select(table.c.id).where(table.c.name == "名")).all()
        assert store.session.scalars(select(table.c.id).where(among(store.session, table.c.id, keys))).all() == keys
