import csv
import datetime as dt
import tracemalloc
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_core.errors import InvalidInput
from layers.formats import open_file
from tests.layers.reading import chunks, columns, numbers

ROWS = "编号,名称,地址\n01001,解放路农贸市场,朝阳区解放路十二号\n01002,和平里社区,垃圾桶满溢无人清运\n"


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refusal_of(path: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        chunks(path)
    return refusal.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_csv_in_each_encoding_reads_the_same(encoding: str, tmp_path: Path) -> None:
    read = columns(written(tmp_path, ROWS, encoding))
    assert list(read) == ["编号", "名称", "地址"]
    assert read["编号"] == ["01001", "01002"]
    assert read["名称"] == ["解放路农贸市场", "和平里社区"]


def test_csv_in_utf16_is_refused(tmp_path: Path) -> None:
    assert refusal_of(written(tmp_path, ROWS, "utf-16")).params["found"] == "UTF-16"
    assert refusal_of(written(tmp_path, ROWS, "utf-16-le")).key == "file_not_text"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_text_stays_as_it_is_written(delimiter: str, tmp_path: Path) -> None:
    content = delimiter.join(["code", "note"]) + "\r\n" + delimiter.join(["0012", '"a, ""b""\nc"']) + "\r\n"
    assert columns(written(tmp_path, content)) == {"code": ["0012"], "note": ['a, "b"\nc']}


def test_csv_rows_are_numbered_as_people_count(tmp_path: Path) -> None:
    path = written(tmp_path, 'code,note\na,"two\nlines"\n\n,,\nb,x\nc,y\n\n')
    assert numbers(path) == [1, 4, 5]
    assert numbers(path, rows=1) == [1, 4, 5]
    assert columns(path)["code"] == ["a", "b", "c"]


def test_csv_rows_of_another_length_are_faults_of_the_row(tmp_path: Path) -> None:
    path = written(tmp_path, "code,name\n1,a\n2\n3,b,c\n4,d,,\n")
    (chunk,) = chunks(path)
    assert {place: fault[1]["found"] for place, fault in chunk.faults.items()} == {1: 1, 2: 3}
    assert chunk.frame["code"].tolist() == ["1", "2", "3", "4"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.lists(st.sampled_from(["", "0", "a,b", 'say "x"', "two\nlines", "街"]), max_size=4)),
    rows=st.integers(1, 4),
)
def test_csv_rows_of_all_kinds_come_as_python_reads_them(records: list[list[str]], rows: int, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["code", "name"], *records])
    there = [(number, cells) for number, cells in enumerate(records, start=1) if any(cells)]
    fitted = [cells[:2] if not any(cells[2:]) else cells for _, cells in there]
    assert numbers(path, rows) == [number for number, _ in there]
    assert columns(path, rows) == {
        name: [cells[place] if place < len(cells) else None for cells in fitted]
        for place, name in enumerate(("code", "name"))
    }
    faults = {int(chunk.row[place]): fault for chunk in chunks(path, rows) for place, fault in chunk.faults.items()}
    assert faults == {
        number: ("row_cells", {"found": len(cells), "expected": 2})
        for (number, _), cells in zip(there, fitted, strict=True)
        if len(cells) != 2
    }


def test_csv_without_rows_still_has_columns(tmp_path: Path) -> None:
    (chunk,) = chunks(written(tmp_path, "code,name\n"))
    assert list(chunk.frame) == ["code", "name"]
    assert len(chunk.frame) == len(chunk.row) == 0


def test_csv_cells_may_be_long(tmp_path: Path) -> None:
    outline = shapely.Point(108, 22).buffer(1, 4000).wkt
    assert len(outline) > 200_000
    assert columns(written(tmp_path, f'wkt\n"{outline}"\n'))["wkt"] == [outline]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('code,note\n1,"never closed\n2,x\n', "file_damaged"),
        ('code,note\n1,"a"b\n', "file_damaged"),
        ("code,name,code\n1,2,3\n", "column_twice"),
        ("code,name\n1,解放路农贸市场\n".encode()[:-2], "file_encoding"),
    ],
)
def test_csv_that_cannot_be_read_right_is_refused(content: str | bytes, key: str, tmp_path: Path) -> None:
    assert refusal_of(written(tmp_path, content)).key == key


def test_a_damaged_csv_says_where(tmp_path: Path) -> None:
    assert "line 3" in str(refusal_of(written(tmp_path, 'a,b\n1,2\n3,"x"y\n')))


def test_an_unnamed_column_is_called_by_its_place(tmp_path: Path) -> None:
    assert list(columns(written(tmp_path, ",code\n0,a\n"))) == ["column 1", "code"]


