"""Plates with QR codes: printed for a street, opened by anybody in the street, answered with a photo."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from shapely.geometry import shape

from api.middleware import MOST_PUBLIC_BYTES
from gis_core.permissions import Area, Grant
from layers.stores import Stores
from tests.api.test_doors import Clock, fill, notices
from tests.browsing import Open
from tests.serving import Server, join, serving


def photo(colour: str) -> bytes:
    """A picture of one colour."""
    into = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(into, "JPEG")
    return into.getvalue()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(founded_stores: Stores, clock: Clock) -> Iterator[Server]:
    fill(founded_stores)
    with serving(founded_stores, clock) as up:
        yield up


def inspector(server: Server, stores: Stores, unit: str = "0101") -> Server:
    """The server as an inspector of a unit asks it."""
    return server.by(join(stores, f"inspector{unit}", Grant("inspector", Area("grid", unit))))


def token_of(asked: Server, code: str) -> str:
    """What the QR code of a shop's plate says, as it is printed."""
    return str(asked.send(f"/api/v1/doors/shops/{code}/plate", None).document["token"])


def test_a_sheet_has_a_plate_for_each_shop_of_a_street_in_ones_area(server: Server, founded_stores: Stores) -> None:
    """Printed twice the codes on the walls would no longer open; of another's shops they would."""
    manager = inspector(server, founded_stores)
    sheets = [manager.ask("/maps/plates?street=S1&lang=zh").text for _ in range(2)]
    assert sheets[0] == sheets[1] and sheets[0].count("<article>") == sheets[0].count("<svg") == 1
    assert "一店" in sheets[0] and "二店" not in sheets[0] and "中街 · 10.0 米" in sheets[0]
    whole = server.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    assert re.findall('class="name">([^<]+)<', whole.ask("/maps/plates?street=S1").text) == ["一店", "二店", "三店"]
    assert re.findall('class="name">([^<]+)<', whole.ask("/maps/plates?shop=D3&shop=D1").text) == ["三店", "一店"]
    for path, status in (("?street=S9", 404), ("", 404), ("?shop=D2", 404)):
        assert manager.ask(f"/maps/plates{path}").status == status
    auditor = server.by(join(founded_stores, "auditor", Grant("auditor", Area("city"))))
    assert auditor.ask("/maps/plates?street=S1").status == 403 and server.ask("/maps/plates?street=S1").status == 401


def test_a_plate_opens_its_shop_and_nothing_else(server: Server, founded_stores: Stores) -> None:
    """Whoever passes by would read who is in charge, or of the shop next door."""
    token = token_of(inspector(server, founded_stores), "D1")
    assert len(token) == 22, "128 bits"
    told = server.ask(f"/api/v1/public/doors/{token}").document
    assert (told["code"], told["name"], told["state"], told["street"], told["length_m"]) == (
        "D1", "一店", "signed", "S1", 10.0,
    )  # fmt: skip
    assert shape(told["strip"]).area > 0 and told["duties"] == [{"tag": "x", "matters": [{"zh": "甲类"}]}]
    page = server.ask(f"/d/{token}?lang=zh")
    assert page.status == 200 and "一店" in page.text and "中街 · 10.0 米" in page.text and "<svg" in page.text
    for text in (page.text, str(told)):
        assert "负责人" not in text and "三店" not in text and "D3" not in text
    for wrong in ("x", token[:-1], f"{token}A"):
        assert server.ask(f"/d/{wrong}").status == server.ask(f"/api/v1/public/doors/{wrong}").status == 404


def test_a_renewed_plate_ends_the_one_before(server: Server, founded_stores: Stores) -> None:
    """A copied code would open the shop's page for good."""
    asked = inspector(server, founded_stores)
    first, second = token_of(asked, "D1"), token_of(asked, "D1")
    assert server.ask(f"/d/{first}").status == 404 and server.ask(f"/d/{second}").status == 200


