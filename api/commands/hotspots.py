"""The command that says where reports are many, from the store itself."""

from pathlib import Path
from typing import Any

import click
import pandas as pd

from api.backstreets import read_patrols
from api.door import Door, help_text, now
from api.hotspot_questions import Written, method_of, needs_streets, question_of
from api.hotspot_views import check_ending, head_of, seen, told, write_file
from api.hotspots import Hotspots
from gis_core.errors import Conflict

MOST_SHOWN = 20
BEST_FIRST = {"surface": "class", "forecast": "class", "network": "density", "significance": "ratio",
              "emerging": "hot_steps", "scan": "llr", "clusters": "count"}  # fmt: skip
"""By which column the first rows of a table are chosen, the largest first."""


@click.command(help=help_text("help_hotspots"), short_help=help_text("help_hotspots"))
@click.argument("method", metavar="METHOD")
@click.option("--by", "support", help=help_text("opt_hotspots_by"), metavar="SUPPORT")
@click.option("--per", help=help_text("opt_hotspots_per"))
@click.option("--since", help=help_text("opt_hotspots_since"), metavar="DAY")
@click.option("--until", help=help_text("opt_hotspots_until"), metavar="DAY")
@click.option("--category", "categories", multiple=True, help=help_text("opt_hotspots_category"), metavar="CODE")
@click.option("--bandwidth", type=float, help=help_text("opt_hotspots_bandwidth"))
@click.option("--halflife", type=float, help=help_text("opt_hotspots_halflife"))
@click.option("--problems", is_flag=True, help=help_text("opt_hotspots_problems"))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help=help_text("opt_hotspots_out"), metavar="FILE"
)
@click.pass_obj
def hotspots(door: Door, /, method: str, out: Path | None, categories: tuple[str, ...], **said: Any) -> None:
    chosen = method_of(method)
    if out is not None:
        check_ending(out)
    written = Written(
        support=said["support"], per=said["per"], since=said["since"], until=said["until"],
        category=",".join(categories), bandwidth_m=said["bandwidth"], halflife_days=said["halflife"],
        problems=said["problems"],
    )  # fmt: skip
    with door.stores.read() as store:
        streets = None
        if needs_streets(chosen, written.support, written.per):
            streets = read_patrols(store, now())
            if streets is None:
                raise Conflict("hotspot_streets")
        question = question_of(store, chosen, written, now(), streets)
        kept, zone = Hotspots(), store.city.zone
        key, counted = kept.key(store, method, question, streets), kept.counted(store, method, question, streets)
    found = kept.keep(key, counted)
    head, rows = head_of(found, door.lang), seen(found, None)[0]
    door.say("hotspots_head", title=head["title"], since=head["since"], until=head["until"])
    for name, value in head["facts"].items():
        door.console.print(f"  {name}: {value}", markup=False)
    if out is None:
        _show(door, rows, method)
    else:
        write_file(out, found, None, zone, door.lang)
        door.say("hotspots_written", count=len(rows), file=out)
    door.answer({**head, "count": len(rows), **({"out": str(out)} if out else {"rows": told(rows)})})


def _show(door: Door, rows: pd.DataFrame, method: str) -> None:
    by = BEST_FIRST[method]
    largest = pd.to_numeric(rows[by], errors="coerce").sort_values(ascending=False, kind="stable").index
    first = pd.DataFrame(told(rows.loc[largest[:MOST_SHOWN]]), columns=list(rows.columns))
    table = first.astype(object).where(first.notna(), "–")
    if len(table):
        door.console.print(table.to_string(index=False), markup=False)
    if len(rows) > MOST_SHOWN:
        door.say("and_more", count=len(rows) - MOST_SHOWN)
