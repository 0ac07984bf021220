"""GDAL and OWSLib read the layers of a live server; what a standard client may ask is answered as the standard says."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import pytest
import shapely
from owslib.ogcapi.features import Features
from owslib.util import Authentication

from gis_core.crs import to_metres
from gis_core.permissions import Area, Grant
from layers import LAYERS
from layers.asking import CRS84, epsg
from layers.engine import connect, upgrade
from layers.features import properties
from layers.rollups import put_segments
from layers.stores import Stores
from tests import town
from tests.serving import Server, join, serving
from tests.town import CITY, NOW, SIDE, SOUTH, WEST

ITEMS = "/ogc/collections/issues/items"
COUNT = 57
READ = """
import json, sys, pyogrio
from pyogrio.raw import read
options = {name: tuple(value) if name == "bbox" else value for name, value in json.loads(sys.argv[2]).items()}
meta, fids, shapes, fields = read(sys.argv[1], return_fids=True, **options)
print(json.dumps({"fields": meta["fields"].tolist(), "crs": meta["crs"], "fids": fids.tolist(),
                  "codes": fields[meta["fields"].tolist().index("code")].tolist()}))
"""
"""A process of its own: GDAL takes its settings from the environment once."""


@dataclass(frozen=True)
class Service:
    """The town's service, asked by somebody who sees all of it."""

    server: Server
    key: str

    def gdal(self, layer: str, **options: Any) -> tuple[dict[str, Any], str]:
        """A layer as GDAL reads it, and its log."""
        settings = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": self.key, "CPL_DEBUG": "OAPIF"}
        asked = json.dumps({"layer": layer, **options})
        ran = subprocess.run(
            [sys.executable, "-c", READ, f"OAPIF:{self.server.root}/ogc", asked], env={**os.environ, **settings},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout), ran.stderr

    def ask(self, path: str, **query: str) -> Any:
        """The document at a path."""
        reply = self.server.ask(f"{path}?{urlencode(query)}" if query else path)
        assert reply.status == 200, reply.text
        return reply.document

    def pages(self, **query: str) -> list[dict[str, Any]]:
        """All features of all pages."""
        features: list[dict[str, Any]] = []
        address: str | None = f"{ITEMS}?{urlencode(query)}"
        while address is not None:
            page = self.server.ask(address.removeprefix(self.server.root)).document
            assert page["numberReturned"] == len(page["features"])
            features += page["features"]
            address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        return features


