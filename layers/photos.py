"""Photos of issues: what was sent, sealed by its hash, and the copy that is shown."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select

from gis_core.errors import Conflict, NotFound
from layers.batches import batch_of
from layers.bulk import among
from layers.files import Kept
from layers.frames import table_of
from layers.issues import CaseEvent, Issue, Photo
from layers.pictures import Picture
from layers.store import Store

_photo, _issue = table_of(Photo), table_of(Issue)


def issue_for(store: Store, code: str) -> int:
    """Id of an issue in scope.

    Raises
    ------
    NotFound
        When there is none.
    """
    number = store.session.scalar(store.bounded("issues", _issue.c.code == code))
    if number is None:
        raise NotFound("issue_missing", value=code)
    return int(number)


def alone_with(store: Store, code: str) -> int:
    """Id of an issue in scope; who else sends a photo of it waits until this transaction ends.

    Raises
    ------
    NotFound
        When there is none.
    """
    number = issue_for(store, code)
    store.session.execute(select(_issue.c.id).where(_issue.c.id == number).with_for_update())
    return number


def photo_with(store: Store, issue: int, original: str) -> dict[str, Any] | None:
    """An issue's photo by what was sent; ``None`` where there is none."""
    chosen = select(_photo).where(_photo.c.issue_id == issue, _photo.c.original == original)
    found = store.session.execute(chosen).mappings().one_or_none()
    return None if found is None else dict(found)


def add_photo(
    store: Store, issue: int, stage: str, original: Kept, shown: Kept, picture: Picture, actor: str, now: dt.datetime
) -> None:
    """Add a photo and the event that it came."""
    given = {
        "issue_id": issue, "stage": stage, "original": original.digest, "size_bytes": original.size_bytes,
        "media_type": picture.media_type, "width": picture.width, "height": picture.height,
        "taken_at": picture.taken_at, "lon": picture.lon, "lat": picture.lat, "shown": shown.digest, "sent_by": actor,
        "received_at": now,
    }  # fmt: skip
    store.session.execute(insert(_photo).values(**given))
    event = {"issue_id": issue, "batch": batch_of(store.session), "type": "photographed", "at": now}
    store.session.execute(insert(table_of(CaseEvent)).values(**event))


def check_room(store: Store, issue: int, actor: str, most: int) -> None:
    """Refuse another photo of an issue by somebody who has sent enough.

    Raises
    ------
    Conflict
        When there are ``most`` of them.
    """
    theirs = select(func.count()).where(_photo.c.issue_id == issue, _photo.c.sent_by == actor)
    if (store.session.scalar(theirs) or 0) >= most:
        raise Conflict("photos_enough", value=most)


def photos_of(store: Store, issue: int) -> list[dict[str, Any]]:
    """An issue's photos in the order in which they came."""
    chosen = select(_photo).where(_photo.c.issue_id == issue).order_by(_photo.c.id)
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def first_photos(store: Store, issues: Sequence[int]) -> dict[int, int]:
    """Number of the first photo of each of some issues in scope that has one, by their ids."""
    chosen = select(_photo.c.issue_id, func.min(_photo.c.id).label("photo")).where(
        among(store.session, _photo.c.issue_id, issues)
    )
    found = store.session.execute(chosen.group_by(_photo.c.issue_id))
    return {row.issue_id: row.photo for row in found}


def photo_of(store: Store, code: str, number: int) -> dict[str, Any]:
    """A photo of an issue in scope.

    Raises
    ------
    NotFound
        When there is none.
    """
    found = next((one for one in photos_of(store, issue_for(store, code)) if one["id"] == number), None)
    if found is None:
        raise NotFound("photo_missing", value=number)
    return found
