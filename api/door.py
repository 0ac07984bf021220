"""What every command shares: the store, the language, the progress bar, and how answers and faults are shown."""

import datetime as dt
import json
import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import pandas as pd
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from api.rejects import in_words
from api.reporting import Progress as Tell
from api.texts import SAY
from gis_core.texts import TEXTS
from layers.engine import connect, upgrade
from layers.stores import Stores

DATABASE_VARIABLE = "GRIDWARDEN_DATABASE_URL"
DEFAULT_STORE = "sqlite:///gridwarden.db"


def language() -> str:
    """``zh`` or ``en``, as the environment's locale says."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "zh" if (named or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def help_text(key: str) -> str:
    """A help text in the language of the environment; the command line is described before its options are read."""
    return SAY.say(key, language())


@dataclass
class Door:
    """One run of the command line.

    Parameters
    ----------
    url
        Database URL of the store.
    lang
        ``zh`` or ``en``.
    as_json
        Whether the answer is one JSON document on standard output, and nothing else.
    """

    url: str
    lang: str
    as_json: bool

    @cached_property
    def stores(self) -> Stores:
        """The store, upgraded to the current schema."""
        engine = connect(self.url)
        upgrade(engine)
        return Stores(engine)

    @cached_property
    def console(self) -> Console:
        """Where people read; machines have standard output to themselves."""
        return Console(stderr=self.as_json, highlight=False, soft_wrap=True)

    def say(self, key: str, **params: Any) -> None:
        """Tell people something."""
        self.console.print(SAY.say(key, self.lang, **params), markup=False)

    def answer(self, document: dict[str, Any]) -> None:
        """Give machines their answer, if they asked."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, default=_plain))

    @contextmanager
    def progress(self, key: str, total: int | None = None, **params: Any) -> Iterator[Tell]:
        """A bar with the number of rows done and their rate; on standard error, apart from an answer."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(self.lang),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True, highlight=False)) as bar:
            task = bar.add_task(SAY.say(key, self.lang, **params), total=total)
            yield lambda rows: bar.advance(task, rows)

    def findings(self, findings: pd.DataFrame, most: int = 10) -> None:
        """Show what a check found, the first ``most`` of each kind."""
        for (_, severity), rows in findings.groupby(["check", "severity"], sort=False):
            for row in rows.head(most).to_dict("records"):
                self.say("finding", severity=SAY.say(str(severity), self.lang), text=finding_text(row, self.lang))
            if len(rows) > most:
                self.say("and_more", count=len(rows) - most)
        errors = int((findings["severity"] == "error").sum())
        self.say("findings", errors=errors, warnings=len(findings) - errors)

    def write_rejects(self, path: Path, rejects: pd.DataFrame) -> Path | None:
        """Write rejected rows with reasons beside their file, or here where that folder may not be written to.

        An older list of the same file is removed.
        """
        beside = Path(f"{path}.rejects.csv")
        target = beside if os.access(beside.absolute().parent, os.W_OK) else Path(beside.name)
        if not len(rejects):
            target.unlink(missing_ok=True)
            return None
        in_words(rejects, self.lang).to_csv(target, index=False, encoding="utf-8-sig")
        self.say("rejects_written", file=target)
        return target


class _Rate(ProgressColumn):
    """Rows (or what else is counted) a second since the beginning; empty before the first."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang = lang

    def render(self, task: Task) -> Text:
        """The column's text."""
        if not (task.completed and task.elapsed):
            return Text()
        return Text(SAY.say("rate", self._lang, rate=f"{task.completed / task.elapsed:,.0f}"))


def finding_text(row: dict[Any, Any], lang: str) -> str:
    """One finding of a check in words."""
    return TEXTS.say(f"check_{row['check']}", lang, **{str(name): value for name, value in row.items()})


def now() -> dt.datetime:
    """The present instant; the one place where commands read the clock."""
    return dt.datetime.now(dt.UTC)


def fail(message: str) -> None:
    """Say one line on standard error and leave with status 2."""
    click.echo(f"gridwarden: {message}", err=True)
    sys.exit(2)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    return str(value)
