"""The HTTP door on a real server: pages, faults and health, for browsers and for programs, on both databases."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine

from api.app import create_app
from api.maps import write_maps
from api.middleware import MOST_BODY_BYTES
from api.settings import Settings
from layers.engine import connect, upgrade
from layers.stores import Stores
from map_ui.pages import PAGES
from map_ui.texts import TEXTS
from tests import town
from tests.browsing import Open, Visit
from tests.serving import PASSWORD, SECRET, Server, commander, serving

READER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def town_stores(module_store_url: str) -> Iterator[Stores]:
    """The town with four open issues and two closed ones."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    closed = pd.Series([pd.Timestamp("2026-06-02T02:00Z")] * 2)
    with stores.write() as store:
        store.add_issues(town.answered(store, town.issues(4, description="垃圾 <b>满溢</b>")), town.NOW)
        store.add_issues(town.answered(store, town.issues(2, first=5).assign(closed_at=closed)), town.NOW)
    yield stores
    engine.dispose()


@pytest.fixture(scope="module")
def server(town_stores: Stores) -> Iterator[Server]:
    """The town, served to somebody who sees all of it."""
    key = commander(town_stores)
    with serving(town_stores) as up:
        yield up.by(key)


@pytest.fixture
def stores(store_url: str) -> Iterator[Stores]:
    """A store with nothing in it."""
    engine = connect(store_url)
    upgrade(engine)
    yield Stores(engine)
    engine.dispose()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_pages_open_in_a_browser_and_nothing_leaves_the_machine(server: Server, visit: Open, locale: str) -> None:
    """The served page would lack its scripts, break, or tell another machine who reads it."""
    root = f"{server.root}/"
    for name in PAGES:
        seen = visit(f"{root}maps/{name}?lang={locale}")
        _sign_in(seen)
        expect(seen.page.locator("#panel > summary")).to_have_text(TEXTS.say("legend", locale))
        expect(seen.page.locator("#legend > *").first).to_be_attached()
        expect(seen.page.locator("nav a")).to_have_count(len(PAGES))
        seen.page.locator("nav a[aria-current]").click()
        expect(seen.page).to_have_url(f"{root}maps/{name}?lang={locale}")
        assert seen.complaints == []
        assert [address for address in seen.requests if not address.startswith((root, "data:"))] == []
    home = visit(root)
    _sign_in(home)
    expect(home.page).to_have_url(f"{root}maps/overview")


def _sign_in(seen: Visit) -> None:
    seen.page.locator("input[name=name]").fill("commander")
    seen.page.locator("input[name=password]").fill(PASSWORD)
    seen.page.locator("button[type=submit]").click()
    expect(seen.page.locator("#panel")).to_be_visible()


def test_the_language_is_the_address_s_then_the_browser_s_then_the_city_s(server: Server) -> None:
    """A reader would get a page in a language nobody asked for."""
    asked = {
        ("", ""): "zh-CN",
        ("", "de-DE, en;q=0.4"): "en",
        ("", "en;q=0.4, zh-CN;q=0.8"): "zh-CN",
        ("", "EN-gb,en;q=0.9,zh;q=0.8"): "en",
        ("", "fr, *;q=x"): "zh-CN",
        ("", "zh;q=0.4, en;q=\xb2"): "en",
        ("?lang=zh", "en"): "zh-CN",
        ("?lang=en", "zh"): "en",
    }
    for (query, header), language in asked.items():
        reply = server.ask(f"/maps/heat{query}", Accept_Language=header)
        assert f'<html lang="{language}">' in reply.text, (query, header)
    assert "Accept-Language" in reply.headers["Vary"] and "Cookie" in reply.headers["Vary"]


def test_pages_are_kept_nowhere_and_assets_checked_by_their_tag(server: Server) -> None:
    """Citizens' words would stay in a cache, or yesterday's script would meet today's page."""
    page, asset = server.ask("/maps/overview"), server.ask("/maps/assets/page.js")
    assert page.headers["Cache-Control"] == "no-store" and asset.headers["Cache-Control"] == "no-cache"
    for reply in (page, asset):
        assert "default-src 'self'" in reply.headers["Content-Security-Policy"]
        assert (
            reply.headers["X-Content-Type-Options"] == "nosniff" and reply.headers["Referrer-Policy"] == "same-origin"
        )
    again = server.ask("/maps/assets/page.js", If_None_Match=asset.headers["ETag"])
    assert (again.status, again.text) == (304, "")


def test_head_answers_like_get_without_a_body(server: Server) -> None:
    """A probe would take the server for broken."""
    for path, status in (("/", 307), ("/healthz", 200), ("/maps/heat", 200), ("/maps/nothing", 404)):
        reply = server.ask(path, "HEAD")
        assert (reply.status, reply.text) == (status, ""), path


def test_health_says_that_the_store_answers(server: Server) -> None:
    """A supervisor could not tell a server from a server without its store."""
    reply = server.ask("/healthz")
    assert (reply.status, reply.document["status"], reply.document["store"]) == (200, "ok", "ok")
    assert reply.document["version"] >= 1


def test_a_body_larger_than_anybody_sends_is_refused(server: Server) -> None:
    """A client could fill the memory, by saying how much it sends or by not saying it."""
    large = b"x" * (MOST_BODY_BYTES + 1)
    form = "application/x-www-form-urlencoded"
    for path, kind in (("/api/v1/issues", "application/json"), ("/api/v1/token", form), ("/login", form)):
        for body in (large, iter([large[:600_000], large[600_000:]])):
            reply = server.ask(path, "POST", body=body, Content_Type=kind, Accept="application/json")
            assert reply.status == 413 and reply.headers["Content-Type"] == "application/problem+json", path
    assert server.ask("/readyz").document["status"] == "ready"


