"""Front doors over HTTP: figures, one street, repeats, and one shop, each within one's area."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from shapely.geometry import box

from api.maps import page_data
from gis_core.permissions import Area, Grant
from layers.finding import violation_days
from layers.stores import Stores
from tests import town
from tests.serving import Server, join, serving

SHOPS = {"D1": (0.5, "甲"), "D2": (1.5, "乙"), "D3": (1.04, "丙")}
"""Column and person in charge; the strip of D3, in 0102, begins in 0101."""


def fill(stores: Stores) -> None:
    """Three shops along the street, two of them signed, and litter before two of them."""
    with stores.publishing() as store:
        side = town.SIDE
        at = {code: (town.WEST + column * side, town.SOUTH + 0.95 * side) for code, (column, _) in SHOPS.items()}
        ground = [box(x - 0.06 * side, y, x + 0.06 * side, y + 0.03 * side) for x, y in at.values()]
        shapes = [town.MultiPolygon([one]) for one in ground]
        shops = town.rows(code=list(SHOPS), name=["一店", "二店", "三店"], type=["shop"] * 3,
                          geometry=[town.Point(*one) for one in at.values()])  # fmt: skip
        town.publish(store, places=shops)
        revision = store.revise(town.NOW, "doors")
        fronts = [[{"street": "S1", "side": "right", "from_m": 60.0 * n, "to_m": 60.0 * n + 10, "length_m": 10.0}]
                  for n in range(3)]  # fmt: skip
        people = [one + "负责人" for _, one in SHOPS.values()]
        frames = {
            "tags": town.rows(key=["t"], tag_group=["door"], tag=["x"], scheme=["town"], kind=["matter"], code=["a"]),
            "shops": town.rows(code=list(SHOPS), person=people, plate=list("123")),
            "agreements": town.rows(code=["A1", "A3"], shop=["D1", "D3"]),
            "frontages": town.rows(code=list(SHOPS), kind=["shop"] * 3, origin=["derived"] * 3, kerb_m=[10.0] * 3,
                                   shops=[[one] for one in SHOPS], responsible=list(SHOPS), area_m2=[50.0] * 3,
                                   fronts=fronts, geometry=shapes),
        }  # fmt: skip
        for table, frame in frames.items():
            assert not len(store.put(table, frame, revision).rejects), table
    with stores.write() as store:
        for first, (column, count) in enumerate(((0.5, 3), (1.5, 1))):
            issues = town.issues(count, column=column, row=0.96, first=10 * first, reported_at="2026-06-20T02:00Z")
            store.add_issues(town.answered(store, issues), town.NOW)


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    fill(founded_stores)
    with serving(founded_stores) as up:
        yield up


def test_figures_of_a_street_and_of_cells(server: Server, founded_stores: Stores) -> None:
    commander = server.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    (street,) = commander.ask("/api/v1/doors/figures?by=street&days=30").document["figures"]
    said = {
        name: street[name] for name in ("code", "name", "signed_m", "unsigned_m", "units", "signed_units", "violations")
    }
    assert said == {"code": "S1", "name": "中街", "signed_m": 20.0, "unsigned_m": 10.0, "units": 3, "signed_units": 2,
                    "violations": 4}  # fmt: skip
    assert (
        street["per_100_m"] == pytest.approx(4 / 0.3, abs=1e-3) and street["low"] < street["per_100_m"] < street["high"]
    )
    units = {one["code"]: one for one in commander.ask("/api/v1/doors/figures?by=unit&days=30").document["figures"]}
    assert units["0101"]["violations"] == 3 and units["0102"]["violations"] == 1
    assert commander.ask("/api/v1/doors/figures?days=1").document["figures"][0]["violations"] == 0
    assert commander.ask("/api/v1/doors/figures?by=moon").status == 400
    chart = commander.ask("/api/v1/doors/streets/S1?days=30").document
    assert [(one["strip"], one["state"], one["violations"]) for one in chart["right"]] == [
        ("D1", "signed", 3), ("D2", "unsigned", 1), ("D3", "signed", 0),
    ] and chart["left"] == []  # fmt: skip
    assert commander.ask("/api/v1/doors/streets/S9").status == 404
    (again,) = commander.ask("/api/v1/doors/repeats?days=30").document["strips"]
    assert (again["strip"], again["name"], again["violations"]) == ("D1", "一店", 3)


def test_one_shop_and_who_is_in_charge(server: Server, founded_stores: Stores) -> None:
    """Whoever may see people in one grid would read those of the next one as well."""
    mixed = join(founded_stores, "mixed", Grant("grid_manager", Area("grid", "0101")))
    own = server.by(mixed).ask("/api/v1/doors/shops/D1?days=30").document
    assert (own["person"], own["plate"], own["state"], own["violations"]) == ("甲负责人", "1", "signed", 3)
    assert own["duties"] == ["tag:door"] and [one["code"] for one in own["agreements"]] == ["A1"]
    assert server.by(mixed).ask("/api/v1/doors/shops/D2").status == 404
    with founded_stores.people(writes=True) as accounts:
        (user,) = (one for one in accounts.users() if one.name == "mixed")
        accounts.grant(user, Grant("inspector", Area("grid", "0102")))
    assert server.by(mixed).ask("/api/v1/doors/shops/D1").document["person"] == "甲负责人"
    assert server.by(mixed).ask("/api/v1/doors/shops/D2").document["person"] == "乙＊＊", "only an inspector there"


def test_a_strip_that_reaches_over_the_border_is_signed_on_both_sides(server: Server, founded_stores: Stores) -> None:
    neighbour = server.by(join(founded_stores, "neighbour", Grant("grid_manager", Area("grid", "0101"))))
    parts = neighbour.ask("/api/v1/doors/streets/S1").document["right"]
    assert {one["strip"]: one["state"] for one in parts} == {"D1": "signed", "D3": "signed"}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = town.NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def on(self, days: float) -> None:
        """Go on by some days."""
        self.now += dt.timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(founded_stores: Stores, clock: Clock) -> Iterator[Server]:
    fill(founded_stores)
    with serving(founded_stores, clock) as up:
        yield up


def put(stores: Stores, **tables: pd.DataFrame) -> None:
    """Registers of a new revision."""
    with stores.publishing() as store:
        revision = store.revise(town.NOW, "more")
        for table, frame in tables.items():
            assert not len(store.put(table, frame, revision).rejects), table


def notices(server: Server, shop: str, times: int, clock: Clock, category: str = "a") -> list[Any]:
    """What came of notices a day apart."""
    found = []
    for nth in range(times):
        clock.on(1)
        path = f"/api/v1/doors/shops/{shop}/notices"
        found.append(server.send(path, {"category": category}, Idempotency_Key=f"{shop}-{clock.now:%d}-{nth}").document)
    return found


def test_notice_warning_case(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """The third notice would be another piece of paper, or a retry be the fourth."""
    inspector = timed.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    steps = notices(inspector, "D2", 3, clock)
    assert [one["step"] for one in steps] == ["notice", "warning", "case"]
    assert [one["issue"] for one in steps[:2]] == [None, None]
    case = inspector.ask(f"/api/v1/issues/{steps[2]['issue']}").document
    said = {name: case[name] for name in ("rule", "responsible", "frontage", "channel")}
    assert said == {"rule": "front_door", "responsible": "D2", "frontage": "D2", "channel": "front_door"}
    assert "二店" in case["description"] and "D2" in case["description"] and "甲类" in case["description"]
    assert (steps[2]["rule"], steps[2]["responsible"], case["responsible_kind"]) == ("front_door", "D2", "shop")
    why = inspector.ask(f"/api/v1/issues/{steps[2]['issue']}/explanation?lang=zh").text
    assert "二店" in why, "by its name"
    path = "/api/v1/doors/shops/D2/notices"
    told = inspector.ask("/api/v1/doors/shops/D2").document["standing"]["events"]
    assert [(one["kind"], one["issue"]) for one in told] == [
        ("case", steps[2]["issue"]), ("warning", None), ("notice", None),
    ]  # fmt: skip
    assert inspector.send(path, {"category": "nothing"}).status == 400
    assert inspector.send("/api/v1/doors/shops/D1/notices", {"category": "a"}).status == 404, "not theirs"
    assert len(inspector.ask("/api/v1/doors/shops/D2").document["standing"]["events"]) == 3


def test_what_two_inspectors_note_at_once_is_one_thing(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """A shop would be warned for one heap of litter that two people saw; or each day of an open case be another."""
    people = [timed.by(join(founded_stores, f"i{n}", Grant("inspector", Area("grid", "0102")))) for n in (1, 2)]
    path = "/api/v1/doors/shops/D2/notices"
    first, second = (one.send(path, {"category": "a"}).document for one in people)
    assert second == first | {"again": True} and first["step"] == "notice"
    later = notices(people[0], "D2", 4, clock)
    assert [one["step"] for one in later] == ["warning", "case", "case", "case"]
    assert len({one["issue"] for one in later[1:]}) == 1, "as long as it is open"


def test_a_key_brings_what_it_brought_whatever_happened_since(
    timed: Server, founded_stores: Stores, clock: Clock
) -> None:
    """Somebody whose answer was lost would be told that the shop is not there."""
    inspector = timed.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    path = "/api/v1/doors/shops/D2/notices"
    done = inspector.send(path, {"category": "a"}, Idempotency_Key="k")
    with founded_stores.publishing() as store:
        town.publish(store, places=town.rows(code=["D9"], name=["别店"], type=["shop"],
                                             geometry=[town.Point(town.WEST, town.SOUTH)]))  # fmt: skip
    again = inspector.send(path, {"category": "a"}, Idempotency_Key="k")
    assert (again.status, again.document) == (201, done.document)
    assert inspector.send(path, {"category": "a"}, Idempotency_Key="l").status == 404


def test_a_shop_is_told_only_what_it_answers_for(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """A broken kerb would be the third strike of whoever sells noodles."""
    inspector = timed.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    refused = inspector.send("/api/v1/doors/shops/D2/notices", {"category": "b"})
    assert (
        refused.status == 400 and "tag:door" in refused.document["detail"] and refused.document["field"] == "category"
    )
    put(founded_stores, agreements=town.rows(code=["A2"], shop=["D2"], duties=[["b"]]))
    assert inspector.send("/api/v1/doors/shops/D2/notices", {"category": "b"}).status == 201
    assert inspector.send("/api/v1/doors/shops/D2/notices", {"category": "a"}).status == 400


def test_a_closed_shop_is_told_nothing(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    with founded_stores.publishing() as store:
        there = town.Point(town.WEST + 1.5 * town.SIDE, town.SOUTH + 0.95 * town.SIDE)
        town.publish(store, places=town.rows(code=["D2"], name=["二店"], type=["shop"], geometry=[there],
                                             valid_to=[dt.date(2026, 6, 30)]))  # fmt: skip
    inspector = timed.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    assert inspector.send("/api/v1/doors/shops/D2/notices", {"category": "a"}).document["code"] == "shop_closed"
    path = "/api/v1/doors/shops/D2/inspections"
    assert inspector.send(path, {"body": "district", "score": 1}).status == 409
    june = {"body": "district", "score": 80, "at": "2026-06-29T10:00:00+08:00"}
    assert inspector.send(path, june).status == 201, "it was open then"


def test_a_case_is_filed_where_the_shop_answers(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """In the gate that cuts its strip in two nobody but the grid answers."""
    west, south = town.WEST + 1.5 * town.SIDE, town.SOUTH + 0.965 * town.SIDE
    gate = town.MultiPolygon(
        [box(west - 0.02 * town.SIDE, south - town.SIDE, west + 0.02 * town.SIDE, south + town.SIDE)]
    )
    put(founded_stores, frontages=town.rows(code=["gate"], kind=["excluded"], origin=["official"], area_m2=[1.0],
                                            geometry=[gate]))  # fmt: skip
    inspector = timed.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    (*_, case) = notices(inspector, "D2", 3, clock)
    assert (case["rule"], case["responsible"]) == ("front_door", "D2")
    path = f"/api/v1/doors/shops/D2/events/{case['event']}/withdrawal"
    assert inspector.send(path, {"reason": "x"}).status == 204
    (again,) = notices(inspector, "D2", 1, clock)
    assert (again["step"], again["issue"]) == ("case", case["issue"]), "the issue is open, whatever became of the event"


def test_a_long_address_keeps_no_case_from_being_filed(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """The third notice of such a shop would fail, and so would the fourth."""
    there = town.Point(town.WEST + 1.5 * town.SIDE, town.SOUTH + 0.95 * town.SIDE)
    with founded_stores.publishing() as store:
        town.publish(store, places=town.rows(code=["D2"], name=["二" * 500], type=["shop"], geometry=[there],
                                             address=["路" * 600]))  # fmt: skip
    inspector = timed.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    (*_, case) = notices(inspector, "D2", 3, clock)
    assert len(inspector.ask(f"/api/v1/issues/{case['issue']}").document["address"]) == 500


def test_inspections_make_the_grade_of_a_plate(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    manager = timed.by(join(founded_stores, "manager", Grant("grid_manager", Area("grid", "0101"))))
    party = timed.by(join(founded_stores, "party", Grant("inspector", Area("city"))))
    path = "/api/v1/doors/shops/D1/inspections"
    for who, body, score in ((party, "city", 90), (manager, "district", 60)):
        done = who.send(path, {"body": body, "score": score}, Idempotency_Key=body)
        assert done.status == 201, done.text
    assert (done.document["grade"], done.document["provisional"]) == ("blue", True)
    assert done.document["months"][0]["score"] == 78.0
    assert manager.send(path, {"body": "district", "score": 60}, Idempotency_Key="district").document == done.document
    assert manager.send(path, {"body": "district", "score": 61}, Idempotency_Key="district").status == 409
    standing = manager.ask("/api/v1/doors/shops/D1").document["standing"]
    assert (standing["grade"], standing["referred"], len(standing["events"])) == ("blue", False, 2)
    for wrong in ({"body": "district", "score": 101}, {"body": "nobody", "score": 1}, {"score": 1}):
        assert manager.send(path, wrong).status == 400
    assert manager.send(path, {"body": "city", "score": 99}).status == 403, "a part of the city is not the city"
    auditor = timed.by(join(founded_stores, "auditor", Grant("auditor", Area("city"))))
    assert auditor.send(path, {"body": "district", "score": 1}).status == 403
    trail = auditor.ask("/api/v1/audit").document["entries"]
    assert [one["actor"] for one in trail if one["action"] == "inspected"] == ["manager", "party"], "once each"


def test_inspections_have_their_day_and_can_be_taken_back(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """What was seen on the last of a month and noted on the first would be the next month's, and 9 for 90 for good."""
    manager = timed.by(join(founded_stores, "manager", Grant("grid_manager", Area("grid", "0101"))))
    path = "/api/v1/doors/shops/D1"
    said = {"body": "district", "score": 9, "at": "2026-06-30T10:00:00+08:00"}
    wrong = manager.send(f"{path}/inspections", said).document
    assert (wrong["months"][0]["month"], wrong["grade"], wrong["provisional"]) == ("2026-06", "yellow", False)
    number = wrong["events"][0]["id"]
    for _ in range(2):
        assert manager.send(f"{path}/events/{number}/withdrawal", {"reason": "录入错误"}).status == 204
    right = manager.send(f"{path}/inspections", said | {"score": 90}).document
    assert right["grade"] == "red" and [one["withdrawn_at"] is None for one in right["events"]] == [True, False]
    for moment in ("2026-05-30T10:00:00+08:00", "2026-07-02T10:00:00+08:00"):
        assert manager.send(f"{path}/inspections", said | {"at": moment}).document["code"] == "inspected_when"
    assert manager.send(f"{path}/events/999/withdrawal", {"reason": "x"}).status == 404
    party = timed.by(join(founded_stores, "party", Grant("inspector", Area("city"))))
    bad = party.send(f"{path}/inspections", {"body": "city", "score": 20}).document["events"][0]["id"]
    assert manager.send(f"{path}/events/{bad}/withdrawal", {"reason": "x"}).status == 403, "the district's own plate"


