"""What the server is told from outside: its secret, its names, and the proxies it believes."""

import os
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from gis_core.errors import InvalidInput

SECRET_VARIABLE, PROXIES_VARIABLE = "GRIDWARDEN_SECRET", "GRIDWARDEN_TRUSTED_PROXIES"
LEAST_SECRET = 32
DEMO_SECRET = "the demo's secret, which everybody knows"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


@dataclass(frozen=True)
class Settings:
    """One server's settings.

    Parameters
    ----------
    secret
        Signs access tokens; the same for all workers of one city.
    names
        Names it may be asked under beside loopback's, so that no foreign site can read it through a visitor's
        browser by pointing a name of its own here.
    proxies
        Networks of the proxies whose word about the client is believed.
    works
        Whether jobs are done by a process that the server begins.
    """

    secret: str = field(repr=False)
    names: tuple[str, ...] = ()
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    works: bool = True


def settings(host: str, names: tuple[str, ...], *, demo: bool, works: bool = True) -> Settings:
    """Settings from the environment for a server that listens on ``host``.

    Raises
    ------
    InvalidInput
        When the secret is missing or short, when a demo would be open to others, or a proxy is no network.
    """
    if demo and host not in LOOPBACK:
        raise InvalidInput("demo_on_loopback", field="host", value=host)
    secret = DEMO_SECRET if demo else os.environ.get(SECRET_VARIABLE, "")
    if not demo and (len(secret) < LEAST_SECRET or secret == DEMO_SECRET):
        raise InvalidInput("secret_missing", variable=SECRET_VARIABLE, expected=LEAST_SECRET)
    own = f"[{host}]" if ":" in host else host
    proxies = tuple(map(_network, os.environ.get(PROXIES_VARIABLE, "").replace(",", " ").split()))
    return Settings(secret=secret, names=(own, *names), proxies=proxies, works=works)


def _network(written: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(written)
    except ValueError:
        raise InvalidInput("proxy_address", variable=PROXIES_VARIABLE, value=written) from None
