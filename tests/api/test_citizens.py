"""Citizens: reports without an account, published issues, and who reported."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest
from sqlalchemy import text

from api.callers import PUBLIC_REPORTS_PER_MINUTE
from api.security import PHOTOS_FOR, access_token, bearer_of, photo_pass, photographed_by
from gis_core.crs import to_metres
from gis_core.errors import NotFound, Unauthorised
from gis_core.permissions import Area, Grant
from layers.accounts import User
from layers.citizens import CELL_M
from layers.files import FILES_VARIABLE, files_of
from layers.stores import Stores
from tests.api.test_issues import ISSUES, said
from tests.api.test_photos import picture
from tests.serving import Reply, Server, join, serving
from tests.town import CITY, NOW

PUBLIC = "/api/v1/public/issues"
CONTACT = {"name": "王芳", "phone": "+86 138-0000-0000"}


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town."""
    return founded_stores


@pytest.fixture
def key(stores: Stores) -> str:
    """A commander's."""
    return join(stores, "li.wei", Grant("commander", Area("city")))


@pytest.fixture
def server(stores: Stores) -> Iterator[Server]:
    """The town, served to nobody in particular."""
    with serving(stores) as up:
        yield up


def test_anybody_reports_and_sees_nothing_of_it(server: Server, key: str) -> None:
    """The public would have no door, or one through which the city is read."""
    sent = server.send(PUBLIC, said(description="满溢", contact=CONTACT), Idempotency_Key="1")
    again = server.send(PUBLIC, said(description="满溢", contact=CONTACT), Idempotency_Key="1")
    assert (sent.status, sent.document["answer"], again.document["new"]) == (201, None, False)
    assert server.ask(PUBLIC).document == {"issues": [], "next": None}
    assert server.ask(f"{ISSUES}/{sent.document['code']}").status == 401
    assert server.by(key).ask(f"{ISSUES}/{sent.document['code']}").document["grid"] == "0101"


