"""What holds for every request and answer: headers, and how large a body may be."""

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.refusals import ALWAYS

ASSETS = "/maps/assets"
MOST_BODY_BYTES = 1_000_000
TOO_LARGE = 413


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
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", kept)
                headers.add_vary_header("Accept-Language, Cookie, Authorization")
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Refuses bodies larger than :data:`MOST_BODY_BYTES`, whether their length is said beforehand or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        # What is too long by its own word is not read at all.
        read = MOST_BODY_BYTES + 1 if length.isdigit() and int(length) > MOST_BODY_BYTES else 0

        async def counted() -> Message:
            nonlocal read
            if read > MOST_BODY_BYTES:
                raise HTTPException(TOO_LARGE)
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BODY_BYTES:
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, counted, send)
