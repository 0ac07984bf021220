"""Everybody whom a territory names: parties by position, so that answers are decided in whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Ints, Objects, codes_of

NAMED_IN = {
    "parties": ("code", "parent"),
    "contracts": ("contractor", "responsible", "supervisor"),
    "places": ("operator", "supervisor"),
    "frontages": ("responsible",),
    "facilities": ("maintains", "owns", "supervises"),
    "holders": ("holder",),
    "grids": ("organisation",),
}
"""Columns that hold codes of parties, by layer."""
KINDS = ("unit", "firm", "person", "shop")
"""What a party is; one that no list of parties knows is the shop of its code, or else taken for a unit."""


@dataclass(frozen=True, eq=False)
class Bodies:
    """Parties by position, those of the list of parties and those that only others name.

    Parameters
    ----------
    codes
        Each once.
    kind, parent, is_firm
        Position in :data:`KINDS`, position of the party above (-1 for none), and whether it is a firm, which handles
        what it answers for. One row more than there are bodies stands for whoever is none of them.
    """

    codes: Objects
    kind: Ints
    parent: Ints
    is_firm: Bools

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.codes, dtype=object)

    def positions(self, codes: Objects) -> Ints:
        """Position of each code, -1 where there is none."""
        return self._index.get_indexer(pd.Index(codes, dtype=object)).astype(np.int64)


def bodies(frames: Mapping[str, pd.DataFrame]) -> Bodies:
    """Everybody named in a territory's frames."""
    named = [codes_of(frames[layer], column) for layer, columns in NAMED_IN.items() for column in columns]
    everybody = pd.unique(np.concatenate(named))
    everybody = everybody[~pd.isna(everybody)]
    kind, parent = np.zeros(len(everybody) + 1, np.int64), np.full(len(everybody) + 1, -1)
    kind[-1] = len(KINDS)
    found = Bodies(everybody, kind, parent, np.zeros(len(everybody) + 1, bool))
    places = frames["places"]
    shops = found.positions(codes_of(places, "code")[codes_of(places, "type") == "shop"])
    kind[shops[shops >= 0]] = KINDS.index("shop")
    listed = found.positions(codes_of(frames["parties"], "code"))
    kinds = pd.Index(KINDS).get_indexer(pd.Index(codes_of(frames["parties"], "kind"), dtype=object))
    kind[listed] = np.maximum(kinds, 0)
    parent[listed] = found.positions(codes_of(frames["parties"], "parent"))
    found.is_firm[:] = kind == KINDS.index("firm")
    return found
