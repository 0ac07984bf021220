"""Check-ins by the code at a place and by positions, and how the quotas of places stand."""

import datetime as dt
from collections.abc import Iterator
from threading import Thread
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from gis_core.crs import to_lonlat, to_metres, wgs84_to_gcj02
from gis_core.permissions import Area, Grant
from layers.check_ins import check_ins, put_check_ins
from layers.people import UserAccount
from layers.plates import tokens_of
from layers.stores import Stores
from tests import town
from tests.api.test_doors import Clock
from tests.serving import Reply, Server, join, serving

MORNING = dt.datetime(2026, 7, 1, 8, 0, tzinfo=town.CITY.zone)
CHECK_INS = "/api/v1/check-ins"


def fill(stores: Stores) -> dict[str, str]:
    """A market in each of two units and a shop; the tokens of their plates."""
    with stores.publishing() as store:
        places = town.rows(
            code=["M1", "M2", "D1"], name=["东市场", "西市场", "一店"], type=["market", "market", "shop"],
            geometry=[town.cell(0.2, 0.2, 0.5, 0.3), town.cell(1.2, 0.2, 0.5, 0.3), town.Point(town.WEST, town.SOUTH)],
        )  # fmt: skip
        town.publish(store, places=places)
    with stores.write() as store:
        return tokens_of(store, ["M1", "M2", "D1"], "somebody", town.NOW)


@pytest.fixture
def clock() -> Clock:
    found = Clock()
    found.now = at("12:00")
    return found


@pytest.fixture
def tokens(founded_stores: Stores) -> dict[str, str]:
    return fill(founded_stores)


@pytest.fixture
def server(founded_stores: Stores, tokens: dict[str, str], clock: Clock) -> Iterator[Server]:
    with serving(founded_stores, clock) as up:
        yield up


def at(time: str, days: int = 0) -> dt.datetime:
    """A local time of the first of July, or of a day after it."""
    hours, minutes = map(int, time.split(":"))
    return MORNING.replace(hour=hours, minute=minutes) + dt.timedelta(days=days)


def inspector(server: Server, stores: Stores, name: str, body: str | None = None, unit: str = "0101") -> Server:
    """The server as an inspector of a body asks it."""
    key = join(stores, name, Grant("inspector", Area("grid", unit) if unit else Area("city")))
    if body is not None:
        with stores.people(writes=True) as accounts:
            accounts.session.execute(update(UserAccount).where(UserAccount.name == name).values(organisation=body))
    return server.by(key)


def scan(asked: Server, token: str, event: str, when: dt.datetime, **headers: str) -> Reply:
    """The code at a place, scanned."""
    return asked.send(CHECK_INS, {"token": token, "event": event, "at": when.isoformat()}, **headers)


def visit(asked: Server, token: str, begun: str, minutes: float = 10, days: int = 0) -> dict[str, Any]:
    """A whole visit; what came of it."""
    scan(asked, token, "arrive", at(begun, days))
    left = scan(asked, token, "leave", at(begun, days) + dt.timedelta(minutes=minutes))
    assert left.status == 201, left.text
    return dict(left.document)


def kept(stores: Stores) -> list[tuple[Any, ...]]:
    """All check-ins: place, carrier, body, by, when from and until."""
    with stores.read() as store:
        found = check_ins(store.session, at("00:00", -40), at("00:00", 2)).drop(columns="id")
    found = found.astype(object).where(found.notna(), None)
    return [tuple(row) for row in found.itertuples(index=False)]


def test_four_visits_by_four_bodies(
    server: Server, founded_stores: Stores, tokens: dict[str, str], clock: Clock
) -> None:
    """一日四督查: nobody would know whether it was done, or by whom it was not."""
    clock.now = at("20:00")
    bodies = {body: inspector(server, founded_stores, f"of.{body}", body) for body in ("A", "B", "C", "D")}
    first = scan(bodies["A"], tokens["M1"], "arrive", at("08:00")).document
    assert (first["counts"], first["reason"], first["left_at"]) == (False, "open", None)
    done = visit(bodies["A"], tokens["M1"], "08:00")
    assert done["counts"] and done["name"] == "东市场"
    assert (done["quota"]["done"], done["quota"]["required"], done["quota"]["bodies"]) == (1, 4, 1)
    again = visit(bodies["A"], tokens["M1"], "10:00")
    assert (again["reason"], again["quota"]["done"]) == ("body", 1)
    assert visit(bodies["B"], tokens["M1"], "11:00", minutes=4)["reason"] == "short"
    for body, begun in (("B", "12:00"), ("C", "14:00")):
        assert visit(bodies[body], tokens["M1"], begun)["counts"]
    assert visit(bodies["D"], tokens["M1"], "14:30")["reason"] == "soon"
    last = visit(bodies["D"], tokens["M1"], "16:00")
    assert (last["quota"]["state"], last["quota"]["bodies"]) == ("done", 4)
    assert visit(bodies["D"], tokens["M1"], "18:00")["reason"] == "enough"
    clock.now = at("09:00", 1)
    (today,) = bodies["A"].ask("/api/v1/quotas?state=due").document["quotas"]
    assert (today["place"], today["done"], today["state"]) == ("M1", 0, "due")
    (before,) = bodies["A"].ask("/api/v1/quotas?day=2026-07-01").document["quotas"]
    assert (before["done"], before["state"]) == (4, "done")


