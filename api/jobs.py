"""Workers: processes that take jobs one after the other and say how far they are."""

import datetime as dt
import logging.config
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

from api.door import now as clock
from api.exporting import export_job
from api.importing import import_job
from api.lines import logging_to_stderr
from api.living import end_with_parent
from api.matching import TracksWatch, tracks_job
from api.planning import plan_job
from api.redrawing import Watch, strips_job
from api.snapshots import HotspotsWatch, hotspots_job
from gis_core.errors import GisError
from layers.engine import NO_ANSWER, connect
from layers.files import Files, files_of
from layers.jobs import KEPT_FOR, Cancelled, Taken, finish, forget, is_waiting, put_back, still_wanted, take
from layers.stores import Stores

LOG = logging.getLogger("gridwarden.jobs")
Tell = Callable[[int, int | None], None]
Outcome = dict[str, Any]
"""Columns of a job that is done: ``result``, and ``file`` with its ``file_name`` where it made one."""
KINDS: dict[str, Callable[[Stores, Files, Taken, dt.datetime, Tell], Outcome]] = {
    "export": export_job,
    "hotspots": hotspots_job,
    "import": import_job,
    "plan": plan_job,
    "strips": strips_job,
    "tracks": tracks_job,
}
"""What does which kind of job."""
LOOKS_EVERY_S, TELLS_EVERY_S, LINGERS_S = 1.0, 1.0, 60.0


class Worker:
    """Takes jobs.

    Parameters
    ----------
    now
        The clock.
    """

    def __init__(self, stores: Stores, files: Files, now: Callable[[], dt.datetime] = clock) -> None:
        self._stores, self.files, self._now = stores, files, now
        self._watches = Watch(stores), TracksWatch(stores), HotspotsWatch(stores)
        self.ended = threading.Event()

    def run(self, lingers_s: float | None = None) -> None:
        """Take jobs until told to end, or until none has come for so long."""
        idle_s = 0.0
        # What somebody stopped is remembered before it is forgotten.
        self._look()
        self._sweep()
        while not self.ended.is_set() and (lingers_s is None or idle_s < lingers_s):
            try:
                worked = self.work()
            except NO_ANSWER as fault:
                LOG.warning("the store does not answer: %s", type(getattr(fault, "orig", fault)).__name__)
                worked = False
            idle_s = 0.0 if worked else idle_s + LOOKS_EVERY_S
            if not worked:
                self.ended.wait(LOOKS_EVERY_S)

    def work(self) -> bool:
        """Do the oldest job that waits, and first see whether strips are to be drawn, tracks to be matched or hot spots
        to be kept; whether there was one.
        """
        self._look()
        with self._stores.people() as accounts:
            waiting = is_waiting(accounts.session, self._now())
        if not waiting:
            return False
        with self._stores.people(writes=True) as accounts:
            taken = take(accounts.session, self._now())
        if taken is None:
            return False
        try:
            self._finish(taken, *self._outcome(taken))
        except NO_ANSWER as fault:
            LOG.warning("job %s is put back: %s", taken.id, type(getattr(fault, "orig", fault)).__name__)
            with self._stores.people(writes=True) as accounts:
                put_back(accounts.session, taken, self._now())
        return True

    def _look(self) -> None:
        for watch in self._watches:
            watch.look(self._now())

    def _outcome(self, taken: Taken) -> tuple[str, Outcome]:
        try:
            with self._telling(taken) as tell:
                return "done", KINDS[taken.kind](self._stores, self.files, taken, self._now(), tell)
        except Cancelled:
            return "cancelled", {}
        except GisError as fault:
            return "failed", {"fault": {"key": fault.key, "params": {name: str(v) for name, v in fault.params.items()}}}
        except NO_ANSWER:
            raise
        except Exception:
            LOG.exception("job %s failed", taken.id)
            return "failed", {"fault": {"key": "job_broke", "params": {"number": taken.id}}}

    @contextmanager
    def _telling(self, taken: Taken) -> Iterator[Tell]:
        """What a job says how far it is by; a thread passes it on, so that the job is held while it says nothing."""
        far: list[Any] = [0, None]
        over, unwanted = threading.Event(), threading.Event()

        def tell(done: int, total: int | None) -> None:
            far[:] = done, total
            if unwanted.is_set():
                raise Cancelled

        def pass_on() -> None:
            while not over.wait(TELLS_EVERY_S):
                try:
                    with self._stores.people(writes=True) as accounts:
                        wanted = still_wanted(accounts.session, taken, self._now(), far[0], far[1])
                except NO_ANSWER:
                    continue  # somebody writes for long; the next time is soon
                if not wanted:
                    unwanted.set()
                    return

        thread = threading.Thread(target=pass_on, name="job", daemon=True)
        thread.start()
        try:
            yield tell
        finally:
            over.set()
            thread.join()

    def _finish(self, taken: Taken, state: str, outcome: Outcome) -> None:
        with self._stores.people(writes=True) as accounts:
            finish(accounts.session, taken, self._now(), state, **outcome)

    def _sweep(self) -> None:
        """Forget what has been over for long, and half files of workers that died."""
        with self._stores.people(writes=True) as accounts:
            gone = forget(accounts.session, self._now())
        for digest in gone:
            self.files.drop(digest)
        self.files.sweep((self._now() - KEPT_FOR).timestamp())


class Workshop:
    """The worker beside a server: a process that is begun when there is a job, and leaves when there is none.

    Parameters
    ----------
    works
        Whether it is begun at all; else somebody runs ``gridwarden worker``.
    """

    def __init__(self, stores: Stores, *, works: bool) -> None:
        self._stores, self._works = stores, works and not stores.in_memory
        self._watches = Watch(stores), TracksWatch(stores), HotspotsWatch(stores)
        self._process: BaseProcess | None = None
        self._lock = threading.Lock()

    def wake(self) -> None:
        """See to it that somebody works."""
        with self._lock:
            if self._works and (self._process is None or not self._process.is_alive()):
                process = get_context("spawn").Process(target=_work_beside, args=(self._stores.url,), daemon=False)
                process.start()
                self._process = process

    def look(self, now: dt.datetime) -> None:
        """See to it that outdated strips are drawn, tracks matched that have come, and each day's hot spots kept."""
        try:
            if self._works and any(watch.look(now) for watch in self._watches):
                self.wake()
        except Exception:
            # Whoever looks must go on looking.
            LOG.exception("no worker could be begun")

    def end(self) -> None:
        """Stop it; what it had begun is done again by the next one."""
        with self._lock:
            self._works = False
            if self._process is not None:
                self._process.terminate()
                self._process.join()


def _work_beside(url: str) -> None:
    logging.config.dictConfig(logging_to_stderr("ERROR"))
    end_with_parent()
    stores = Stores(connect(url))
    Worker(stores, files_of(stores.address)).run(LINGERS_S)
