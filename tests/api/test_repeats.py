"""Suspected repeats over HTTP and by commands: told to whom they concern, decided, counted, on both databases."""

import datetime as dt
from collections.abc import Iterator
from threading import Barrier, Thread
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from sqlalchemy import delete, select

from api import filing
from api.app import create_app
from api.callers import HINTS_PER_MINUTE
from api.intakes import AGAIN_AFTER, READER, Intakes
from api.repeating import find_repeats
from api.settings import Settings
from gis_core.errors import GisError
from gis_core.permissions import Area, Grant
from layers.citizens import publish
from layers.frames import table_of
from layers.issues import Issue
from layers.repeats import Repeat
from layers.stores import Stores
from layers.suspecting import pairs
from tests import town
from tests.serving import SECRET, Server, join, serving
from tests.town import NOW, SIDE, SOUTH, WEST

ISSUES, REPEATS = "/api/v1/issues", "/api/v1/repeats"
WORDS = "垃圾桶满溢，无人清理"
HOUR = dt.timedelta(hours=1)
WANG = {"name": "王芳", "phone": "13800000001"}
LI = {"phone": "13900000001"}


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town."""
    return founded_stores


@pytest.fixture
def up(stores: Stores) -> Iterator[Server]:
    """The town, served."""
    with serving(stores) as server:
        yield server


@pytest.fixture
def server(up: Server, stores: Stores) -> Server:
    """The same for a commander."""
    return up.by(join(stores, "li.wei", Grant("commander", Area("city"))))


def said(column: float = 0.5, hours: float = 0.0, **more: Any) -> dict[str, Any]:
    """A report from a place in the southern row of units, so many hours before now."""
    at = (NOW - hours * HOUR).isoformat()
    place = {"lon": WEST + column * SIDE, "lat": SOUTH + 0.5 * SIDE, "category": "a"}
    return {**place, "description": WORDS, "reported_at": at, **more}


def faint(column: float = 0.75, **more: Any) -> dict[str, Any]:
    """A report near that of forty hours ago in the middle of the unit, which little makes likely to be the same."""
    return {**said(column), "description": "有异味", **more}


def filed(server: Server, *where: float, **more: Any) -> dict[str, Any]:
    """What a report is answered."""
    reply = server.send(ISSUES, said(*where, **more))
    assert reply.status == 201, reply.text
    document: dict[str, Any] = reply.document
    return document


def codes(suspected: list[dict[str, Any]]) -> list[str]:
    return [one["code"] for one in suspected]


def close(stores: Stores, code: str, at: dt.datetime) -> None:
    """Close an issue, as a file that says so does."""
    with stores.write() as store:
        found = store.issues(codes=[code]).assign(closed_at=at)
        assert store.close_issues(found) == 1


def noted(stores: Stores) -> list[tuple[int, int, bool]]:
    """Earlier and later issues of the pairs that are noted, and whether it is a return."""
    table = table_of(Repeat)
    with stores.read() as store:
        found = store.session.execute(select(table.c.earlier_id, table.c.issue_id, table.c.returned))
        return sorted(tuple(row) for row in found)


def test_a_report_is_told_what_it_may_repeat(server: Server, stores: Stores) -> None:
    """Who reports would not learn that it is known, and nobody could look at both together."""
    first = filed(server, 0.5, 2)
    assert first["suspected"] == []
    filed(server, 1.5, 1, description="井盖破损", category="b")
    again = filed(server, 0.55, 0)
    (hint,) = again["suspected"]
    assert (hint["code"], hint["returned"], hint["category"]) == (first["code"], False, "a")
    assert hint["score"] > 0.9 and hint["away_m"] == pytest.approx(5.1, abs=0.2)
    english = server.send(ISSUES, said(0.5), Accept_Language="en").document["suspected"]
    assert english[0]["reasons"][0].endswith("m away") and "the same class" in english[0]["reasons"]
    assert "100% of the words are the same" in english[0]["reasons"]
    assert (
        server.send(ISSUES, said(0.5), Accept_Language="zh").document["suspected"][0]["reasons"][0].startswith("相距")
    )
    assert (1, 3, False) in noted(stores)


def test_the_same_key_is_told_the_same(server: Server, stores: Stores) -> None:
    """A phone that sends again in a tunnel would be told that it repeats itself."""
    filed(server, 0.5, 1)
    first, again = (server.send(ISSUES, said(0.5), Idempotency_Key="k").document for _ in range(2))
    assert first == {**again, "new": True} and len(first["suspected"]) == 1
    refusing = server.send(ISSUES, said(0.5, insist=False), Idempotency_Key="k")
    assert (refusing.status, refusing.document) == (201, again)
    assert len(noted(stores)) == 1


def test_who_wants_to_know_first_is_refused_and_may_insist(server: Server) -> None:
    """A phone could not ask "is it this one?", or nobody could report what is another problem after all."""
    asking = said(0.5, insist=False)
    first = server.send(ISSUES, asking).document
    assert first["new"]
    refused = server.send(ISSUES, asking, Accept_Language="en", Idempotency_Key="k")
    assert (refused.status, refused.document["code"], refused.document["field"]) == (409, "repeat_suspected", "insist")
    assert codes(refused.document["suspected"]) == [first["code"]]
    assert len(server.ask(ISSUES).document["issues"]) == 1
    insisting = server.send(ISSUES, {**asking, "insist": True}, Idempotency_Key="k")
    assert insisting.status == 201 and codes(insisting.document["suspected"]) == [first["code"]]
    # What was sent once is the same report with or without it.
    assert server.send(ISSUES, asking, Idempotency_Key="k").document == {**insisting.document, "new": False}


def test_one_may_ask_before_and_nothing_is_stored(server: Server, stores: Stores) -> None:
    """A question would be a report."""
    first = filed(server, 0.5, 1)
    asked = server.send(f"{ISSUES}/suspected", said(0.5))
    assert asked.status == 200 and codes(asked.document["suspected"]) == [first["code"]]
    assert server.send(f"{ISSUES}/suspected", said(0.5, lon=0)).status == 400
    assert server.send(f"{ISSUES}/suspected", said(0.5, insist=False)).status == 400
    assert len(server.ask(ISSUES).document["issues"]) == 1 and noted(stores) == []


def test_only_what_is_in_sight_is_told(up: Server, server: Server, stores: Stores) -> None:
    """A hint would tell of another grid, or a reporter read what others wrote."""
    theirs = filed(server, 1.02, 1)
    inspector = up.by(join(stores, "lin", Grant("inspector", Area("grid", "0101"))))
    assert inspector.send(f"{ISSUES}/suspected", said(0.98)).document["suspected"] == []
    assert filed(inspector, 0.98, insist=False)["suspected"] == []
    # It is noted all the same, for who sees both.
    assert noted(stores) == [(1, 2, False)]
    reporter = up.by(join(stores, "wang", Grant("reporter", Area("city"))))
    for hints in (
        reporter.send(f"{ISSUES}/suspected", said(1.02)).document["suspected"],
        reporter.send(ISSUES, said(1.02, insist=False)).document["suspected"],
        filed(reporter, 1.02)["suspected"],
    ):
        assert len(hints) == 2
        for hint in hints:
            told = {name for name, value in hint.items() if value not in (None, [])}
            assert told == {"away_m", "scheme", "kind", "category", "reported_at"}
    assert theirs["code"] not in reporter.send(ISSUES, said(1.02)).text


def test_who_may_only_report_is_told_roughly_and_of_their_area(up: Server, server: Server, stores: Stores) -> None:
    """From some questions around a house it could be read who complained where, and to the second when."""
    filed(server, 0.99, 1.5, description=WORDS)
    local = up.by(join(stores, "wang", Grant("reporter", Area("grid", "0102"))))
    assert local.send(f"{ISSUES}/suspected", said(1.02)).document["suspected"] == []
    assert filed(local, 1.02)["suspected"] == []
    near = up.by(join(stores, "zhou", Grant("reporter", Area("grid", "0101"))))
    (hint,) = near.send(f"{ISSUES}/suspected", said(0.92, 0.5)).document["suspected"]
    when = dt.datetime.fromisoformat(hint["reported_at"])
    assert (hint["away_m"], when) == (10.0, (NOW - 1.5 * HOUR).replace(minute=0))


def test_who_may_only_report_asks_so_often_and_no_more(up: Server, server: Server, stores: Stores) -> None:
    """The city could be searched, step by step, for what others have reported."""
    reporter = up.by(join(stores, "wang", Grant("reporter", Area("city"))))
    for path, more in ((f"{ISSUES}/suspected", {}), (ISSUES, {"insist": False})):
        for one in (reporter, server):
            statuses = [one.send(path, said(lon=0, **more)).status for _ in range(HINTS_PER_MINUTE + 1)]
            assert (429 in statuses) is (one is reporter)
    # What is reported is stored in any case, and another account asks for itself.
    assert reporter.send(ISSUES, said()).status == 201
    other = up.by(join(stores, "zhou", Grant("reporter", Area("city"))))
    assert other.send(f"{ISSUES}/suspected", said()).status == 200


def test_the_same_reporter_is_noticed_by_who_may_know(server: Server, stores: Stores) -> None:
    """Who reports again what nobody has dealt with would be taken for somebody else with another problem."""
    first = filed(server, 0.5, 40, contact=WANG)
    again = faint(contact={"phone": "+86 138-0000-0001"})
    # Who only asks leaves no trace, and could look for what a person has reported.
    assert server.send(f"{ISSUES}/suspected", again).document["suspected"] == []
    second = server.send(ISSUES, again, Accept_Language="en").document
    (hint,) = second["suspected"]
    assert (hint["code"], hint["score"] > 0.5, "the same reporter" in hint["reasons"]) == (first["code"], True, True)
    # Neither is anybody else, nor whom nobody can tell, nor the account, nor the same one with another problem.
    for more in ({"contact": LI}, {"contact": {"phone": "12345"}}, {"contact": {"name": "王芳"}},
                 {}, {"contact": WANG, "category": "b"}):  # fmt: skip
        other = server.send(ISSUES, faint(**more)).document["suspected"]
        assert first["code"] not in codes(other) and not any("同一上报人" in one["reasons"] for one in other)

    def listed() -> list[tuple[Any, ...]]:
        pairs = server.ask(REPEATS).document["repeats"]
        return sorted((one["earlier"]["code"], one["later"]["code"], one["score"], one["reasons"]) for one in pairs)

    before = listed()
    assert before[0][:3] == (first["code"], second["code"], hint["score"]) and "同一上报人" in before[0][3]
    # Found after a load as at intake.
    with stores.write() as store:
        store.session.execute(delete(table_of(Repeat)))
    assert find_repeats(stores, None, NOW, lambda _: None) == (7, len(before))
    assert listed() == before


@pytest.mark.parametrize(
    "grants",
    [(Grant("reporter", Area("city")),), (Grant("inspector", Area("city")),),
     (Grant("inspector", Area("city")), Grant("grid_manager", Area("grid", "0102")))],
)  # fmt: skip
def test_nobody_learns_by_a_number_what_its_owner_reported(
    up: Server, server: Server, stores: Stores, grants: tuple[Grant, ...]
) -> None:
    """Whoever types a neighbour's telephone number would be told whether it was they who complained."""
    spy = up.by(join(stores, "spy", *grants))

    def told(column: float, phone: str) -> list[Any]:
        """What is answered beside case numbers and the numbers of pairs, where both have reported something."""
        first = [filed(server, column, 40, contact=WANG)["code"], filed(server, column, 39, contact=LI)["code"]]
        asked = [{**faint(column + more, contact={"phone": phone}), **words} for more, words in
                 ((0.25, {}), (0.25, {"insist": False}), (0.02, {"description": WORDS}))]  # fmt: skip
        replies = [spy.send(f"{ISSUES}/suspected", asked[0]), *(spy.send(ISSUES, one) for one in asked[1:])]
        pairs = [] if grants[0].role == "reporter" else spy.ask(REPEATS).document["repeats"]
        waits = spy.ask(f"{REPEATS}/counts?until=2026-07-02T00:00:00Z")
        known = [*first, *(reply.document["code"] for reply in replies[1:])]
        return [
            [reply.status for reply in replies],
            [[{**one, "code": known.index(one["code"]) if one["code"] else None} for one in reply.document["suspected"]]
             for reply in replies],
            [[known.index(one[side]["code"]) for side in ("earlier", "later")] + [one["score"], one["reasons"]]
             for one in pairs if one["later"]["code"] in known],
            waits.document.get("suspected", 0) - before,
        ]  # fmt: skip

    before = 0
    victim = told(0.5, WANG["phone"])
    before = victim[-1]
    nobody = told(1.5, "13700000009")
    assert victim == nobody and (victim[0], victim[1][:2]) == ([200, 201, 201], [[], []])
    assert [len(one) for one in victim[1]] == [0, 0, 3]
    # What is kept knows better, of the second number as of the first.
    reasons = [one["reasons"] for one in server.ask(REPEATS).document["repeats"]]
    assert ["同一上报人" in one for one in reasons].count(True) == 3 + 1