def test_csv_takes_constant_memory(tmp_path: Path) -> None:
    path = written(tmp_path, "code,name\n" + "012345678901234,a name of some length\n" * 100_000)

    def peak() -> int:
        tracemalloc.start()
        for chunk in open_file(path).chunks(500):
            assert len(chunk.frame) == 500
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak() < path.stat().st_size


def test_xlsx_cells_keep_their_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [
        ("code", "number", "at", "day", None, "text"),
        ("007", 12, dt.datetime(2026, 7, 1, 8, 30), dt.date(2026, 7, 1), True, "街道"),  # noqa: DTZ001
        (None, None, None, None, None, None),
        ("008", 1.5, None, None, None, "x"),
    ]
    for row in rows:
        book.active.append(row)
    book.active["H9"] = "beyond the last column"
    book.save(tmp_path / "book.xlsx")
    (chunk,) = chunks(tmp_path / "book.xlsx")
    read = chunk.frame.to_dict("list")
    assert list(read) == ["code", "number", "at", "day", "column 5", "text"]
    assert read["code"][:2] == ["007", "008"]
    assert read["number"][:2] == [12, 1.5]
    assert read["at"][0] == dt.datetime(2026, 7, 1, 8, 30)  # noqa: DTZ001
    assert chunk.row.tolist() == [1, 3, 8]
    assert list(chunk.faults) == [2]


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    assert refusal_of(tmp_path / "book.xlsx").key == "file_empty"


def test_plain_parquet_keeps_whole_numbers_whole(tmp_path: Path) -> None:
    table = pa.table({
        "big": pa.array([2**60 + 1, None], pa.int64()),
        "list": pa.array([["a", "b"], None], pa.list_(pa.string())),
        "at": pa.array([dt.datetime(2026, 7, 1, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
        "blob": pa.array([b"x", None], pa.binary()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    (chunk,) = chunks(tmp_path / "a.parquet")
    assert chunk.shapes is None
    assert list(chunk.frame) == ["big", "list", "at"]
    assert chunk.frame["big"].tolist() == [2**60 + 1, None]
    assert chunk.frame["list"].tolist() == [["a", "b"], None]


def test_parquet_without_rows_still_has_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"code": pa.array([], pa.string())}), tmp_path / "a.parquet")
    (chunk,) = chunks(tmp_path / "a.parquet")
    assert list(chunk.frame) == ["code"]
    assert len(chunk.frame) == 0


def test_geoparquet_declares_its_coordinate_system(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.Point(500_000, 2_500_000), None], crs=4545)
    points.to_parquet(tmp_path / "a.parquet")
    (chunk,) = chunks(tmp_path / "a.parquet")
    assert "4545" in str(chunk.crs)
    assert chunk.shapes is not None
    assert chunk.shapes.tolist() == points.geometry.tolist()
    assert list(chunk.frame) == ["code"]


def test_geoparquet_of_another_encoding_is_refused(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    points.to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    assert refusal_of(tmp_path / "a.parquet").key == "geometry_encoding"


def test_geoparquet_metadata_of_a_stranger_is_refused(tmp_path: Path) -> None:
    for document in (b"{", b"[]", b'{"primary_column": "x", "columns": {}}', b'{"columns": null}'):
        table = pa.table({"code": ["a"]}).replace_schema_metadata({b"geo": document})
        pq.write_table(table, tmp_path / "a.parquet")
        assert refusal_of(tmp_path / "a.parquet").key == "file_damaged"


def test_a_parquet_of_many_rows_comes_in_chunks(tmp_path: Path) -> None:
    pd.DataFrame({"code": range(1000)}).to_parquet(tmp_path / "a.parquet", row_group_size=300)
    read = chunks(tmp_path / "a.parquet", rows=400)
    assert max(len(chunk.frame) for chunk in read) <= 400
    assert numbers(tmp_path / "a.parquet", rows=400) == list(range(1, 1001))


def test_parquet_takes_constant_memory(tmp_path: Path) -> None:
    """Also when it has many row groups: none is kept, nor read long before its turn."""
    file, groups, rows = tmp_path / "a.parquet", 60, 5_000
    with pq.ParquetWriter(file, pa.schema([("id", pa.string())])) as writer:
        for group in range(groups):
            ids = pa.array([f"{group:03}-{row:09}-{hash((group, row)):020}" for row in range(rows)])
            writer.write_table(pa.table({"id": ids}))
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in open_file(file).chunks(rows)]
    assert len(held) == groups and max(held) < file.stat().st_size / 4
