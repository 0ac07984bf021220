"""What holds for every request and answer: headers, and how large a request may be."""

import re

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.refusals import refuse
from layers.pictures import MOST_BYTES
from map_ui.offline import CSP

ASSETS = "/maps/assets"
MOST_BODY_BYTES, MOST_ADDRESS_BYTES, MOST_HEADER_BYTES = 1_000_000, 40_000, 16_384
MOST_UPLOAD_BYTES, MOST_PUBLIC_BYTES, MOST_TRACK_BYTES = 256_000_000, 8_000_000, 4_000_000
BODIES: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile("/api/v1/uploads"), MOST_UPLOAD_BYTES),
    (re.compile("/api/v1/tracks"), MOST_TRACK_BYTES),
    (re.compile("/api/v1/issues/[^/]+/photos"), MOST_BYTES + 1),
    (re.compile("/api/v1/public/photos/[^/]+"), MOST_PUBLIC_BYTES),
    (re.compile("/api/v1/public/doors/[^/]+/notices/[^/]+/photo"), MOST_PUBLIC_BYTES),
    # A form, and what is sent with it.
    (re.compile(r"/open311/v2/requests\.[^/]+"), MOST_BYTES + MOST_BODY_BYTES),
)
"""Bytes of the largest body by address; of all others :data:`MOST_BODY_BYTES`."""
TOO_LARGE, ADDRESS_TOO_LONG, HEADERS_TOO_LARGE = 413, 414, 431
ALWAYS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    # With no referrer at all, browsers would not say either from which site a form comes.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
}
"""Headers of every answer. That one must come by TLS next time is for the proxy to say, which speaks it."""
WRITTEN = tuple((name.lower().encode(), value.encode()) for name, value in ALWAYS.items())
DIFFERS = "Accept-Language, Cookie, Authorization"


class AnswerHeaders:
    """Puts the headers of every answer on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Answers hold what citizens wrote and are kept nowhere unless they say otherwise; assets have no version in
        # their names: kept, but checked.
        kept = "no-cache" if scope["path"].startswith(f"{ASSETS}/") else "no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *WRITTEN]
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", kept)
                headers.add_vary_header(DIFFERS)
            await send(message)

        await self._app(scope, receive, with_headers)


class Limits:
    """Refuses what is larger than anybody needs: addresses, headers, and bodies, whether their length is said
    beforehand or not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if status := _too_large(scope):
            await refuse(Request(scope), HTTPException(status), status)(scope, receive, send)
            return
        most = next((most for path, most in BODIES if path.fullmatch(scope["path"])), MOST_BODY_BYTES)
        length = Headers(scope=scope).get("content-length", "")
        # What is too long by its own word is not read at all.
        read = most + 1 if length.isdigit() and int(length) > most else 0

        async def counted() -> Message:
            nonlocal read
            if read > most:
                raise HTTPException(TOO_LARGE)
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def _too_large(scope: Scope) -> int:
    """Status for an address or headers beyond the limits, 0 for others."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > MOST_ADDRESS_BYTES:
        return ADDRESS_TOO_LONG
    header_bytes = sum(len(name) + len(value) for name, value in scope["headers"])
    return HEADERS_TOO_LARGE if header_bytes > MOST_HEADER_BYTES else 0
