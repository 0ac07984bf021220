"""The phone page in a real browser with the network cut: what is there, what is kept, and what arrives."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from api.door import now
from gis_core.permissions import Area, Grant
from layers.people import Passage
from layers.plans import WITHDRAWN
from layers.stores import Stores
from map_ui.phone import version
from tests import town
from tests.browsing import Visit
from tests.rounds import CODES, STRANGERS, marks_of, publish_round, set_state
from tests.serving import PASSWORD, Server, join, serving

WIDTH, HEIGHT, LEAST_PX = 390, 844, 48
SOON_MS = 15_000
READY = "navigator.serviceWorker.ready.then(() => 1)"
COUNT_KEPT = """async () => {
  const answer = (asked) => new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  const names = (await caches.keys()).filter((name) => name.startsWith("gridwarden-phone-"));
  const open = await answer(indexedDB.open("gridwarden-phone"));
  const count = (store) => answer(open.transaction(store).objectStore(store).count());
  const workers = await navigator.serviceWorker.getRegistrations();
  return [names.length, await count("marks"), await count("kept"), workers.length];
}"""
"""Caches, marks, what else is kept, workers."""
DROPPED = """async () => {
  while (await caches.has("gridwarden-phone-old")) await new Promise((resolve) => setTimeout(resolve, 20));
  return caches.keys();
}"""
Enter = Callable[..., Page]


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    for name in ("li.wei", "wang"):
        join(founded_stores, name, Grant("inspector", Area("grid", "0101")))
    with serving(founded_stores, now) as up:
        yield up


@pytest.fixture
def plan(founded_stores: Stores) -> int:
    return publish_round(founded_stores, today(), "li.wei")


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    with ExitStack() as until_the_end:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", has_touch=True)
        until_the_end.callback(context.close)
        yield context


@pytest.fixture
def enter(server: Server, phone: BrowserContext) -> Enter:
    """Signs in and opens the page, which is kept then."""

    def go(name: str = "li.wei") -> Page:
        page = phone.new_page()
        page.goto(f"{server.root}/m")
        sign_in(page, name)
        page.evaluate(READY)
        return page

    return go


def today() -> dt.date:
    """The town's day."""
    return now().astimezone(town.CITY.zone).date()


def sign_in(page: Page, name: str = "li.wei") -> None:
    """Through the entrance, to the page that was wanted."""
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button, form button")
    expect(page.locator("#net")).to_be_visible()


def next_is(page: Page, order: int) -> None:
    """Wait until the task with a number is the next one."""
    expect(page.locator("#next .order")).to_contain_text(f"· {order} ·", timeout=SOON_MS)


