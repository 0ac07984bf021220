"""Every code and word an answer can hold in one array, so that columns of text are taken from it by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.arrays import Ints, Objects

TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
"""What pandas calls ``str``."""


@dataclass(frozen=True, eq=False)
class Labels:
    """Kinds of text, one after the other.

    Parameters
    ----------
    texts, words
        The same, as objects and as an array of :data:`TEXT`.
    first
        Where each kind begins.
    """

    texts: Objects
    words: Any
    first: Mapping[str, int]

    def columns(self, kinds: Mapping[str, str], positions: Mapping[str, Ints]) -> dict[str, Any]:
        """Columns of text by name.

        Parameters
        ----------
        kinds
            Per column the kind of its text.
        positions
            Per column the position of each row's text among those of its kind, -1 for none. All have as many rows.
        """
        wanted = np.array([positions[name] for name in kinds])
        begins = np.array([self.first[kind] for kind in kinds.values()])[:, None]
        taken = self.words.take(np.where(wanted >= 0, wanted + begins, -1).ravel(), allow_fill=True)
        rows = wanted.shape[1]
        return {name: taken[nth * rows : (nth + 1) * rows] for nth, name in enumerate(kinds)}

    def first_row(self, kinds: Mapping[str, str], positions: Mapping[str, Ints]) -> dict[str, str | None]:
        """What the columns say in their first row."""
        found = {name: positions[name][0] for name in kinds}
        return {
            name: self.texts[self.first[kind] + found[name]] if found[name] >= 0 else None
            for name, kind in kinds.items()
        }


def labels(kinds: Mapping[str, Objects]) -> Labels:
    """Texts by kind, ``None`` where there is none."""
    begins = np.cumsum([0, *(len(texts) for texts in kinds.values())]).tolist()
    texts = np.concatenate(list(kinds.values()))
    return Labels(texts, pd.array(texts, dtype=TEXT), dict(zip(kinds, begins, strict=False)))


def words_of(names: Sequence[str]) -> Objects:
    """Words as :func:`labels` takes them."""
    return np.array(names, dtype=object)
