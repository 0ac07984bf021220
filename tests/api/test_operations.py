"""What whoever keeps the server running stands on: readiness, counts, the log, limits, and an end in good order."""

import json
import logging
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, event, text

from api.app import ROUTERS
from api.exchanges import UNKNOWN
from api.lines import LOG, Lines, told
from api.metrics import FOLDER_VARIABLE, METHODS
from api.middleware import ALWAYS, MOST_ADDRESS_BYTES, MOST_BODY_BYTES, MOST_HEADER_BYTES
from api.protocol import BoundedHttp
from api.settings import Settings
from gis_core.permissions import Area, Grant
from layers import engine as engines
from layers.engine import STATEMENT_TIMEOUT_MS, THREADS, WRITES, connect, upgrade
from layers.files import FILES_VARIABLE
from layers.stores import Stores
from map_ui.texts import TEXTS
from tests import town
from tests.api.test_matrix import ROWS
from tests.project import ROOT
from tests.serving import BETWEEN_LOOKS_S, SECRET, Reply, Server, join, replaced, serving, started, until, workers_of
from tests.town import SIDE, SOUTH, WEST

CITY = Area("city")
LOOPBACK = (ip_network("127.0.0.0/8"),)
WORDS = "垃圾满溢 at Mr Li's"
REPORT = {"lon": WEST + SIDE / 2, "lat": SOUTH + SIDE / 2, "category": "a", "description": WORDS}
FIELDS = {"time", "level", "request", "method", "route", "status", "ms", "bytes", "account", "client"}
Line = dict[str, Any]


@pytest.fixture
def stores(founded_url: str) -> Iterator[Stores]:
    """The town, through the connections of a server."""
    engine = connect(founded_url, serving=True)
    yield Stores(engine)
    engine.dispose()


@pytest.fixture
def key(stores: Stores) -> str:
    """Of somebody who may do everything that is asked here."""
    return join(stores, "li.wei", Grant("commander", CITY), Grant("monitor", CITY))


