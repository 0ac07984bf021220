"""Plans on a real server: made by a job, changed, published, walked and told of, each by whom it is for."""

import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api import planning
from api.cli import main
from api.jobs import Worker
from api.networks import Networks
from api.plan_views import said as reason_said
from api.plan_ways import PlanWays, read_day
from api.planning import second_of
from api.settings import Settings
from gis_core.errors import InvalidInput
from gis_core.patrol.planner import loosened, suits_streets
from gis_core.permissions import Area, Grant
from gis_core.planning.tasks import Day, Patroller, Reason
from layers.files import FILES_VARIABLE, files_of
from layers.jobs import LEASE
from layers.plan_marks import put_pattern
from layers.planned import Written, put_plan
from layers.plans import PatrolPlan, PlanEdition, PlanMark
from layers.plates import tokens_of
from layers.stores import Stores
from tests import patrolled, town
from tests.serving import SECRET, Reply, Server, join, serving, settle_hotspots

MORNING = dt.datetime(2026, 6, 30, 22, 0, tzinfo=dt.UTC)
"""Six o'clock of the day that is planned."""
TODAY = dt.date(2026, 7, 1)
PLANS = "/api/v1/plans"
KILLED_WHILE_STORING = """
import datetime as dt, os, signal, sys
from api.cli import main
from api.jobs import Worker
from layers import planned
from layers.engine import connect
from layers.files import files_of
from layers.stores import Stores
def put_half(*given):
    os.kill(os.getpid(), signal.SIGKILL)
planned._put_edition = put_half
stores = Stores(connect(sys.argv[1]))
now = dt.datetime.fromisoformat(sys.argv[2])
Worker(stores, files_of(stores.address), lambda: now).work()
"""


@dataclass(frozen=True)
class Office:
    """A server of the town with lanes, its people, and the worker beside it."""

    stores: Stores
    planner: Server
    manager: Server
    neighbour: Server
    li: Server
    wang: Server
    worker: Worker

    def made(self, server: Server | None = None, **asked: Any) -> dict[str, Any]:
        """A plan, made and read."""
        job = self.job(server, **asked)
        assert job["state"] == "done", job
        reply = (server or self.planner).ask(f"{PLANS}/{job['result']['plan']}")
        assert reply.status == 200, reply.text
        found: dict[str, Any] = reply.document
        return found

    def job(self, server: Server | None = None, **asked: Any) -> dict[str, Any]:
        """A job that makes a plan, over."""
        server = server or self.planner
        reply = server.send(PLANS, wanted(**asked))
        assert reply.status == 202, reply.text
        while self.worker.work():
            pass
        done: dict[str, Any] = server.ask(reply.headers["Location"]).document
        return done

    def change(self, number: int, edition: int, server: Server | None = None, **said: Any) -> Reply:
        """One change over an edition."""
        return (server or self.planner).send(f"{PLANS}/{number}/changes", said, If_Match=f'"{edition}"')

    def counts(self) -> tuple[int, ...]:
        """How many plans, editions and marks are stored."""
        with self.stores.read() as store:
            tables = (PatrolPlan, PlanEdition, PlanMark)
            return tuple(store.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)


def wanted(**said: Any) -> dict[str, Any]:
    """What is asked for: lanes and two stops, by both inspectors."""
    stops = [stop("issue:1", 0.5, 0.5), stop("issue:2", 1.5, 0.5)]
    return {"day": TODAY.isoformat(), "kinds": ["lane"], "stops": stops, "iterations": 60, **said}


def stop(code: str, column: float, row: float, **said: Any) -> dict[str, Any]:
    """A stop by cells from the south-west corner."""
    place = {"lon": town.WEST + column * town.SIDE, "lat": town.SOUTH + row * town.SIDE}
    return {"code": code, "name": f"{code} <b>", "service_s": 300, **place, **said}


