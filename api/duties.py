"""What shops answer for: by their agreements, and without one by the city's rules."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gis_core.codes import EVERYTHING, resolve_duties
from gis_core.errors import InvalidInput
from layers.bulk import among
from layers.finding import rows_of
from layers.frames import table_of
from layers.reference import Agreement, Category, Tag
from layers.store import Store

LETTER = ("code", "duties", "party", "signed_on", "document", "valid_from", "valid_to")
GROUP, COMPONENT = "tag:", "component:"
KEYS = ("scheme", "kind", "code")


def letters_of(store: Store, shops: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The agreements of some shops, by shop: :data:`LETTER`."""
    chosen = among(store.session, table_of(Agreement).c.shop, sorted(shops))
    found: dict[str, list[dict[str, Any]]] = {shop: [] for shop in shops}
    for one in rows_of(store, "agreements", ("shop", *LETTER), chosen):
        found[one["shop"]].append({name: one[name] for name in LETTER})
    return found


def in_force(letters: Sequence[dict[str, Any]], day: dt.date) -> dict[str, Any] | None:
    """The agreement that holds on a day, of several the one begun last."""
    held = [one for one in letters if (one["valid_from"] or day) <= day <= (one["valid_to"] or day)]
    return max(held, key=lambda one: (one["valid_from"] or dt.date.min, one["code"]), default=None)


def duties_of(store: Store, letter: dict[str, Any] | None) -> list[str]:
    """The duties of an agreement, without any the city's usual ones."""
    return (letter and letter["duties"]) or list(store.city.door_duties)


def duties_in_force(store: Store, shop: str, moment: dt.datetime) -> list[str]:
    """The duties of a shop at a moment."""
    day = moment.astimezone(store.city.zone).date()
    return duties_of(store, in_force(letters_of(store, [shop])[shop], day))


def check_duty(store: Store, duties: list[str], category: str) -> None:
    """Refuse a matter of the city's scheme that some duties do not cover.

    Raises
    ------
    InvalidInput
        When they do not, or there is no such matter.
    """
    categories = pd.DataFrame(rows_of(store, "categories", KEYS, Category.code == category), columns=list(KEYS))
    tags = pd.DataFrame(rows_of(store, "tags", ("tag_group", "tag", *KEYS), Tag.code == category),
                        columns=["tag_group", "tag", *KEYS])  # fmt: skip
    covered, _ = resolve_duties([duties], [store.city.scheme], categories, tags)
    meant = ((categories["scheme"] == store.city.scheme) & (categories["kind"] == "matter")).to_numpy(bool)
    if not np.any(covered[0] & meant):
        raise InvalidInput("not_a_duty", field="category", value=category, expected=", ".join(duties))


def matters(store: Store, codes: Collection[str]) -> dict[str, dict[str, str]]:
    """Names of matters of the city's scheme by code: by language, the Chinese one always."""
    return _named(store, "matter", codes)


def _named(store: Store, kind: str, codes: Collection[str]) -> dict[str, dict[str, str]]:
    table = table_of(Category)
    known = rows_of(
        store, "categories", ("code", "name", "names"), among(store.session, table.c.code, sorted(codes)),
        table.c.scheme == store.city.scheme, table.c.kind == kind,
    )  # fmt: skip
    return {one["code"]: {**(one["names"] or {}), "zh": one["name"]} for one in known}


def in_words(store: Store, duties: Collection[str]) -> list[dict[str, Any]]:
    """Duties in words: a heading for each tag (``None`` for single ones), and the names of what it is for; for
    everything no names.

    Parameters
    ----------
    duties
        As an agreement or the city writes them.
    """
    items = [one.strip() for one in duties]
    if EVERYTHING in items:
        return [{"tag": None, "matters": []}]
    rows = rows_of(store, "tags", ("tag_group", "tag", "code"), Tag.scheme == store.city.scheme, Tag.kind == "matter")
    wanted = {item.removeprefix(GROUP) for item in items if item.startswith(GROUP)}
    groups: dict[tuple[str | None, str], list[str]] = {}
    for row in rows:
        if wanted & {row["tag_group"], f"{row['tag_group']}/{row['tag']}"}:
            groups.setdefault((row["tag_group"], row["tag"]), []).append(row["code"])
    parts = [item.removeprefix(COMPONENT) for item in items if item.startswith(COMPONENT)]
    single = [item for item in items if ":" not in item]
    names = _named(store, "matter", {code for codes in groups.values() for code in codes} | set(single))
    components = _named(store, "component", parts)
    told = [{"tag": tag, "matters": [names.get(code, {"zh": code}) for code in codes]}
            for (_, tag), codes in groups.items()]  # fmt: skip
    alone = [names.get(code, {"zh": code}) for code in single] + [components.get(code, {"zh": code}) for code in parts]
    return [*told, *([{"tag": None, "matters": alone}] if alone else [])]
