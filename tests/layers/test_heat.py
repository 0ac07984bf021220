"""Issues counted for heat: what a frame of all of them, counted one by one, says."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import event, select, text, update

from gis_core.arrays import Floats, Ints
from gis_core.crs import to_lonlat
from gis_core.lattice import box_numbers, place_numbers
from gis_core.permissions import EVERYTHING, Area, Sight
from layers.engine import connect, upgrade
from layers.frames import table_of
from layers.heat import Window, alike, points, street_points, unit_counts
from layers.issues import Issue
from layers.store import Store
from layers.stores import Stores
from layers.versions import CityRow
from tests import town

ZONE = ZoneInfo("Europe/Berlin")
"""Of the town while clocks are changed in it."""
BEGIN = dt.datetime(2026, 3, 20, 5, 30, tzinfo=dt.UTC)
END = dt.datetime(2026, 11, 10, 17, tzinfo=dt.UTC)
SHIFT = 16
COUNT = 400
SIGHTS = {
    "all": EVERYTHING, "unit": Sight((Area("grid", "0101"),)),
    "two units": Sight((Area("grid", "0102"), Area("grid", "0104"))),
    "organisation": Sight((Area("organisation", "U01"),)), "contractor": Sight((Area("contractor", "F1"),)),
    "nothing": Sight(()),
}  # fmt: skip
WINDOW = Window(BEGIN, END)
BOX = (town.WEST + 0.0004, town.SOUTH + 0.0003, town.WEST + 0.0013, town.SOUTH + 0.0017)
WINDOWS = {
    "whole": WINDOW, "short": Window(BEGIN + dt.timedelta(days=40), BEGIN + dt.timedelta(days=47)),
    "box": replace(WINDOW, box=BOX), "categories": replace(WINDOW, categories=("b", "nobody's")),
    "kinds": replace(WINDOW, kinds=("component",)), "problems": replace(WINDOW, problems=True),
    "all at once": Window(BEGIN, BEGIN + dt.timedelta(days=90), BOX, ("a",), ("matter",), problems=True),
    "empty": Window(END, END + dt.timedelta(days=5)), "turned": Window(END, BEGIN),
}  # fmt: skip


@pytest.fixture(scope="module")
def stores(module_store_url: str) -> Iterator[Stores]:
    """The town in Berlin's time with issues all over it, many of them about when clocks and days change."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    rng = np.random.default_rng(20261128)
    with stores.write() as store:
        city = store.session.get(CityRow, 1)
        assert city is not None
        city.document = replace(town.CITY, timezone=ZONE.key).document()
        places = enumerate(rng.uniform(0, 2, (COUNT, 2)).tolist())
        said = [town.issues(1, first=number, column=column, row=row) for number, (column, row) in places]
        frame = pd.concat(said, ignore_index=True).assign(
            reported_at=_instants(rng), category=rng.choice(["a", "b"], COUNT)
        )
        store.add_issues(town.answered(store, frame), town.NOW)
        table = table_of(Issue)
        odd = {"kind": "component", "master": "x", "grid_2": None, "frontage": "W1", "contractor": "F1", "street": None}
        for share, (column, value) in enumerate(odd.items(), 3):
            store.session.execute(update(table).where(table.c.id % share == 0).values({column: value}))
    yield stores
    engine.dispose()


