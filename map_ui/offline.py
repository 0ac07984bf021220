"""Pages that ask nothing of any other machine: vendored assets for foreign addresses, or no page at all."""

import base64
import hashlib
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Content security policy to send with a page."""

INLINE_SCRIPTS = "INLINE-SCRIPTS"
META_CSP = (
    f"default-src 'self' file:; script-src 'self' file: {INLINE_SCRIPTS}; style-src 'self' file: 'unsafe-inline'; "
    "img-src 'self' file: data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"
)
"""The same policy inside the page, also for a page opened from a folder, with the hashes of its own inline scripts
(:func:`sealed`); ``frame-ancestors`` is for headers only."""

VENDORED = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": "leaflet.js",
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": "leaflet.css",
}
"""File in the assets for each address that folium links and a page uses."""

UNUSED = frozenset(
    {
        "https://code.jquery.com/jquery-3.7.1.min.js",
        "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js",
        "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/css/bootstrap.min.css",
        "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css",
        "https://cdn.jsdelivr.net/npm/@fortawesome/fontawesome-free@6.2.0/css/all.min.css",
        "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js",
        "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.css",
        "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates/leaflet.awesome.rotate.min.css",
    }
)
"""Addresses that folium links for icon markers, which no page draws."""

LINK = re.compile(r'<(?:script src|link rel="stylesheet" href)="(https?://[^"]+)"\s*/?>(?:</script>)?')
CSS_ADDRESS = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", re.IGNORECASE)
SCRIPT_ADDRESS = re.compile(r"""["'`]((?:https?:|wss?:)?//[^"'`\s]+)""", re.IGNORECASE)
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
ADDRESSED = frozenset({"src", "href", "srcset", "action", "formaction", "poster", "data", "background", "manifest"})


class ForeignAddress(RuntimeError):
    """A page would ask another machine for something."""


def asset_path() -> Path:
    """The folder of the vendored scripts, styles and images, with their licences."""
    return Path(__file__).parent / "assets"


def copy_assets(target: Path) -> None:
    """Put the assets into the folder ``target``, made if need be, for pages that are opened from disk."""
    shutil.copytree(asset_path(), target, dirs_exist_ok=True)


def offline(html: str, assets: str) -> str:
    """Point folium's links at ``assets`` and drop those no page needs.

    Raises
    ------
    ForeignAddress
        When any foreign address is left in an attribute, style or script of the page.
    """

    def vendored(link: re.Match[str]) -> str:
        address = link[1]
        if address in UNUSED:
            return ""
        return link[0].replace(address, f"{assets}/{VENDORED[address]}") if address in VENDORED else link[0]

    page = LINK.sub(vendored, html)
    if left := foreign_addresses(page):
        raise ForeignAddress(", ".join(sorted(left)))
    return page


def sealed(html: str) -> str:
    """Let no inline script run but those the page was made with."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in INLINE.findall(html)]
    return html.replace(INLINE_SCRIPTS, " ".join(f"'sha256-{digest}'" for digest in digests), 1)


def foreign_addresses(html: str) -> set[str]:
    """Addresses on other machines in attributes, styles and scripts; JSON data blocks are text and not looked at."""
    scan = _Scan()
    scan.feed(html)
    scan.close()
    return {address for address in scan.found if is_foreign(address)}


def css_addresses(css: str) -> list[str]:
    """What a style sheet asks for."""
    return CSS_ADDRESS.findall(css)


def is_foreign(address: str) -> bool:
    """Whether a browser would leave the page's own origin or run a script for ``address``."""
    plain = re.sub(r"[\x00-\x20]", "", address).replace("\\", "/").lower()
    return not plain.startswith("data:") and (bool(SCHEME.match(plain)) or "//" in plain)


class _Scan(HTMLParser):
    """Collects every address a browser would follow by itself or on a click."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        json_data = tag == "script" and given.get("type") == "application/json"
        self.inside = tag if tag in ("style", "script") and not json_data else ""
        self.found += [value for name, value in given.items() if name in ADDRESSED or "//" in value]
        self.found += css_addresses(given.get("style", ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.found += css_addresses(data)
        elif self.inside == "script":
            self.found += SCRIPT_ADDRESS.findall(data)
