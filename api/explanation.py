"""An explanation asked for at a door, and told in words."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from gis_core.answers import FALLBACK, QUEUE
from gis_core.city import City
from gis_core.errors import InvalidInput, NotFound
from gis_core.explaining import Explanation, explain
from gis_core.issues import screen
from gis_core.rules import RULES
from gis_core.territory import Territory
from gis_core.texts import TEXTS
from layers.finding import seen_codes
from layers.scoping import ANSWERING
from layers.store import Store
from layers.territories import Territories

Names = Mapping[str, str]


def asked(city: City, *, lon: float, lat: float, category: str, scheme: str | None, at: dt.datetime) -> pd.DataFrame:
    """A question about a place as a frame of one issue; ``category`` may be written ``component:CODE``."""
    kind, colon, code = category.partition(":")
    return pd.DataFrame(
        {
            "lon": [lon],
            "lat": [lat],
            "scheme": [scheme or city.scheme],
            "kind": [kind if colon else "matter"],
            "category": [code if colon else category],
            "reported_at": [pd.Timestamp(at)],
        }
    )


def explained(
    store: Store, territories: Territories, issue: pd.DataFrame, code: str | None
) -> tuple[Explanation, Territory]:
    """Explain by the territory of the time asked about; a stored issue by the territory it was assigned with.

    Raises
    ------
    NotFound
        When no issue has the case number ``code``.
    InvalidInput
        When the place lies outside the city or the category is unknown.
    """
    if not len(issue):
        raise NotFound("issue_missing", value=code)
    if code:
        territory = territories.get(store, int(issue["version"].iloc[0]), int(issue["revision"].iloc[0]))
        issue = issue.assign(reported_at=issue["as_of"])
    else:
        territory = territories.get(store, store.version_at(issue["reported_at"].iloc[0]))
        rejects = screen(issue, territory).rejects
        if len(rejects):
            raise InvalidInput(rejects["reason"].iloc[0], **rejects["params"].iloc[0])
    return explain(territory, issue), territory


def names_of(territory: Territory) -> Names:
    """Names of the parties, and of shops, by their codes."""
    places, parties = territory.frames["places"], territory.frames["parties"]
    shops = places[places["type"] == "shop"] if len(places) else places
    return {
        code: name
        for frame in (shops, parties)
        if len(frame)
        for code, name in zip(frame["code"], frame["name"], strict=True)
    }


def seen_of(why: Explanation, names: Names, store: Store) -> tuple[Explanation, Names]:
    """An explanation and names, without the candidates and persons that are out of scope."""
    tables = {"grid": "grids", "street": "streets", FALLBACK: "grids", **{rule.name: rule.table for rule in RULES}}
    codes: dict[str, set[str]] = {}
    for one in why.considered:
        codes.setdefault(tables[one.step], set()).add(one.code)
    seen = {table: seen_codes(store, table, considered) for table, considered in codes.items()}
    parties = {one.party for one in why.considered} | {why.answer[name] for name in ANSWERING}
    named = {code for code in parties if isinstance(code, str)}
    known = seen_codes(store, "parties", named) | seen_codes(store, "places", named)
    kept = tuple(one for one in why.considered if one.code in seen[tables[one.step]])
    return replace(why, considered=kept), {code: name for code, name in names.items() if code in known}


def told(explanation: Explanation, names: Names, lang: str) -> Iterator[str]:
    """The explanation in lines of plain words: the answer first, then every candidate with its reason."""
    answer = explanation.answer
    yield f"{_say('responsible', lang)}: {party(names, answer['responsible'], answer['responsible_kind'], lang)}"
    yield f"{_say('because', lang)}: {TEXTS.say('rule_' + answer['rule'], lang)}"
    for name in ("contractor", "handles", "supervises", "owns", "holds"):
        if isinstance(answer[name], str):
            yield f"{_say(name, lang)}: {party(names, answer[name], None, lang)}"
    for flag in answer["flags"].split():
        yield f"! {TEXTS.say('flag_' + flag, lang)}"
    step = ""
    for one in explanation.considered:
        if one.step != step:
            step = one.step
            yield _say("step_" + step, lang) if step in ("grid", "street") else TEXTS.say("rule_" + step, lang)
        yield "  " + _candidate(one.__dict__, names, explanation.day, lang)


def party(names: Names, code: str, kind: str | None, lang: str) -> str:
    """A party's name, where it is known, and code; for a queue the grid whose queue it is."""
    if kind == QUEUE:
        return f"{_say('queue_of', lang)} {code}"
    return f"{names[code]} ({code})" if code in names else code


def _candidate(one: dict[str, Any], names: Names, day: dt.date, lang: str) -> str:
    mark = "✓" if one["verdict"] == "won" else "·"
    away = "" if one["distance_m"] is None else f", {one['distance_m']:.1f} m"
    named = f" {one['name']}" if isinstance(one["name"], str) and one["name"] else ""
    whom = f" → {party(names, one['party'], None, lang)}" if isinstance(one["party"], str) else ""
    return f"{mark} {one['code']}{named}{away}{whom}: {TEXTS.say('fault_' + one['verdict'], lang, day=day)}"


def _say(key: str, lang: str) -> str:
    return TEXTS.say("told_" + key, lang)