@pytest.fixture
def office(founded_stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Li walks in 0101, Wang in 0102; the planner plans everywhere, the managers in a grid each."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "files"))
    stores = founded_stores
    patrolled.found(stores)
    settle_hotspots(stores, MORNING)
    keys = [
        join(stores, name, Grant(role, area), now=MORNING)
        for name, role, area in (
            ("planner", "planner", Area("city")), ("manager", "grid_manager", Area("grid", "0101")),
            ("neighbour", "grid_manager", Area("grid", "0102")), ("li", "inspector", Area("grid", "0101")),
            ("wang", "inspector", Area("grid", "0102")),
        )
    ]  # fmt: skip
    worker = Worker(stores, files_of(stores.address), lambda: MORNING)
    with serving(stores, lambda: MORNING, Settings(SECRET, works=False)) as up:
        yield Office(stores, *(up.by(key) for key in keys), worker)


def codes(plan: dict[str, Any], who: str) -> list[str]:
    """Tasks on a route, in order."""
    (route,) = [route for route in plan["routes"] if route["patroller"] == who]
    return [step["code"] for step in route["steps"] if step["code"]]


def test_the_whole_life_of_a_plan(office: Office) -> None:
    """A plan that cannot be made, changed, published and walked is a drawing."""
    plan = office.made(name="早班")
    assert (plan["number"], plan["edition"], plan["state"], plan["name"]) == (1, 1, "proposed", "早班")
    assert {"issue:1"} <= set(codes(plan, "li")) and {"issue:2"} <= set(codes(plan, "wang"))
    lane = next(step for route in plan["routes"] for step in route["steps"] if step["kind"] == "lane")
    assert lane["to"] and lane["length_m"] > 0 and lane["reasons"][0]["zh"]
    way = next(step["way"] for route in plan["routes"] for step in route["steps"] if step["way"])
    assert town.WEST <= way[0][0][0] <= town.WEST + 2 * town.SIDE

    locked = office.change(1, 1, kind="lock", code="issue:1")
    assert locked.status == 200 and locked.headers["ETag"] == '"2."', locked.text
    assert office.change(1, 1, kind="remove", code="issue:2").status == 412
    assert office.planner.send(f"{PLANS}/1/changes", {"kind": "remove", "code": "issue:2"}).status == 428
    urgent = office.change(1, 2, kind="insert", stop=stop("issue:9", 0.3, 0.5, must=True))
    assert urgent.status == 200, urgent.text
    assert "issue:9" in codes(urgent.document, "li") and urgent.document["told"]
    assert [one["change"] for one in urgent.document["editions"]] == ["propose", "lock", "insert"]
    assert office.change(1, 3, kind="remove", code="issue:1").status == 400  # it is locked
    removed = office.change(1, 3, kind="remove", code="issue:2").document
    assert "issue:2" in {one["code"] for one in removed["dropped"]}

    assert office.li.ask(f"{PLANS}/mine").document == {"account": "li", "day": "2026-07-01", "plans": []}
    assert office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match='"3"').status == 412
    assert office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match='"4"').document["state"] == "published"
    own = office.li.ask(f"{PLANS}/mine")
    assert [step["code"] for step in own.document["plans"][0]["steps"] if step["code"]] == codes(removed, "li")
    assert "wang" not in own.text and "issue:2" not in own.text
    assert office.li.ask(f"{PLANS}/1").status == 403

    compared = office.planner.ask(f"{PLANS}/1/comparison?with=1&edition=1&with_edition=4").document
    everybody, li, _ = compared["differences"]
    assert [one["code"] for one in li["gained"]] == ["issue:9"] and li["patroller"] == "li"
    assert [one["code"] for one in everybody["lost"]] == ["issue:2"]
    assert everybody["after"]["tasks"] == everybody["before"]["tasks"]

    for _ in range(2):
        assert office.planner.ask(f"{PLANS}/1/publication", "DELETE").document["state"] == "withdrawn"
    assert office.li.ask(f"{PLANS}/mine").document["plans"] == []
    with office.stores.people() as accounts:
        trail = [one["action"] for one in accounts.trail(before=None, limit=100)]
    assert (trail.count("plan_published"), trail.count("plan_withdrawn")) == (1, 1)


def test_a_night_can_be_changed_until_its_last_shift_ends() -> None:
    """After midnight nothing urgent could be given to whoever is out."""
    zone, hour = town.CITY.zone, 3_600
    after = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time(1), zone)
    assert second_of(TODAY, after, zone, 30 * hour) == 25 * hour
    for until_s in (25 * hour, 17 * hour):
        with pytest.raises(InvalidInput):
            second_of(TODAY, after, zone, until_s)