def test_who_is_erased_is_erased_from_what_was_suspected(up: Server, server: Server, stores: Stores) -> None:
    """A pair would say for ever that one person reported both, or a report be tied to somebody who was forgotten."""
    first, likely = (filed(server, 0.5, hours, contact=WANG)["code"] for hours in (40, 38))
    faintly = server.send(ISSUES, faint(contact=WANG)).document["code"]
    before = {one["earlier"]["code"] + one["later"]["code"]: one for one in server.ask(REPEATS).document["repeats"]}
    assert {first + faintly, first + likely, likely + faintly} == set(before)
    decided = before[likely + faintly]
    assert server.send(f"{REPEATS}/{decided['id']}/reject", None).status == 200
    for code in (first, likely):
        assert server.ask(f"{ISSUES}/{code}/contact", "DELETE").status == 204
    (left,) = server.ask(REPEATS).document["repeats"]
    assert left["id"] == before[first + likely]["id"] and left["score"] < before[first + likely]["score"]
    (rejected,) = server.ask(f"{REPEATS}?state=rejected").document["repeats"]
    assert not any("同一上报人" in one["reasons"] for one in (left, rejected)) and rejected["score"] == 0.5
    told = server.send(ISSUES, faint(contact=WANG)).document["suspected"]
    assert faintly in codes(told) and not {first, likely} & set(codes(told))
    assert find_repeats(stores, None, NOW, lambda _: None)[1] == 0


