"""How kernels are compiled: at their first call, without the interpreter's lock, kept on disk.

A kernel on disk is renewed when its own module changes, not when a module it calls into does: after editing
one that others call, remove ``gis_core/joins/__pycache__``.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Floats

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Array = TypeVar("Array", bound=NDArray[Any])
Index = TypeVar("Index", bound=tuple[Any, ...])
Int32s = NDArray[np.int32]
Float32s = NDArray[np.float32]


def compiled(kernel: Kernel) -> Kernel:
    """A function of arrays and numbers as machine code, with arithmetic as it is written."""
    return cast(Kernel, numba.njit(nogil=True, cache=True, error_model="numpy")(kernel))


def compiled_loosely(kernel: Kernel) -> Kernel:
    """The same where the last digits do not matter: sums may be reordered to do several at once."""
    loose = {"nsz", "arcp", "contract", "nnan", "reassoc"}
    return cast(Kernel, numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=loose)(kernel))


@compiled
def grown(rows: Array, needed: int) -> Array:
    """An array of at least ``needed`` rows that begins with these."""
    if needed <= len(rows):
        return rows
    longer = np.empty((max(needed, 2 * len(rows)), *rows.shape[1:]), rows.dtype)
    longer[: len(rows)] = rows
    return longer  # type: ignore[return-value]


def frozen(index: Index) -> Index:
    """The same with arrays for reading only: for the compiler one type, from memory and from an opened file."""
    return type(index)(*(_read_only(part) if isinstance(part, np.ndarray) else part for part in index))


def points_of(points: Floats) -> Floats:
    """Points as kernels take them: in one piece, for reading only, whatever they come from."""
    return _read_only(np.ascontiguousarray(points, dtype=np.float64))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = np.asarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view