def test_ways_are_those_of_the_days_movers(office: Office) -> None:
    """Somebody who drove yesterday would change what is told of a day of walkers, and cost as much again."""
    ways, known = PlanWays(Networks()), []
    for mover in ("driving", "walking"):
        day = Day(patrollers=(Patroller(code="li", start=(0.0, 0.0), mover=mover),))
        known.append(list(ways.at(office.stores, 1, day)[1]))
    assert known == [["driving"], ["walking"]]


def test_what_is_told_is_kept_once(office: Office) -> None:
    """Telephones send again what they are not sure of; a double mark would be a second visit."""
    office.made()
    mark = {"code": "issue:1", "event": "done", "at": MORNING.isoformat(), "note": "<b>", "lon": 108.3, "lat": 22.8}
    send = f"{PLANS}/1/marks"
    assert office.li.send(send, {"marks": [mark]}).status == 404  # not published
    assert office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match="*").status == 200
    assert office.li.send(send, {"marks": [mark, mark]}, Idempotency_Key="a").document == {"received": 2, "kept": 1}
    assert office.li.send(send, {"marks": [mark, mark]}, Idempotency_Key="a").document == {"received": 2, "kept": 1}
    assert office.li.send(send, {"marks": [mark]}).document == {"received": 1, "kept": 0}
    assert office.wang.send(send, {"marks": [mark]}).status == 403
    for at in (MORNING + dt.timedelta(hours=1), MORNING - dt.timedelta(days=2)):
        assert office.li.send(send, {"marks": [{**mark, "at": at.isoformat()}]}).status == 400
    (told,) = office.planner.ask(send).document["marks"]
    assert (told["by"], told["event"], told["note"]) == ("li", "done", "<b>")
    assert office.li.ask(f"{PLANS}/mine").document["plans"][0]["marks"] == [told]
    assert office.li.ask(send).status == 403
    changed = office.change(1, 1, kind="insert", stop=stop("issue:9", 0.3, 0.5)).document
    steps = {step["code"]: step for route in changed["routes"] for step in route["steps"]}
    assert steps["issue:1"]["done"] and not steps["issue:9"]["done"]


def test_nobody_plans_in_another_grid(office: Office) -> None:
    """A plan tells where people will be."""
    assert office.manager.send(PLANS, wanted(area="0102", stops=[])).status == 403
    assert office.manager.send(PLANS, wanted(stops=[])).status == 403  # the city
    outside = office.manager.send(PLANS, wanted(area="0101", stops=[stop("issue:2", 1.5, 0.5)]))
    assert outside.status == 400 and outside.document["code"] == "plan_elsewhere"
    plan = office.made(office.manager, area="0101", stops=[])
    assert [route["patroller"] for route in plan["routes"]] == ["li"]
    city = office.made()
    assert [one["number"] for one in office.manager.ask(PLANS).document["plans"]] == [plan["number"]]
    assert [one["number"] for one in office.planner.ask(f"{PLANS}?area=").document["plans"]] == [city["number"]]
    for address in ("", "/marks", "/comparison?with=1"):
        assert office.neighbour.ask(f"{PLANS}/{plan['number']}{address}").status == 404, address
    assert office.manager.ask(f"{PLANS}/{plan['number']}/comparison?with={city['number']}").status == 404
    foreign = office.change(plan["number"], 1, office.manager, kind="insert", stop=stop("issue:9", 1.5, 0.5))
    assert foreign.status == 400 and foreign.document["code"] == "plan_elsewhere"
    assert office.change(plan["number"], 1, office.neighbour, kind="lock", code="x").status == 404
    assert office.neighbour.ask(f"{PLANS}/{plan['number']}/publication", "POST", If_Match="*").status == 404
    assert office.neighbour.ask(PLANS).document["plans"] == []


def test_what_cannot_be_is_told_before(office: Office) -> None:
    """Whoever waits for a search that cannot succeed learns nothing from it."""
    late = stop("issue:3", 0.5, 0.5, windows=[[0, 3_600]])
    for said, code in (
        ({"stops": [late]}, "plan_window_past"),
        ({"stops": [stop("issue:3", 0.5, 60.0)]}, "plan_off_network"),
        ({"shift": [61_200, 28_800]}, "plan_shift"),
        ({"patrollers": [{"code": "li"}], "stops": [stop(f"s:{n}", 0.5, 0.5) for n in range(5_000)]}, "plan_too_much"),
    ):
        reply = office.planner.send(PLANS, wanted(**said), Accept_Language="zh")
        assert (reply.status, reply.document["code"]) == (422, code), reply.text
        assert reply.document["title"] == "所请求的内容无法完成"
    past = office.planner.send(PLANS, wanted(day="2026-06-30"))
    assert (past.status, past.document["code"]) == (400, "plan_past")
    assert office.planner.ask("/api/v1/jobs").document["jobs"] == []
    anyway = office.made(stops=[late], anyway=True)
    assert "issue:3" in {one["code"] for one in anyway["dropped"]} and anyway["told"]