class Kept(logging.Handler):
    """Keeps the lines of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Lines())
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self._lines.put(self.format(record))

    def next(self) -> Line:
        """The next line, once it is there."""
        written = self._lines.get(timeout=30)
        assert "\n" not in written
        line: Line = json.loads(written)
        return line

    def of(self, reply: Reply) -> Line:
        """The line about a request."""
        while (line := self.next()).get("request") != reply.headers["X-Request-ID"]:
            pass
        return line


@pytest.fixture
def log() -> Iterator[Kept]:
    """The log of the server."""
    kept = Kept()
    LOG.addHandler(kept)
    LOG.setLevel(logging.INFO)
    yield kept
    LOG.setLevel(logging.NOTSET)
    LOG.removeHandler(kept)


def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """What is counted, read by the parser of Prometheus itself."""
    reply = server.ask("/metrics")
    assert reply.status == 200, reply.text
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def counted(server: Server, name: str, **labels: str) -> float:
    """One of the numbers, 0 when it is not there yet."""
    return samples(server).get((name, frozenset(labels.items())), 0.0)


@contextmanager
def writing(url: str) -> Iterator[None]:
    """Somebody else who has what every report needs, and takes their time."""
    engine = connect(url)
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE issue IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


def test_readiness_says_which_part_is_missing(store_url: str, tmp_path: Path) -> None:
    """Whoever is woken at night would have to find out, or requests be sent to a server that cannot answer them."""
    engine = connect(store_url)
    stores = Stores(engine)

    def missing() -> str:
        with serving(stores) as up:
            reply = up.ask("/readyz")
        assert reply.status == 503 and reply.document["status"] == "not ready"
        return str(reply.document["missing"])

    assert missing() == "schema"
    upgrade(engine)
    assert missing() == "city"
    with stores.publishing() as store:
        store.init_city(town.CITY)
    assert missing() == "version"
    town.found(stores)
    with serving(stores) as up:
        reply = up.ask("/readyz")
        assert (reply.status, reply.document["status"], reply.document["version"]) == (200, "ready", 1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    assert missing() == "schema"
    engine.dispose()
    stores = Stores(create_engine(f"sqlite:///{tmp_path}/no/such/folder.db"))
    assert missing() == "store"


def test_what_is_counted(stores: Stores, key: str) -> None:
    """A monitor would see that the server is slow and not where, or not see that somebody tries passwords."""
    with serving(stores) as up:
        server = up.by(key)
        for _ in range(3):
            assert server.ask("/api/v1/issues").status == 200
        assert up.ask("/api/v1/issues/012026060100001").status == 401
        up.post("/login", {"name": "li.wei", "password": "a guess"})
        for _ in range(20):
            up.post("/login", {"name": "nobody", "password": "a guess"})
        found = samples(server)

    def number(name: str, **labels: str) -> float:
        return found[name, frozenset(labels.items())]

    listed = {"route": "/api/v1/issues", "method": "GET"}
    assert number("gridwarden_requests_total", **listed, status="200") == 3
    assert number("gridwarden_request_seconds_count", **listed) == 3
    assert number("gridwarden_request_seconds_bucket", **listed, le="+Inf") == 3
    assert number("gridwarden_request_seconds_sum", **listed) > 0
    assert number("gridwarden_requests_total", route="/api/v1/issues/{code}", method="GET", status="401") == 1
    assert number("gridwarden_sign_ins_refused_total", reason="wrong_password") == 20
    assert number("gridwarden_sign_ins_refused_total", reason="too_many_requests") == 1
    assert number("gridwarden_requests_in_flight") == 1
    assert number("gridwarden_workers") == 1
    assert (number("gridwarden_connections_in_use"), number("gridwarden_connections_most")) == (0, THREADS)
    assert number("process_cpu_seconds_total") > 0 and number("process_resident_memory_bytes") > 1_000_000


def test_labels_are_ours_whatever_is_asked(stores: Stores, key: str) -> None:
    """A stranger could fill the monitor's disk by inventing addresses, or a token would stand in it for years."""
    templates = {route.path for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)}
    templates |= {"/maps/assets/{file}", "/api/v1/openapi.json", UNKNOWN}
    with serving(stores) as up:
        server = up.by(key)
        for path in ("/secret-1", "/maps/secret-2", "/open311/v2/tokens/secret-3.json", "/maps/assets/secret-4",
                     "/maps/assets/page.js", "/tiles/issues/16/1/1.pbf", "/api/v1/openapi.json", "/maps/heat/",
                     "/api/v1/issues?grid=secret-5"):  # fmt: skip
            server.ask(path)
        for method in ("SECRET6", "GET" * 30, "TRACE"):
            server.ask("/healthz", method)
        up.post("/login", {"name": "secret-7", "password": "secret-8"})
        written = server.ask("/metrics").text
        labels = [dict(labels) for _, labels in samples(server)]
    assert "secret" not in written.lower() and "li.wei" not in written
    assert {one["route"] for one in labels if "route" in one} <= templates
    assert {one["method"] for one in labels if "method" in one} <= METHODS | {"other"}
    assert {"/maps/assets/{file}", "/api/v1/openapi.json", UNKNOWN, "/tiles/{layer}/{z}/{x}/{y}.pbf"} <= {
        one["route"] for one in labels if "route" in one
    }


def test_a_monitor_sees_nothing_else(stores: Stores) -> None:
    """The key in a monitor's configuration would open the city, or the trail."""
    server_key = join(stores, "prometheus", Grant("monitor", CITY))
    with serving(stores) as up:
        assert up.ask("/metrics").status == 401
        server = up.by(server_key)
        assert server.ask("/metrics").status == 200
        for path in ("/api/v1/issues", "/api/v1/audit", "/maps/overview", "/ogc/collections/issues/items"):
            assert server.ask(path).status == 403, path


def test_a_request_is_one_line_without_what_is_in_it(stores: Stores, key: str, log: Kept) -> None:
    """A log would be a second register of citizens, kept without anybody's leave, or not say who did what."""
    with serving(stores) as up:
        server = up.by(key)
        reported = server.send("/api/v1/issues", REPORT, Idempotency_Key="phone-13800000000")
        code = reported.document["code"]
        line = log.of(reported)
        assert set(line) == FIELDS and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
        with stores.people() as accounts:
            number = accounts.user("li.wei").id
        assert {name: line[name] for name in FIELDS - {"time", "ms", "request"}} == {
            "level": "info", "method": "POST", "route": "/api/v1/issues", "status": 201,
            "bytes": len(reported.body), "account": number, "client": "127.0.0.1",
        }  # fmt: skip
        assert line["ms"] > 0
        replies = [
            server.ask(f"/api/v1/issues/{code}"), server.ask("/api/v1/issues?grid=0101&lang=zh"),
            up.ask(f"/maps/overview?next={code}", Cookie="gridwarden=secret-cookie"),
            up.post("/login", {"name": "li.wei", "password": "secret-word"}),
            up.ask("/open311/v2/tokens/secret-token.json"), server.ask("/secret/path%0a{}"),
            server.send("/api/v1/issues", {**REPORT, "category": "secret-category"}),
        ]  # fmt: skip
        lines = [line, *(log.of(reply) for reply in replies)]
    # A number that chance gives may have any digits in it.
    chance = {"request", "time", "ms"}
    told_all = json.dumps([{name: said for name, said in one.items() if name not in chance} for one in lines],
                          ensure_ascii=False)  # fmt: skip
    for personal in ("secret", "13800000000", "li.wei", code, "0101", "垃圾", key, "Mr Li"):
        assert personal not in told_all, personal
    assert [one["account"] for one in lines] == [number, number, number, None, None, None, None, number]


