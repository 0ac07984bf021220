"""What shops answer for: by their agreements, and without one by the city's rules."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from gis_core.codes import resolve_duties
from gis_core.errors import InvalidInput
from layers.bulk import among
from layers.finding import rows_of
from layers.frames import table_of
from layers.reference import Agreement, Category, Tag
from layers.store import Store

LETTER = ("code", "duties", "party", "signed_on", "document", "valid_from", "valid_to")
GROUP = "tag:"
KEYS = ("scheme", "kind", "code")


def letters_of(store: Store, shop: str) -> list[dict[str, Any]]:
    """The agreements of a shop: :data:`LETTER`."""
    return rows_of(store, "agreements", LETTER, Agreement.shop == shop)


def duties_in_force(store: Store, shop: str, moment: dt.datetime) -> list[str]:
    """The duties of a shop's agreement in force, of several the one begun last; without one the city's usual ones."""
    day = moment.astimezone(store.city.zone).date()
    held = [one for one in letters_of(store, shop) if (one["valid_from"] or day) <= day <= (one["valid_to"] or day)]
    last = max(held, key=lambda one: (one["valid_from"] or dt.date.min, one["code"]), default={"duties": None})
    return last["duties"] or list(store.city.door_duties)


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


def matters(store: Store, codes: set[str]) -> dict[str, dict[str, str]]:
    """Names of matters of the city's scheme by code: by language, the Chinese one always."""
    table = table_of(Category)
    known = rows_of(
        store, "categories", ("code", "name", "names"), among(store.session, table.c.code, sorted(codes)),
        table.c.scheme == store.city.scheme, table.c.kind == "matter",
    )  # fmt: skip
    return {one["code"]: {**(one["names"] or {}), "zh": one["name"]} for one in known}


def in_words(store: Store, duties: list[str]) -> list[dict[str, Any]]:
    """Duties in words: a heading for each tag (``None`` for single matters), and the names of its matters.

    Parameters
    ----------
    duties
        As an agreement or the city writes them.
    """
    tags = pd.DataFrame(rows_of(store, "tags", ("tag_group", "tag", "code"), Tag.scheme == store.city.scheme),
                        columns=["tag_group", "tag", "code"])  # fmt: skip
    full = tags["tag_group"] + "/" + tags["tag"]
    wanted = {item.removeprefix(GROUP) for item in duties if item.startswith(GROUP)}
    tags = tags[tags["tag_group"].isin(wanted) | full.isin(wanted)]
    single = [item for item in duties if not item.startswith(GROUP)]
    names = matters(store, {*tags["code"], *single})
    groups: list[tuple[str | None, list[str]]] = [
        (str(tag), rows["code"].tolist()) for tag, rows in tags.groupby("tag", sort=False)
    ]
    groups += [(None, single)] if single else []
    return [{"tag": tag, "matters": [names.get(code, {"zh": code}) for code in codes]} for tag, codes in groups]