def test_asked_twice_it_is_one_job_and_the_same_plan(office: Office) -> None:
    one, two = (office.planner.send(PLANS, wanted(), Idempotency_Key="k") for _ in range(2))
    assert one.document["id"] == two.document["id"]
    first, second = office.made(), office.made()
    assert first["routes"] == second["routes"] and first["number"] != second["number"]


def test_a_job_that_is_stopped_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a plan would send people out for half a day."""
    reply = office.planner.send(PLANS, wanted())
    search = planning.plan_day

    def stopping(*given: Any, **named: Any) -> Any:
        assert office.planner.ask(reply.headers["Location"], "DELETE").status == 204
        return search(*given, **named)

    monkeypatch.setattr(planning, "plan_day", stopping)
    assert office.worker.work()
    assert office.planner.ask(reply.headers["Location"]).document["state"] == "cancelled"
    assert office.counts() == (0, 0, 0)


def test_a_plan_that_is_wrong_is_not_stored(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the checker finds is said, and nobody is sent out by it."""
    search = planning.plan_day

    def wrong(*given: Any, **named: Any) -> Any:
        plan = search(*given, **named)
        return replace(plan, routes=plan.routes[:1])

    monkeypatch.setattr(planning, "plan_day", wrong)
    job = office.job()
    assert job["state"] == "failed" and job["fault"]["code"].startswith("fault_"), job
    assert office.counts() == (0, 0, 0)


def test_a_worker_that_is_killed_leaves_nothing_half(office: Office) -> None:
    """A plan without its edition could not be read; the next worker makes it whole."""
    reply = office.planner.send(PLANS, wanted())
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_STORING, office.stores.url, MORNING.isoformat()], timeout=120, check=False,
        capture_output=True,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert office.counts() == (0, 0, 0)
    later = MORNING + LEASE + dt.timedelta(seconds=1)
    assert Worker(office.stores, files_of(office.stores.address), lambda: later).work()
    assert office.planner.ask(reply.headers["Location"]).document["state"] == "done"
    assert office.counts() == (1, 1, 0)


def test_a_job_done_twice_stores_one_plan(office: Office) -> None:
    """A worker may die after it has stored and before it has said so."""
    said = Written(version=1, day={}, plan={}, change={})
    head = {"day": TODAY, "area": "", "name": "", "asked": {}}
    with office.stores.write() as store:
        assert {put_plan(store, head, said, "planner", MORNING, 7) for _ in range(2)} == {1}
    assert office.counts() == (1, 1, 0)


def test_patterns_are_kept_for_ones_area(office: Office) -> None:
    at = "/api/v1/plan-patterns/morning"
    said = {"name": "早班", "kind": "recurring", "area": "0101", "weekdays": [0, 2],
            "asked": {"kinds": [], "stops": [stop("issue:5", 0.5, 0.5)]}}  # fmt: skip
    assert office.manager.send(at, {**said, "area": "0102"}, "PUT").status == 403
    for _ in range(2):
        kept = office.manager.send(at, said, "PUT")
        assert kept.status == 200 and kept.document["asked"]["kinds"] == [], kept.text
    assert office.neighbour.ask(at).status == 404
    assert office.neighbour.send(at, {**said, "area": "0102"}, "PUT").status == 403
    assert [one["code"] for one in office.planner.ask("/api/v1/plan-patterns").document["patterns"]] == ["morning"]
    reply = office.manager.send(PLANS, {"day": TODAY.isoformat(), "area": "0101", "pattern": "morning"})
    assert reply.status == 202, reply.text
    while office.worker.work():
        pass
    assert codes(office.manager.ask(f"{PLANS}/1").document, "li") == ["issue:5"]
    assert office.neighbour.ask(at, "DELETE").status == 404
    assert office.manager.ask(at, "DELETE").status == 204
    assert office.manager.ask(at).status == 404


