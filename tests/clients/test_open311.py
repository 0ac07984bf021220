"""Open311 GeoReport v2 by two clients of others, and what the standard says, on both databases."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport, georeport
from PIL import Image

from api.middleware import MOST_BODY_BYTES
from gis_core.permissions import Area, Grant
from layers.citizens import contact_of, publish
from layers.engine import connect, upgrade
from layers.files import FILES_VARIABLE
from layers.pictures import MOST_BYTES
from layers.stores import Stores
from tests import town
from tests.api.test_photos import picture
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
    with stores.publishing() as store:
        more = town.rows(
            code=["a", "c", "x"], name=["部件甲", "丙类", "别类"], scheme=["town", "town", "other/1"],
            kind=["component", "matter", "matter"], names=[{"en": "bin"}, {}, {}], key=["1", "2", "3"],
        )  # fmt: skip
        assert not len(store.put("categories", more, store.revise(NOW, "more")).rejects)
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


def filed(server: Server, key: str, **more: Any) -> str:
    """The number of a report."""
    reply = post(server, said(key, **more))
    assert reply.status == 200, reply.text
    (made,) = reply.document
    number: str = made["service_request_id"]
    return number


def multipart(fields: dict[str, str], files: dict[str, bytes]) -> tuple[bytes, str]:
    """A form with files as browsers send it, and its content type."""
    edge = "edge-of-a-part"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]  # fmt: skip
    for name, content in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}.jpg"\r\nContent-Type: image/jpeg'
        parts.append(f"--{edge}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


class Keyed(HttpTransport):
    """civicbot's transport with the header of an account; by itself it reads without a key."""

    def __init__(self, key: str) -> None:
        super().__init__(rate_limiter=RateLimiter(0.0))
        self._key = key

    def _open(self, req: Any) -> bytes:
        req.add_header("Authorization", f"Bearer {self._key}")
        return super()._open(req)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_services_and_what_is_published(server: Server, form: str) -> None:
    """The client people use would not understand us."""
    client = GeoReport(f"{server.root}{V2}", output_format=form)
    services = client.get_service_list()
    assert [one["service_code"] for one in services] == ["a", "b", "c-a", "c"]
    assert services[0]["service_name"] == "甲类"
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
    assert {one["service_code"] for one in ask(server, "requests", api_key=key, service_code="b,a")} == {"a", "b"}
    assert ask(server, "requests", api_key=key, service_code="c") == []
    assert server.ask(f"{V2}/requests.json?service_code=a,zz&api_key={key}").status == 404
    assert ask(server, "requests", api_key=key, page="", page_size="", status="", extensions="") == everything
    pages = [ask(server, "requests", api_key=key, page=str(page), page_size="2") for page in range(1, 9)]
    assert [one for page in pages for one in page] == everything[:16]
    two = ",".join(one["service_request_id"] for one in everything[:2])
    picked = ask(
        server, "requests", api_key=key, service_request_id=two, status="closed", start_date="2020-01-01T00:00:00Z"
    )
    assert {one["service_request_id"] for one in picked} == set(two.split(","))


def test_each_sees_what_lies_in_their_area(server: Server, keys: dict[str, str]) -> None:
    """The standard's open door would be open to every grid."""
    public, part, whole = (
        ask(server, "requests", **query) for query in ({}, {"api_key": keys["part"]}, {"api_key": keys["all"]})
    )
    assert len(public) == 1 and 0 < len(part) < len(whole)
    assert all(one["agency_responsible"].startswith("单元0102") for one in part)
    foreign = next(one["service_request_id"] for one in whole if one["agency_responsible"].startswith("单元0101"))
    for query in ({}, {"api_key": keys["part"]}):
        assert server.ask(f"{V2}/requests/{foreign}.json?{urlencode(query)}").status == 404
    (seen,) = public
    assert seen["address"] is seen["agency_responsible"] is seen["description"] is None
    assert seen["requested_datetime"] == "2026-06-29T16:00:00Z"


