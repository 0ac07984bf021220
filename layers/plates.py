"""Plates on the walls of shops and of places that are visited: the token that each one's QR code says, and what
passers-by prove through those of shops.
"""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update

from gis_core.errors import NotFound
from gis_core.grades import STEPS
from layers.base import Instant
from layers.bulk import among, inserting
from layers.doors import is_shop
from layers.files import Kept
from layers.frames import table_of
from layers.frontages import CONFIRMATION, DoorEvent, DoorToken
from layers.issues import Issue
from layers.pictures import Picture
from layers.store import Store

_BYTES = 16
_event, _token, _issue = table_of(DoorEvent), table_of(DoorToken), table_of(Issue)
_COUNTS = (_event.c.kind.in_(STEPS), _event.c.withdrawn_at.is_(None))


def tokens_of(store: Store, shops: Collection[str], actor: str, now: dt.datetime) -> dict[str, str]:
    """The token of each shop or place, made for those that have none yet."""
    known = _known(store, shops)
    if missing := sorted(set(shops) - set(known)):
        rows = [
            {"shop": shop, "token": secrets.token_urlsafe(_BYTES), "given_at": now, "given_by": actor}
            for shop in missing
        ]
        # Whoever prints the same plates at the same time prints the same tokens.
        store.session.execute(
            inserting(store.session.get_bind().dialect.name, DoorToken).on_conflict_do_nothing(), rows
        )
        known |= _known(store, missing)
    return known


def renew(store: Store, shop: str, actor: str, now: dt.datetime) -> str:
    """A new token for a shop or place; plates with the one before open nothing any more."""
    tokens_of(store, [shop], actor, now)
    token = secrets.token_urlsafe(_BYTES)
    given = {"token": token, "given_at": now, "given_by": actor}
    store.session.execute(update(_token).where(_token.c.shop == shop).values(**given))
    return token


def shop_of(store: Store, token: str) -> str:
    """Code of the shop or place that a token is for.

    Raises
    ------
    NotFound
        When it is none, or has been renewed.
    """
    found = store.session.scalar(select(_token.c.shop).where(_token.c.token == token))
    if found is None:
        raise NotFound("plate_missing")
    return str(found)


def notice_of(store: Store, shop: str, number: int) -> dict[str, Any]:
    """A notice, warning or case of a shop, by its number: ``kind`` and ``issue``.

    Raises
    ------
    NotFound
        When the shop has none of this number, or it was taken back.
    """
    chosen = select(_event.c.kind, _event.c.issue).where(_event.c.id == number, _event.c.shop == shop, *_COUNTS)
    found = store.session.execute(chosen).mappings().one_or_none()
    if found is None:
        raise NotFound("notice_missing", value=number)
    return dict(found)


def notices_of(store: Store, shop: str, since: dt.datetime, limit: int) -> Sequence[dict[str, Any]]:
    """The newest notices, warnings and cases of a shop since then: ``id``, ``kind``, ``at``, ``category`` and
    ``settled_at``, of a case also when its issue was closed.
    """
    columns = (_event.c[name] for name in ("id", "kind", "at", "category"))
    settled = func.coalesce(_event.c.settled_at, _issue.c.closed_at, type_=Instant).label("settled_at")
    chosen = select(*columns, settled).join(_issue, _issue.c.code == _event.c.issue, isouter=True)
    chosen = (
        chosen.where(_event.c.shop == shop, _event.c.at >= since, *_COUNTS).order_by(_event.c.at.desc()).limit(limit)
    )
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def confirmations_of(store: Store, numbers: Sequence[int]) -> Sequence[dict[str, Any]]:
    """The confirmations of events in the order in which they came: ``answers``, ``at``, ``original``,
    ``withdrawn_at``.
    """
    columns = (_event.c[name] for name in ("answers", "at", "original", "withdrawn_at"))
    chosen = select(*columns).where(_event.c.answers.in_(numbers)).order_by(_event.c.id)
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def add_confirmation(
    store: Store, shop: str, number: int, original: Kept, shown: Kept, picture: Picture, actor: str, now: dt.datetime
) -> None:
    """Add that an event of a shop is dealt with, with the photo that shows it."""
    said = {"kind": CONFIRMATION, "answers": number, "original": original.digest, "shown": shown.digest}
    row = {"shop": shop, "at": now, "actor": actor, "media_type": picture.media_type, "taken_at": picture.taken_at}
    store.session.execute(insert(_event).values(**row, **said))


def photo_of(store: Store, shop: str, number: int) -> dict[str, Any]:
    """The photo of a confirmation of a shop in scope: ``original``, ``media_type``, ``shown``.

    Raises
    ------
    NotFound
        When there is no such shop, or it has no confirmation of this number.
    """
    if not is_shop(store, shop):
        raise NotFound("shop_missing", value=shop)
    chosen = select(_event.c.original, _event.c.media_type, _event.c.shown).where(
        _event.c.id == number, _event.c.shop == shop, _event.c.kind == CONFIRMATION
    )
    found = store.session.execute(chosen).mappings().one_or_none()
    if found is None:
        raise NotFound("photo_missing", value=number)
    return dict(found)


def _known(store: Store, shops: Collection[str]) -> dict[str, str]:
    chosen = select(_token.c.shop, _token.c.token).where(among(store.session, _token.c.shop, sorted(shops)))
    return {row.shop: row.token for row in store.session.execute(chosen)}
