"""Vector tiles, decoded by another's decoder and compared with the shapes they were made of."""

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from gis_core.errors import InvalidInput
from gis_core.mvt import BUFFER, EXTENT, check_tile, encode, tile_box, tile_units

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
    outside = [Point(at(1.2, 0.5)), box(*at(3, 3), *at(4, 2)), LineString([at(-2, 0), at(-1, 1)])]
    assert [one["id"] for one in made(near, *outside)] == [7]
    assert made(*outside) == []
    assert made() == []


def test_properties_keep_their_kind() -> None:
    """A map could not filter by them, or show a number as a word."""
    features = made(
        *[Point(at(0.1 * k, 0.5)) for k in range(1, 5)],
        name=["垃圾", "a", None, "a"], count=[1, -5, 2**40, None],
        share=[0.5, 1.0, None, -2.25], open=[True, False, None, True],
    )  # fmt: skip
    assert [one["properties"] for one in features] == [
        {"name": "垃圾", "count": 1, "share": 0.5, "open": True},
        {"name": "a", "count": -5, "share": 1.0, "open": False},
        {"count": 2**40},
        {"name": "a", "share": -2.25, "open": True},
    ]


def test_many_random_shapes_of_all_kinds_together() -> None:
    """What works for one shape would mix up features where there are many."""
    draw = np.random.default_rng(20260701)
    shapes: list[Any] = []
    for _ in range(300):
        place = np.array(at(*draw.uniform(-0.2, 1.2, 2)))
        around = place + draw.uniform(-0.05, 0.05, (5, 2)) * (WIDE, HIGH)
        shapes.append(
            [Point(place), LineString(around), Polygon(around).convex_hull, MultiPoint(around)][len(shapes) % 4]
        )
    features = {one["id"] - 7: decoded(one) for one in made(*shapes, n=list(range(300)))}
    for number, shape in enumerate(shapes):
        expected = placed(shape)
        if number not in features:
            assert expected.is_empty or expected.area + expected.length < 4
            continue
        assert shapely.hausdorff_distance(features[number], expected) <= 2, number
    assert len(features) > 150


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
