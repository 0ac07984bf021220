"""The log: one JSON line a request, one a fault of the server itself; no words, no names, no query strings."""

import logging
from time import perf_counter

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exchanges import Exchange, begin, template_of
from api.lines import LOG, told
from api.metrics import Metrics
from api.proxies import Networks
from api.refusals import refuse


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
