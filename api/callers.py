"""Who is asking, what they may do, and what of the store they see."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from urllib.parse import urlsplit

import geopandas as gpd
from fastapi import Depends, Request

from api.door import now as clock
from api.exchanges import exchange_of
from api.hotspots import Hotspots
from api.intakes import Intakes
from api.jobs import Workshop
from api.limits import Limiter
from api.metrics import Metrics
from api.networks import Networks
from api.patrolling import Patrols
from api.plan_ways import PlanWays
from api.remembering import Remembered
from api.security import KEY_PREFIX, bearer_of, digest_of
from api.settings import Settings
from api.stream import HEARTBEAT_S, Hub
from gis_core.errors import Forbidden, Unauthorised
from gis_core.ledger import Ledger
from gis_core.patrol.amenities import Amenities
from gis_core.permissions import Sight, may, sight_of
from layers.accounts import Accounts, Known, User
from layers.present import Present
from layers.store import Store
from layers.stores import Stores
from layers.territories import Territories

COOKIE = "gridwarden"
TILE_CACHE_BYTES = 64_000_000
LEDGERS_KEPT = 4
LANES_KEPT = 2
HARMLESS = ("GET", "HEAD", "OPTIONS")
SIGN_INS_PER_MINUTE, PUBLIC_REPORTS_PER_MINUTE, OPENINGS_PER_MINUTE = 20, 10, 60
HINTS_PER_MINUTE = 20


@dataclass(frozen=True)
class Context:
    """What every door of one server shares.

    Parameters
    ----------
    now
        The clock, so that a test can stand still.
    sign_ins, public_reports, openings
        Count attempts at coming in, reports without an account and plates that are opened, by client.
    hints
        Counts, by account, how often somebody who may not see issues asks what a report may repeat.
    metrics
        What this process counts.
    workshop
        Does what takes longer than a request.
    territories
        Kept by version and revision.
    networks
        Kept by version.
    patrols
        What was walked in the last days.
    plan_ways
        Shortest ways that plans are changed with.
    intakes
        What was reported in the last days, to hold new reports against.
    heartbeat_s
        How long a stream says nothing at most.
    ledgers, findings
        Front doors, and what the checks find, by state, scope and day.
    amenities
        What stands along the lanes, by state and day.
    hotspots
        What was answered about hot spots, by state, scope and question.
    counts, tiles
        How many features there were, by layer, state, scope and filter; tiles by layer, state, scope and place.
    """

    stores: Stores
    settings: Settings
    now: Callable[[], dt.datetime] = clock
    sign_ins: Limiter = field(default_factory=lambda: Limiter(SIGN_INS_PER_MINUTE))
    public_reports: Limiter = field(default_factory=lambda: Limiter(PUBLIC_REPORTS_PER_MINUTE))
    openings: Limiter = field(default_factory=lambda: Limiter(OPENINGS_PER_MINUTE))
    hints: Limiter = field(default_factory=lambda: Limiter(HINTS_PER_MINUTE))
    territories: Territories = field(default_factory=Territories)
    networks: Networks = field(default_factory=Networks)
    patrols: Patrols = field(init=False)
    plan_ways: PlanWays = field(init=False)
    intakes: Intakes = field(default_factory=Intakes)
    hub: Hub = field(init=False)
    metrics: Metrics = field(init=False)
    workshop: Workshop = field(init=False)
    counts: Remembered[int] = field(default_factory=lambda: Remembered(1_000))
    ledgers: Remembered[Ledger] = field(default_factory=lambda: Remembered(LEDGERS_KEPT))
    findings: Remembered[gpd.GeoDataFrame] = field(default_factory=lambda: Remembered(LEDGERS_KEPT))
    amenities: Remembered[Amenities] = field(default_factory=lambda: Remembered(LANES_KEPT))
    hotspots: Hotspots = field(default_factory=Hotspots)
    heartbeat_s: float = HEARTBEAT_S
    tiles: Remembered[bytes] = field(default_factory=lambda: Remembered(TILE_CACHE_BYTES))

    def __post_init__(self) -> None:
        object.__setattr__(self, "hub", Hub(self.stores))
        object.__setattr__(self, "patrols", Patrols(self.networks, self.territories))
        object.__setattr__(self, "plan_ways", PlanWays(self.networks))
        object.__setattr__(self, "metrics", Metrics(self.stores))
        object.__setattr__(self, "workshop", Workshop(self.stores, works=self.settings.works))


async def here(request: Request) -> Context:
    """The server's context."""
    context: Context = request.app.state.context
    return context


