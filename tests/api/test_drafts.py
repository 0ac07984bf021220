"""Drafts over HTTP: features created, replaced, updated and deleted, checked, and published as a version."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import shapely

from gis_core.permissions import Area, Grant
from layers import LAYERS
from layers.stores import Stores
from layers.territories import read_territory
from tests import town
from tests.serving import Reply, Server, join, serving

MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Office:
    """A server of the town, and who asks."""

    commander: Server
    planner: Server
    neighbour: Server
    inspector: Server
    stores: Stores

    def begin(self, note: str = "新边界", **headers: str) -> int:
        """Begin a draft; its number."""
        reply = self.commander.send("/api/v1/drafts", {"note": note}, **headers)
        assert reply.status == 201, reply.text
        return int(reply.document["id"])

    def grid(self, code: str, draft: int | None = None) -> tuple[int, str]:
        """Number and tag of a grid."""
        version = f"&version=draft-{draft}" if draft else ""
        found = self.commander.ask(f"/ogc/collections/grids/items?filter=code='{code}'{version}".replace("'", "%27"))
        (one,) = found.document["features"]
        path = f"/ogc/collections/grids/items/{one['id']}" + version.replace("&", "?")
        return int(one["id"]), self.commander.ask(path).headers["ETag"]


@pytest.fixture
def office(founded_stores: Stores) -> Iterator[Office]:
    """The town; a planner of the whole city and one of unit 0102."""
    stores = founded_stores
    with serving(stores) as up:
        city = Area("city")
        keys = [
            join(stores, name, Grant(role, area))
            for name, role, area in (
                ("commander", "commander", city), ("planner", "planner", city),
                ("neighbour", "planner", Area("grid", "0102")), ("inspector", "inspector", city),
            )
        ]  # fmt: skip
        yield Office(*(up.by(key) for key in keys), stores)


def feature(code: str, shape: Any = None, **properties: Any) -> dict[str, Any]:
    """A grid as GeoJSON."""
    geometry = json.loads(shapely.to_geojson(town.cell(2, 0) if shape is None else shape))
    return {"type": "Feature", "geometry": geometry, "properties": {"code": code, "level": "unit", **properties}}


def create(server: Server, draft: int, said: dict[str, Any], layer: str = "grids", **headers: str) -> Reply:
    """A feature, created in a draft."""
    return server.send(f"/ogc/collections/{layer}/items?version=draft-{draft}", said, **headers)


def change(server: Server, method: str, draft: int, number: int, said: Any, tag: str | None, **more: str) -> Reply:
    """A grid, changed in a draft."""
    headers = {"If_Match": tag} if tag else {}
    kind = {"Content_Type": MERGE} if method == "PATCH" else {}
    return server.send(
        f"/ogc/collections/grids/items/{number}?version=draft-{draft}", said, method, **headers, **kind, **more
    )


def test_nothing_counts_before_it_is_published(office: Office) -> None:
    """A boundary somebody tries out would answer for reports."""
    draft = office.begin()
    reply = create(office.commander, draft, feature("0105", name="新单元"))
    assert reply.status == 201, reply.text
    number = reply.document["id"]
    path = f"/ogc/collections/grids/items/{number}"
    assert reply.headers["Location"].endswith(f"{path}?version=draft-{draft}")
    assert office.commander.ask(path).status == 404
    for layer in LAYERS:
        assert office.commander.ask(f"/ogc/collections/{layer}/items?version=draft-{draft}").status == 200, layer
    shown = office.commander.ask(f"{path}?version=draft-{draft}")
    assert (shown.status, shown.document["properties"]["parent"]) == (200, None)  # no district reaches it
    with office.stores.read() as store:
        assert len(store.read("grids", store.latest_version())) == 5 == store.count("grids")
        version = store.latest_version()
    published = office.commander.send(f"/api/v1/drafts/{draft}/publication", {"override": "出界的单元"})
    assert published.status == 201, published.text
    assert published.document["counts"]["grids"]["added"] == 1
    assert published.document["version"] == version + 1
    assert office.commander.ask(path).document["properties"]["name"] == "新单元"
    with office.stores.read() as store:
        assert "0105" in set(read_territory(store, version + 1, store.latest_revision()).frames["grids"]["code"])
        assert "0105" not in set(store.read("grids", version)["code"])
    again = create(office.commander, draft, feature("0106"))
    assert (again.status, again.document["code"]) == (409, "draft_closed")


def test_replace_update_delete_and_undo(office: Office) -> None:
    """A change would touch what is published, lose words nobody meant to change, or could not be taken back."""
    draft = office.begin()
    number, tag = office.grid("0101")
    replaced = change(office.commander, "PUT", draft, number, feature("0101", town.cell(0, 0), name="换名"), tag)
    assert replaced.status == 200, replaced.text
    assert (replaced.document["properties"]["name"], replaced.document["properties"]["parent"]) == ("换名", "01")
    grade = {"properties": {"grade": "一级"}}
    updated = change(office.commander, "PATCH", draft, number, grade, replaced.headers["ETag"])
    assert updated.status == 200, updated.text
    assert (updated.document["properties"]["name"], updated.document["properties"]["grade"]) == ("换名", "一级")
    second, second_tag = office.grid("0104")
    assert change(office.commander, "DELETE", draft, second, None, second_tag).status == 204
    listed = office.commander.ask(f"/ogc/collections/grids/items?version=draft-{draft}").document
    assert sorted(one["properties"]["code"] for one in listed["features"]) == ["01", "0101", "0102", "0103"]
    told = office.commander.ask(f"/api/v1/drafts/{draft}").document["changes"]
    assert [(one["operation"], one["code"], one["outdated"]) for one in told] == [
        ("replace", "0101", False), ("delete", "0104", False),
    ]  # fmt: skip
    assert office.grid("0101")[1] == tag
    assert office.commander.ask(f"/api/v1/drafts/{draft}/changes/grids/{second}", "DELETE").status == 204
    assert office.commander.ask(f"/ogc/collections/grids/items/{second}?version=draft-{draft}").status == 200
    done = office.commander.send(f"/api/v1/drafts/{draft}/publication", {})
    assert done.document["counts"]["grids"] == {"added": 0, "changed": 1, "ended": 0, "unchanged": 0}
    with office.stores.read() as store:
        grids = store.read("grids", store.latest_version()).set_index("code")
        assert grids.loc["0101", "name"] == "换名"
        assert town.same_shapes([grids.geometry["0101"]], [town.cell(0, 0)])
        assert (grids.loc["0101", "source"], grids.loc["0101", "key"]) == ("town", "0101")


def test_a_deleted_cell_is_gone_with_the_version(office: Office) -> None:
    """It would go on answering, or a gap would come to be without anybody's word."""
    draft = office.begin()
    number, tag = office.grid("0104")
    assert change(office.commander, "DELETE", draft, number, None, tag).status == 204
    found = office.commander.ask(f"/api/v1/drafts/{draft}/findings").document["findings"]
    assert office.commander.send(f"/api/v1/drafts/{draft}/publication", {}).status == (
        409 if any(one["severity"] == "error" for one in found) else 201
    )
    if any(one["severity"] == "error" for one in found):
        assert office.commander.send(f"/api/v1/drafts/{draft}/publication", {"override": "拆除"}).status == 201
    assert office.commander.ask(f"/ogc/collections/grids/items/{number}").status == 404


