"""The live stream: nothing missed, nothing twice, nothing of another grid, on both databases."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from api.stream import Hub, events
from gis_core.permissions import Area, Grant, Sight
from layers.events import OF_ISSUE, TOLD, events_after, newest_position
from layers.stores import Stores
from tests import town
from tests.serving import SECRET, Server, join, serving
from tests.town import NOW

STREAM = "/api/v1/stream"
Event = dict[str, Any]
SAID = {"code": "012026060100001", "grid": "0101", "responsible": "P1", "status": "closed", "rule": "grid_holder"}


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town."""
    return founded_stores


@pytest.fixture
def key(stores: Stores) -> str:
    """Of somebody who sees everything."""
    return join(stores, "li.wei", Grant("commander", Area("city")))


def report(stores: Stores, first: int, column: float = 0.5, count: int = 1) -> None:
    """Issues, stored in one transaction."""
    with stores.write() as store:
        store.add_issues(town.answered(store, town.issues(count, first=first, column=column)), NOW)


def parsed(text: str) -> list[Event]:
    """Events in the order they came."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith((":", "retry")))
        if "data" in fields:
            data = fields["data"]
            found.append({"id": fields.get("id"), "event": fields.get("event"),
                          **(json.loads(data) if data.startswith("{") else {"said": data})})  # fmt: skip
    return found


def there(server: Server, key: str, query: str = "after=0&", **headers: str) -> list[Event]:
    """What has happened by now."""
    reply = server.by(key).ask(f"{STREAM}?{query}follow=false", **headers)
    assert reply.status == 200 and reply.headers["Content-Type"].startswith("text/event-stream"), reply.text
    return parsed(reply.text)


@contextmanager
def following(server: Server, key: str, query: str = "") -> Iterator[HTTPResponse]:
    """The stream, open."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("GET", f"{STREAM}{query}", headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.readline() == b"retry: 2000\n"
        yield answer


def next_event(answer: HTTPResponse) -> Event:
    """The next event that comes."""
    lines: list[str] = []
    while True:
        line = answer.readline().decode()
        assert line, "the stream ended"
        if line == "\n":
            if found := parsed("".join(lines)):
                return found[0]
            lines = []
            continue
        lines.append(line)


def test_what_happened_is_told_in_order_with_codes_only(stores: Stores, key: str) -> None:
    """A map would show things in another order, or citizens' words be sent around."""
    report(stores, 1)
    with stores.write() as store:
        store.close_issues(town.issues(1).assign(closed_at=town.issues(1)["reported_at"]))
    with serving(stores) as up:
        told = there(up, key)
    assert [one["event"] for one in told] == ["reported", "assigned", "closed"]
    assert [one["id"].split(".")[0] for one in told] == ["1", "1", "2"]
    for one in told:
        assert {name: one[name] for name in SAID} == SAID
        assert set(one) == {"id", "event", *TOLD, *OF_ISSUE, "lon", "lat"}


def test_a_reader_goes_on_after_the_last_event_it_saw(stores: Stores, key: str) -> None:
    """After a tunnel a phone would see events twice or never, in the middle of a large batch most of all."""
    report(stores, 1, count=7)
    report(stores, 8)
    with serving(stores) as up:
        everything = there(up, key)
        assert len(everything) == 16
        for cut in (0, 3, 13, 14, 15):
            last = everything[cut]["id"]
            assert there(up, key, "", Last_Event_ID=last) == everything[cut + 1 :]
            assert there(up, key, f"after={last}&") == everything[cut + 1 :]
        assert there(up, key, "after=1&") == everything[14:]
        assert there(up, key, "") == []
        for wrong in ("x", "1.2.3", "-1", "1.", ".1", "9" * 30):
            assert up.by(key).ask(f"{STREAM}?after={wrong}&follow=false").status == 400, wrong


def test_new_events_come_by_themselves(stores: Stores, key: str) -> None:
    """A command centre would have to press reload."""
    with serving(stores) as up, following(up, key) as answer:
        for number in (1, 2):
            report(stores, number)
            assert [next_event(answer)["event"] for _ in range(2)] == ["reported", "assigned"]


