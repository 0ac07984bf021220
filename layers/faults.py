"""Why rows of a file cannot be taken, collected over all columns."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_core.issues import REJECT_COLUMNS


class Faults:
    """The first fault of each row.

    Parameters
    ----------
    count
        Number of rows.

    Attributes
    ----------
    clear
        The rows without a fault.
    """

    def __init__(self, count: int) -> None:
        self.clear = np.ones(count, dtype=bool)
        self._reason = np.full(count, None, dtype=object)
        self._params = np.full(count, None, dtype=object)

    def add(self, wrong: NDArray[np.bool_], reason: str, **params: Any) -> None:
        """Blame the rows ``wrong``; an array among ``params`` has one value per row."""
        for row in np.flatnonzero(wrong & self.clear):
            self._reason[row] = reason
            self._params[row] = {
                name: value[row] if isinstance(value, np.ndarray) else value for name, value in params.items()
            }
        self.clear &= ~wrong

    def rejects(self, rows: NDArray[np.bool_], numbers: NDArray[np.int64], keys: NDArray[np.object_]) -> pd.DataFrame:
        """The rows ``rows`` with their faults, columns :data:`gis_core.issues.REJECT_COLUMNS`."""
        columns = (numbers, keys, self._reason, self._params)
        return pd.DataFrame(
            {name: pd.Series(column[rows]) for name, column in zip(REJECT_COLUMNS, columns, strict=True)},
            columns=list(REJECT_COLUMNS),
        )