def test_what_comes_late_or_twice_or_in_another_order_is_the_same(
    server: Server, founded_stores: Stores, tokens: dict[str, str]
) -> None:
    """A telephone that was offline, sent twice, or sent the leaving first, would have another day."""
    asked = inspector(server, founded_stores, "li", "U01")
    held = scan(asked, tokens["M1"], "leave", at("08:10", -30))
    assert held.status == 201 and held.document["reason"] == "short" and held.document["quota"]["state"] == "missed"
    for _ in range(2):
        late = scan(asked, tokens["M1"], "arrive", at("08:00", -30), Idempotency_Key="k")
        assert late.status == 201 and late.document["counts"]
        scan(asked, tokens["M1"], "leave", at("08:10", -30))
    assert scan(asked, tokens["M1"], "arrive", at("09:00"), Idempotency_Key="k").status == 409
    visit(asked, tokens["M1"], "09:00")
    scan(asked, tokens["M1"], "arrive", at("09:02"))
    expected = [("M1", "li", "U01", "qr", *when) for when in (
        (at("08:00", -30), at("08:10", -30)), (at("09:00"), None), (at("09:02"), at("09:10")),
    )]  # fmt: skip
    assert kept(founded_stores) == expected, "of two telephones the later coming: nobody was there for longer"
    assert asked.send(CHECK_INS, {"token": tokens["M1"], "event": "arrive"}).document["arrived_at"] is not None


