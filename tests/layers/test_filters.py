"""CQL2 filters: the same rows on both databases, and nothing beyond what is listed."""

import datetime as dt
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from sqlalchemy import event, select

from gis_core.errors import InvalidInput
from layers.cql2_text import DEEPEST
from layers.engine import connect, upgrade
from layers.features import properties
from layers.filters import Filters
from layers.frames import table_of
from layers.grids import Grid
from layers.issues import Issue
from layers.store import Store
from layers.stores import Stores
from tests import town
from tests.conftest import empty_store
from tests.town import CITY, NOW, SIDE, SOUTH, WEST

ASKED = (
    "code",
    "status",
    "category",
    "description",
    "address",
    "reported_at",
    "closed_at",
    "street_distance_m",
    "grid_2",
    "x",
    "version",
)
at = pd.Timestamp
COUNT = 300
WORDS = ["垃圾", "Bin", "bin", "BIN 100%", "a_b", "axb", "it's", "back\\slash", "Ünder", "a ILIKE 'b'", None]


def filled(url: str) -> Stores:
    """The town with issues of all kinds of words, places and times."""
    engine = connect(url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    said = []
    for number in range(COUNT):
        moment = at("2026-06-01T15:30Z") + pd.Timedelta(hours=7 * number)
        ended = moment + pd.Timedelta(hours=5) if number % 3 == 0 else pd.NaT
        said.append(town.issues(
            1, column=0.1 + number % 7 * 0.27, row=0.1 + number % 5 * 0.4, first=number, reported_at=str(moment),
            category="ab"[number % 2], description=WORDS[number % len(WORDS)], address=WORDS[-1 - number % 9],
            closed_at=pd.Series([ended], dtype="datetime64[us, UTC]"),
        ))  # fmt: skip
    frame = gpd.GeoDataFrame(pd.concat(said, ignore_index=True), crs=4326).assign(row=range(1, COUNT + 1))
    with stores.write() as store:
        store.add_issues(town.answered(store, frame), NOW)
    return stores


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Stores, Stores]]:
    """The same on both databases."""
    with empty_store("sqlite", request) as one, empty_store("postgis", request) as other:
        yield filled(one), filled(other)


def filters(store: Store) -> Filters:
    """Filters of issues."""
    table = table_of(Issue)
    names = {name: table.c[name] for name in ASKED} | {"名称": table.c.description}
    return Filters(names, ("geom", table.c.geom), CITY.zone, store.is_postgis)


def found(stores: Stores, written: str, language: str = "cql2-text") -> list[int]:
    """Numbers of the issues that a filter finds."""
    with stores.read() as store:
        condition = filters(store).condition(written, language)
        table = table_of(Issue)
        return sorted(int(one) for one in store.session.scalars(select(table.c.external_id).where(condition)))


def expected(stores: Stores, rule: Any) -> list[int]:
    """Numbers of the issues that fulfil a rule in Python."""
    with stores.read() as store:
        rows = store.issues()
    return sorted(int(row["external_id"]) for row in rows.to_dict("records") if rule(row))