def test_two_servers_tell_the_same(stores: Stores, key: str) -> None:
    """Half the city would watch another city."""
    with serving(stores) as one, serving(stores) as two, following(one, key) as here, following(two, key) as elsewhere:
        report(stores, 1)
        assert [next_event(here) for _ in range(2)] == [next_event(elsewhere) for _ in range(2)]


def test_each_is_told_of_their_own_grid_only(stores: Stores, key: str) -> None:
    """The stream would be the hole in the wall."""
    part = join(stores, "wang", Grant("inspector", Area("grid", "0102")))
    for number, column in enumerate((0.5, 1.5, 0.5, 1.5), start=1):
        report(stores, number, column)
    with serving(stores) as up:
        assert {one["grid"] for one in there(up, part)} == {"0102"} and len(there(up, part)) == 4
        with following(up, part) as answer:
            report(stores, 5, 0.5)
            report(stores, 6, 1.5)
            assert next_event(answer)["grid"] == "0102"


def test_what_happens_elsewhere_is_looked_at_once(stores: Stores) -> None:
    """Who watches a quiet grid would have the whole city's events read again each time something happens."""
    report(stores, 1, 1.5, count=5)
    sight, places, hub = Sight((Area("grid", "0101"),)), [], Hub(stores)

    def reading(question: Any) -> Any:
        places.append(question.keywords["place"])
        with stores.read(sight) as store:
            return question(store)

    async def follow() -> list[bytes]:
        told = events(hub, reading, (0, 0), follow=True, heartbeat_s=0.01)
        return [await anext(told) for _ in range(3)]

    with ThreadPoolExecutor() as elsewhere:  # a browser's test before this one leaves its loop running in this thread
        told = elsewhere.submit(lambda: asyncio.run(follow())).result()
    assert told == [b"retry: 2000\n\n"] + [b": still here\n\n"] * 2
    hub.end()
    assert places[0] == (0, 0) and set(places[1:]) == {(1, 2**62)}


def test_a_role_taken_back_ends_the_stream(stores: Stores, key: str) -> None:
    """Whoever was thrown out would go on listening."""
    with serving(stores) as up, following(up, key) as answer:
        with stores.people(writes=True) as accounts:
            accounts.revoke(accounts.user("li.wei"), Grant("commander", Area("city")))
        report(stores, 1)
        assert next_event(answer) == {"id": None, "event": "end", "said": "not_permitted"}
        assert answer.read() == b""


def test_a_silent_stream_says_that_it_is_there(stores: Stores, key: str) -> None:
    """A proxy would cut it off, and nobody would know that nothing happened."""
    app = create_app(stores, Settings(SECRET), lambda: NOW)
    object.__setattr__(app.state.context, "heartbeat_s", 0.05)
    with serving(stores, app=app) as up, following(up, key) as answer:
        assert answer.readline() == b"\n"
        assert answer.readline() == b": still here\n"


def test_positions_are_in_the_order_of_commits(stores: Stores) -> None:
    """A reader who has seen position 9 would never see 8, which was committed later."""
    writers, each = 4, 4
    seen: list[tuple[int, int]] = []
    ended = threading.Event()
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(each):
                report(stores, 1 + writer * each + number)
        except BaseException as fault:
            faults.append(fault)

    def read() -> None:
        place = (0, 0)
        while True:
            last_round = ended.is_set()
            with stores.read() as store:
                page = events_after(store, *place, 3)
            seen.extend((one["position"], one["id"]) for one in page)
            if page:
                place = seen[-1]
            elif last_round:
                return

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    reader = threading.Thread(target=read)
    for thread in (*threads, reader):
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    reader.join()
    assert faults == []
    assert len(seen) == len(set(seen)) == 2 * writers * each
    assert sorted({position for position, _ in seen}) == list(range(1, writers * each + 1))
    with stores.read() as store:
        assert newest_position(store) == writers * each