def test_a_shift_without_a_network(
    enter: Enter, phone: BrowserContext, server: Server, plan: int, founded_stores: Stores
) -> None:
    """Whoever loses the network in a lane would lose the list, or what they told."""
    page = enter()
    next_is(page, 1)
    expect(page.locator("#net")).to_contain_text("在线")
    phone.set_offline(True)
    page.reload()
    next_is(page, 1)
    expect(page.locator("#net")).to_contain_text("无网络")
    page.fill("#next textarea", "摊位 <b>占道</b>")
    page.click("#next .arrived")
    expect(page.locator("#next .arrived")).to_have_attribute("aria-pressed", "true")
    page.click("#next .done")
    next_is(page, 2)
    page.click("#next .skipped")
    page.click("#next [data-because=blocked]")
    next_is(page, 3)
    page.close()
    again = phone.new_page()
    again.goto(f"{server.root}/m")
    next_is(again, 3)
    expect(again.locator("#net")).to_contain_text("3 条未发送")
    assert marks_of(founded_stores) == []
    phone.set_offline(False)
    expect(again.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    told = [(mark.code, mark.event, mark.note, mark.by) for mark in marks_of(founded_stores)]
    assert told == [
        (CODES[0], "arrived", "摊位 <b>占道</b>", "li.wei"), (CODES[0], "done", "", "li.wei"),
        (CODES[1], "skipped", "无法通行", "li.wei"),
    ]  # fmt: skip
    again.reload()
    next_is(again, 3)
    expect(again.locator("#net")).to_contain_text("已全部发送")
    assert len(marks_of(founded_stores)) == 3
    assert again.evaluate("window.broken") is None


def test_a_server_that_is_started_anew_hears_all_of_it(
    phone: BrowserContext, founded_stores: Stores, plan: int
) -> None:
    """What was told while it was down would be lost, or the page with it."""
    join(founded_stores, "li.wei", Grant("inspector", Area("grid", "0101")))
    with serving(founded_stores, now) as first:
        page = phone.new_page()
        page.goto(f"{first.root}/m")
        sign_in(page)
        page.evaluate(READY)
        next_is(page, 1)
    page.click("#next .done")
    next_is(page, 2)
    expect(page.locator("#net")).to_contain_text("1 条未发送")
    page.reload()
    next_is(page, 2)
    with serving(founded_stores, now, port=first.port):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
        assert [mark.code for mark in marks_of(founded_stores)] == [CODES[0]]


def test_two_tabs_tell_each_thing_once(
    enter: Enter, phone: BrowserContext, server: Server, plan: int, founded_stores: Stores
) -> None:
    """A second tab would send all of it again, or undo what the first one kept."""
    one = enter()
    next_is(one, 1)
    other = phone.new_page()
    other.goto(f"{server.root}/m")
    next_is(other, 1)
    phone.set_offline(True)
    one.click("#next .done")
    next_is(other, 2)
    other.click("#next .done")
    next_is(one, 3)
    one.click("#next .arrived")
    phone.set_offline(False)
    for page in (one, other):
        expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    told = [(mark.code, mark.event) for mark in marks_of(founded_stores)]
    assert told == [(CODES[0], "done"), (CODES[1], "done"), (CODES[2], "arrived")]


def lost(route: Route) -> None:
    """The server hears it, the phone does not hear the answer."""
    route.fetch()
    route.abort()


def too_much(route: Route) -> None:
    """The server has no time."""
    route.fulfill(status=503, headers={"Retry-After": "30"}, body="{}")


@pytest.mark.parametrize("way", [lost, too_much])
def test_what_is_not_known_to_be_there_is_sent_again(
    enter: Enter, plan: int, founded_stores: Stores, way: Callable[[Route], None]
) -> None:
    """A mark would be there twice, or be lost."""
    page = enter()
    next_is(page, 1)
    page.route("**/marks*", way)
    page.click("#next .done")
    expect(page.locator("#net")).to_contain_text("1 条未发送")
    page.unroute("**/marks*")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    assert [(mark.code, mark.event) for mark in marks_of(founded_stores)] == [(CODES[0], "done")]


def test_who_pressed_the_wrong_button_may_say_the_other(enter: Enter, plan: int, founded_stores: Stores) -> None:
    """A slip of the thumb would stand."""
    page = enter()
    page.click("#next .done")
    next_is(page, 2)
    page.click(f"li[data-code='{CODES[0]}'] summary")
    page.click(f"li[data-code='{CODES[0]}'] .skipped")
    page.click("[data-because=closed]")
    expect(page.locator(f"li[data-code='{CODES[0]}'] .mark")).to_have_text("✗")
    expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    assert [mark.event for mark in marks_of(founded_stores)] == ["done", "skipped"]
    page.click(f"li[data-code='{CODES[0]}'] summary")
    expect(page.locator(f"li[data-code='{CODES[0]}'] .press-bar")).to_have_count(0)


def test_a_newer_plan_keeps_what_was_told(
    enter: Enter, phone: BrowserContext, plan: int, founded_stores: Stores
) -> None:
    """A mark would vanish with its task, or a task would be gone without a word."""
    publish_round(founded_stores, today(), "li.wei", left_out=CODES[4:])
    page = enter()
    next_is(page, 1)
    phone.set_offline(True)
    page.click("#next .done")
    next_is(page, 2)
    publish_round(founded_stores, today(), "li.wei", left_out=CODES[:1])
    phone.set_offline(False)
    expect(page.locator("#told")).to_contain_text("计划已更新（第 3 版）", timeout=SOON_MS)
    expect(page.locator(f"li[data-code='{CODES[4]}'] .flag")).to_have_text("新增")
    gone = page.locator("li.gone")
    expect(gone).to_contain_text("东市场")
    # Who did it before somebody else was to has done it.
    expect(gone.locator(".chip.sent")).to_be_visible(timeout=SOON_MS)
    assert [(mark.code, mark.event) for mark in marks_of(founded_stores)] == [(CODES[0], "done")]
    page.click(".seen")
    expect(page.locator("#told .seen")).to_have_count(0)
    expect(gone).to_have_count(0)
    next_is(page, 1)


def test_a_refused_mark_says_why_and_can_be_sent_again(
    enter: Enter, phone: BrowserContext, plan: int, founded_stores: Stores
) -> None:
    """It would look sent."""
    page = enter()
    next_is(page, 1)
    phone.set_offline(True)
    page.click("#next .done")
    next_is(page, 2)
    set_state(founded_stores, plan, WITHDRAWN)
    phone.set_offline(False)
    expect(page.locator("#told")).to_contain_text("计划已撤回", timeout=SOON_MS)
    expect(page.locator(".chip.refused")).to_contain_text("被拒绝：", timeout=SOON_MS)
    set_state(founded_stores, plan, "published")
    page.click(".chip.refused .again")
    expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    assert [(mark.code, mark.event) for mark in marks_of(founded_stores)] == [(CODES[0], "done")]


def test_signed_out_meanwhile(enter: Enter, phone: BrowserContext, plan: int, founded_stores: Stores) -> None:
    """What was told would be lost with the session, or sent in the next one's name."""
    page = enter()
    next_is(page, 1)
    phone.set_offline(True)
    page.click("#next .done")
    next_is(page, 2)
    with founded_stores.people(writes=True) as accounts:
        accounts.session.query(Passage).filter(Passage.kind == "page").delete()
    phone.set_offline(False)
    expect(page.locator("#told")).to_contain_text("登录已失效", timeout=SOON_MS)
    page.reload()
    next_is(page, 2)
    page.click("#told a.press")
    sign_in(page, "wang")
    expect(page.locator("#told")).to_contain_text("本机有 li.wei 的 1 条报告未发送")
    expect(page.locator("main")).to_contain_text("今天没有为您发布的计划")
    assert marks_of(founded_stores) == []
    phone.clear_cookies()
    page.reload()
    page.click("#told a.press")
    sign_in(page)
    expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    assert [mark.by for mark in marks_of(founded_stores)] == ["li.wei"]


def test_a_page_that_stays_open_shows_a_stranger_nothing(
    enter: Enter, phone: BrowserContext, plan: int, founded_stores: Stores
) -> None:
    """Whoever signs in on another's phone would read their round, or send what they told."""
    page = enter()
    next_is(page, 1)
    phone.set_offline(True)
    page.click("#next .done")
    next_is(page, 2)
    phone.clear_cookies()
    phone.set_offline(False)
    other = phone.new_page()
    other.goto(f"{page.url.split('/m')[0]}/login?next=/m")
    sign_in(other, "wang")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#told")).to_contain_text("本机有 li.wei 的 1 条报告未发送", timeout=SOON_MS)
    expect(page.locator("main")).not_to_contain_text("东市场")
    assert marks_of(founded_stores) == []


def test_a_foreign_network_that_answers_with_a_page_takes_nothing(
    enter: Enter, phone: BrowserContext, plan: int, founded_stores: Stores
) -> None:
    """The entrance of a station's network would empty the list, and what was told would be lost as sent."""
    page = enter()
    next_is(page, 1)
    phone.route("**/api/v1/plans/**", lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Hi"))
    page.reload()
    expect(page.locator("#net")).to_contain_text("无网络", timeout=SOON_MS)
    next_is(page, 1)
    page.click("#next .done")
    next_is(page, 2)
    phone.unroute("**/api/v1/plans/**")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    assert [mark.code for mark in marks_of(founded_stores)] == [CODES[0]]


def test_signing_out_leaves_nothing(enter: Enter, phone: BrowserContext, server: Server, plan: int) -> None:
    """Whoever finds the phone would read where people will be; whoever signs out would lose work unasked."""
    page = enter()
    next_is(page, 1)
    phone.set_offline(True)
    page.click("#next .done")
    next_is(page, 2)
    page.click(".leave")
    expect(page.locator("#leaving .bad")).to_contain_text("1 条报告尚未发送")
    page.click("#leaving .danger")
    expect(page.locator("#leaving")).to_contain_text("没有网络，无法退出")
    page.click("#leaving .stay")
    next_is(page, 2)
    phone.set_offline(False)
    expect(page.locator("#net")).to_contain_text("已全部发送", timeout=SOON_MS)
    assert page.evaluate(COUNT_KEPT)[0::3] == [1, 1]
    page.click(".leave")
    page.click("#leaving .danger")
    page.wait_for_url("**/login**")
    assert page.evaluate(COUNT_KEPT) == [0, 0, 0, 0]
    page.goto(f"{server.root}/m")
    assert "/login" in page.url


def test_a_clock_that_is_wrong_is_put_right(
    phone: BrowserContext, server: Server, plan: int, founded_stores: Stores
) -> None:
    """Visits would be told for times at which nobody was there, or be refused as of tomorrow."""
    phone.add_init_script("const real = Date.now; Date.now = () => real() + 420000;")
    page = phone.new_page()
    page.goto(f"{server.root}/m?lang=en")
    sign_in(page)
    expect(page.locator("#told")).to_contain_text("clock is 7 min ahead", timeout=SOON_MS)
    page.click("#next .done")
    expect(page.locator("#net")).to_contain_text("all sent", timeout=SOON_MS)
    (mark,) = marks_of(founded_stores)
    assert abs((mark.at - now()).total_seconds()) < 60


def test_a_position_goes_with_it_where_it_is_given(
    phone: BrowserContext, server: Server, plan: int, founded_stores: Stores
) -> None:
    """A position would be told unasked, or not told where it is wanted."""
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"longitude": town.WEST, "latitude": town.SOUTH})
    page = phone.new_page()
    page.goto(f"{server.root}/m?lang=en")
    sign_in(page)
    page.click("#next .arrived")
    expect(page.locator("#net")).to_contain_text("all sent", timeout=SOON_MS)
    page.check("#next .check input")
    expect(page.locator("#next .way")).to_contain_text("from here")
    page.click("#next .done")
    next_is(page, 2)
    expect(page.locator("#net")).to_contain_text("all sent", timeout=SOON_MS)
    assert [(mark.event, mark.lon, mark.lat) for mark in marks_of(founded_stores)] == [
        ("arrived", None, None), ("done", town.WEST, town.SOUTH),
    ]  # fmt: skip


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_one_thumb_one_language_one_machine(phone: BrowserContext, server: Server, plan: int, locale: str) -> None:
    """A thumb would miss, a word would be of the other language, or another machine would hear of it."""
    seen = Visit(phone.new_page())
    seen.listen()
    page = seen.page
    page.goto(f"{server.root}/m?lang={locale}")
    sign_in(page)
    next_is(page, 1)
    page.click(f"li[data-code='{CODES[1]}'] summary")
    page.click("#next .skipped")
    page.evaluate(READY)
    pressed = page.locator("button, a, summary, textarea, label:has(input)")
    boxes = [box for one in pressed.all() if (box := one.bounding_box()) is not None]
    assert len(boxes) >= 12
    assert [box for box in boxes if min(box["width"], box["height"]) < LEAST_PX] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    said = page.inner_text("body")
    assert "undefined" not in said and "{" not in said
    assert STRANGERS not in said
    assert ("Could not, because" in said) == (locale == "en") and ("无法完成的原因" in said) == (locale == "zh")
    assert page.evaluate("window.broken") is None
    assert all(address.startswith(f"{server.root}/") for address in seen.requests)
    assert seen.complaints == []
    page.click(".language")
    expect(page.locator("h1")).to_have_text({"zh": "My round", "en": "我的巡查"}[locale])


