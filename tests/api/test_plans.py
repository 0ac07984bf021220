"""Plan files: many files as one version, on both databases."""

from pathlib import Path

import pytest

from api.plans import read_plan
from gis_core.errors import GisError, InvalidInput, NotFound
from layers.stores import Stores
from tests import town
from tests.api.conftest import Run

PLAN = """
city = "city.toml"
note = "the town"

[[load]]
table = "parties"
file = "parties.csv"
key = "code"

[[load]]
table = "categories"
file = "categories.csv"
key = "code"
set = { scheme = "town" }

[[load]]
table = "grids"
file = "unit.geojson"
level = "unit"
key = "code"

[[load]]
table = "grids"
file = "district.geojson"
level = "district"
key = "code"

[[load]]
table = "streets"
file = "streets.gpkg"
key = "code"
keep = ["fid"]

[[load]]
table = "holders"
file = "holders.csv"
key = "subject_code"
valid_from = "2026-01-01"

[[load]]
table = "issues"
file = "issue*.csv"
key = "id"
templates = { address = "case {id}" }
"""


@pytest.fixture
def plan(files: Path) -> Path:
    """The plan of the town beside its files."""
    path = files / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_a_plan_is_one_version_and_then_the_issues(run: Run, plan: Path, stores: Stores) -> None:
    done = run("--json", "load", "--plan", plan)
    assert done.status == 0, done.err
    assert [one["rejected"] for one in done.answer["files"]] == [0, 0, 0, 0, 0, 0, 2]
    with stores.read() as store:
        assert (store.latest_version(), store.latest_revision()) == (1, 2)
        assert set(store.issues()["address"]) == {"case 1", "case 4"}
        assert store.read("holders", 2)["valid_from"].astype(str).tolist() == ["2026-01-01"]
        assert store.read("grids", 1).set_index("code").loc["0101", "parent"] == "01"


def test_a_plan_twice_changes_nothing(run: Run, plan: Path, stores: Stores) -> None:
    run("load", "--plan", plan)
    again = run("load", "--plan", plan)
    assert "nothing changed" in again.out
    with stores.read() as store:
        assert (store.latest_version(), store.latest_revision(), store.count("issues")) == (1, 2, 2)


def test_one_fault_and_nothing_of_the_plan_is_stored(run: Run, plan: Path, files: Path, stores: Stores) -> None:
    (files / "holders.csv").write_text("who,what\n1,2\n")
    done = run("load", "--plan", plan)
    assert done.status == 2
    assert "holders" in done.err
    with stores.read() as store:
        assert (store.latest_version(), store.count("grids"), store.count("parties")) == (0, 0, 0)


def test_a_plan_can_give_the_reason_to_publish_nevertheless(run: Run, plan: Path, files: Path) -> None:
    overlapping = town.grids().iloc[1:]
    overlapping.loc[overlapping["code"] == "0102", "geometry"] = town.cell(0.5, 0)
    overlapping[["code", "name", "geometry"]].to_file(files / "unit.geojson")
    assert run("load", "--plan", plan).status == 2
    plan.write_text('override = "as received"\n' + PLAN)
    assert run("load", "--plan", plan).status == 0


def test_a_past_question_is_answered_by_the_past_version(run: Run, plan: Path, files: Path) -> None:
    run("load", "--plan", plan)
    swapped = town.grids().iloc[1:]
    swapped["geometry"] = [town.cell(k % 2, k // 2) for k in (3, 2, 1, 0)]
    swapped[["code", "name", "geometry"]].to_file(files / "unit.geojson")
    arguments = ("load", "grids", "unit.geojson", "--level", "unit", "--key", "code", "--effective-from", "2026-07-10")
    done = run(*arguments)
    assert done.status == 0, done.err
    place = ("--json", "explain", "--lon", town.WEST + 0.0005, "--lat", town.SOUTH + 0.0005, "--category", "a")
    assert run(*place, "--at", "2026-07-09T23:59").answer["answer"]["grid"] == "0101"
    assert run(*place, "--at", "2026-07-10").answer["answer"]["grid"] == "0104"


def test_files_are_found_from_a_base(plan: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "plans" / "plan.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(PLAN.replace('city = "city.toml"', ""), encoding="utf-8")
    with pytest.raises(NotFound) as fault:
        read_plan(elsewhere)
    assert "parties.csv" in fault.value.text("en")
    assert len(read_plan(elsewhere, base=tmp_path).steps) == 6


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nonsense = 1", "nonsense"),
        ("[[load]]\nfile = 'a.csv'", "load.table"),
        ("[[load]]\ntable = 'grids'", "load.file"),
        ("[[load]]\ntable = 'wards'\nfile = 'a.csv'", "wards"),
        ("[[load]]\ntable = 'grids'\nfile = 'a.csv'\nlevl = 'unit'", "load.levl"),
        ("[[load]]\ntable = 'parties'\nfile = 'parties.csv'\nvalid_from = 'May'", "May"),
        ("[[load", "plan.toml"),
    ],
)
def test_what_is_wrong_in_a_plan_is_named(plan: Path, text: str, named: str) -> None:
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(GisError) as fault:
        read_plan(plan)
    assert isinstance(fault.value, InvalidInput | NotFound)
    assert named in fault.value.text("en")


def test_a_file_read_for_two_tables_has_one_list_of_rejects(run: Run, plan: Path, files: Path) -> None:
    (files / "both.csv").write_text("id,kind,name\nA,unit,甲\nA,unit,乙\nB,unit,丙\n", encoding="utf-8")
    parties = "\n[[load]]\ntable = 'parties'\nfile = 'both.csv'\nkey = 'id'\nmap = { code = 'id' }\n"
    categories = (
        "\n[[load]]\ntable = 'categories'\nfile = 'both.csv'\nkey = 'id'\nmap = { code = 'id' }\n"
        "set = { kind = 'matter' }\ndistinct = ['code']\n"
    )
    plan.write_text(PLAN + parties + categories, encoding="utf-8")
    done = run("--json", "load", "--plan", plan)
    assert done.status == 0, done.err
    both = [one for one in done.answer["files"] if one["file"].endswith("both.csv")]
    assert [one["rejected"] for one in both] == [1, 0]
    assert {one["rejects"] for one in both} == {str(files / "both.csv.rejects.csv")}
    assert "parties,2,A,key_twice" in (files / "both.csv.rejects.csv").read_text(encoding="utf-8-sig")
