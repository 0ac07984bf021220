"""Files in: recognised by what they contain, never by what they are called."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from gis_core.errors import InvalidInput, NotFound
from layers import shapefile
from layers.archives import LIMITS, Limits, opened
from layers.geojson import read_geojson
from layers.geopackage import read_geopackage
from layers.opened import Chunk, Opened
from layers.shapefile import read_shapefile, read_zipped_shapefile
from layers.tabular import read_csv, read_parquet, read_xlsx

Reader = Callable[[int], Iterator[Chunk]]

_HEAD_BYTES = 4096
_SQLITE = b"SQLite format 3\0"
_GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11")
_APPLICATION_ID = slice(68, 72)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PARQUET = b"PAR1"
_UTF8_MARK = b"\xef\xbb\xbf"
_JSON = (b"{", b"[", b"\x1e")
_REFUSED = {
    _SQLITE: "SQLite",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\xd0\xcf\x11\xe0": "XLS (Excel 97-2003)",
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"PARE": "Parquet (encrypted)",
    b"<OGRVRTDataSource": "VRT",
    b"<VRTDataset": "VRT",
    b"<": "XML",
}
"""What a file begins with that is known and not read; the first that fits names it."""


def open_file(path: Path, limits: Limits = LIMITS) -> Opened:
    """Recognise a file by its first bytes; nothing else is tried on it.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (``.shp`` beside its parts, or zipped), GeoParquet, Parquet, CSV or XLSX,
        under any name.
    limits
        What an archive may hold.

    Raises
    ------
    NotFound
        When there is no such file.
    InvalidInput
        When it is a folder, empty, of another kind, or an archive beyond the limits.
    """
    if path.is_dir():
        raise InvalidInput("file_folder", file=str(path))
    if not path.is_file():
        raise NotFound("file_missing", value=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not head:
            raise InvalidInput("file_empty", file=path.name)
        reader, parts = _recognised(head, path, limits)
        return Opened(_digest(parts), reader)
    except OSError as fault:
        raise InvalidInput("file_closed", file=path.name, found=fault.strerror) from None


def _recognised(head: bytes, path: Path, limits: Limits) -> tuple[Reader, Sequence[Path]]:
    """What reads the file, and the files that it consists of."""
    if head.startswith(shapefile.MAGIC):
        return partial(read_shapefile, path), list(shapefile.parts(path).values())
    if head.startswith(_SQLITE) and head[_APPLICATION_ID] in _GEOPACKAGE_IDS:
        return partial(read_geopackage, path), [path]
    if head.startswith(_PARQUET):
        return partial(read_parquet, path), [path]
    if head.startswith(_ZIP):
        return _zipped(path, limits), [path]
    text = head.removeprefix(_UTF8_MARK).lstrip()
    if found := next((name for magic, name in _REFUSED.items() if text.startswith(magic)), None):
        raise InvalidInput("file_kind", file=path.name, found="VRT" if b"<OGRVRTDataSource" in head else found)
    return partial(read_geojson if text.startswith(_JSON) else read_csv, path), [path]


def _zipped(path: Path, limits: Limits) -> Reader:
    with opened(path, limits) as archive:
        members = archive.namelist()
    if "xl/workbook.xml" in members:
        return partial(read_xlsx, path)
    if any(member.lower().endswith(".shp") for member in members):
        shapefile.zipped_parts(members, path)
        return partial(read_zipped_shapefile, path, limits)
    raise InvalidInput("file_kind", file=path.name, found="ZIP")


def _digest(parts: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
