"""Photos over HTTP: taken as they are, shown without what the camera wrote, the original sealed."""

import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import anyio
import anyio.from_thread
import numpy as np
import pytest
from PIL import ExifTags, Image

from api.photographing import at_a_time
from gis_core.errors import InvalidInput
from gis_core.permissions import Area, Grant
from layers import pictures
from layers.engine import connect, upgrade
from layers.files import FILES_VARIABLE, files_of
from layers.pictures import MOST_BYTES, MOST_PIXELS, SHOWN_PIXELS
from layers.stores import Stores
from tests import town
from tests.serving import Reply, Server, join, serving

MINE, THEIRS = "012026060100001", "012026060100002"
OWNER = "王小明的手机"


def picture(form: str = "JPEG", size: tuple[int, int] = (2000, 1000), *, exif: bool = True, **more: Any) -> bytes:
    """Red on the left and blue on the right, as a telephone held upright writes it."""
    pixels = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    pixels[:, : size[0] // 2, 0] = pixels[:, size[0] // 2 :, 2] = 255
    image, said = Image.fromarray(pixels), Image.Exif()
    said[ExifTags.Base.Orientation] = 6
    said[ExifTags.Base.Artist] = OWNER
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:06:01 10:00:00"
    gps = said.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] = (22.0, 48.0, 1.8), "N"
    gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] = (108.0, 18.0, 1.8), "E"
    into = io.BytesIO()
    image.save(into, form, **({"exif": said} if exif else {}), **more)
    return into.getvalue()


