"""Pictures of hot spots: every pixel says what the answer says there, and nothing where it says nothing."""

import io
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image
from shapely.geometry import LineString, box

from gis_core.arrays import Floats
from gis_core.crs import to_lonlat, to_metres
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.surface import Canvas, Surface
from gis_core.mvt import EXTENT, tile_units
from map_ui.heat_pictures import Frame, box_frame, extent_of, picture, tile_frame
from map_ui.hotspot_colours import CLASSES, HEAT, class_of, colour_of, ramp

SRID, WEST, SOUTH, SIDE = 4545, 108.3, 22.8, 0.01
CORNER = to_metres(np.array([[WEST, SOUTH]]), SRID)[0]


def pixels(written: bytes) -> np.ndarray:
    """Rows of red, green, blue and opacity."""
    with Image.open(io.BytesIO(written)) as image:
        return np.asarray(image.convert("RGBA"))


def rgb(colour: str) -> list[int]:
    """A colour as numbers."""
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def heated(inside: np.ndarray, density: np.ndarray, cell_m: float = 50.0) -> Answer:
    """Heat from the south-west corner on, in two classes."""
    surface = Surface(Canvas(*CORNER.tolist(), cell_m, inside), density, 1, 0)
    return Answer(gpd.GeoDataFrame({"class": []}, geometry=[], crs=4326), {"breaks": [1.0, 10.0]}, surface)


def units(**classes: str) -> Answer:
    """Squares from west to east by class."""
    shapes = [box(WEST + k * SIDE, SOUTH, WEST + (k + 1) * SIDE, SOUTH + SIDE) for k in range(len(classes))]
    return Answer(gpd.GeoDataFrame({"class": list(classes.values())}, geometry=shapes, crs=4326))


def at(frame: Frame, lon: float, lat: float) -> tuple[int, int]:
    """Row and column of the pixel of a place."""
    column, row = frame.pixels(np.array([[lon, lat]]))[0]
    return int(row), int(column)


def test_heat_is_as_hot_at_its_border_as_the_cell_there() -> None:
    """A hot street at the border of the territory would be drawn with a cool rim."""
    inside = np.ones((20, 20), dtype=bool)
    inside[:, 10:] = False
    answer = heated(inside, np.where(inside, 20.0, 0.0))
    (west, south), (east, north) = to_lonlat(np.array([CORNER, CORNER + 1_000]), SRID).tolist()
    found = pixels(picture("surface", answer, SRID, box_frame((west, south, east, north), 400)))
    drawn = found[found[..., 3] > 0]
    assert np.unique(drawn[:, :3], axis=0).tolist() == [rgb(HEAT[-1])]
    # The box of degrees is not quite that of metres: a pixel or two.
    assert abs(int((found[200, :, 3] > 0).sum()) - 200) <= 3


