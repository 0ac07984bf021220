"""Files beside the database, each known by the SHA-256 of what is in it."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from sqlalchemy import URL

from gis_core.errors import Conflict, NotFound
from layers.engine import is_in_memory

FILES_VARIABLE = "GRIDWARDEN_FILES"
"""Environment variable that names the folder in which the files of a PostgreSQL store are kept."""
DIGEST = re.compile(r"[0-9a-f]{64}")
_BLOCK_BYTES = 1 << 20
_COMING = "coming"


def files_of(address: URL) -> "Files":
    """The files of a store: beside a SQLite file; for PostgreSQL in the user's data folder, or the one that the
    environment variable :data:`FILES_VARIABLE` names. All processes of one city need the same.

    Raises
    ------
    Conflict
        For a store in memory, which has none.
    """
    if is_in_memory(address):
        raise Conflict("in_memory", field="files", value="sqlite://")
    if address.get_backend_name() == "sqlite":
        return Files(Path(f"{address.database}.files").absolute())
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gridwarden"
    name = re.sub(r"[^\w.-]+", "-", f"{address.host or 'local'}-{address.port or 5432}-{address.database}")
    return Files(Path(os.environ.get(FILES_VARIABLE) or data) / name)


@dataclass(frozen=True)
class Kept:
    """A file that is kept: the SHA-256 of its content in hexadecimal digits, and its size."""

    digest: str
    size_bytes: int


class Files:
    """A folder of files by digest. A file is there whole or not at all, and before anything in the database names it.

    Parameters
    ----------
    folder
        Made when the first file comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def free_share(self) -> float:
        """Which share of the disk is free."""
        there = next(one for one in (self.folder, *self.folder.parents) if one.is_dir())
        total, _, free = shutil.disk_usage(there)
        return free / total

    def coming(self) -> Path:
        """A new place to write a file at, before it is kept."""
        folder = self.folder / _COMING
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / uuid4().hex

    def keep(self, path: Path) -> Kept:
        """Keep the file written at a place that :meth:`coming` gave; it is on the disk when this returns."""
        with path.open("rb+") as file:
            digest, size_bytes = _digest(file)
            os.fsync(file.fileno())
        target = self._path(digest)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        path.replace(target)
        _sync_folder(target.parent)
        return Kept(digest, size_bytes)

    def path(self, digest: str) -> Path:
        """Where the file with a digest is.

        Raises
        ------
        NotFound
            When it is not there.
        """
        if not DIGEST.fullmatch(digest) or not self._path(digest).is_file():
            raise NotFound("kept_file_missing", value=digest[:16])
        return self._path(digest)

    @contextmanager
    def named(self, digest: str, name: str) -> Iterator[Path]:
        """The file with a digest under a name of its own, for readers that tell what a file is called."""
        folder = self.coming()
        folder.mkdir()
        path = folder / (re.sub(r"[^\w.() -]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ") or "file")
        try:
            os.link(self.path(digest), path)
            yield path
        finally:
            path.unlink(missing_ok=True)
            folder.rmdir()

    def drop(self, digest: str) -> None:
        """Forget a file; twice changes nothing."""
        self._path(digest).unlink(missing_ok=True)

    def sweep(self, before_s: float) -> None:
        """Remove what began to come before an instant, in seconds since 1970, and was never kept: its writer died."""
        for path in (self.folder / _COMING).glob("*"):
            if path.stat().st_mtime < before_s:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


def _digest(file: BinaryIO) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    while block := file.read(_BLOCK_BYTES):
        digest.update(block)
        size_bytes += len(block)
    return digest.hexdigest(), size_bytes


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, not only the contents."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