def test_a_new_release_takes_the_place_of_the_old_one(enter: Enter, plan: int) -> None:
    """Files of two releases would be mixed, or the old ones kept for ever."""
    page = enter()
    page.evaluate("caches.open('gridwarden-phone-old').then((cache) => cache.put('/m', new Response('old')))")
    page.evaluate("navigator.serviceWorker.getRegistration('/m').then((found) => found.unregister())")
    page.reload()
    page.evaluate(READY)
    expect(page.locator("#net")).to_be_visible()
    assert page.evaluate(DROPPED) == [f"gridwarden-phone-{version()}"]


def test_the_maps_are_left_alone(enter: Enter, phone: BrowserContext, server: Server, plan: int) -> None:
    """The scope /m begins the addresses of the maps, too: they would be shown from long ago."""
    page = enter()
    page.goto(f"{server.root}/maps/overview")
    assert page.title()
    phone.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()


def test_who_does_not_patrol_has_no_round(founded_stores: Stores, server: Server) -> None:
    """A reader of maps would see where inspectors will be."""
    auditor = server.by(join(founded_stores, "auditor", Grant("auditor", Area("city"))))
    assert auditor.ask("/m").status == 403
    worker = server.ask("/m/worker.js")
    assert (worker.status, worker.headers["Service-Worker-Allowed"]) == (200, "/m")
    assert (
        worker.headers["Content-Type"].startswith("text/javascript")
        and "default-src" in worker.headers["Content-Security-Policy"]
    )
    entered = server.ask("/m", Accept="text/html")
    assert (entered.status, entered.headers["Location"]) == (303, "/login?next=%2Fm")
