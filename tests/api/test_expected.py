"""What is wrong with a request, in the reader's language and by names that its sender knows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from gis_core.permissions import Area, Grant
from layers.stores import Stores
from tests.serving import SECRET, Server, join, serving


@pytest.fixture
def lin(founded_stores: Stores) -> Iterator[Server]:
    """Somebody who patrols."""
    with serving(founded_stores, settings=Settings(SECRET, works=False)) as up:
        yield up.by(join(founded_stores, "lin", Grant("inspector", Area("city"))))


POINT = {"t": "2026-07-01T08:30:00+08:00", "lon": 108.3, "lat": 22.8}
SENT = {**POINT, "t": 1782865805}
STAY = {"place": "P1", "arrived_at": "2026-07-01T08:30:00+08:00", "left_at": "2026-07-01T08:40:00+08:00"}
WRONG: dict[str, tuple[str, Any, str, str, str]] = {
    "token missing": ("check-ins", {"event": "arrive"}, "token", "Field required", "必填"),
    "other event": ("check-ins", {"token": "a", "event": "x"}, "event", "'arrive' or 'leave'", "'arrive' 或 'leave'"),
    "the nearest kind": ("check-ins", {**STAY, "positions": [POINT]}, "positions.0.accuracy_m", "nothing", "空"),
    "extra": ("tracks", {"points": [SENT], "more": 1}, "more", "Extra inputs are not permitted", "没有此字段"),
    "an object for a list": ("tracks", {"points": {"track": []}}, "points", "points is 1 items", "points 的值为 1 项"),
    "too many": ("tracks", {"points": [SENT] * 20_001}, "points", "points is 20001 items", "至多 20000 项"),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_body_that_is_wrong_is_told_in_both_languages(how: str, lin: Server) -> None:
    """Names of classes, or what was sent itself at length, would be read as fields."""
    path, body, field, english, chinese = WRONG[how]
    for lang, said in (("en", english), ("zh", chinese)):
        reply = lin.send(f"/api/v1/{path}?lang={lang}", body)
        assert (reply.status, reply.document["field"]) == (400, field), reply.text
        detail = reply.document["detail"]
        assert said in detail and "ByCode" not in detail and len(detail) < 200, detail
        assert lang == "en" or not re.search("[A-Za-z]{3,} [a-z]{2,}", detail), detail


def test_a_parameter_that_is_wrong_is_told_in_chinese(lin: Server) -> None:
    """The words of a library would stand among ours."""
    for query, said in (("days=31", "不大于 30"), ("days=0", "不小于 1"), ("days=x", "整数"), ("f=xml", "'json'")):
        detail = lin.ask(f"/api/v1/coverage?lang=zh&{query}").document["detail"]
        assert said in detail and "Input" not in detail, detail
    assert "less than or equal to 30" in lin.ask("/api/v1/coverage?lang=en&days=31").document["detail"]
