"""A register of lanes as a file: code, name and length, under the headings that such lists have."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from gis_core.errors import InvalidInput
from layers.formats import open_file
from layers.opened import Chunk
from layers.values import Objects, numbers, objects, texts

HEADINGS = {
    "code": ("code", "编码", "编号", "代码", "道路编码", "街巷编码", "街巷编号"),
    "name": ("name", "名称", "道路名称", "街巷名称", "巷名", "路名", "背街小巷名称"),
    "length_m": ("length_m", "length", "长度", "长度m", "长度(m)", "长度（m）", "长度(米)", "长度（米）", "全长"),
}
"""Column of ours to the headings it is found under; the first that is there is taken."""
ROWS = 50_000
_UNIT = re.compile(r"[,，]|\s*(m|米)$", re.IGNORECASE)


def read_register(path: Path) -> pd.DataFrame:
    """The rows of a register of lanes: ``code`` and ``name`` (None where empty) and ``length_m`` (NaN where unknown).

    Rows with neither code nor name are left out.

    Raises
    ------
    NotFound
        When there is no such file.
    InvalidInput
        When it cannot be read, has neither codes nor names, or a row with too many cells or a length that is no
        number.
    """
    parts = [_rows(path, chunk) for chunk in open_file(path).chunks(ROWS)]
    found = pd.concat(parts, ignore_index=True)
    return found[found["code"].notna() | found["name"].notna()].reset_index(drop=True)


def _rows(path: Path, chunk: Chunk) -> pd.DataFrame:
    headings = {heading.strip().lower(): heading for heading in map(str, chunk.frame)}
    ours = {name: next((headings[one] for one in known if one in headings), None) for name, known in HEADINGS.items()}
    if ours["code"] is None and ours["name"] is None:
        expected = "/".join(HEADINGS["code"] + HEADINGS["name"])
        raise InvalidInput("lane_columns", file=path.name, found=", ".join(headings.values()), expected=expected)
    for place, (_, params) in sorted(chunk.faults.items()):
        raise InvalidInput("lane_cells", file=path.name, row=int(chunk.row[place]), **params)
    cells = {name: _cells(chunk, heading) for name, heading in ours.items()}
    written = cells["length_m"]
    length_m, wrong = numbers(objects(None if one is None else _UNIT.sub("", one) for one in written))
    wrong |= length_m < 0
    if wrong.any():
        first = np.argmax(wrong)
        raise InvalidInput("lane_length", file=path.name, row=int(chunk.row[first]), value=written[first])
    columns = {"code": cells["code"], "name": cells["name"]}
    return pd.DataFrame(columns, dtype=object).assign(length_m=length_m)


def _cells(chunk: Chunk, heading: str | None) -> Objects:
    return np.full(len(chunk.frame), None, dtype=object) if heading is None else texts(chunk.frame[heading])