def test_who_may_only_report_is_told_so_often_and_no_more(up: Server, server: Server, stores: Stores) -> None:
    """What may not be asked without end could be reported without end, and read from the answers."""
    filed(server, 0.5, 1)
    reporter = up.by(join(stores, "wang", Grant("reporter", Area("city"))))
    replies = [reporter.send(ISSUES, said(0.5, 1), Idempotency_Key="1") for _ in range(HINTS_PER_MINUTE + 1)]
    assert [reply.status for reply in replies] == [201] * len(replies)
    assert [len(reply.document["suspected"]) for reply in replies] == [1] * HINTS_PER_MINUTE + [0]


def test_citizens_and_open311_are_stored_as_ever_and_noted(up: Server, server: Server, stores: Stores) -> None:
    """A stranger would learn what others report, or be turned away, or their repeats not be seen."""
    filed(server, 0.5, 1)
    public = up.send("/api/v1/public/issues", said(0.5))
    assert public.status == 201 and "suspected" not in public.document
    assert up.send("/api/v1/public/issues", said(0.5, insist=False)).status == 400
    key = join(stores, "hotline", Grant("reporter", Area("city")))
    form = {"service_code": "a", "lat": str(SOUTH + 0.5 * SIDE), "long": str(WEST + 0.5 * SIDE),
            "description": WORDS, "api_key": key}  # fmt: skip
    reply = up.post("/open311/v2/requests.json", form)
    assert reply.status == 200 and set(reply.document[0]) == {"service_request_id", "service_notice", "account_id"}
    assert {pair[:2] for pair in noted(stores)} == {(1, 2), (1, 3), (2, 3)}


