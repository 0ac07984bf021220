"""The page of plans: what it is told, and what it shows in a browser."""

from dataclasses import replace
from pathlib import Path

import pytest

from map_ui.offline import copy_assets
from map_ui.pages import render
from map_ui.patrol import draw
from tests.browsing import Open
from tests.map_ui.conftest import make_town
from tests.map_ui.rounds import plan

HEAD = {"number": 7, "day": "2026-11-02", "area": "", "name": "早班", "state": "published"}


def shown(walked=None):
    """The town with one plan."""
    told = {**plan(), "edition": 2}
    return replace(make_town(), plans=[HEAD], plan=told, walked=walked)


def was_walked():
    """Ann did the market and missed the lane."""
    tasks = [{"code": "place:m1", "done": True}, {"code": "lane:s1:0", "done": False}]
    return {"routes": [{"patroller": "ann", "seen": True, "done": 1, "tasks": tasks}]}


def test_the_page_is_told_routes_reasons_and_what_is_left_out():
    told = draw(shown(was_walked()), "en").facts
    ann, bob = told["plan"]["routes"]
    assert (ann["name"], ann["tasks"], ann["planned"], ann["done"], ann["begin"]) == ("Ann 安", 2, 2, 1, "08:00")
    assert [step["number"] for step in ann["steps"]] == [None, 1, None, 2, None]
    assert ann["steps"][1]["reasons"] == ["three visits short"] and ann["colour"] != bob["colour"]
    assert told["plan"]["dropped"][0]["needs"] == "11 min more for Ann 安" and not bob["seen"]
    assert told["plan"]["told"] == ["Ann is back 12 min later"]
    assert told["plan"]["bound"] == ["Longest round: 90 min; no plan of these tasks is below 80 min."]


def test_without_a_plan_the_page_says_so():
    assert draw(make_town(), "zh").facts["plan"] is None


@pytest.mark.parametrize(("locale", "words"), [("en", "Left out: 1"), ("zh", "未列入：1")])
@pytest.mark.parametrize("width", [400, 1280])
def test_lists_are_shown_in_a_browser(tmp_path: Path, visit: Open, locale: str, words: str, width: int) -> None:
    copy_assets(tmp_path / "assets")
    data = shown(was_walked())
    path = tmp_path / f"patrol.{locale}.html"
    html = render("patrol", data, locale, link="{page}.{locale}.html", pages=("patrol",), now=data.as_of)
    path.write_text(html, "utf-8")
    seen = visit(path.as_uri())
    seen.page.set_viewport_size({"width": width, "height": 800})
    seen.page.evaluate("document.getElementById('panel').open = true")
    text = seen.page.inner_text("#legend")
    assert words in text and "1. Ann 安" in text
    seen.page.click("#legend details summary")
    assert "=East <Market>" in seen.page.inner_text("#legend")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    seen.page.screenshot(path=tmp_path / f"patrol-{locale}-{width}.png")
