"""Territory and reference rows in: what is new, changed, known or ended, by (source, key)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from gis_core.issues import REJECT_COLUMNS
from layers.base import Base, Source, Territorial
from layers.bulk import blocks, insert_rows
from layers.frames import Columns, table_of, typed

Ints = NDArray[np.int64]
_WITHOUT_GIVEN = ("names", "extra", "geom", "fronts", "rules")


@dataclass
class Put:
    """What storing did: counts of rows, and the rows it could not take."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    rejects: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REJECT_COLUMNS)))


def state_columns(model: type[Base]) -> tuple[str, str]:
    """The columns that say from which state on a row is seen, and from which no longer."""
    return ("version_from", "version_to") if issubclass(model, Territorial) else ("revision_from", "revision_to")


@dataclass(frozen=True, eq=False)
class Ready:
    """Rows made ready before the transaction that stores them; see :func:`made_ready`."""

    frame: pd.DataFrame
    columns: Columns


def made_ready(model: type[Base], frame: pd.DataFrame) -> Ready:
    """Rows as what is stored of them but for the state, and their digests: what takes longest, and needs no lock."""
    frame = frame.reset_index(drop=True)
    columns = typed(frame, table_of(model), {"feature_id": 0, state_columns(model)[0]: 0, "digest": ""})
    columns["digest"] = pa.array(digests(table_of(model), columns), pa.string())
    return Ready(frame, columns)


def put(
    session: Session, model: type[Base], given: pd.DataFrame | Ready, state: int, *, replace: bool,
    ending: Sequence[int] = (),
) -> Put:  # fmt: skip
    """Store rows in a draft version or a new revision.

    A row equal to the stored one of its (source, key) changes nothing; another ends it and takes its place under
    the same feature id.

    Parameters
    ----------
    given
        Accepted rows with ``source``, ``key`` and ``row`` beside the table's columns; ``feature_id`` where new rows
        have one already.
    state
        Id of the draft version or of the revision.
    replace
        Whether rows of the same sources that the frame does not name are ended.
    ending
        Ids of rows that are ended besides, whatever their source.
    """
    assert issubclass(model, Source)
    rows = given if isinstance(given, Ready) else made_ready(model, given)
    begun = pa.array(np.full(len(rows.frame), state, np.int64))
    columns = rows.columns | {state_columns(model)[0]: begun}
    return _Putting(session, model, rows.frame, columns, state, replace, ending).run()


