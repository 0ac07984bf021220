"""Places drawn by chance, so many of each type, as an inspection draws them; the same seed draws the same again."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis_core.errors import InvalidInput


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and all that it takes to draw it again.

    Parameters
    ----------
    codes
        By type, in the order drawn.
    asked
        How many of each type were asked for.
    there
        How many of each type there were.
    seed
        Of the draw.
    """

    codes: Mapping[str, tuple[str, ...]]
    asked: Mapping[str, int]
    there: Mapping[str, int]
    seed: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Types that were asked for and that the city has none of."""
        return tuple(kind for kind, count in self.asked.items() if count and not self.there[kind])

    @property
    def short(self) -> tuple[str, ...]:
        """Types that there are some of, but fewer than were asked for."""
        return tuple(kind for kind, count in self.asked.items() if 0 < self.there[kind] < count)


def draw(places: pd.DataFrame, asked: Mapping[str, int], seed: int) -> Drawn:
    """Draw places, each as likely as any other of its type, none twice.

    What is drawn of a type depends on the seed and on the codes of that type alone: not on the order of rows, nor on
    what else is asked for. Who asks for more of a type is given the same ones first.

    Parameters
    ----------
    places
        ``code`` and ``type``; a code twice counts once.

    Raises
    ------
    InvalidInput
        When less than none are asked for, or the seed is negative.
    """
    for field, value in (("seed", seed), *((f"draw.{kind}", count) for kind, count in asked.items())):
        if value < 0:
            raise InvalidInput("proposal_count", field=field, value=value, expected="0 – 10000")
    codes, there = {}, {}
    for kind, count in sorted(asked.items()):
        known = sorted(set(places["code"][places["type"] == kind]))
        order = np.random.default_rng([seed, *kind.encode()]).permutation(len(known))
        there[kind], codes[kind] = len(known), tuple(known[at] for at in order[:count])
    return Drawn(codes, dict(sorted(asked.items())), there, seed)
