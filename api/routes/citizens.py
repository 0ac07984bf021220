"""What is open to the public without an account, and what only some may know of those who report."""

from functools import partial
from typing import Annotated

from fastapi import Path, Query, Request, Response

from api.callers import Asking, Here
from api.documents import answered
from api.exchanges import exchange_of
from api.filing import PUBLIC, file
from api.photographing import PICTURE, at_a_time, check_space, content_of, take
from api.routing import Router
from api.schemas import ContactDocument, Key, Limit, PhotoReceipt, PublicFiled, PublicPage, Report
from api.security import photo_pass, photographed_by
from gis_core.errors import NotFound
from layers.citizens import contact_of, erase_contact, publish, published, withdraw

router = Router(prefix="/api/v1", tags=["citizens"])
MOST_PHOTOS = 3
"""Photos of a report without an account."""
Number = Annotated[str, Path(max_length=100, description="Case number.")]


@router.post("/public/issues", status_code=201, summary="Report an issue without an account",
             responses={201: {"model": PublicFiled}})  # fmt: skip
def report(request: Request, context: Here, said: Report, key: Key = None) -> Response:
    """Store a report by anybody; the answer is the case number, where photos of it may be sent for an hour, and nothing
    about who answers.

    The same `Idempotency-Key` with the same report stores it once; with another report it is somebody else's key.
    """
    now = context.now()
    context.public_reports.take(exchange_of(request).address, now)
    code, new, *_ = file(context, PUBLIC, said, key, now)
    photos = f"{router.prefix}/public/photos/{photo_pass(code, context.settings.secret, now)}"
    return answered({"code": code, "new": new, "answer": None, "photos": photos}, 201)


@router.post("/public/photos/{token}", status_code=201, summary="Send a photo without an account",
             responses={201: {"model": PhotoReceipt}}, openapi_extra=PICTURE)  # fmt: skip
async def photo(request: Request, context: Here, token: Annotated[str, Path(max_length=1_000)]) -> Response:
    """Send a JPEG, PNG or WebP of what one has just reported, to the address that the answer to the report names; up to
    three of them, of 8 MB at most. The public sees no photos: what comes back is what was received.
    """
    now = context.now()
    context.public_reports.take(exchange_of(request).address, now)
    code = photographed_by(token, context.settings.secret, now)
    check_space(context)
    content = await content_of(request)
    taking = partial(take, context, code, content, now, stage="report", actor=PUBLIC, most=MOST_PHOTOS)
    kept = await at_a_time(taking)
    return answered({**{name: kept[name] for name in ("media_type", "width", "height")},
                     "bytes": kept["size_bytes"], "sha256": kept["original"]}, 201)  # fmt: skip


@router.get("/public/issues", summary="Published issues, newest first", responses={200: {"model": PublicPage}})
def public_issues(
    context: Here,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """Published issues, each in the middle of the cell of 200 m it lies in: no words, no case number, no parties."""
    with context.stores.read() as store:
        found = published(store, before=before, limit=limit)
    last = found[-1]["id"] if len(found) == limit else None
    return answered({"issues": [{name: one[name] for name in one if name != "id"} for one in found], "next": last})


@router.put("/issues/{code}/publication", status_code=204, summary="Let the public see an issue")
def publication(context: Here, asking: Asking, code: Number) -> Response:
    """From now on the public sees it in its cell; twice changes nothing."""
    with context.stores.write(asking.sight("publish")) as store:
        publish(store, code, context.now())
        asking.note(store, "published", code, context.now())
    return Response(status_code=204)


@router.delete("/issues/{code}/publication", status_code=204, summary="Let the public see an issue no more")
def no_publication(context: Here, asking: Asking, code: Number) -> Response:
    """From now on the public does not see it; twice changes nothing."""
    with context.stores.write(asking.sight("publish")) as store:
        withdraw(store, code)
        asking.note(store, "withdrawn", code, context.now())
    return Response(status_code=204)


@router.get("/issues/{code}/contact", summary="Who reported it", responses={200: {"model": ContactDocument}})
def contact(context: Here, asking: Asking, code: Number) -> Response:
    """Name and telephone number of the reporter, to ask back; every look is in the audit trail."""
    with context.stores.write(asking.sight("contact")) as store:
        found = contact_of(store, code)
        if found is None:
            raise NotFound("contact_missing", value=code)
        asking.note(store, "contact_read", code, context.now())
    return answered(vars(found))


@router.delete("/issues/{code}/contact", status_code=204, summary="Erase who reported it")
def no_contact(context: Here, asking: Asking, code: Number) -> Response:
    """Forget name and telephone number for good; twice changes nothing."""
    with context.stores.write(asking.sight("erase")) as store:
        if erase_contact(store, code):
            asking.note(store, "contact_erased", code, context.now())
    return Response(status_code=204)
