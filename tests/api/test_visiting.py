"""Plates of places that are visited: printed by those who inspect, opened by anybody, answered by who comes."""

import re
from collections.abc import Iterator

import pytest

from gis_core.permissions import Area, Grant
from layers.stores import Stores
from tests.api.test_check_ins import at, fill, inspector, kept, scan
from tests.api.test_doors import Clock
from tests.browsing import Open
from tests.serving import PASSWORD, Server, join, serving


@pytest.fixture
def clock() -> Clock:
    found = Clock()
    found.now = at("09:00")
    return found


@pytest.fixture
def tokens(founded_stores: Stores) -> dict[str, str]:
    return fill(founded_stores)


@pytest.fixture
def server(founded_stores: Stores, tokens: dict[str, str], clock: Clock) -> Iterator[Server]:
    with serving(founded_stores, clock) as up:
        yield up


def test_a_sheet_of_the_markets_in_ones_area(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """No code would hang where visits are counted by it; or a shop's and a market's plates would say the same."""
    asked = inspector(server, founded_stores, "li")
    sheet = asked.ask("/maps/plates?type=market&lang=zh").text
    assert re.findall('class="name">([^<]+)<', sheet) == ["东市场"] and sheet.count("<svg") == 1
    assert "督查签到牌" in sheet and "每日督查 4 次，4 个主体" in sheet and "门前三包" not in sheet
    whole = inspector(server, founded_stores, "all", unit="")
    both = whole.ask("/maps/plates?place=M2&shop=D1&lang=zh").text
    assert re.findall('class="name">([^<]+)<', both) == ["一店", "西市场"] and "门前三包责任牌" in both
    assert asked.ask("/maps/plates?type=mall").status == asked.ask("/maps/plates?place=M2").status == 404
    assert asked.ask("/maps/plates?place=D1").status == 404, "a shop has no quota"


def test_a_new_plate_ends_the_one_before(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """A code that somebody photographed would be good for ever."""
    asked = inspector(server, founded_stores, "li")
    given = [asked.send("/api/v1/places/M1/plate", None, Idempotency_Key="k").document["token"] for _ in range(2)]
    assert given[0] == given[1] != tokens["M1"] and len(given[0]) == 22, "128 bits"
    assert scan(asked, tokens["M1"], "arrive", at("08:00")).status == server.ask(f"/d/{tokens['M1']}").status == 404
    assert scan(asked, given[0], "arrive", at("08:00")).status == 201
    for code, status in (("M2", 404), ("D1", 400), ("X", 404)):
        assert asked.send(f"/api/v1/places/{code}/plate", None).status == status, code


def test_the_page_tells_everybody_how_often_and_nobody_who(
    server: Server, founded_stores: Stores, tokens: dict[str, str], clock: Clock
) -> None:
    """Traders could follow the inspectors, or nobody could see that none comes."""
    asked = inspector(server, founded_stores, "li", "U01")
    scan(asked, tokens["M1"], "arrive", at("08:00"))
    scan(asked, tokens["M1"], "leave", at("08:10"))
    page = server.ask(f"/d/{tokens['M1']}?lang=zh")
    assert page.status == 200 and "东市场" in page.text and "已完成 1/4 次，1/4 个主体" in page.text
    assert "2026-07-01 13:00" in page.text, "twelve hours from 9:00 on, for three"
    assert "U01" not in page.text and "li" not in re.findall(">([^<]*)<", page.text) and "<form" not in page.text
    assert f"/login?next=/d/{tokens['M1']}" in page.text and "西市场" not in page.text
    assert server.ask(f"/api/v1/public/doors/{tokens['M1']}").status == 404, "that is for shops"
    assert server.ask(f"/d/{'x' * 22}").status == 404
    assert "一店" in server.ask(f"/d/{tokens['D1']}").text


def test_only_the_page_s_own_button_checks_in(server: Server, founded_stores: Stores, tokens: dict[str, str]) -> None:
    """A page elsewhere could check in whoever looks at it; or who inspects another cell would see the button."""
    for name, unit in (("li", "0101"), ("wang", "0102")):
        join(founded_stores, name, Grant("inspector", Area("grid", unit)))
    path = f"/d/{tokens['M1']}"

    def cookie(name: str) -> str:
        entered = server.post("/login", {"name": name, "password": PASSWORD, "next": path})
        assert entered.headers["location"] == path
        return str(entered.headers["set-cookie"]).partition(";")[0]

    li, wang = cookie("li"), cookie("wang")
    form = {"event": "arrive"}
    assert server.post(path, form, Cookie=li, Origin="http://elsewhere.test").status == 403
    assert server.post(path, form, Cookie=li).status == 403 and server.post(path, form).status == 401
    assert server.post(path, form, Cookie=wang, Origin=server.root).status == 403
    assert not kept(founded_stores)
    sent = server.post(path, form, Cookie=li, Origin=server.root)
    assert (sent.status, sent.headers["location"]) == (303, path)
    assert kept(founded_stores) == [("M1", "li", None, "qr", at("09:00"), None)]
    assert "<form" not in server.ask(path, Cookie=wang).text and 'value="leave"' in server.ask(path, Cookie=li).text
    assert server.post(path, {"event": "stay"}, Cookie=li, Origin=server.root).status == 400


def test_an_inspector_with_a_telephone(
    server: Server, founded_stores: Stores, tokens: dict[str, str], clock: Clock, visit: Open
) -> None:
    """The button at the market's door would do nothing, or not say that the visit was too short."""
    join(founded_stores, "li", Grant("inspector", Area("grid", "0101")))
    seen = visit(f"{server.root}/d/{tokens['M1']}?lang=zh", width=390, height=800)
    page = seen.page
    page.get_by_text("督查人员请登录后签到").click()
    page.fill("input[name=name]", "li")
    page.fill("input[name=password]", PASSWORD)
    page.click("button")
    page.click("button[value=arrive]")
    page.wait_for_selector("button[value=leave]")
    clock.now = at("09:06")
    page.goto(f"{server.root}/d/{tokens['M1']}?lang=zh")
    assert "09:00" in page.inner_text("form")
    page.click("button[value=leave]")
    page.wait_for_selector(".done")
    assert "09:00 – 09:06" in page.inner_text("ol")
    clock.now = at("09:10")
    page.click("button[value=arrive]")
    clock.now = at("09:12")
    page.click("button[value=leave]")
    page.wait_for_selector("button[value=arrive]")
    page.goto(f"{server.root}/d/{tokens['M1']}?lang=zh")
    assert "停留时间不足" in page.inner_text("ol") and "已完成 1/4 次" in page.inner_text("main")
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
