"""Vector tiles, decoded by another's decoder and compared with the shapes they were made of."""

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
import shapely.affinity
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box
from sqlalchemy import create_engine, text

from gis_core.errors import InvalidInput
from gis_core.mvt import BUFFER, EXTENT, check_tile, encode, encode_points, tile_box, tile_units

Z, X, Y = 14, 13_120, 7_136
WEST, SOUTH, EAST, NORTH = tile_box(Z, X, Y)
WIDE, HIGH = EAST - WEST, NORTH - SOUTH


def made(*shapes: Any, **properties: list[Any]) -> list[dict[str, Any]]:
    """The features of a tile of these shapes, decoded; y stays downwards."""
    data = encode("issues", np.array(shapes, dtype=object), np.arange(len(shapes)) + 7, properties, Z, X, Y)
    if not data:
        return []
    tile = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    assert list(tile) == ["issues"] and tile["issues"]["extent"] == EXTENT and tile["issues"]["version"] == 2
    features: list[dict[str, Any]] = tile["issues"]["features"]
    return features


def at(across: float, down: float) -> tuple[float, float]:
    """A place by its share of the tile from the north-west corner, about; not at its middle."""
    return WEST + across * WIDE, NORTH - down * HIGH


def decoded(feature: dict[str, Any]) -> Any:
    """A feature's shape."""
    return shapely.geometry.shape(feature["geometry"])


def placed(shape: Any) -> Any:
    """A shape in units of the tile, cut at its margin."""
    units = shapely.transform(shape, lambda lonlat: tile_units(lonlat, Z, X, Y))
    return shapely.clip_by_rect(units, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


HOLED = box(*at(0.5, 0.9), *at(0.9, 0.5)).difference(box(*at(0.6, 0.8), *at(0.7, 0.7)))


@pytest.mark.parametrize(
    "shape",
    [
        Point(at(0.25, 0.5)), MultiPoint([at(0.1, 0.1), at(0.9, 0.2), at(0.5, 0.9)]),
        LineString([at(0.1, 0.1), at(0.5, 0.7), at(1.5, 0.7)]),
        MultiLineString([[at(0.1, 0.1), at(0.2, 0.3)], [at(0.8, 0.1), at(0.7, 0.9), at(0.9, 0.95)]]),
        Polygon([at(0.1, 0.1), at(0.8, 0.2), at(0.6, 0.9)]),
        box(*at(-1, 2), *at(2, -1)).difference(box(*at(0.3, 0.6), *at(0.6, 0.3))),
        MultiPolygon([box(*at(0.1, 0.4), *at(0.3, 0.1)), HOLED]),
    ],
    ids=lambda shape: shape.geom_type,
)  # fmt: skip
def test_what_goes_in_comes_out_within_a_unit(shape: Any) -> None:
    """A street or a grid would be drawn somewhere else."""
    (feature,) = made(shape)
    found, expected = decoded(feature), placed(shape)
    assert found.is_valid and shapely.get_num_geometries(found) == shapely.get_num_geometries(expected)
    assert shapely.hausdorff_distance(found, expected) <= 1.5
    assert feature["id"] == 7


def world(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    """Degrees of places known by their units in the one tile of zoom 0."""
    x, y = np.array(corners).T / EXTENT
    return list(zip(x * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))), strict=True))


