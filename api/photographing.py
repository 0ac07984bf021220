"""Photos taken in: looked at, sealed on the disk, and only then named in the database."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from api.callers import Context
from api.limits import TooMany
from gis_core.city import City
from gis_core.errors import Conflict
from gis_core.permissions import EVERYTHING, Sight
from layers.files import Files, Kept, files_of
from layers.photos import add_photo, alone_with, check_room, issue_for, photo_with
from layers.pictures import MEDIA_TYPES, Picture, copy_of, look_at

Result = TypeVar("Result")
PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
    }
}
"""What the OpenAPI document says of a body that :func:`content_of` reads."""


LEAST_FREE, WAIT_S = 0.1, 3_600
"""Which share of the disk photos without an account leave, and when to try again otherwise."""
_LIMITER: RunVar[CapacityLimiter] = RunVar("pictures")


async def at_a_time(work: Callable[[], Result]) -> Result:
    """Do work on a picture in a thread, one picture at a time: others wait without a thread, of which everything else
    that is asked needs one.
    """
    try:
        limiter = _LIMITER.get()
    except LookupError:
        _LIMITER.set(limiter := CapacityLimiter(1))
    return await to_thread.run_sync(work, limiter=limiter)


async def content_of(request: Request) -> bytes:
    """The body, which a handler reads when it knows who sends it.

    Raises
    ------
    HTTPException
        When its sender leaves meanwhile.
    """
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400) from None


def take(
    context: Context, code: str, content: bytes, now: dt.datetime, *, stage: str, actor: str,
    sight: Sight = EVERYTHING, most: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Keep a photo of an issue; the same picture again is the same photo.

    Parameters
    ----------
    sight
        In which the issue must lie.
    most
        How many photos the issue may have of this actor; any number if ``None``.

    Returns
    -------
    dict
        The columns of :class:`layers.issues.Photo`.

    Raises
    ------
    NotFound
        When there is no such issue in sight.
    Conflict
        When it has as many as it may have.
    InvalidInput
        When it is no picture as :func:`layers.pictures.look_at` wants it.
    """
    files, digest = files_of(context.stores.address), hashlib.sha256(content).hexdigest()
    with context.stores.read(sight) as store:
        issue, city = issue_for(store, code), store.city
        known = photo_with(store, issue, digest)
        if known is None and most is not None:
            check_room(store, issue, actor, most)
    if known is not None:
        return known
    picture, copy = looked_at(content, city, code, now)
    with context.stores.write(sight) as store:
        issue = alone_with(store, code)
        if (known := photo_with(store, issue, digest)) is None:
            if most is not None:
                check_room(store, issue, actor, most)
            # On the disk before the database names them: a row without its file would be a proof that is gone.
            add_photo(store, issue, stage, kept(files, content), kept(files, copy), picture, actor, now)
            known = photo_with(store, issue, digest)
    assert known is not None
    return known


def looked_at(content: bytes, city: City, about: str, now: dt.datetime) -> tuple[Picture, bytes]:
    """What a picture says of itself, and the copy that is shown, with city, what it is about and time at its foot.

    Raises
    ------
    InvalidInput
        When it is no picture as :func:`layers.pictures.look_at` wants it.
    """
    picture, image = look_at(content, city.zone)
    plain = f"{about} {now.astimezone(city.zone):%Y-%m-%d %H:%M}"
    return picture, copy_of(image, f"{city.name} {plain}", plain)


def check_space(context: Context) -> None:
    """Refuse photos of strangers while the disk is nearly full.

    Raises
    ------
    TooMany
        When less than :data:`LEAST_FREE` of it is free.
    """
    if files_of(context.stores.address).free_share < LEAST_FREE:
        raise TooMany("disk_low", seconds=WAIT_S)


def pictures(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of an answer that :func:`given` makes."""
    return {
        200: {"content": {kind: {} for kind in kinds}, "description": "The picture."},
        304: {"description": "The client has it already."},
    }


def given(request: Request, context: Context, digest: str, media_type: str) -> Response:
    """A kept picture as an answer.

    Raises
    ------
    NotFound, Conflict
        When the file is not there, or is not what its hash says.
    """
    tag = f'"{digest}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=86400, immutable"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = files_of(context.stores.address).path(digest).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise Conflict("photo_altered", value=digest[:16])
    return Response(content, media_type=media_type, headers=headers)


def kept(files: Files, content: bytes) -> Kept:
    """A picture, kept."""
    path = files.coming()
    try:
        path.write_bytes(content)
        return files.keep(path)
    finally:
        path.unlink(missing_ok=True)
