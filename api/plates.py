"""The page behind a shop's QR code: what the shop answers for, what it was told, and that it is dealt with."""

import datetime as dt
import hashlib
from typing import Any

import geopandas as gpd
import shapely

from api.callers import Context
from api.duties import duties_in_force, in_words, matters
from api.ledgers import around, ledger_near
from api.photographing import kept
from api.standing import grade_of
from gis_core.arrays import codes_of
from gis_core.errors import NotFound
from gis_core.grades import STEPS
from gis_core.ledger import Ledger
from gis_core.validity import local_day, on_day
from layers import TABLES
from layers.boxes import meets_any
from layers.bulk import among
from layers.doors import alone_with, events_of, shape_of
from layers.files import files_of
from layers.finding import named_by, rows_of
from layers.frames import read_frame, table_of
from layers.photos import add_photo, issue_for, photo_with
from layers.pictures import copy_of, look_at
from layers.places import Place
from layers.plates import CONFIRMATION, add_confirmation, check_room, confirmations_of, shop_of
from layers.plates import told as told_event
from layers.reference import Agreement, Shop
from layers.store import Store
from layers.territories import seen_by
from layers.validity import holds_between
from map_ui.plates import Plate

PUBLIC = "public"
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
    signed = _agreement(store, strip.get("agreement"))
    document = {
        "code": shop, "name": place["name"], "address": place["address"], "plate": said.get("plate"),
        "grade": grade_of(store, shop, now).grade,
        **{name: strip.get(name) for name in ("state", "quality", "street", "length_m")},
        "strip": None if mine.empty else shapely.geometry.mapping(mine.geometry.iloc[0]),
        "signed_on": signed.get("signed_on"), "valid_to": signed.get("valid_to"),
        "duties": in_words(store, duties_in_force(store, shop, now)),
        "notices": _notices(store, shop),
    }  # fmt: skip
    return document, near


def _agreement(store: Store, code: str | None) -> dict[str, Any]:
    columns = ("signed_on", "valid_to")
    return next(iter(rows_of(store, "agreements", columns, Agreement.code == code)), {}) if code else {}


def _notices(store: Store, shop: str) -> list[dict[str, Any]]:
    """The newest notices, warnings and cases, each with when it was first said to be dealt with."""
    events = events_of(store, shop, 10 * MOST_TOLD)
    done = {one["answers"]: one["at"] for one in events if one["kind"] == CONFIRMATION}
    told = [one for one in events if one["kind"] in STEPS][:MOST_TOLD]
    names = matters(store, {one["category"] for one in told})
    return [
        {
            "number": one["id"], "step": one["kind"], "at": one["at"], "category": one["category"],
            "matter": names.get(one["category"], {}), "confirmed_at": done.get(one["id"]),
        }
        for one in told
    ]  # fmt: skip


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
        When there are enough confirmations of it.
    InvalidInput
        When it is no picture as :func:`layers.pictures.look_at` wants it.
    """
    files, digest = files_of(context.stores.address), hashlib.sha256(content).hexdigest()
    with context.stores.read() as store:
        shop, city = shop_of(store, token), store.city
        told_event(store, shop, number)
        if (known := _known(store, number, digest)) is not None:
            return known
    picture, image = look_at(content, city.zone)
    plain = f"{shop} {now.astimezone(city.zone):%Y-%m-%d %H:%M}"
    copy = copy_of(image, f"{city.name} {plain}", plain)
    with context.stores.write() as store:
        alone_with(store, shop_of(store, token), now.astimezone(city.zone).date())
        event = told_event(store, shop, number)
        if (known := _known(store, number, digest)) is not None:
            return known
        original, shown = kept(files, content), kept(files, copy)
        add_confirmation(store, shop, number, original, shown, picture.media_type, PUBLIC, now)
        if event["issue"] is not None and photo_with(store, issue := issue_for(store, event["issue"]), digest) is None:
            add_photo(store, issue, "after", original, shown, picture, PUBLIC, now)
    return {"at": now, "original": digest}


def _known(store: Store, number: int, digest: str) -> dict[str, Any] | None:
    """The confirmation of an event with this photo; where there is none, another one must still have room."""
    known = confirmations_of(store, number)
    found = next((one for one in known if one["original"] == digest), None)
    if found is None:
        check_room(known, MOST_CONFIRMATIONS)
    return found


def streets_near(store: Store, strips: gpd.GeoDataFrame, moment: dt.datetime) -> gpd.GeoDataFrame:
    """The streets around strips: ``code``, ``name``, ``width_m``."""
    table = table_of(TABLES["streets"])
    boxes = [around(shape, store.city.metric_srid) for shape in strips.geometry]
    seen = seen_by(store, "streets", store.version_at(moment))
    held = store.bounded("streets", seen, meets_any(table, boxes, postgis=store.is_postgis)).order_by(table.c.id)
    frame = read_frame(store.session, TABLES["streets"], held, ("code", "name", "width_m", "valid_from", "valid_to"))
    return frame[on_day(frame, local_day(moment, store.city.zone))] if len(frame) else frame


def plates_of(store: Store, book: Ledger, shops: list[str], tokens: dict[str, str]) -> list[Plate]:
    """What is printed for shops in scope, in their order; those without a strip have no metres.

    Parameters
    ----------
    tokens
        By shop.
    """
    known = {one["code"]: one for one in rows_of(store, "places", ("code", "name"),
             among(store.session, table_of(Place).c.code, shops), Place.type == "shop")}  # fmt: skip
    said = {one["code"]: one["plate"] for one in rows_of(store, "shops", ("code", "plate"),
            among(store.session, table_of(Shop).c.code, shops))}  # fmt: skip
    rows = {shop: row for row in book.strips.to_dict("records") for shop in (row["shops"] or (row["code"],))}
    streets = named_by(store, "streets", {row["street"] for row in rows.values() if row["street"]})
    duties = [one["tag"] for one in in_words(store, list(store.city.door_duties)) if one["tag"]]
    return [
        Plate(
            name=known[shop]["name"], number=said.get(shop), token=tokens[shop], duties=duties,
            **_along_street(rows.get(shop, {}), streets),
        )
        for shop in shops if shop in known
    ]  # fmt: skip


def _along_street(strip: dict[str, Any], streets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"street": streets.get(strip.get("street", ""), {}).get("name"), "length_m": strip.get("length_m")}


def along(book: Ledger, street: str) -> list[str]:
    """The shops whose strips lie along a street, side by side from its beginning to its end."""
    fronts = book.fronts[book.fronts["street"] == street].sort_values(["side", "from_m"], kind="stable")
    rows = book.strips.iloc[fronts["strip"].drop_duplicates().to_numpy()]
    rows = rows[(rows["street"] == street) & (rows["units"] > 0)]
    named = zip(codes_of(rows, "code"), rows["shops"], strict=True)
    return list(dict.fromkeys(shop for code, shops in named for shop in (shops or (code,))))
