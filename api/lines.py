"""Lines of the log: JSON, without words, names or query strings.

Imported by a worker before anything else, so that it can be asked how it is while it imports the rest: nothing but the
standard library is imported here.
"""

import datetime as dt
import json
import logging
from traceback import walk_tb
from typing import Any

LOG = logging.getLogger("gridwarden")
MOST_FRAMES, MOST_CAUSES = 40, 5


def logging_to_stderr(requests: str = "INFO") -> dict[str, Any]:
    """Configuration of Python's logging with which everything a server process says is JSON, a line each.

    Parameters
    ----------
    requests
        From which level on requests are logged: ``INFO`` all, ``ERROR`` those that failed.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "api.lines.Lines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {LOG.name: {"level": requests}, "uvicorn": {"level": requests}},
    }


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at, "level": record.levelname.lower()}
        line |= getattr(record, "said", None) or {"logger": record.name, "message": record.getMessage().strip()}
        if record.exc_info and record.exc_info[1]:
            line |= told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def told(fault: BaseException) -> dict[str, Any]:
    """Kinds of a fault and its causes, and the places in the code it passed: all but its words, which can repeat what
    citizens wrote or a password.
    """
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    frames = [f"{one.f_globals.get('__name__', '?')}:{number} {one.f_code.co_name}"
              for one, number in walk_tb(fault.__traceback__)]  # fmt: skip
    kinds, next_one = [_kind(fault)], _cause(fault)
    while next_one is not None and len(kinds) <= MOST_CAUSES:
        kinds.append(_kind(next_one))
        next_one = _cause(next_one)
    return {"fault": kinds[0], "causes": kinds[1:], "traceback": frames[-MOST_FRAMES:]}


def _kind(fault: BaseException) -> str:
    name = f"{type(fault).__module__}.{type(fault).__qualname__}".removeprefix("builtins.")
    # A database says by a code what went wrong.
    code = getattr(fault, "pgcode", None) or getattr(fault, "sqlite_errorname", None)
    return f"{name} {code}" if code else name


def _cause(fault: BaseException) -> BaseException | None:
    return fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
