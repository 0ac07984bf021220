"""Reads R's saved workspaces (XDR serialisation), as much of the format as data frames and shapes need."""

import bz2
import gzip
import lzma
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

UNPACK = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}
SYMBOL, PAIRS, LANGUAGE, TEXT, LOGICAL, INTEGER, REAL, TEXTS, LIST = 1, 2, 6, 9, 10, 13, 14, 16, 19
COMPACT, AGAIN, END = 238, 255, 254
HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400


class Valued(NamedTuple):
    """A vector of R: its values and its attributes by name."""

    values: Any
    attributes: dict[str, Any]

    def __getitem__(self, name: Any) -> Any:
        """The column of that name."""
        return self.values[self.attributes["names"].index(name)]


def read(path: Path) -> dict[str, Any]:
    """What was saved, by name: arrays of numbers, lists of texts, :class:`Valued` where there are attributes."""
    packed = path.read_bytes()
    content = UNPACK[packed[:2]](packed)
    assert content.startswith(b"RDX3\nX\n")
    return _Reader(content, 7).everything()


class _Reader:
    def __init__(self, content: bytes, at: int) -> None:
        self.content, self.at, self.seen = content, at, list[Any]()

    def everything(self) -> dict[str, Any]:
        self.at += 3 * 4
        encoding = self._number()
        self.at += encoding
        return self._item()

    def _number(self) -> int:
        self.at += 4
        return int(struct.unpack_from(">i", self.content, self.at - 4)[0])

    def _item(self) -> Any:
        flags = self._number()
        kind = flags & 0xFF
        if kind == AGAIN:
            return self.seen[(flags >> 8 or self._number()) - 1]
        if kind == SYMBOL:
            self.seen.append(self._item())
            return self.seen[-1]
        if kind in {PAIRS, LANGUAGE}:
            return self._pairs(flags)
        if kind == TEXT:
            size = self._number()
            self.at += max(size, 0)
            return None if size < 0 else self.content[self.at - size : self.at].decode()
        if kind == COMPACT:
            return self._compact()
        if kind not in {LOGICAL, INTEGER, REAL, TEXTS, LIST}:
            return None
        values = self._values(kind, self._number())
        return Valued(values, self._item()) if flags & HAS_ATTRIBUTES else values

    def _values(self, kind: int, size: int) -> Any:
        if kind in {TEXTS, LIST}:
            return [self._item() for _ in range(size)]
        form = ">f8" if kind == REAL else ">i4"
        found = np.frombuffer(self.content, form, size, self.at)
        self.at += found.nbytes
        return found.astype(np.float64 if kind == REAL else np.int64)

    def _pairs(self, flags: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while flags & 0xFF in {PAIRS, LANGUAGE}:
            if flags & HAS_ATTRIBUTES:
                self._item()
            name = self._item() if flags & HAS_TAG else str(len(found))
            found[name] = self._item()
            flags = self._number()
        assert flags & 0xFF == END
        return found

    def _compact(self) -> Any:
        """Sequences and texts of numbers, which R writes in short."""
        kind, state, _ = next(iter(self._item().values())), self._item(), self._item()
        if kind == "compact_intseq":
            return np.arange(int(state[0])) + int(state[1])
        first = next(iter(state.values())) if isinstance(state, dict) else state[0]
        return [str(int(one)) for one in first] if kind == "deferred_string" else first
