"""The log: one JSON line a request, one a fault of the server itself; no words, no names, no query strings."""

import datetime as dt
import json
import logging
from time import perf_counter
from traceback import walk_tb
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exchanges import Exchange, begin, template_of
from api.metrics import Metrics
from api.proxies import Networks
from api.refusals import refuse

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
        "formatters": {"lines": {"()": "api.journal.Lines"}},
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


class Journal:
    """Numbers, counts and logs every request, and answers faults nobody foresaw."""

    def __init__(self, app: ASGIApp, metrics: Metrics, proxies: Networks) -> None:
        self._app, self._metrics, self._proxies = app, metrics, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        exchange = begin(scope, self._proxies)

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", exchange.number.encode())]
            else:
                exchange.sent_bytes += len(message.get("body", b""))
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._answer(scope, receive, numbered, exchange)
        finally:
            self._metrics.in_flight.dec()
            self._note(scope, exchange, perf_counter() - begun)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            # Nobody is there any more to be told anything.
            return
        except Exception as fault:
            exchange.fault = fault
            if exchange.status:
                # The answer has begun; all that is left is to break it off.
                raise
            await refuse(Request(scope), fault, 500)(scope, receive, send)

    def _note(self, scope: Scope, exchange: Exchange, seconds: float) -> None:
        route, method = template_of(scope), scope["method"]
        self._metrics.count(route, method, exchange.status, seconds)
        level = logging.ERROR if exchange.fault else logging.INFO
        if LOG.isEnabledFor(level):
            said = {
                "request": exchange.number, "method": method[:20], "route": route, "status": exchange.status,
                "ms": round(1000 * seconds, 1), "bytes": exchange.sent_bytes, "account": exchange.account,
                "client": exchange.address,
            }  # fmt: skip
            LOG.log(level, "request", extra={"said": said | (told(exchange.fault) if exchange.fault else {})})


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