def test_two_editors_do_not_write_over_each_other(office: Office) -> None:
    """The later one would undo the change of the earlier without knowing."""
    draft = office.begin()
    number, tag = office.grid("0101")
    patch = {"properties": {"name": "甲"}}
    nothing = change(office.planner, "PATCH", draft, number, patch, None)
    assert (nothing.status, nothing.document["code"]) == (428, "match_needed")
    assert change(office.planner, "PATCH", draft, number, patch, tag).status == 200
    late = change(office.commander, "PATCH", draft, number, patch, tag)
    assert (late.status, late.document["code"]) == (412, "match_failed")
    assert change(office.commander, "DELETE", draft, number, None, tag).status == 412


def test_a_draft_over_what_has_changed_is_not_published(office: Office) -> None:
    """It would silently bring back what a later version has replaced."""
    first, second = office.begin("一"), office.begin("二")
    number, tag = office.grid("0101")
    for draft in (first, second):
        assert change(office.planner, "PATCH", draft, number, {"properties": {"name": f"{draft}"}}, tag).status == 200
    assert office.commander.send(f"/api/v1/drafts/{first}/publication", {}).status == 201
    late = office.commander.send(f"/api/v1/drafts/{second}/publication", {})
    assert (late.status, late.document["code"]) == (409, "draft_outdated")
    assert office.commander.ask(f"/api/v1/drafts/{second}").document["changes"][0]["outdated"]
    _, mine = office.grid("0101", second)
    assert change(office.planner, "PATCH", second, number, {"properties": {"grade": "二级"}}, mine).status == 200
    assert office.commander.send(f"/api/v1/drafts/{second}/publication", {}).status == 201
    assert office.commander.ask(f"/ogc/collections/grids/items/{number}").document["properties"]["name"] == f"{second}"