@pytest.mark.parametrize(
    ("shape", "commands"),
    [
        (Point(world((25, 17))), [9, 50, 34]),
        (Point(world((24.6, 17.4))), [9, 50, 34]),
        (MultiPoint(world((5, 7), (3, 2))), [17, 10, 14, 3, 9]),
        (LineString(world((2, 2), (2, 10), (10, 10))), [9, 4, 4, 18, 0, 16, 16, 0]),
        (LineString(world((2, 2), (2, 9.7), (2, 10.3), (10, 10))), [9, 4, 4, 18, 0, 16, 16, 0]),
        (MultiLineString([world((2, 2), (2, 10), (10, 10)), world((1, 1), (3, 5))]),
         [9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]),
        (MultiLineString([world((1, 1), (1.2, 1.2)), world((2, 2), (2, 10), (10, 10))]), [9, 4, 4, 18, 0, 16, 16, 0]),
        (Polygon(world((3, 6), (8, 12), (20, 34))), [9, 6, 12, 18, 10, 12, 24, 44, 15]),
        (Polygon(world((3, 6), (8, 12), (20, 34), (3.3, 5.8))), [9, 6, 12, 18, 10, 12, 24, 44, 15]),
        (MultiPolygon([(world((0, 0), (10, 0), (10, 10), (0, 10)), []),
                       (world((11, 11), (20, 11), (20, 20), (11, 20)),
                        [world((13, 13), (13, 17), (17, 17), (17, 13))])]),
         [9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15,
          9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0, 8, 8, 0, 0, 7, 15]),
    ],
)  # fmt: skip
def test_the_examples_of_the_specification(shape: Any, commands: list[int]) -> None:
    """Decoders forgive much; others would not: a corner written twice, a ring closed by hand, a part of one corner."""
    data = encode("g", np.array([shape], dtype=object), np.array([1]), {}, 0, 0, 0)
    assert bytes([0x22, len(commands), *commands]) in data


def test_features_keep_their_properties_when_kinds_are_mixed() -> None:
    """A square would be told what a point is."""
    features = made(box(*at(0.1, 0.4), *at(0.4, 0.1)), Point(at(0.5, 0.5)), n=["square", "point"])
    assert {one["properties"]["n"]: (one["id"], decoded(one).geom_type) for one in features} == {
        "square": (7, "Polygon"), "point": (8, "Point")
    }  # fmt: skip


def test_points_known_by_their_units() -> None:
    """The lattice would lie beside the features."""
    units = np.array([[32, 96], [4064, 0]])
    (first, second) = world(*units.tolist())
    shapes, said = np.array([Point(first), Point(second)]), {"count": [3, 500]}
    assert encode_points("n", units, np.array([5, 6]), said) == encode("n", shapes, np.array([5, 6]), said, 0, 0, 0)
    assert encode_points("n", units[:0], np.arange(0), {"count": []}) == b""
    alike = encode_points("n", np.vstack([units, units]), np.arange(4), {"count": [3, None]}, np.array([0, 1, 1, 0]))
    assert [one["properties"] for one in mapbox_vector_tile.decode(alike)["n"]["features"]] == [
        {"count": 3}, {}, {}, {"count": 3},
    ]  # fmt: skip


def test_rings_turn_the_way_the_format_wants() -> None:
    """A map would fill the holes and leave out the ground."""
    with_hole = box(*at(0.1, 0.9), *at(0.9, 0.1)).difference(box(*at(0.4, 0.6), *at(0.6, 0.4)))
    for shape in (with_hole, shapely.reverse(with_hole)):
        data = encode("g", np.array([shape], dtype=object), np.array([1]), {}, Z, X, Y)
        raw = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})["g"]["features"][0]["geometry"]
        outer, hole = raw["coordinates"]
        assert _area(outer) > 0 > _area(hole)


def _area(ring: list[list[int]]) -> float:
    x, y = np.array(ring).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def test_what_lies_outside_is_left_out() -> None:
    """Tiles would hold the whole city."""
    near = Point(WEST - 0.5 * WIDE * BUFFER / EXTENT, at(0, 0.5)[1])
    outside = [Point(at(1.2, 0.5)), box(*at(3, 3), *at(4, 2)), LineString([at(-2, 0), at(-1, 1)]), None, Polygon()]
    assert [one["id"] for one in made(near, *outside)] == [7]
    assert made(*outside) == []
    assert made() == []


