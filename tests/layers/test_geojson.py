import json
from pathlib import Path
from typing import Any

import pytest

from gis_core.errors import InvalidInput
from tests.layers.reading import chunks, columns

POINT = {"type": "Point", "coordinates": [108.3, 22.8]}


def feature(geometry: Any = POINT, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(folder: Path, *documents: Any, between: str = "\n", encoding: str = "utf-8") -> Path:
    path = folder / "a.geojson"
    text = between.join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in documents)
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\x1e", ""])
def test_features_one_after_the_other_are_read(between: str, tmp_path: Path) -> None:
    path = written(tmp_path, feature(code="a"), feature(code="b"), between=between)
    assert columns(path)["code"] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_chinese_properties_are_read_right(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, feature(名称="解放路农贸市场", 类别="暴露垃圾"), encoding=encoding)
    assert columns(path) == {"名称": ["解放路农贸市场"], "类别": ["暴露垃圾"]}


def test_columns_are_those_of_all_features(tmp_path: Path) -> None:
    collection = {"type": "FeatureCollection", "features": [feature(a=1), {**feature(b=2**60 + 1), "id": 7}]}
    path = written(tmp_path, collection)
    assert [list(chunk.frame) for chunk in chunks(path, 1)] == [["a", "id", "b"]] * 2
    assert columns(path) == {"a": [1, None], "id": [None, 7], "b": [None, 2**60 + 1]}


def test_geometry_that_is_none_or_broken(tmp_path: Path) -> None:
    broken = [
        {"type": "Point", "coordinates": ["x", 1]},
        {"type": "Point"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0]]]},
        {"type": "Circle", "radius": 3},
        "POINT (1 2)",
        [1, 2],
    ]
    (chunk,) = chunks(written(tmp_path, feature(None), *map(feature, broken)))
    assert chunk.shapes is not None
    assert all(shape is None for shape in chunk.shapes)
    assert set(chunk.faults) == set(range(1, 7))


def test_an_older_file_may_name_its_coordinate_system(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4545"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": [feature()]}
    assert chunks(written(tmp_path, collection))[0].crs == "urn:ogc:def:crs:EPSG::4545"
    assert chunks(written(tmp_path, {**collection, "crs": None}))[0].crs is None


def test_a_collection_without_features_is_one_empty_chunk(tmp_path: Path) -> None:
    (chunk,) = chunks(written(tmp_path, {"type": "FeatureCollection", "features": []}))
    assert len(chunk.frame) == 0


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("[1, 2]", "geojson_kind"),
        ('{"type": "Topology", "objects": {}}', "geojson_kind"),
        ('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /vsicurl/x"}', "geojson_kind"),
        ('{"type": "FeatureCollection", "features": {}}', "geojson_kind"),
        ('{"type": "FeatureCollection", "features": [7]}', "geojson_kind"),
        ('{"type": "FeatureCollection", "features": [{"properties": "x"}]}', "geojson_kind"),
        ('{"type": "FeatureCollection", "features": [', "file_damaged"),
        ("{" * 100, "file_damaged"),
        (r'{"type": "Feature", "properties": {"\ud800": 1}}', "file_damaged"),
        ('{"a":' * 100_000, "file_damaged"),
        ('{"type": "Feature"} trailing', "file_damaged"),
    ],
)
def test_what_is_no_geojson_is_refused(content: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        chunks(written(tmp_path, content))
    assert refusal.value.key == key
