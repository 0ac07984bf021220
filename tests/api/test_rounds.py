"""One's own round, and what one tells of it, by the API."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from gis_core.permissions import Area, Grant
from layers.plans import WITHDRAWN
from layers.stores import Stores
from tests import town
from tests.rounds import CODES, HOSTILE, STRANGERS, marks_of, publish_round, set_state
from tests.serving import Server, join, serving

DAY = town.NOW.astimezone(town.CITY.zone).date()


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    key = join(founded_stores, "li.wei", Grant("inspector", Area("grid", "0101")))
    assert publish_round(founded_stores, DAY, "li.wei") == 1
    with serving(founded_stores) as up:
        yield up.by(key)


def mark(code: str = CODES[0], event: str = "done", at: dt.datetime = town.NOW, **more: Any) -> dict[str, Any]:
    """Something to tell."""
    return {"code": code, "event": event, "at": at.isoformat(), **more}


def test_a_round_is_told_whole_and_alone(server: Server) -> None:
    """Somebody would not know where to go, or would know where others do."""
    reply = server.ask("/api/v1/plans/mine")
    assert reply.status == 200 and STRANGERS not in reply.text and "stranger" not in reply.text
    said = reply.document
    assert (said["account"], said["day"]) == ("li.wei", DAY.isoformat())
    (plan,) = said["plans"]
    assert (plan["number"], plan["edition"], plan["marks"]) == (1, 1, [])
    steps = {step["code"] or step["kind"]: step for step in plan["steps"]}
    assert list(steps) == ["start", *CODES[:3], "break", *CODES[3:], "end"]
    market, issue, lane = (steps[code] for code in (CODES[0], CODES[1], CODES[3]))
    assert market["at"] == pytest.approx([town.WEST + 0.3 * town.SIDE, town.SOUTH + 0.4 * town.SIDE], abs=1e-6)
    assert (market["plate"], issue["plate"], issue["must"], issue["name"]) == ("M1", None, True, HOSTILE)
    # Walked from its end, which is in the east.
    assert lane["at"][0] > lane["to"][0] and lane["length_m"] == 204.0
    assert [set(reason) for reason in market["reasons"]] == [{"en", "zh"}]
    assert steps["break"]["at"] is None


def test_other_days_and_unpublished_plans_are_no_round(server: Server, founded_stores: Stores) -> None:
    """Somebody would set out on yesterday's plan, or on one that nobody has decided on."""
    tomorrow = (DAY + dt.timedelta(days=1)).isoformat()
    assert server.ask(f"/api/v1/plans/mine?day={tomorrow}").document["plans"] == []
    set_state(founded_stores, 1, WITHDRAWN)
    assert server.ask("/api/v1/plans/mine").document["plans"] == []
    refused = server.send("/api/v1/plans/1/marks", {"marks": [mark()]})
    assert (refused.status, refused.document["code"]) == (404, "plan_missing")


@pytest.mark.parametrize(("clock", "begin_s", "yesterday"), [(1, 82_800, True), (5, 82_800, False), (1, 28_800, False)])
def test_a_night_is_one_round(founded_stores: Stores, clock: int, begin_s: int, yesterday: bool) -> None:
    """At midnight the list would vanish from the telephone of whoever is out."""
    now = dt.datetime.combine(DAY, dt.time(clock), town.CITY.zone)
    key = join(founded_stores, "li.wei", Grant("inspector", Area("grid", "0101")), now=now)
    publish_round(founded_stores, DAY - dt.timedelta(days=1), "li.wei", begin_s=begin_s)
    with serving(founded_stores, lambda: now) as up:
        said = up.by(key).ask("/api/v1/plans/mine").document
    assert (said["day"] == DAY.isoformat(), bool(said["plans"])) == (not yesterday, yesterday)


def test_what_is_told_twice_is_told_once(server: Server, founded_stores: Stores) -> None:
    """A telephone sends again what it does not know to have arrived."""
    said = {"marks": [mark(event="arrived", lon=108.3, lat=22.8), mark(note="满")]}
    for kept in (2, 0):
        assert server.send("/api/v1/plans/1/marks", said).document == {"received": 2, "kept": kept}
    for _ in range(2):
        reply = server.send("/api/v1/plans/1/marks", {"marks": [mark(CODES[1])]}, Idempotency_Key="k")
        assert reply.document == {"received": 1, "kept": 1}
    assert server.send("/api/v1/plans/1/marks", {"marks": [mark(CODES[2])]}, Idempotency_Key="k").status == 409
    told = [(one.code, one.event, one.note, one.lon, one.at) for one in marks_of(founded_stores)]
    assert told == [
        (CODES[0], "arrived", "", 108.3, town.NOW), (CODES[0], "done", "满", None, town.NOW),
        (CODES[1], "done", "", None, town.NOW),
    ]  # fmt: skip
    (plan,) = server.ask("/api/v1/plans/mine").document["plans"]
    assert [(one["code"], one["event"]) for one in plan["marks"]] == [(one[0], one[1]) for one in told]


def test_who_did_it_before_it_was_taken_from_them_did_it(server: Server, founded_stores: Stores) -> None:
    """Work would be lost for a change that nobody heard of in time."""
    publish_round(founded_stores, DAY, "li.wei", left_out=CODES[:1])
    assert server.send("/api/v1/plans/1/marks", {"marks": [mark()]}).status == 200
    (plan,) = server.ask("/api/v1/plans/mine").document["plans"]
    assert plan["edition"] == 2 and CODES[0] not in [step["code"] for step in plan["steps"]]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        (mark("issue:2"), 403, "plan_not_yours"), (mark(""), 400, None),
        (mark(at=town.NOW + dt.timedelta(hours=1)), 400, "plan_mark_when"),
        (mark(at=town.NOW - dt.timedelta(days=32)), 400, "plan_mark_when"), (mark(event="begun"), 400, None),
        (mark(note="x" * 501), 400, None), (mark(lon=180.5, lat=22.8), 400, None),
        (mark(lon=108.3, lat=-90.5), 400, None), (mark(by="wang"), 400, None),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(
    server: Server, founded_stores: Stores, wrong: dict[str, Any], status: int, code: str | None
) -> None:
    """Half of what was sent would be stored, and the other half sent again for ever."""
    reply = server.send("/api/v1/plans/1/marks", {"marks": [mark(), wrong]})
    assert reply.status == status and (code is None or reply.document["code"] == code)
    assert marks_of(founded_stores) == []