def test_reports_without_right_place_or_service_are_refused_in_the_standard_s_shape(
    server: Server, keys: dict[str, str]
) -> None:
    """A client could not tell its user what is wrong."""
    right = said(keys["all"])
    cases: list[tuple[dict[str, Any], int]] = [
        ({**right, "api_key": ""}, 403), ({**right, "api_key": "gwk_wrong"}, 403),
        ({**right, "service_code": "zz"}, 404),
        ({**right, "service_code": ""}, 400), ({**right, "service_code": "other/1:x"}, 404),
        ({**right, "attribute[WHISPAWN]": "1"}, 400), ({**right, "descripton": "x"}, 400),
        ({**right, "lat": ""}, 400), ({**right, "lat": "north"}, 400),
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
    assert [one.text for one in tree.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]
    assert found["contact"] and found["key_service"] and found["endpoints"][0]["type"] == "production"
    # As a validator of the standard reads it.
    assert dt.datetime.fromisoformat(found["changeset"]) <= NOW
    assert found["endpoints"][0]["changeset"] == found["changeset"] == tree.findtext("changeset")
    missing = ("services/zz.json", "requests/zz.json", "tokens/x.xml", "services.csv")
    for path in (*missing, "requests.json?nosuch=1", "requests.xml?page=0"):
        status = 404 if path in missing else 400
        reply = server.ask(f"{V2}/{path}")
        assert reply.status == status and ("errors" in reply.text or "description" in reply.text), path


def test_georeport_and_civicbot_read_with_an_account(
    server: Server, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partner's program would see only what everybody sees, or other rows than its neighbour."""
    endpoint = Endpoint(id="town", name="Town", base_url=f"{server.root}{V2}")
    robot = Open311Client(endpoint, Keyed(keys["part"]))
    listed = robot.list_requests(status="open", page_size=3)
    session = georeport.requests.Session()
    session.headers["Authorization"] = f"Bearer {keys['part']}"
    monkeypatch.setattr(georeport.requests, "get", session.get)
    asked = {"status": "open", "start_date": "2026-04-10T00:00:00Z", "end_date": "2026-07-01T05:00:00+00:00"}
    as_json, as_xml = (
        GeoReport(f"{server.root}{V2}", output_format=form).get_service_requests(**asked) for form in ("json", "xml")
    )
    assert len(listed) >= 2 and [one["service_request_id"] for one in as_json][: len(listed)] == [
        one["service_request_id"] for one in listed
    ]
    texts = [{name: None if value is None else str(value) for name, value in one.items()} for one in as_json]
    # It strips what it reads.
    assert texts == as_xml
    assert robot.get_request(listed[0]["service_request_id"]) == listed[0]
    with pytest.raises(HttpError, match="404"):
        robot.get_token("x")


def test_agencies_and_states_have_names(server: Server, keys: dict[str, str], stores: Stores) -> None:
    """A citizen would be told codes."""
    number = filed(server, keys["all"], description=WORDS)
    (told,) = ask(server, f"requests/{number}", api_key=keys["all"])
    assert (told["agency_responsible"], told["status_notes"]) == ("单元0101 · 甲", "已分派")
    (english,) = ask(server, f"requests/{number}", api_key=keys["all"], lang="en", extensions="true")
    assert english["status_notes"] == "assigned"
    more = english["extended_attributes"]
    assert (more["state"], more["rule"], more["responsible"], more["channel"]) == (
        "assigned", "grid_holder", "P1", "open311",
    )  # fmt: skip
    assert "extended_attributes" not in told
    xml = ElementTree.fromstring(server.ask(f"{V2}/requests/{number}.xml?extensions=true&api_key={keys['all']}").body)
    assert xml.findtext("request/extended_attributes/rule") == "grid_holder"


def test_a_component_and_a_matter_of_one_code_are_two_services(server: Server, keys: dict[str, str]) -> None:
    """A broken bin would be reported as litter."""
    names = {one["service_code"]: one["service_name"] for one in ask(server, "services", lang="en")}
    assert (names["a"], names["c-a"]) == ("甲类", "bin")
    number = filed(server, keys["all"], service_code="c-a")
    (told,) = ask(server, f"requests/{number}", api_key=keys["all"])
    assert (told["service_code"], told["service_name"]) == ("c-a", "部件甲")
    assert [one["service_request_id"] for one in ask(server, "requests", api_key=keys["all"], service_code="c-a")] == [
        number
    ]
    assert ask(server, "services/c-a") == {"service_code": "c-a", "attributes": []}
    assert server.ask(f"{V2}/services/c-b.json").status == 404


def test_an_issue_of_another_scheme_is_not_taken_for_one_of_ours(
    server: Server, keys: dict[str, str], stores: Stores
) -> None:
    """Two cities' codes that happen to be the same would be one service."""
    at = str(NOW - dt.timedelta(days=100))
    with stores.write() as store:
        other = town.issues(1, first=900, scheme="other/1", category="x", reported_at=at)
        store.add_issues(town.answered(store, other), NOW - dt.timedelta(days=100))
    asked = {"api_key": keys["all"], "start_date": "2026-03-20T00:00:00Z", "end_date": "2026-03-25T00:00:00Z"}
    (told,) = ask(server, "requests", service_code="other/1:x", **asked)
    assert (told["service_code"], told["service_name"]) == ("other/1:x", "别类")
    assert server.ask(f"{V2}/services/x.json").status == 404


def test_a_service_that_is_no_longer_offered_is_still_called_by_its_name(
    server: Server, keys: dict[str, str], stores: Stores
) -> None:
    """Old requests would lose their class, and a client that asks for it would be told there never was one."""
    number = filed(server, keys["all"], service_code="c")
    with stores.publishing() as store:
        kept = town.categories()
        store.put("categories", kept, store.revise(NOW, "without c"), replace=True)
    assert "c" not in {one["service_code"] for one in ask(server, "services")}
    assert server.ask(f"{V2}/services/c.json").status == 404
    assert post(server, said(keys["all"], service_code="c")).status == 404
    (told,) = ask(server, "requests", api_key=keys["all"], service_code="c")
    assert (told["service_request_id"], told["service_name"]) == (number, "丙类")


def test_what_xml_cannot_hold_does_not_break_it(server: Server, keys: dict[str, str], stores: Stores) -> None:
    """One report with an odd character would end every list it is in."""
    words = "a\r\nb\rc\ufffe]]>&lt;<b>\U0001f6ae\x85\u2028"
    number = filed(server, keys["all"], description=words)
    (told,) = ask(server, f"requests/{number}", api_key=keys["all"])
    tree = ElementTree.fromstring(server.ask(f"{V2}/requests/{number}.xml?api_key={keys['all']}").body)
    assert told["description"] == words
    assert tree.findtext("request/description") == words.replace("\ufffe", "\ufffd")


def test_a_date_counts_to_its_second_and_may_lack_its_other_end(server: Server, keys: dict[str, str]) -> None:
    """A client that asks from the last request it knows would miss it, or be refused for a plus sign."""
    everything = ask(server, "requests", api_key=keys["all"])
    one = everything[-1]
    at = one["requested_datetime"]
    for query in ({"start_date": at}, {"end_date": at}, {"start_date": at, "end_date": at}):
        assert one in ask(server, "requests", api_key=keys["all"], **query)
    shifted = dt.datetime.fromisoformat(at).astimezone(dt.timezone(dt.timedelta(hours=8))).isoformat()
    reply = server.ask(f"{V2}/requests.json?api_key={keys['all']}&start_date={shifted}&end_date={shifted}")
    assert "+08:00" in shifted and one in reply.document
    for wrong in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-08:00", "2026-07-01", "2026-07-01T00:00:00", "now"):
        for name in ("start_date", "end_date", "updated_after"):
            assert server.ask(f"{V2}/requests.json?{urlencode({name: wrong})}").status == 400, (name, wrong)


def test_who_asks_what_changed_hears_of_old_requests(server: Server, keys: dict[str, str], stores: Stores) -> None:
    """A copy of the list would never learn that an old request was closed, or that an old one came in late."""
    poll = (NOW - dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = town.issues(1, first=950, column=1.5, reported_at=str(NOW - dt.timedelta(days=400)))
    with stores.write() as store:
        store.add_issues(town.answered(store, old), NOW - dt.timedelta(days=399))

    def changed() -> list[str]:
        found = ask(server, "requests", api_key=keys["part"], updated_after=poll)
        return [one["updated_datetime"] for one in found if one["requested_datetime"] < "2025-07"]

    assert changed() == []
    with stores.write() as store:
        store.close_issues(old.assign(closed_at=NOW - dt.timedelta(days=1)))
    assert changed() == [(NOW - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")]
    late = town.issues(1, first=951, column=1.5, reported_at=str(NOW - dt.timedelta(days=401)))
    with stores.write() as store:
        store.add_issues(town.answered(store, late), NOW)
    assert changed() == [(NOW - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), f"{NOW:%Y-%m-%dT%H:%M:%SZ}"]
    dated = ask(server, "requests", api_key=keys["part"], updated_after=poll, end_date=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    assert all(one["requested_datetime"] > "2026-04" for one in dated)


def test_pages_hold_still_while_issues_come_in(server: Server, keys: dict[str, str]) -> None:
    """A client that reads page after page would miss requests, or read some twice."""
    until = f"{NOW - dt.timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    before = [one["service_request_id"] for one in ask(server, "requests", api_key=keys["all"], end_date=until)]
    pinned, loose, page = [], [], 1
    while len(pinned) < len(before):
        asked = {"api_key": keys["all"], "page": str(page), "page_size": "2"}
        pinned += [one["service_request_id"] for one in ask(server, "requests", end_date=until, **asked)]
        loose += [one["service_request_id"] for one in ask(server, "requests", **asked)]
        filed(server, keys["all"], description="新")
        page += 1
    assert pinned == before and page > 3
    while found := ask(server, "requests", api_key=keys["all"], page=str(page), page_size="2"):
        loose += [one["service_request_id"] for one in found]
        page += 1
    assert set(before) <= set(loose)


def test_the_public_cannot_find_out_the_minute(server: Server) -> None:
    """By halving the dates somebody would learn when exactly a neighbour was reported, who is told to nobody."""
    (seen,) = ask(server, "requests")
    day = dt.datetime.fromisoformat(seen["requested_datetime"])
    assert day.astimezone(town.CITY.zone).hour == 0 and seen["updated_datetime"] == seen["requested_datetime"]
    hours = [f"{day + dt.timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}" for hour in range(24)]
    for name in ("start_date", "end_date", "updated_after"):
        assert {len(ask(server, "requests", **{name: hour})) for hour in hours} == {1}
    tomorrow, yesterday = (f"{day + dt.timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ}" for h in (24, -1))
    assert ask(server, "requests", start_date=tomorrow) == ask(server, "requests", end_date=yesterday) == []


def test_a_photo_comes_with_the_report(
    server: Server, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A picture would be sent in vain, or a report be lost for one that cannot be read."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path))
    form = {name: str(value) for name, value in said(keys["all"]).items()}

    def send(content: bytes, **headers: str) -> dict[str, Any]:
        body, kind = multipart(form, {"media": content})
        reply = server.ask(f"{V2}/requests.json", "POST", body=body, Content_Type=kind, **headers)
        assert reply.status == 200, reply.text
        made: dict[str, Any] = reply.document[0]
        return made

    content = picture(size=(60, 40))
    made = send(content, Idempotency_Key="photo")
    assert made["service_notice"] is None and send(content, Idempotency_Key="photo") == made
    number = made["service_request_id"]
    (shown,) = ask(server, f"requests/{number}", api_key=keys["all"])
    address = shown["media_url"].removeprefix(f"http://127.0.0.1:{server.port}")
    assert Image.open(io.BytesIO(server.by(keys["all"]).ask(address).body)).size == (40, 60)
    assert server.ask(address).status == 401
    (photo,) = server.by(keys["all"]).ask(f"/api/v1/issues/{number}/photos").document["photos"]
    assert (photo["stage"], photo["bytes"]) == ("report", len(content))
    spoilt = send(content[:-200])
    assert "media" in spoilt["service_notice"]
    (bare,) = ask(server, f"requests/{spoilt['service_request_id']}", api_key=keys["all"])
    assert bare["media_url"] is None
    large, kind = multipart(form, {"media": bytes(MOST_BYTES + MOST_BODY_BYTES)})
    assert server.ask(f"{V2}/requests.json", "POST", body=large, Content_Type=kind).status == 413


def test_what_is_not_kept_is_said(server: Server, keys: dict[str, str], stores: Stores) -> None:
    """A reporter would believe that the photo and the address to answer to had arrived."""
    form = {**{name: str(value) for name, value in said(keys["all"]).items()}, "description": WORDS, "email": "w@x.cn"}
    body, kind = multipart(form, {"media": b"\xff\xd8" + bytes(1000)})
    reply = server.ask(f"{V2}/requests.json?lang=en", "POST", body=body, Content_Type=kind)
    (made,) = reply.document
    assert reply.status == 200 and made["service_notice"] == "received, but not kept: email, media"
    with stores.read() as store:
        stored = store.issues(codes=[made["service_request_id"]]).iloc[0]
    assert stored["description"] == WORDS and "w@x.cn" not in str(stored.to_dict())
    (plain,) = post(server, said(keys["all"])).document
    assert plain["service_notice"] is None and plain["account_id"] is None
    body, kind = multipart({**form, "lat": ""}, {})
    refusal = server.ask(f"{V2}/requests.json?lang=en", "POST", body=body, Content_Type=kind)
    assert (refusal.status, "lat and long are needed" in refusal.text) == (400, True)
    body, kind = multipart(form, {"description": b"x"})
    assert server.ask(f"{V2}/requests.json", "POST", body=body, Content_Type=kind).status == 400
    assert server.send(f"{V2}/requests.json", said(keys["all"])).status == 403
