"""The page behind a shop's QR code: what the shop answers for, what it was told, and that it is dealt with."""

import datetime as dt
import hashlib
from collections.abc import Collection
from typing import Any

import geopandas as gpd
import shapely

from api.callers import Context
from api.duties import duties_of, in_force, in_words, letters_of, matters
from api.filing import PUBLIC
from api.ledgers import around, ledger_near
from api.photographing import kept, looked_at
from api.standing import grade_of
from gis_core.arrays import codes_of
from gis_core.errors import Conflict, NotFound
from gis_core.ledger import Ledger
from gis_core.validity import local_day, on_day
from layers import TABLES
from layers.boxes import meets_any
from layers.bulk import among
from layers.doors import alone_with, shape_of
from layers.files import files_of
from layers.finding import named_by, rows_of
from layers.frames import read_frame, table_of
from layers.photos import add_photo, photo_with
from layers.photos import alone_with as alone_with_issue
from layers.places import Place
from layers.plates import add_confirmation, confirmations_of, notice_of, notices_of, shop_of
from layers.reference import Shop
from layers.store import Store
from layers.territories import seen_by
from layers.validity import holds_between

MOST_TOLD, MOST_CONFIRMATIONS = 10, 3


def opened(store: Store, token: str, now: dt.datetime) -> tuple[dict[str, Any], Ledger]:
    """What a shop's own page tells without an account: no persons, and nothing of other shops; and what lies around its
    strip, for a picture.

    Raises
    ------
    NotFound
        When the token opens nothing, or the shop is gone.
    """
    shop = shop_of(store, token)
    day = now.astimezone(store.city.zone).date()
    there = (Place.code == shop, Place.type == "shop", holds_between(table_of(Place), day, day + dt.timedelta(days=1)))
    place = next(iter(rows_of(store, "places", ("name", "address"), *there)), None)
    if place is None:
        raise NotFound("plate_missing")
    near = ledger_near(store, around(shape_of(store, shop), store.city.metric_srid), now)
    mine = near.of_shop(shop)
    strip: dict[str, Any] = next(iter(mine.to_dict("records")), {})
    said = next(iter(rows_of(store, "shops", ("plate",), Shop.code == shop)), {})
    letter = in_force(letters_of(store, [shop])[shop], day)
    document = {
        "code": shop, "name": place["name"], "address": place["address"], "plate": said.get("plate"),
        "grade": grade_of(store, shop, now).grade,
        **{name: strip.get(name) for name in ("quality", "street", "length_m")},
        "strip": None if mine.empty else shapely.geometry.mapping(mine.geometry.iloc[0]),
        "signed": letter is not None, **{name: letter and letter[name] for name in ("signed_on", "valid_to")},
        "duties": in_words(store, duties_of(store, letter)),
        "notices": _notices(store, shop, now),
    }  # fmt: skip
    return document, near


