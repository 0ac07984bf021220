"""Questions that every request asks: put together once, and where the database can, planned once a connection."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select
from sqlalchemy.dialects import postgresql

PREPARED = "gridwarden_prepared"


class Standing:
    """A question that is asked again and again. Its answer is planned for any values, so it must be one whose best plan
    does not depend on them.

    Parameters
    ----------
    name
        Names it on PostgreSQL.
    question
        Its parameters are bound by name.
    """

    def __init__(self, name: str, question: Select[Any]) -> None:
        compiled = question.compile(dialect=postgresql.dialect(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]
        self._name, self._question, self._order = name, question, compiled.positiontup or []
        self._prepare = f"PREPARE {name} AS {compiled}"
        self._execute = f"EXECUTE {name}" + (f" ({', '.join(['%s'] * len(self._order))})" if self._order else "")

    def ask(self, connection: Connection, **values: Any) -> Sequence[Row[Any]]:
        """The rows of the answer."""
        if connection.dialect.name != "postgresql":
            return connection.execute(self._question, values).all()
        prepared = connection.info.setdefault(PREPARED, set())
        if self._name not in prepared:
            connection.exec_driver_sql(self._prepare)
            prepared.add(self._name)
        given = tuple(values[name] for name in self._order)
        return connection.exec_driver_sql(self._execute, given).all()
