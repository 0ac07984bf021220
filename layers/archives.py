"""ZIP archives from strangers: measured before anything in them is unpacked."""

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis_core.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an archive may hold.

    Parameters
    ----------
    size_bytes
        Of all members together, unpacked.
    members
        Number of members.
    ratio
        Unpacked size over packed size.
    """

    size_bytes: int = 1 << 30
    members: int = 1000
    ratio: float = 200.0


LIMITS = Limits()


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """An archive within ``limits``. Members are read through ``zipfile``, which stops at the size they declare.

    Raises
    ------
    InvalidInput
        When it is damaged or encrypted, exceeds a limit, or a member's path leads out of it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _measure(archive.infolist(), path, limits)
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as fault:
        raise InvalidInput("file_damaged", file=path.name, found=str(fault)) from None


def _measure(members: list[zipfile.ZipInfo], path: Path, limits: Limits) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    measures = {
        "archive_members": (len(members), limits.members),
        "archive_size": (unpacked, limits.size_bytes),
        "archive_ratio": (unpacked / max(packed, 1), limits.ratio),
    }
    for key, (found, most) in measures.items():
        if found > most:
            raise InvalidInput(key, file=path.name, found=round(found), most=round(most))
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in member.filename or member.flag_bits & 1:
            raise InvalidInput("archive_member", file=path.name, found=member.filename)


def unpack(archive: zipfile.ZipFile, member: str, target: Path) -> None:
    """Copy one member to the file ``target``."""
    with archive.open(member) as packed, target.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