def test_a_gap_or_an_overlap_is_told_to_whom_it_concerns(office: Office) -> None:
    """Whoever prepares a boundary would learn of it when publishing is refused, or see codes of other areas."""
    draft = office.begin()
    number, tag = office.grid("0101")
    narrower = {"geometry": json.loads(shapely.to_geojson(town.cell(0, 0, 0.9)))}
    assert change(office.commander, "PATCH", draft, number, narrower, tag).status == 200
    path = f"/api/v1/drafts/{draft}/findings"
    told = office.commander.ask(path).document["findings"]
    assert ("uncovered", "01", "unit") in [(one["check"], one["code"], one["other"]) for one in told]
    second = office.begin()
    wider = {"geometry": json.loads(shapely.to_geojson(town.cell(0, 0, 1.1)))}
    assert change(office.commander, "PATCH", second, number, wider, tag).status == 200
    assert [
        [(one["code"], one["other"]) for one in who.ask(f"/api/v1/drafts/{second}/findings").document["findings"]
         if one["check"] == "overlap"]
        for who in (office.commander, office.neighbour)
    ] == [[("0101", "0102")], [("0102", None)]]  # fmt: skip
    third = office.begin()
    shape = town.cell(0, 0).difference(town.cell(0.4, 0.4, 0.2, 0.2))
    holed = {"geometry": json.loads(shapely.to_geojson(shapely.MultiPolygon([shape])))}
    assert change(office.commander, "PATCH", third, number, holed, tag).status == 200
    for who, gaps in ((office.commander, 1), (office.neighbour, 0)):
        told = who.ask(f"/api/v1/drafts/{third}/findings").document["findings"]
        assert [one["check"] for one in told].count("gap") == gaps


def test_only_one_s_own_area_is_edited(office: Office) -> None:
    """A planner of one unit would redraw or name another's."""
    draft = office.begin()
    mine, foreign = office.grid("0102"), office.grid("0101")
    named = {"properties": {"name": "乙"}}
    assert change(office.neighbour, "PATCH", draft, mine[0], named, mine[1]).status == 200
    assert change(office.neighbour, "PATCH", draft, foreign[0], named, foreign[1]).status == 404
    outside = create(office.neighbour, draft, feature("0105"))
    assert (outside.status, outside.document["code"]) == (403, "draft_outside")
    assert office.commander.ask(f"/api/v1/drafts/{draft}").document["changes"][0]["code"] == "0102"
    assert len(office.commander.ask(f"/api/v1/drafts/{draft}").document["changes"]) == 1
    assert change(office.planner, "PATCH", draft, foreign[0], {"properties": {"name": "甲"}}, foreign[1]).status == 200
    assert [one["code"] for one in office.neighbour.ask(f"/api/v1/drafts/{draft}").document["changes"]] == ["0102"]
    assert office.neighbour.ask(f"/api/v1/drafts/{draft}/changes/grids/{foreign[0]}", "DELETE").status == 404
    assert office.neighbour.send(f"/api/v1/drafts/{draft}/publication", {}).status == 403
    assert office.planner.send(f"/api/v1/drafts/{draft}/publication", {}).status == 403
    assert office.neighbour.ask(f"/api/v1/drafts/{draft}", "DELETE").status == 403
    assert office.commander.ask(f"/api/v1/drafts/{draft}", "DELETE").status == 204
    assert office.commander.ask(f"/api/v1/drafts/{draft}").status == 409


