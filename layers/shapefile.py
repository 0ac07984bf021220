"""Shapefiles, as their parts side by side or zipped: the one format that GDAL reads for us.

GDAL chooses a driver by content and name, and some drivers follow addresses written in a file. So it is given
only files whose first bytes are a shapefile's, in a folder of their own and under a name of ours.
"""

import codecs
import io
import shutil
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TypeVar

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataSourceError

from gis_core.errors import InvalidInput
from layers.archives import Limits, opened, unpack
from layers.encodings import UTF8, detect
from layers.opened import Chunk, arrow_chunks, reading

MAGIC = (9994).to_bytes(4, "big")
_NEEDED = (".shp", ".shx", ".dbf")
_WELCOME = (".prj", ".cpg")
_FIELD_BYTES = 32
_FIELD_NAME_BYTES = 11
Part = TypeVar("Part", Path, str)


def parts(path: Path) -> dict[str, Path]:
    """The files of the shapefile ``path`` by suffix, in whatever case their names are.

    Raises
    ------
    InvalidInput
        When one of the three that make a shapefile is missing.
    """
    beside = {
        file.suffix.lower(): file for file in sorted(path.parent.iterdir()) if file.stem == path.stem and file.is_file()
    }
    return _complete({**beside, ".shp": path}, path)


def read_shapefile(path: Path, rows: int) -> Iterator[Chunk]:
    """A shapefile from its ``.shp``, read whole; text in UTF-8, GBK or what its ``.cpg`` names."""
    with TemporaryDirectory() as folder:
        for suffix, part in parts(path).items():
            shutil.copyfile(part, Path(folder, f"layer{suffix}"))
        table, crs = _read(Path(folder, "layer.shp"), path)
    yield from _chunks(table, crs, path, rows)


def read_zipped_shapefile(path: Path, limits: Limits, rows: int) -> Iterator[Chunk]:
    """The one shapefile in a ZIP archive, read whole."""
    with TemporaryDirectory() as folder:
        with opened(path, limits) as archive:
            for suffix, member in zipped_parts(archive.namelist(), path).items():
                unpack(archive, member, Path(folder, f"layer{suffix}"))
        if Path(folder, "layer.shp").read_bytes()[:4] != MAGIC:
            raise InvalidInput("file_damaged", file=path.name, found=".shp")
        table, crs = _read(Path(folder, "layer.shp"), path)
    yield from _chunks(table, crs, path, rows)


def zipped_parts(members: list[str], path: Path) -> dict[str, str]:
    """The members of an archive that are its one shapefile, by suffix.

    Raises
    ------
    InvalidInput
        When it holds no shapefile or several.
    """
    names = [PurePosixPath(member) for member in members if not member.startswith("__MACOSX/")]
    shapes = [name for name in names if name.suffix.lower() == ".shp"]
    if len(shapes) != 1:
        raise InvalidInput("layers_not_one", file=path.name, found=", ".join(map(str, shapes)) or "-")
    stem = shapes[0].with_suffix("")
    return _complete({name.suffix.lower(): str(name) for name in names if name.with_suffix("") == stem}, path)


def _complete(found: Mapping[str, Part], path: Path) -> dict[str, Part]:
    if absent := [suffix for suffix in _NEEDED if suffix not in found]:
        raise InvalidInput("shapefile_part", file=path.name, expected=" ".join(absent))
    return {suffix: part for suffix, part in found.items() if suffix in _NEEDED + _WELCOME}


def _read(shp: Path, path: Path) -> tuple[pa.Table, str | None]:
    with shp.open("rb") as file:
        header = file.read(28)
    if shp.stat().st_size < 2 * int.from_bytes(header[24:28], "big"):
        raise InvalidInput("file_damaged", file=path.name, found=".shp")
    encoding = _encoding(shp, path)
    # GDAL warns of what it mends, such as rings wound the wrong way round.
    with reading(path, DataSourceError, ValueError, RuntimeError, pa.ArrowException), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        meta, table = pyogrio.read_arrow(shp, encoding=encoding)
        table.validate(full=True)
    return table, meta["crs"]


def _chunks(table: pa.Table, crs: str | None, path: Path, rows: int) -> Iterator[Chunk]:
    geometry = "wkb_geometry" if "wkb_geometry" in table.schema.names else None
    return arrow_chunks(iter(table.to_batches(max_chunksize=rows)), table.schema, geometry, crs, path)


def _encoding(shp: Path, path: Path) -> str:
    """The encoding of the attributes: as their bytes show, else as the ``.cpg`` beside says.

    The bytes go first because the ``.cpg`` is often left over from another program.
    """
    table = shp.with_suffix(".dbf").read_bytes()
    start = int.from_bytes(table[8:10], "little")
    if len(table) < start + int.from_bytes(table[4:8], "little") * int.from_bytes(table[10:12], "little"):
        raise InvalidInput("file_damaged", file=path.name, found=".dbf")
    fields = range(_FIELD_BYTES, start - 1, _FIELD_BYTES)
    names = b" ".join(table[at : at + _FIELD_NAME_BYTES] for at in fields)
    try:
        found = detect(io.BytesIO((names + b" " + table[start:]).replace(b"\0", b" ")), f"{path.name} .dbf")
    except InvalidInput:
        if (declared := _declared(shp.with_suffix(".cpg"))) is None:
            raise
        return declared
    return "UTF-8" if found == UTF8 else "GB18030"


def _declared(cpg: Path) -> str | None:
    """The encoding that a ``.cpg`` names, if Python knows it."""
    try:
        return codecs.lookup(cpg.read_text(encoding="ascii").strip()).name
    except (OSError, LookupError, UnicodeDecodeError):
        return None