def test_a_photo_shows_that_a_notice_is_dealt_with(server: Server, founded_stores: Stores, clock: Clock) -> None:
    """Inspectors would not know that they can look again; or a photo sent twice would count twice."""
    asked = inspector(server, founded_stores)
    token = token_of(asked, "D1")
    asked.send("/api/v1/doors/shops/D1/notices", {"category": "a"})
    (told,) = server.ask(f"/api/v1/public/doors/{token}").document["notices"]
    assert (told["step"], told["matter"], told["confirmed_at"]) == ("notice", {"zh": "甲类"}, None)
    path = f"/api/v1/public/doors/{token}/notices/{told['number']}/photo"
    for _ in range(2):
        sent = server.ask(path, "POST", body=photo("red"), Content_Type="image/jpeg")
        assert sent.status == 201, sent.text
    (told,) = server.ask(f"/api/v1/public/doors/{token}").document["notices"]
    assert told["confirmed_at"] is not None
    events = asked.ask("/api/v1/doors/shops/D1").document["standing"]["events"]
    confirmed = [one for one in events if one["kind"] == "confirmation"]
    assert [one["answers"] for one in confirmed] == [told["number"]], "once"
    shown = asked.ask(f"/api/v1/doors/shops/D1/confirmations/{confirmed[0]['id']}/photo")
    assert shown.status == 200 and Image.open(io.BytesIO(shown.body)).format == "JPEG"
    assert asked.ask(f"/api/v1/doors/shops/D1/confirmations/{confirmed[0]['id']}/photo/original").status == 403
    auditor = server.by(join(founded_stores, "auditor", Grant("auditor", Area("city"))))
    kept = auditor.ask(f"/api/v1/doors/shops/D1/confirmations/{confirmed[0]['id']}/photo/original")
    assert kept.body == photo("red")
    elsewhere = inspector(server, founded_stores, "0102")
    assert elsewhere.ask(f"/api/v1/doors/shops/D1/confirmations/{confirmed[0]['id']}/photo").status == 404
    (second,) = notices(asked, "D1", 1, clock)
    assert second["step"] == "warning", "a confirmation is no notice"


def test_the_page_of_a_plate_on_a_telephone(server: Server, founded_stores: Stores, visit: Open) -> None:
    """The button in the street would do nothing, or a refusal not be read."""
    asked = inspector(server, founded_stores)
    token = token_of(asked, "D1")
    asked.send("/api/v1/doors/shops/D1/notices", {"category": "a"})
    seen = visit(f"http://127.0.0.1:{server.port}/d/{token}?lang=zh", width=390, height=800)
    page = seen.page
    page.set_input_files("input[type=file]", {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.locator(".said", has_text="JPEG").wait_for()
    page.set_input_files("input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": photo("red")})
    page.wait_for_selector(".done")
    assert "等待复核" in page.inner_text(".done") and page.locator("input[type=file]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert {one.split("/")[2] for one in seen.requests if one.startswith("http")} == {f"127.0.0.1:{server.port}"}


def test_photos_are_bounded_and_of_this_shop_only(server: Server, founded_stores: Stores) -> None:
    """The disk would be filled by whoever passes, or a notice of another shop be answered."""
    asked = inspector(server, founded_stores)
    token = token_of(asked, "D1")
    asked.send("/api/v1/doors/shops/D1/notices", {"category": "a"})
    other = inspector(server, founded_stores, "0102")
    other.send("/api/v1/doors/shops/D2/notices", {"category": "a"})
    theirs = other.ask("/api/v1/doors/shops/D2").document["standing"]["events"][0]["id"]
    (told,) = server.ask(f"/api/v1/public/doors/{token}").document["notices"]

    def send(number: int, content: bytes) -> int:
        path = f"/api/v1/public/doors/{token}/notices/{number}/photo"
        return server.ask(path, "POST", body=content, Content_Type="image/jpeg").status

    assert send(theirs, photo("red")) == 404 and send(10**9, photo("red")) == 404
    assert send(told["number"], b"no picture") == 400 and send(told["number"], b"x" * (MOST_PUBLIC_BYTES + 1)) == 413
    colours = [send(told["number"], photo(colour)) for colour in ("red", "green", "blue", "black")]
    assert colours == [201, 201, 201, 409]


def test_a_photo_of_a_case_becomes_one_of_the_issue(server: Server, founded_stores: Stores, clock: Clock) -> None:
    """Whoever closes the case would not see that it is dealt with."""
    asked = inspector(server, founded_stores)
    done = notices(asked, "D1", 3, clock)
    token = token_of(asked, "D1")
    (case, *_) = server.ask(f"/api/v1/public/doors/{token}").document["notices"]
    path = f"/api/v1/public/doors/{token}/notices/{case['number']}/photo"
    assert server.ask(path, "POST", body=photo("red"), Content_Type="image/jpeg").status == 201
    (shown,) = asked.ask(f"/api/v1/issues/{done[2]['issue']}/photos").document["photos"]
    assert shown["stage"] == "after"
