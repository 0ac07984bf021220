"""Photos of issues: sent, listed, shown, and the originals for those who need the proof."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response

from api.callers import Asking, Here
from api.documents import answered, shown_at
from api.photographing import PICTURE, at_a_time, content_of, given, pictures, take
from api.routing import Router
from api.schemas import Key, PhotoDocument, PhotoList
from layers.photos import issue_for, photo_of, photos_of
from layers.pictures import MEDIA_TYPES

router = Router(prefix="/api/v1/issues/{code}/photos", tags=["photos"])
Code = Annotated[str, Path(max_length=100, description="Case number.")]
Number = Annotated[int, Path(ge=1, le=2**53)]
Stage = Annotated[Literal["report", "before", "after"], Query(description="What it proves.")]


@router.post("", status_code=201, summary="Send a photo", responses={201: {"model": PhotoDocument}},
             openapi_extra=PICTURE)  # fmt: skip
async def send(
    request: Request, context: Here, asking: Asking, code: Code, stage: Stage = "report", key: Key = None
) -> Response:
    """Send a JPEG, PNG or WebP of an issue in one's area; the body is the picture, up to 12 MB and 50 million pixels.
    The original is sealed by its SHA-256 with the time and place that the camera says; what is shown is a copy without
    them. The same picture sent again is the same photo, whatever the `Idempotency-Key`.
    """
    now, sight = context.now(), asking.sight("photograph")
    content = await content_of(request)
    taking = partial(take, context, code, content, now, stage=stage, actor=asking.user.name, sight=sight)
    known = await at_a_time(taking)
    document = _document(code, known)
    return answered(document, 201, Location=document["shown"])


@router.get("", summary="An issue's photos", responses={200: {"model": PhotoList}})
def photos(asking: Asking, code: Code) -> Response:
    """The photos of an issue in one's area, in the order in which they came."""
    with asking.reading() as store:
        found = photos_of(store, issue_for(store, code))
    return answered({"photos": [_document(code, one) for one in found]})


@router.get("/{number}", summary="A photo as it is shown", responses=pictures("image/jpeg"), response_class=Response)
def photo(request: Request, context: Here, asking: Asking, code: Code, number: Number) -> Response:
    """A copy of at most 1,600 pixels, upright, without what the camera wrote into it, with city, case number and time
    at its foot.
    """
    with asking.reading() as store:
        found = photo_of(store, code, number)
    return given(request, context, found["shown"], "image/jpeg")


@router.get(
    "/{number}/original",
    summary="A photo as it was sent",
    responses=pictures(*MEDIA_TYPES.values()),
    response_class=Response,
)
def original(request: Request, context: Here, asking: Asking, code: Code, number: Number) -> Response:
    """Byte by byte what was sent, for those who need the proof; every look is in the audit trail."""
    with context.stores.write(asking.sight("evidence")) as store:
        found = photo_of(store, code, number)
        asking.note(store, "original_read", f"photo {number}", context.now(), sha256=found["original"])
    return given(request, context, found["original"], found["media_type"])


def _document(code: str, one: dict[str, Any]) -> dict[str, Any]:
    named = ("id", "stage", "media_type", "width", "height", "received_at")
    return {**{name: one[name] for name in named}, "sha256": one["original"], "bytes": one["size_bytes"],
            "taken_at": one["taken_at"], "shown": shown_at(code, one["id"])}  # fmt: skip