def test_a_fault_is_found_by_the_number_people_are_told(stores: Stores, key: str, log: Kept) -> None:
    """Somebody would telephone and nobody could find what happened to them; or the log would repeat their words."""
    with serving(stores, now=lambda: "13800000000 of Mr Li") as up:
        server = up.by(key)
        problem = server.ask("/maps/overview", Accept_Language="en")
        line = log.of(problem)
        page = server.ask("/maps/overview", Accept="text/html", Accept_Language="zh")
    number = problem.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{12}", number)
    assert problem.status == 500 and problem.document["request"] == number
    assert problem.document["detail"] == TEXTS.say("fault_number", "en", number=number)
    assert TEXTS.say("fault_number", "zh", number=page.headers["X-Request-ID"]) in page.text
    assert (line["level"], line["status"], line["route"]) == ("error", 500, "/maps/{page}")
    assert "Mr Li" not in json.dumps(line) and line["fault"]
    assert any(re.fullmatch(r"api\.\w+:\d+ \w+", frame) for frame in line["traceback"])


def test_a_fault_s_causes_are_told_by_kind() -> None:
    """A database's fault would be logged with its parameters, or without what the database said of it."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            try:
                connection.execute(text("SELECT * FROM nothing WHERE words = :words"), {"words": WORDS})
            except Exception as fault:
                raise ExceptionGroup(WORDS, [RuntimeError(WORDS)]) from fault
    except Exception as fault:
        group = fault
    line = told(group.__cause__ or group)
    assert line["fault"] == "sqlalchemy.exc.OperationalError" and "sqlite3.OperationalError" in line["causes"][0]
    assert told(group)["fault"] == "RuntimeError"
    assert WORDS not in str(line) and "nothing" not in str(line)


def test_a_client_that_leaves_is_no_fault_of_ours(stores: Stores, key: str, log: Kept) -> None:
    """Each phone in a tunnel would wake somebody."""
    with serving(stores) as up, socket.create_connection(("127.0.0.1", up.port)) as client:
        client.sendall(f"POST /api/v1/issues HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                       "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode())  # fmt: skip
        client.shutdown(socket.SHUT_RDWR)
        line = log.next()
    assert (line["method"], line["level"], "fault" in line) == ("POST", "info", False)


@pytest.mark.parametrize(
    ("said", "taken"),
    [("a1-B.c_9", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("a\tb", False), ("é", False),
     ("<b>", False), ('"', False), ("", False), ("a,b", False)],
)  # fmt: skip
def test_a_number_given_by_a_believed_proxy_is_kept_if_it_is_plain(
    stores: Stores, said: str, taken: bool, log: Kept
) -> None:
    """A request could not be followed through the proxy, or anybody could write into the log and the answers."""
    for proxies, believed in (((), False), (LOOPBACK, True)):
        with serving(stores, settings=Settings(SECRET, proxies=proxies)) as up:
            reply = up.ask("/healthz", X_Request_ID=said)
        number = reply.headers["X-Request-ID"]
        assert (number == said) == (taken and believed), said
        assert number == said or re.fullmatch(r"[0-9a-f]{12}", number)
        assert log.of(reply)["request"] == number


@pytest.mark.parametrize("ending", ["\r\nX-Evil: 1", "\n X-Evil: 1", "\rX-Evil: 1", "\0"])
def test_no_header_is_made_of_a_number(stores: Stores, ending: str) -> None:
    """A client could write headers of our answers."""
    with (
        serving(stores, settings=Settings(SECRET, proxies=LOOPBACK)) as up,
        socket.create_connection(("127.0.0.1", up.port), timeout=30) as client,
    ):
        client.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a{ending}\r\n"
                       "Connection: close\r\n\r\n".encode())  # fmt: skip
        answer = b"".join(iter(lambda: client.recv(65_536), b"")).lower()
    assert answer.startswith(b"http/1.1 ") and b"evil" not in answer


@pytest.mark.parametrize(
    "begun",
    ["GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Endless: ", "GET /", "G",
     "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;x=",
     "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Endless: "],
)  # fmt: skip
def test_a_client_that_never_comes_to_an_end_is_let_go(stores: Stores, begun: str) -> None:
    """What is not complete is kept in memory; a few such clients would fill it."""
    sent, more = 0, b"x" * 16_384
    with serving(stores) as up, socket.create_connection(("127.0.0.1", up.port), timeout=30) as client:
        client.sendall(begun.encode())
        with pytest.raises(OSError):
            while sent < 100_000_000:
                client.sendall(more)
                sent += len(more)
        # What was on its way when it ended lies in the buffers of the operating system.
        assert sent < 20_000_000
        assert up.ask("/healthz").status == 200


@pytest.mark.parametrize(
    "begun",
    ["", "GET /heal", ("POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
     "Content-Type: application/x-www-form-urlencoded\r\n\r\nx")],
)  # fmt: skip
def test_a_client_that_falls_silent_is_let_go(stores: Stores, begun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand of them would hold the connections and what they have sent for ever."""
    monkeypatch.setattr(BoundedHttp, "quiet_s", 0.5)
    with serving(stores) as up, socket.create_connection(("127.0.0.1", up.port), timeout=30) as client:
        client.sendall(begun.encode())
        assert client.recv(65_536) == b""
        assert up.ask("/healthz").status == 200


