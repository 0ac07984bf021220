"""Nothing a page holds may lead to another machine."""

import base64
import hashlib
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from map_ui import MapData, asset_path, copy_assets, offline, pages, render

Town = Callable[..., MapData]

FOREIGN = (
    '<img src="https://evil.example/x.png">',
    "<img src=//evil.example/x.png>",
    '<img src="\\\\evil.example/x.png">',
    '<img srcset="a.png 1x, https://evil.example/x.png 2x">',
    '<a href="HTTP://evil.example">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<link rel="stylesheet" href="ftp://evil.example/a.css">',
    "<style>p { background: url( 'https://evil.example/x.png' ) }</style>",
    "<style>@import '//evil.example/a.css';</style>",
    '<p style="background: url(https://evil.example/x.png)">x</p>',
    '<script src="https://cdn.example/new-plugin.js"></script>',
    '<script>L.tileLayer("https://{s}.tile.example/{z}/{x}/{y}.png")</script>',
    "<meta http-equiv='refresh' content='0;url=https://evil.example'>",
)
HARMLESS = (
    '<img src="data:image/png;base64,AAAA">',
    '<a href="overview?lang=zh">x</a><a href="#top">y</a>',
    '<script src="assets/leaflet.js"></script>',
    '<script type="application/json">{"said":"see https://evil.example or href=//evil.example"}</script>',
    "<p>written about https://evil.example</p>",
)


@pytest.mark.parametrize("planted", FOREIGN)
def test_a_foreign_address_fails_closed(planted: str) -> None:
    """A page would ask another machine for something."""
    with pytest.raises(offline.ForeignAddress, match="(?i)example|script"):
        offline.offline(f"<html><body>{planted}</body></html>", "assets")


@pytest.mark.parametrize("plain", HARMLESS)
def test_local_addresses_and_data_pass(plain: str) -> None:
    """A citizen who writes an address could keep the page from being made."""
    page = f"<html><body>{plain}</body></html>"
    assert offline.offline(page, "assets") == page


def test_a_foreign_assets_folder_is_refused(town: Town) -> None:
    """The assets themselves could be asked for elsewhere."""
    with pytest.raises(offline.ForeignAddress):
        render("overview", town(), "en", assets="https://cdn.example/assets", now=town().as_of)


def test_a_link_that_folium_adds_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of folium would send every reader to a machine nobody has looked at."""
    monkeypatch.setattr(offline, "UNUSED", frozenset())
    with pytest.raises(offline.ForeignAddress, match="jquery"):
        render("heat", town(), "en", now=town().as_of)


def test_only_the_page_s_own_inline_scripts_may_run(town: Town) -> None:
    """Markup that slipped through would run as a script."""
    for name in pages.PAGES:
        html = render(name, town(), "en", now=town().as_of)
        policy = re.search(r"script-src ([^;]+);", unescape(html))[1]
        allowed = re.findall(r"sha256-([A-Za-z0-9+/=]+)", policy)
        scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
        assert allowed == digests and len(digests) >= 1 and "unsafe-inline" not in policy


def test_every_linked_file_is_in_the_assets(town: Town, tmp_path: Path) -> None:
    """A page would link a script or style that nobody ships."""
    copy_assets(tmp_path / "assets")
    for name in pages.PAGES:
        scan = offline._Scan()
        scan.feed(render(name, town(), "en", now=town().as_of))
        linked = [address for address in scan.found if address.startswith("assets/")]
        assert len(linked) >= 4 and all((tmp_path / address).is_file() for address in linked)


def test_style_sheets_ask_only_for_their_neighbours() -> None:
    """A vendored style sheet would fetch a font or image from elsewhere, or one that is not there."""
    for sheet in asset_path().rglob("*.css"):
        for address in offline.css_addresses(sheet.read_text("utf-8")):
            assert not offline.is_foreign(address)
            assert address.startswith("#") or (sheet.parent / address.removeprefix("#default")).exists()


def test_every_vendored_file_has_its_licence() -> None:
    """The package would carry work without the licence it asks for."""
    licences = (asset_path() / "LICENSES.md").read_text("utf-8")
    for name in (*offline.VENDORED.values(), "images/"):
        assert f"`{name}" in licences
    assert "Redistribution and use" in licences and "Volodymyr Agafonkin" in licences


def test_assets_are_copied_over_an_older_copy(tmp_path: Path) -> None:
    """A second export into the same folder would fail or keep old scripts."""
    (tmp_path / "page.js").write_text("old")
    copy_assets(tmp_path)
    copy_assets(tmp_path)
    assert (tmp_path / "page.js").read_bytes() == (asset_path() / "page.js").read_bytes()