RULES: dict[str, Any] = {
    "status = 'open'": lambda row: row["status"] == "open",
    "'open' = status": lambda row: row["status"] == "open",
    "category <> 'a' AND NOT status = 'open'": lambda row: row["category"] != "a" and row["status"] != "open",
    "description IN ('Bin', '垃圾')": lambda row: row["description"] in ("Bin", "垃圾"),
    "名称 = '垃圾'": lambda row: row["description"] == "垃圾",
    "\"名称\" = 'it''s'": lambda row: row["description"] == "it's",
    "description IS NULL": lambda row: row["description"] is None,
    "description IS NOT NULL AND description <> 'Bin'": lambda row: row["description"] not in (None, "Bin"),
    "description LIKE 'B%'": lambda row: (row["description"] or "").startswith("B"),
    "description LIKE 'a\\_b'": lambda row: row["description"] == "a_b",
    "description LIKE 'a_b'": lambda row: row["description"] in ("a_b", "axb"),
    "description LIKE '%100\\%'": lambda row: row["description"] == "BIN 100%",
    "CASEI(description) = CASEI('BIN')": lambda row: row["description"] in ("Bin", "bin"),
    "description ILIKE 'bin%'": lambda row: (row["description"] or "").lower().startswith("bin"),
    "description > 'b'": lambda row: row["description"] is not None and row["description"] > "b",
    "description BETWEEN 'B' AND 'a'": lambda row: row["description"] is not None and "B" <= row["description"] <= "a",
    "street_distance_m >= 40": lambda row: row["street_distance_m"] >= 40,
    "street_distance_m BETWEEN -1 AND 5e1": lambda row: row["street_distance_m"] <= 50,
    "reported_at > TIMESTAMP('2026-06-05T00:00:00Z')": lambda row: row["reported_at"] > at("2026-06-05T00Z"),
    "reported_at = TIMESTAMP('2026-06-01T23:30:00+08:00')": lambda row: row["external_id"] == "0",
    "reported_at >= '2026-06-05T00:00:00'": lambda row: row["reported_at"] >= at("2026-06-04T16:00Z"),
    "reported_at = DATE('2026-06-02')":
        lambda row: f"{row['reported_at'].tz_convert(CITY.zone):%m-%d}" == "06-02",
    "reported_at <= DATE('2026-06-02')": lambda row: row["reported_at"] < at("2026-06-02T16:00Z"),
    "T_AFTER(reported_at, DATE('2026-06-02'))": lambda row: row["reported_at"] >= at("2026-06-02T16:00Z"),
    "T_BEFORE(reported_at, DATE('2026-06-02'))": lambda row: row["reported_at"] < at("2026-06-01T16:00Z"),
    "T_INTERSECTS(closed_at, INTERVAL('2026-06-03', '..'))":
        lambda row: row["closed_at"] >= at("2026-06-02T16Z"),
    "T_DURING(reported_at, INTERVAL('2026-06-01T15:30:00Z', '2026-06-01T22:30:01Z'))":
        lambda row: row["external_id"] == "1",
    "S_INTERSECTS(geom, BBOX(108.3, 22.8, 108.301, 22.801))":
        lambda row: row["lon"] <= 108.301 and row["lat"] <= 22.801,
    "S_DISJOINT(geom, BBOX(108.3, 22.8, 108.301, 22.801))": lambda row: row["lon"] > 108.301 or row["lat"] > 22.801,
    f"S_WITHIN(geom, POLYGON(({WEST} {SOUTH}, {WEST + SIDE} {SOUTH}, {WEST} {SOUTH + SIDE}, {WEST} {SOUTH})))":
        lambda row: (row["lon"] - WEST) + (row["lat"] - SOUTH) < SIDE,
    "S_CONTAINS(BBOX(108.3, 22.8, 108.301, 22.801), geom)": lambda row: row["lon"] < 108.301 and row["lat"] < 22.801,
    "geom IS NULL OR status = 'closed'": lambda row: row["status"] == "closed",
    "FALSE OR status = 'open'": lambda row: row["status"] == "open",
    "status = 'open' OR category = 'a' AND NOT x > 0": lambda row: row["status"] == "open",
    "description NOT ILIKE 'b%'": lambda row: not (row["description"] or "b").lower().startswith("b"),
    "description = 'a ILIKE ''b'''": lambda row: row["description"] == "a ILIKE 'b'",
    "CASEI(description) IN (CASEI('BIN'), 'axb')": lambda row: row["description"] in ("Bin", "bin", "axb"),
    "description NOT IN ('Bin')": lambda row: row["description"] not in (None, "Bin"),
    "T_INTERSECTS(closed_at, INTERVAL('..', '..'))": lambda row: row["status"] == "closed",
    "NOT T_AFTER(closed_at, INTERVAL('2026-01-01', '..'))": lambda row: row["status"] == "closed",
    "NOT T_DURING(closed_at, INTERVAL('..', DATE('2026-06-09')))": lambda row: row["closed_at"] >= at("2026-06-09T16Z"),
    "T_EQUALS(reported_at, DATE('2026-06-02'))":
        lambda row: at("2026-06-01T16Z") <= row["reported_at"] < at("2026-06-02T16Z"),
    "street_distance_m * 2 - 10 >= -(-70)": lambda row: row["street_distance_m"] * 2 - 10 >= 70,
    "street_distance_m + 1 * 2 > 72 - 3 - 2 AND version / 2 = .5": lambda row: row["street_distance_m"] + 2 > 67,
    "NOT x / (version - 1) > 0 OR status = 'open'": lambda row: row["status"] == "open",
    "S_INTERSECTS(geom, BBOX(108.3005, -1, -170, 80))": lambda row: row["lon"] >= 108.3005,
    "NOT S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(1 2), POLYGON((108.3 22.8, 108.301 22.8, 108.301 22.801, "
    "108.3 22.801, 108.3 22.8))))": lambda row: row["lon"] > 108.301 or row["lat"] > 22.801,
    "code IN ('x', " + ", ".join(f"'{number}'" for number in range(390)) + ") OR status = 'open'":
        lambda row: row["status"] == "open",
    " OR ".join(["T_INTERSECTS(closed_at,'2026-06-02')"] * 200):
        lambda row: at("2026-06-01T16Z") <= row["closed_at"] < at("2026-06-02T16Z"),
}  # fmt: skip


