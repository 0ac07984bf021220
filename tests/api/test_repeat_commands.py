"""``gridwarden repeats``: found among what a file brought, listed and decided, on both databases."""

import datetime as dt
from collections.abc import Iterable

import pandas as pd
import pytest
from sqlalchemy import select

from api import repeating
from gis_core.duplicates import suspected
from gis_core.likeness import Report
from layers.frames import table_of
from layers.repeats import Repeat
from layers.stores import Stores
from tests import town
from tests.api.conftest import Run
from tests.town import NOW

HOUR = dt.timedelta(hours=1)


def noted(stores: Stores) -> list[tuple[int, int, bool]]:
    """Earlier and later issues of the pairs that are noted, and whether it is a return."""
    table = table_of(Repeat)
    with stores.read() as store:
        found = store.session.execute(select(table.c.earlier_id, table.c.issue_id, table.c.returned))
        return sorted(tuple(row) for row in found)


def imported(stores: Stores) -> None:
    """Four reports of one problem in a file, of which the first was closed before the last came; and one elsewhere."""
    times = ("2026-06-01T02:00Z", "2026-06-01T03:00Z", "2026-06-01T04:00Z", "2026-06-20T02:00Z")
    with stores.write() as store:
        for number, at in enumerate(times, 1):
            one = town.issues(1, first=number, reported_at=at, description="垃圾桶满溢，无人清理")
            store.add_issues(town.answered(store, one), NOW)
        other = town.issues(1, first=5, column=1.5, reported_at=times[0], description="井盖")
        store.add_issues(town.answered(store, other), NOW)
        first = town.issues(1, first=1, reported_at=times[0])
        store.close_issues(first.assign(closed_at=first["reported_at"] + 10 * HOUR))


def test_commands_find_list_and_decide(run: Run, stores: Stores) -> None:
    """What a file brought would never be held against each other, or be noted twice."""
    town.found(stores)
    imported(stores)
    assert noted(stores) == []
    found = run("--json", "repeats", "find")
    assert found.answer == {"looked": 5, "noted": 4}, found.err
    assert noted(stores) == [(1, 2, False), (1, 3, False), (1, 4, True), (2, 3, False)]
    assert run("--json", "repeats", "find").answer == {"looked": 5, "noted": 0}
    assert run("--json", "repeats", "find", "--since", "2026-06-15").answer == {"looked": 1, "noted": 0}
    listed = run("--json", "repeats", "list").answer["repeats"]
    first, second, third, back = (f"01202606{end}" for end in ("0100001", "0100002", "0100003", "2000001"))
    ids = {(one["earlier"]["code"], one["later"]["code"]): one["id"] for one in listed}
    assert set(ids) == {(first, second), (first, third), (first, back), (second, third)}
    shown = run("repeats", "list", "--limit", 2)
    assert "may repeat" in shown.out and "reports" in shown.out
    group = run("--json", "repeats", "merge", ids[second, third]).answer
    assert (group["master"], group["repeats"]) == (second, [third])
    assert "nothing changed" in run("repeats", "merge", ids[second, third]).out
    assert run("--json", "repeats", "reject", ids[first, second]).answer == {"changed": True}
    assert run("repeats", "merge", ids[first, back]).status == 2
    assert run("--json", "repeats", "part", group["master"]).answer == {"changed": True}
    assert run("--json", "repeats", "part", group["master"]).answer == {"changed": False}
    with stores.people() as accounts:
        trail = accounts.trail(before=None, limit=10)
    assert [(one["actor"], one["action"]) for one in trail] == [
        ("command line", what) for what in ("parted", "repeat_rejected", "merged")
    ]
    assert len(run("--json", "repeats", "list", "--state", "rejected").answer["repeats"]) == 2
    assert run("repeats", "part", "nowhere").status == 2


def test_a_month_is_looked_through_when_the_store_is_left(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reports would wait for seconds, on SQLite, while a load is looked through."""
    town.found(stores)
    imported(stores)
    used = list[int]()

    def looked(reports: Iterable[Report]) -> pd.DataFrame:
        used.append(stores.connections[0])
        return suspected(reports)

    monkeypatch.setattr(repeating, "suspected", looked)
    assert repeating.find_repeats(stores, None, NOW, lambda reports: None) == (5, 4)
    assert used == [0]
