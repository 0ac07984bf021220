"""What a draft would move, asked over HTTP and from the command line before it is published."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from gis_core.permissions import Area, Grant
from layers.stores import Stores
from tests import town
from tests.api.conftest import Run
from tests.serving import Server, join, serving


@pytest.fixture
def offices(founded_stores: Stores) -> Iterator[tuple[Server, Server]]:
    """The town with two open issues of 0102, one of them near 0101; a commander of all and a planner of 0103."""
    with founded_stores.write() as store:
        near, far = town.issues(column=1.1), town.issues(column=1.9, first=2)
        for frame in (near, far):
            store.add_issues(town.answered(store, frame), town.NOW)
    with serving(founded_stores) as up:
        commander = join(founded_stores, "commander", Grant("commander", Area("city")))
        planner = join(founded_stores, "planner", Grant("planner", Area("grid", "0103")))
        yield up.by(commander), up.by(planner)


def shift(server: Server) -> int:
    """A draft in which a quarter of 0102 goes to 0101; its number."""
    draft = int(server.send("/api/v1/drafts", {"note": "新边界"}).document["id"])
    items = "/ogc/collections/grids/items"
    listed = server.ask(f"{items}?limit=20").document["features"]
    numbers = {one["properties"]["code"]: one["id"] for one in listed}
    for code, shape in (("0101", town.cell(0, 0, 1.25)), ("0102", town.cell(1.25, 0, 0.75))):
        path = f"{items}/{numbers[code]}"
        said = {"geometry": json.loads(shapely.to_geojson(shape))}
        headers = {"If_Match": server.ask(path).headers["ETag"], "Content_Type": "application/merge-patch+json"}
        assert server.send(f"{path}?version=draft-{draft}", said, "PATCH", **headers).status == 200
    return draft


def test_a_boundary_is_looked_at_published_and_yesterday_stays(offices: tuple[Server, Server]) -> None:
    """A boundary would count before anybody knew what it moves, or change what was answered before."""
    commander, planner = offices
    draft = shift(commander)
    told = commander.ask(f"/api/v1/drafts/{draft}/impact")
    assert told.status == 200, told.text
    assert told.document["totals"] | {"area_m2": 0, "street_m": 0} == {
        "issues": 1, "streets": 1, "places": 0, "contracts": 0, "holders": 2, "area_m2": 0, "street_m": 0
    }  # fmt: skip
    (issue,) = told.document["issues"]
    assert (issue["level"], issue["from_grid"], issue["to_grid"]) == ("unit", "0102", "0101")
    assert (issue["from_responsible"], issue["to_responsible"]) == ("U01", "P1")
    (move,) = told.document["moves"]
    assert move["area_m2"] == pytest.approx(told.document["totals"]["area_m2"]) and move["issues"] == 1
    (piece,) = told.document["ground"]["features"]
    assert shapely.from_geojson(json.dumps(piece)).equals(shapely.from_geojson(json.dumps(piece["geometry"])))
    assert planner.ask(f"/api/v1/drafts/{draft}/impact").document["totals"]["issues"] == 0, "none of them is theirs"
    code = issue["code"]
    assert commander.ask(f"/api/v1/issues/{code}").document["grid"] == "0102", "it only looks"
    done = commander.send(f"/api/v1/drafts/{draft}/publication", {"effective_from": "2026-07-01T00:00:00+08:00"})
    assert done.status == 201, done.text
    where = {"lon": town.WEST + 1.1 * town.SIDE, "lat": town.SOUTH + 0.5 * town.SIDE, "category": "a"}
    days = ("2026-06-30T12:00:00+08:00", "2026-07-01T11:00:00+08:00")
    asked = [commander.send("/api/v1/assign", {**where, "reported_at": day}) for day in days]
    assert [one.document["answer"]["grid"] for one in asked] == ["0102", "0101"]
    assert commander.ask(f"/api/v1/drafts/{draft}/impact").status == 409
    assert commander.ask("/api/v1/drafts/99/impact").status == 404


def test_the_command_tells_the_same(
    offices: tuple[Server, Server], founded_stores: Stores, run: Run, tmp_path: Path
) -> None:
    """Whoever prepares boundaries at the console would have to go to the map."""
    draft = shift(offices[0])
    told = offices[0].ask(f"/api/v1/drafts/{draft}/impact").document
    url = founded_stores.address.render_as_string(hide_password=False)
    said = run("--store", url, "--json", "--lang", "zh", "impact", draft, "--out", "moved.geojson")
    assert said.status == 0, said.err
    assert said.answer["moves"] == told["moves"] and said.answer["totals"] == told["totals"]
    assert "0102 → 0101" in said.err
    (feature,) = json.loads((tmp_path / "moved.geojson").read_text("utf-8"))["features"]
    assert feature["properties"]["to_grid"] == "0101"


def test_nobody_else_s_people_and_contracts_are_told(offices: tuple[Server, Server], founded_stores: Stores) -> None:
    """A planner would read in a draft who holds the next grid and what is contracted there, which no list tells."""
    with founded_stores.publishing() as store:
        secret = {"code": ["SECRET"], "name": ["秘密"], "kind": ["grid"], "grid": ["0101"], "contractor": ["F1"]}
        revision = store.revise(town.NOW, "secret")
        assert not len(store.put("contracts", town.rows(**secret, duties=[["*"]], scheme=["town"]), revision).rejects)
    draft = shift(offices[0])
    whole = offices[0].ask(f"/api/v1/drafts/{draft}/impact")
    assert "SECRET" in whole.text and '"P1"' in whole.text
    with serving(founded_stores) as up:
        neighbour = up.by(join(founded_stores, "neighbour", Grant("planner", Area("grid", "0102"))))
        told = neighbour.ask(f"/api/v1/drafts/{draft}/impact")
        assert told.document["totals"]["issues"] == 1 and told.document["totals"]["area_m2"] > 0
        assert not any(hidden in told.text for hidden in ("SECRET", "秘密", '"P1"', '"P2"', '"0101"'))


def test_a_new_cell_of_one_s_district_is_told(offices: tuple[Server, Server], founded_stores: Stores) -> None:
    """Who splits a grid of their own would be told that half of it goes to nobody."""
    commander, _ = offices
    draft = int(commander.send("/api/v1/drafts", {"note": "拆分"}).document["id"])
    items = f"/ogc/collections/grids/items?version=draft-{draft}"
    shape = json.loads(shapely.to_geojson(town.cell(2, 0)))
    said = {"type": "Feature", "geometry": shape, "properties": {"code": "0109", "level": "unit", "parent": "01"}}
    assert commander.send(items, said).status == 201
    with serving(founded_stores) as up:
        planner = up.by(join(founded_stores, "district", Grant("planner", Area("grid", "01"))))
        both = [one.ask(f"/api/v1/drafts/{draft}/impact").document for one in (commander, planner)]
    assert both[0]["totals"] == both[1]["totals"] and both[0]["totals"]["area_m2"] > 10_000
    assert [move["to_grid"] for move in both[1]["moves"]] == ["0109"]


def test_what_waits_to_count_counts_with_the_draft(offices: tuple[Server, Server]) -> None:
    """A draft that renames a cell would be said to move nothing, and bring a border of December into force in July."""
    commander, _ = offices
    first, second = shift(commander), int(commander.send("/api/v1/drafts", {"note": "改名"}).document["id"])
    december = "2026-12-01T00:00:00+08:00"
    done = commander.send(f"/api/v1/drafts/{first}/publication", {"effective_from": december})
    assert done.status == 201
    items = "/ogc/collections/grids/items"
    (cell,) = commander.ask(f"{items}?filter=code='0104'").document["features"]
    etag = commander.ask(f"{items}/{cell['id']}").headers["ETag"]
    headers = {"If_Match": etag, "Content_Type": "application/merge-patch+json"}
    path = f"{items}/{cell['id']}?version=draft-{second}"
    assert commander.send(path, {"properties": {"name": "新名"}}, "PATCH", **headers).status == 200
    now, later = (
        commander.ask(f"/api/v1/drafts/{second}/impact{at}").document for at in ("", "?at=2026-12-02T00:00:00%2B08:00")
    )
    assert now["totals"]["issues"] == 1 and now["totals"]["area_m2"] > 0 and not now["outdated"]
    assert later["totals"]["issues"] == 0 and later["totals"]["area_m2"] == 0


def test_the_page_shows_what_a_draft_would_move(offices: tuple[Server, Server], founded_stores: Stores) -> None:
    """A deputy mayor would have to read JSON; an inspector would read what is not decided yet."""
    commander, planner = offices
    draft = shift(commander)
    page = commander.ask(f"/maps/territory?lang=zh&draft={draft}")
    assert page.status == 200 and f'[[{draft},"新边界"' in page.text and '"issues":1' in page.text
    assert commander.ask("/maps/territory?draft=99").status == 404
    assert '"issues":0' in planner.ask(f"/maps/territory?draft={draft}").text, "nothing of theirs moves"
    with serving(founded_stores) as up:
        inspector = up.by(join(founded_stores, "inspector", Grant("inspector", Area("city"))))
        seen = inspector.ask(f"/maps/territory?draft={draft}")
        assert seen.status == 200 and '"drafts":[]' in seen.text and '"totals":null' in seen.text