def test_what_is_refused_says_why(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """A foreign code, a shop's plate or a wrong clock would be taken for a visit."""
    asked = inspector(server, founded_stores, "li")
    for token, when, status, code in (
        ("x" * 22, at("10:00"), 404, "check_in_token"), (tokens["M2"], at("10:00"), 403, "check_in_area"),
        (tokens["D1"], at("10:00"), 400, "quota_none"), (tokens["M1"], at("12:06"), 400, "check_in_future"),
        (tokens["M1"], at("11:59", -31), 400, "check_in_when"),
    ):  # fmt: skip
        reply = scan(asked, token, "arrive", when)
        assert (reply.status, reply.document["code"]) == (status, code), reply.text
    assert not kept(founded_stores)
    auditor = server.by(join(founded_stores, "auditor", Grant("auditor", Area("city"))))
    assert scan(auditor, tokens["M1"], "arrive", at("10:00")).status == 403
    for said in ({"token": tokens["M1"]}, {"place": "M1"}, {"token": tokens["M1"], "event": "arrive", "at": "10:00"}):
        assert asked.send(CHECK_INS, said).status == 400


def test_nobody_is_at_two_places_at_once(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """One telephone could be carried about while another one stays."""
    asked = inspector(server, founded_stores, "li", unit="")
    visit(asked, tokens["M1"], "09:00", minutes=30)
    refused = scan(asked, tokens["M2"], "arrive", at("09:10"))
    assert refused.status == 409 and "东市场" in refused.text and "09:00" in refused.text and "09:30" in refused.text
    assert scan(asked, tokens["M2"], "arrive", at("09:30")).status == 201, "on the way out"
    assert scan(asked, tokens["M1"], "leave", at("09:40")).status == 201
    scan(asked, tokens["M1"], "arrive", at("10:00"))
    assert scan(asked, tokens["M2"], "leave", at("10:10")).status == 409


INSIDE = np.array([45.0, 35.0])
"""Metres east and north of the town's corner, in the eastern market."""


def fence(
    asked: Server, metres: list[Any], *, place: str = "M1", begun: str = "10:00", every_s: float = 60,
    accuracy_m: float = 8, moved: Any = lambda lonlat: lonlat, **said: Any,
) -> Reply:  # fmt: skip
    """Positions from a telephone, sent."""
    corner = to_metres(np.array([[town.WEST, town.SOUTH]]), town.CITY.metric_srid)
    lonlat = moved(to_lonlat(corner + np.array(metres), town.CITY.metric_srid))
    times = [at(begun) + dt.timedelta(seconds=every_s * n) for n in range(len(metres))]
    positions = [{"t": when.isoformat(), "lon": lon, "lat": lat, "accuracy_m": accuracy_m}
                 for when, (lon, lat) in zip(times, lonlat.tolist(), strict=True)]  # fmt: skip
    span = {"arrived_at": times[0].isoformat(), "left_at": times[-1].isoformat()}
    return asked.send(CHECK_INS, {"place": place, "positions": positions, **span, **said})


def test_positions_prove_a_visit(server: Server, founded_stores: Stores) -> None:
    """Where no code hangs nobody could check in; or the path somebody took would be kept."""
    asked = inspector(server, founded_stores, "li", "U01")
    for _ in range(2):
        sent = fence(asked, [INSIDE] * 11)
        assert sent.status == 201 and sent.document["counts"], sent.text
    assert kept(founded_stores) == [("M1", "li", "U01", "geofence", at("10:00"), at("10:10"))]
    for code, reply in {
        "fence_outside": fence(asked, [(400.0, 35.0)] * 11),
        "fence_accuracy": fence(asked, [INSIDE] * 11, accuracy_m=51),
        "fence_gaps": fence(asked, [INSIDE] * 2, every_s=660),
        "fence_datum": fence(asked, [INSIDE] * 11, moved=wgs84_to_gcj02),
        "check_in_order": fence(asked, [INSIDE] * 2, left_at=at("09:59").isoformat()),
    }.items():  # fmt: skip
        assert (reply.status, reply.document["code"]) == (400, code), reply.text
    assert fence(asked, [INSIDE] * 11, begun="08:00", moved=wgs84_to_gcj02, datum="gcj02").status == 201
    assert fence(asked, [INSIDE] * 11, place="M2").status == 404


def test_a_walk_along_the_street_is_no_visit(server: Server, founded_stores: Stores) -> None:
    """Street GPS cannot prove an indoor visit: a market would be inspected by whoever goes past it."""
    asked = inspector(server, founded_stores, "li")
    walk = [(x, 10.0) for x in np.arange(-300.0, 400.0, 13.0)]
    assert fence(asked, walk, every_s=10).document["code"] == "fence_outside"
    near = [(x, y) for x, y in walk if -5 <= x <= 95]
    passed = fence(asked, near, every_s=10)
    assert passed.status == 201 and passed.document["reason"] == "short" and passed.document["quota"]["done"] == 0


def test_names_are_for_those_who_may_see_tracks(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """A colleague's whole day could be read from a list."""
    li, wang = (inspector(server, founded_stores, name, "U01") for name in ("li", "wang"))
    visit(li, tokens["M1"], "09:00")
    visit(wang, tokens["M1"], "10:30")
    manager = server.by(join(founded_stores, "manager", Grant("grid_manager", Area("grid", "0101"))))
    planner = server.by(join(founded_stores, "planner", Grant("planner", Area("city"))))
    elsewhere = server.by(join(founded_stores, "planner2", Grant("planner", Area("grid", "0102"))))
    told = [
        asked.ask(f"{CHECK_INS}?day=2026-07-01").document["check_ins"] for asked in (li, manager, planner, elsewhere)
    ]
    assert [[one["carrier"] for one in some] for some in told] == [["li", None], [None, None], ["li", "wang"], []]
    (first,) = manager.ask(f"{CHECK_INS}?place=M1&limit=1").document["check_ins"]
    assert (first["body"], first["counts"], first["arrived_at"]) == ("U01", True, "2026-07-01T01:00:00Z")
    rest = manager.ask(f"{CHECK_INS}?place=M1&limit=1&after={first['id']}").document
    assert [one["reason"] for one in rest["check_ins"]] == ["body"] and rest["next"] is None
    assert manager.ask(f"{CHECK_INS}?place=M2").document["check_ins"] == []
    assert (
        manager.ask(f"{CHECK_INS}?day=2026-07-02").status == manager.ask("/api/v1/quotas?day=2026-07-02").status == 400
    )


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar(server: Server, founded_stores: Stores, day: str) -> None:
    """A slip of the keyboard would be a fault of the server."""
    asked = server.by(join(founded_stores, "manager", Grant("grid_manager", Area("city"))))
    for path in (CHECK_INS, "/api/v1/quotas"):
        reply = asked.ask(f"{path}?day={day}")
        assert (reply.status, reply.document.get("code")) == (400, "parameter_invalid") and day in reply.text, path


def test_quotas_by_day_type_cell_and_state(server: Server, founded_stores: Stores) -> None:
    """Somebody would be told of markets that are not theirs."""
    planner = server.by(join(founded_stores, "planner", Grant("planner", Area("city"))))
    mine = inspector(server, founded_stores, "li")

    def places(asked: Server, query: str) -> list[str]:
        return [one["place"] for one in asked.ask(f"/api/v1/quotas?{query}").document["quotas"]]

    assert places(planner, "") == ["M1", "M2"] and places(mine, "") == ["M1"]
    assert places(planner, "grid=0102") == ["M2"] and places(planner, "grid=01") == ["M1", "M2"]
    assert places(mine, "grid=0102") == places(planner, "type=mall") == places(planner, "state=done") == []
    assert places(planner, "state=overdue&type=market") == ["M1", "M2"]


def test_how_a_place_stood_on_the_days_before(
    server: Server, founded_stores: Stores, tokens: dict[str, str], clock: Clock
) -> None:
    """A bad day could not be told from a bad month; or a digest would miss a market that nobody visited."""
    asked = inspector(server, founded_stores, "li")
    visit(asked, tokens["M1"], "09:00", days=-1)
    told = asked.ask("/api/v1/quotas/M1/history?periods=3").document["quotas"]
    assert [(one["begins"], one["done"], one["state"]) for one in told] == [
        ("2026-06-29", 0, "missed"), ("2026-06-30", 1, "missed"), ("2026-07-01", 0, "overdue")
    ]  # fmt: skip
    for code, status in (("M2", 404), ("D1", 400)):
        assert asked.ask(f"/api/v1/quotas/{code}/history").status == status


def test_two_telephones_at_the_same_moment(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """The same coming would be there twice, or one of the two be lost."""
    asked = inspector(server, founded_stores, "li", "U01", unit="")
    replies: list[int] = []

    def send(token: str, event: str, when: dt.datetime) -> None:
        replies.append(scan(asked, token, event, when).status)

    told = [("M1", "arrive", "09:00"), ("M1", "leave", "09:10"), ("M1", "arrive", "09:00"), ("M1", "leave", "09:10")]
    threads = [Thread(target=send, args=(tokens[place], event, at(time))) for place, event, time in told]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert replies == [201] * 4 and kept(founded_stores) == [("M1", "li", "U01", "qr", at("09:00"), at("09:10"))]


def test_two_places_at_the_same_moment(server: Server, founded_stores: Stores) -> None:
    """Sent at once, neither of two stays would know of the other."""
    asked = inspector(server, founded_stores, "li", "U01", unit="")
    replies: list[int] = []
    there = {"M1": INSIDE, "M2": INSIDE + [102.6, 0.0]}

    def send(place: str) -> None:
        replies.append(fence(asked, [there[place]] * 11, place=place).status)

    threads = [Thread(target=send, args=(place,)) for place in ("M1", "M2", "M1", "M2")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(replies) == [201, 201, 409, 409] and len(kept(founded_stores)) == 1


def test_a_place_that_is_gone_takes_no_visits(
    server: Server, founded_stores: Stores, tokens: dict[str, str], clock: Clock
) -> None:
    """A market would be overdue for ever that was pulled down; or the days before would be forgotten."""
    asked = inspector(server, founded_stores, "li")
    visit(asked, tokens["M1"], "09:00")
    with founded_stores.publishing() as store:
        gone = town.rows(code=["M1"], name=["东市场"], type=["market"], geometry=[town.cell(0.2, 0.2, 0.5, 0.3)],
                         valid_to=[dt.date(2026, 7, 1)])  # fmt: skip
        town.publish(store, places=gone)
    clock.now = at("12:00", 1)
    assert scan(asked, tokens["M1"], "arrive", at("09:00", 1)).document["code"] == "check_in_area"
    assert server.ask(f"/d/{tokens['M1']}").status == 404
    assert asked.ask("/api/v1/quotas").document["quotas"] == []
    assert asked.ask("/api/v1/quotas?day=2026-07-01").document["quotas"][0]["done"] == 1


def test_check_ins_in_bulk(founded_stores: Stores, tokens: dict[str, str]) -> None:
    """A demo or an import could not fill a month, or would fill it twice."""
    rows = [{"place": "M1", "carrier": f"c{n}", "body": f"B{n}", "by": "geofence", "arrived_at": at("09:00"),
             "left_at": at("09:10")} for n in range(300)]  # fmt: skip
    for _ in range(2):
        with founded_stores.write() as store:
            put_check_ins(store.session, rows, town.NOW)
    assert len(kept(founded_stores)) == 300
