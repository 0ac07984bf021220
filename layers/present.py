"""What is there at this moment: asked by every request, in one question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, ScalarSelect, func, select

from gis_core.city import City
from layers.coverages import CountedDay
from layers.frames import table_of
from layers.issues import EventBatch
from layers.standing import Standing
from layers.versions import CITY_DOCUMENT, LATEST_REVISION, LATEST_VERSION, city_of


@dataclass(frozen=True, slots=True)
class Present:
    """The newest published version, the newest revision, batch of events and count of patrol, 0 before the first; and
    the document of the city, which there may not be yet.
    """

    version: int
    revision: int
    position: int
    patrolled: int
    document: str | None

    @property
    def city(self) -> City:
        """The city.

        Raises
        ------
        NotFound
            When there is none yet.
        """
        return city_of(self.document)


PRESENT: tuple[ScalarSelect[Any], ...] = (
    LATEST_VERSION.scalar_subquery(),
    LATEST_REVISION.scalar_subquery(),
    select(func.max(table_of(EventBatch).c.position)).scalar_subquery(),
    select(func.max(table_of(CountedDay).c.state)).scalar_subquery(),
    CITY_DOCUMENT.scalar_subquery(),
)
"""Columns by which another question asks for it as well."""
_PRESENT = Standing("gridwarden_present", select(*PRESENT))


def present(connection: Connection) -> Present:
    """What is there."""
    return told(_PRESENT.ask(connection)[0])


def told(row: Sequence[Any]) -> Present:
    """What the columns of :data:`PRESENT` said."""
    version, revision, position, patrolled, document = row
    return Present(version or 0, revision or 0, position or 0, patrolled or 0, document)
