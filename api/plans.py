"""Plan files: one TOML document that says which files go into which table, and how."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.instants import parse_day
from api.loading import ORDER, Step
from gis_core.city import City
from gis_core.errors import InvalidInput, NotFound
from layers import TABLES
from layers.importers import Mapping

PLAN_FIELDS = ("city", "base", "effective_from", "override", "note", "load")
STEP_FIELDS = (
    "table", "file", "map", "set", "values", "templates", "distinct", "keep", "key", "level", "scheme", "datum",
    "source", "valid_from", "replace",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A parsed plan.

    Parameters
    ----------
    city
        The city the plan is for, if it brings one.
    steps
        Files of territory and reference tables.
    issue_steps
        Files of issues, loaded after the territory is published.
    effective_from, override, note
        See :class:`api.loading.Terms`.
    """

    city: City | None
    steps: tuple[Step, ...]
    issue_steps: tuple[Step, ...]
    effective_from: str | None
    override: str | None
    note: str


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file.

    Raises
    ------
    NotFound, InvalidInput
        When the file is not there or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NotFound("file_missing", value=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InvalidInput("toml_fault", value=str(path), expected=str(fault)) from None


def read_plan(path: Path, base: Path | None = None) -> Plan:
    """Read a plan; its files are found from ``base``, else from its own ``base``, else from its folder.

    Raises
    ------
    NotFound
        When the plan or one of its files is not there.
    InvalidInput
        When a field is unknown or wrong.
    """
    document = read_toml(path)
    _only(document, PLAN_FIELDS, "plan")
    folder = base or (path.parent / document.get("base", "."))
    city = City.parse(read_toml(path.parent / document["city"])) if "city" in document else None
    steps = [step for entry in document.get("load", []) for step in _steps(entry, folder)]
    return Plan(
        city=city,
        steps=tuple(step for step in steps if step.table in ORDER),
        issue_steps=tuple(step for step in steps if step.table == "issues"),
        effective_from=document.get("effective_from"),
        override=document.get("override"),
        note=document.get("note", path.stem),
    )


def _steps(entry: dict[str, Any], folder: Path) -> Iterator[Step]:
    _only(entry, STEP_FIELDS, "load")
    for name in ("table", "file"):
        if name not in entry:
            raise InvalidInput("plan_field", field=f"load.{name}", value="", expected="a value")
    if entry["table"] not in TABLES:
        raise InvalidInput("plan_field", field="load.table", value=entry["table"], expected=", ".join(TABLES))
    mapping = mapping_of(entry)
    for file in _files(folder, entry["file"]):
        yield Step(table=entry["table"], path=file, mapping=mapping, replace=bool(entry.get("replace", False)))


def mapping_of(entry: dict[str, Any]) -> Mapping:
    """The column mapping a ``[[load]]`` entry describes."""
    valid_from = entry.get("valid_from")
    return Mapping(
        table=entry["table"],
        columns=entry.get("map", {}),
        constants=entry.get("set", {}),
        values=entry.get("values", {}),
        templates=entry.get("templates", {}),
        distinct=tuple(entry.get("distinct", ())),
        keep=tuple(entry.get("keep", ())),
        key=entry.get("key"),
        level=entry.get("level"),
        scheme=entry.get("scheme"),
        datum=entry.get("datum"),
        source=entry.get("source"),
        valid_from=None if valid_from is None else parse_day(valid_from),
    )


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files a pattern means, in name order; a pattern that finds nothing is a fault, not an empty load."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise NotFound("file_missing", value=str(folder / pattern))
    return found


def _only(given: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for name, value in given.items():
        if name not in allowed:
            raise InvalidInput("plan_field", field=f"{where}.{name}", value=value, expected=", ".join(allowed))