def test_what_was_closed_before_has_returned(server: Server, stores: Stores) -> None:
    """A problem that comes back would be taken for a report too many, and refused."""
    first = filed(server, 0.5, 200)
    close(stores, first["code"], NOW - 150 * HOUR)
    again = filed(server, 0.5, 0, insist=False)
    assert [(one["code"], one["returned"]) for one in again["suspected"]] == [(first["code"], True)]
    assert "已结案" in again["suspected"][0]["reasons"][-1]
    issue = server.ask(f"{ISSUES}/{again['code']}").document
    assert (issue["master"], issue["repeats"], issue["returned_from"]) == (None, [], [first["code"]])
    (pair,) = server.ask(f"{REPEATS}?returned=true").document["repeats"]
    refused = server.send(f"{REPEATS}/{pair['id']}/merge", None, Accept_Language="en")
    assert (refused.status, refused.document["code"]) == (409, "repeat_is_return")
    counted = server.ask(f"{REPEATS}/counts?until=2026-07-01T05:00:00Z").document
    assert (counted["reports"], counted["problems"], counted["returned"]) == (2, 2, 1)
    assert counted["returned_share"] == 0.5
    # Closed after another report came, it is a repeat of that time still.
    third = filed(server, 0.5, 0)
    assert {(one["code"], one["returned"]) for one in third["suspected"]} == {
        (first["code"], True), (again["code"], False)
    }  # fmt: skip


