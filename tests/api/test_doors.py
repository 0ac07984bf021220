"""Front doors over HTTP: figures, one street, repeats, and one shop, each within one's area."""

from collections.abc import Iterator

import pytest
from shapely.geometry import box

from gis_core.permissions import Area, Grant
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


def test_notice_warning_case(server: Server, founded_stores: Stores) -> None:
    """The third notice would be another piece of paper, or a retry be the fourth."""
    inspector = server.by(join(founded_stores, "inspector", Grant("inspector", Area("grid", "0102"))))
    path = "/api/v1/doors/shops/D2/notices"
    steps = [inspector.send(path, {"category": "a"}, Idempotency_Key=f"n{n}").document for n in range(3)]
    assert [one["step"] for one in steps] == ["notice", "warning", "case"]
    assert [one["issue"] for one in steps[:2]] == [None, None]
    case = inspector.ask(f"/api/v1/issues/{steps[2]['issue']}").document
    assert (case["rule"], case["responsible"], case["frontage"], case["channel"]) == (
        "front_door",
        "D2",
        "D2",
        "front_door",
    )
    assert inspector.send(path, {"category": "a"}, Idempotency_Key="n2").document == steps[2], "a retry is no fourth"
    told = inspector.ask("/api/v1/doors/shops/D2").document["standing"]["events"]
    assert [(one["kind"], one["issue"]) for one in told] == [
        ("case", steps[2]["issue"]), ("warning", None), ("notice", None),
    ]  # fmt: skip
    assert inspector.send(path, {"category": "nothing"}).status == 400
    assert inspector.send("/api/v1/doors/shops/D1/notices", {"category": "a"}).status == 404, "not theirs"
    assert len(inspector.ask("/api/v1/doors/shops/D2").document["standing"]["events"]) == 3


def test_inspections_make_the_grade_of_a_plate(server: Server, founded_stores: Stores) -> None:
    manager = server.by(join(founded_stores, "manager", Grant("grid_manager", Area("grid", "0101"))))
    path = "/api/v1/doors/shops/D1/inspections"
    for body, score in (("city", 90), ("district", 60)):
        done = manager.send(path, {"body": body, "score": score}, Idempotency_Key=body)
        assert done.status == 201, done.text
    assert done.document["grade"] == "blue" and done.document["months"][0]["score"] == 78.0
    assert manager.send(path, {"body": "district", "score": 60}, Idempotency_Key="district").document == done.document
    assert manager.send(path, {"body": "district", "score": 61}, Idempotency_Key="district").status == 409
    standing = manager.ask("/api/v1/doors/shops/D1").document["standing"]
    assert (standing["grade"], standing["referred"], len(standing["events"])) == ("blue", False, 2)
    for wrong in ({"body": "city", "score": 101}, {"body": "nobody", "score": 1}, {"score": 1}):
        assert manager.send(path, wrong).status == 400
    auditor = server.by(join(founded_stores, "auditor", Grant("auditor", Area("city"))))
    assert auditor.send(path, {"body": "city", "score": 1}).status == 403
