"""Compiled indexes as files: written once, opened by every worker, who share the memory.

One index is a folder with a plain ``.npy`` file for each array and a header that says what they were built of.
Opening reads the header alone; the arrays are read as they are asked for. Folders are named by the content the index
was built of, so that a store that was changed or restored is never answered by the index of another state.
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import URL

from gis_core.arrays import Objects
from gis_core.crs import project
from gis_core.ready import Ready
from layers.engine import is_in_memory

FORMAT = 1
"""Goes up whenever the arrays of an index change their meaning."""
HEADER = "index.json"
USED = "used.json"
INDEXES_VARIABLE = "GRIDWARDEN_INDEXES"
WORTH_A_FILE = 100_000
"""Shapes of fewer vertices have no file: building anew takes no longer than loading the compiler, a few tenths of a
second.
"""
ABANDONED_S = 86_400
"""What somebody began to write so long ago is not going to be finished."""
_OURS = re.compile(r"[0-9a-f]{32}(\.[0-9a-f]{32}\.(new|old))?")


class Shelf(Ready):
    """The indexes of one store.

    Parameters
    ----------
    folder
        Where they are; ``None`` for a store that can have none.
    keeps
        Whether an index that is not there is built and written. Raises ``OSError`` where that cannot be.
    """

    def __init__(self, folder: Path | None, *, keeps: bool = False) -> None:
        self._folder, self._keeps = folder, keeps
        self._has_any = folder is not None and not keeps and any(_read_json(folder / USED) or [])
        self._used: set[str] = set()

    def polygons(self, polygons: Objects) -> Any:
        """The index of exactly these polygons."""

        def build() -> Any:
            from gis_core.joins.choosing import polygon_index  # here, so that the compiler is loaded only for this

            return polygon_index(polygons)

        return self._index(polygons, "polygons", build)

    def lines(self, lines: Objects, srid: int, reach_m: float) -> Any:
        """The index of exactly these lines in this CRS with this reach."""

        def build() -> Any:
            from gis_core.joins.segments import SegmentRaster

            return SegmentRaster(project(lines, srid), reach_m)

        return self._index(lines, f"lines {srid} {reach_m!r}", build)

    def at_once(self, shapes: Objects) -> bool:
        """Whether an index of these shapes is built when it is asked for."""
        return self._has_any and not _worth_a_file(shapes)

    def _index(self, shapes: Objects, kind: str, build: Callable[[], Any]) -> Any:
        if self._folder is None:
            return None
        if not _worth_a_file(shapes):
            return build() if self.at_once(shapes) else None
        digest = digest_of(shapes, kind)
        self._used.add(digest)
        if (arrays := open_index(self._folder / digest, digest)) is not None:
            from gis_core.joins.choosing import index_of

            return index_of(arrays)
        if not self._keeps:
            return None
        index = build()
        write_index(self._folder / digest, index.arrays(), digest)
        return index

    def retire(self) -> None:
        """Remove the indexes that neither this shelf nor the one that retired others before it was asked for."""
        if self._folder is None or not self._folder.is_dir():
            return
        former = _read_json(self._folder / USED) or []
        lists = [sorted(self._used), *(one for one in former if one != sorted(self._used))][:2]
        new = self._folder / f"{USED}.{uuid4().hex}"
        new.write_text(json.dumps(lists), "utf-8")
        new.replace(self._folder / USED)
        used = {name for one in lists for name in one}
        for path in self._folder.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in used and not _under_way(path):
                shutil.rmtree(path, ignore_errors=True)


def shelf_folder(address: URL) -> Path | None:
    """Where the indexes of a store are: beside a SQLite file, which has none in memory; for PostgreSQL in the user's
    cache, or in the folder that the environment variable :data:`INDEXES_VARIABLE` names.
    """
    if address.get_backend_name() == "sqlite":
        return None if is_in_memory(address) else Path(f"{address.database}.indexes").absolute()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridwarden"
    name = re.sub(r"[^\w.-]+", "-", f"{address.host or 'local'}-{address.port or 5432}-{address.database}")
    return Path(os.environ.get(INDEXES_VARIABLE) or cache) / name


def digest_of(shapes: Objects, kind: str) -> str:
    """Of shapes in their order, of what is built of them and of the form it is written in."""
    digest = blake2b(f"{FORMAT} {kind}".encode(), digest_size=16)
    for shape in shapely.to_wkb(shapes):
        digest.update(shape or b"-")
    return digest.hexdigest()


def write_index(folder: Path, arrays: Mapping[str, NDArray[Any]], digest: str) -> None:
    """Write the arrays of an index, in one step: nobody opens half of them, whenever writing breaks off.

    Parameters
    ----------
    folder
        Is replaced if it is there and another or damaged.
    digest
        Of the content the index was built of, by which :func:`open_index` knows it again.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new, old = (folder.with_name(f"{folder.name}.{uuid4().hex}.{state}") for state in ("new", "old"))
    try:
        new.mkdir()
        for name, array in arrays.items():
            with (new / f"{name}.npy").open("wb") as file:
                np.save(file, array, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())  # a file of the right size without its content would be believed
        shapes = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
        (new / HEADER).write_text(json.dumps({"digest": digest, "arrays": shapes}), "utf-8")
        if open_index(folder, digest) is None:
            with suppress(FileNotFoundError):
                folder.replace(old)
        try:
            new.replace(folder)
        except OSError as fault:
            if fault.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise  # else somebody has put the same there meanwhile
    finally:
        for path in (new, old):
            shutil.rmtree(path, ignore_errors=True)


def open_index(folder: Path, digest: str) -> dict[str, NDArray[Any]] | None:
    """The arrays of an index, mapped into memory for reading.

    Returns
    -------
    arrays
        For :func:`gis_core.joins.choosing.index_of`. ``None`` if there are none, if they were built of something
        else, or if a file was cut short: then the index is to be built anew.
    """
    header = _read_json(folder / HEADER)
    try:
        if header is None or header["digest"] != digest:
            return None
        arrays = {name: _opened(folder / f"{name}.npy") for name in header["arrays"]}
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    found = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
    return arrays if found == header["arrays"] else None


def _worth_a_file(shapes: Objects) -> bool:
    return bool(shapely.get_num_coordinates(shapes).sum() >= WORTH_A_FILE)


def _under_way(path: Path) -> bool:
    """Whether a folder is still being written, for all we know."""
    with suppress(FileNotFoundError):
        return bool(path.suffix) and path.stat().st_mtime > time() - ABANDONED_S
    return True


def _read_json(file: Path) -> Any:
    """What a file says; ``None`` where it cannot be read."""
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _opened(file: Path) -> NDArray[Any]:
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except ValueError:  # an array without elements cannot be mapped
        return np.load(file, allow_pickle=False)
