"""Open311 GeoReport v2 by two clients of others, and what the standard says, on both databases."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from civicbot.http import HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport

from gis_core.permissions import Area, Grant
from layers.citizens import contact_of, publish
from layers.engine import connect, upgrade
from layers.stores import Stores
from tests import town
from tests.serving import Reply, Server, join, serving
from tests.town import NOW, SIDE, SOUTH, WEST

V2 = "/open311/v2"
WORDS = "垃圾桶 <满溢> & \"臭\" 'x' 😀\n第二行"
FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
}  # fmt: skip


@pytest.fixture(scope="module")
def stores(module_store_url: str) -> Iterator[Stores]:
    """The town with issues in two units over half a year, one of them published."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    with stores.write() as store:
        for number in range(12):
            at = NOW - dt.timedelta(days=15 * number + 1)
            said = town.issues(1, first=number, column=0.3 + number % 2, reported_at=str(at), description=WORDS,
                               category="ab"[number % 2])  # fmt: skip
            said = said.assign(closed_at=said["reported_at"]) if number % 3 == 0 else said
            store.add_issues(town.answered(store, said), NOW)
        publish(store, store.issues(newest=1)["code"].iloc[0], NOW)
    yield stores
    engine.dispose()


@pytest.fixture(scope="module")
def keys(stores: Stores) -> dict[str, str]:
    """Of somebody who sees and reports everywhere, and of somebody who does in one unit."""
    areas = {"all": Area("city"), "part": Area("grid", "0102")}
    return {name: join(stores, name, Grant("grid_manager", area)) for name, area in areas.items()}


@pytest.fixture(scope="module")
def server(stores: Stores, keys: dict[str, str]) -> Iterator[Server]:
    """The town, served."""
    with serving(stores) as up:
        yield up


def ask(server: Server, path: str, **query: str) -> Any:
    """The JSON document."""
    reply = server.ask(f"{V2}/{path}.json?{urlencode(query)}")
    assert reply.status == 200, reply.text
    return reply.document


def post(server: Server, form: dict[str, Any], suffix: str = "json", **headers: str) -> Reply:
    """A report, sent as browsers do."""
    return server.post(f"{V2}/requests.{suffix}", form, **headers)


def said(key: str, **more: Any) -> dict[str, Any]:
    """A report."""
    return {"api_key": key, "service_code": "a", "lat": SOUTH + SIDE / 2, "long": WEST + SIDE / 2, **more}


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_services_and_what_is_published(server: Server, form: str) -> None:
    """The client people use would not understand us."""
    client = GeoReport(f"{server.root}{V2}", output_format=form)
    services = client.get_service_list()
    assert [one["service_code"] for one in services] == ["a", "b"] and services[0]["service_name"] == "甲类"
    assert client.get_service_definition("a")["service_code"] == "a"
    found = client.get_service_requests()
    (one,) = found if isinstance(found, list) else [found]
    assert one["description"] is None and one["status"] == "closed"
    assert client.get_service_request(one["service_request_id"])["service_code"] == one["service_code"]


def test_civicbot_reads_and_reports(server: Server, keys: dict[str, str], stores: Stores) -> None:
    """A robot's report would not arrive."""
    endpoint = Endpoint(id="town", name="Town", base_url=f"{server.root}{V2}", write=True)
    client = Open311Client(endpoint, HttpTransport(rate_limiter=RateLimiter(0.0)))
    sent = client.create_request(
        "a", dry_run=False, confirm="SEND", api_key=keys["all"], validate_remote=True, lat=SOUTH + SIDE / 2,
        lng=WEST + SIDE / 2, description=WORDS, first_name="芳", last_name="王", phone="13800000000",
    )  # fmt: skip
    (made,) = sent.response
    with stores.read() as store:
        stored = store.issues(codes=[made["service_request_id"]]).iloc[0]
        contact = contact_of(store, made["service_request_id"])
    assert (stored["description"], stored["grid"], stored["channel"]) == (WORDS, "0101", "open311")
    assert contact is not None and (contact.name, contact.phone) == ("王 芳", "13800000000")
    (read,) = ask(server, f"requests/{made['service_request_id']}", api_key=keys["all"])
    assert read["description"] == WORDS and "13800000000" not in str(read)


def test_xml_says_what_json_says(server: Server, keys: dict[str, str]) -> None:
    """Half the clients would read something else."""
    rows = ask(server, "requests", api_key=keys["all"])
    reply = server.ask(f"{V2}/requests.xml?api_key={keys['all']}")
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8" and reply.body.startswith(b"<?xml")
    elements = ElementTree.fromstring(reply.body)
    assert elements.tag == "service_requests" and len(elements) == len(rows) > 3
    for element, row in zip(elements, rows, strict=True):
        assert element.tag == "request" and set(row) == FIELDS
        assert {one.tag: one.text for one in element} == {
            name: None if value is None else str(value) for name, value in row.items()
        }


