"""The hot tables partitioned by month as docs/scale.md says: nothing else changes."""

import re

import pandas as pd
from sqlalchemy import text

from layers.engine import connect, upgrade
from layers.stores import Stores
from layers.verify import verify
from tests import town
from tests.project import ROOT

RECIPE = re.search(r"```sql\nBEGIN;\n(.*?)COMMIT;\n```", (ROOT / "docs" / "scale.md").read_text("utf-8"), re.DOTALL)
MONTHS = {
    "2026-01-15T02:00Z": "issue_2026_01",
    "2026-06-01T02:00Z": "issue_2026_06",
    "2019-03-01T02:00Z": "issue_other",
}


def add(stores: Stores, first: int) -> int:
    """Store two issues of each month; how many were new."""
    with stores.write() as store:
        return sum(
            store.add_issues(town.answered(store, town.issues(2, first=first + 10 * k, reported_at=month)), town.NOW)
            for k, month in enumerate(MONTHS)
        )


def test_issues_by_month(postgis_url: str) -> None:
    engine = connect(postgis_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    assert add(stores, first=1) == 6
    assert RECIPE is not None
    with engine.begin() as connection:
        connection.execute(text(RECIPE.group(1).replace(":", r"\:")))

    upgrade(engine)
    assert add(stores, first=2) == 3  # one of each two is there already
    with stores.write() as store:
        again = town.issues(1, first=1, reported_at="2026-01-15T02:00Z", closed_at=pd.Timestamp("2026-02-01T02:00Z"))
        assert store.close_issues(again) == 1
        moved = town.issues(1, first=1, reported_at="2026-02-15T02:00Z")
        assert store.contradicting(moved).tolist() == [True]
    with stores.read() as store:
        issues = store.issues()
        assert len(issues) == 9 and issues["code"].is_unique and issues["id"].is_unique
        assert store.issues_by_status() == {"open": 8, "closed": 1}
        assert not len(verify(store.session, store.city))
        for name in MONTHS.values():
            assert store.session.scalar(text(f"SELECT count(*) FROM {name}")) == 3
    engine.dispose()