def test_a_client_that_waits_for_our_answer_is_not_let_go(
    stores: Stores, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has begun to say more while we make an answer would never get it."""
    monkeypatch.setattr(BoundedHttp, "quiet_s", 0.1)
    looked, slow = threading.Semaphore(0), threading.Event()
    let_go = BoundedHttp._let_go

    def noted(self: BoundedHttp) -> None:
        let_go(self)
        looked.release()

    def now() -> Any:
        if slow.is_set() and threading.current_thread().name.startswith("AnyIO"):
            assert all(looked.acquire(timeout=30) for _ in range(3))
        return town.NOW

    monkeypatch.setattr(BoundedHttp, "_let_go", noted)
    head = f"Host: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
    with serving(stores, now) as up, socket.create_connection(("127.0.0.1", up.port), timeout=60) as client:
        slow.set()
        client.sendall(f"GET /api/v1/me HTTP/1.1\r\n{head}GET /heal".encode())
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")


def test_no_request_hides_in_another(stores: Stores, key: str, log: Kept) -> None:
    """What a proxy takes for a body would be done as a request of its own, past whatever the proxy forbids."""
    hidden = f"DELETE /api/v1/session HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
    with serving(stores) as up, socket.create_connection(("127.0.0.1", up.port), timeout=30) as client:
        client.sendall(f"POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
                       f"Content-Length: {len(hidden)}\r\n\r\n{hidden}".encode())  # fmt: skip
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1 ") == 1


def test_what_follows_a_body_is_no_header(stores: Stores, log: Kept) -> None:
    """A client could name its own address after the proxy has named it, or its own number of the request."""
    with (
        serving(stores, settings=Settings(SECRET, proxies=LOOPBACK)) as up,
        socket.create_connection(("127.0.0.1", up.port), timeout=30) as client,
    ):
        client.sendall(b"POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Request-ID: trailer\r\n\r\n")  # fmt: skip
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert b" 4" in answer[:13] and b"trailer" not in answer


def test_every_answer_has_the_headers_and_a_number(stores: Stores, key: str) -> None:
    """The one answer that was forgotten would be the one in a foreign frame, or the one nobody finds in the log."""
    with serving(stores) as up, serving(stores, now=lambda: "no instant") as broken:
        large = b"x" * (MOST_BODY_BYTES + 1)
        replies = {
            200: up.by(key).ask("/maps/overview"), 304: None, 401: up.ask("/api/v1/me"), 404: up.ask("/nowhere"),
            405: up.ask("/maps/heat", "POST"), 400: up.ask("/healthz", Host="evil.example"),
            413: up.ask("/api/v1/token", "POST", body=large, Content_Type="application/x-www-form-urlencoded"),
            414: up.ask("/" + "x" * MOST_ADDRESS_BYTES), 431: up.ask("/", X_Large="x" * MOST_HEADER_BYTES),
            500: broken.by(key).ask("/maps/overview"), 307: up.ask("/"),
        }  # fmt: skip
        asset = up.ask("/maps/assets/page.js")
        replies[304] = up.ask("/maps/assets/page.js", If_None_Match=asset.headers["ETag"])
    for status, reply in replies.items():
        assert reply is not None and reply.status == status, (status, reply)
        assert re.fullmatch(r"[0-9a-f]{12}", reply.headers["X-Request-ID"]), status
        for name, value in ALWAYS.items():
            assert reply.headers.get_all(name) == [value], (status, name)
        assert "Cookie" in reply.headers["Vary"] and reply.headers["Cache-Control"], status
    assert {"frame-ancestors 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"} <= set(
        ALWAYS["Content-Security-Policy"].split("; ")
    )
    for status in (414, 431):
        reply = replies[status]
        assert reply is not None and reply.document["title"] == TEXTS.say(f"fault_{status}", "en")


def test_a_question_that_takes_too_long_is_broken_off_and_says_what_to_do(
    stores: Stores, key: str, founded_url: str, monkeypatch: pytest.MonkeyPatch, log: Kept
) -> None:
    """One lock would hold all threads for ever, and people would wait for nothing."""
    monkeypatch.setattr(engines, "STATEMENT_TIMEOUT_MS", 300)
    limited = engines.SERVING_OPTIONS.replace(f"={STATEMENT_TIMEOUT_MS} ", "=300 ")
    assert limited != engines.SERVING_OPTIONS
    monkeypatch.setattr(engines, "SERVING_OPTIONS", limited)
    engine = connect(founded_url, serving=True)
    with serving(Stores(engine)) as up:
        server = up.by(key)
        with writing(founded_url):
            reply = server.send("/api/v1/issues", REPORT, Accept_Language="en")
            assert (reply.status, reply.headers["Content-Type"]) == (503, "application/problem+json")
            assert TEXTS.say("fault_slow", "en") in reply.document["detail"]
            assert reply.document["request"] == reply.headers["X-Request-ID"] and int(reply.headers["Retry-After"]) > 0
        line = log.of(reply)
        assert "57014" in line["causes"][0] or "SQLITE_BUSY" in line["causes"][0]
        assert server.send("/api/v1/issues", REPORT).status == 201
    engine.dispose()


def test_only_a_server_s_questions_are_limited(postgis_url: str) -> None:
    """Loading a city would be broken off after seconds."""
    for serving_, expected in ((True, f"{STATEMENT_TIMEOUT_MS // 1000}s"), (False, "0")):
        engine = connect(postgis_url, serving=serving_)
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW statement_timeout")) == expected
        engine.dispose()


def test_no_request_waits_for_a_second_connection_while_it_holds_one(
    stores: Stores, founded_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen requests at once would wait for each other until all of them failed."""
    key = join(stores, "everything", *(Grant(role, CITY) for role in ("commander", "admin", "auditor", "reporter")))
    engine = connect(founded_url, serving=True)
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path))
    held, most = 0, 0

    @event.listens_for(engine, "checkout")
    def out(*_: Any) -> None:
        # What looks for new events on SQLite is no request.
        nonlocal held, most
        if threading.current_thread().name != "events":
            held += 1
            most = max(most, held)

    @event.listens_for(engine, "checkin")
    def back(*_: Any) -> None:
        nonlocal held
        if threading.current_thread().name != "events":
            held -= 1

    with serving(Stores(engine), settings=Settings(SECRET, works=False)) as up:
        statuses = {address: row.ask(up.by(key)).status for address, row in ROWS.items()}
    assert {address: status for address, status in statuses.items() if status >= 500} == {}
    assert (most, held) == (1, 0)
    engine.dispose()