@pytest.fixture(scope="module")
def stores(module_store_url: str) -> Iterator[Stores]:
    """The town with some issues at each of several places and times."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    with stores.write() as store:
        for number in range(COUNT):
            said = town.issues(
                1, first=number, column=0.05 + 1.9 * number / COUNT, row=0.1 + number % 9 * 0.2,
                category="ab"[number % 2], description=["垃圾", "bin", None][number % 3],
                reported_at=f"2026-06-{1 + number % 20:02}T0{number % 7}:00Z",
            )  # fmt: skip
            store.add_issues(town.answered(store, said), NOW)
        for day in (29, 30):
            put_segments(store.session, dt.date(2026, 6, day), town.walked())
    yield stores
    engine.dispose()


@pytest.fixture(scope="module")
def service(stores: Stores) -> Iterator[Service]:
    """The town, served."""
    key = join(stores, "commander", Grant("commander", Area("city")))
    with serving(stores) as up:
        yield Service(up.by(key), key)


def test_gdal_reads_every_page_with_its_schema(service: Service) -> None:
    """QGIS and every other program on GDAL would see some of the issues, or see them twice."""
    read, _ = service.gdal("issues")
    assert (set(read["fields"]) == set(properties("issues")) and "4326" in read["crs"]) or "CRS84" in read["crs"]
    assert len(read["fids"]) == len(set(read["fids"])) == len(set(read["codes"])) == COUNT
    grids, _ = service.gdal("grids")
    assert sorted(grids["codes"]) == ["01", "0101", "0102", "0103", "0104"]


def test_gdal_lets_the_server_filter(service: Service) -> None:
    """GDAL would fetch a city to find three issues."""
    box = (WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    read, log = service.gdal("issues", where="category = 'a' AND description LIKE '垃%'", bbox=box)
    assert "CQL text detected" in log
    expected = [
        one["properties"]["code"]
        for one in service.pages(filter="category = 'a' AND description LIKE '垃%'")
        if _in(one["geometry"]["coordinates"], np.reshape(box, (2, 2)))
    ]
    assert sorted(read["codes"]) == sorted(expected) != []


def test_owslib_reads_collections_items_and_queryables(service: Service) -> None:
    """Python's own client would not find its way."""
    client = Features(
        f"{service.server.root}/ogc/", headers={"Authorization": f"Bearer {service.key}"}, auth=Authentication()
    )
    assert set(client.feature_collections()) == set(LAYERS)
    found = client.collection_items(
        "issues", limit=5, bbox=[WEST, SOUTH, WEST + SIDE, SOUTH + SIDE], filter="category = 'a'"
    )
    assert found["numberReturned"] == 5 and all(one["properties"]["category"] == "a" for one in found["features"])
    assert set(client.collection_queryables("issues")["properties"]) == {"geom", *properties("issues")} - {"names"}
    one = client.collection_item("issues", str(found["features"][0]["id"]))
    assert one["properties"] == found["features"][0]["properties"]


# 17-069, Annex A: the abstract tests, by name


def test_landing_page(service: Service) -> None:
    """A.2.2: a client would not find the way in."""
    rels = {one["rel"]: one for one in service.ask("/ogc")["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(rels)
    described = service.server.ask(rels["service-desc"]["href"].removeprefix(service.server.root))
    assert described.headers["Content-Type"] == rels["service-desc"]["type"]
    assert described.document["openapi"].startswith("3.0") and "/collections/grids/items" in described.document["paths"]


def test_conformance_declaration(service: Service) -> None:
    """A.2.4: a client would not know what it may ask."""
    declared = service.ask("/ogc/conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared
    assert "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in declared


def test_feature_collections_metadata(service: Service) -> None:
    """A.2.5, A.2.6: a layer would be missing, or told differently in the list and by itself."""
    listed = service.ask("/ogc/collections")
    assert [one["id"] for one in listed["collections"]] == list(LAYERS)
    for one in listed["collections"]:
        assert service.ask(f"/ogc/collections/{one['id']}") == one
        assert CRS84 in one["crs"] and one["itemType"] == "feature"
        ((west, south, east, north),) = one["extent"]["spatial"]["bbox"]
        assert (west, south, east, north) == pytest.approx((WEST, SOUTH, WEST + 2 * SIDE, SOUTH + 2 * SIDE))
    for path in ("nothing", "nothing/items", "nothing/queryables", "issue", "user_account/items"):
        assert service.server.ask(f"/ogc/collections/{path}").status == 404, path


@pytest.mark.parametrize("layer", LAYERS)
def test_features_are_geojson_and_one_is_like_in_the_list(service: Service, layer: str) -> None:
    """A.2.7 f: a page would not be GeoJSON, or the feature by itself be another."""
    page = service.ask(f"/ogc/collections/{layer}/items")
    assert page["type"] == "FeatureCollection" and page["numberMatched"] == len(page["features"])
    for feature in page["features"][:3]:
        assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid
        one = service.ask(f"/ogc/collections/{layer}/items/{feature['id']}")
        assert {name: one[name] for name in feature} == feature
        assert set(feature["properties"]) == set(properties(layer))
    for missing in ("0", "99999999", "x", "-1", "1.5", "9" * 30, "%00"):
        assert service.server.ask(f"/ogc/collections/{layer}/items/{missing}").status in (400, 404), missing


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"filter": "day = DATE('2026-06-30') AND visits > 0"}, 1),
        ({"filter": "class = 'backstreet' AND street = 'S1' AND from_m < 50"}, 2),
        ({"filter": "last_at > TIMESTAMP('2026-06-30T00:00:00Z')"}, 2),
        ({"datetime": "2026-06-30"}, 2), ({"datetime": "2026-07-01/.."}, 0), ({"datetime": "../2026-06-29"}, 2),
        ({"filter": "grid = '0102'"}, 2), ({"bbox": f"{WEST},{SOUTH},{WEST + 0.5 * SIDE},{SOUTH + 2 * SIDE}"}, 2),
        ({"limit": "3", "sortby": "-day,from_m"}, 3),
    ],
)  # fmt: skip
def test_what_was_walked_is_asked_for_by_day_and_segment(service: Service, query: dict[str, str], count: int) -> None:
    """A day's patrol would have to be picked out of all days by whoever asks."""
    page = service.ask("/ogc/collections/coverage/items", **query)
    assert page["numberReturned"] == count
    if "sortby" in query:
        assert [one["properties"]["day"][-2:] for one in page["features"]] == ["30", "30", "29"]
        (after,) = (one["href"] for one in page["links"] if one["rel"] == "next")
        rest = service.server.ask(after.removeprefix(service.server.root)).document["features"]
        assert [one["properties"]["from_m"] for one in rest] == [102.0]


