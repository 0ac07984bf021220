"""The demo city: fictional, seeded and of any size; the same for documentation, tests and benchmarks."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.demo.blocks import lay_out
from data.demo.city import CITY
from data.demo.contracts import contracts
from data.demo.doors import agreements, marks, shops
from data.demo.facilities import equip
from data.demo.grids import grids, number
from data.demo.holders import holders
from data.demo.parties import managements, organisations, persons
from data.demo.patrols import Patrols, patrols
from data.demo.places import settle
from data.demo.reports import Ground
from data.demo.reports import issues as reports
from data.demo.streets import pave
from data.tables import category_rows, tag_rows
from gis_core.city import City
from gis_core.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Demo:
    """A city and everything in it.

    Parameters
    ----------
    frames
        Per table, in the order in which they are stored: ``parties``, ``categories``, ``tags``, ``grids``, ``streets``,
        ``places``, ``shops``, ``agreements``, ``marks``, ``facilities``, ``contracts``, ``holders``, ``issues``;
        shapes in EPSG:4326.
    patrols
        Who walks its streets, and which they leave out.
    """

    city: City
    frames: Mapping[str, pd.DataFrame]
    patrols: Patrols

    @property
    def blind(self) -> pd.DataFrame:
        """Lanes that nobody walked, as :class:`data.demo.patrols.Patrols` has them; they are stored nowhere."""
        return self.patrols.blind


def build(*, units: int, issues: int, seed: int) -> Demo:
    """Build the demo city.

    Parameters
    ----------
    units
        Number of unit grids, at least 30.
    issues
        Number of issues, all of the 90 days up to 30 June 2026.
    seed
        The same seed gives the same bytes.

    Raises
    ------
    InvalidInput
        When there are too few unit grids, or a number is negative.
    """
    for field, value in (("issues", issues), ("seed", seed)):
        if value < 0:
            raise InvalidInput("demo_size", field=field, value=value, expected="0 or more")
    blocks = lay_out(units, seed)
    codes = number(blocks)
    cells, streets = grids(blocks, codes, seed), pave(blocks, codes, seed)
    places = settle(blocks, codes, streets, seed)
    facilities = equip(codes, streets, places, seed)
    parties = [organisations(cells, units, seed), managements(places.frame), persons(codes, places.frame, seed)]
    frames = {
        "parties": pd.concat(parties, ignore_index=True),
        "categories": category_rows(),
        "tags": tag_rows(),
        "grids": cells,
        "streets": streets.frame,
        "places": places.frame,
        "shops": shops(places, seed),
        "agreements": agreements(codes, places, seed),
        "marks": marks(streets, places, seed),
        "facilities": facilities.frame,
        "contracts": contracts(blocks, cells, codes, streets, places, seed),
        "holders": holders(codes, streets, places),
        "issues": reports(Ground(blocks, codes, streets, places, facilities), issues, seed),
    }
    return Demo(CITY, frames, patrols(blocks, codes, streets, places, seed))


__all__ = ["Demo", "build"]