@pytest.mark.parametrize("written", RULES, ids=lambda written: written[:60])
def test_a_filter_finds_what_it_says(both: tuple[Stores, Stores], written: str) -> None:
    """A client would be shown other rows than it asked for."""
    wanted = expected(both[0], RULES[written])
    assert 0 < len(wanted) < COUNT
    assert [found(stores, written) for stores in both] == [wanted, wanted]


def test_json_says_the_same(both: tuple[Stores, Stores]) -> None:
    """The two languages would be two filters."""
    here = [WEST + 0.1 * SIDE, SOUTH + 0.1 * SIDE]
    inside = {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": here}]}
    tree = {"op": "and", "args": [{"op": "=", "args": [{"property": "status"}, "open"]}, inside]}
    text = f"status = 'open' AND S_INTERSECTS(geom, POINT({here[0]} {here[1]}))"
    for stores in both:
        assert found(stores, json.dumps(tree), "cql2-json") == found(stores, text) != []


BAD = [
    "", " ", "status", "status =", "= 'open'", "status = 1", "street_distance_m = 'x'", "nosuch = 1", "status = NULL",
    "status = TRUE", "description > street_distance_m", "pg_sleep(1) = 1", "version() LIKE 'P%'", "version() = 'x'",
    "pg_read_file('/etc/passwd') = 'x'", "current_setting('data_directory') LIKE '/%'", "lower(status) = 'open'",
    "status = pg_sleep(1)", "status IN (pg_sleep(1))", "ACCENTI(status) = 'x'",
    "description LIKE 'x\\'", "description LIKE address", "reported_at > 'yesterday'",
    "reported_at > DATE('2026-13-01')",
    "reported_at > 5", "T_AFTER(status, DATE('2026-01-01'))", "T_DURING(reported_at, DATE('2026-01-01'))",
    "S_INTERSECTS(geom, status)", "S_INTERSECTS(status, BBOX(1,2,3,4))", "S_INTERSECTS(geom, BBOX(1,2))",
    "S_INTERSECTS(geom, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "S_INTERSECTS(geom, POINT(1e300 0))",
    "S_BUFFER(geom, 1) = 1", "S_DWITHIN(geom, POINT(1 2), 10, meters)", "description = 'a\0b'",
    "status + 1 = 2", "x * 1e200 > 1", "x / 1e-200 > 1", "x > " + "x * " * 11 + "x", "x % 2 = 0", "x || 'a' = 'b'",
    "(status = 'open') = TRUE", "(1, 2) = (1, 2)", "status = NULL OR TRUE", "status IN ('a', NULL)", "status NOT 'a'",
    "T_EQUALS(reported_at, INTERVAL('..', '..'))", "reported_at = INTERVAL('..', '..')",
    "S_WITHIN(geom, LINESTRING(1 2, 3 1e999))",
    "S_INTERSECTS(geom, POINT EMPTY)", "S_INTERSECTS(geom, POINT(1))", "S_INTERSECTS(geom, geom)",
    "S_INTERSECTS(geom, BBOX(3, 4, 1, 2))", "S_INTERSECTS(geom, BBOX(x, 1, 2, 3))", "S_INTERSECTS(geom, POINT(1 2)",
    "S_INTERSECTS(geom, POINT(nan nan))", "S_INTERSECTS(geom, BBOX(1, 2, 3, 95))", "and(status, status)",
    "x IN (" + ",".join("1" * 3_000) + ")", " OR ".join(["x=1"] * 1_000), "\ud800 = 1",
    "'; DROP TABLE issue; --", "status = 'open'; DROP TABLE issue", "1=1; SELECT 1", "digest = 'x'", "source = 'town'",
    "(" * 33 + "status = 'open'" + ")" * 33, "(" * 10_000 + "status = 'open'" + ")" * 10_000,
    "NOT " * 3_000 + "status = 'open'", "status = '" + "x" * 8_200 + "'",
    "S_INTERSECTS(geom, LINESTRING(" + ", ".join(["1 2"] * 6_000) + "))",
]  # fmt: skip


@pytest.mark.parametrize("written", BAD, ids=lambda written: written[:40])
def test_anything_else_is_refused_before_any_question_is_sent(both: tuple[Stores, Stores], written: str) -> None:
    """A filter could call a function of the database, read another column, take the process with it, or be a fault."""
    for stores in both:
        with stores.read() as store:
            sent: list[str] = []
            engine, note = store.session.get_bind(), _noting(sent)
            store.session.connection()
            event.listen(engine, "before_cursor_execute", note)
            with pytest.raises(InvalidInput) as fault:
                filters(store).condition(written, "cql2-text")
            event.remove(engine, "before_cursor_execute", note)
            assert fault.value.params["field"] == "filter" and len(fault.value.text("zh")) < 1_200 and sent == []


def _noting(sent: list[str]) -> Any:
    return lambda *given: sent.append(given[2])


@pytest.mark.parametrize(
    "tree",
    [
        [], 1, None, "x", {}, {"op": "and"}, {"op": "and", "args": 1}, {"op": "pg_sleep", "args": [1]},
        {"op": ["and"], "args": []}, {"op": "and", "args": []}, {"op": "casei", "args": 5},
        {"op": "=", "args": [{"op": ["+"], "args": [1, 2]}, 3]}, {"op": "=", "args": [{"op": "casei", "args": 5}, 3]},
        {"op": "=", "args": [{"property": "x"}, float("nan")]}, {"op": "\ud800", "args": [1]},
        {"op": "=", "args": [{"property": "status"}, "\ud800"]}, {"op": "=", "args": [{"property": "x"}, {"date": 1}]},
        {"op": "in", "args": [{"property": "x"}, [1] * 500]},
        {"op": "s_within", "args": [{"property": "geom"}, {"bbox": 1}]},
        {"op": "s_within", "args": [{"property": "geom"}, {"type": "Polygon", "coordinates": [
            [[0, 0], [1, 0], [1, 1], [0, 0]], []]}]},
        {"op": "s_within", "args": [{"property": "geom"}, {"type": "Point", "coordinates": [None, None]}]},
        {"op": "s_within", "args": [{"property": "geom"}, {"type": "MultiPoint", "coordinates": [[1, 2]] * 5_001}]},
        {"op": "=", "args": [{"property": ["status"]}, 1]}, {"op": "=", "args": [{"property": "status"}, {"x": 1}]},
        {"op": "in", "args": [{"property": "status"}, []]}, {"op": "in", "args": [{"property": "status"}, [["a"]]]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": "x"}]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "GeometryCollection", "geometries": []}]},
        {"op": "t_after", "args": [{"property": "reported_at"}, {"interval": ["..", ".."]}, 1]},
    ],
)  # fmt: skip
def test_a_tree_that_means_nothing_is_refused(both: tuple[Stores, Stores], tree: Any) -> None:
    """A program's slip would be a fault of the server."""
    with both[0].read() as store, pytest.raises(InvalidInput):
        filters(store).condition(json.dumps(tree), "cql2-json")


HOSTILE = {
    "brackets that do not end": "(" * 32 + "x=1",
    "brackets around nothing": "(" * 32 + "x=" + ")" * 32,
    "signs": "x=" + "-" * 8_000 + "y",
    "a sum": "x=1" + "+1" * 4_000,
    "negations": "NOT " * 2_000 + "x=1",
    "a long name": "a" * 8_190,
    "quotes": "'" * 8_191,
    "quotes and blanks": "' " * 4_095,
    "hidden brackets": 'x=1 AND "' + "(" * 4_000 + '" "' + "(" * 4_000,
    "calls": "f(" * 4_000,
    "shapes": "S_INTERSECTS(geom, " + "GEOMETRYCOLLECTION(" * 400,
    "a list": '{"op": "and", "args": ' + "[" * 60_000,
    "operations": '{"op":"not","args":[' * 3_000,
    "a long number": '{"op": "=", "args": [{"property": "x"}, ' + "1" * 60_000 + "}",
    "corners": '{"op": "s_within", "args": [{"property": "geom"}, {"type": "Point", "coordinates": '
    + "[" * 900 + "]" * 900 + "}]}",
}  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_takes_long_to_refuse(both: tuple[Stores, Stores], hostile: str) -> None:
    """Forty letters could keep a server busy for hours, or end it: in a thread, whose stack may be small."""
    written = HOSTILE[hostile]
    took_s: list[float] = []

    def ask() -> None:
        with both[0].read() as store, pytest.raises(InvalidInput):
            begun = time.thread_time()
            try:
                filters(store).condition(written, "cql2-json" if written[0] == "{" else "cql2-text")
            finally:
                took_s.append(time.thread_time() - begun)

    default = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=ask)
        thread.start()
    finally:
        threading.stack_size(default)
    thread.join()
    assert took_s and took_s[0] < 2


def test_the_deepest_filter_finds_its_rows(both: tuple[Stores, Stores]) -> None:
    """What is just allowed would fail in the database, or where it is compiled."""
    deepest = "(NOT " * DEEPEST + "status = 'open'" + ")" * DEEPEST
    turned = "(category = 'b' AND (category = 'b' OR " * (DEEPEST // 2) + "status = 'open'" + "))" * (DEEPEST // 2)
    for stores in both:
        assert found(stores, deepest) == found(stores, "status = 'open'")
        assert found(stores, turned) == found(stores, "category = 'b'")


def test_days_and_areas(both: tuple[Stores, Stores]) -> None:
    """Territory is asked by days without an hour, and by shapes that lie across its own."""
    corner = f"POLYGON(({WEST} {SOUTH}, {WEST + SIDE} {SOUTH}, {WEST} {SOUTH + SIDE}, {WEST} {SOUTH}))"
    everywhere = ["01", "0101", "0102", "0103", "0104"]
    wanted = {
        "valid_from > DATE('2026-01-01')": ["0102"],
        "valid_from = '2026-01-01'": ["0101"],
        "NOT valid_from <= TIMESTAMP('2026-01-01T20:00:00Z')": [],
        "T_DURING(valid_from, INTERVAL('2025-12-31', '2026-01-03'))": ["0101", "0102"],
        "T_DURING(valid_from, INTERVAL('2026-01-01', '2026-01-03'))": ["0102"],
        "T_AFTER(valid_from, INTERVAL('..', '2026-01-01')) OR valid_from IS NULL": ["01", "0102", "0103", "0104"],
        f"S_INTERSECTS(geom, {corner})": ["01", "0101", "0102", "0103"],
        f"S_CONTAINS(geom, {corner})": ["01", "0101"],
        f"S_WITHIN(geom, BBOX({WEST}, {SOUTH}, {WEST + SIDE}, {SOUTH + SIDE}))": ["0101"],
        f"NOT S_DISJOINT(geom, POINT({WEST + SIDE} {SOUTH + SIDE}))": everywhere,
    }
    days = [None, dt.date(2026, 1, 1), dt.date(2026, 1, 2), None, None]
    table = table_of(Grid)
    for stores in both:
        with stores.publishing() as store:
            town.publish(store, grids=town.grids(valid_from=days))
        with stores.read() as store:
            asking = Filters(properties("grids"), ("geom", table.c.geom), CITY.zone, store.is_postgis)
            for written, codes in wanted.items():
                held = select(table.c.code).where(asking.condition(written, "cql2-text"), table.c.version_to.is_(None))
                assert sorted(store.session.scalars(held)) == codes, written


def test_areas_are_looked_up_in_the_index(both: tuple[Stores, Stores]) -> None:
    """Every shape of the city would be read for the few in the corner that somebody looks at."""
    table, indexes = table_of(Issue), ("VIRTUAL TABLE INDEX", "ix_issue_geom")
    for stores, explain, index in zip(both, ("EXPLAIN QUERY PLAN", "EXPLAIN"), indexes, strict=True):
        with stores.read() as store:
            condition = filters(store).condition("S_WITHIN(geom, BBOX(108.3, 22.8, 108.3001, 22.8001))", "cql2-text")
            asked, connection = select(table.c.code).where(condition), store.session.connection()
            if store.is_postgis:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            with explaining(store.session.get_bind(), explain):
                plan = connection.execute(asked).cursor.fetchall()
            assert index in str(plan)


@contextmanager
def explaining(engine: Any, explain: str) -> Iterator[None]:
    """What is asked within is explained instead of answered."""

    def explained(*given: Any) -> tuple[str, Any]:
        return f"{explain} {given[2]}", given[3]

    event.listen(engine, "before_cursor_execute", explained, retval=True)
    yield
    event.remove(engine, "before_cursor_execute", explained)


def test_axes_go_in_the_order_of_their_system(both: tuple[Stores, Stores]) -> None:
    """A shape in CGCS2000, north first, would lie elsewhere, or nowhere."""
    ring = [(108.3, 22.8), (108.301, 22.8), (108.301, 22.801), (108.3, 22.8)]
    drawn, turned = (
        f"POLYGON(({', '.join(f'{one} {other}' for one, other in corners)}))"
        for corners in (ring, [(north, east) for east, north in ring])
    )
    pairs = [("BBOX(108.3, 22.8, 108.301, 22.801)", "BBOX(22.8, 108.3, 22.801, 108.301)"), (drawn, turned)]
    table = table_of(Issue)
    for stores in both:
        with stores.read() as store:
            asking = replace(filters(store), srid=4490)
            for here, there in pairs:
                condition = asking.condition(f"S_INTERSECTS(geom, {there})", "cql2-text")
                numbers = store.session.scalars(select(table.c.external_id).where(condition))
                assert sorted(map(int, numbers)) == found(stores, f"S_INTERSECTS(geom, {here})") != []


def _leaf(draw: random.Random) -> str:
    words = [f"'{word}'".replace("it's", "it''s").replace("'b'", "''b''") for word in WORDS if word]
    text, other = draw.choice(["description", "address", "名称"]), draw.choice(words)
    operator = draw.choice(["=", "<>", "<", ">", "<=", ">="])
    moment = f"TIMESTAMP('2026-06-{draw.randint(1, 12):02}T{draw.randint(0, 23):02}:30:00Z')"
    west, south = WEST + draw.random() * SIDE, SOUTH + draw.random() * SIDE
    box = f"BBOX({west}, {south}, {west + SIDE}, {south + SIDE})"
    return draw.choice([
        f"{text} {operator} {other}", f"{text} LIKE {draw.choice(words)[:-1]}%'", f"{text} IS NULL",
        f"{text} IN ({other}, 'Bin')",
        f"CASEI({text}) {operator} CASEI({other})", f"{text} BETWEEN 'A' AND {other}",
        f"reported_at {operator} {moment}",
        f"closed_at {operator} {moment}", f"street_distance_m {operator} {draw.randint(0, 100)}",
        f"{text} {draw.choice(['', 'NOT '])}ILIKE {other}",
        f"x - {draw.randint(-9, 9)} {operator} 2 * street_distance_m / (version - {draw.randint(0, 1)})",
        "T_DURING(reported_at, INTERVAL(DATE('2026-06-04'), '..'))",
        f"closed_at {draw.choice(['', 'NOT '])}BETWEEN '2026-06-05' AND {moment}",
        f"S_{draw.choice(['INTERSECTS', 'WITHIN', 'DISJOINT'])}(geom, {box})", f"description {operator} address",
        f"T_{draw.choice(['AFTER', 'BEFORE', 'INTERSECTS'])}(closed_at, DATE('2026-06-{draw.randint(1, 12):02}'))",
    ])  # fmt: skip


def _random(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.3:
        return _leaf(draw)
    one, other = _random(draw, depth - 1), _random(draw, depth - 1)
    return draw.choice([f"({one} AND {other})", f"({one} OR {other})", f"(NOT {one})"])


def test_random_filters_find_the_same_on_both(both: tuple[Stores, Stores]) -> None:
    """A client would get other rows from one city than from the next."""
    draw, counts = random.Random(20260701), set()
    for _ in range(200):
        written = _random(draw, 3)
        one, other = (found(stores, written) for stores in both)
        assert one == other, written
        counts.add(len(one))
    assert len(counts) > 50