def test_grades_of_all_shops_of_an_area(timed: Server, founded_stores: Stores, clock: Clock) -> None:
    """Nobody would see which shops are referred without looking at each."""
    commander = timed.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    for shop, score in (("D1", 95), ("D2", 60), ("D3", 60)):
        for days in range(3):
            clock.on(31 * (days > 0))
            commander.send(f"/api/v1/doors/shops/{shop}/inspections", {"body": "city", "score": score})
        clock.on(-62)
    clock.on(93)
    told = commander.ask("/api/v1/doors/standings").document
    assert [(one["shop"], one["grade"], one["referred"]) for one in told["standings"]] == [
        ("D1", "red", False), ("D2", "yellow", True), ("D3", "yellow", True),
    ]  # fmt: skip
    page = commander.ask("/api/v1/doors/standings?referred=true&limit=1").document
    assert (page["count"], page["next"], page["standings"][0]["name"]) == (2, "D2", "二店")
    rest = commander.ask("/api/v1/doors/standings?referred=true&limit=1&after=D2").document["standings"]
    assert [one["shop"] for one in rest] == ["D3"]
    area = timed.by(join(founded_stores, "area", Grant("inspector", Area("grid", "0101"))))
    assert [one["shop"] for one in area.ask("/api/v1/doors/standings").document["standings"]] == ["D1"]


def test_repeats_are_told_by_local_day(server: Server, founded_stores: Stores) -> None:
    """Three of one morning, and one of the next day by the city's clock, which is the same day by UTC."""
    with founded_stores.write() as store:
        more = town.issues(1, column=0.5, row=0.96, first=50, reported_at="2026-06-20T17:00Z")
        store.add_issues(town.answered(store, more), town.NOW)
    with founded_stores.read() as store:
        data = page_data(store, "doors", town.NOW)
        since = town.NOW - dt.timedelta(days=90)
        assert violation_days(store, since, town.NOW, ["D1", "D2", "D3"]) == {"D1": 2, "D2": 1}
    said = data.violations.set_index("frontage")
    assert said.loc["D1", ["count", "days"]].tolist() == [4, 2]
    assert said["days"].isna().tolist() == [False, True], "of seldom ones days are not counted"
    page = server.by(join(founded_stores, "commander", Grant("commander", Area("city")))).ask("/maps/doors?lang=en")
    assert page.status == 200 and '[["D1","一店",4,2,"2026-06-21"]]' in page.text
