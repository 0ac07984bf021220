"""Real cities, each loaded once by its plan."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from api.founding import found
from api.loading import Loaded, Terms, load
from api.plans import Plan, read_plan
from api.reporting import Report, load_issues
from gis_core.texts import TEXTS
from layers.engine import connect, upgrade
from layers.store import Store
from layers.stores import Stores
from tests.project import ROOT

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Filled:
    """A store filled by a plan, and what was said about it."""

    stores: Stores
    plan: Plan
    loaded: Loaded
    issues: list[Report]

    @property
    def rejects(self) -> pd.DataFrame:
        """All rejected rows with the table and file they were meant for."""
        reports = [*self.loaded.reports, *zip(self.plan.issue_steps, self.issues, strict=True)]
        return pd.concat(
            [report.rejected.assign(table=step.table, file=step.path.stem) for step, report in reports],
            ignore_index=True,
        )

    @property
    def stored(self) -> Counter[str]:
        """How many rows were stored, by table."""
        stored: Counter[str] = Counter()
        for step, report in self.loaded.reports:
            stored[step.table] += report.stored
        return stored

    def again(self) -> "Filled":
        """The same plan a second time."""
        return fill(self.stores, self.plan)

    def ask(self, query: str, **values: Any) -> list[Any]:
        """Rows that the database answers with."""
        with self.stores.read() as store:
            return list(store.session.execute(text(query), values))


def fill(stores: Stores, plan: Plan) -> Filled:
    """Do what ``gridwarden load --plan`` does."""
    assert plan.city is not None
    found(stores, plan.city, NOW)
    loaded = load(stores, plan.steps, Terms(now=NOW, override=plan.override, note=plan.note), lambda rows: None)
    issues = [
        load_issues(stores, step.path, step.mapping, now=NOW, dry_run=False, progress=lambda rows: None)
        for step in plan.issue_steps
    ]
    return Filled(stores, plan, loaded, issues)


@pytest.fixture(scope="module")
def filled(request: pytest.FixtureRequest, cities: Path, module_store_url: str) -> Filled:
    """The city that the module names in ``CITY``."""
    name = request.module.CITY
    engine = connect(module_store_url)
    upgrade(engine)
    return fill(Stores(engine), read_plan(ROOT / "data" / "plans" / f"{name}.toml", cities / name))


@pytest.fixture
def store(filled: Filled) -> Iterator[Store]:
    """The filled store in one transaction."""
    with filled.stores.read() as opened:
        yield opened


def changes(filled: Filled) -> dict[str, int]:
    """What a load changed, counted over all tables, and how many issues it stored."""
    totals: Counter[str] = Counter(stored=sum(report.stored for report in filled.issues))
    for counts in filled.loaded.counts.values():
        totals.update({name: counts[name] for name in ("added", "changed", "ended")})
    return dict(totals)


def assert_sayable(rejects: pd.DataFrame) -> None:
    """Every reason reads well in both languages."""
    for reason, params in zip(rejects["reason"], rejects["params"], strict=True):
        for locale in ("en", "zh"):
            assert "?" not in TEXTS.say(reason, locale, **params).replace("？", ""), (reason, params)
