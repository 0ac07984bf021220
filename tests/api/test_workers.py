"""Several server processes: one killed under load loses nothing, and all stop when told."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

import pytest

from gis_core.permissions import Area, Grant
from layers.engine import connect, upgrade
from layers.stores import Stores
from tests import town
from tests.serving import join, started, workers_of
from tests.town import SIDE, SOUTH, WEST

CLIENTS, REPORTS = 4, 25


@pytest.fixture
def stores(store_url: str) -> Iterator[Stores]:
    """The town."""
    engine = connect(store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    yield stores
    engine.dispose()


def test_a_worker_killed_under_load_loses_no_report_it_answered(stores: Stores, store_url: str) -> None:
    """A report would be answered 201 and be gone, or one sent again be stored twice."""
    key = join(stores, "li.wei", Grant("inspector", Area("city")))
    told: list[tuple[str, str]] = []
    going, killed = threading.Barrier(CLIENTS + 1), threading.Event()

    with started(store_url, "--workers", "2") as (process, server):

        def send(client: int) -> None:
            going.wait()
            for number in range(REPORTS):
                if number == REPORTS // 2:
                    killed.wait(30)
                token = f"{client}-{number}"
                told.append((token, _reported(server.port, key, token)))

        threads = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        before = workers_of(process)
        assert len(before) == 2
        going.wait()
        os.kill(min(before), signal.SIGKILL)
        killed.set()
        for thread in threads:
            thread.join()
        while len(after := workers_of(process)) < 2 or min(before) in after:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with stores.read() as store:
        stored = store.issues()
    assert dict(zip(stored["external_id"], stored["code"], strict=True)) == dict(told)
    assert len(stored) == CLIENTS * REPORTS


def _reported(port: int, key: str, token: str) -> str:
    """The case number of a report, sent again under its key until somebody answers, as a phone does."""
    body = json.dumps({"lon": WEST + SIDE / 2, "lat": SOUTH + SIDE / 2, "category": "a"})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": token}
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", "/api/v1/issues", body, headers)
            answer = connection.getresponse()
            document = json.loads(answer.read())
        except (OSError, HTTPException):
            continue
        finally:
            connection.close()
        assert answer.status == 201, document
        return str(document["code"])


def test_one_process_stops_when_told(stores: Stores, store_url: str) -> None:
    """A supervisor would have to kill it."""
    with started(store_url) as (process, server):
        assert server.ask("/healthz").status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
