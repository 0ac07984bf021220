"""The command that draws what lies before each shop's door."""

from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import shapely

from api.door import Door, help_text, now
from gis_core.arrays import Objects, codes_of, shapes_of
from gis_core.errors import Conflict
from gis_core.frontage.rules import StripRules
from gis_core.frontage.strips import Kerbside, Strips
from gis_core.frontage.strips import strips as drawn
from gis_core.territory import Territory
from gis_core.validity import local_day
from layers.formats import open_file
from layers.territories import Territories

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(help=help_text("help_strips"), short_help=help_text("help_strips"))
@click.option("--out", type=FILE, required=True, help=help_text("opt_strips"), metavar="FILE")
@click.option("--fronts", type=FILE, help=help_text("opt_fronts"), metavar="FILE")
@click.option("--walls", type=click.Path(exists=True, path_type=Path), help=help_text("opt_walls"), metavar="FILE")
@click.option("--outer", type=click.Choice(["kerb", "centre_line", "red_line"]), default="centre_line",
              show_default=True, help=help_text("opt_outer"))  # fmt: skip
@click.option("--set-back", type=click.FloatRange(0.1, 100), default=5.0, show_default=True,
              help=help_text("opt_set_back"))  # fmt: skip
@click.pass_obj
def strips(door: Door, /, out: Path, fronts: Path | None, walls: Path | None, outer: str, set_back: float) -> None:
    with door.stores.read() as store:
        territory = Territories().get(store, store.version_at(now()))
    territory = territory.on(local_day(now(), territory.city.zone))
    if not len(shops := _shops(territory)):
        raise Conflict("no_shops")
    rules = StripRules(outer=outer, set_back_m=set_back)
    ground = shapely.union_all(shapes_of(territory.levels[0].frame))
    side = Kerbside(territory.frames["streets"], ground, territory.city.metric_srid, rules)
    with door.progress("drawing_strips"):
        found = drawn(side, shops, None if walls is None else _shapes(walls))
    out.write_text(found.strips.to_json(drop_id=True, ensure_ascii=False), "utf-8")
    if fronts is not None:
        found.fronts.to_csv(fronts, index=False)
    totals = _totals(found)
    for reason, rows in found.unplaced.groupby("reason"):
        door.say("shops_unplaced", reason=reason, count=len(rows), shops=", ".join(rows["shop"].head(10)))
    door.say("strips_drawn", file=out, **totals)
    door.answer({**totals, "unplaced": found.unplaced.to_dict("records")})


def _shops(territory: Territory) -> pd.DataFrame:
    """The shops among the places, each with the longest name of a street in its address."""
    places = territory.frames["places"]
    shops = places[codes_of(places, "type") == "shop"] if len(places) else places
    names = sorted({name for name in codes_of(territory.frames["streets"], "name") if name}, key=len, reverse=True)
    addresses = [address or "" for address in codes_of(shops, "address")]
    return shops.assign(street=[next((name for name in names if name in one), None) for one in addresses])


def _shapes(file: Path) -> Objects:
    parts = [chunk.shapes for chunk in open_file(file).chunks(50_000) if chunk.shapes is not None]
    return np.concatenate([np.empty(0, dtype=object), *parts])


def _totals(found: Strips) -> dict[str, Any]:
    """How many shops have a strip, and the metres of kerb before them and before nobody."""
    owned = found.strips["kind"] != "blank"
    lengths = {name: round(float(found.strips.loc[rows, "length_m"].sum()), 1)
               for name, rows in (("shop_m", owned), ("blank_m", ~owned))}  # fmt: skip
    return {"shops": int(found.strips["shops"].str.len().sum()), "strips": int(owned.sum()), **lengths}
