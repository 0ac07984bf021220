"""HTTP as the server reads it: by a compiled parser, and no longer than a client says something."""

from asyncio import Transport
from asyncio.events import TimerHandle
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_UNFINISHED_BYTES = 65_536
"""Of a head, a trailer or the length of a part; beyond our own limits, so that ours are said politely."""
BODY = frozenset({b"content-length", b"transfer-encoding"})
"""Headers of a request that has a body."""


class BoundedHttp(HttpToolsProtocol):
    """The parser keeps what is not complete, however long it grows: a client that never comes to an end, or falls
    silent while more is to come, is let go.
    """

    quiet_s: ClassVar[float] = 30.0
    """How long a client may say nothing in the middle of a request, or before its first."""
    _unfinished_bytes = 0
    _in_head = False
    _awaited = True
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Part of a request."""
        self._wait_no_more()
        self._unfinished_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unfinished_bytes > MOST_UNFINISHED_BYTES:
            self.send_400_response("The head of the request is too large.")
        elif self._awaited:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = self._awaited = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; after the body it would be a trailer, which nobody has looked at and nobody believes."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head has been read."""
        self._unfinished_bytes, self._in_head = 0, False
        if self.parser.should_upgrade() and any(name in BODY and value != b"0" for name, value in self.headers):
            # The parser would take the body for the next request.
            raise ValueError("an upgrade with a body")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of the body has been read."""
        self._unfinished_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has been read."""
        self._unfinished_bytes, self._awaited = 0, False
        super().on_message_complete()

    @property
    def _our_turn(self) -> bool:
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        return bool(cycle.waiting_for_100_continue or not cycle.more_body)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.quiet_s, self._let_go)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _let_go(self) -> None:
        if self.flow.read_paused or self._our_turn:
            # It is we who do not listen, or have not answered yet.
            self._wait()
        else:
            self.transport.close()