def test_ninety_days_are_the_default_and_the_most(server: Server, keys: dict[str, str]) -> None:
    """A list would be endless, or begin somewhere else than the standard says."""

    def days(**query: str) -> list[int]:
        rows = ask(server, "requests", api_key=keys["all"], **query)
        # Other tests report now.
        ages = [NOW - dt.datetime.fromisoformat(one["requested_datetime"]) for one in rows]
        return [age.days for age in ages if age.days > 0]

    assert days() == [1, 16, 31, 46, 61, 76]
    assert days(end_date="2026-04-01T00:00:00Z") == [106, 121, 136, 151, 166]
    assert days(start_date="2026-01-10T00:00:00Z", end_date="2026-02-10T00:00:00Z") == [151, 166]
    assert days(start_date="", end_date="", status="") == days()
    impossible = (
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, {"start_date": "2026-01-01"},
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, {"status": "new"},
    )  # fmt: skip
    for wrong in impossible:
        assert server.ask(f"{V2}/requests.json?{urlencode(wrong)}").status == 400, wrong


def test_lists_are_narrowed_paged_and_overridden_by_ids(server: Server, keys: dict[str, str]) -> None:
    """A client would be told about other requests than it asked for."""
    key = keys["all"]
    everything = ask(server, "requests", api_key=key)
    assert {one["status"] for one in ask(server, "requests", api_key=key, status="closed")} == {"closed"}
    assert {one["service_code"] for one in ask(server, "requests", api_key=key, service_code="b")} == {"b"}
    assert ask(server, "requests", api_key=key, service_code="nothing") == []
    pages = [ask(server, "requests", api_key=key, page=str(page), page_size="2") for page in range(1, 9)]
    assert [one for page in pages for one in page] == everything[:16]
    two = ",".join(one["service_request_id"] for one in everything[:2])
    picked = ask(
        server, "requests", api_key=key, service_request_id=two, status="closed", start_date="2020-01-01T00:00:00Z"
    )
    assert {one["service_request_id"] for one in picked} == set(two.split(","))
    newest = max(one["updated_datetime"] for one in everything)
    assert ask(server, "requests", api_key=key, updated_after=newest) == []
    assert ask(server, "requests", api_key=key, updated_after="2020-01-01T00:00:00Z") == everything


def test_each_sees_what_lies_in_their_area(server: Server, keys: dict[str, str]) -> None:
    """The standard's open door would be open to every grid."""
    public, part, whole = (
        ask(server, "requests", **query) for query in ({}, {"api_key": keys["part"]}, {"api_key": keys["all"]})
    )
    assert len(public) == 1 and 0 < len(part) < len(whole)
    assert all(one["agency_responsible"].startswith("0102") for one in part)
    foreign = next(one["service_request_id"] for one in whole if one["agency_responsible"].startswith("0101"))
    for query in ({}, {"api_key": keys["part"]}):
        assert server.ask(f"{V2}/requests/{foreign}.json?{urlencode(query)}").status == 404
    (seen,) = public
    assert seen["address"] is seen["agency_responsible"] is seen["description"] is None
    assert seen["requested_datetime"].endswith("T00:00:00Z")


def test_reports_without_right_place_or_service_are_refused_in_the_standard_s_shape(
    server: Server, keys: dict[str, str]
) -> None:
    """A client could not tell its user what is wrong."""
    right = said(keys["all"])
    cases: list[tuple[dict[str, Any], int]] = [
        ({**right, "api_key": ""}, 403), ({**right, "api_key": "gwk_wrong"}, 403),
        ({**right, "service_code": "zz"}, 404),
        ({**right, "service_code": ""}, 404), ({**right, "lat": ""}, 400), ({**right, "lat": "north"}, 400),
        ({**right, "lat": 0, "long": 0}, 400), ({**right, "lat": WEST, "long": SOUTH}, 400),
        ({**right, "description": "x" * 4_001}, 400), ({**right, "description": "a\0b"}, 400),
        ({**right, "phone": "call"}, 400),
        ({"api_key": keys["all"], "service_code": "a", "address_string": "中街1号"}, 400),
    ]  # fmt: skip
    for form, status in cases:
        reply = post(server, form)
        assert reply.status == status, (form, reply.text)
        ((code, text),) = [(one["code"], one["description"]) for one in reply.document]
        assert code == status and text
        (error,) = ElementTree.fromstring(post(server, form, "xml").body)
        assert (error.tag, error[0].text) == ("error", str(status))
    assert post(server, said(keys["all"], description="x" * 4_000)).status == 200


def test_a_report_sent_again_under_its_key_is_the_same(server: Server, keys: dict[str, str]) -> None:
    """A gateway that repeats itself would report twice."""
    first, again = (
        post(server, said(keys["part"], description="再来"), Idempotency_Key="9").document for _ in range(2)
    )
    assert first == again


def test_discovery_and_what_is_missing(server: Server) -> None:
    """A directory could not list us; a wrong address would be answered in another shape."""
    found = server.ask("/open311/discovery.json").document
    assert found["endpoints"][0]["url"] == f"{server.root}{V2}"
    tree = ElementTree.fromstring(server.ask("/open311/discovery.xml").body)
    assert tree.findtext("endpoints/endpoint/url") == f"{server.root}{V2}"
    assert len(tree.findall("endpoints/endpoint/formats/format")) == 2
    missing = ("services/zz.json", "requests/zz.json", "tokens/x.xml", "services.csv")
    for path in (*missing, "requests.json?nosuch=1", "requests.xml?page=0"):
        status = 404 if path in missing else 400
        reply = server.ask(f"{V2}/{path}")
        assert reply.status == status and ("errors" in reply.text or "description" in reply.text), path
