"""Several server processes: one killed under load loses nothing, and all stop when told."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest

from gis_core.permissions import Area, Grant
from layers.events import events_after
from layers.stores import Stores
from tests.serving import join, replaced, started, until, workers_of
from tests.town import SIDE, SOUTH, WEST

CLIENTS, REPORTS, LISTENERS, SENDERS = 4, 25, 6, 8
PLACE = {"lon": WEST + SIDE / 2, "lat": SOUTH + SIDE / 2, "category": "a"}


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town."""
    return founded_stores


def test_a_worker_killed_under_load_loses_no_report_it_answered(stores: Stores, founded_url: str) -> None:
    """A report would be answered 201 and be gone, or one sent again be stored twice."""
    key = join(stores, "li.wei", Grant("inspector", Area("city")))
    told: list[tuple[str, str]] = []
    going, killed = threading.Barrier(CLIENTS + 1), threading.Event()

    with started(founded_url, "--workers", "2") as (process, server):

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
        until(partial(replaced, process, min(before)), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with stores.read() as store:
        stored = store.issues()
    assert dict(zip(stored["external_id"], stored["code"], strict=True)) == dict(told)
    assert len(stored) == CLIENTS * REPORTS


def test_listeners_miss_nothing_whichever_worker_is_killed(stores: Stores, founded_url: str) -> None:
    """A map would lack what was reported in the second in which its server died, or show it twice."""
    key = join(stores, "li.wei", Grant("commander", Area("city")))
    heard: list[list[tuple[int, int]]] = [[] for _ in range(LISTENERS)]
    there, done = threading.Barrier(LISTENERS + 1), threading.Event()
    with started(founded_url, "--workers", "2") as (process, server):
        listeners = [threading.Thread(target=_listen, args=(server.port, key, one, there, done)) for one in heard]
        for listener in listeners:
            listener.start()
        there.wait()
        for victim in sorted(workers_of(process)):
            reporters = [
                threading.Thread(target=_report, args=(server.port, key, f"{victim}-{client}"))
                for client in range(CLIENTS)
            ]
            for reporter in reporters:
                reporter.start()
            os.kill(victim, signal.SIGKILL)
            for reporter in reporters:
                reporter.join()
            until(partial(replaced, process, victim), process)
        done.set()
        for listener in listeners:
            listener.join()
    with stores.read() as store:
        happened = [(one["position"], one["id"]) for one in events_after(store, 0, 0, 10_000)]
    assert len(happened) == 2 * 2 * CLIENTS * REPORTS
    assert all(one == happened for one in heard)


@pytest.mark.parametrize("count", [500, pytest.param(50_000, marks=pytest.mark.full)])
def test_reports_sent_again_by_other_clients_are_stored_once(stores: Stores, founded_url: str, count: int) -> None:
    """A gateway with several lines would report twice, or two reports get one number."""
    key = join(stores, "li.wei", Grant("inspector", Area("city")))
    told: list[tuple[str, str, bool]] = []

    def send(client: int, port: int) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for number in range(count):
                # Every third one is sent by the next client as well, at about the same time.
                if number % SENDERS == client or (number % 3 == 0 and (number + 1) % SENDERS == client):
                    document = _taken(connection, key, f"{number}")
                    told.append((f"{number}", document["code"], document["new"]))

    with started(founded_url, "--workers", "2") as (_, server):
        threads = [threading.Thread(target=send, args=(client, server.port)) for client in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(told) == count + len(range(0, count, 3))
    assert len({key for key, _, new in told if new}) == sum(new for *_, new in told) == count
    with stores.read() as store:
        stored = store.issues(only=("code", "external_id", "description"))
    assert stored["external_id"].equals(stored["description"]) and stored["code"].is_unique
    assert {(key, code) for key, code, _ in told} == set(zip(stored["external_id"], stored["code"], strict=True))
    assert len(stored) == count


def test_a_worker_can_be_asked_how_it_is_before_it_has_imported_the_application() -> None:
    """On a busy machine that takes long, and who does not answer is taken for dead and killed."""
    program = (
        "import logging.config, sys; from api.lines import logging_to_stderr; import api.protocol; "
        "logging.config.dictConfig(logging_to_stderr()); "
        "print(*sorted({'api.app', 'fastapi', 'layers', 'pandas', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def _taken(connection: HTTPConnection, key: str, number: str) -> dict[str, Any]:
    """The answer to a report, sent again while the store has too much to do and says so."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": number}
    while True:
        connection.request("POST", "/api/v1/issues", json.dumps({**PLACE, "description": number}), headers)
        answer = connection.getresponse()
        document: dict[str, Any] = json.loads(answer.read())
        if answer.status != 503:
            assert answer.status == 201, document
            return document


def _report(port: int, key: str, client: str) -> None:
    for number in range(REPORTS):
        _reported(port, key, f"{client}-{number}")


def _listen(port: int, key: str, heard: list[tuple[int, int]], there: threading.Barrier, done: threading.Event) -> None:
    """Keep the places of all events, going on after the last one wherever the stream breaks off, as a browser does."""
    ever = False
    while True:
        last = f"{heard[-1][0]}.{heard[-1][1]}" if heard else "0"
        headers = {"Authorization": f"Bearer {key}", "Last-Event-ID": last}
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection, suppress(OSError, HTTPException):
            connection.request("GET", "/api/v1/stream", headers=headers)
            answer = connection.getresponse()
            if not ever:
                there.wait()
                ever = True
            said = ""
            while line := answer.readline().decode():
                if line.startswith("id: "):
                    said = line[4:]
                elif line == "\n" and said:
                    position, _, event = said.partition(".")
                    heard.append((int(position), int(event)))
                    said = ""
                    if len(heard) == 2 * 2 * CLIENTS * REPORTS:
                        return
                elif line.startswith(":") and done.is_set():
                    # Nothing more comes, whatever was missed.
                    return


def _reported(port: int, key: str, token: str) -> str:
    """The case number of a report, sent again under its key until somebody answers, as a phone does."""
    body = json.dumps(PLACE)
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


def test_one_process_stops_when_told(stores: Stores, founded_url: str) -> None:
    """A supervisor would have to kill it."""
    with started(founded_url) as (process, server):
        assert server.ask("/healthz").status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
