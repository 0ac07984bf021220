"""The daily digest: what a day of patrol came to, in figures and in sentences."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from api.coverages import refused
from api.patrolling import HOUR_S, Patrolling, hour_end
from api.quotas import quota_rows
from gis_core.patrol.digest import digest
from gis_core.patrol.percent import percents
from gis_core.texts import TEXTS
from layers.finding import named_by
from layers.store import Store

WORST = 5
"""Lanes and cells that are named."""
OF_PEOPLE = ("people", "patrol_m", "patrol_s")
"""Figures of everything that anybody walked anywhere."""


def digest_document(
    patrolling: Patrolling, store: Store, day: dt.date, locale: str, now: dt.datetime
) -> dict[str, Any]:
    """The digest of a local day, of what is in scope, with the visits that places were to have on it; of today up to
    the end of this hour.

    Raises
    ------
    InvalidInput
        When the day is not kept.
    """
    today = now.astimezone(patrolling.zone).date()
    if not patrolling.first <= day <= today:
        raise refused("day", str(day), f"{patrolling.first} – {today}")
    ground, scope = patrolling.ground, store.scope
    due = ground.due & patrolling.seen(scope)
    own = replace(ground, segments=ground.segments.assign(due=due))
    daily = [row for row in quota_rows(store, now, day) if row["period"] == "day"]
    cells = None if scope.sight.everything else scope.patrolled_grids
    known_s, now_s = patrolling.beginning.timestamp(), hour_end(now).timestamp()
    figures = digest(own, patrolling.log, patrolling.near, day, daily, known_s, cells, now_s)
    if not scope.sight.everything:
        # How many people there were is told of the whole city or of nobody.
        compared = [one[part] for one in figures["against"].values() if one for part in ("totals", "change")]
        for totals in (figures["totals"], *filter(None, compared)):
            totals.update(dict.fromkeys(OF_PEOPLE))
    _without_minutes(figures)
    names = named_by(store, "grids", {one["code"] for one in figures["grids"]})
    figures["grids"] = [{**one, "name": names.get(one["code"], {}).get("name")} for one in figures["grids"]]
    return {
        "day": day,
        "figures": figures,
        "lines": [*_lines(figures, locale), *_visits(figures["quotas"], daily, locale)],
    }


def _without_minutes(figures: Mapping[str, Any]) -> None:
    """Tell visits by the hour: the digest is for people who may not see tracks."""
    for one in figures["unwalked"]["worst"] if figures["unwalked"] else ():
        if one["last_s"] is not None:
            one.update(last_s=one["last_s"] // HOUR_S * HOUR_S, age_s=round(one["age_s"] / HOUR_S) * HOUR_S)
    if figures["longest_gap"] is not None:
        figures["longest_gap"]["gap_s"] = round(figures["longest_gap"]["gap_s"] / HOUR_S) * HOUR_S


def _lines(figures: Mapping[str, Any], locale: str) -> list[str]:
    totals, late, gap = figures["totals"], figures["unwalked"], figures["longest_gap"]
    comma = TEXTS.say("digest_comma", locale)
    if totals["walked_share"] is None:
        return [TEXTS.say("digest_nothing_due", locale, day=figures["day"])]
    parts = {name: totals[f"{name}_m"] / 1000 for name in ("due", "walked", "probable", "blind", "no_data")}
    share = float(percents(np.array(totals["walked_share"])))
    lines = [TEXTS.say("digest_walked", locale, day=figures["day"], share=share, **parts)]
    if parts["no_data"]:
        lines.append(TEXTS.say("digest_no_data", locale, no_data=parts["no_data"]))
    if totals["people"] is not None:
        lines.append(TEXTS.say("digest_people", locale, people=totals["people"], km=totals["patrol_m"] / 1000,
                               hours=totals["patrol_s"] / HOUR_S))  # fmt: skip
    for name, then in figures["against"].items():
        if then is not None and then["change"] is not None:
            lines.append(TEXTS.say(f"digest_{name}", locale, points=then["change"]["walked_share"] * 100))
    if late is not None and late["segments"]:
        worst = dict.fromkeys(one["name"] or one["street"] for one in late["worst"])
        lines.append(TEXTS.say("digest_unwalked", locale, km=late["metres"] / 1000,
                               no_data=late["by_status"]["no_data"]["metres"] / 1000,
                               worst=comma.join([*worst][:WORST]),
                               **{name: late[name] for name in ("days", "segments", "lanes")}))  # fmt: skip
    if figures["grids"]:
        cells = [TEXTS.say("digest_cell", locale, name=one["name"] or one["code"], km=one["blind_m"] / 1000)
                 for one in figures["grids"]]  # fmt: skip
        lines.append(TEXTS.say("digest_cells", locale, cells=comma.join(cells)))
    if gap is not None:
        lines.append(TEXTS.say("digest_gap", locale, name=gap["name"] or gap["street"], hours=gap["gap_s"] / HOUR_S))
    return lines


def _visits(quotas: Mapping[str, int], daily: Sequence[Mapping[str, Any]], locale: str) -> list[str]:
    """How places with a quota by the day were visited, and those that were not often enough by enough bodies."""
    if not quotas["places"]:
        return []
    lines = [TEXTS.say("digest_quotas", locale, **quotas)]
    wanting = [row["name"] or row["place"] for row in daily if row["state"] != "done"]
    if wanting:
        named = TEXTS.say("digest_comma", locale).join(wanting[:WORST])
        lines.append(TEXTS.say("digest_quotas_wanting", locale, places=len(wanting), named=named))
    return lines