def test_who_reports_without_an_account_shows_it(
    server: Server, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A report would be words only, or the public could fill the disk, see photos, or add them to others' issues."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path))
    made = server.send(PUBLIC, said()).document
    content = picture(size=(40, 30))

    def send(content: bytes, address: str = made["photos"]) -> Reply:
        return server.ask(address, "POST", body=content, Content_Type="image/jpeg")

    first = send(content)
    assert (first.status, first.document["sha256"]) == (201, hashlib.sha256(content).hexdigest())
    assert set(first.document) == {"media_type", "width", "height", "bytes", "sha256"}
    assert send(content).document == first.document
    (seen,) = server.by(key).ask(f"{ISSUES}/{made['code']}/photos").document["photos"]
    assert (seen["stage"], seen["sha256"]) == ("report", first.document["sha256"])
    assert server.ask(seen["shown"]).status == 401
    assert [send(picture(size=(40, width))).status for width in (31, 32, 33)] == [201, 201, 409]
    assert send(b"no picture", server.send(PUBLIC, said(1.5)).document["photos"]).status == 400
    assert send(content, made["photos"][:-1] + "~").status == send(content, f"{PUBLIC}/{made['code']}").status == 404


def test_photos_beyond_the_limit_leave_nothing_on_the_disk(
    server: Server, stores: Stores, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever sends them at once would fill the disk with files that no issue names."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path))
    made = server.send(PUBLIC, said()).document
    contents = [picture(size=(40, 30 + number % 6)) for number in range(9)]
    begin, statuses = Barrier(len(contents)), list[int]()

    def send(content: bytes) -> None:
        begin.wait()
        statuses.append(server.ask(made["photos"], "POST", body=content, Content_Type="image/jpeg").status)

    threads = [Thread(target=send, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The same picture sent again is the same photo, also for the last place.
    assert statuses.count(201) >= 3
    assert statuses.count(201) + statuses.count(409) == 9
    kept = [path for path in files_of(stores.address).folder.rglob("*") if path.is_file()]
    assert len(kept) == 2 * 3, "an original and a copy each"


def test_a_pass_for_photos_ends_and_is_good_for_nothing_else() -> None:
    """An address in a browser's history would let in for ever, or a token of one door open another."""
    secret, user = "s" * 32, User(1, "li.wei", "李伟", None, 7, None, ())
    given = photo_pass("1", secret, NOW)
    assert photographed_by(given, secret, NOW + PHOTOS_FOR - dt.timedelta(seconds=1)) == "1"
    for token, at in ((given, NOW + PHOTOS_FOR), (given + "x", NOW), (access_token(user, secret, NOW), NOW)):
        with pytest.raises(NotFound):
            photographed_by(token, secret, at)
    with pytest.raises(Unauthorised):
        bearer_of(given, secret, NOW)


def test_strangers_keys_are_not_in_each_other_s_way(server: Server) -> None:
    """Whoever sends `1` first would have everybody's report under `1` refused, or learn that there was one."""
    mine, other, again = (
        server.send(PUBLIC, said(description=words), Idempotency_Key="1").document for words in ("满溢", "破损", "满溢")
    )
    assert mine["new"] and other["new"] and mine["code"] != other["code"]
    assert again == {**mine, "new": False}


def test_one_client_reports_so_often_and_no_more(server: Server) -> None:
    """One machine could bury the command centre."""
    statuses = [server.send(PUBLIC, said()).status for _ in range(PUBLIC_REPORTS_PER_MINUTE + 2)]
    assert statuses == [201] * PUBLIC_REPORTS_PER_MINUTE + [429] * 2


def test_the_public_sees_what_is_published_and_only_about_where(server: Server, key: str) -> None:
    """A front door would be told by the position of a report, or its words and number be public."""
    staff = server.by(key)
    codes = [staff.send(ISSUES, said(column, description="家门口")).document["code"] for column in (0.3, 0.7, 1.5)]
    for code in codes[:2] * 2:
        assert staff.ask(f"{ISSUES}/{code}/publication", "PUT").status == 204
    page = server.ask(PUBLIC)
    assert len(page.document["issues"]) == 2 and "家门口" not in page.text and codes[0] not in page.text
    for issue in page.document["issues"]:
        assert set(issue) == {"scheme", "kind", "category", "status", "day", "lon", "lat"}
        middle = to_metres(np.array([[issue["lon"], issue["lat"]]]), CITY.metric_srid)[0]
        assert np.abs(middle % CELL_M - CELL_M / 2).max() < 2
    first = server.ask(f"{PUBLIC}?limit=1").document
    assert len(server.ask(f"{PUBLIC}?limit=5&before={first['next']}").document["issues"]) == 1
    assert staff.ask(f"{ISSUES}/{codes[0]}/publication", "DELETE").status == 204
    assert len(server.ask(PUBLIC).document["issues"]) == 1


def test_an_issue_published_by_many_at_once_is_published(server: Server, key: str) -> None:
    """Of two who press the button at the same moment one would be told that the server is broken."""
    staff, count, statuses = server.by(key), 8, []
    barrier = Barrier(count)

    def press(code: str) -> None:
        barrier.wait()
        statuses.append(staff.ask(f"{ISSUES}/{code}/publication", "PUT").status)

    for code in [staff.send(ISSUES, said()).document["code"] for _ in range(4)]:
        threads = [Thread(target=press, args=(code,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [204] * 4 * count


def test_who_reported_is_kept_apart_told_on_record_and_erased(server: Server, stores: Stores, key: str) -> None:
    """A telephone number would stay in some table for ever, or be read by nobody knows whom."""
    staff = server.by(key)
    code = staff.send(ISSUES, said(contact=CONTACT)).document["code"]
    path = f"{ISSUES}/{code}/contact"
    assert staff.ask(path).document == CONTACT
    with stores.people() as accounts:
        trail = accounts.trail(before=None, limit=10)
    assert (trail[0]["actor"], trail[0]["action"], trail[0]["subject"]) == ("li.wei", "contact_read", code)
    assert CONTACT["phone"] not in str(trail)
    assert staff.ask(path, "DELETE").status == 204 and staff.ask(path, "DELETE").status == 204
    assert staff.ask(path).status == 404
    with stores.read() as store:
        tables = ("reporter_contact", "issue", "case_event", "audit_entry", "publication")
        left = str([store.session.execute(text(f"SELECT * FROM {table}")).all() for table in tables])
    assert CONTACT["name"] not in left and CONTACT["phone"] not in left
    assert [entry["action"] for entry in _trail(stores)[:2]] == ["contact_erased", "contact_read"]


def _trail(stores: Stores) -> list[dict[str, object]]:
    with stores.people() as accounts:
        return accounts.trail(before=None, limit=10)


@pytest.mark.parametrize(
    "contact", [{"phone": "call me"}, {"phone": "1"}, {"name": "a\0"}, {"mail": "x"}, {"name": ""}]
)
def test_a_contact_that_is_none_is_refused(server: Server, contact: dict[str, str]) -> None:
    """Words would be kept where nobody looks for words to erase."""
    assert server.send(PUBLIC, said(contact=contact)).status == 400
