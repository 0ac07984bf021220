"""Which cells a hot spot consists of: windows that are significant reach beyond it, and miss where it is thin."""

import numpy as np
from scipy.special import xlogy

from gis_core.arrays import Bools, Floats
from gis_core.hotspots.chance import Reference, crowded, q_values
from gis_core.hotspots.weights import Neighbourhoods

RAISED = 2.75
"""A cell is in a core where its reports are likelier at so many times the usual rate than at the usual rate."""
TOGETHER = 0.5
"""What each neighbour in, and each neighbour out, adds to or takes from the logarithm of that likelihood."""
SHARE = 0.025
"""Share of false discoveries for each of the two bandwidths, so that they share five per cent."""
_ROUNDS = 20


def core_cells(
    counts: Floats, exposure: Floats, near: Neighbourhoods, reference: Reference, correction: str = "bh"
) -> Bools:
    """Cells of hot spots, found by windows of two bandwidths and told apart by likelihood.

    Asked are the cells whose window is significant, and those in or next to which a window of the next bandwidth
    is. A map without a significant window has none.

    Parameters
    ----------
    counts, exposure
        Of each cell, 0 where it cannot be told about.
    reference
        The usual rate; of uneven counts the likelihood is divided by their dispersion.
    """
    told, mean = exposure > 0, reference.rate * exposure
    asked_of = (near, near.wider())
    significant = [crowded_q(counts, mean, each, reference.unevenness, told, correction) < SHARE for each in asked_of]
    asked = (significant[0] | (near.sums(significant[1].astype(np.float64)) > 0)) & told
    likelier = xlogy(counts, RAISED) - mean * (RAISED - 1)
    if reference.unevenness > 0:
        likelier = likelier / reference.dispersion
    inside = asked
    for _ in range(_ROUNDS):
        around = near.sums(inside.astype(np.float64)) - inside
        new = asked & (likelier + TOGETHER * (2 * around - (near.sizes - 1)) > 0)
        if (new == inside).all():
            break
        inside = new
    return inside


def crowded_q(
    counts: Floats, mean: Floats, near: Neighbourhoods, unevenness: float, told: Bools, correction: str
) -> Floats:
    """Share of false discoveries at which each window has too many, right where it is small enough to be asked for.

    Parameters
    ----------
    mean
        Expected of each cell, 0 where it cannot be told about.
    """
    expected = near.sums(mean)
    squares = near.sums(mean**2)
    uneven = unevenness * np.divide(squares, expected**2, out=np.zeros_like(squares), where=expected > 0)
    return q_values(crowded(near.sums(counts), expected, uneven), told, correction)