def _notices(store: Store, shop: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The newest notices, warnings and cases of the city's days, each with how many photos show that it is dealt with,
    when the first of them came, and when an inspector said so.
    """
    told = notices_of(store, shop, now - dt.timedelta(days=store.city.notice_days), MOST_TOLD)
    names = matters(store, {one["category"] for one in told})
    photos: dict[int, list[dt.datetime]] = {one["id"]: [] for one in told}
    for one in confirmations_of(store, list(photos)):
        if one["withdrawn_at"] is None:
            photos[one["answers"]].append(one["at"])
    return [
        {
            "number": one["id"], "step": one["kind"], "at": one["at"], "category": one["category"],
            "matter": names.get(one["category"], {}), "photos": len(photos[one["id"]]),
            "confirmed_at": next(iter(photos[one["id"]]), None), "settled_at": one["settled_at"],
        }
        for one in told
    ]  # fmt: skip


def check_notice(context: Context, token: str, number: int) -> None:
    """Refuse a photo of what a plate's shop was not told, before it is read.

    Raises
    ------
    NotFound
        When the token opens nothing, or its shop was told nothing of this number.
    """
    with context.stores.read() as store:
        notice_of(store, shop_of(store, token), number)


def confirm(context: Context, token: str, number: int, content: bytes, now: dt.datetime) -> dict[str, Any]:
    """Keep a photo that shows that what a shop was told is dealt with; of a case it also becomes a photo of the issue.
    The same photo again is the same confirmation.

    Returns
    -------
    confirmation
        ``at`` and ``original``, its SHA-256.

    Raises
    ------
    NotFound
        When the token opens nothing, or its shop was told nothing of this number.
    Conflict
        When there are enough confirmations of it, or the shop is closed.
    InvalidInput
        When it is no picture as :func:`layers.pictures.look_at` wants it.
    """
    files, digest = files_of(context.stores.address), hashlib.sha256(content).hexdigest()
    with context.stores.read() as store:
        shop, city = shop_of(store, token), store.city
        notice_of(store, shop, number)
        if (known := _known(store, number, digest)) is not None:
            return known
    picture, copy = looked_at(content, city, shop, now)
    with context.stores.write() as store:
        alone_with(store, shop_of(store, token), now.astimezone(city.zone).date())
        notice = notice_of(store, shop, number)
        if (known := _known(store, number, digest)) is not None:
            return known
        original, shown = kept(files, content), kept(files, copy)
        add_confirmation(store, shop, number, original, shown, picture, PUBLIC, now)
        if notice["issue"] is not None:
            issue = alone_with_issue(store, notice["issue"])
            if photo_with(store, issue, digest) is None:
                add_photo(store, issue, "after", original, shown, picture, PUBLIC, now)
    return {"at": now, "original": digest}


def _known(store: Store, number: int, digest: str) -> dict[str, Any] | None:
    """The confirmation of an event with this photo; where there is none, another one must still have room."""
    known = confirmations_of(store, [number])
    found = next((one for one in known if one["original"] == digest), None)
    if found is None and sum(one["withdrawn_at"] is None for one in known) >= MOST_CONFIRMATIONS:
        raise Conflict("photos_enough", value=MOST_CONFIRMATIONS)
    return found


def streets_near(store: Store, strips: gpd.GeoDataFrame, moment: dt.datetime) -> gpd.GeoDataFrame:
    """The streets around strips: ``code``, ``name``, ``width_m``."""
    table = table_of(TABLES["streets"])
    boxes = [around(shape, store.city.metric_srid) for shape in strips.geometry]
    seen = seen_by(store, "streets", store.version_at(moment))
    held = store.bounded("streets", seen, meets_any(table, boxes, postgis=store.is_postgis)).order_by(table.c.id)
    frame = read_frame(store.session, TABLES["streets"], held, ("code", "name", "width_m", "valid_from", "valid_to"))
    return frame[on_day(frame, local_day(moment, store.city.zone))] if len(frame) else frame


def plates_of(store: Store, book: Ledger, wanted: Collection[str], moment: dt.datetime) -> dict[str, dict[str, Any]]:
    """What is printed for the shops in scope that are open, in their order: the columns of
    :class:`map_ui.plates.Plate` but the token, by shop. Those without a strip have no metres.
    """
    day = moment.astimezone(store.city.zone).date()
    place = table_of(Place)
    there = (place.c.type == "shop", holds_between(place, day, day + dt.timedelta(days=1)))
    chosen = among(store.session, place.c.code, sorted(wanted))
    known = {one["code"]: one["name"] for one in rows_of(store, "places", ("code", "name"), chosen, *there)}
    shops = [one for one in wanted if one in known]
    numbers = {one["code"]: one["plate"] for one in rows_of(store, "shops", ("code", "plate"),
               among(store.session, table_of(Shop).c.code, shops))}  # fmt: skip
    strips = {shop: book.strips.iloc[rows[0]] for shop, rows in book.of_shops(shops).items()}
    streets = named_by(store, "streets", {one["street"] for one in strips.values() if one["street"]})
    duties = {shop: duties_of(store, in_force(letters, day)) for shop, letters in letters_of(store, shops).items()}
    words = {said: in_words(store, said) for said in set(map(tuple, duties.values()))}
    return {
        shop: {
            "name": known[shop], "number": numbers.get(shop), "duties": words[tuple(duties[shop])],
            "street": streets.get(strips[shop]["street"], {}).get("name") if shop in strips else None,
            "length_m": float(strips[shop]["length_m"]) if shop in strips else None,
        }
        for shop in shops
    }  # fmt: skip


def along(book: Ledger, street: str) -> list[str]:
    """The shops whose strips lie along a street, side by side from its beginning to its end."""
    fronts = book.fronts[book.fronts["street"] == street].sort_values(["side", "from_m"], kind="stable")
    rows = book.strips.iloc[fronts["strip"].drop_duplicates().to_numpy()]
    rows = rows[(rows["street"] == street) & (rows["units"] > 0)]
    named = zip(codes_of(rows, "code"), rows["shops"], strict=True)
    return list(dict.fromkeys(shop for code, shops in named for shop in (shops or (code,))))
