"""HTTP as the server reads it: by a compiled parser, and no longer than a client says something."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_UNFINISHED_BYTES = 65_536
"""Of a head, a trailer or the length of a part; beyond our own limits, so that ours are said politely."""


class BoundedHttp(HttpToolsProtocol):
    """The parser keeps what is not complete, however long it grows: a client that never comes to an end is let go."""

    _unfinished_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Part of a request."""
        self._unfinished_bytes += len(data)
        super().data_received(data)
        if self._unfinished_bytes > MOST_UNFINISHED_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_headers_complete(self) -> None:
        """The head has been read."""
        self._unfinished_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of the body has been read."""
        self._unfinished_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has been read."""
        self._unfinished_bytes = 0
        super().on_message_complete()