@pytest.mark.parametrize(
    ("stops", "streets"),
    [
        ([], True), ([stop("issue:1", 0.5, 0.5)], True),
        ([stop("issue:1", 0.5, 0.5, windows=[[30_000, 43_200]])], False),
    ],
)  # fmt: skip
def test_days_for_either_search_are_stored(office: Office, stops: list[dict[str, Any]], streets: bool) -> None:
    """A day of lanes alone would be refused by the search for visits' windows, or the other way round."""
    plan = office.made(stops=stops, seconds=20)
    with office.stores.read() as store:
        assert suits_streets(loosened(read_day(store.session.scalars(select(PlanEdition.day)).one()))) == streets
    done = {code for route in plan["routes"] for code in codes(plan, route["patroller"])}
    assert {one["code"] for one in stops} <= done and any(code.startswith("lane:") for code in done)


def keep(office: Office, kind: str, **said: Any) -> Reply:
    """A pattern of 0101, kept."""
    asked = {"patrollers": [{"code": "li"}], **said.pop("asked", {})}
    said = {"name": "一号线", "kind": kind, "area": "0101", "asked": asked, **said}
    return office.manager.send(f"/api/v1/plan-patterns/{kind}", said, "PUT")


def by_pattern(office: Office, pattern: str, **said: Any) -> Reply:
    """A plan of today asked for by a pattern."""
    return office.manager.send(PLANS, {"day": TODAY.isoformat(), "pattern": pattern, **said}, Accept_Language="en")


def publish_markets(stores: Stores) -> None:
    """Two markets in 0101."""
    markets = town.rows(code=["M1", "M2"], name=["东市场", "南市场"], type=["market"] * 2,
                        geometry=[town.cell(0.2, 0.5, 0.1, 0.1), town.cell(0.6, 0.5, 0.1, 0.1)])  # fmt: skip
    with stores.publishing() as store:
        town.publish(store, places=markets)


def test_a_pattern_recurs_on_its_days(office: Office) -> None:
    """People would be sent out on a holiday."""
    assert keep(office, "recurring").document["code"] == "pattern_empty"
    wednesday = {"weekdays": [2], "without": [TODAY.isoformat()]}
    for days in ({"weekdays": [0]}, {"dates": ["2026-07-02"]}, wednesday):
        assert keep(office, "recurring", **days).status == 200
        reply = by_pattern(office, "recurring")
        assert (reply.status, reply.document["code"]) == (400, "pattern_day"), reply.text
    assert "(0 is Monday) 2" in reply.document["detail"]
    kept = keep(office, "recurring", weekdays=[0], dates=[TODAY.isoformat()]).document
    assert (kept["weekdays"], kept["dates"], kept["without"]) == ([0], [TODAY.isoformat()], [])
    assert by_pattern(office, "recurring").status == 202


def test_a_showcase_is_walked_as_it_is_written(office: Office) -> None:
    """Guests would be shown the places in whatever order is shortest."""
    publish_markets(office.stores)
    assert keep(office, "showcase").document["code"] == "pattern_empty"
    assert keep(office, "showcase", asked={"places": ["M2", "M1", "M2"]}).status == 200
    assert by_pattern(office, "showcase", shift=[28_800, 28_900]).status == 422
    assert by_pattern(office, "showcase").status == 202
    while office.worker.work():
        pass
    plan = office.manager.ask(f"{PLANS}/1").document
    assert codes(plan, "li") == ["showcase:1:M2", "showcase:2:M1", "showcase:3:M2"]
    assert "一号线" in plan["routes"][0]["steps"][1]["reasons"][0]["zh"] and plan["area"] == "0101"
    leaders = office.planner.send(PLANS, {"day": TODAY.isoformat(), "showcase": "x", "places": ["M1"]})
    assert (leaders.status, leaders.document["code"]) == (422, "showcase_one"), "two would lead"


def test_a_draw_is_looked_at_and_nothing_else(office: Office) -> None:
    """An inspection that visits what is due anyway is foreseen."""
    publish_markets(office.stores)
    assert keep(office, "draw").document["code"] == "pattern_empty"
    assert keep(office, "draw", asked={"draw": {"market": 1}}).status == 200
    assert by_pattern(office, "draw").status == 202
    while office.worker.work():
        pass
    (code,) = codes(office.manager.ask(f"{PLANS}/1").document, "li")
    assert code in ("place:M1", "place:M2")


