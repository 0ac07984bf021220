"""The live stream of what happens to issues."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Header, Query, Request
from fastapi.responses import StreamingResponse

from api.callers import Asking, Here, caller
from api.routing import Router
from api.stream import Place, events
from gis_core.errors import InvalidInput
from layers.store import Store

router = Router(prefix="/api/v1", tags=["issues"])


@router.get("/stream", summary="What happens to issues, as it happens", response_class=StreamingResponse,
            responses={200: {"content": {"text/event-stream": {}}, "description": "Events."}})  # fmt: skip
async def stream(
    request: Request,
    context: Here,
    asking: Asking,
    last_event_id: Annotated[str | None, Header(max_length=60)] = None,
    after: Annotated[str | None, Query(max_length=60, description="Go on after this id, as `Last-Event-ID`.")] = None,
    follow: Annotated[bool, Query(description="Stay, or end with what has happened by now.")] = True,
) -> StreamingResponse:
    """Events of the issues in one's area as server-sent events, in the order they were committed.

    They are `reported`, `assigned`, `reassigned`, `closed` and `photographed`; from now on, or from after an id on. A
    browser asks for what it missed by itself.
    """
    asking.sight("see")
    place = _place(last_event_id if last_event_id is not None else after)
    told = events(context.hub, _reading(request), place, follow=follow, heartbeat_s=context.heartbeat_s)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_while_there(request, told), media_type="text/event-stream", headers=headers)


async def _while_there(request: Request, told: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for part in told:
        if await request.is_disconnected():
            return
        yield part


def _reading(request: Request) -> Callable[[Callable[[Store], Any]], Any]:
    def reading(question: Callable[[Store], Any]) -> Any:
        # Who they are and what they may see is asked anew each time.
        with caller(request).reading() as store:
            return question(store)

    return reading


def _place(written: str | None) -> Place | None:
    if not written:
        return None
    parts = written.split(".")
    if not 1 <= len(parts) <= 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise InvalidInput("parameter_invalid", field="Last-Event-ID", value=written[:40], expected="id of an event")
    return int(parts[0]), int(parts[1]) if len(parts) == 2 else 2**62
