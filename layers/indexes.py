"""Compiled indexes as files: written once, opened by every worker, who share the memory.

One index is a folder with a plain ``.npy`` file for each array and a header that says what they were built of.
Opening reads the header alone; the arrays are read as they are asked for.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
"""Goes up whenever the arrays of an index change their meaning."""
HEADER = "index.json"


def write_index(folder: Path, arrays: Mapping[str, NDArray[Any]], digest: str) -> None:
    """Write the arrays of an index, in one step: nobody opens half of them.

    Parameters
    ----------
    folder
        Is replaced if it is there.
    digest
        Of the content the index was built of, by which :func:`open_index` knows it again.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new, old = (folder.with_name(f"{folder.name}.{uuid4().hex}.{state}") for state in ("new", "old"))
    new.mkdir()
    for name, array in arrays.items():
        np.save(new / f"{name}.npy", array, allow_pickle=False)
    shapes = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
    (new / HEADER).write_text(json.dumps({"format": FORMAT, "digest": digest, "arrays": shapes}), "utf-8")
    if folder.exists():
        folder.replace(old)
    new.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def open_index(folder: Path, digest: str) -> dict[str, NDArray[Any]] | None:
    """The arrays of an index, mapped into memory for reading.

    Returns
    -------
    arrays
        For :func:`gis_core.joins.choosing.index_of`. ``None`` if there are none, if they were built of something
        else or written in another format, or if a file was cut short: then the index is to be built anew.
    """
    try:
        header = json.loads((folder / HEADER).read_text("utf-8"))
        if (header["format"], header["digest"]) != (FORMAT, digest):
            return None
        arrays = {name: _opened(folder / f"{name}.npy") for name in header["arrays"]}
    except (OSError, ValueError, KeyError, EOFError):
        return None
    found = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
    return arrays if found == header["arrays"] else None


def _opened(file: Path) -> NDArray[Any]:
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except ValueError:  # an array without elements cannot be mapped
        return np.load(file, allow_pickle=False)
