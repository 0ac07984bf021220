"""Issues, questions, grids and registers over HTTP, on both databases."""

import datetime as dt
from base64 import b64encode
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest

from gis_core.crs import wgs84_to_gcj02
from gis_core.permissions import Area, Grant
from layers.stores import Stores
from tests import town
from tests.serving import Server, join, serving
from tests.town import NOW, SIDE, SOUTH, WEST

ISSUES = "/api/v1/issues"


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town."""
    return founded_stores


@pytest.fixture
def server(stores: Stores) -> Iterator[Server]:
    """The town, served to a commander."""
    key = join(stores, "li.wei", Grant("commander", Area("city")))
    with serving(stores) as up:
        yield up.by(key)


def said(column: float = 0.5, row: float = 0.5, **more: Any) -> dict[str, Any]:
    """A report from a place in the town, in cells from its south-west corner."""
    return {"lon": WEST + column * SIDE, "lat": SOUTH + row * SIDE, "category": "a", **more}


def filed(server: Server, **more: Any) -> str:
    """The case number of a report."""
    code: str = server.send(ISSUES, said(**more)).document["code"]
    return code


def test_a_report_is_stored_with_its_answer_and_read_back(server: Server, stores: Stores) -> None:
    """A report would be lost, changed, or answered for by nobody."""
    words = "垃圾桶满溢 <b>&amp; 'x'; DROP TABLE issue; -- 😀\n第二行"
    sent = said(description=words, address="中街1号", channel="collector", reported_at="2026-07-01T11:30:00+08:00")
    reply = server.send(ISSUES, sent)
    assert reply.status == 201 and reply.document["new"]
    answer = reply.document["answer"]
    assert (answer["grids"], answer["responsible"], answer["rule"]) == (["01", "0101"], "P1", "grid_holder")
    assert reply.headers["Location"] == f"{ISSUES}/{reply.document['code']}"
    issue = server.ask(reply.headers["Location"]).document
    assert {name: issue[name] for name in answer} == answer
    assert (issue["description"], issue["address"], issue["status"]) == (words, "中街1号", "open")
    assert dt.datetime.fromisoformat(issue["reported_at"]) == dt.datetime(2026, 7, 1, 3, 30, tzinfo=dt.UTC)
    assert (issue["lon"], issue["lat"]) == pytest.approx((sent["lon"], sent["lat"]))
    events = server.ask(f"{reply.headers['Location']}/events").document["events"]
    assert [event["type"] for event in events] == ["reported", "assigned"]
    with stores.read() as store:
        stored = store.issues()
    assert stored["external_id"].notna().all() and stored["source"].tolist() == ["api/li.wei"]


def test_one_report_gets_the_answer_that_a_load_would(server: Server, stores: Stores) -> None:
    """The same report would belong to somebody else by another door."""
    with stores.write() as store:
        loaded = town.issues(1, column=1.2, row=1.7, reported_at="2026-07-01T03:30Z")
        store.add_issues(town.answered(store, loaded), NOW)
    filed(server, column=1.2, row=1.7, reported_at="2026-07-01T03:30:00Z")
    with stores.read() as store:
        one, other = (row for _, row in store.issues().iterrows())
    differing = {"id", "code", "source", "external_id", "extra", "geometry"}
    for name in set(one.index) - differing:
        assert (
            one[name] == other[name]
            or (one[name] != one[name] and other[name] != other[name])
            or (one[name] is None and other[name] is None)
        ), name
    assert one["geometry"].equals(other["geometry"])


def test_the_same_key_stores_once(server: Server) -> None:
    """A phone that sends again in a tunnel would report twice."""
    first = server.send(ISSUES, said(), Idempotency_Key="k-1")
    again = server.send(ISSUES, said(), Idempotency_Key="k-1")
    assert first.document == {**again.document, "new": True} and not again.document["new"]
    other = server.send(ISSUES, said(description="else"), Idempotency_Key="k-1", Accept_Language="en")
    assert (other.status, other.document["code"], other.document["field"]) == (409, "key_reused", "Idempotency-Key")
    assert len(server.ask(ISSUES).document["issues"]) == 1
    assert filed(server) != filed(server)


def test_keys_of_two_people_are_two_keys(server: Server, stores: Stores) -> None:
    """One program's report would swallow another's."""
    other = server.by(join(stores, "wang", Grant("inspector", Area("city"))))
    codes = {who.send(ISSUES, said(), Idempotency_Key="1").document["code"] for who in (server, other)}
    assert len(codes) == 2


def test_many_at_once_with_the_same_keys_store_each_once(server: Server) -> None:
    """Two requests at the same moment would both be new, or one would fail, or a number be given out twice."""
    clients, keys, replies = 6, 5, []
    barrier = Barrier(clients)

    def send() -> None:
        barrier.wait()
        replies.extend(server.send(ISSUES, said(), Idempotency_Key=f"k{number}") for number in range(keys))

    threads = [Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status for reply in replies] == [201] * clients * keys
    assert sum(reply.document["new"] for reply in replies) == keys
    listed = [issue["code"] for issue in server.ask(ISSUES).document["issues"]]
    assert sorted(listed) == sorted({reply.document["code"] for reply in replies})
    assert sorted(int(code[-5:]) for code in listed) == list(range(1, keys + 1))


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"category": "zz"}, "category", "issue_category_unknown"),
        ({"lon": SOUTH, "lat": WEST}, "lon, lat", "outside_swapped"),
        ({"lon": 0, "lat": 0}, "lon, lat", "outside"),
        ({"lon": 1e300}, "lon", "parameter_invalid"),
        ({"lon": "x"}, "lon", "parameter_invalid"),
        ({"lon": None}, "lon", "parameter_invalid"),
        ({"lat": 91}, "lon, lat", "issue_no_position"),
        ({"datum": "mars"}, "datum", "datum_unknown"),
        ({"reported_at": "2026-07-02T04:00:00Z"}, "reported_at", "reported_when"),
        ({"reported_at": "0001-01-01T00:00:00Z"}, "reported_at", "reported_when"),
        ({"reported_at": "0001-01-01T00:00:00+14:00"}, "reported_at", "parameter_invalid"),
        ({"reported_at": "9999-12-31T23:59:59-14:00"}, "reported_at", "parameter_invalid"),
        ({"reported_at": "2026-07-01T04:00:00"}, "reported_at", "parameter_invalid"),
        ({"description": "x" * 4_001}, "description", "parameter_invalid"),
        ({"description": "a\0b"}, "description", "parameter_invalid"),
        ({"description": "\ud800"}, "description", "parameter_invalid"),
        ({"description": "\u001b[31m"}, "description", "parameter_invalid"),
        ({"kind": "else"}, "kind", "parameter_invalid"),
        ({"extra": 1}, "extra", "parameter_invalid"),
        ({"status": "closed"}, "status", "parameter_invalid"),
    ],
)
def test_what_cannot_be_is_refused_by_field(server: Server, changed: dict[str, Any], field: str, code: str) -> None:
    """A reporter would not learn what to mend, or half a report be stored."""
    reply = server.send(ISSUES, said(**changed), Accept_Language="en")
    assert (reply.status, reply.document["field"], reply.document["code"]) == (400, field, code), reply.text
    assert server.ask(ISSUES).document["issues"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"lon": NaN}', b"[" * 100_000])
def test_what_is_no_document_is_refused(server: Server, body: bytes) -> None:
    """A broken client would find the server broken."""
    reply = server.ask(ISSUES, "POST", body=body, Content_Type="application/json")
    assert reply.status == 400 and reply.headers["Content-Type"] == "application/problem+json"


NUL = ["issues/a%00b", "issues/%00/events", "grids/%00", "issues?grid=%00", "contracts?code=a%00b"]
OPEN311_NUL = ["services/%00.json", "requests/%00.json", "requests.json?service_code=%00", "requests.json?api_key=%00"]


@pytest.mark.parametrize("path", [f"/api/v1/{one}" for one in NUL] + [f"/open311/v2/{one}" for one in OPEN311_NUL])
def test_an_address_with_what_no_database_keeps_is_refused(server: Server, path: str) -> None:
    """PostgreSQL keeps no NUL, and a stranger would make the server look broken."""
    assert server.ask(path).status == 400


def test_a_field_that_is_no_text_is_named_all_the_same(server: Server) -> None:
    """JSON can write half a letter, which the refusal could not repeat."""
    reply = server.ask(ISSUES, "POST", body='{"\\ud800": 1}', Content_Type="application/json")
    assert (reply.status, reply.document["code"]) == (400, "parameter_invalid")
    feature = '{"type": "Feature", "geometry": null, "properties": {"\\ud800": 1}}'
    reply = server.ask("/ogc/collections/facilities/items", "POST", body=feature, Content_Type="application/geo+json")
    assert (reply.status, reply.document["field"]) == (400, "\\ud800")


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 201])
def test_a_key_that_is_none_is_refused(server: Server, key: str) -> None:
    """A key would be cut or mangled on its way, and be another one."""
    assert server.send(ISSUES, said(), Idempotency_Key=key).status == 400


def test_a_shifted_position_is_undone_and_kept_as_given(server: Server, stores: Stores) -> None:
    """A phone's map coordinate would lie in another street."""
    import numpy as np

    ((lon, lat),) = wgs84_to_gcj02(np.array([[WEST + SIDE / 2, SOUTH + SIDE / 2]])).tolist()
    reply = server.send(ISSUES, said(lon=lon, lat=lat, datum="gcj02"))
    assert reply.document["answer"]["grid"] == "0101"
    with stores.read() as store:
        stored = store.issues().iloc[0]
    assert (stored["raw_x"], stored["raw_y"], stored["datum"]) == (lon, lat, "gcj02")