@dataclass(frozen=True)
class Office:
    """A server of the town with an issue in each of two units, and who asks."""

    commander: Server
    inspector: Server
    contractor: Server
    neighbour: Server
    stores: Stores
    folder: Path

    def send(self, server: Server, content: bytes, code: str = MINE, **headers: str) -> Reply:
        """A photo, sent."""
        typed = {"Content_Type": "image/jpeg", **headers}
        return server.ask(f"/api/v1/issues/{code}/photos?stage=after", "POST", body=content, **typed)

    @property
    def kept(self) -> list[Path]:
        """Every file that is there."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def office(module_store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The town."""
    folder = tmp_path_factory.mktemp("photos")
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    with stores.write() as store:
        for number, column in enumerate((0.5, 1.5), start=1):
            store.add_issues(town.answered(store, town.issues(1, column=column, first=number)), town.NOW)
    people = (
        ("commander", "commander", Area("city")), ("inspector", "inspector", Area("city")),
              ("contractor", "contractor", Area("grid", "0101")), ("neighbour", "grid_manager", Area("grid", "0102")),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patched, serving(stores) as up:
        patched.setenv(FILES_VARIABLE, str(folder))
        keys = [join(stores, name, Grant(role, area)) for name, role, area in people]
        yield Office(*(up.by(key) for key in keys), stores, files_of(stores.address).folder)
    engine.dispose()


def test_what_is_shown_is_upright_small_marked_and_says_nothing_of_who_took_it(office: Office) -> None:
    """A citizen's name and garden gate would go out with every picture."""
    content = picture()
    reply = office.send(office.contractor, content)
    assert reply.status == 201, reply.text
    told = reply.document
    assert (told["sha256"], told["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (told["width"], told["height"], told["stage"]) == (2000, 1000, "after")
    assert told["taken_at"] == "2026-06-01T02:00:00Z"
    shown = office.commander.ask(told["shown"])
    assert shown.headers["Content-Type"] == "image/jpeg"
    image = Image.open(io.BytesIO(shown.body))
    assert image.size == (SHOWN_PIXELS // 2, SHOWN_PIXELS)
    assert dict(image.getexif()) == {} and OWNER.encode() not in shown.body and b"Exif" not in shown.body
    red, blue = image.getpixel((400, 100)), image.getpixel((400, 1400))
    assert red[0] > 200 > 60 > red[2] and blue[2] > 200 > 60 > blue[0]  # turned clockwise, left is up
    foot = np.asarray(image)[-SHOWN_PIXELS // 30 :]
    assert (foot.min(axis=2) > 180).sum() > 300, "nothing is written at the foot"
    again = office.commander.ask(told["shown"], If_None_Match=shown.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_the_original_is_what_was_sent_for_those_who_need_the_proof(office: Office) -> None:
    """A proof would be a picture that we made, or anybody could have it, or nobody know who had."""
    content = picture(size=(60, 40), quality=70)
    path = office.send(office.inspector, content).document["shown"] + "/original"
    assert office.commander.ask(path).body == content
    for server in (office.inspector, office.contractor):
        assert server.ask(path).status == 403
    assert office.neighbour.ask(path).status == 404
    with office.stores.people() as accounts:
        (entry,) = (one for one in accounts.trail(before=None, limit=50) if one["action"] == "original_read")
    assert entry["actor"] == "commander" and entry["detail"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_same_picture_is_one_photo(office: Office) -> None:
    """A telephone that sends again on a bad line would fill the case with copies."""
    content = picture("PNG", (50, 50), exif=False)
    first = office.send(office.inspector, content).document
    files = len(office.kept)
    assert office.send(office.inspector, content, Idempotency_Key="x").document == first
    assert len(office.kept) == files
    listed = office.commander.ask(f"/api/v1/issues/{MINE}/photos").document["photos"]
    assert [one["sha256"] for one in listed].count(first["sha256"]) == 1
    events = office.commander.ask(f"/api/v1/issues/{MINE}/events").document
    assert str(events).count("photographed") == len(listed)


def test_photos_of_another_grid_do_not_exist(office: Office) -> None:
    """A neighbour would look into, or add to, a case that is not theirs."""
    sent = office.send(office.neighbour, picture(size=(30, 30)), MINE)
    assert (sent.status, sent.document["code"]) == (404, "issue_missing")
    mine = office.send(office.inspector, picture(size=(31, 30)), MINE).document["shown"]
    assert office.neighbour.ask(mine).status == 404
    assert office.commander.ask(mine.replace(MINE, THEIRS)).status == 404


def test_the_same_picture_twice_at_once_is_one_photo(office: Office) -> None:
    """A telephone that sends again before it has an answer would be told that the server is broken."""
    content, start, replies = picture(size=(61, 40)), Barrier(4), list[Reply]()

    def send() -> None:
        start.wait()
        replies.append(office.send(office.inspector, content))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status for one in replies] == [201] * 4 and len({one.text for one in replies}) == 1
    listed = office.commander.ask(f"/api/v1/issues/{MINE}/photos").document["photos"]
    events = office.commander.ask(f"/api/v1/issues/{MINE}/events").document
    assert str(events).count("photographed") == len(listed)


def test_what_a_camera_remarked_is_not_shown(office: Office) -> None:
    """Some write place and owner into a comment, which is no EXIF."""
    content = picture(size=(62, 40), comment=OWNER.encode())
    assert OWNER.encode() in content
    shown = office.commander.ask(office.send(office.inspector, content).document["shown"]).body
    assert OWNER.encode() not in shown


def test_a_telephone_s_picture_with_a_preview_behind_it_is_taken() -> None:
    """Everybody with such a telephone would be told that the picture moves."""
    into = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(into, "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    seen, image = pictures.look_at(into.getvalue(), town.CITY.zone)
    assert (seen.media_type, seen.width, image.size) == ("image/jpeg", 60, (60, 40))


def test_whatever_is_damaged_is_refused_and_never_our_fault() -> None:
    """A report would be lost for a camera that writes nonsense about itself, or the picture be refused for it."""
    whole, random = bytearray(picture(size=(40, 30))), np.random.default_rng(1)
    begin, taken = whole.index(b"Exif"), 0
    length = int.from_bytes(whole[begin - 2 : begin]) - 2
    for _ in range(400):
        spoilt = bytearray(whole)
        for at in random.integers(begin, begin + length, 3):
            spoilt[at] = random.integers(256)
        try:
            pictures.look_at(bytes(spoilt), town.CITY.zone)
            taken += 1
        except InvalidInput as fault:
            assert fault.key.startswith("photo_")
    assert taken == 400


def test_a_large_picture_is_small_when_it_has_been_read() -> None:
    """Turned and copied at its full size, a few of them would take all memory."""
    seen, image = pictures.look_at(picture(size=(4000, 2000)), town.CITY.zone)
    assert (seen.width, seen.height, max(image.size)) == (4000, 2000, SHOWN_PIXELS)


def gif() -> bytes:
    """A picture of a kind that is not taken."""
    return picture("GIF", (20, 20), exif=False)


def moving() -> bytes:
    """A WebP that moves."""
    into, frames = io.BytesIO(), [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(into, "WEBP", save_all=True, append_images=frames[1:])
    return into.getvalue()


BAD = {
    "nothing": (b"", 400), "words": (b"<html>not a picture</html>", 400), "gif": (gif(), 400),
    "moving": (moving(), 400),
    "cut off": (picture()[:-4000], 400), "head only": (b"\xff\xd8\xff\xe0", 400),
    "bomb": (picture("PNG", (MOST_PIXELS // 5_000 + 1, 5_000), exif=False), 400),
    "too long": (b"\xff\xd8" + bytes(MOST_BYTES), 413), "pdf in front": (b"%PDF-1.7" + picture(), 400),
}  # fmt: skip


@pytest.mark.parametrize("content", BAD)
def test_what_is_no_picture_is_refused_and_not_kept(office: Office, content: str) -> None:
    """The folder would fill with what nobody can look at, or a server with what unpacks to gigabytes."""
    before = office.kept
    body, status = BAD[content]
    reply = office.send(office.inspector, body)
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json"), reply.text
    assert office.kept == before


def test_a_file_somebody_changed_is_not_given_out(office: Office) -> None:
    """A proof could be exchanged on the disk."""
    told = office.send(office.inspector, picture(size=(33, 33))).document
    path = office.folder / told["sha256"][:2] / told["sha256"]
    path.write_bytes(path.read_bytes() + b"!")
    reply = office.commander.ask(told["shown"] + "/original")
    assert (reply.status, reply.document["code"]) == (409, "photo_altered")


def test_a_camera_that_says_nonsense_is_not_believed() -> None:
    """A report would be refused for a clock or a place that no camera can have."""
    said = Image.Exif()
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "0000:00:00 00:00:00"
    gps = said.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLongitude] = (99.0, 0.0, 0.0), (108.0, 0.0, 0.0)
    into = io.BytesIO()
    Image.new("RGB", (9, 9)).save(into, "JPEG", exif=said)
    seen, _ = pictures.look_at(into.getvalue(), town.CITY.zone)
    assert (seen.taken_at, seen.lon, seen.lat) == (None, None, None)


def test_a_camera_without_an_offset_knows_the_hour() -> None:
    """A proof would have no time, since the camera left the offset blank, or would lie on its side for its nonsense."""
    said = Image.Exif()
    said[ExifTags.Base.Orientation] = 6
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:06:01 10:00:00"
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "   :  "
    into = io.BytesIO()
    Image.new("RGB", (9, 5)).save(into, "JPEG", exif=said)
    seen, shown = pictures.look_at(into.getvalue(), town.CITY.zone)
    assert seen.taken_at is not None and seen.taken_at.isoformat() == "2026-06-01T02:00:00+00:00"
    assert shown.size == (5, 9)


def test_a_grey_of_sixteen_bits_is_seen() -> None:
    """A scan would be a white sheet."""
    into = io.BytesIO()
    Image.fromarray(np.array([[0, 30_000], [60_000, 65_535]], dtype=np.uint16)).save(into, "PNG")
    _, shown = pictures.look_at(into.getvalue(), town.CITY.zone)
    assert np.asarray(shown)[:, :, 0].tolist() == [[0, 117], [234, 255]]


def test_pictures_wait_without_a_thread() -> None:
    """Sixteen of them would leave nobody to answer anything else."""
    together: list[tuple[int, float]] = []
    under_way = [0]

    def work() -> None:
        under_way[0] += 1
        together.append((under_way[0], anyio.from_thread.run_sync(borrowed)))
        under_way[0] -= 1

    def borrowed() -> float:
        return anyio.to_thread.current_default_thread_limiter().borrowed_tokens

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(at_a_time, work)

    # In a thread of its own: a browser that another test has opened may keep a loop in this one.
    with ThreadPoolExecutor(1) as alone:
        alone.submit(anyio.run, all_at_once).result()
    assert together == [(1, 0)] * 20


def test_without_a_chinese_font_no_boxes_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city's name would be a row of boxes on every proof."""
    monkeypatch.setenv("PATH", os.devnull)
    pictures._chinese_font.cache_clear()
    pictures._font.cache_clear()
    try:
        plain = pictures.copy_of(Image.new("RGB", (300, 200)), "小城 1", "1")
        assert plain == pictures.copy_of(Image.new("RGB", (300, 200)), "another 城", "1")
    finally:
        pictures._chinese_font.cache_clear()
        pictures._font.cache_clear()
