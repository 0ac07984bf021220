"""Tracks: points that phones send, one's own days, and those of others for who may trace."""

import datetime as dt
import hashlib
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from api.callers import Asking, Here, everywhere
from api.documents import answered
from api.languages import preferred
from api.replaying import area_of, days_document, place_after, replay
from api.routing import Router
from api.schemas import CodeQuery, Key, Limit
from api.track_schemas import TrackDays, TrackKept, TrackReplay, TrackSent
from api.tracking import keep, points_frame, screened
from gis_core.permissions import may
from layers.once import once

router = Router(prefix="/api/v1/tracks", tags=["tracks"])
Carrier = Annotated[str, Path(max_length=100, description="Name of the account.")]


@router.post("", status_code=202, summary="Send a track", responses={202: {"model": TrackKept}})
def send(context: Here, asking: Asking, said: TrackSent, key: Key = None) -> Response:
    """Send points of a receiver, hours late, twice and in any order as it may be; they are matched soon after.

    Points that cannot be taken are counted by reason; where none is left, and where the points follow the streets only
    in another coordinate system than declared, the batch is refused with what is wrong.
    """
    asking.sight("patrol")
    now, sender = context.now(), asking.user.name
    carrier = said.carrier or sender
    if carrier != sender:
        everywhere(asking, "load")
        with context.stores.people() as accounts:
            accounts.user(carrier)
    columns: dict[str, list[float | None]] = {
        name: [getattr(one, name) for one in said.points] for name in ("lon", "lat", "accuracy_m")
    }
    columns["t"] = [one.t if one.time is None else one.time.timestamp() for one in said.points]
    with context.stores.read() as store:
        found = screened(store, context.networks, points_frame(columns), said.datum, now)

    def do() -> dict[str, Any]:
        kept = keep(store, carrier, found, sender, now)
        if carrier != sender:
            asking.note(store, "tracks_sent", carrier, now, points=kept.accepted)
        return {**vars(kept), "days": [day.isoformat() for day in kept.days]}

    with context.stores.write() as store:
        request = hashlib.sha256(f"tracks {said.model_dump_json()}".encode()).hexdigest()
        return answered(once(store.session, sender, key, request, now, do), 202)


@router.get("", summary="Days of tracks, newest first", responses={200: {"model": TrackDays}})
def days(
    request: Request,
    context: Here,
    asking: Asking,
    carrier: CodeQuery | None = None,
    since: Annotated[dt.date | None, Query(description="First local day.")] = None,
    until: Annotated[dt.date | None, Query(description="Last local day.")] = None,
    after: Annotated[str | None, Query(max_length=60, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """One's own days, and of those who may trace the days of all who passed through their area."""
    traces = may(asking.user.grants, "trace")
    wanted = {"carrier": carrier, "since": since, "until": until, "after": place_after(after) if after else None}
    area = None
    if not traces or carrier == asking.user.name:
        wanted["carrier"] = asking.user.name
        if carrier not in (None, asking.user.name):
            asking.sight("trace")
    else:
        with asking.reading("trace") as store:
            area = area_of(store, asking.now)
    with context.stores.read() as store:
        lang = preferred(request) or store.city.locale
        return answered(days_document(store, context.networks, area, wanted, limit, lang))


@router.get("/{carrier}/{day}", summary="One day of a track", responses={200: {"model": TrackReplay}})
def track(request: Request, context: Here, asking: Asking, carrier: Carrier, day: dt.date) -> Response:
    """A day as GeoJSON to be replayed: pieces of the track with their times, stops, and what was passed. Of another's
    only what lies in one's area; that is written into the audit trail. Where the raw points are gone there are passes
    only.
    """
    area = None
    if carrier != asking.user.name:
        with asking.reading("trace") as store:
            area = area_of(store, asking.now)
    with context.stores.read() as store:
        lang = preferred(request) or store.city.locale
        found = replay(store, context.networks, area, carrier, day, lang, asking.now)
    if carrier != asking.user.name:
        with context.stores.people(writes=True) as accounts:
            named = {"subject": carrier, "address": asking.address}
            accounts.note(asking.user.name, "traced", context.now(), **named, day=day.isoformat())
    return answered(found)
