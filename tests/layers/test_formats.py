import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from gis_core.errors import InvalidInput, NotFound
from layers.archives import Limits
from layers.formats import open_file
from tests.layers.reading import chunks, columns, numbers

POINTS = gpd.GeoDataFrame(
    {"code": ["01001", "01002", "01003"], "名称": ["解放路", None, "和平里"], "metres": [1.5, None, 3.0]},
    geometry=[shapely.Point(108.3, 22.8), shapely.Point(108.31, 22.8), shapely.Point(108.32, 22.81)],
    crs=4326,
)
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/http://127.0.0.1:9/x</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


def written(kind: str, folder: Path) -> Path:
    path = folder / f"points.{kind}"
    if kind == "csv":
        POINTS.drop(columns="geometry").assign(wkt=POINTS.to_wkt()["geometry"]).to_csv(path, index=False)
    elif kind == "xlsx":
        POINTS.drop(columns="geometry").assign(wkt=POINTS.to_wkt()["geometry"]).to_excel(path, index=False)
    elif kind == "parquet":
        POINTS.to_parquet(path)
    elif kind == "zip":
        POINTS.to_file(folder / "points.shp", encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in folder.glob("points.[sdpc]*"):
                archive.write(part, f"folder/{part.name}")
    else:
        POINTS.to_file(path, encoding="UTF-8")
    return path


@pytest.mark.parametrize("kind", ["geojson", "geojsonl", "gpkg", "shp", "zip", "parquet", "csv", "xlsx"])
@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_every_kind_gives_the_same_rows(kind: str, rows: int, tmp_path: Path) -> None:
    path = written(kind, tmp_path)
    read = columns(path, rows)
    assert read["code"] == ["01001", "01002", "01003"]
    assert [name or None for name in read["名称"]] == ["解放路", None, "和平里"]
    assert [float(metres) for metres in read["metres"] if metres not in (None, "")] == [1.5, 3.0]
    assert numbers(path, rows) == [1, 2, 3]
    assert all(len(chunk.frame) <= rows for chunk in chunks(path, rows))
    if kind in ("csv", "xlsx"):
        shapes = shapely.from_wkt(read["wkt"])
    else:
        shapes = [shape for chunk in chunks(path, rows) for shape in chunk.shapes]
    assert shapely.equals_exact(shapes, POINTS.geometry.to_numpy()).all()


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet", "csv", "xlsx", "zip"])
def test_the_name_means_nothing(kind: str, tmp_path: Path) -> None:
    path = written(kind, tmp_path)
    renamed = path.rename(tmp_path / "upload.txt")
    assert columns(renamed)["code"] == ["01001", "01002", "01003"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (VRT.encode(), "VRT"),
        (b'\xef\xbb\xbf\n<?xml version="1.0"?>\n' + VRT.encode(), "VRT"),
        (b'<VRTDataset rasterXSize="1"></VRTDataset>', "VRT"),
        (b"<html><body>404</body></html>", "XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "XLS (Excel 97-2003)"),
        (b"SQLite format 3\0" + bytes(100), "SQLite"),
        ("code\n1\n".encode("utf-16"), "UTF-16"),
        ("code\n1\n".encode("utf-16-be").join([b"\xfe\xff", b""]), "UTF-16"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_other_kinds_are_refused_by_name(content: bytes, found: str, tmp_path: Path) -> None:
    path = tmp_path / "grids.geojson"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refusal:
        open_file(path)
    assert refusal.value.key == "file_kind"
    assert refusal.value.params["found"] == found
    assert "grids.geojson" in str(refusal.value)


def test_binary_rubbish_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.csv"
    path.write_bytes(b"a,b\n\x00\x01\x02")
    with pytest.raises(InvalidInput) as refusal:
        chunks(path)
    assert refusal.value.key == "file_not_text"


@pytest.mark.parametrize("name", ["/vsicurl/http://127.0.0.1:9/x.geojson", "/vsizip/a.zip/b.csv", "nothing.csv"])
def test_what_is_no_file_is_not_found(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_file(tmp_path / name)


def test_addresses_inside_a_geojson_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "properties": {"code": "/vsicurl/http://127.0.0.1:9/x", "href": "CSV:/vsistdin/"},
        "geometry": {"type": "Point", "coordinates": [108, 22], "$ref": "/vsicurl/http://127.0.0.1:9/x"},
    }
    path.write_text(json.dumps(feature))
    assert columns(path)["code"] == ["/vsicurl/http://127.0.0.1:9/x"]


def test_folders_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        open_file(tmp_path)
    assert refusal.value.key == "file_folder"
    (tmp_path / "nothing.csv").touch()
    with pytest.raises(InvalidInput) as refusal:
        open_file(tmp_path / "nothing.csv")
    assert refusal.value.key == "file_empty"
    (tmp_path / "blanks.csv").write_text("\n \n")
    with pytest.raises(InvalidInput):
        chunks(tmp_path / "blanks.csv")


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shp", "zip", "parquet", "xlsx"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused(kind: str, share: float, tmp_path: Path) -> None:
    path = written(kind, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InvalidInput) as refusal:
        chunks(path)
    assert "points" in str(refusal.value)


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    path = written("csv", tmp_path)
    copy = shutil.copy(path, tmp_path / "copy.csv")
    assert open_file(path).digest == open_file(Path(copy)).digest
    path.write_bytes(path.read_bytes() + b"\n")
    assert open_file(path).digest != open_file(Path(copy)).digest


def test_the_digest_of_a_shapefile_is_of_its_attributes_too(tmp_path: Path) -> None:
    path = written("shp", tmp_path)
    before = open_file(path).digest
    POINTS.assign(code=["1", "2", "3"]).to_file(path, encoding="UTF-8")
    assert open_file(path).digest != before


def test_an_archive_is_measured_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", bytes(20_000_000))
    with pytest.raises(InvalidInput) as refusal:
        open_file(path)
    assert refusal.value.key == "archive_ratio"
    with pytest.raises(InvalidInput) as refusal:
        open_file(written("xlsx", tmp_path), Limits(size_bytes=1000))
    assert refusal.value.key == "archive_size"


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grids.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no table")
    with pytest.raises(InvalidInput) as refusal:
        open_file(path)
    assert refusal.value.params["found"] == "ZIP"


def test_every_file_of_the_real_cities_is_read(cities: Path) -> None:
    files = sorted(cities.glob("*/*.geojson")) + sorted(cities.glob("*/*.csv"))
    faults = {path.name: [fault for chunk in chunks(path, 5000) for fault in chunk.faults.values()] for path in files}
    assert len(files) > 60
    assert {name: found for name, found in faults.items() if found} == {}
    dc = sum(len(chunk.frame) for path in cities.glob("washington-dc/issues*.csv") for chunk in chunks(path, 5000))
    assert dc == 22_576


def test_an_excel_workbook_by_another_program(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["code"])
    book.active.append(["01001"])
    book.create_sheet("notes").append(["other"])
    book.save(tmp_path / "book.xlsx")
    assert pd.DataFrame(columns(tmp_path / "book.xlsx")).columns.tolist() == ["code"]
