"""The page of plans on a real server: changed by clicks, by two planners at once, and published."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.api.test_patrol_plans import PLANS, Office, codes, office, stop  # noqa: F401
from tests.browsing import Open
from tests.serving import PASSWORD


def signed_in(visit: Open, office: Office, name: str = "planner", width: int = 1280) -> Page:  # noqa: F811
    """The page, as somebody sees it."""
    page = visit(f"{office.planner.root}/login?next=/maps/patrol&lang=en", width=width).page
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button")
    page.wait_for_url("**/maps/patrol*")
    page.goto(f"{office.planner.root}/maps/patrol?lang=en")
    return page


@contextmanager
def renewed(page: Page, edition: int) -> Iterator[None]:
    """Until the page shows an edition, with its panel open."""
    with page.expect_navigation():
        yield
    assert page.evaluate("gridwarden.facts.plan.edition") == edition
    page.evaluate("document.getElementById('panel').open = true")


def opened(page: Page, name: str) -> None:
    """Open a patroller's list."""
    page.locator("#legend details", has_text=f". {name}").locator("summary").click()


@pytest.mark.parametrize("width", [400, 1280])
def test_a_planner_changes_the_day_by_clicks(office: Office, visit: Open, width: int) -> None:  # noqa: F811
    """A button would do nothing, or undo what another planner did meanwhile."""
    office.made()
    page = signed_in(visit, office, width=width)
    if width < 700:
        page.click("#panel > summary")

    opened(page, "li")
    row = page.locator("#legend tr", has_text="issue:1 <b>")
    with renewed(page, 2):
        row.get_by_role("button", name="Lock", exact=True).click()
    opened(page, "li")
    expect(row).to_contain_text("🔒")
    leave = row.get_by_role("button", name="Leave out")
    expect(leave).to_be_disabled()
    assert leave.evaluate("one => getComputedStyle(one).opacity") < "1"

    page.get_by_role("button", name="Put in what is urgent").click()
    expect(page.locator("#legend")).to_contain_text("Click on the map where it is.")
    at = page.evaluate(
        """([lat, lon]) => { const at = gridwarden.map.latLngToContainerPoint([lat, lon]);
        const box = gridwarden.map.getContainer().getBoundingClientRect(); return [box.x + at.x, box.y + at.y]; }""",
        [stop("x", 0.3, 0.5)["lat"], stop("x", 0.3, 0.5)["lon"]],
    )
    page.mouse.click(*at)
    page.fill(".urgent input[type=text]", "Burst <i>pipe</i>")
    page.fill(".urgent input[type=number]", "10")
    with renewed(page, 3):
        page.click(".urgent button")
    expect(page.locator("#meant li").first).to_be_visible()
    plan = office.planner.ask(f"{PLANS}/1").document
    assert "urgent:1:2" in codes(plan, "li")
    opened(page, "li")
    expect(page.locator("#legend")).to_contain_text("Burst <i>pipe</i>")

    assert office.change(1, 3, kind="remove", code="issue:2").status == 200
    row.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this plan")
    with renewed(page, 4):
        page.get_by_role("button", name="Show the newest").click()
    with renewed(page, 4):
        page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    assert office.planner.ask(f"{PLANS}/1").document["state"] == "published"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_task_is_given_to_another(office: Office, visit: Open) -> None:  # noqa: F811
    office.made(crossing=True)
    page = signed_in(visit, office)
    opened(page, "li")
    with renewed(page, 2):
        page.locator("#legend tr", has_text="issue:1 <b>").get_by_role("combobox").select_option("wang")
    assert "issue:1" in codes(office.planner.ask(f"{PLANS}/1").document, "wang")


def test_only_who_goes_on_rounds_is_led_to_the_phone_page(office: Office, visit: Open) -> None:  # noqa: F811
    """Others would be refused there."""
    office.made()
    for name, words in (("li", ["My round"]), ("planner", [])):
        expect(signed_in(visit, office, name).locator("#bar #round")).to_have_text(words)
