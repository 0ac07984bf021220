import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis_core.errors import InvalidInput
from layers.formats import open_file
from tests.layers.reading import chunks, columns

STREETS = gpd.GeoDataFrame(
    {"名称": ["解放路农贸市场", "和平里社区"], "code": ["01001", "01002"], "length": [1.5, 2.0]},
    geometry=[shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(1, 1), (2, 1)])],
    crs=4545,
)


def written(folder: Path, encoding: str = "GBK", frame: gpd.GeoDataFrame = STREETS) -> Path:
    path = folder / "streets.shp"
    frame.to_file(path, encoding=encoding)
    return path


def zipped(path: Path, *more: str, prefix: str = "") -> Path:
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            if part != target:
                archive.write(part, f"{prefix}{part.name}")
        for name in more:
            archive.write(path, name)
    return target


def refusal_of(path: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        chunks(path)
    return refusal.value


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB18030"])
@pytest.mark.parametrize("declared", [None, "UTF-8", "936", "ISO-8859-1"])
def test_the_bytes_say_the_encoding_whatever_is_declared(encoding: str, declared: str | None, tmp_path: Path) -> None:
    path = written(tmp_path, encoding)
    path.with_suffix(".cpg").unlink()
    if declared:
        path.with_suffix(".cpg").write_text(declared)
    assert columns(path)["名称"] == ["解放路农贸市场", "和平里社区"]
    assert columns(zipped(path))["名称"] == ["解放路农贸市场", "和平里社区"]


def test_another_encoding_needs_a_declaration(tmp_path: Path) -> None:
    path = written(tmp_path, "ISO-8859-1", STREETS.rename(columns={"名称": "name"}).assign(name=["Größe", "Château"]))
    assert columns(path)["name"] == ["Größe", "Château"]
    path.with_suffix(".cpg").write_text("nonsense")
    assert refusal_of(path).key == "file_encoding"
    path.with_suffix(".cpg").unlink()
    assert refusal_of(path).key == "file_encoding"


def test_the_prj_says_the_coordinate_system(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert chunks(path)[0].crs == "EPSG:4545"
    path.with_suffix(".prj").unlink()
    assert chunks(path)[0].crs is None


def test_parts_in_capitals_are_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    for part in sorted(tmp_path.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    assert columns(path.with_suffix(".SHP"))["code"] == ["01001", "01002"]


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_missing_part_is_named(suffix: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    path.with_suffix(suffix).unlink()
    for file in (path, zipped(path)):
        with pytest.raises(InvalidInput) as refusal:
            open_file(file)
        assert refusal.value.key == "shapefile_part"
        assert refusal.value.params["expected"] == suffix


def test_an_archive_may_hold_folders_but_one_shapefile(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert columns(zipped(path, "__MACOSX/._streets.shp", prefix="数据/"))["code"] == ["01001", "01002"]
    refusal = refusal_of(zipped(path, "other.shp"))
    assert refusal.key == "layers_not_one"
    assert refusal.params["found"] == "streets.shp, other.shp"


def test_a_shapefile_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", '<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>')
        archive.writestr("a.shx", "x")
        archive.writestr("a.dbf", "x")
    assert refusal_of(path).key == "file_damaged"


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_truncated_part_is_refused(suffix: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-30])
    refusal = refusal_of(path)
    assert refusal.key == "file_damaged"
    assert "streets.shp" in str(refusal)


def test_rows_without_geometry_are_kept(tmp_path: Path) -> None:
    frame = STREETS.copy()
    frame.loc[1, "geometry"] = None
    (chunk,) = chunks(written(tmp_path, frame=frame))
    assert chunk.shapes is not None
    assert chunk.shapes[1] is None
    assert chunk.faults == {}