def _instants(rng: np.random.Generator) -> pd.DatetimeIndex:
    """Some anywhere in the window and beside it, some a microsecond to two hours from a midnight."""
    span_s = (END - BEGIN).total_seconds()
    anywhere = pd.Timestamp(BEGIN) + pd.to_timedelta(rng.uniform(-0.05, 1.05, COUNT // 2) * span_s, unit="s")
    days = np.append(rng.integers(0, 230, COUNT // 2 - 60), rng.choice([8, 9, 10, 218, 219, 220], 60))
    midnights = [dt.datetime(2026, 3, 20, tzinfo=ZONE) + dt.timedelta(days=int(day)) for day in days]
    beside = rng.choice([-7_200, -1, -1e-6, 0, 1e-6, 0.7, 3_599.5, 3_600, 7_200], COUNT // 2)
    near = pd.DatetimeIndex([one.astimezone(dt.UTC) for one in midnights]) + pd.to_timedelta(beside, unit="s")
    return anywhere.append(near).as_unit("us")


def one_by_one(store: Store, window: Window) -> pd.DataFrame:
    """The issues in scope and window with their ``cell`` and local ``day``, found without the database's help."""
    frame = store.issues()
    when = frame["reported_at"]
    frame = frame[(when >= pd.Timestamp(window.since)) & (when < pd.Timestamp(window.until))]
    if window.box is not None:
        numbers = frame["place_number"].to_numpy()
        inside = [
            (one.low <= numbers & one.bits) & (numbers & one.bits <= one.high) for one in box_numbers(*window.box)
        ]
        frame = frame[np.logical_and.reduce(inside)]
    for column, several in (("category", window.categories), ("kind", window.kinds)):
        if several:
            frame = frame[frame[column].isin(several)]
    if window.problems:
        frame = frame[frame["master"].isna()]
    days = [(one.astimezone(ZONE).date() - dt.date(1970, 1, 1)).days for one in frame["reported_at"]]
    return frame.assign(cell=frame["place_number"].to_numpy() >> SHIFT, day=days)


def cells_of(store: Store, xy: Floats) -> list[int]:
    """The cells that places in metres lie in."""
    return (place_numbers(to_lonlat(xy, store.city.metric_srid)) >> SHIFT).tolist()


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("sight", SIGHTS)
def test_counts_are_those_of_the_issues_one_by_one(stores: Stores, sight: str, name: str) -> None:
    """Somebody would be shown hot what is not, or where they may not look."""
    window = WINDOWS[name]
    with stores.read(SIGHTS[sight]) as store:
        frame = one_by_one(store, window)
        for by_day in (False, True):
            for by_kind in (False, True):
                told = points(store, window, SHIFT, by_day=by_day, by_kind=by_kind)
                days, kinds = frame["day"] * by_day, frame["category"] if by_kind else [""] * len(frame)
                wanted = Counter(zip(frame["cell"], days, kinds, strict=True))
                keys = list(zip(cells_of(store, told.xy), told.day.tolist(), told.kind.tolist(), strict=True))
                assert dict(zip(keys, told.number.tolist(), strict=True)) == wanted and len(keys) == len(wanted)
                assert told.weight is None
        streets = street_points(store, window, SHIFT)
        on = frame[frame["street"].notna()]
        keys = list(zip(streets["street"], cells_of(store, streets[["x", "y"]].to_numpy()), strict=True))
        assert dict(zip(keys, streets["number"], strict=True)) == Counter(zip(on["street"], on["cell"], strict=True))


@pytest.mark.parametrize("name", ["whole", "box", "all at once", "empty"])
@pytest.mark.parametrize("shift", [SHIFT, 0])
def test_reports_are_weighed_by_their_day(stores: Stores, name: str, shift: int) -> None:
    """Old reports would count as much as new ones, or those of the night as those of the day before."""
    with stores.read() as store:
        frame = one_by_one(store, WINDOWS[name])
        told = points(store, WINDOWS[name], shift, by_day=False, by_kind=False, weigh=_weigh)
        by_kind = points(store, WINDOWS[name], shift, by_day=False, by_kind=True, weigh=_weigh)
        streets = street_points(store, WINDOWS[name], shift, _weigh)
    weight = _weigh(frame["day"].to_numpy(np.int64))
    cells = frame["place_number"].to_numpy() >> shift
    assert told.weight is not None and by_kind.weight is not None
    assert told.weight == pytest.approx(pd.Series(weight).groupby(cells).sum().to_numpy(), rel=1e-12)
    assert told.number.tolist() == pd.Series(cells).value_counts(sort=False).sort_index().tolist()
    for kind in ("a", "b"):
        of_kind = weight[(frame["category"] == kind).to_numpy()].sum()
        assert by_kind.weight[by_kind.kind == kind].sum() == pytest.approx(of_kind, rel=1e-12)
    on = frame["street"].notna().to_numpy()
    wanted = pd.Series(weight[on]).groupby(frame["street"].to_numpy(object)[on]).sum()
    assert streets.groupby("street")["weight"].sum().to_dict() == pytest.approx(wanted.to_dict(), rel=1e-12)


def _weigh(day: Ints) -> Floats:
    """Another number for each day."""
    return np.exp2((day - 20_600) / 30.0)


@pytest.mark.parametrize("column", ["grid_1", "grid_2", "grid", "frontage"])
@pytest.mark.parametrize("steps", [1, 2, 7, 33])
def test_units_are_counted_by_step(stores: Stores, column: str, steps: int) -> None:
    """A trend would be seen of what was reported on other days."""
    first = dt.datetime(2026, 3, 22, tzinfo=ZONE)
    edges = [first + dt.timedelta(days=7 * step) for step in range(steps + 1)]
    for sight in SIGHTS.values():
        with stores.read(sight) as store:
            counts = unit_counts(store, WINDOW, column, edges)
            frame = one_by_one(store, WINDOW)
        frame = frame[frame[column].notna()]
        step = np.searchsorted(pd.DatetimeIndex(edges).tz_convert("UTC"), frame["reported_at"], side="right") - 1
        inside = (step >= 0) & (step < steps)
        wanted = Counter(zip(frame[column][inside], step[inside].tolist(), strict=True))
        assert dict(zip(zip(counts["code"], counts["step"], strict=True), counts["number"], strict=True)) == wanted
        assert len(counts) == len(wanted)


def test_each_is_one_question(stores: Stores) -> None:
    """A page of hot spots would wait for the database again and again."""
    asked: list[str] = []
    with stores.read() as store:
        connection = store.session.connection()
        assert store.city
        store.session.execute(select(1))
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2]))
        points(store, WINDOW, SHIFT, by_day=True, by_kind=True)
        unit_counts(store, WINDOW, "grid_2", [BEGIN, BEGIN + dt.timedelta(days=9), END])
        street_points(store, WINDOW, SHIFT)
    assert len(asked) == 3


@pytest.mark.parametrize("sight", ["all", "two units"])
def test_heat_reads_nothing_but_its_index(stores: Stores, sight: str) -> None:
    """The table is five times as large, and would be read for every picture; of the index, all for every day."""
    postgis = stores.address.get_backend_name().startswith("postgresql")
    explained, looks = ("EXPLAIN", "Index Only Scan using ix_issue_reported") if postgis else (
        "EXPLAIN QUERY PLAN", "USING COVERING INDEX ix_issue_reported (reported_at>? AND reported_at<?)"
    )  # fmt: skip
    plans: list[str] = []
    with stores.read(SIGHTS[sight]) as store:
        connection = store.session.connection()
        if postgis:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        points(store, WINDOW, SHIFT, by_day=True, by_kind=True)

        def explain(_: object, cursor: Any, statement: str, given: Any, *__: object) -> None:
            cursor.execute(f"{explained} {statement}", given)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))

        event.listen(connection, "before_cursor_execute", explain)
        points(store, WINDOWS["all at once"], SHIFT, by_day=True, by_kind=True)
        unit_counts(store, WINDOW, "grid_2", [BEGIN, END])
    assert len(plans) == 2
    for plan in plans:
        assert looks in plan, plan
        assert not postgis or "reported_at >= period.first" in plan


