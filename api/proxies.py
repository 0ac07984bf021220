"""What is believed of a request that came through proxies: the client's address, and how people reach us."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from fastapi import Request

Networks = Sequence[IPv4Network | IPv6Network]


def is_secure(request: Request, proxies: Networks) -> bool:
    """Whether the client speaks TLS, to us or to a believed proxy."""
    if not believed(request, proxies):
        return request.url.scheme == "https"
    return request.headers.get("x-forwarded-proto", request.url.scheme).strip().lower() == "https"


def root_of(request: Request, proxies: Networks) -> str:
    """The address of this server as the client knows it."""
    return f"{'https' if is_secure(request, proxies) else 'http'}://{request.headers.get('host', '')}"


def client_of(request: Request, proxies: Networks) -> str:
    """The client's address: the last one that no believed proxy has, reading what they added from the end."""
    peer = request.client.host if request.client else ""
    said = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    for address in (peer, *reversed(said)):
        try:
            parsed = _parsed(address)
        except ValueError:
            return peer
        peer = str(parsed)
        if not any(parsed in network for network in proxies):
            break
    return peer


def believed(request: Request, proxies: Networks) -> bool:
    """Whether a request comes from a proxy whose word counts."""
    try:
        return any(_parsed(request.client.host) in network for network in proxies) if request.client else False
    except ValueError:
        return False


def _parsed(written: str) -> IPv4Address | IPv6Address:
    """An address; one of version 4 as such, though a socket of version 6 writes it otherwise."""
    address = ip_address(written)
    return getattr(address, "ipv4_mapped", None) or address
