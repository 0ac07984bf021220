"""Sheets and files of a plan on a real server, who may have them, and what was walked."""

import datetime as dt

from tests.api.test_patrol_plans import PLANS, TODAY, Office, codes, office  # noqa: F401


def test_planners_have_all_sheets_and_patrollers_their_own_of_a_published_plan(office: Office) -> None:  # noqa: F811
    plan = office.made()
    path = f"{PLANS}/1/sheets"
    shown = office.planner.ask(f"{path}/li?lang=en")
    assert (
        shown.status == 200 and "<svg" in shown.text and "PROPOSED" in shown.text and "issue:1 &lt;b&gt;" in shown.text
    )
    assert "script-src" in shown.headers["Content-Security-Policy"]
    assert office.li.ask(f"{path}/li").status == 403
    assert office.planner.ask(f"{path}/nobody").status == 404
    assert office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match=f'"{plan["edition"]}"').status == 200
    own = office.li.ask(f"{path}/li?lang=zh")
    assert own.status == 200 and "签名" in own.text and "草案" not in own.text
    assert office.li.ask(f"{path}/wang").status == 403
    assert office.manager.ask(f"{path}/li").status == 404


def test_sheets_come_as_files(office: Office) -> None:  # noqa: F811
    plan = office.made()
    gpx = office.planner.ask(f"{PLANS}/1/sheets/li?f=gpx")
    assert gpx.status == 200 and gpx.text.count("<wpt ") >= len(codes(plan, "li")) and "attachment" in gpx.headers[
        "Content-Disposition"]  # fmt: skip
    lines = office.planner.ask(f"{PLANS}/1/sheets/li?f=geojson").document
    assert {one["properties"]["patroller"] for one in lines["features"]} == {"li"}
    lane = next(one for one in lines["features"] if one["properties"]["what"] == "lane")
    assert len(lane["geometry"]["coordinates"]) >= 2
    every = office.planner.ask(f"{PLANS}/1/routes").document
    assert {one["properties"]["patroller"] for one in every["features"]} == {"li", "wang"}
    assert office.planner.ask(f"{PLANS}/1/sheets/li?f=pdf").status in (400, 422)
    assert office.li.ask(f"{PLANS}/1/routes").status == 403


def test_nothing_is_walked_of_a_day_without_tracks_but_what_was_told(office: Office) -> None:  # noqa: F811
    plan = office.made()
    office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match=f'"{plan["edition"]}"')
    mark = {"code": "issue:1", "event": "done", "at": "2026-06-30T22:00:00Z"}
    assert office.li.send(f"{PLANS}/1/marks", {"marks": [mark]}).status == 200
    told = office.planner.ask(f"{PLANS}/1/walked")
    assert told.status == 200, told.text
    done = {task["code"]: task for route in told.document["routes"] for task in route["tasks"] if task["done"]}
    assert set(done) == {"issue:1"} and done["issue:1"]["proof"] == "mark"
    assert office.li.ask(f"{PLANS}/1/walked").status == 403


def test_a_sheet_tells_what_was_missed_the_day_before(office: Office) -> None:  # noqa: F811
    """What was left yesterday would be left today; what nobody knows of would be called missed."""
    office.made()
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    office.made(day=tomorrow, stops=[])
    sheet = f"{PLANS}/2/sheets/li?lang=en"
    assert office.planner.ask(f"{PLANS}/1/publication", "POST", If_Match="*").status == 200
    assert "Of the day before" not in office.planner.ask(sheet).text
    mark = {"code": "issue:1", "event": "done", "at": "2026-06-30T22:00:00Z"}
    assert office.li.send(f"{PLANS}/1/marks", {"marks": [mark]}).status == 200
    told = office.planner.ask(sheet).text
    assert "Of the day before" in told and "issue:1" not in told
    assert office.planner.ask(f"{PLANS}/1/publication", "DELETE").status == 200
    assert "Of the day before" not in office.planner.ask(sheet).text
