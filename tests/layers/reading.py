"""Reading files in tests: whole, as one frame, and through an importer."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gis_core.city import City
from gis_core.texts import TEXTS
from layers.formats import open_file
from layers.importers import Importer, Mapping, Parsed
from layers.opened import Chunk

CITY = City(name="试验市", timezone="Asia/Shanghai", metric_srid=4545)
"""Its central meridian is 108° E; positions in tests lie near 108.3, 22.8."""


def chunks(path: Path, rows: int = 1000) -> list[Chunk]:
    """All chunks of a file."""
    return list(open_file(path).chunks(rows))


def columns(path: Path, rows: int = 1000) -> dict[str, list[Any]]:
    """All rows of a file by column."""
    return pd.concat([chunk.frame for chunk in chunks(path, rows)]).to_dict("list")


def numbers(path: Path, rows: int = 1000) -> list[int]:
    """The row numbers of a file."""
    return np.concatenate([chunk.row for chunk in chunks(path, rows)]).tolist()


def parse(path: Path, table: str, city: City = CITY, rows: int = 1000, **mapping: Any) -> Parsed:
    """A file, parsed for a table."""
    opened = open_file(path)
    importer = Importer(table, Mapping(table=table, **mapping), city, opened.digest, path.stem)
    parsed = [importer.parse(chunk) for chunk in opened.chunks(rows)]
    return Parsed(
        pd.concat([one.accepted for one in parsed], ignore_index=True),
        pd.concat([one.rejects for one in parsed], ignore_index=True),
    )


def reasons(parsed: Parsed) -> dict[int, str]:
    """Reason of each rejected row by its number; every reason is sayable in both languages."""
    for reason, params in zip(parsed.rejects["reason"], parsed.rejects["params"], strict=True):
        for locale in ("en", "zh"):
            assert "?" not in TEXTS.say(reason, locale, **params).replace("？", ""), (reason, params)
    return dict(zip(parsed.rejects["row"].tolist(), parsed.rejects["reason"], strict=True))