def test_only_ones_own_people_are_sent_out(office: Office) -> None:
    """A manager would send out the neighbour's inspectors."""
    said = wanted(area="0101", patrollers=[{"code": "li"}, {"code": "wang"}], stops=[])
    reply = office.manager.send(PLANS, said)
    assert (reply.status, reply.document["code"]) == (400, "plan_patroller_elsewhere"), reply.text
    assert office.planner.send(PLANS, said).status == 202, "who plans everywhere may"


def test_a_reason_without_a_text_is_shown_by_its_key() -> None:
    """A plan of years ago could not be read any more."""
    assert reason_said(Reason("reason_of_old", {"days": 3})) == {"en": "reason_of_old", "zh": "reason_of_old"}


@pytest.mark.parametrize(("lang", "words"), [("zh", "2026-07-01"), ("en", "1 people")])
def test_a_day_is_planned_from_the_command_line(
    founded_stores: Stores, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    lang: str, words: str,
) -> None:  # fmt: skip
    """Who has no browser plans all the same, and prints."""
    patrolled.found(founded_stores)
    join(founded_stores, "li", Grant("inspector", Area("grid", "0101")), now=MORNING)
    monkeypatch.setattr("api.commands.plan.now", lambda: MORNING)
    given = ["--store", founded_stores.url, "--lang", lang]
    publish_markets(founded_stores)
    wants = {"kinds": ["lane"], "stops": [stop("place:M1", 0.25, 0.5, place="M1", must=True)]}
    with founded_stores.write() as store:
        row = {"name": "", "kind": "recurring", "area": "0101", "asked": {"weekdays": [2], **wants}}
        put_pattern(store, "early", row, "planner", MORNING)
    asked = ["plan", "--pattern", "early", "--iterations", "20", "--out", str(tmp_path / "out")]
    main([*given, *asked])
    said = capsys.readouterr().out
    assert words in said and "li" in said
    kinds = {one.suffix for one in (tmp_path / "out").iterdir() if one.is_file()}
    assert kinds == {".geojson", ".xlsx", ".gpx", ".html"}
    sheet = tmp_path / "out" / "route-1.html"
    assert "东市场" in sheet.read_text("utf-8") or "place:M1" in sheet.read_text("utf-8")
    bare = sheet.read_text("utf-8").count("<svg")
    assert (sheet.parent / "assets" / "sheet.css").is_file()
    main([*given, "--json", *asked, "--site", "https://grid.example.cn/"])
    assert sheet.read_text("utf-8").count("<svg") == bare + 1, "a QR code where it is known what it leads to"
    document = json.loads(capsys.readouterr().out)
    assert document["number"] == 2 and [route["patroller"] for route in document["routes"]] == ["li"]


def test_the_code_of_a_plate_proves_a_visit(office: Office) -> None:
    """Somebody who scanned the plate would have to say it twice, or be believed without it."""
    markets = town.rows(code=["M1", "M2"], name=["东市场", "南市场"], type=["market"] * 2,
                        geometry=[town.cell(0.2, 0.5, 0.1, 0.1), town.cell(0.6, 0.5, 0.1, 0.1)])  # fmt: skip
    with office.stores.publishing() as store:
        town.publish(store, places=markets)
    with office.stores.write() as store:
        tokens = tokens_of(store, ["M1", "M2"], "somebody", MORNING)
    office.made(stops=[stop("place:M1", 0.25, 0.5, place="M1"), stop("issue:1", 0.5, 0.5)])
    office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match="*")
    mark = {"code": "place:M1", "event": "arrived", "at": MORNING.isoformat(), "token": tokens["M1"]}
    for wrong in ({"token": tokens["M2"]}, {"code": "issue:1"}, {"event": "skipped"}, {"token": "x"}):
        reply = office.li.send(f"{PLANS}/1/marks", {"marks": [{**mark, **wrong}]})
        assert reply.status in (400, 404), reply.text
    assert office.planner.ask("/api/v1/check-ins").document["check_ins"] == []
    for _ in range(2):
        assert office.li.send(f"{PLANS}/1/marks", {"marks": [mark]}).status == 200
    (visit,) = office.planner.ask("/api/v1/check-ins").document["check_ins"]
    assert visit["place"] == "M1"
    assert office.counts() == (1, 1, 1)
