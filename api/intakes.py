"""Reports of the last days kept in memory, so that a new one is held against them in no time."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import monotonic
from typing import Any

import numpy as np

from gis_core.duplicates import Intake
from gis_core.likeness import RETURN_WINDOW_H, Report
from layers.store import Store
from layers.stores import Stores
from layers.suspecting import person_of, reporters_of, reports, reports_after, street_names

LOG = logging.getLogger("gridwarden.repeats")
WINDOW = dt.timedelta(hours=RETURN_WINDOW_H)
"""How far back a report is held against others, at most."""
MOST_KEPT, MOST_GROWN = 300_000, 5_000
"""Reports that are kept, the newest; those that are taken in while somebody reports: after more all are read anew."""
RENEWED_AFTER = dt.timedelta(days=1)
"""When all is read anew, and what is too old forgotten with it."""
WAIT_S, AGAIN_AFTER = 2.0, dt.timedelta(minutes=5)
"""How long whoever reports waits for the first reading; how long after the end of one, done or failed, the next may
begin, so that a load that goes on has not all of it read without a pause.
"""
READER = "repeats"
"""Name of the thread that reads."""
HOUR_S = 3_600.0


@dataclass(frozen=True)
class Suspicion:
    """An earlier issue, by its id, that may be of the same problem; see :class:`gis_core.duplicates.Suspect`."""

    earlier: int
    score: float
    blind: float
    returned: bool
    away_m: float


def report_of(row: Mapping[str, Any], names: Mapping[str, str], reporter: str | None = None) -> Report:
    """What is compared of an issue.

    Parameters
    ----------
    row
        The columns of :data:`layers.suspecting.COMPARED` without its id.
    names
        What streets are called, by code: what all neighbours write says nothing.
    reporter
        The person behind it, of :func:`layers.suspecting.person_of`, never the account, which reports for many; of
        reports that are kept in memory nobody, so that who is erased is not remembered there.
    """
    street, closed = row["street"], row["closed_at"]
    return Report(
        x=row["x"], y=row["y"], t_h=row["reported_at"].timestamp() / HOUR_S,
        kind=f"{row['scheme']} {row['kind']} {row['category']}",
        words=" ".join(part for part in (row["address"], row["description"]) if part),
        street=street and names.get(street, street), side=row["street_side"], reporter=reporter,
        closed_h=np.inf if closed is None else closed.timestamp() / HOUR_S,
    )  # fmt: skip


@dataclass(eq=False)
class _Kept:
    """What a process has in memory, as far as it is known at a position in the order of commits."""

    names: dict[str, str]
    position: int
    since: dt.datetime
    at: dt.datetime
    intake: Intake = field(default_factory=Intake)
    ids: list[int] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    outgrown: bool = False
    lock: Lock = field(default_factory=Lock)

    def grow(self, store: Store) -> None:
        """Take in what was committed since."""
        newest = store.scope.present.position
        if newest <= self.position or self.outgrown:
            return
        rows = reports_after(store, self.position, self.since, MOST_GROWN)
        if rows is None:
            self.outgrown = True
            return
        for row in rows:
            report = report_of(row, self.names)
            number = self.numbers.get(row["id"])
            if number is None:
                self.numbers[row["id"]] = self.intake.add(report)
                self.ids.append(row["id"])
            else:
                self.intake.close(number, report.closed_h)
        self.position = newest


class Intakes:
    """The reports of the last days, kept by a process: what was stored since is taken in when somebody reports."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None
        self._reader: Thread | None = None
        self._again_at: dt.datetime | None = None
        self._lock = Lock()

    def ready(self, stores: Stores, now: dt.datetime) -> None:
        """See to it that what there is is read, the first time and once a day, by a thread of its own.

        Whoever comes while nothing is known yet waits a moment and goes on without: a report is stored in any case.
        Between two readings there are :data:`AGAIN_AFTER`; until then what was known before is compared.
        """
        kept = self._kept
        if kept is not None and not kept.outgrown and now - kept.at < RENEWED_AFTER:
            return
        with self._lock:
            reads = self._reader is not None and self._reader.is_alive()
            if not reads and self._kept is kept and (self._again_at is None or self._again_at <= now):
                self._reader = Thread(target=self._read, args=(stores, now), name=READER, daemon=True)
                self._reader.start()
            reader = self._reader
        if kept is None and reader is not None:
            reader.join(WAIT_S)

    def _read(self, stores: Stores, now: dt.datetime) -> None:
        begun_s = monotonic()
        try:
            with stores.read() as store:
                self._kept = _filled(store, now)
        except Exception as fault:
            LOG.error("earlier reports cannot be read: %s", type(getattr(fault, "orig", fault)).__name__)
        self._again_at = now + dt.timedelta(seconds=monotonic() - begun_s) + AGAIN_AFTER

    def suspicions(self, store: Store, said: Mapping[str, Any], phone: str | None = None) -> list[Suspicion]:
        """Which issues that are committed may be of the same problem, the likeliest first; none before there is
        anything to compare with.

        Parameters
        ----------
        store
            One that sees everything.
        said
            What :func:`report_of` takes.
        phone
            Of who reports, of a report that is being stored.
        """
        kept, ours = self._kept, person_of(phone, said)
        if kept is None:
            return []
        with kept.lock:
            kept.grow(store)

            def same(numbers: Sequence[int]) -> list[int]:
                people = reporters_of(store.session, [kept.ids[number] for number in numbers])
                return [number for number in numbers if people.get(kept.ids[number]) == ours]

            found = kept.intake.suspects(report_of(said, kept.names), same=same if ours else None)
            return [Suspicion(kept.ids[one.number], *one[1:]) for one in found]


def _filled(store: Store, now: dt.datetime) -> _Kept:
    since = now - WINDOW
    names, rows = street_names(store), reports(store, since, newest=MOST_KEPT)
    intake = Intake(report_of(row, names) for row in rows)
    ids = [row["id"] for row in rows]
    numbers = {one: number for number, one in enumerate(ids)}
    return _Kept(names, store.scope.present.position, since, now, intake, ids, numbers)