def test_tiles_side_by_side_are_one_picture() -> None:
    """A map would have seams."""
    density = np.outer(np.linspace(0, 20, 60), np.ones(60))
    answer = heated(np.ones((60, 60), dtype=bool), density)
    x, y = (tile_units(np.array([[WEST + 0.01, SOUTH + 0.01]]), 14, 0, 0)[0] // EXTENT).astype(int).tolist()
    whole = pixels(picture("surface", answer, SRID, tile_frame(13, x // 2, y // 2)))
    parts = [[picture("surface", answer, SRID, tile_frame(14, x // 2 * 2 + i, y // 2 * 2 + j)) for i in (0, 1)]
             for j in (0, 1)]  # fmt: skip
    none = np.zeros((256, 256, 4), np.uint8)
    joined = np.vstack([np.hstack([pixels(one) if one else none for one in row]) for row in parts])
    seen = joined[::2, ::2]
    assert (seen == whole).all(axis=2).mean() > 0.98, "but for the pixels at a border of classes"


def test_hot_is_red_cold_is_blue_and_what_is_not_known_is_hatched() -> None:
    """Where nobody looked would be drawn as clean."""
    answer = units(a="hot_99", b="cold_99", c="insufficient", d="none")
    frame = box_frame((WEST, SOUTH, WEST + 4 * SIDE, SOUTH + SIDE), 400)
    found = pixels(picture("significance", answer, SRID, frame))
    for nth, name in enumerate(("hot_99", "cold_99")):
        row, column = at(frame, WEST + (nth + 0.5) * SIDE, SOUTH + SIDE / 2)
        assert np.abs(found[row, column, :3].astype(int) - rgb(CLASSES[name])).max() <= 2, name
    hatched = found[20:80, 220:280, 3]
    assert (hatched == 0).any() and (hatched > 100).any()


def test_a_hole_is_seen_through_and_lines_are_drawn() -> None:
    """A court without reports would be as hot as the block around it."""
    ring = box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE) - box(
        WEST + 0.3 * SIDE, SOUTH + 0.3 * SIDE, WEST + 0.7 * SIDE, SOUTH + 0.7 * SIDE
    )
    frame = box_frame((WEST, SOUTH, WEST + SIDE, SOUTH + SIDE), 200)
    answer = Answer(gpd.GeoDataFrame({"class": ["hot_95"]}, geometry=[ring], crs=4326))
    found = pixels(picture("significance", answer, SRID, frame))
    assert found[at(frame, WEST + SIDE / 2, SOUTH + SIDE / 2)][3] == 0
    assert found[at(frame, WEST + 0.1 * SIDE, SOUTH + SIDE / 2)][3] > 100
    line = LineString([(WEST, SOUTH + SIDE / 2), (WEST + SIDE, SOUTH + SIDE / 2)])
    heat = Answer(gpd.GeoDataFrame({"density": [5.0]}, geometry=[line], crs=4326), {"breaks": [1.0, 10.0]})
    drawn = pixels(picture("network", heat, SRID, frame))
    assert 0 < (drawn[:, 100, 3] > 0).sum() <= 6
    assert picture("network", heat, SRID, tile_frame(14, 0, 0)) == b""


def test_pictures_too_large_are_refused_with_what_would_do() -> None:
    """One request would fill the memory."""
    for wrong, width in (((0.0, 0.0, 0.001, 1.0), 1_000), ((0.0, 0.0, 1.0, 1.0), 0), ((0.0, 0.0, 0.0, 1.0), 10)):
        with pytest.raises(InvalidInput):
            box_frame(wrong, width)
    with pytest.raises(InvalidInput) as refused:
        box_frame((-180.0, -85.0, 180.0, 85.0), 4_096)
    most = int(refused.value.params["expected"].split()[-1])
    frame = box_frame((-180.0, -85.0, 180.0, 85.0), most)
    assert refused.value.params["field"] == "width" and 1_000 < frame.width * frame.height // 1_024 <= 4_096


def test_a_box_too_narrow_for_any_picture_is_refused_by_its_own_name() -> None:
    """A width from 1 to 0 pixels would be asked for."""
    for narrow in ((108.3, 1.0, 108.30001, 80.0), (108.3, 1.0, 108.3, 2.0)):
        with pytest.raises(InvalidInput) as refused:
            box_frame(narrow, 1_024)
        assert refused.value.params["field"] == "bbox", narrow


@pytest.mark.parametrize("across", [(SIDE, 0.0), (0.0, SIDE), (0.0, 0.0)])
def test_one_street_is_a_picture(across: tuple[float, float]) -> None:
    """A lane from south to north would be refused, and one from west to east be a single row of pixels."""
    street = LineString([(WEST, SOUTH), (WEST + across[0], SOUTH + across[1])])
    heat = Answer(gpd.GeoDataFrame({"density": [5.0]}, geometry=[street], crs=4326), {"breaks": [1.0]})
    extent = extent_of(heat, SRID)
    assert extent is not None
    frame = box_frame(extent, 200)
    assert 50 <= frame.height <= 1_000
    west, south, east, north = extent
    assert west <= WEST < east and south <= SOUTH < north
    if any(across):
        assert (pixels(picture("network", heat, SRID, frame))[:, :, 3] > 0).any()


class Looked(Canvas):
    """A canvas that notes how many pixels were asked for, and how many at once."""

    asked: ClassVar[list[int]] = []

    def places(self, xy: Floats) -> tuple[Floats, Floats]:
        """Where they are."""
        assert np.isfinite(xy).all()
        self.asked.append(len(xy))
        return super().places(xy)


def test_only_pixels_in_which_something_is_are_worked_out() -> None:
    """The picture of the world would take seconds and the memory of the machine, for a speck of it."""
    canvas = Looked(*CORNER.tolist(), 50.0, np.ones((20, 20), dtype=bool))
    answer = Answer(units().features, {"breaks": [1.0, 10.0]}, Surface(canvas, np.full((20, 20), 20.0), 1, 0))
    Looked.asked.clear()
    frame = box_frame((100.0, 15.0, 116.0, 30.0), 2_000)
    land = pixels(picture("surface", answer, SRID, frame))
    assert land.shape[:2] == (frame.height, frame.width) and 0 < (land[..., 3] > 0).sum() <= 4
    middle = at(frame, *to_lonlat(np.array([CORNER + 500]), SRID)[0])
    assert np.abs(np.argwhere(land[..., 3]) - middle).max() <= 1
    picture("surface", answer, SRID, box_frame((-180.0, -85.0, 180.0, 85.0), 2_000))
    assert 0 < sum(Looked.asked) < 10_000
    Looked.asked.clear()
    near = picture("surface", answer, SRID, box_frame((WEST, SOUTH, WEST + SIDE, SOUTH + SIDE), 1_000))
    assert near and max(Looked.asked) <= 128 * 1_000
    Looked.asked.clear()
    assert picture("surface", answer, SRID, tile_frame(14, 0, 0)) == b"" and not Looked.asked


def test_hatching_goes_on_from_tile_to_tile() -> None:
    """Where nobody looked would have seams, or lines that depend on what else is in the picture."""
    answer, frame = units(a="insufficient"), box_frame((WEST - SIDE, SOUTH, WEST + 2 * SIDE, SOUTH + SIDE), 900)
    beside = Frame(frame.west + 96 * frame.pixel, frame.north, frame.pixel, 804, frame.height)
    whole, part = (pixels(picture("significance", answer, SRID, one)) for one in (frame, beside))
    assert (whole[:, 96:] == part).all() and whole[..., 3].any()


def test_the_hottest_class_is_the_darkest_however_many_there_are() -> None:
    """Red would mean something else where a city has few breaks."""
    for classes in range(1, 6):
        assert len(ramp(classes)) == len(set(ramp(classes))) == classes and ramp(classes)[-1] == HEAT[-1]
    assert [class_of(value, (1.0, 10.0)) for value in (0.5, 1.0, 9.9, 10.0)] == [-1, 0, 0, 1]
    assert colour_of("network", {"density": 0.5}, (1.0, 10.0)) is None