@pytest.mark.parametrize(("limit", "returned"), [("1", 1), ("56", 56), ("57", 57), ("100000000", 57)])
def test_limit(service: Service, limit: str, returned: int) -> None:
    """A.2.7.3: too many rows would come, or a large limit be a fault."""
    page = service.ask(ITEMS, limit=limit)
    assert page["numberReturned"] == returned and page["numberMatched"] == COUNT


IMPOSSIBLE = [
    "limit=0", "limit=-1", "limit=x", "offset=-1", "offset=10001", "nosuch=1", "bbox=1,2,3", "bbox=a,b,c,d",
    "bbox=1,2,3,nan", "bbox=1,9,3,4", "bbox=1,2,3,4&bbox-crs=EPSG:4326", f"crs={epsg(9999)}", "datetime=yesterday",
    "datetime=../..", "datetime=2026-06-02/2026-06-01", "datetime=", "filter=nosuch=1", "filter=code",
    "filter-lang=sql",
    "filter=code=\'x\'&filter-lang=ecql", "sortby=nosuch", "sortby=code,-code", "sortby=", "sortby=digest", "cursor=x",
    "cursor=WyJhIl0=", "cursor=WzFd&sortby=code", "resultType=all", "f=xml", "filter=pg_sleep(1)=1",
    "filter=" + "(" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("query", IMPOSSIBLE, ids=lambda query: query[:40])
def test_what_cannot_be_asked_is_refused(service: Service, query: str) -> None:
    """A.2.7, query invalid: a misspelt question would be answered with everything, or be a fault."""
    parts = [part.partition("=") for part in query.split("&")]
    path = f"{ITEMS}?" + "&".join(f"{name}={quote(value)}" for name, _, value in parts)
    reply = service.server.ask(path, Accept_Language="en")
    assert reply.status == 400 and reply.headers["Content-Type"] == "application/problem+json", reply.text
    assert reply.document["field"] in query and "SELECT" not in reply.text


FORGED: dict[str, list[Any]] = {
    "x": [{}, [1], True, 10**400, float("nan"), float("inf"), "1"],
    "version": [{}, [1], True, 10**30, 1.5, "1"],
    "description": [{}, [1], True, 1, "a\0b", "\ud800"],
    "reported_at": [{}, 1, "2026-06-01", "2026-06-01T00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
}


@pytest.mark.parametrize("column", FORGED)
def test_a_place_we_did_not_give_is_refused(service: Service, column: str) -> None:
    """A mangled link would be a fault of the database."""
    for place in ([None, True], [None, -1], *([value, 1] for value in FORGED[column])):
        cursor = urlsafe_b64encode(json.dumps(place).encode()).decode()
        reply = service.server.ask(f"{ITEMS}?sortby={column}&cursor={cursor}")
        assert (reply.status, reply.document.get("field")) == (400, "cursor"), place


def test_pages_follow_each_other_by_any_order(service: Service) -> None:
    """Pages would miss or repeat features, with ties and missing values most of all."""
    everything = service.pages(limit="100")
    for sortby in ("", "category", "-description,reported_at", "description,-code", "-closed_at", "street_distance_m"):
        query = {"limit": "10", **({"sortby": sortby} if sortby else {})}
        paged = service.pages(**query)
        assert sorted(one["id"] for one in paged) == sorted(one["id"] for one in everything), sortby
        whole = service.pages(**{**query, "limit": "1000"})
        assert [one["id"] for one in paged] == [one["id"] for one in whole], sortby
    words = [one["properties"]["description"] for one in service.pages(sortby="-description")]
    assert words == ["垃圾"] * 19 + ["bin"] * 19 + [None] * 19
    assert [one["id"] for one in service.pages(limit="10", offset="50")] == [one["id"] for one in everything[50:]]


def test_pages_of_a_box_follow_each_other(service: Service) -> None:
    """What a map shows comes from place to place: a page would begin where the one before did not end."""
    box = {"bbox": f"{WEST},{SOUTH},{WEST + 1.5 * SIDE},{SOUTH + 1.5 * SIDE}"}
    whole = [one["id"] for one in service.pages(**box, limit="1000")]
    assert 10 < len(whole) < COUNT and set(whole) == {one["id"] for one in service.pages(**box, sortby="code")}
    for limit in ("1", "7"):
        assert [one["id"] for one in service.pages(**box, limit=limit)] == whole
    assert [one["id"] for one in service.pages(**box, limit="5", offset="10")] == whole[10:]
    closed = [one["id"] for one in service.pages(**box, limit="3", filter="category = 'a'")]
    assert closed == [number for number in whole if number in set(closed)] != []


def test_bbox_in_every_system_and_across_the_antimeridian(service: Service) -> None:
    """A.2.7.2, Part 2: a map in another system would show another place."""
    box = np.array([[WEST, SOUTH], [WEST + SIDE, SOUTH + SIDE]])
    expected = {one["id"] for one in service.pages() if _in(one["geometry"]["coordinates"], box)}
    assert 0 < len(expected) < COUNT
    for crs, corners in (
        (CRS84, box), (epsg(4490), box[:, ::-1]), (epsg(3857), to_metres(box, 3857)),
        (epsg(CITY.metric_srid), to_metres(box, CITY.metric_srid)[:, ::-1]),
    ):  # fmt: skip
        found = service.pages(**{"bbox": ",".join(str(one) for one in corners.ravel()), "bbox-crs": crs})
        assert {one["id"] for one in found} == expected, crs
    six = [*box[0], 0, *box[1], 100]
    assert {one["id"] for one in service.pages(bbox=",".join(map(str, six)))} == expected
    assert service.pages(bbox=f"{WEST + SIDE},{SOUTH},{WEST - 1},{SOUTH + 1}") != []
    assert service.pages(bbox="170,-10,-170,10") == []


def _in(place: list[float], box: Any) -> bool:
    return bool((box[0] <= place).all() and (place <= box[1]).all())


def test_coordinates_come_in_the_system_asked_for(service: Service) -> None:
    """Part 2: features would lie elsewhere, or with their axes swapped."""
    (plain,) = service.ask(ITEMS, limit="1")["features"]
    lonlat = np.array([plain["geometry"]["coordinates"]])
    for crs, expected, near in (
        (epsg(4490), lonlat[:, ::-1], 1e-7), (epsg(3857), to_metres(lonlat, 3857), 0.05),
        (epsg(CITY.metric_srid), to_metres(lonlat, CITY.metric_srid)[:, ::-1], 0.05),
    ):  # fmt: skip
        reply = service.server.ask(f"{ITEMS}?limit=1&crs={quote(crs)}")
        assert reply.headers["Content-Crs"] == f"<{crs}>"
        assert reply.document["features"][0]["geometry"]["coordinates"] == pytest.approx(expected[0], abs=near)
    assert service.server.ask(ITEMS).headers["Content-Crs"] == f"<{CRS84}>"


def test_datetime(service: Service) -> None:
    """A.2.7.5: a day would begin and end elsewhere than in the city."""

    def days(query: str) -> set[str]:
        return {one["properties"]["reported_at"][:10] for one in service.pages(datetime=query)}

    assert days("2026-06-03") == days("2026-06-03T00:00:00+08:00/2026-06-03T23:59:59+08:00") == {"2026-06-03"}
    assert days("2026-06-19/..") == {"2026-06-19", "2026-06-20"} and days("/2026-06-02") == {"2026-06-01", "2026-06-02"}
    assert service.pages(datetime="2026-06-01T00:00:00Z") != []
    assert service.ask("/ogc/collections/grids/items", datetime="2026-06-03")["numberReturned"] == 5


def test_filters_in_both_languages_and_systems(service: Service) -> None:
    """Part 3: a filter would find something else when it is written otherwise."""
    text = service.pages(filter="category = 'b' AND description IS NULL")
    tree = {"op": "and", "args": [
        {"op": "=", "args": [{"property": "category"}, "b"]}, {"op": "isNull", "args": [{"property": "description"}]},
    ]}  # fmt: skip
    coded = service.pages(**{"filter": json.dumps(tree), "filter-lang": "cql2-json"})
    assert [one["id"] for one in text] == [one["id"] for one in coded] != []
    west, south, east, north = to_metres(np.array([[WEST, SOUTH], [WEST + SIDE, SOUTH + SIDE]]), 3857).ravel()
    here = f"S_INTERSECTS(geom, BBOX({west}, {south}, {east}, {north}))"
    found = service.pages(**{"filter": here, "filter-crs": epsg(3857)})
    assert 0 < len(found) < COUNT
    assert service.ask(ITEMS, filter="category = 'b'", resultType="hits")["numberMatched"] == COUNT // 2


def test_what_a_reader_has_is_not_sent_again_until_it_changes(service: Service, stores: Stores) -> None:
    """A map would load everything again at each look, or show yesterday."""
    first = service.server.ask(ITEMS)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = service.server.ask(ITEMS, If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    with stores.write() as store:
        store.close_issues(
            town.issues(1).assign(external_id=["3"], closed_at=pd.Series([pd.Timestamp("2026-06-30T00:00Z")]))
        )
    assert service.server.ask(ITEMS, If_None_Match=tag).status == 200
    part = join(stores, "part", Grant("inspector", Area("grid", "0101")))
    other = service.server.by(part).ask(ITEMS)
    assert other.headers["ETag"] != service.server.ask(ITEMS).headers["ETag"]
    assert other.document["numberMatched"] < COUNT
    assert {one["properties"]["grid"] for one in other.document["features"]} == {"0101"}


def test_readers_get_pages(service: Service) -> None:
    """A person who follows a link would meet JSON, or somebody's markup."""
    for path in ("/ogc", "/ogc/collections", ITEMS, f"{ITEMS}/1", "/ogc/conformance"):
        page = service.server.ask(path, Accept="text/html", Accept_Language="zh")
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/html"), path
        assert "要素服务" in page.text and re.search(r'(src|href)="https?://(?!127\.0\.0\.1)', page.text) is None
        assert service.server.ask(f"{path}?f=json", Accept="text/html").headers["Content-Type"].endswith("json")
