"""Every code and word an answer can hold, once, so that columns of text are numbers until somebody reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_core.arrays import Ints, Objects


@dataclass(frozen=True, eq=False)
class Label:
    """Texts of one kind, in which one may stand for several things.

    Parameters
    ----------
    texts
        One for each thing.
    number
        Per thing, and once more for none, the number of its text among the categories of ``dtype``.
    """

    texts: Objects
    number: NDArray[np.int32]
    dtype: pd.CategoricalDtype

    def column(self, positions: Ints) -> pd.Categorical:
        """The texts of the things at positions, -1 for none."""
        return pd.Categorical.from_codes(self.number[positions], dtype=self.dtype, validate=False)

    def first(self, positions: Ints) -> str | None:
        """The text of the first of the positions."""
        return self.texts[positions[0]] if positions[0] >= 0 else None


Labels = Mapping[str, Label]
"""By kind."""


def label(texts: Objects | Sequence[str]) -> Label:
    """Texts of one kind by position; none is missing."""
    words = np.array(texts, dtype=object)
    column = categories(words)
    return Label(words, np.append(column.codes, -1).astype(np.int32), column.dtype)


def occurring(column: pd.Categorical) -> tuple[Ints, Objects]:
    """The column by number of its texts, -1 for none, and the texts: only those that occur in it."""
    codes, texts = column.codes.astype(np.int64), column.categories.to_numpy(object)
    number = np.full(len(texts) + 1, -1)
    number[codes[codes >= 0]] = 0
    used = np.flatnonzero(number == 0)
    number[used] = np.arange(len(used))
    return number[codes], texts[used]


def united(columns: Sequence[pd.Categorical]) -> pd.Categorical:
    """Columns of different categories one below the other."""
    parts = [occurring(column) for column in columns]
    together = categories(np.concatenate([texts for _, texts in parts]))
    begins = np.cumsum([0, *(len(texts) for _, texts in parts[:-1])])
    codes = [
        np.append(together.codes[begin : begin + len(texts)], -1)[number]
        for begin, (number, texts) in zip(begins, parts, strict=True)
    ]
    return pd.Categorical.from_codes(np.concatenate(codes), dtype=together.dtype)


def categories(texts: Objects) -> pd.Categorical:
    """Texts as categories, which stay the objects they are."""
    number, distinct = pd.factorize(texts)
    return pd.Categorical.from_codes(number, dtype=pd.CategoricalDtype(pd.Index(distinct, dtype=object)))