def test_a_published_layer_is_never_written(office: Office) -> None:
    """Somebody who forgets the version would change what counts."""
    number, tag = office.grid("0101")
    for reply in (
        office.commander.send("/ogc/collections/grids/items", feature("0105")),
        office.commander.send(f"/ogc/collections/grids/items/{number}", feature("0101"), "PUT", If_Match=tag),
        office.commander.ask(f"/ogc/collections/grids/items/{number}", "DELETE", If_Match=tag),
    ):
        assert (reply.status, reply.document["field"]) == (400, "version")
    issues = create(office.commander, office.begin(), {"type": "Feature"}, "issues")
    assert (issues.status, issues.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"type": "Point"}, "type"),
        (feature("0105", wrong=1), "wrong"),
        (feature("0105", valid_from="gestern"), "valid_from"),
        (feature("0105", stated_area_m2="viel"), "stated_area_m2"),
        ({**feature("0105"), "geometry": None}, "geometry"),
        ({**feature("0105"), "geometry": {"type": "Point", "coordinates": [108.3, 22.8]}}, "geometry"),
        ({**feature("0105"), "geometry": {"type": "Polygon", "coordinates": [[[108, "x"]]]}}, "geometry"),
        ({**feature("0105"), "geometry": 5}, "geometry"),
        ({**feature("0105"), "properties": 5}, "properties"),
        (feature("0105", name={"a": 1}), "name"),
        (feature("0105", level="village"), "level"),
        ({"type": "Feature", "geometry": feature("x")["geometry"], "properties": {"level": "unit"}}, None),
        (feature("0101"), "code"),
    ],
)  # fmt: skip
def test_what_the_layer_does_not_take_is_refused_by_name(refusing: tuple[Office, int], said: Any, field: str) -> None:
    """Half a feature would be stored, or the fault answered as ours."""
    office, draft = refusing
    reply = create(office.commander, draft, said)
    assert 400 <= reply.status < 500, reply.text
    assert reply.document.get("field") == field, reply.text
    assert office.commander.ask(f"/api/v1/drafts/{draft}").document["changes"] == []


@pytest.fixture
def refusing(office: Office) -> tuple[Office, int]:
    """A draft that is to stay empty."""
    return office, office.begin()


def test_other_coordinate_systems_come_in_as_declared(office: Office) -> None:
    """Northings would be read as eastings."""
    draft = office.begin()
    flipped = shapely.transform(town.cell(2, 0), lambda xy: xy[:, ::-1])
    uri = "<http://www.opengis.net/def/crs/EPSG/0/4490>"
    reply = create(office.commander, draft, feature("0105", flipped), Content_Crs=uri)
    assert reply.status == 201, reply.text
    west, south, *_ = shapely.from_geojson(json.dumps(reply.document["geometry"])).bounds
    assert (west, south) == pytest.approx((town.WEST + 2 * town.SIDE, town.SOUTH), abs=1e-7)


def test_words_sent_back_leave_the_shape_to_the_last_bit(office: Office) -> None:
    """Each edit of a name would move a border by a centimetre and tear it from its neighbour's."""
    draft = office.begin()
    number, tag = office.grid("0103")
    read = office.commander.ask(f"/ogc/collections/grids/items/{number}").document
    read["properties"]["name"] = "改"
    said = {name: read[name] for name in ("type", "geometry", "properties")}
    reply = change(office.commander, "PUT", draft, number, said, tag)
    assert reply.status == 200, reply.text
    with office.stores.read() as store:
        before = store.read("grids", store.latest_version()).set_index("code").geometry["0103"]
    assert office.commander.send(f"/api/v1/drafts/{draft}/publication", {}).status == 201
    with office.stores.read() as store:
        after = store.read("grids", store.latest_version()).set_index("code").loc["0103"]
    assert town.same_shapes([before], [after.geometry])


def test_a_request_sent_twice_is_done_once(office: Office) -> None:
    """A planner on a bad line would begin two drafts, create two cells, publish twice."""
    draft = office.begin(Idempotency_Key="d1")
    assert office.begin(Idempotency_Key="d1") == draft
    first, again = (create(office.commander, draft, feature("0105"), Idempotency_Key="k") for _ in range(2))
    assert (first.status, first.document["id"]) == (again.status, again.document["id"]) == (201, first.document["id"])
    assert len(office.commander.ask(f"/api/v1/drafts/{draft}").document["changes"]) == 1
    other = create(office.commander, draft, feature("0106"), Idempotency_Key="k")
    assert (other.status, other.document["code"]) == (409, "key_reused")
    said = {"override": "出界"}
    path = f"/api/v1/drafts/{draft}/publication"
    one, two = (office.commander.send(path, said, Idempotency_Key="p") for _ in range(2))
    assert one.document == two.document and one.status == 201