def test_a_day_is_one_of_the_citys_clock(stores: Stores) -> None:
    """The night the clocks go back has two reports too many, and the next day as many too few."""
    midnights = [dt.datetime(2026, 10, day, tzinfo=ZONE) for day in (24, 25, 26)]
    assert midnights[2].astimezone(dt.UTC) - midnights[1].astimezone(dt.UTC) == dt.timedelta(hours=25)
    with stores.read() as store:
        told = [points(store, Window(*window), SHIFT, by_day=True, by_kind=False) for window in pairwise(midnights)]
        steps = unit_counts(store, WINDOW, "grid_1", midnights)
    days = [(midnight.date() - dt.date(1970, 1, 1)).days for midnight in midnights]
    for one, day in zip(told, days, strict=False):
        assert len(one.day) > 5 and set(one.day.tolist()) == {day}
    assert steps["number"].tolist() == [one.number.sum() for one in told]


@pytest.mark.parametrize("west", [-0.001, 107.9])
def test_cells_are_told_apart_however_far_apart(west: float) -> None:
    """On both sides of Greenwich numbers are so far apart that with days and kinds they fit into no number."""
    rng = np.random.default_rng(7)
    lonlat = np.column_stack([west + rng.uniform(0, 0.002, 90), rng.uniform(51.4, 51.401, 90)])
    cells = place_numbers(lonlat).repeat(3) >> 2
    day, kind = rng.integers(-5, 20_000, 270), rng.integers(0, 3, 270)
    said, number, _ = alike(cells, day, kind)
    rows = list(zip(*(one.tolist() for one in said), strict=True))
    assert dict(zip(rows, number.tolist(), strict=True)) == Counter(
        zip(cells.tolist(), day.tolist(), kind.tolist(), strict=True)
    )
    assert rows == sorted(rows)
