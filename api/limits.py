"""How often one client may do what is dear or tempting to try."""

import datetime as dt
from collections import OrderedDict
from contextlib import suppress
from ipaddress import ip_address, ip_network
from math import ceil
from threading import Lock

from gis_core.errors import GisError

CLIENTS_KEPT = 10_000


class TooMany(GisError):
    """A client asks too often."""


class Limiter:
    """A bucket of requests per client, which fills again at a steady rate; each worker counts for itself.

    Parameters
    ----------
    per_minute
        How many fill again in a minute, and how many a full bucket holds.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, client: str, now: dt.datetime) -> None:
        """Count a request.

        Raises
        ------
        TooMany
            When the bucket is empty.
        """
        client, instant, a_second = _household(client), now.timestamp(), self._per_minute / 60
        with self._lock:
            left, last = self._buckets.pop(client, (float(self._per_minute), instant))
            left = min(self._per_minute, left + max(0.0, instant - last) * a_second)
            self._buckets[client] = (max(0.0, left - 1), instant)
            while len(self._buckets) > CLIENTS_KEPT:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooMany("too_many_requests", seconds=ceil((1 - left) / a_second))


def _household(client: str) -> str:
    """What one client has of addresses: one, or of version 6 the 64 bits of them that each gets."""
    with suppress(ValueError):
        if (address := ip_address(client)).version == 6:
            return str(ip_network((int(address), 64), strict=False))
    return client
