import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from gis_core.errors import InvalidInput
from tests.layers.reading import chunks, columns, numbers

GRIDS = gpd.GeoDataFrame(
    {"code": ["01001", "01002"], "big": pd.array([2**60 + 1, None], "Int64")},
    geometry=[shapely.box(500_000, 2_500_000, 500_100, 2_500_100), None],
    crs=4545,
)


def refusal_of(path: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        chunks(path)
    return refusal.value


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "grids.gpkg"
    GRIDS.to_file(path, layer='grids "of" 2026', SPATIAL_INDEX="NO")
    return path


def test_rows_shapes_and_coordinate_system(package: Path) -> None:
    (chunk,) = chunks(package)
    assert chunk.frame["code"].tolist() == ["01001", "01002"]
    assert chunk.frame["big"].tolist() == [2**60 + 1, None]
    assert chunk.crs == "EPSG:4545"
    assert chunk.shapes is not None
    assert shapely.equals(chunk.shapes[0], GRIDS.geometry[0])
    assert chunk.shapes[1] is None
    assert chunk.faults == {}
    assert numbers(package, rows=1) == [1, 2]


def test_shapes_with_every_envelope_and_height(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(geometry=[shapely.Point(1, 2, 3), shapely.LineString([(0, 0, 1), (1, 1, 1)])], crs=4326)
    points.to_file(tmp_path / "a.gpkg", SPATIAL_INDEX="NO")
    (chunk,) = chunks(tmp_path / "a.gpkg")
    assert chunk.shapes is not None
    assert shapely.equals_exact(chunk.shapes, points.geometry.to_numpy()).all()


def test_a_table_without_geometry(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"code": ["a"]}), tmp_path / "a.gpkg", driver="GPKG")
    (chunk,) = chunks(tmp_path / "a.gpkg")
    assert chunk.shapes is None
    assert chunk.frame["code"].tolist() == ["a"]


def test_a_broken_geometry_is_a_fault_of_its_row(package: Path) -> None:
    changed(package, 'UPDATE "grids ""of"" 2026" SET geom = x\'4750000100000000ff\' WHERE fid = 2')
    (chunk,) = chunks(package)
    assert list(chunk.faults) == [1]
    changed(package, 'UPDATE "grids ""of"" 2026" SET geom = \'text\' WHERE fid = 2')
    assert list(chunks(package)[0].faults) == [1]


def test_several_tables_are_named_and_refused(package: Path) -> None:
    GRIDS.to_file(package, layer="streets")
    refusal = refusal_of(package)
    assert refusal.key == "layers_not_one"
    assert refusal.params["found"] == 'grids "of" 2026, streets'


def test_a_view_of_a_stranger_is_not_run(package: Path) -> None:
    changed(
        package,
        "CREATE VIEW streets AS SELECT load_extension('/tmp/x')",
        "UPDATE gpkg_contents SET table_name = 'streets'",
    )
    assert refusal_of(package).key == "layers_not_one"


def test_nothing_is_written_beside_the_file(package: Path) -> None:
    before = package.read_bytes()
    assert columns(package)["code"] == ["01001", "01002"]
    assert [path.name for path in package.parent.iterdir()] == ["grids.gpkg"]
    assert package.read_bytes() == before


def test_a_file_without_its_tables_is_refused(package: Path) -> None:
    changed(package, "PRAGMA writable_schema = ON", "DROP TABLE gpkg_geometry_columns")
    assert refusal_of(package).key == "file_damaged"
