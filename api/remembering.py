"""What was worked out lately, by everything it depends on."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """The values used last, up to a total size.

    Parameters
    ----------
    most
        Total size to keep.
    """

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._kept: OrderedDict[tuple[object, ...], tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> Value | None:
        """The value kept for the key."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: tuple[object, ...], value: Value, size: int = 1) -> None:
        """Keep a value, and let go of those not used for longest."""
        with self._lock:
            _, former = self._kept.pop(key, (None, 0))
            self._kept[key] = (value, size)
            self._held += size - former
            while self._held > self._most:
                _, (_, freed) = self._kept.popitem(last=False)
                self._held -= freed