def test_properties_keep_their_kind() -> None:
    """A map could not filter by them, or show a number as a word."""
    features = made(
        *[Point(at(0.1 * k, 0.5)) for k in range(1, 5)],
        name=["垃圾", "a" * 126, None, "a" * 126], count=[1, -5, 2**40, None],
        share=[0.5, 1.0, None, -2.25], open=[True, False, None, True],
    )  # fmt: skip
    assert [one["properties"] for one in features] == [
        {"name": "垃圾", "count": 1, "share": 0.5, "open": True},
        {"name": "a" * 126, "count": -5, "share": 1.0, "open": False},
        {"count": 2**40},
        {"name": "a" * 126, "share": -2.25, "open": True},
    ]


def test_equal_values_are_written_once() -> None:
    """A tile would grow with its features; and 1, 1.0 and true, equal in Python, would become one another."""
    several = made(*[Point(at(0.5, 0.5))] * 4, said=[1, 1.0, True, 1], again=[1, True, 1.0, None])
    told = [{name: (type(value), value) for name, value in one["properties"].items()} for one in several]
    assert told == [
        {"said": (int, 1), "again": (int, 1)},
        {"said": (float, 1.0), "again": (bool, True)},
        {"said": (bool, True), "again": (float, 1.0)},
        {"said": (int, 1)},
    ]
    few, many = (
        len(encode("n", np.full(rows, Point(at(0.5, 0.5))), np.arange(rows), {"kind": ["matter"] * rows}, Z, X, Y))
        for rows in (10, 110)
    )
    # Head and length, id, tags, kind and a point of five bytes.
    assert many - few == 100 * (2 + 2 + 4 + 2 + 2 + 5)


def several_shapes(count: int) -> list[Any]:
    """Shapes of all kinds in and around the tile, from smaller than a unit to a third of its side."""
    draw = np.random.default_rng(20260701)
    shapes: list[Any] = []
    for number in range(count):
        size = 10.0 ** draw.uniform(-4, -0.8)
        place = np.array(at(*draw.uniform(-0.2, 1.2, 2)))
        around = place + draw.uniform(-size, size, (6, 2)) * (WIDE, HIGH)
        outer = MultiPoint(around).convex_hull
        hole = shapely.affinity.scale(outer, 0.4, 0.4)
        shapes.append(
            [Point(place), MultiPoint(around), LineString(around), MultiLineString([around[:3], around[3:]]), outer,
             outer.difference(hole), MultiPolygon([outer.difference(hole), shapely.affinity.scale(outer, 0.2, 0.2)])]
            [number % 7]
        )  # fmt: skip
    return shapes


def test_many_random_shapes_of_all_kinds_together() -> None:
    """What works for one shape would mix up features where there are many."""
    shapes = several_shapes(700)
    features = {one["id"] - 7: one for one in made(*shapes, n=list(range(len(shapes))))}
    for number, shape in enumerate(shapes):
        expected = placed(shape)
        if number not in features:
            assert expected.is_empty or (expected.buffer(-1).is_empty and expected.length < 4 * EXTENT / 256), number
            continue
        found = decoded(features[number])
        assert features[number]["properties"] == {"n": number}
        assert found.is_valid and shapely.get_dimensions(found) == shapely.get_dimensions(shape), number
        assert shapely.hausdorff_distance(found, expected) <= 2, number
        assert abs(found.area - expected.area) <= expected.length + 4, number
    assert len(features) > len(shapes) / 2


