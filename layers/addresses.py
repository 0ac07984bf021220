"""Files by address: in local or shared folders, and in object stores such as ``s3://bucket/folder/file``."""

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from urllib.parse import quote
from uuid import uuid4

import pyarrow as pa
from pyarrow import fs

from gis_core.errors import InvalidInput, NotFound

_IN_ADDRESSES = "%:/?&=@+,;~*"
"""What stands for itself in an address; ``%`` begins what does not."""
_UNFINISHED = re.compile(r"(.+)\.[0-9a-f]{32}\.part")


def listed(pattern: str) -> list[str]:
    """Addresses of the files a pattern means, in order; ``*``, ``?`` and ``[…]`` may stand in the file's name.

    Raises
    ------
    NotFound
        When there is none.
    """
    system, path = _located(pattern)
    if system.get_file_info(path).type == fs.FileType.File:  # also one that is really called like a pattern
        return [pattern]
    selector = fs.FileSelector(posixpath.dirname(path), allow_not_found=True)
    files = [one.base_name for one in system.get_file_info(selector) if one.type == fs.FileType.File]
    found = [sibling(pattern, name) for name in sorted(files) if fnmatchcase(name, posixpath.basename(path))]
    if not found:
        raise NotFound("file_missing", value=pattern)
    return found


def is_pattern(path: str) -> bool:
    """Whether a local path is no file but may mean some."""
    return any(one in Path(path).name for one in "*?[") and not Path(path).exists()


def absolute(address: str) -> str:
    """The same file or folder for whoever works in another folder."""
    return address if "://" in address else str(Path(address).absolute())


def name_of(address: str) -> str:
    """Name of the file or folder that an address leads to."""
    return posixpath.basename(_located(address)[1])


def inside(folder: str, name: str) -> str:
    """Address of what is called so in a folder."""
    if "://" not in folder:
        return str(Path(folder) / name)
    place, mark, options = folder.partition("?")
    return f"{place.rstrip('/')}/{quote(name, safe='')}{mark}{options}"


def sibling(address: str, name: str) -> str:
    """Address of what is called so and lies beside another."""
    if "://" not in address:
        return str(Path(address).with_name(name))
    place, mark, options = address.partition("?")
    return inside(posixpath.dirname(place) + mark + options, name)


def same(one: str, other: str) -> bool:
    """Whether two addresses lead to one file."""
    (system, path), (other_system, other_path) = _located(one), _located(other)
    return bool(system.equals(other_system)) and path == other_path


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """The file on this machine: itself where it is here, else a copy that goes afterwards."""
    system, path = _located(address)
    if isinstance(system, fs.LocalFileSystem):
        yield Path(path)
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / posixpath.basename(path)
        with system.open_input_stream(path) as source, copy.open("wb") as target:
            copyfileobj(source, target, 1 << 20)
        yield copy


@contextmanager
def created(address: str) -> Iterator[pa.NativeFile]:
    """A stream that becomes the file when the block ends well; until then, and if it does not, nothing changes."""
    system, path = _located(address)
    partial = f"{path}.{uuid4().hex}.part"
    try:
        with system.open_output_stream(partial) as stream:
            yield stream
        system.move(partial, path)
    except BaseException:
        with suppress(OSError):
            system.delete_file(partial)
        raise


def removed(address: str) -> None:
    """Remove a file if it is there."""
    system, path = _located(address)
    if system.get_file_info(path).type == fs.FileType.File:
        system.delete_file(path)


def make_folder(address: str) -> None:
    """Make a folder, with those above it, unless it is there."""
    system, path = _located(address)
    system.create_dir(path, recursive=True)


def sweep(folder: str, names: set[str]) -> None:
    """Remove what :func:`created` left of files of these names in a folder where it was killed."""
    system, path = _located(folder)
    for one in system.get_file_info(fs.FileSelector(path)):
        match = _UNFINISHED.fullmatch(one.base_name)
        if match and match.group(1) in names:
            system.delete_file(one.path)


def _located(address: str) -> tuple[fs.FileSystem, str]:
    if "://" not in address:
        return fs.LocalFileSystem(), Path(address).absolute().as_posix()
    try:
        system, path = fs.FileSystem.from_uri(quote(address, safe=_IN_ADDRESSES))
    except (pa.ArrowInvalid, OSError) as fault:
        raise InvalidInput("address", value=address, fault=str(fault).splitlines()[0]) from None
    return system, path.rstrip("/")