class _Putting:
    def __init__(
        self, session: Session, model: type[Base], frame: pd.DataFrame, columns: Columns, state: int, replace: bool,
        ending: Sequence[int],
    ) -> None:  # fmt: skip
        self.session, self.table = session, table_of(model)
        self.begun, self.ended = state_columns(model)
        self.frame, self.columns, self.state, self.replace, self.ending = frame, columns, state, replace, ending
        self.rejects: list[pd.DataFrame] = []
        self.repeats = 0

    def run(self) -> Put:
        rows = pd.DataFrame(
            {name: self.columns[name].to_pylist() for name in ("source", "key", "digest")}, dtype=object
        )
        stored = self._stored(sorted(set(rows["source"])))
        kept = self._without_repeats(rows)
        found = kept.merge(stored, how="left", on=["source", "key"], suffixes=("", "_stored")).set_index(kept.index)
        equal = (found["digest"] == found["digest_stored"]).to_numpy()
        unnamed = stored["id"][~stored["id"].isin(found["id"])] if self.replace else stored["id"].head(0)
        gone = np.union1d(unnamed.to_numpy(np.int64), np.array(self.ending, np.int64))
        coming = self._without_taken_codes(found[~equal], gone)
        changed = coming[coming["id"].notna()]
        self._end(np.concatenate([changed["id"].to_numpy(np.int64), gone]))
        self._insert(coming)
        return Put(
            added=len(coming) - len(changed),
            changed=len(changed),
            unchanged=int(equal.sum()) + self.repeats,
            ended=len(gone),
            rejects=pd.concat(self.rejects, ignore_index=True) if self.rejects else Put().rejects,
        )

    def _stored(self, sources: list[str]) -> pd.DataFrame:
        """Open rows of the sources: id, feature id, source, key, digest."""
        names = ["id", "feature_id", "source", "key", "digest"]
        query = select(*(self.table.columns[name] for name in names)).where(
            self.table.columns[self.ended].is_(None), self.table.columns.source.in_(sources)
        )
        return pd.DataFrame(self.session.execute(query).all(), columns=names, dtype=object)

    def _without_repeats(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The first row of each (source, key); a later one that says something else is rejected."""
        repeated = rows.duplicated(["source", "key"])
        if repeated.any():
            first = rows[~repeated].set_index(["source", "key"])["digest"]
            again = rows[repeated]
            said = first.reindex(pd.MultiIndex.from_frame(again[["source", "key"]])).to_numpy()
            differs = again[(said != again["digest"].to_numpy())]
            params = differs[["source", "key"]].to_dict("records")
            self._reject(differs.index, "key_twice", params)
            self.repeats = len(again) - len(differs)
        return rows[~repeated]

    def _without_taken_codes(self, coming: pd.DataFrame, gone: Ints) -> pd.DataFrame:
        """Without the rows whose code another row has, open or earlier in the frame.

        A rejected change leaves its old row open, whose code is then not free after all: hence the repetition.
        """
        names = _code_columns(self.table)
        open_rows = self._open_codes(names)
        codes = list(zip(*(self.columns[name].to_pylist() for name in names), strict=True))
        while len(coming):
            staying = open_rows[~open_rows["id"].isin([*coming["id"].dropna(), *gone])]
            taken = dict(zip(staying["code"], staying["source"] + " " + staying["key"], strict=True))
            wanted = pd.Series([codes[row] for row in coming.index], index=coming.index, dtype=object)
            repeated = wanted.duplicated()
            refused = wanted.isin(list(taken)) | repeated
            if not refused.any():
                break
            earlier = dict(zip(wanted[~repeated], coming["key"][~repeated], strict=True))
            params = [
                {
                    "field": "+".join(names),
                    "value": " ".join(map(str, code)),
                    "taken_by": taken.get(code, earlier[code]),
                }
                for code in wanted[refused]
            ]
            self._reject(coming.index[refused], "code_taken", params)
            coming = coming[~refused]
        return coming

    def _open_codes(self, names: list[str]) -> pd.DataFrame:
        """Open rows of all sources: id, source, key and code."""
        columns = [self.table.c[name] for name in ("id", "source", "key", *names)]
        found = self.session.execute(select(*columns).where(self.table.c[self.ended].is_(None))).all()
        rows = [(row[0], row[1], row[2], tuple(row[3:])) for row in found]
        return pd.DataFrame(rows, columns=["id", "source", "key", "code"], dtype=object)

    def _reject(self, rows: pd.Index, reason: str, params: list[dict[Any, Any]]) -> None:
        named = self.frame.loc[rows]
        self.rejects.append(
            pd.DataFrame(
                {"row": named["row"].to_numpy(), "key": named["key"].to_numpy(), "reason": reason, "params": params},
                columns=list(REJECT_COLUMNS),
            )
        )

    def _end(self, ids: Ints) -> None:
        """End rows; one that began in this very state was never seen by anybody and goes."""
        for block in blocks(ids.tolist()):
            chosen = self.table.c.id.in_(block)
            begun_here = self.table.c[self.begun] == self.state
            self.session.execute(delete(self.table).where(chosen, begun_here))
            self.session.execute(update(self.table).where(chosen).values({self.ended: self.state}))

    def _insert(self, coming: pd.DataFrame) -> None:
        if not len(coming):
            return
        last = self.session.scalar(select(func.coalesce(func.max(self.table.c.feature_id), 0))) or 0
        feature = coming["feature_id"].to_numpy(dtype=np.float64)
        new = np.isnan(feature)
        feature[new] = last + 1 + np.arange(new.sum())
        if "feature_id" in self.frame:
            # A feature that was new in a draft is known by its number since.
            feature[new] = self.frame["feature_id"].loc[coming.index[new]]
        rows = pa.array(coming.index.to_numpy())
        columns = {name: values.take(rows) for name, values in self.columns.items()}
        insert_rows(self.session, self.table, {**columns, "feature_id": pa.array(feature.astype(np.int64))})


def _code_columns(table: Table) -> list[str]:
    """The columns that name one thing at a time."""
    (unique,) = (index for index in table.indexes if index.name == f"uq_{table.name}_open")
    return [column.name for column in unique.columns]


def digests(table: Table, columns: Columns) -> list[str]:
    """A digest of what the file said in each row: given columns, names, extras and shape, nothing we derived."""
    said = [
        columns[column.name].to_pylist()
        for column in table.columns
        if column.name in columns and (column.info.get("given") or column.name in _WITHOUT_GIVEN)
    ]
    texts = (json.dumps(row, ensure_ascii=False, default=_written) for row in zip(*said, strict=True))
    return [blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]


def _written(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