def test_rounding_makes_nothing_cross_itself() -> None:
    """A map would fill a narrow neck outside in, and a click would find the neighbour."""
    unit = np.array([WIDE, -HIGH]) / EXTENT
    neck = [(0, 0), (400, 0), (400, 200.1), (420, 200.1), (420, 0), (800, 0), (800, 400), (420, 400), (420, 200.3),
            (400, 200.3), (400, 400), (0, 400)]  # fmt: skip
    spike = [(0, 0), (100, 0), (100, 100), (50.2, 100), (50, 900), (49.8, 100), (0, 100)]
    sliver, hair = [(0, 0), (900, 0.1), (900, 0.3)], [(0.1, 0.1), (0.3, 0.3)]
    corner = np.array([at(0.25, 0.25)])
    narrow = [Polygon(corner + np.array(ring) * unit) for ring in (neck, spike, sliver)]
    bow_tie = Polygon(corner + np.array([(0, 0), (800, 800), (800, 0), (0, 800)]) * unit)
    features = {one["id"] - 7: one for one in made(*narrow, LineString(corner + np.array(hair) * unit), bow_tie)}
    assert sorted(features) == [0, 1, 4]
    for number, area in ((0, 780 * 400), (1, 100 * 100), (4, 800 * 800 / 2)):
        found = decoded(features[number])
        assert found.is_valid and abs(found.area - area) < 1000, number
        for ring in shapely.get_rings(found):
            assert (np.abs(np.diff(shapely.get_coordinates(ring), axis=0)).sum(axis=1) > 0).all()


def test_postgis_makes_the_same_tile(postgis_url: str) -> None:
    """The map of a city would change when it moves from one database to the other."""
    shapes = several_shapes(700)
    rows = [{"id": number + 7, "wkb": shapely.to_wkb(shape)} for number, shape in enumerate(shapes)]
    engine = create_engine(postgis_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE shape (id int, geom geometry(Geometry, 4326))"))
        connection.execute(text("INSERT INTO shape VALUES (:id, ST_GeomFromWKB(:wkb, 4326))"), rows)
        envelope = f"ST_TileEnvelope({Z}, {X}, {Y})"
        drawn = f"SELECT id, ST_AsMVTGeom(ST_Transform(geom, 3857), {envelope}, {EXTENT}, {BUFFER}) AS geom FROM shape"
        tile = connection.scalar(text(f"SELECT ST_AsMVT(t.*, 'issues', {EXTENT}, 'geom', 'id') FROM ({drawn}) AS t"))
    engine.dispose()
    theirs = mapbox_vector_tile.decode(bytes(tile), default_options={"y_coord_down": True})["issues"]["features"]
    ours = {one["id"]: decoded(one) for one in made(*shapes)}
    expected = {one["id"]: decoded(one) for one in theirs}
    # What is hardly a unit wide one of the two may leave out.
    for number in ours.keys() ^ expected.keys():
        assert placed(shapes[number - 7]).area <= 4 and placed(shapes[number - 7]).length <= 8, shapes[number - 7]
    for number in ours.keys() & expected.keys():
        assert shapely.get_dimensions(ours[number]) == shapely.get_dimensions(expected[number])
        assert shapely.hausdorff_distance(ours[number], expected[number]) <= 3, number
        assert abs(ours[number].area - expected[number].area) <= ours[number].length / 2 + 2, number
    assert len(ours.keys() & expected.keys()) > 350


@pytest.mark.parametrize("tile", [(-1, 0, 0), (23, 0, 0), (0, 1, 0), (5, 32, 0), (5, 0, 32), (5, -1, 0)])
def test_what_is_no_tile_is_refused(tile: tuple[int, int, int]) -> None:
    """A made-up address would be a fault, or a costly nothing."""
    with pytest.raises(InvalidInput):
        check_tile(*tile)


def test_tiles_fit_together() -> None:
    """There would be gaps between them, or the poles be elsewhere."""
    assert tile_box(0, 0, 0) == pytest.approx((-180, -85.0511287798, 180, 85.0511287798))
    assert tile_box(Z, X, Y)[2] == tile_box(Z, X + 1, Y)[0] and tile_box(Z, X, Y)[1] == tile_box(Z, X, Y + 1)[3]
    corner = tile_units(np.array([[WEST, NORTH], [EAST, SOUTH]]), Z, X, Y)
    assert corner == pytest.approx(np.array([[0, 0], [EXTENT, EXTENT]]), abs=1e-5)
