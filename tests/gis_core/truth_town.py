"""Random towns whose strips are known beforehand: drawn along the sides of rectangular blocks, in one dimension.

Nothing here is shared with :mod:`gis_core.frontage`: a side of a block is a stretch of numbers, and whose a metre is,
is looked up for each ten centimetres of it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

FINE_M, GAP_M = 0.1, 3.0
USUAL = {"arterial": 24.0, "secondary": 16.0, "branch": 9.0, "backstreet": 5.0}
TURNS = ((1, 0, 0, 0), (0, 1, 1, 0), (-1, 0, 1, 1), (0, -1, 0, 1))
"""Of the sides of a block in their order: its direction, and the corner it begins at."""


@dataclass(frozen=True)
class Town:
    """Streets, shops and which are signed, in metres; and the truth: metres of kerb and of signed kerb by street."""

    streets: pd.DataFrame
    shops: pd.DataFrame
    ground: shapely.Geometry
    signed: frozenset[str]
    truth: pd.DataFrame
    roads: shapely.Geometry


def town(seed: int, *, fronts: bool, side: int = 3) -> Town:
    """A town of so many blocks to a side, turned by some angle; its shops known by their fronts, within 30 cm, or by
    points.
    """
    random = np.random.default_rng(seed)
    kinds = random.choice(list(USUAL), (2, side + 1))
    widths = np.array([[USUAL[kind] + random.uniform(-1, 1) for kind in row] for row in kinds])
    middles = np.cumsum(random.uniform(60, 130, (2, side + 1)), axis=1)
    low, high = middles - widths / 2, middles + widths / 2
    shops, truth, signed = list[Any](), list[Any](), set[str]()
    for column in range(side):
        for row in range(side):
            block = (high[0, column], high[1, row], low[0, column + 1], low[1, row + 1])
            names = (f"h{row}", f"v{column + 1}", f"h{row + 1}", f"v{column}")
            _block(block, names, random, shops, truth, signed, fronts=fronts)
    rim = (low[0, 0], low[1, 0], high[0, -1], high[1, -1])
    angle = random.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    found = pd.DataFrame(shops, columns=["code", "street", "geometry"])
    found["geometry"] = shapely.transform(found["geometry"].to_numpy(), lambda xy: xy @ turn)
    streets = _streets(kinds, widths, middles, rim, random)
    roads = shapely.union_all(shapely.buffer(streets["geometry"].to_numpy(), widths.ravel() / 2, cap_style="flat"))
    streets["geometry"] = shapely.transform(streets["geometry"].to_numpy(), lambda xy: xy @ turn)
    told = pd.DataFrame(truth, columns=["street", "metres", "signed"]).groupby("street").sum()
    # The outermost streets have their other side beyond the town.
    ground, roads = shapely.transform(np.array([shapely.box(*rim), roads]), lambda xy: xy @ turn)
    return Town(streets, found, ground, frozenset(signed), told, roads)


def _streets(kinds: Any, widths: Any, middles: Any, rim: Any, random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for axis, letter in enumerate("vh"):
        for number in range(len(widths[axis])):
            at, along = middles[axis, number], (rim[1 - axis], rim[3 - axis])
            ends = [(at, end) if axis == 0 else (end, at) for end in along]
            width = None if random.random() < 0.2 else widths[axis, number]
            kind = kinds[axis, number]
            rows.append((f"{letter}{number}", kind, width, 2.0, shapely.LineString(ends)))
    return pd.DataFrame(rows, columns=["code", "class", "width_m", "footway_m", "geometry"]).assign(
        name=lambda frame: frame["code"]
    )


def _block(
    block: Any, names: Any, random: np.random.Generator, shops: list[Any], truth: list[Any], signed: set[str], *,
    fronts: bool,
) -> None:  # fmt: skip
    west, south, east, north = block
    back = random.uniform(2, 6)
    sides, begins, about = [], [], 0.0
    for (dx, dy, right, top), name in zip(TURNS, names, strict=True):
        start = np.array([east if right else west, north if top else south])
        length = east - west if dx else north - south
        ahead, inwards = np.array([dx, dy]), np.array([-dy, dx])
        at = back + random.uniform(0, 4)
        while at + 4 < length - back:
            wide = min(random.uniform(4, 9), length - back - at)
            if random.random() < 0.75:
                code = f"{names[0]}{names[3]}-{len(shops)}"
                address = name if random.random() < 0.8 else None
                shops.append((code, address, _drawn(start, ahead, inwards, at, wide, back, random, fronts=fronts)))
                begins.append((about + at, about + at + wide, code))
                if random.random() < 0.7:
                    signed.add(code)
            at += wide + (random.uniform(2, 20) if random.random() < 0.15 else 0)
        sides.append((name, about, length))
        about += length
    owner = _owners(begins, about, back, [begin for _, begin, _ in sides])
    for name, begin, length in sides:
        mine = owner[round(begin / FINE_M) : round((begin + length) / FINE_M)]
        truth.append((name, len(mine) * FINE_M, sum(code in signed for code in mine) * FINE_M))


def _drawn(
    start: Any,
    ahead: Any,
    inwards: Any,
    at: float,
    wide: float,
    back: float,
    random: np.random.Generator,
    *,
    fronts: bool,
) -> shapely.Geometry:
    if fronts:
        ends = np.array([at, at + wide]) + random.normal(0, 0.15, 2).clip(-0.3, 0.3)
        return shapely.LineString([start + ahead * end + inwards * back for end in ends])
    deep = back + random.uniform(0, 9)
    return shapely.Point(start + ahead * (at + wide / 2 + random.normal(0, 1)) + inwards * deep)


def _owners(fronts: list[tuple[float, float, str]], around: float, back: float, corners: list[float]) -> list[str]:
    """Whose each ten centimetres of a block's kerb are: the shop's before it; of a gap half each, three metres at most,
    or, where walls meet at a corner, all of it.
    """
    places = (np.arange(round(around / FINE_M)) + 0.5) * FINE_M
    owner = np.full(len(places), "", dtype=object)
    for (_, end, code), (begin, _, other) in zip(fronts, [*fronts[1:], *fronts[:1]], strict=True):
        ahead = (begin - end) % around
        turned = any(0 <= (corner - end) % around <= ahead for corner in corners)
        walls = ahead - 2 * back if turned else ahead
        reach = ahead / 2 if walls <= 2 * GAP_M and turned else min(ahead / 2, GAP_M)
        past = (places - end) % around
        owner[past < reach] = code
        owner[(past < ahead) & (ahead - past <= reach)] = other
    for begin, end, code in fronts:
        owner[(places >= begin) & (places < end)] = code
    return list(owner)
