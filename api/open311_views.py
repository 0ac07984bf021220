"""What a reader of Open311 sees: an account what lies in its area, the public what is published."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.callers import Caller, Context, by_key, caller
from api.documents import shown_at
from api.languages import preferred
from api.open311 import Teller, category_of, named
from api.proxies import root_of
from api.schemas import MOST_AT_ONCE
from gis_core.errors import Forbidden, NotFound, Unauthorised
from layers.citizens import published_requests
from layers.finding import Wanted, categories_of, find_issues, last_events, named_by
from layers.photos import first_photos
from layers.store import Store

Found = Sequence[dict[str, Any]]


def asking(request: Request, context: Context, key: str | None) -> Caller | None:
    """Who asks, by the key of the standard or any of our ways; nobody in particular if nothing is shown.

    Raises
    ------
    Forbidden
        When what is shown is not good: the standard knows no 401.
    """
    try:
        return by_key(request, context, key) if key else caller(request)
    except Unauthorised as fault:
        if fault.key == "signed_out" and not key:
            return None
        raise Forbidden("key_invalid") from None


@dataclass(frozen=True)
class View:
    """Requests in one reader's sight.

    Parameters
    ----------
    public
        Whether only what is published is seen, and of that what the public may know.
    locale
        The reader's language.
    root
        Address of this server as the reader knows it.
    """

    store: Store
    public: bool
    locale: str
    root: str

    def find(self, wanted: Wanted, limit: int = MOST_AT_ONCE, offset: int = 0) -> Found:
        """Issues, newest first."""
        found = published_requests if self.public else find_issues
        return found(self.store, wanted, limit, offset)

    def categories(self, services: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
        """Scheme, kind and code of services, also of those that are offered no longer or in another scheme.

        Raises
        ------
        NotFound
            For the first that there never was.
        """
        readings = {one: list(self._readings(one)) for one in services}
        known = categories_of(self.store, {code for several in readings.values() for _, _, code in several})
        found = []
        for one, several in readings.items():
            meant = next((category for category in several if category in known), None)
            if meant is None:
                raise NotFound("service_missing", value=one[:100])
            found.append(meant)
        return tuple(found)

    def _readings(self, service: str) -> Iterator[tuple[str, str, str]]:
        yield self.store.city.scheme, *category_of(service)
        scheme, colon, code = service.rpartition(":")
        if colon:
            yield scheme, *category_of(code)

    def told(self, found: Found, *, extensions: bool) -> list[dict[str, Any]]:
        """Issues as service requests."""
        categories = categories_of(self.store, {one["category"] for one in found})
        if self.public:
            teller = Teller(self.locale, self.store.city.scheme, categories)
            return [teller.published(one) for one in found]
        ids = [one["id"] for one in found]
        events, photos = last_events(self.store, ids), first_photos(self.store, ids)
        media = {
            one["id"]: self.root + shown_at(one["code"], photos[one["id"]]) for one in found if one["id"] in photos
        }
        teller = Teller(
            self.locale, self.store.city.scheme, categories, self._names(found), events, media, extensions=extensions
        )
        return [teller.request(one) for one in found]

    def _names(self, found: Found) -> dict[tuple[str, str], str]:
        names = {}
        for table, columns in (("grids", ("grid", "responsible")), ("parties", ("contractor", "responsible"))):
            codes = {one[column] for one in found for column in columns if one[column] is not None}
            for code, row in named_by(self.store, table, codes).items():
                names[table, code] = named(row, self.locale)
        return names


@contextmanager
def viewing(request: Request, context: Context, key: str | None) -> Iterator[View]:
    """What the reader sees, for as long as the answer is made.

    Raises
    ------
    Forbidden
        When their key is not good, or they may see nothing anywhere.
    """
    reader = asking(request, context, key)
    with context.stores.read() if reader is None else reader.reading() as store:
        root = root_of(request, context.settings.proxies)
        yield View(store, reader is None, preferred(request) or store.city.locale, root)