def waiting(server: Server, report: Callable[[], Reply]) -> "tuple[threading.Thread, list[Reply]]":
    """A request that is under way, once the server says so."""
    replies: list[Reply] = []
    thread = threading.Thread(target=lambda: replies.append(report()))
    thread.start()
    while counted(server, "gridwarden_requests_in_flight") < 2:
        thread.join(BETWEEN_LOOKS_S)
        assert thread.is_alive()
    return thread, replies


def lets_in(server: Server) -> bool:
    """Whether a client can still come in."""
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["alone", "together"])
def test_told_to_stop_it_ends_what_is_under_way_and_takes_nothing_new(
    stores: Stores, key: str, founded_url: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    """Each new release would lose the reports that were being sent, or wait for ever for somebody who only listens."""
    with (tmp_path / "log").open("wb") as log, started(founded_url, *options, log=log) as (process, server):
        asked = server.by(key)
        assert "Server" not in asked.ask("/healthz").headers
        with writing(founded_url):
            thread, replies = waiting(asked, lambda: asked.send("/api/v1/issues", REPORT))
            process.send_signal(signal.SIGTERM)
            until(lambda: not lets_in(server), process)
            assert replies == []
        thread.join()
        assert [reply.status for reply in replies] == [201]
        assert process.wait(60) == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert {"request", "message"} <= set().union(*lines)
    assert [line for line in lines if line["level"] not in ("info", "warning")] == []
    assert WORDS not in str(lines) and "li.wei" not in str(lines)
    with stores.read() as store:
        assert store.issues_by_status() == {"open": 1}


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["alone", "together"])
def test_told_to_stop_it_lets_listeners_go(
    stores: Stores, key: str, founded_url: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    """Every stop would take as long as it may, because somewhere a map is open, and cut it off in the end."""
    with (tmp_path / "log").open("wb") as log, started(founded_url, *options, log=log) as (process, server):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
            client.sendall(
                f"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
            )
            answer = client.makefile("rb")
            while answer.readline() != b"retry: 2000\n":
                pass
            process.send_signal(signal.SIGTERM)
            assert answer.read().endswith(b"\r\n0\r\n\r\n")
        assert process.wait(60) == 0
    assert "exceeded" not in (tmp_path / "log").read_text("utf-8")


def test_workers_count_together_and_one_killed_is_not_forgotten(stores: Stores, key: str, founded_url: str) -> None:
    """A monitor would see another server each time it looks, and numbers that go back."""
    with started(founded_url, "--workers", "2") as (process, server):
        asked = server.by(key)
        labels = {"route": "/api/v1/me", "method": "GET"}
        for _ in range(20):
            assert asked.ask("/api/v1/me").status == 200
        assert counted(asked, "gridwarden_requests_total", **labels, status="200") == 20
        assert counted(asked, "gridwarden_request_seconds_count", **labels) == 20
        until(lambda: counted(asked, "gridwarden_workers") >= 2, process)
        used = counted(asked, "process_resident_memory_bytes")
        victim = min(workers_of(process))
        os.kill(victim, signal.SIGKILL)
        until(lambda: replaced(process, victim), process)
        assert counted(asked, "gridwarden_requests_total", **labels, status="200") == 20
        until(lambda: counted(asked, "gridwarden_workers") >= 2, process)
        assert counted(asked, "gridwarden_workers") == 2
        assert counted(asked, "gridwarden_connections_most") == 2 * THREADS
        assert 0.5 * used < counted(asked, "process_resident_memory_bytes") < 1.5 * used


def test_a_worker_that_just_starts_does_not_keep_the_others_from_being_counted(
    stores: Stores, key: str, founded_url: str
) -> None:
    """A monitor that looks while a worker is replaced would be told that the server is broken."""
    with started(founded_url, "--workers", "2") as (process, server):
        settings = Path(f"/proc/{min(workers_of(process))}/environ").read_bytes().decode().split("\0")
        folder = Path(dict(line.split("=", 1) for line in settings if line)[FOLDER_VARIABLE])
        (folder / "counter_1.db").touch()
        assert counted(server.by(key), "gridwarden_workers") > 0


def test_workers_end_with_who_started_them(stores: Stores, founded_url: str) -> None:
    """Orphans would keep the port, and the server could not be started again."""
    with started(founded_url, "--workers", "2") as (process, server):
        process.kill()
        process.wait()
        while lets_in(server):
            pass


def test_workers_of_a_server_that_cannot_start_do_not_start_for_ever(stores: Stores, founded_url: str) -> None:
    """A port that is taken would be tried again and again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = ["--store", founded_url, "serve", "--workers", "2", "--port", port]
        done = subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", *command],
            env={**os.environ, "GRIDWARDEN_SECRET": SECRET}, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode != 0


def test_the_page_on_operations_names_every_metric_and_field(stores: Stores, key: str) -> None:
    """A dashboard would be built on what is not there, or nobody know what is."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    with serving(stores) as up:
        up.post("/login", {"name": "li.wei", "password": "a guess"})
        there = {
            name.removesuffix("_count") for name, _ in samples(up.by(key)) if not name.endswith(("_bucket", "_sum"))
        }
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert {name for name in named if name.startswith(("gridwarden_", "process_"))} == there
    assert set(told(RuntimeError())) | FIELDS <= named
    example: Line = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    assert set(example) == FIELDS
