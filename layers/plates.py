"""Plates on shops' walls: the token that each one's QR code says, and what passers-by prove through it."""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select, update

from gis_core.errors import Conflict, NotFound
from gis_core.grades import STEPS
from layers.bulk import among, inserting
from layers.doors import is_shop
from layers.files import Kept
from layers.frames import table_of
from layers.frontages import DoorEvent, DoorToken
from layers.store import Store

CONFIRMATION = "confirmation"
_BYTES = 16
_event, _token = table_of(DoorEvent), table_of(DoorToken)


def tokens_of(store: Store, shops: Collection[str], actor: str, now: dt.datetime) -> dict[str, str]:
    """The token of each shop, made for those that have none yet."""
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
    """A new token for a shop; plates with the one before open nothing any more."""
    tokens_of(store, [shop], actor, now)
    token = secrets.token_urlsafe(_BYTES)
    given = {"token": token, "given_at": now, "given_by": actor}
    store.session.execute(update(_token).where(_token.c.shop == shop).values(**given))
    return token


def shop_of(store: Store, token: str) -> str:
    """Code of the shop that a token is for.

    Raises
    ------
    NotFound
        When it is none, or has been renewed.
    """
    found = store.session.scalar(select(_token.c.shop).where(_token.c.token == token))
    if found is None:
        raise NotFound("plate_missing")
    return str(found)


def told(store: Store, shop: str, number: int) -> dict[str, Any]:
    """A notice, warning or case of a shop, by its number: ``kind`` and ``issue``.

    Raises
    ------
    NotFound
        When the shop has none of this number.
    """
    chosen = select(_event.c.kind, _event.c.issue).where(_event.c.id == number, _event.c.shop == shop)
    found = store.session.execute(chosen.where(_event.c.kind.in_(STEPS))).mappings().one_or_none()
    if found is None:
        raise NotFound("notice_missing", value=number)
    return dict(found)


def confirmations_of(store: Store, number: int) -> Sequence[dict[str, Any]]:
    """The confirmations of an event in the order in which they came: ``id``, ``at``, ``original``."""
    chosen = select(_event.c.id, _event.c.at, _event.c.original).where(_event.c.answers == number)
    return [dict(row) for row in store.session.execute(chosen.order_by(_event.c.id)).mappings()]


def add_confirmation(
    store: Store, shop: str, number: int, original: Kept, shown: Kept, media_type: str, actor: str, now: dt.datetime
) -> None:
    """Add that an event of a shop is dealt with, with the photo that shows it."""
    said = {"kind": CONFIRMATION, "answers": number, "original": original.digest, "shown": shown.digest}
    row = {"shop": shop, "at": now, "actor": actor, "media_type": media_type, **said}
    store.session.execute(table_of(DoorEvent).insert().values(**row))


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


def check_room(known: Sequence[dict[str, Any]], most: int) -> None:
    """Refuse another confirmation of an event that has enough of them.

    Raises
    ------
    Conflict
        When there are ``most`` of them.
    """
    if len(known) >= most:
        raise Conflict("photos_enough", value=most)


def _known(store: Store, shops: Collection[str]) -> dict[str, str]:
    chosen = select(_token.c.shop, _token.c.token).where(among(store.session, _token.c.shop, sorted(shops)))
    return {row.shop: row.token for row in store.session.execute(chosen)}
