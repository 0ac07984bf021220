"""The demo city in a store: built, published as one version, its issues assigned."""

from pathlib import Path
from typing import Any

from api.door import Door, now
from api.founding import found
from api.indexing import index_published
from api.loading import Batch, Step, Terms, store_batches
from api.reporting import CHUNK_ROWS, Report, store_issues
from data.demo import build
from layers.importers import Mapping
from layers.territories import Territories


def fill(door: Door, units: int, issues: int, seed: int) -> dict[str, Any]:
    """Build the demo city and load it through the same steps as any file; twice changes nothing.

    Returns
    -------
    done
        ``city``, ``grids``, ``streets``, ``issues`` and ``rejected`` counts.
    """
    with door.progress("demo_building"):
        city = build(units=units, issues=issues, seed=seed)
    found(door.stores, city.city, now())
    batches = [
        Batch(Step(table=name, path=Path("demo"), mapping=Mapping(table=name)), _rows(frame), Report())
        for name, frame in city.frames.items()
        if name != "issues"
    ]
    with door.progress("demo_storing"):
        loaded = store_batches(door.stores, batches, Terms(now=now(), note="demo"))
    index_published(door, loaded.version, now())
    report = Report()
    frame = _rows(city.frames["issues"])
    territories = Territories()
    with door.progress("demo_issues", total=len(frame)) as tell:
        for start in range(0, len(frame), CHUNK_ROWS):
            store_issues(
                door.stores, frame.iloc[start : start + CHUNK_ROWS], report, now=now(), territories=territories
            )
            tell(min(CHUNK_ROWS, len(frame) - start))
    return {
        "city": city.city.name,
        "version": loaded.version,
        "grids": units,
        "streets": len(city.frames["streets"]),
        "issues": report.stored + report.known,
        "rejected": len(report.rejected),
    }


def _rows(frame: Any) -> Any:
    numbered = frame.reset_index(drop=True)
    return numbered.assign(row=numbered.index + 1)