def test_what_repeats_a_closed_issue_has_returned_with_it(server: Server, stores: Stores) -> None:
    """A problem that comes back would be merged under what was closed, by way of what repeats that."""
    first, second = (filed(server, 0.5, hours)["code"] for hours in (5, 4))
    (pair,) = server.ask(REPEATS).document["repeats"]
    assert server.send(f"{REPEATS}/{pair['id']}/merge", None).status == 200
    assert [one["returned"] for one in server.send(f"{ISSUES}/suspected", said()).document["suspected"]] == [False] * 2
    close(stores, first, NOW - 3 * HOUR)
    third = filed(server, 0.5, 1)
    assert {(one["code"], one["returned"]) for one in third["suspected"]} == {(first, True), (second, True)}
    assert sorted(noted(stores)) == [(1, 2, False), (1, 3, True), (2, 3, True)]
    for pair in server.ask(f"{REPEATS}?returned=true").document["repeats"]:
        assert server.send(f"{REPEATS}/{pair['id']}/merge", None).status == 409
    assert server.send(f"{ISSUES}/{second}/part", None).document == {"changed": True}
    told = server.send(f"{ISSUES}/suspected", said()).document["suspected"]
    assert {one["code"]: one["returned"] for one in told} == {first: True, second: False, third["code"]: False}


def test_pairs_are_listed_merged_parted_and_rejected(server: Server, stores: Stores) -> None:
    """Nobody could decide, or a decision be lost, or done twice."""
    first, second, third = (filed(server, 0.5, 3 - number)["code"] for number in range(3))
    listed = server.ask(REPEATS).document["repeats"]
    assert [(one["earlier"]["code"], one["later"]["code"]) for one in listed] == [
        (second, third), (first, third), (first, second)
    ] or len(listed) == 3  # fmt: skip
    assert listed[0]["earlier"]["description"] == WORDS and listed[0]["state"] == "suspected"
    pages, after = list[int](), ""
    while True:
        page = server.ask(f"{REPEATS}?limit=1{after}").document
        pages += [one["id"] for one in page["repeats"]]
        if page["next"] is None:
            break
        after = f"&before={page['next']}"
    assert pages == [one["id"] for one in listed] == sorted(pages, reverse=True)
    by = {(one["earlier"]["code"], one["later"]["code"]): one["id"] for one in listed}
    group = server.send(f"{REPEATS}/{by[second, third]}/merge", None).document
    assert group == {"master": second, "repeats": [third], "changed": True}
    group = server.send(f"{REPEATS}/{by[first, second]}/merge", None).document
    assert group == {"master": first, "repeats": [second, third], "changed": True}
    assert not server.send(f"{REPEATS}/{by[first, second]}/merge", None).document["changed"]
    assert server.ask(REPEATS).document["repeats"] == []
    assert len(server.ask(f"{REPEATS}?state=merged").document["repeats"]) == 3
    detail = {code: server.ask(f"{ISSUES}/{code}").document for code in (first, second, third)}
    assert [detail[code]["master"] for code in (first, second, third)] == [None, first, first]
    assert detail[first]["repeats"] == [second, third]
    window = "since=2026-06-30T00:00:00Z&until=2026-07-02T00:00:00Z"
    counted = server.ask(f"{REPEATS}/counts?{window}").document
    assert (counted["reports"], counted["problems"], counted["suspected"]) == (3, 1, 0)
    told = server.ask("/api/v1/stream?after=3&follow=false").text
    assert [line.split(": ")[1] for line in told.splitlines() if line.startswith("event")] == ["merged"] * 3
    events = server.ask(f"{ISSUES}/{third}/events").document["events"]
    assert [one["former"] for one in events if one["type"] == "merged"] == [None, {"master": second}]
    assert server.send(f"{ISSUES}/{third}/part", None).document == {"changed": True}
    assert server.send(f"{ISSUES}/{third}/part", None).document == {"changed": False}
    assert server.send(f"{REPEATS}/{by[first, second]}/reject", None, Accept_Language="en").status == 409
    assert server.send(f"{REPEATS}/{by[first, third]}/reject", None).document == {"changed": False}
    trail = [one["action"] for one in _trail(stores)]
    assert trail == ["parted", "merged", "merged"]
    assert server.send(f"{REPEATS}/999/merge", None).document["code"] == "repeat_missing"
    assert server.ask(f"{REPEATS}/counts?since=2026-07-02T00:00:00Z&until=2026-07-01T00:00:00Z").status == 400