def test_facilities_are_revised_at_once(office: Office) -> None:
    """They are no territory: a moved bin need not wait for new borders."""
    with office.stores.read() as store:
        before = store.latest_revision()
    point = {"type": "Point", "coordinates": [town.WEST + 0.0005, town.SOUTH + 0.0005]}
    said = {"type": "Feature", "geometry": point, "properties": {"code": "B1", "category": "a", "state": "in use"}}
    made = office.commander.send("/ogc/collections/facilities/items", said)
    assert made.status == 201, made.text
    path = f"/ogc/collections/facilities/items/{made.document['id']}"
    tag = office.commander.ask(path).headers["ETag"]
    moved = office.neighbour.send(path, {"properties": {"code": "B2"}}, "PATCH", If_Match=tag, Content_Type=MERGE)
    assert moved.status == 404
    kept = office.commander.send(path, {"properties": {"code": "B2"}}, "PATCH", If_Match=tag, Content_Type=MERGE)
    assert (kept.status, kept.document["properties"]["code"]) == (200, "B2"), kept.text
    assert office.commander.ask(path, "DELETE", If_Match=kept.headers["ETag"]).status == 204
    assert office.commander.ask(path).status == 404
    with office.stores.read() as store:
        assert store.latest_revision() == before + 3


def test_an_inspector_makes_no_drafts(office: Office) -> None:
    """Everybody who sees the map would redraw it."""
    draft = office.begin()
    assert office.inspector.send("/api/v1/drafts", {"note": "x"}).status == 403
    assert create(office.inspector, draft, feature("0105")).status == 403
    assert office.inspector.ask(f"/ogc/collections/grids/items?version=draft-{draft}").status == 403
    assert office.commander.ask("/ogc/collections/grids/items?version=draft-99").status == 404
    assert office.commander.ask("/ogc/collections/grids/items?version=7").status == 400


def test_a_former_version_comes_back_as_a_new_one(office: Office) -> None:
    """A border published by mistake could be put right only by drawing the old one again."""
    with office.stores.read() as store:
        former = store.latest_version()
        before = store.read("grids", former).sort_values("code")
    draft = office.begin()
    number, tag = office.grid("0101")
    grown = {"geometry": json.loads(shapely.to_geojson(town.cell(0, 0, 1.25)))}
    assert change(office.commander, "PATCH", draft, number, grown, tag).status == 200
    second, second_tag = office.grid("0104")
    assert change(office.commander, "DELETE", draft, second, None, second_tag).status == 204
    assert create(office.commander, draft, feature("0109")).status == 201
    publication = {"override": "试"}
    assert office.commander.send(f"/api/v1/drafts/{draft}/publication", publication).status == 201
    begun = office.commander.send("/api/v1/drafts", {"note": "撤销", "back_to": former})
    assert begun.status == 201, begun.text
    told = {(one["operation"], one["code"]) for one in begun.document["changes"]}
    assert told == {("replace", "0101"), ("create", "0104"), ("delete", "0109")}
    back = int(begun.document["id"])
    done = office.commander.send(f"/api/v1/drafts/{back}/publication", {})
    assert done.status == 201, done.text
    with office.stores.read() as store:
        after = store.read("grids", store.latest_version()).sort_values("code")
        assert store.latest_version() == former + 2, "nothing is taken back"
    for name in ("code", "name", "feature_id", "digest", "parent"):
        assert after[name].tolist() == before[name].tolist(), name
    assert (after.geometry.to_wkb().to_numpy() == before.geometry.to_wkb().to_numpy()).all()
    missing = office.commander.send("/api/v1/drafts", {"note": "x", "back_to": 99})
    assert (missing.status, missing.document["code"]) == (404, "version_missing")
    assert office.neighbour.send("/api/v1/drafts", {"note": "x", "back_to": former}).status == 403
