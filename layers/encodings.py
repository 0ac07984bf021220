"""Which encoding a text is in: UTF-8 or GB18030 (with GBK and GB 2312 inside it), or neither.

Most eight-bit text decodes as GB18030 by accident, so that a decoding alone proves nothing. Running Chinese text
consists almost wholly of the symbols and first-level hanzi of GB 2312 (rows 1 to 55), accidental text hardly ever.
"""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from gis_core.errors import InvalidInput

UTF8, GB18030 = "utf-8-sig", "gb18030"
MIN_COMMON = 0.6
"""Least share of the non-ASCII characters that must be common Chinese for text to be read as GB18030."""
_ASCII = bytes(range(0x80))
_RARE_LEADS = bytes(range(0xD8, 0x100))
_BLOCK_BYTES = 1 << 20


def detect(text: BinaryIO, file: str) -> str:
    """The Python name of the encoding of a text, which is read to its end in blocks.

    Returns
    -------
    encoding
        :data:`UTF8` (which also swallows a byte order mark) or :data:`GB18030`.

    Raises
    ------
    InvalidInput
        When it is neither, naming the offset of the first byte that is not UTF-8; or when it holds
        the byte zero, which no text does.
    """
    fault = _not_utf8(text, file)
    if fault is None:
        return UTF8
    if _is_chinese(text):
        return GB18030
    raise InvalidInput("file_encoding", file=file, offset=fault)


def _blocks(text: BinaryIO) -> Iterator[bytes]:
    text.seek(0)
    while block := text.read(_BLOCK_BYTES):
        yield block
    yield b""


def _not_utf8(text: BinaryIO, file: str) -> int | None:
    """Offset of the first byte that is not UTF-8."""
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    for block in _blocks(text):
        if b"\0" in block:
            raise InvalidInput("file_not_text", file=file, offset=read + block.index(b"\0"))
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as fault:
            return read - pending + fault.start
        read += len(block)
    return None


def _is_chinese(text: BinaryIO) -> bool:
    decoder, others, common = codecs.getincrementaldecoder(GB18030)(), 0, 0
    for block in _blocks(text):
        try:
            decoded = decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            return False
        others += len(decoded) - len(decoded.encode("ascii", "ignore"))
        leads = decoded.encode("gb2312", "ignore").translate(None, _ASCII)[::2]
        common += len(leads.translate(None, _RARE_LEADS))
    return common >= MIN_COMMON * others