def _trail(stores: Stores) -> list[dict[str, Any]]:
    with stores.people() as accounts:
        return accounts.trail(before=None, limit=100)


def test_who_decides_sees_both(up: Server, server: Server, stores: Stores) -> None:
    """A grid manager would merge into, or learn of, what lies in another grid."""
    mine, theirs = filed(server, 0.98, 1)["code"], filed(server, 1.02, 0)["code"]
    (pair,) = server.ask(REPEATS).document["repeats"]
    manager = up.by(join(stores, "lin", Grant("grid_manager", Area("grid", "0101"))))
    assert manager.ask(REPEATS).document["repeats"] == []
    for what in ("merge", "reject"):
        assert manager.send(f"{REPEATS}/{pair['id']}/{what}", None).status == 404
    assert server.send(f"{REPEATS}/{pair['id']}/merge", None).document["master"] == mine
    assert manager.send(f"{ISSUES}/{mine}/part", None).status == 403
    assert manager.send(f"{ISSUES}/{theirs}/part", None).status == 404
    assert manager.ask(f"{ISSUES}/{mine}").document["repeats"] == []
    other = up.by(join(stores, "wang", Grant("grid_manager", Area("grid", "0102"))))
    assert other.ask(f"{ISSUES}/{theirs}").document["master"] is None
    assert mine not in other.ask(f"{ISSUES}/{theirs}/events").text
    counted = manager.ask(f"{REPEATS}/counts?until=2026-07-02T00:00:00Z").document
    assert (counted["reports"], counted["problems"]) == (1, 1)
    inspector = up.by(join(stores, "zhao", Grant("inspector", Area("city"))))
    assert inspector.send(f"{REPEATS}/{pair['id']}/merge", None).status == 403


def test_two_people_at_once_merge_into_one_group(server: Server) -> None:
    """Each would see the other's group as it was, and a repeat become a master."""
    first, *_ = [filed(server, 0.5, 4 - number)["code"] for number in range(4)]
    ids = [one["id"] for one in server.ask(REPEATS).document["repeats"]]
    barrier, statuses = Barrier(len(ids)), list[int]()

    def go(number: int) -> None:
        barrier.wait()
        statuses.append(server.send(f"{REPEATS}/{number}/merge", None).status)

    threads = [Thread(target=go, args=(number,)) for number in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200}
    listed = [one["code"] for one in server.ask(ISSUES).document["issues"]]
    masters = {code: server.ask(f"{ISSUES}/{code}").document["master"] for code in listed}
    assert masters == {code: None if code == first else first for code in listed}


