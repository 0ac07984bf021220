"""Strips drawn again by servers and workers once what they depend on has changed."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from sqlalchemy import exc

from api import jobs, living, redrawing, strips
from api.cli import main
from api.jobs import Worker
from api.redrawing import PASSES_AFTER, Watch
from api.settings import Settings
from api.strips import draw_strips, forget_strips, keep_strips
from gis_core.errors import Conflict
from gis_core.permissions import Area, Grant
from layers.files import FILES_VARIABLE, files_of
from layers.jobs import LEASE, MOST_ATTEMPTS, forget, put_back, take
from layers.putting import made_ready
from layers.stores import Stores
from tests import town
from tests.serving import SECRET, Server, commander, join, serving

SHOPS = {"D1": (0.5, 0.85), "D2": (1.6, 0.85), "N1": (0.5, 1.15)}
"""Column and row: two shops south of the street and one north of it."""
MOVED = (1.05, 0.85)
TOMORROW = town.NOW + dt.timedelta(days=1)
KILLED_WHILE_STORING = """
import os, signal
from layers.store import Store
put = Store.put
def put_and_die(*given, **named):
    put(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
Store.put = put_and_die
from api.cli import main
main()
"""


def place(column: float, row: float) -> shapely.Point:
    """A place by column and row of cells."""
    return shapely.Point(town.WEST + column * town.SIDE, town.SOUTH + row * town.SIDE)


def shops(**changed: Any) -> pd.DataFrame:
    """The shops of the town."""
    columns = {"code": list(SHOPS), "name": list(SHOPS), "type": ["shop"] * 3,
               "geometry": [place(*at) for at in SHOPS.values()]}  # fmt: skip
    return town.rows(**(columns | changed))


@dataclass(frozen=True)
class Yard:
    """The town with shops whose strips are kept, and somebody who may do everything there."""

    stores: Stores
    server: Server

    def worker(self, now: dt.datetime = town.NOW) -> Worker:
        """A worker whose clock stands still."""
        return Worker(self.stores, files_of(self.stores.address), lambda: now)

    def strips(self) -> pd.DataFrame:
        """The strips that are kept, by code."""
        with self.stores.read() as store:
            return store.read("frontages", store.latest_revision()).set_index("code")

    def jobs(self) -> list[dict[str, Any]]:
        """The jobs there are, newest first."""
        listed: list[dict[str, Any]] = self.server.ask("/api/v1/jobs").document["jobs"]
        return listed

    def publish(self, edit: Callable[[str], Any], **said: Any) -> None:
        """Publish a draft with an edit, which is told the query that names it."""
        draft = self.server.send("/api/v1/drafts", {"note": "x"}).document["id"]
        edited = edit(f"?version=draft-{draft}")
        assert edited.status < 300, edited.text
        published = self.server.send(f"/api/v1/drafts/{draft}/publication", said)
        assert published.status == 201, published.text

    def move(self, code: str = "D1", at: tuple[float, float] = MOVED, **said: Any) -> None:
        """Publish a shop at another place."""
        (found,) = self.server.ask(f"/ogc/collections/places/items?filter=code='{code}'").document["features"]
        path = f"/ogc/collections/places/items/{found['id']}"
        there = {"geometry": shapely.geometry.mapping(place(*at))}
        self.publish(lambda draft: self.server.send(path + draft, there, "PATCH", If_Match="*"), **said)

    def page(self) -> str:
        """The page Front doors."""
        return self.server.ask("/maps/doors", Accept_Language="en").text

    def rule(self, **rules: Any) -> None:
        """Change rules of the city's strips."""
        with self.stores.publishing() as store:
            store.init_city(type(store.city).parse(store.city.document() | {"strips": rules}))

    def answering(self, column: float) -> tuple[str, str | None]:
        """By which rule who would answer for litter before the southern doors."""
        at = place(column, 0.87)
        asked = {"lon": at.x, "lat": at.y, "category": "a"}
        answer = self.server.send("/api/v1/assign", asked).document["answer"]
        return answer["rule"], answer["responsible"]


@pytest.fixture
def kept(founded_stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """The town with shops, strips before them kept."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "files"))
    stores = founded_stores
    with stores.publishing() as store:
        town.publish(store, places=shops())
        tags = town.rows(key=["t"], tag_group=["door"], tag=["x"], scheme=["town"], kind=["matter"], code=["a"])
        assert not len(store.put("tags", tags, store.revise(town.NOW, "tags")).rejects)
    loaded = keep_strips(stores, draw_strips(stores, town.NOW), town.NOW)
    assert loaded.counts["frontages"]["added"] > len(SHOPS)
    return stores


@pytest.fixture
def yard(kept: Stores) -> Iterator[Yard]:
    """The same, served without a worker."""
    with serving(kept, settings=Settings(SECRET, works=False)) as up:
        yield Yard(kept, up.by(commander(kept)))


def failing(fault: Exception) -> Callable[..., Any]:
    """What always fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise fault

    return fail


def unanswered() -> exc.OperationalError:
    """What a store that somebody else writes for long answers."""
    return exc.OperationalError("x", {}, Exception("database is locked"))


def put(stores: Stores, table: str, frame: pd.DataFrame) -> None:
    """Store reference data as a revision."""
    with stores.publishing() as store:
        assert not len(store.put(table, frame, store.revise(town.NOW, table)).rejects)


def test_a_shop_that_moves_takes_its_strip_along(kept: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Litter before the new door would be nobody's until somebody remembers a command."""
    monkeypatch.setattr(living, "WATCH_S", 0.05)
    with serving(kept) as up:
        yard = Yard(kept, up.by(commander(kept)))
        before = yard.strips()
        assert yard.answering(MOVED[0])[0] != "front_door" and yard.answering(0.5) == ("front_door", "D1")
        yard.move()
        while not (jobs := yard.jobs()) or jobs[0]["state"] in ("queued", "running"):
            pass
        after = yard.strips()
        assert yard.answering(MOVED[0]) == ("front_door", "D1") and yard.answering(0.5)[0] != "front_door"
    (job,) = jobs
    assert (job["kind"], job["state"]) == ("strips", "done"), job
    unchanged = before.index[before["id"].isin(after["id"])]
    assert {"D2", "N1"} <= set(unchanged) and "D1" not in unchanged
    assert set(before["block"][~before["id"].isin(after["id"])]) == {before.loc["D1", "block"]}
    told = job["result"]
    assert told["drawn"] == len(after) and told["unplaced"] == 0
    assert told["added"] + told["changed"] == len(after) - len(unchanged)
    with kept.read() as store:
        assert told["version"] == store.latest_version()
    again = draw_strips(kept, town.NOW)
    assert shapely.equals(again.strips.strips.set_index("code").geometry["D1"], after.geometry["D1"])


def test_what_will_count_later_is_drawn_then(yard: Yard) -> None:
    """The shop would answer at a door that opens next month, or nobody draw when it does."""
    yard.move(effective_from=TOMORROW.isoformat())
    assert not yard.worker().work() and yard.jobs() == []
    assert yard.worker(TOMORROW).work()
    assert yard.jobs()[0]["result"]["changed"] >= 1 and yard.answering(MOVED[0]) == ("front_door", "D1")
    assert not yard.worker(TOMORROW).work(), "once"


def test_a_shop_of_which_the_last_day_is_known_is_drawn_no_longer(yard: Yard) -> None:
    """No version begins on the day it closes, so that nothing would remind anybody."""
    with yard.stores.publishing() as store:
        town.publish(store, places=shops(valid_to=[town.NOW.date(), None, None]))
    assert yard.worker().work(), "its row is another one"
    assert "D1" in yard.strips().index and not yard.worker().work()
    assert yard.worker(TOMORROW).work()
    assert "D1" not in yard.strips().index and yard.jobs()[0]["result"]["withdrawn"] >= 1


def test_what_strips_do_not_depend_on_draws_nothing(yard: Yard) -> None:
    """A worker would draw the city whenever somebody renames a grid."""
    market = {"type": "Feature", "geometry": shapely.geometry.mapping(town.cell(0.1, 0.1, 0.2, 0.2)),
              "properties": {"code": "M1", "type": "market"}}  # fmt: skip
    yard.publish(lambda draft: yard.server.send(f"/ogc/collections/places/items{draft}", market))
    renamed = {"properties": {"name": "改"}}
    path = "/ogc/collections/grids/items/2"
    yard.publish(lambda draft: yard.server.send(path + draft, renamed, "PATCH", If_Match="*"))
    yard.move(effective_from=TOMORROW.isoformat())
    bins = town.rows(code=["B"], scheme=["town"], category=["x"], geometry=[place(0.5, 0.5)])
    put(yard.stores, "facilities", bins)
    worker = yard.worker()
    assert not worker.work() and not worker.work() and yard.jobs() == []


def test_a_city_that_keeps_no_strips_is_left_alone(founded_stores: Stores) -> None:
    """It would find thousands of strips that it has never asked for."""
    with founded_stores.publishing() as store:
        town.publish(store, places=shops())
    strips = town.rows(code=["D1"], origin=["derived"], area_m2=[1.0], geometry=[town.cell(0.5, 0.9, 0.1, 0.1)])
    put(founded_stores, "frontages", strips)
    assert not Watch(founded_stores).look(town.NOW)


def test_walls_streets_ground_and_rules_draw_again(yard: Yard) -> None:
    """A new arcade would stand in the middle of strips that end behind it."""
    worker, depth = yard.worker(), yard.strips().loc["D1", "area_m2"] / yard.strips().loc["D1", "kerb_m"]
    put(yard.stores, "walls", town.rows(code=["W1"], geometry=[town.cell(0.2, 0.6, 0.6, 0.22)]))
    assert worker.work()
    drawn = yard.strips().loc["D1"]
    assert drawn["area_m2"] / drawn["kerb_m"] > depth + 1, "as deep as the wall stands back"
    with yard.stores.publishing() as store:
        town.publish(store, streets=town.streets().assign(width_m=[8.0]))
    assert worker.work() and not worker.work()
    with yard.stores.publishing() as store:
        town.publish(store, grids=town.grids(geometry=[town.cell(0, 0, 2.1, 2), *town.grids().geometry[1:]]))
    assert worker.work() and not worker.work()
    with yard.stores.publishing() as store:
        document = store.city.document()
        store.init_city(type(store.city).parse(document | {"strips": {"set_back_m": 7.0}}))
    assert worker.work() and not worker.work()
    assert yard.strips()["rules"].iloc[0]["set_back_m"] == 7.0


def test_the_last_shop_leaves_blanks(yard: Yard) -> None:
    """Where the whole street has closed, the shops of before would answer for ever."""
    with yard.stores.publishing() as store:
        town.publish(store, places=shops(type=["market"] * 3))
    assert yard.worker().work() and set(yard.strips()["kind"]) == {"blank"}
    assert yard.jobs()[0]["state"] == "done"


def test_there_is_one_drawing_at_a_time(yard: Yard) -> None:
    """Two servers would draw the city side by side, and the slower one have the last word."""
    yard.move()
    assert all(Watch(yard.stores).look(town.NOW) for _ in range(2)), "each server sees that there is something to do"
    asked = [yard.server.send("/api/v1/strips", None) for _ in range(2)]
    assert {reply.status for reply in asked} == {202}
    assert {reply.document["id"] for reply in asked} == {yard.jobs()[0]["id"]} and len(yard.jobs()) == 1
    with yard.stores.people(writes=True) as accounts:
        assert take(accounts.session, town.NOW) is not None
    assert not yard.worker().work(), "somebody is at it"
    assert yard.server.send("/api/v1/strips", None).document["id"] == yard.jobs()[0]["id"]
    assert yard.worker(town.NOW + 2 * LEASE).work(), "who fell silent"
    assert len(yard.jobs()) == 1 and yard.answering(MOVED[0]) == ("front_door", "D1")
    assert not yard.worker().work()


def test_whoever_asks_gets_strips_drawn(yard: Yard) -> None:
    """Only whoever sits at the server could draw the first strips of a city."""
    put_away = yard.strips()
    with yard.stores.publishing() as store:
        revision = store.revise(town.NOW, "away")
        store.put("frontages", put_away.head(0).reset_index(), revision, ending=put_away["id"].tolist())
    assert not len(yard.strips()) and not yard.worker().work()
    reply = yard.server.send("/api/v1/strips", None, Idempotency_Key="k")
    assert yard.worker().work() and len(yard.strips()) == len(put_away)
    assert yard.server.ask(reply.headers["Location"]).document["result"]["added"] == len(put_away)
    again = yard.server.send("/api/v1/strips", None, Idempotency_Key="k")
    assert again.document["id"] == reply.document["id"]
    neighbour = yard.server.by(join(yard.stores, "neighbour", Grant("commander", Area("grid", "0102"))))
    assert (
        neighbour.ask(reply.headers["Location"]).status == 404 and neighbour.ask("/api/v1/jobs").document["jobs"] == []
    )
    assert neighbour.send("/api/v1/strips", None).status == 403


def test_what_somebody_stopped_is_drawn_with_the_next_change(yard: Yard) -> None:
    """A drawing that fails would be begun again every second, or never again."""
    yard.move()
    assert Watch(yard.stores).look(town.NOW)
    assert yard.server.ask(f"/api/v1/jobs/{yard.jobs()[0]['id']}", "DELETE").status == 204
    worker = yard.worker()
    assert not worker.work() and not worker.work() and len(yard.jobs()) == 1
    yard.move("N1", (1.5, 1.15))
    assert worker.work() and len(yard.jobs()) == 2 and yard.answering(MOVED[0]) == ("front_door", "D1")


def test_a_worker_that_is_killed_leaves_nothing_half_stored(yard: Yard, founded_url: str) -> None:
    """Half a street would have the strips of today and half those of yesterday."""
    before = yard.strips()
    yard.move()
    command = [sys.executable, "-c", KILLED_WHILE_STORING, "--store", founded_url, "worker"]
    ended = subprocess.run(command, env=dict(os.environ), stderr=subprocess.DEVNULL, timeout=300, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert yard.jobs()[0]["state"] == "running" and yard.strips()["id"].equals(before["id"])
    later = dt.datetime.now(dt.UTC) + 2 * LEASE
    assert yard.worker(later).work()
    (job,) = yard.jobs()
    assert (job["state"], yard.answering(MOVED[0])) == ("done", ("front_door", "D1"))


def test_a_lock_that_passes_is_waited_for(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question that waited too long for a writer, and the new door would be nobody's until the next change."""
    yard.move()
    monkeypatch.setattr(redrawing, "draw_strips", failing(unanswered()))
    assert yard.worker().work() and yard.jobs()[0]["state"] == "queued"
    assert not yard.worker().work(), "not at once"
    monkeypatch.setattr(redrawing, "draw_strips", draw_strips)
    assert yard.worker(town.NOW + 2 * LEASE).work()
    assert (yard.jobs()[0]["state"], yard.answering(MOVED[0])) == ("done", ("front_door", "D1"))


def test_a_store_that_never_answers_is_asked_again_an_hour_later(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing would go round and round, or nobody ever try again when the database is back."""
    yard.move()
    monkeypatch.setattr(redrawing, "draw_strips", failing(unanswered()))
    late = town.NOW
    for _ in range(MOST_ATTEMPTS):
        assert yard.worker(late).work()
        late += 2 * LEASE
    (job,) = yard.jobs()
    assert (job["state"], job["fault"]["code"]) == ("failed", "job_unanswered")
    monkeypatch.setattr(redrawing, "draw_strips", draw_strips)
    assert not yard.worker(late).work() and not yard.worker(late + PASSES_AFTER / 2).work()
    assert yard.worker(late + PASSES_AFTER).work() and yard.answering(MOVED[0]) == ("front_door", "D1")


def test_three_restarts_do_not_end_the_watch(yard: Yard) -> None:
    """A server that is restarted three times during a drawing would leave the strips of yesterday for ever."""
    yard.move()
    late = town.NOW
    assert Watch(yard.stores).look(late)
    for _ in range(MOST_ATTEMPTS):
        with yard.stores.people(writes=True) as accounts:
            assert take(accounts.session, late) is not None
        late += 2 * LEASE
    assert not yard.worker(late).work() and yard.jobs()[0]["fault"]["code"] == "job_lost"
    assert yard.worker(late + PASSES_AFTER).work() and yard.jobs()[0]["state"] == "done"


def test_what_cannot_be_drawn_is_said_and_tried_the_next_day(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page would show yesterday's strips as today's, and nobody know why they do not change."""
    yard.move()
    with yard.stores.read() as store:
        version = store.latest_version() - 1
    told = f"strips are of version {version}"
    assert f"{told}, outdated since; they are being drawn again" in yard.page()
    monkeypatch.setattr(redrawing, "draw_strips", failing(Conflict("no_shops")))
    assert yard.worker().work() and not yard.worker().work() and len(yard.jobs()) == 1
    assert f"{told}, outdated since, and could not be drawn again: there is no shop" in yard.page()
    with yard.stores.people(writes=True) as accounts:
        forget(accounts.session, town.NOW + dt.timedelta(days=30))
    assert yard.jobs() == [] and not yard.worker(TOMORROW - LEASE).work(), "also when the job is forgotten"
    main(["--store", yard.stores.url, "--lang", "en", "doctor"])
    assert "strips: Front-of-door strips are of version" in capsys.readouterr().out
    monkeypatch.setattr(redrawing, "draw_strips", draw_strips)
    assert yard.worker(TOMORROW + LEASE).work() and "outdated since" not in yard.page()


def test_whoever_asks_while_a_drawing_is_being_stopped_gets_one(yard: Yard) -> None:
    """They would be told of the dying one, and what they asked for never be done."""
    yard.move()
    assert Watch(yard.stores).look(town.NOW)
    with yard.stores.people(writes=True) as accounts:
        dying = take(accounts.session, town.NOW)
    assert dying is not None and yard.server.ask(f"/api/v1/jobs/{dying.id}", "DELETE").status == 204
    asked = [yard.server.send("/api/v1/strips", None).document["id"] for _ in range(2)]
    assert asked[0] == asked[1] != dying.id
    with yard.stores.people(writes=True) as accounts:
        assert put_back(accounts.session, dying, town.NOW) is False, "it is stopped, not tried again"
    assert yard.worker().work() and [one["state"] for one in yard.jobs()] == ["done", "cancelled"]


def test_a_drawing_that_is_stopped_stops_between_blocks(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops a drawing of half a minute would wait for all of it, and see no progress before."""
    yard.move()
    seen: list[tuple[int, int]] = []

    def watched(stores: Stores, now: dt.datetime, *, tell: Callable[[int, int], None]) -> Any:
        def stop(done: int, total: int) -> None:
            seen.append((done, total))
            yard.server.ask(f"/api/v1/jobs/{yard.jobs()[0]['id']}", "DELETE")
            while True:  # until the worker has noticed
                tell(done, total)

        return draw_strips(stores, now, tell=stop)

    monkeypatch.setattr(jobs, "TELLS_EVERY_S", 0.05)
    monkeypatch.setattr(redrawing, "draw_strips", watched)
    assert yard.worker().work() and yard.jobs()[0]["state"] == "cancelled"
    assert len(seen) == 1 and seen[0][0] == 0 < seen[0][1]
    with yard.stores.people() as accounts:
        trail = accounts.trail(before=None, limit=20)
    assert [one["subject"] for one in trail if one["action"] == "job_stopped"] == [f"job {yard.jobs()[0]['id']}"]


def test_a_stopped_drawing_stays_stopped_when_its_job_is_forgotten(yard: Yard) -> None:
    """After a week the strips somebody did not want would appear all the same."""
    yard.move()
    assert Watch(yard.stores).look(town.NOW)
    yard.server.ask(f"/api/v1/jobs/{yard.jobs()[0]['id']}", "DELETE")
    later = town.NOW + dt.timedelta(days=8)
    yard.worker(later).run(lingers_s=0)
    assert yard.jobs() == [] and not yard.worker(later).work() and "somebody stopped it" in yard.page()


def test_two_clocks_do_not_draw_in_turns(yard: Yard) -> None:
    """Around midnight two servers would draw the city of today and that of tomorrow, one after the other."""
    with yard.stores.publishing() as store:
        town.publish(store, places=shops(valid_to=[town.NOW.date(), None, None]))
    assert yard.worker().work() and yard.worker(TOMORROW).work()
    assert not yard.worker().work() and not yard.worker(TOMORROW).work() and len(yard.jobs()) == 2


def test_strips_of_today_stay_though_the_ground_ends_tomorrow(yard: Yard) -> None:
    """Shops in what is given away tomorrow would have no strip today."""
    before = yard.strips()
    with yard.stores.publishing() as store:
        cells = [town.cell(0, 0, 1, 2), town.cell(0, 0), town.cell(0, 1)]
        town.publish(store, effective_from=TOMORROW, grids=town.grids(units=("0101", "0103"), geometry=cells))
    put(yard.stores, "walls", town.rows(code=["W1"], geometry=[town.cell(0.2, 0.6, 0.6, 0.22)]))
    assert yard.worker().work() and set(yard.strips().index) == set(before.index)
    assert yard.jobs()[0]["result"]["drawn"] == len(before)


def test_a_strip_that_cannot_be_kept_is_told(yard: Yard) -> None:
    """The job would say that all is drawn, and one shop have the strip of somebody else's file."""
    foreign = yard.strips().loc[["D1"]].reset_index()[["code", "geometry", "area_m2", "origin"]]
    with yard.stores.publishing() as store:
        revision = store.revise(town.NOW, "theirs")
        kept = yard.strips().loc[["D1"], "id"].tolist()
        rows = foreign.assign(source="theirs", key="D1", row=1)
        assert not len(store.put("frontages", rows, revision, ending=kept).rejects)
    yard.move("N1", (1.5, 1.15))
    assert yard.worker().work()
    fault = yard.jobs()[0]["fault"]
    assert fault["code"] == "strips_rejected" and "1 of the drawn strips" in fault["detail"] and "D1" in fault["detail"]


def test_rules_that_draw_nothing_draw_nothing(yard: Yard) -> None:
    """Who clears snow would make every strip of the city another one, and its history unreadable."""
    before = yard.strips()
    yard.rule(snow="centre_line")
    assert not yard.worker().work()
    yard.rule(snow="centre_line", fronts_m={"tea": 3.0})
    assert yard.worker().work(), "it could"
    assert yard.strips()["id"].tolist() == before["id"].tolist()
    put(yard.stores, "shops", town.rows(code=["D1"], trade=["tea"]))
    assert yard.worker().work()
    after = yard.strips()
    assert after.loc["D1", "rules"]["fronts_m"] == {"tea": 3.0} and after.loc["N1", "rules"]["fronts_m"] == {}
    assert after.loc["N1", "id"] == before.loc["N1", "id"] and "snow" not in after.loc["D1", "rules"]


def test_a_request_sent_again_after_a_change_is_the_same_one(yard: Yard) -> None:
    """A client on a bad line would be told that it asks for something else under the same key."""
    first = yard.server.send("/api/v1/strips", None, Idempotency_Key="k")
    yard.move()
    again = yard.server.send("/api/v1/strips", None, Idempotency_Key="k")
    assert (again.status, again.document["id"]) == (202, first.document["id"])


def test_a_watch_that_cannot_look_leaves_other_jobs_alone(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Exports and imports would end with a table that is missing, or nobody hear that strips stay as they are."""
    number = yard.server.send("/api/v1/exports", {"layer": "places", "format": "csv"}).document["id"]
    worker = yard.worker()
    for fault in (exc.TimeoutError(), exc.ProgrammingError("x", {}, Exception("no such table"))):
        caplog.clear()
        monkeypatch.setattr(redrawing, "last_drawing", failing(fault))
        worker.run(lingers_s=0.01)
        assert not worker.work()
        assert len([line for line in caplog.records if "outdated" in line.message]) == 1, "once"
    assert yard.server.ask(f"/api/v1/jobs/{number}").document["state"] == "done"


def test_a_ground_that_goes_and_comes_back(yard: Yard) -> None:
    """A district deleted by mistake would end the drawing with a fault that says nothing, and end it for good."""
    before = yard.strips()
    with yard.stores.publishing() as store:
        version, grids = store.begin_version(town.NOW, "x"), store.read("grids", store.latest_version())
        top = grids["level"] == store.city.levels[0].name
        store.put("grids", town.grids().head(0), version, ending=grids.loc[top, "id"].tolist())
        store.publish(version, effective_from=None, now=town.NOW, override_reason=None)
    assert yard.worker().work() and yard.jobs()[0]["fault"]["code"] == "no_ground"
    with yard.stores.publishing() as store:
        town.publish(store, grids=town.grids())
    assert yard.worker().work() and set(yard.strips().index) == set(before.index)


def test_strips_are_forgotten(yard: Yard) -> None:
    """A city that tried strips out would have them drawn for ever."""
    yard.move()
    assert Watch(yard.stores).look(town.NOW)
    with pytest.raises(SystemExit) as refused:
        main(["--store", yard.stores.url, "strips", "--forget", "--keep"])
    assert refused.value.code == 2 and len(yard.strips())
    main(["--store", yard.stores.url, "strips", "--forget"])
    assert not len(yard.strips())
    assert yard.jobs()[0]["state"] == "cancelled" and not yard.worker().work()
    yard.move("N1", (1.5, 1.15))
    assert not yard.worker().work() and len(yard.jobs()) == 1


def test_others_publish_while_strips_are_made_ready(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could publish, nor on SQLite report, for the seconds that 35,000 strips take to be made rows."""

    def meanwhile(*given: Any) -> Any:
        rows = made_ready(*given)
        with yard.stores.publishing() as store:
            store.revise(town.NOW, "meanwhile")
        return rows

    yard.move()
    monkeypatch.setattr(strips, "made_ready", meanwhile)
    assert yard.worker().work() and yard.jobs()[0]["state"] == "done"
    assert yard.answering(MOVED[0]) == ("front_door", "D1")


def test_a_city_without_strips_is_not_searched(
    founded_stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every revision would have each server of every city go through its shops, streets and walls."""
    monkeypatch.setattr(redrawing, "basis_at", failing(AssertionError("searched")))
    assert not Watch(founded_stores).look(town.NOW) and not caplog.records


def test_a_drawing_that_is_under_way_is_forgotten_too(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips would be back a moment after somebody withdrew them, drawn by whoever had begun before."""

    def slow(*given: Any, **named: Any) -> Any:
        drawing = draw_strips(*given, **named)
        forget_strips(yard.stores, town.NOW)
        return drawing

    yard.move()
    monkeypatch.setattr(redrawing, "draw_strips", slow)
    assert yard.worker().work() and yard.jobs()[0]["state"] == "cancelled"
    assert not len(yard.strips()) and not yard.worker().work()