def test_no_other_site_may_read_an_answer(server: Server) -> None:
    """A page elsewhere could read the city through its visitor's browser."""
    for method in ("GET", "OPTIONS"):
        reply = server.ask("/api/v1/me", method, Origin="http://evil.example", Access_Control_Request_Method="GET")
        assert not [name for name in reply.headers if name.lower().startswith("access-control")], method


def test_what_is_not_there_is_a_page_for_readers_and_a_problem_for_programs(server: Server) -> None:
    """A reader would meet JSON, a program HTML, or an address its own markup."""
    for path, status, method in (
        ("/maps/<img src=x>".replace("<", "%3C").replace(" ", "%20"), 404, "GET"),
        ("/nowhere", 404, "GET"),
        ("/maps/heat?lang=%3Cb%3E", 400, "GET"),
        ("/maps/heat", 405, "POST"),
    ):
        page = server.ask(path, method, **READER, Accept_Language="zh")
        assert page.status == status and page.headers["Content-Type"].startswith("text/html")
        assert TEXTS.say(f"fault_{status}", "zh") in page.text and "<img" not in page.text and "<b>" not in page.text
        problem = server.ask(path, method, Accept_Language="en")
        assert problem.status == status and problem.headers["Content-Type"] == "application/problem+json"
        assert (problem.document["status"], problem.document["title"]) == (status, TEXTS.say(f"fault_{status}", "en"))
    assert server.ask("/maps/nothing").document["code"] == "page_missing"
    assert "overview, heat" in server.ask("/maps/nothing").document["detail"]


def test_foreign_names_are_refused(server: Server) -> None:
    """A site that points its own name at this machine could read the city through a visitor's browser."""
    for name in ("localhost", "127.0.0.1:80", f"[::1]:{server.port}", "LOCALHOST"):
        assert server.ask("/healthz", Host=name).status == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "evil.example@localhost"):
        assert server.ask("/maps/overview", Host=name).status == 400, name


def test_the_host_given_is_answered_too(stores: Stores) -> None:
    """A server bound to a name of its own could not be asked by it."""
    app = create_app(stores, Settings(SECRET, ("maps.city.example",)))
    allowed = next(one.kwargs["allowed_hosts"] for one in app.user_middleware if "allowed_hosts" in one.kwargs)
    assert "maps.city.example" in allowed and "localhost" in allowed
    app = create_app(stores, Settings(SECRET, ("[fd00::7]",)))
    allowed = next(one.kwargs["allowed_hosts"] for one in app.user_middleware if "allowed_hosts" in one.kwargs)
    assert "[fd00::7]" in allowed


def test_a_store_without_a_city_says_so(stores: Stores) -> None:
    """A newcomer would see a bare 500."""
    key = commander(stores)
    with serving(stores) as up:
        reply = up.by(key).ask("/maps/overview", Accept_Language="en")
        assert (reply.status, reply.document["code"]) == (404, "city_missing")
        assert up.ask("/healthz").document["version"] == 0
        assert up.ask("/readyz").document["missing"] == "city"


def test_a_city_without_grids_is_an_empty_map(stores: Stores) -> None:
    """A newcomer's first look, before any load, would be an error."""
    with stores.publishing() as store:
        store.init_city(town.CITY)
    key = commander(stores)
    with serving(stores) as up:
        for name in PAGES:
            reply = up.by(key).ask(f"/maps/{name}?lang=en")
            assert reply.status == 200 and TEXTS.say("no_grids", "en") in reply.text


def test_a_store_that_is_gone_is_said_and_nothing_of_it_told(tmp_path: Path) -> None:
    """A reader would wait for ever, or learn where the database lies."""
    gone = Stores(create_engine(f"sqlite:///{tmp_path}/no/such/folder.db"))
    with serving(gone) as up:
        health = up.ask("/healthz")
        assert (health.status, health.document["title"]) == (503, TEXTS.say("fault_503", "en"))
        page = up.by("gwk_x").ask("/maps/overview", **READER, Accept_Language="zh")
        assert page.status == 503 and TEXTS.say("fault_503", "zh") in page.text
        assert "folder" not in health.text + page.text


def test_a_fault_nobody_foresaw_tells_nothing(town_stores: Stores, server: Server) -> None:
    """A stack trace would be shown to whoever asks."""
    with serving(town_stores, now=lambda: "secret") as up:
        reply = replace(server, port=up.port).ask("/maps/overview", Accept_Language="en")
    assert (reply.status, reply.document["title"]) == (500, TEXTS.say("fault_500", "en"))
    assert "secret" not in reply.text and reply.headers["X-Content-Type-Options"] == "nosniff"


def test_the_store_s_issues_are_on_the_page(server: Server, town_stores: Stores) -> None:
    """The page would count or show something else than the store holds, or let a report become markup."""
    page = server.ask("/maps/overview?lang=en").text
    assert "4 open issues · 2 closed" in page and "垃圾" in page and "<b>满溢" not in page
    with town_stores.read() as store:
        assert store.issues_by_status() == {"open": 4, "closed": 2}


def test_maps_in_a_folder_lead_to_each_other_only(town_stores: Stores, tmp_path: Path) -> None:
    """A page opened from disk would lead to a file that was never written."""
    for pages in (tuple(PAGES), ("heat",)):
        folder = tmp_path / str(len(pages))
        with town_stores.read() as store:
            files = write_maps(store, folder, "en", town.NOW, pages)
        assert files == {page: folder / f"{page}.en.html" for page in pages}
        written = sorted(folder.glob("*.html"))
        assert len(written) == 2 * len(pages)
        for file in written:
            links = re.findall(r'<a [^>]*href="([^"]+)"', file.read_text("utf-8"))
            assert len(links) == len(pages) + 1 and all((folder / link).is_file() for link in links)