def test_another_process_learns_what_this_one_stored(stores: Stores, server: Server) -> None:
    """Two phones at two server processes would each be the first."""
    filed(server, 0.5, 2)
    with serving(stores) as elsewhere:
        other = elsewhere.by(join(stores, "wang", Grant("commander", Area("city"))))
        assert len(filed(other, 0.5, 1)["suspected"]) == 1
        assert len(filed(server, 0.5, 0)["suspected"]) == 2
        # What a file brings and closes is known by the next question as well.
        with stores.write() as store:
            issues = town.issues(1, first=7, reported_at="2026-07-01T03:30Z", description=WORDS)
            store.add_issues(town.answered(store, issues), NOW)
        for one in (server, other):
            assert len(one.send(f"{ISSUES}/suspected", said(0.5)).document["suspected"]) == 4
        with stores.read() as store:
            loaded = store.issues(newest=1, since=NOW - HOUR)
        assert len(loaded) == 1


def test_more_than_grows_at_once_is_read_anew(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that comes after a large import would wait for all of it."""
    monkeypatch.setattr("api.intakes.MOST_GROWN", 5)
    intakes = Intakes()
    row = {"x": 0.0, "y": 0.0, "reported_at": NOW, "closed_at": None, "scheme": "town", "kind": "matter",
           "category": "a", "description": WORDS, "address": None, "street": None, "street_side": None}  # fmt: skip
    intakes.ready(stores, NOW)
    with stores.write() as store:
        issues = town.issues(9, reported_at="2026-07-01T03:30Z", description=WORDS)
        store.add_issues(town.answered(store, issues), NOW)
    with stores.read() as store:
        ((x, y),) = store.session.execute(select(table_of(Issue).c.x, table_of(Issue).c.y).limit(1)).all()
        assert intakes.suspicions(store, {**row, "x": x, "y": y}) == []
    # A load that goes on for hours would have all of it read without a pause.
    soon, later = NOW + AGAIN_AFTER - dt.timedelta(seconds=1), NOW + 2 * AGAIN_AFTER
    days = [NOW + dt.timedelta(days=number) for number in (2, 31)]
    for at, many in ((NOW, 0), (soon, 0), (later, 9), (days[0], 9), (days[1], 0)):
        intakes.ready(stores, at)
        for thread in enumerate_threads():
            if thread.name == READER:
                thread.join()
        with stores.read() as store:
            assert len(intakes.suspicions(store, {**row, "x": x, "y": y})) == many


def test_a_report_that_breaks_off_leaves_no_pair(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair would name an issue that is not there, or an issue be stored without what was found with it."""
    context = create_app(stores, Settings(SECRET), lambda: NOW).state.context
    report = filing.Report.model_validate(said(0.5))
    filing.file(context, "api/li.wei", report, None, NOW)
    kept = filing.note_pairs

    def broken(*given: Any) -> int:
        kept(*given)
        raise GisError("no_grids")

    monkeypatch.setattr(filing, "note_pairs", broken)
    with pytest.raises(GisError):
        filing.file(context, "api/li.wei", report, None, NOW)
    with stores.read() as store:
        assert (store.count("issues"), pairs(store, limit=10)) == (1, [])
    monkeypatch.undo()
    assert filing.file(context, "api/li.wei", report, None, NOW).suspected == 1
    assert noted(stores) == [(1, 2, False)] or len(noted(stores)) == 1


def test_open311_says_that_a_request_repeats_another(server: Server, up: Server, stores: Stores) -> None:
    """A state without a name would break the answer for everybody."""
    first, second = (filed(server, 0.5, hours)["code"] for hours in (1, 0))
    (pair,) = server.ask(REPEATS).document["repeats"]
    server.send(f"{REPEATS}/{pair['id']}/merge", None)
    path = f"/open311/v2/requests/{second}.json"
    assert "repeats" in server.ask(path, Accept_Language="en").document[0]["status_notes"]
    server.send(f"{ISSUES}/{second}/part", None)
    assert "own" in server.ask(path, Accept_Language="en").document[0]["status_notes"]
    with stores.write() as store:
        publish(store, second, NOW)
    told = up.ask("/api/v1/public/issues").text + up.ask("/open311/v2/requests.json").text
    assert first not in told
