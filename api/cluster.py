"""Partitions assigned on a Dask cluster: the territory is sent once, files are read and written where they are."""

import asyncio
import gc
import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from distributed import Client, WorkerPlugin, as_completed, get_worker

from api.assigning import Counts, Deciding, Partition, assign_partition
from api.reporting import Progress
from gis_core.errors import Conflict, GisError, InvalidInput
from layers.bundles import open_bundle, write_bundle
from layers.store import Store
from layers.territories import Territories

RETRIES = 2
"""How often a partition is tried again after an error of the machine; deaths of workers are counted by Dask."""
CONNECT_S = 20


class Sent(WorkerPlugin):
    """A territory as every worker gets it, also one that joins later: unpacked once, then read by all its tasks.

    Parameters
    ----------
    bundle
        A zipped bundle.
    """

    def __init__(self, bundle: bytes) -> None:
        self.name = f"gridwarden-{uuid4().hex}"
        self._bundle = bundle

    async def setup(self, worker: Any) -> None:
        """Unpack it into the worker's own folder."""
        self._folder = Path(worker.local_directory) / self.name
        await asyncio.to_thread(self._unpack)
        self.stores, self.territories = open_bundle(self._folder), Territories()

    def _unpack(self) -> None:
        with zipfile.ZipFile(io.BytesIO(self._bundle)) as zipped:
            zipped.extractall(self._folder)
        self._bundle = b""

    def teardown(self, worker: Any) -> None:
        """Remove it."""
        self.stores.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def assign_on_cluster(
    scheduler: str, store: Store, day: int, partitions: Sequence[Partition], deciding: Deciding, progress: Progress
) -> Iterator[tuple[Partition, Counts | GisError]]:
    """Assign partitions on the workers of a scheduler; yields what became of each as it is done. ``progress`` is told
    of partitions.

    Parameters
    ----------
    scheduler
        Address such as ``tcp://host:8786``.
    store
        An open transaction; the territory of its state is sent.
    day
        Days since 1970; see :func:`layers.bundles.write_bundle`.

    Raises
    ------
    Conflict
        When there is no such scheduler, or its workers cannot take the territory.
    """
    with _connected(scheduler) as client:
        sent = Sent(_zipped(store, day))
        try:
            client.register_plugin(sent)
        except Exception as fault:
            raise Conflict("workers_refuse", value=scheduler, fault=_line(fault)) from None
        futures = {
            client.submit(_assign, sent.name, one, deciding, pure=False, retries=RETRIES): one for one in partitions
        }
        try:
            for future in as_completed(futures):
                progress(1)
                yield futures[future], _outcome(future, futures[future])
        finally:
            client.unregister_worker_plugin(sent.name)


def _assign(name: str, partition: Partition, deciding: Deciding) -> Counts | GisError:
    """One partition on a worker. What is refused will be refused again, so it is an answer and not tried anew."""
    sent: Any = get_worker().plugins[name]
    try:
        return assign_partition(sent.stores, sent.territories, partition, deciding, lambda _: None)
    except GisError as fault:
        return fault


def _outcome(future: Any, partition: Partition) -> Counts | GisError:
    try:
        outcome: Counts | GisError = future.result()
    except Exception as fault:  # whatever went wrong over there
        return Conflict("partition_gave_up", value=partition.file, fault=_line(fault))
    return outcome


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    refused = ""
    try:
        client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError) as fault:
        refused = _line(fault)
    if refused:
        # What is left of the client takes a lock when it is cleared away; while another client is made, that one
        # would hold it, and wait for ever.
        gc.collect()
        raise InvalidInput("scheduler_unreachable", value=scheduler, fault=refused)
    with client:
        yield client


def _zipped(store: Store, day: int) -> bytes:
    packed = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        write_bundle(store, Path(folder), day)
        for path in sorted(Path(folder).rglob("*")):
            zipped.write(path, path.relative_to(folder))
    return packed.getvalue()


def _line(fault: Exception) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0]