def test_the_list_comes_in_pages_that_miss_and_repeat_nothing(server: Server, stores: Stores) -> None:
    """A reader would lose issues between pages, or see them twice; several were reported at the same second."""
    with stores.write() as store:
        store.add_issues(town.answered(store, town.issues(7)), NOW)
        store.add_issues(town.answered(store, town.issues(4, first=8, reported_at="2026-06-02T02:00Z")), NOW)
    seen, cursor = [], ""
    while True:
        page = server.ask(f"{ISSUES}?limit=3{cursor}").document
        seen += [(issue["reported_at"], issue["code"]) for issue in page["issues"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        filed(server)
    assert len(seen) == len(set(seen)) == 11
    assert [moment for moment, _ in seen] == sorted((moment for moment, _ in seen), reverse=True)


CURSORS = ["x", "%00", "W10=", "WyIyMDI2LTA2LTAxIiwxXQ==", "a" * 600, "🙂".encode().hex(),
           b64encode(b'["0001-01-01T00:00:00+14:00",1]').decode()]  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_we_did_not_give_is_refused(server: Server, cursor: str) -> None:
    """A mangled link would answer with the wrong page or a fault."""
    assert server.ask(f"{ISSUES}?cursor={cursor}").status == 400


def test_filters_choose(server: Server, stores: Stores) -> None:
    """A filter would leave out what it should find."""
    closed = town.issues(2, first=1).assign(closed_at=NOW - dt.timedelta(days=1))
    with stores.write() as store:
        store.add_issues(town.answered(store, closed), NOW)
        store.add_issues(town.answered(store, town.issues(1, first=3, column=1.5, category="b")), NOW)
    filed(server, column=1.5)
    for query, count in {
        "status=open": 2, "status=closed": 2, "grid=01": 4, "grid=0102": 2, "grid=9": 0, "party=P1": 2, "party=U01": 4,
        "category=b": 1, "kind=component": 0, "since=2026-06-02T00:00:00Z": 1, "until=2026-06-02T00:00:00%2B08:00": 3,
        "grid=0101&status=open": 0,
    }.items():  # fmt: skip
        assert len(server.ask(f"{ISSUES}?{query}").document["issues"]) == count, query
    first_hour = "since=0001-01-01T00:00:00%2B14:00"
    for query in ("status=new", "since=2026-06-01", first_hour, "since=x", "limit=0", "limit=1001", "grid=", "gird=01"):
        assert server.ask(f"{ISSUES}?{query}").status == 400, query


def test_nearby_is_measured_in_metres_and_sorted(server: Server) -> None:
    """Somebody on the spot would report again what stands beside them, or be shown what is streets away."""
    codes = [filed(server, column=column) for column in (0.5, 0.6, 0.9)]
    here = f"lon={WEST + 0.5 * SIDE}&lat={SOUTH + 0.5 * SIDE}"
    near = server.ask(f"{ISSUES}/nearby?{here}&radius_m=20").document["issues"]
    assert [issue["code"] for issue in near] == codes[:2]
    assert [issue["distance_m"] for issue in near] == pytest.approx([0, 10.27], abs=0.05)
    assert len(server.ask(f"{ISSUES}/nearby?{here}&radius_m=5000&limit=2").document["issues"]) == 2
    for place in ("lon=0&lat=0", "lon=-71.7&lat=-22.8", "lon=180&lat=90"):
        assert server.ask(f"{ISSUES}/nearby?{place}").document["issues"] == [], place
    for query in (f"{here}&radius_m=0", f"{here}&radius_m=nan", f"{here}&radius_m=5001", "lon=181&lat=0", "lon=1"):
        assert server.ask(f"{ISSUES}/nearby?{query}").status == 400, query


def test_why_an_issue_has_its_answer_is_told(server: Server) -> None:
    """Nobody could check an answer that was never explained."""
    why = server.ask(f"{ISSUES}/{filed(server)}/explanation?lang=en").document
    assert why["answer"]["responsible"] == "P1"
    won = [one for one in why["considered"] if one["verdict"] == "won"]
    assert [(one["step"], one["code"]) for one in won] == [
        ("grid", "01"), ("grid", "0101"), ("street", "S1"), ("grid_holder", "0101"),
    ]  # fmt: skip
    assert any("P1" in line for line in why["told"])


def test_an_explanation_tells_a_contractor_nothing_of_others(server: Server, stores: Stores) -> None:
    """A firm would read its rivals' contracts in it, and the names of those who hold the ground."""
    contracts = town.rows(
        code=["C1", "C2"], kind=["grid"] * 2, contractor=["F1", "U01"], duties=[["*"], ["b"]], scheme=["town"] * 2,
        grid=["0101"] * 2, street=[None] * 2,
    )  # fmt: skip
    with stores.publishing() as store:
        store.put("contracts", contracts, store.revise(NOW, "contracts"))
    path = f"{ISSUES}/{filed(server)}/explanation?lang=en"
    everything = server.ask(path)
    firm = server.by(join(stores, "firm", Grant("contractor", Area("contractor", "F1")))).ask(path)
    assert firm.document["answer"]["contractor"] == "F1" and "洁美" in firm.text
    for foreign in ("甲", "C2", '"grid_holder"'):
        assert foreign in everything.text and foreign not in firm.text, foreign
    assert {one["code"] for one in firm.document["considered"]} == {"0101", "C1"}


def test_a_report_from_elsewhere_is_taken_and_its_answer_kept_from_those_it_is_not_for(
    server: Server, stores: Stores
) -> None:
    """An inspector at the border would have to look away, or learn who holds the neighbour's grid."""
    inspector = server.by(join(stores, "wang", Grant("inspector", Area("grid", "0102"))))
    outside = inspector.send(ISSUES, said())
    assert (outside.status, outside.document["answer"]) == (201, None)
    assert server.ask(outside.headers["Location"]).status == 200
    assert inspector.ask(outside.headers["Location"]).status == 404
    assert inspector.send(ISSUES, said(1.5)).document["answer"]["grid"] == "0102"
    reporter = server.by(join(stores, "zhang", Grant("reporter", Area("city"))))
    assert reporter.send(ISSUES, said()).document["answer"] is None
    assert reporter.ask(ISSUES).status == 403


def test_questions_store_nothing(server: Server, stores: Stores) -> None:
    """Asking who would answer would already be a report."""
    asked = server.send("/api/v1/assign", said()).document["answer"]
    assert (asked["grid"], asked["responsible"]) == ("0101", "P1")
    many = {"questions": [said(), said(category="zz"), said(lon=0, lat=0), said(1.5)]}
    results = server.send("/api/v1/assign/batch", many, Accept_Language="zh").document["results"]
    assert [one["answer"] and one["answer"]["grid"] for one in results] == ["0101", None, None, "0102"]
    assert results[1]["fault"]["code"] == "issue_category_unknown" and "类别" in results[1]["fault"]["detail"]
    assert server.ask(ISSUES).document["issues"] == []
    inspector = server.by(join(stores, "wang", Grant("inspector", Area("grid", "0102"))))
    assert inspector.send("/api/v1/assign", said()).status == 404
    results = inspector.send("/api/v1/assign/batch", many).document["results"]
    assert [bool(one["answer"]) for one in results] == [False, False, False, True]
    for wrong in ({"questions": []}, {"questions": [said()] * 1_001}, {"questions": [said(description="x")]}, {}):
        assert server.send("/api/v1/assign/batch", wrong).status == 400


def test_grids_at_a_place_as_a_tree_and_one_with_figures(server: Server, stores: Stores) -> None:
    """A grid manager would not find their own grid, or count what is another's."""
    filed(server)
    place = f"lon={WEST + 0.5 * SIDE}&lat={SOUTH + 0.5 * SIDE}"
    assert [cell["code"] for cell in server.ask(f"/api/v1/grids/at?{place}").document["grids"]] == ["01", "0101"]
    assert server.ask("/api/v1/grids/at?lon=0&lat=0").document["grids"] == []
    (top,) = server.ask("/api/v1/grids/tree").document["grids"]
    assert (top["code"], top["cells_below"], [one["code"] for one in top["below"]]) == (
        "01", 4, ["0101", "0102", "0103", "0104"],
    )  # fmt: skip
    assert server.ask("/api/v1/grids/tree?depth=1").document["grids"][0]["below"] is None
    assert server.ask("/api/v1/grids/tree?root=0101").document["grids"][0]["code"] == "0101"
    assert server.ask("/api/v1/grids/tree?root=9").status == 404
    one = server.ask("/api/v1/grids/0101").document
    assert one["issues"] == {"open": 1, "closed": 0}
    assert [(held["holder"], held["deputy"]) for held in one["holders"]] == [("P1", "P2")]
    manager = server.by(join(stores, "wang", Grant("grid_manager", Area("grid", "0101"))))
    assert [cell["code"] for cell in manager.ask("/api/v1/grids/mine").document["grids"]] == ["0101"]
    assert [cell["code"] for cell in manager.ask(f"/api/v1/grids/at?{place}").document["grids"]] == ["0101"]
    assert [cell["code"] for cell in server.ask("/api/v1/grids/mine").document["grids"]] == ["01"]


def test_registers_come_in_pages(server: Server) -> None:
    """A client could not read them to the end, or find one by its code."""
    seen, after = [], 0
    while after is not None:
        page = server.ask(f"/api/v1/parties?limit=3&after={after}").document
        seen += [party["code"] for party in page["parties"]]
        after = page["next"]
    assert seen == ["U01", "F1", "P1", "P2"]
    firms = server.ask("/api/v1/contractors").document["contractors"]
    assert [(party["code"], party["kind"]) for party in firms] == [("F1", "firm")]
    assert server.ask("/api/v1/categories?code=b").document["categories"][0]["name"] == "乙类"
    assert server.ask("/api/v1/holders?code=0101").document["holders"][0]["holder"] == "P1"
    assert server.ask("/api/v1/contracts").document == {"contracts": [], "next": None}
    assert server.ask("/api/v1/places?after=-1").status == 400


def test_the_document_of_the_api_is_there(server: Server) -> None:
    """A client's author would have to guess."""
    document = server.ask("/api/v1/openapi.json").document
    assert document["openapi"].startswith("3.") and ISSUES in document["paths"]
    assert "Report" in document["components"]["schemas"] and "Filed" in document["components"]["schemas"]
