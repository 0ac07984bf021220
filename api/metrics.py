"""What a monitor reads: counts and durations by address, never names or paths. Several workers count as one server."""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from layers.stores import Stores

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of the folder where workers of one server count together."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SAMPLE_S = 5.0
"""How often a worker says what it uses."""
MEMORY = Path("/proc/self/statm")

disable_created_metrics()


class Metrics:
    """What one server process counts.

    Parameters
    ----------
    stores
        Whose connections are counted.
    """

    def __init__(self, stores: Stores) -> None:
        _forget_the_dead()
        self._stores = stores
        self._own = CollectorRegistry()
        route = ("route", "method")
        self._requests = Counter("gridwarden_requests", "Requests answered; status 0 is none.", (*route, "status"),
                                 registry=self._own)  # fmt: skip
        self._seconds = Histogram("gridwarden_request_seconds", "Time until the end of the answer.", route,
                                  buckets=BUCKETS_S, registry=self._own)  # fmt: skip
        self.in_flight = self._gauge("gridwarden_requests_in_flight", "Requests under way, live streams among them.")
        self.sign_ins_refused = Counter("gridwarden_sign_ins_refused", "Passwords refused, by reason.", ("reason",),
                                        registry=self._own)  # fmt: skip
        self._used = self._gauge("gridwarden_connections_in_use", "Connections to the database in use.")
        self._most = self._gauge("gridwarden_connections_most", "Connections to the database there can be.")
        self._workers = self._gauge("gridwarden_workers", "Server processes.")
        self._cpu = Counter("process_cpu_seconds", "CPU of all server processes.", registry=self._own)
        self._memory = self._gauge("process_resident_memory_bytes", "Resident memory of all server processes.")
        self._cpu_seen = 0.0

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self._own, multiprocess_mode="livesum")

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        # A client may send any word for a method.
        method = method if method in METHODS else "other"
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route, method).observe(seconds)

    def sample(self) -> None:
        """Say what this process uses now."""
        self._workers.set(1)
        used, most = self._stores.connections
        self._used.set(used)
        self._most.set(most)
        spent = time.process_time()
        self._cpu.inc(spent - self._cpu_seen)
        self._cpu_seen = spent
        if MEMORY.exists():
            self._memory.set(int(MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))

    def text(self) -> bytes:
        """Everything counted by all workers, in the text format of Prometheus."""
        self.sample()
        if FOLDER_VARIABLE not in os.environ:
            return generate_latest(self._own)
        _forget_the_dead()
        together = CollectorRegistry()
        together.register(_AllWorkers(Path(os.environ[FOLDER_VARIABLE])))
        return generate_latest(together)


class _AllWorkers(Collector):
    """What all workers wrote into a folder, one that just starts among them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        # A file is made empty and filled a moment later; until then its reader fails on it.
        with os.scandir(self._folder) as entries:
            files = [entry.path for entry in entries if entry.name.endswith(".db") and _begun(entry)]
        return MultiProcessCollector.merge(files)


def _begun(file: os.DirEntry[str]) -> bool:
    """Whether something stands in a file; one that is gone holds nothing."""
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False


def _forget_the_dead() -> None:
    """Leave out what a worker used that is no more; what it counted stays."""
    if FOLDER_VARIABLE not in os.environ or os.name != "posix":
        return
    folder = os.environ[FOLDER_VARIABLE]
    for file in Path(folder).glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            # Another worker may do the same at this moment.
            with suppress(FileNotFoundError):
                mark_process_dead(pid, folder)