Here = Annotated[Context, Depends(here)]


@dataclass(frozen=True)
class Caller:
    """Who is asking, from where and when, and what there was when they were looked up."""

    user: User
    address: str
    stores: Stores
    now: dt.datetime
    present: Present

    @contextmanager
    def reading(self, action: str = "see") -> Iterator[Store]:
        """The store as far as they may do it there, for as long as the answer is made.

        Raises
        ------
        Forbidden
            When they may do it nowhere.
        """
        with self.stores.read(self.sight(action)) as store:
            yield store

    @contextmanager
    def glancing(self) -> Iterator[Store]:
        """The same for an answer of one question, about the moment they were looked up; see
        :meth:`layers.stores.Stores.glance`.
        """
        with self.stores.glance(self.sight("see"), self.present) as store:
            yield store

    def admits(self, answer: Mapping[str, Any]) -> bool:
        """Whether an issue with this answer is in their area, where they may see at all."""
        if not may(self.user.grants, "see"):
            return False
        with self.reading() as store:
            return store.scope.admits(answer)

    def note(self, store: Store, action: str, subject: str, now: dt.datetime, **detail: Any) -> None:
        """Add to the audit trail what they do, kept if it is."""
        Accounts(store.session).note(self.user.name, action, now, subject=subject, address=self.address, **detail)

    def sight(self, action: str) -> Sight:
        """Where they may do it.

        Raises
        ------
        Forbidden
            When nowhere.
        """
        if not may(self.user.grants, action):
            raise Forbidden("not_permitted")
        sight = sight_of(self.user.grants, action)
        if not sight.by_party:
            return sight
        return replace(sight, day=self.now.astimezone(self.present.city.zone).date())


def caller(request: Request) -> Caller:
    """Who is asking, by token, key or the cookie of a page.

    Raises
    ------
    Unauthorised
        When nobody is said, or what is shown is not good.
    Forbidden
        When a page of another site asks in a visitor's name.
    """
    context: Context = request.app.state.context
    written = request.headers.get("authorization")
    known = _by_cookie(request, context) if written is None else _by_bearer(written, context)
    return _calling(request, context, known)


def by_key(request: Request, context: Context, key: str) -> Caller:
    """Who has an API key that a standard wants elsewhere than in a header.

    Raises
    ------
    Unauthorised
        When nobody has.
    """
    return _calling(request, context, _by_bearer(f"Bearer {key}", context))


def _calling(request: Request, context: Context, known: Known) -> Caller:
    exchange = exchange_of(request)
    exchange.account = known.user.id
    return Caller(known.user, exchange.address, context.stores, context.now(), known.present)


def _by_bearer(written: str, context: Context) -> Known:
    scheme, _, shown = written.partition(" ")
    if scheme.lower() != "bearer" or not shown.strip():
        raise Unauthorised("token_invalid")
    shown = shown.strip()
    if shown.startswith(KEY_PREFIX):
        with context.stores.people() as accounts:
            known = accounts.by_passage("key", digest_of(shown), context.now())
    else:
        name, epoch = bearer_of(shown, context.settings.secret, context.now())
        with context.stores.people() as accounts:
            known = accounts.of_epoch(name, epoch)
    if known is None:
        raise Unauthorised("token_invalid")
    return known


def _by_cookie(request: Request, context: Context) -> Known:
    shown = request.cookies.get(COOKIE)
    if not shown:
        raise Unauthorised("signed_out")
    if request.method not in HARMLESS and not is_own(request):
        raise Forbidden("foreign_origin")
    with context.stores.people() as accounts:
        known = accounts.by_passage("page", digest_of(shown), context.now())
    if known is None:
        raise Unauthorised("signed_out")
    return known


def is_own(request: Request) -> bool:
    """Whether a page of this very server sends the request; browsers say from which one it comes."""
    try:
        origin = urlsplit(request.headers.get("origin", ""))
        return origin.netloc.lower() == request.headers.get("host", "").lower() != ""
    except ValueError:
        return False


Asking = Annotated[Caller, Depends(caller)]


def everywhere(asking: Caller, action: str) -> None:
    """Let only those go on who may do it in the whole city.

    Raises
    ------
    Forbidden
        When they may not.
    """
    if not asking.sight(action).everything:
        raise Forbidden("not_permitted")
