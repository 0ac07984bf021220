"""One request and its answer, as whoever keeps the server running sees them: numbered, and without what is in them."""

import re
import secrets
from dataclasses import dataclass

from fastapi import Request
from starlette.types import Scope

from api.proxies import Networks, believed, client_of

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNKNOWN = "unknown"
"""Template of what is no address of ours: what a stranger types is counted and logged under one name."""
KEY = "gridwarden.exchange"


@dataclass(slots=True)
class Exchange:
    """What is known of a request beside what it is about.

    Parameters
    ----------
    number
        Names it, in the log and on the telephone.
    address
        The client's.
    account
        Number of the account that asks, once it is known.
    fault
        Why it could not be answered, where that is ours to mend.
    status
        Of the answer; 0 as long as none has begun.
    sent_bytes
        Of the answer's body.
    """

    number: str
    address: str
    account: int | None = None
    fault: BaseException | None = None
    status: int = 0
    sent_bytes: int = 0


def begin(scope: Scope, proxies: Networks) -> Exchange:
    """Number a request; a believed proxy may have done so, in as many plain characters as one reads aloud."""
    request = Request(scope)
    said = request.headers.get("x-request-id", "") if believed(request, proxies) else ""
    number = said if REQUEST_ID.fullmatch(said) else secrets.token_hex(6)
    exchange = scope[KEY] = Exchange(number, client_of(request, proxies))
    return exchange


def exchange_of(request: Request) -> Exchange:
    """The exchange that a request began."""
    exchange: Exchange = request.scope[KEY]
    return exchange


def template_of(scope: Scope) -> str:
    """The address that a request was for, with names in the place of what stands there: paths can hold tokens."""
    if (route := scope.get("route")) is not None:
        return str(route.path)
    if scope.get("root_path"):
        return f"{scope['root_path']}/{{file}}"
    # A plain route without parameters is written as it is asked for.
    return str(scope["path"]) if "endpoint" in scope and not scope.get("path_params") else UNKNOWN
