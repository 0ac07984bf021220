"""Which version of the territory a request is about: what is published, or a draft."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Query

from api.callers import Caller
from gis_core.errors import InvalidInput
from layers.drafts import look_at
from layers.store import Store

DRAFT = re.compile(r"draft-([1-9][0-9]{0,17})")
Version = Annotated[
    str | None, Query(max_length=40, description="`draft-` and the number of a draft; what is published if not given.")
]


def draft_number(written: str | None) -> int | None:
    """The number of the draft that is meant; ``None`` for what is published.

    Raises
    ------
    InvalidInput
        When it is no draft's name.
    """
    if written is None:
        return None
    named = DRAFT.fullmatch(written)
    if named is None:
        raise InvalidInput("parameter_invalid", field="version", value=written, expected="draft-1")
    return int(named[1])


@contextmanager
def reading_version(asking: Caller, version: str | None) -> Iterator[Store]:
    """The store as far as somebody may see it, showing a version; a draft is for those who may make one."""
    number = draft_number(version)
    if number is None:
        with asking.glancing() as store:
            yield store
        return
    with asking.reading("draft") as store:
        look_at(store, number)
        yield store
