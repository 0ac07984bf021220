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
from tests import town
from tests.api.test_doors import Clock, fill, notices, put
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
    assert (told["code"], told["name"], told["signed"], told["street"]) == ("D1", "一店", True, "S1")
    assert told["length_m"] == 10.0
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
    assert "等待复核" in page.inner_text(".done") and "补充照片" in page.inner_text(".send"), (
        "of another side, or a better one"
    )
    number = asked.ask("/api/v1/doors/shops/D1").document["standing"]["events"][-1]["id"]
    assert asked.send(f"/api/v1/doors/shops/D1/events/{number}/settlement", None).status == 204
    page.reload()
    assert "经复核" in page.inner_text(".done") and page.locator("input[type=file]").count() == 0
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
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


def test_a_shop_without_a_strip_has_a_page_too(server: Server, founded_stores: Stores) -> None:
    """Whoever scans it would read that the server is broken, and that nothing was signed."""
    with founded_stores.publishing() as store:
        far = town.rows(code=["D4"], name=["远店"], type=["shop"],
                        geometry=[town.Point(town.WEST + 0.2 * town.SIDE, town.SOUTH + 0.1 * town.SIDE)])  # fmt: skip
        town.publish(store, places=far)
    put(founded_stores, agreements=town.rows(code=["A4"], shop=["D4"], duties=[["a", "*"]]))
    token = token_of(inspector(server, founded_stores), "D4")
    page = server.ask(f"/d/{token}?lang=zh")
    assert page.status == 200 and "尚未划定" in page.text and "已签订" in page.text and "门前全部事项" in page.text
    assert server.ask(f"/api/v1/public/doors/{token}").document["strip"] is None


def test_of_a_joint_strip_each_shop_has_its_own_agreement(server: Server, founded_stores: Stores) -> None:
    """The page of one shop would tell the dates of its neighbour's letter, or that it has signed nothing."""
    joint = town.rows(code=["D1"], kind=["joint"], origin=["official"], shops=[["D1", "D2"]], area_m2=[1.0],
                      geometry=[town.cell(0.4, 0.9, 0.2, 0.1)])  # fmt: skip
    put(founded_stores, frontages=joint)
    asked = inspector(server, founded_stores)
    assert server.ask(f"/api/v1/public/doors/{token_of(asked, 'D1')}").document["signed"] is True
    other = inspector(server, founded_stores, "0102")
    assert server.ask(f"/api/v1/public/doors/{token_of(other, 'D2')}").document["signed"] is False


def test_the_plate_says_what_its_page_says(server: Server, founded_stores: Stores) -> None:
    """The paper on the wall would name other duties and metres than the page behind its code."""
    put(
        founded_stores, agreements=town.rows(code=["A1"], shop=["D1"], duties=[["b"]]),
        frontages=town.rows(code=["own"], kind=["shop"], origin=["official"], shops=[["D1"]], kerb_m=[4.0],
                            area_m2=[1.0], geometry=[town.cell(0.45, 0.95, 0.05, 0.02)]),
    )  # fmt: skip
    asked = inspector(server, founded_stores)
    sheet = asked.ask("/maps/plates?shop=D1&lang=zh").text
    told = server.ask(f"/api/v1/public/doors/{token_of(asked, 'D1')}").document
    assert told["length_m"] == 4.0 and "4.0 米" in sheet
    assert told["duties"] == [{"tag": None, "matters": [{"zh": "乙类"}]}] and "<li>乙类</li>" in sheet
    assert "仅限本机" in sheet, "codes that only this machine knows are good for nothing"


def test_what_is_taken_back_is_told_no_more(server: Server, founded_stores: Stores, clock: Clock) -> None:
    """A notice noted by mistake would stay for the street to read, and junk photos keep the shop from answering."""
    asked = inspector(server, founded_stores)
    token = token_of(asked, "D1")
    first, second = notices(asked, "D1", 2, clock)
    back = {"reason": "误报"}
    assert asked.send(f"/api/v1/doors/shops/D1/events/{first['event']}/withdrawal", back).status == 204
    (told,) = server.ask(f"/api/v1/public/doors/{token}").document["notices"]
    assert told["number"] == second["event"]

    def send(number: int, content: bytes) -> int:
        path = f"/api/v1/public/doors/{token}/notices/{number}/photo"
        return server.ask(path, "POST", body=content, Content_Type="image/jpeg").status

    assert send(first["event"], photo("red")) == 404
    assert [send(second["event"], photo(one)) for one in ("red", "green", "blue")] == [201] * 3
    clock.on(1)
    assert send(second["event"], photo("white")) == 409
    events = asked.ask("/api/v1/doors/shops/D1").document["standing"]["events"]
    (junk, *_) = [one["id"] for one in events if one["kind"] == "confirmation"]
    assert asked.send(f"/api/v1/doors/shops/D1/events/{junk}/withdrawal", back).status == 204
    assert send(second["event"], photo("white")) == 201


def test_a_renewal_sent_again_is_the_same(server: Server, founded_stores: Stores) -> None:
    """A lost answer would end the plate that was just printed."""
    asked = inspector(server, founded_stores)
    sent = [asked.send("/api/v1/doors/shops/D1/plate", None, Idempotency_Key="k").document for _ in range(2)]
    assert sent[0] == sent[1]


def test_what_is_no_shop_has_no_plate(server: Server, founded_stores: Stores) -> None:
    with founded_stores.publishing() as store:
        park = town.rows(code=["P9"], name=["公园"], type=["park"], geometry=[town.cell(0.2, 0.2, 0.1, 0.1)])
        town.publish(store, places=park)
    assert inspector(server, founded_stores).ask("/maps/plates?shop=P9").status == 404
