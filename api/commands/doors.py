"""The command that draws what lies before each shop's door."""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import shapely

from api.door import Door, help_text, now
from api.strips import draw_strips, forget_strips, keep_strips
from gis_core.arrays import Objects
from gis_core.crs import shapes_to_wgs84
from gis_core.errors import Conflict
from gis_core.frontage.strips import Strips
from layers.formats import open_file
from layers.shaping import declared_datum

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(help=help_text("help_strips"), short_help=help_text("help_strips"))
@click.option("--out", type=FILE, help=help_text("opt_strips"), metavar="FILE")
@click.option("--fronts", type=FILE, help=help_text("opt_fronts"), metavar="FILE")
@click.option("--walls", type=click.Path(exists=True, path_type=Path), help=help_text("opt_walls"), metavar="FILE")
@click.option("--lots", type=click.Path(exists=True, path_type=Path), help=help_text("opt_lots"), metavar="FILE")
@click.option("--keep", is_flag=True, help=help_text("opt_keep_strips"))
@click.option("--forget", is_flag=True, help=help_text("opt_forget_strips"))
@click.pass_obj
def strips(
    door: Door, /, out: Path | None, fronts: Path | None, walls: Path | None, lots: Path | None, keep: bool,
    forget: bool,
) -> None:  # fmt: skip
    if forget:
        if keep or any((out, fronts, walls, lots)):
            raise Conflict("forgets_alone", field="forget")
        _forget(door)
        return
    for field, file in (("walls", walls), ("lots", lots)):
        if keep and file is not None:
            raise Conflict(f"{field}_not_kept", field=field, value=file)
    with door.progress("drawing_strips"):
        built, owned = (None if one is None else _shapes(door, one) for one in (walls, lots))
        drawing = draw_strips(door.stores, now(), built, owned)
    found, medians = drawing.strips, drawing.median_fronts_m
    if out is not None:
        out.write_text(found.strips.to_json(drop_id=True, ensure_ascii=False), "utf-8")
    if fronts is not None:
        found.fronts.to_csv(fronts, index=False)
    totals = _totals(found)
    for reason, rows in found.unplaced.groupby("reason"):
        door.say("shops_unplaced", reason=reason, count=len(rows), shops=", ".join(rows["shop"].head(10)))
    door.say("strips_drawn", **totals)
    rules = drawing.territory.city.strips
    if lots is not None and rules.sides != "property_line":
        door.say("lots_unused", sides=rules.sides)
    if medians and medians != dict(rules.fronts_m):
        table = "\n".join(f"{json.dumps(trade, ensure_ascii=False)} = {front_m}" for trade, front_m in medians.items())
        door.say("usual_fronts", table=table)
    if keep:
        loaded = keep_strips(door.stores, drawing, now())
        counts = loaded.counts["frontages"]
        totals |= {"revision": loaded.revision, **counts}
        door.say("strips_kept", **counts)
    door.answer({**totals, "median_fronts_m": medians, "unplaced": found.unplaced.to_dict("records")})


def _forget(door: Door) -> None:
    loaded = forget_strips(door.stores, now())
    counts = loaded.counts["frontages"]
    door.say("strips_forgotten", **counts)
    door.answer({"revision": loaded.revision, **counts})


def _shapes(door: Door, file: Path) -> Objects:
    """The shapes of a file in EPSG:4326, from the system it declares, or the city's."""
    with door.stores.read() as store:
        city = store.city
    parts = [np.empty(0, dtype=object)]
    for chunk in open_file(file).chunks(50_000):
        if chunk.shapes is not None:
            datum = (chunk.crs and declared_datum(chunk.crs, file.stem)) or city.datum
            parts.append(shapes_to_wgs84(shapely.force_2d(chunk.shapes), datum))
    return np.concatenate(parts)


def _totals(found: Strips) -> dict[str, Any]:
    """How many shops have a strip, and the metres of kerb before them and before nobody."""
    there = ~found.strips.geometry.is_empty
    owned = there & (found.strips["kind"] != "blank")
    lengths = {name: round(float(found.strips.loc[rows, "length_m"].sum()), 1)
               for name, rows in (("shop_m", owned), ("blank_m", there & ~owned))}  # fmt: skip
    shops = int(found.strips.loc[there, "shops"].str.len().sum())
    return {"shops": shops, "strips": int(owned.sum()), **lengths}
