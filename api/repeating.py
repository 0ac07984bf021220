"""Suspected repeats among what is stored: pairs in words, and found after a load."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from api.intakes import WINDOW, report_of
from api.reporting import Progress
from gis_core.arrays import Bools
from gis_core.duplicates import alike, suspected
from gis_core.texts import TEXTS
from layers.store import Store
from layers.stores import Stores
from layers.suspecting import Row, note_pairs, reporters_of, reports, street_names

Document = dict[str, Any]
PAIRED = (
    "code", "status", "lon", "lat", "scheme", "kind", "category", "description", "address", "reported_at", "closed_at",
)  # fmt: skip
STEP = dt.timedelta(days=30)
"""What was reported in so long a time is looked through at once."""
COUNTED = dt.timedelta(days=30)
"""What is counted if nothing is said."""


def documents(store: Store, found: Sequence[Mapping[str, Any]], locale: str) -> list[Document]:
    """Pairs by the names of :class:`api.repeat_schemas.RepeatDocument`."""
    names = names_of(store, (one[side] for one in found for side in ("earlier", "later")))
    return [
        {
            **{name: one[name] for name in ("id", "state", "returned", "noted_at", "decided_at")},
            "score": round(one["score"], 3), "away_m": round(one["away_m"], 1),
            **{side: {name: one[side][name] for name in PAIRED} for side in ("earlier", "later")},
            "reasons": reasons(one, one["earlier"], one["later"], names, locale),
        }
        for one in found
    ]  # fmt: skip


def reasons(
    pair: Mapping[str, Any],
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
    names: Mapping[str, str],
    locale: str,
) -> list[str]:
    """What two issues have in common, in words; who reported only where the pair's score says it, which it does to
    those who may know.
    """
    found = alike(report_of(earlier, names), report_of(later, names))
    said: list[tuple[str, float | None]] = [("repeat_away", found.away_m), ("repeat_apart", found.apart_h)]
    said += [(f"repeat_{name}", None) for name in ("kind", "street", "number") if getattr(found, name)]
    said += [("repeat_words", found.words)] if found.words else []
    said += [("repeat_reporter", None)] if pair["score"] != pair["blind"] else []
    said += [("repeat_returned", None)] if pair["returned"] else []
    return [TEXTS.say(key, locale, value=value) for key, value in said]


def find_repeats(stores: Stores, since: dt.datetime | None, now: dt.datetime, tell: Progress) -> tuple[int, int]:
    """Note the pairs among the issues that are stored, of which the later was reported from some time on; what is noted
    already stays as it is. Each month is kept as it is done, so that whoever is stopped begins again without harm.

    Returns
    -------
    looked, noted
        How many reports were looked at, and how many pairs are new.
    """
    with stores.read() as store:
        first, last = store.first_report(), store.last_report()
        names = street_names(store)
    if first is None or last is None:
        return 0, 0
    begin, looked, noted = first if since is None else max(since, first), 0, 0
    while begin <= last:
        end = begin + STEP
        with stores.read() as store:
            rows = reports(store, begin - WINDOW, end)
            people = reporters_of(store.session, [row["id"] for row in rows])
        fresh = np.array([row["reported_at"] >= begin for row in rows], dtype=bool)
        # Nobody who writes waits while a month is looked through.
        found = _pairs(rows, fresh, names, people) if fresh.any() else []
        if found:
            with stores.write() as store:
                noted += note_pairs(store.session, found, now)
        looked += int(fresh.sum())
        tell(int(fresh.sum()))
        begin = end
    return looked, noted


def names_of(store: Store, issues: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What the streets of some issues are called, by code."""
    return street_names(store, {one["street"] for one in issues if one["street"]})


def _pairs(rows: Sequence[Row], fresh: Bools, names: Mapping[str, str], people: Mapping[int, str]) -> list[Row]:
    """Suspected pairs whose later one is fresh, as :func:`layers.suspecting.note_pairs` takes them."""
    found = suspected(report_of(row, names, people.get(row["id"])) for row in rows)
    found = found[fresh[found["later"].to_numpy()]]
    ids = np.array([row["id"] for row in rows], dtype=np.int64)
    pairs = {"issue_id": ids[found["later"].to_numpy()], "earlier_id": ids[found["earlier"].to_numpy()]}
    columns = {**pairs, **{name: found[name].to_numpy() for name in ("score", "blind", "away_m", "returned")}}
    return [dict(zip(columns, one, strict=True)) for one in zip(*(column.tolist() for column in columns.values()),
                                                               strict=True)]  # fmt: skip
