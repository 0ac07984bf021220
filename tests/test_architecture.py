"""The rooms, the one-way arrow between them, and the size of what stands in them."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.project import PYPROJECT, ROOMS, ROOT, imported, imported_packages, modules, short, tree

MAY_ENTER = {
    "gis_core": set(),
    "layers": {"gis_core"},
    "map_ui": {"gis_core", "layers"},
    "data": {"gis_core"},
    "api": {"gis_core", "layers", "map_ui", "data"},
}
KEPT_OUT = {
    "gis_core": {
        "sqlalchemy", "geoalchemy2", "psycopg2", "alembic", "fastapi", "starlette", "pydantic", "uvicorn", "folium",
        "branca", "jinja2", "click", "rich", "pyogrio", "pyarrow", "openpyxl",
        "os", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "urllib", "sqlite3", "time", "random",
    },
    "layers": {"fastapi", "starlette", "pydantic", "uvicorn", "folium", "branca", "click", "rich"},
    "map_ui": {"sqlalchemy", "geoalchemy2", "psycopg2", "alembic", "fastapi", "starlette", "click", "rich"},
    "data": {"sqlalchemy", "geoalchemy2", "psycopg2", "alembic", "fastapi", "folium", "click", "rich"},
}  # fmt: skip
IMPURE_CALLS = {"open", "input", "print", "eval", "exec", "__import__"}
IMPURE_METHODS = {
    "now", "today", "utcnow", "getenv", "read_text", "read_bytes", "write_text", "write_bytes", "urandom", "seed",
    "read_csv", "read_file", "read_parquet", "to_csv", "to_file", "to_parquet",
}  # fmt: skip
MOST_LINES = {"module": 350, "function": 50}


@pytest.mark.parametrize("room", ROOMS)
def test_the_arrow_points_one_way(room: str) -> None:
    """A room would depend on one that depends on it, or know a library that is not its business."""
    others = set(ROOMS) - MAY_ENTER[room] - {room} | {"tests"}
    for path in modules(room):
        seen = imported_packages(path)
        assert seen & others == set(), f"{short(path)} enters a room it may not"
        assert seen & KEPT_OUT.get(room, set()) == set(), f"{short(path)} imports what is not its business"


def test_a_process_begins_without_what_few_of_them_need() -> None:
    """Each command and each server process would take a second longer to begin."""
    program = "import api.cli, sys; print(*{'folium', 'scipy.stats'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_core_is_pure() -> None:
    """The deciding would depend on a file, the environment or the moment, and could not be repeated."""
    for path in modules("gis_core"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            impure = (isinstance(called, ast.Name) and called.id in IMPURE_CALLS) or (
                isinstance(called, ast.Attribute) and called.attr in IMPURE_METHODS
            )
            assert not impure, f"{short(path)}:{node.lineno} calls {ast.unparse(called)}"
            unseeded = ast.unparse(called).endswith("default_rng") and not node.args
            assert not unseeded, f"{short(path)}:{node.lineno} draws random numbers without a seed"


def test_modules_and_functions_stay_small() -> None:
    """A missing noun would hide in a long file."""
    too_long = []
    for path in modules(*ROOMS):
        sizes = [(short(path), "module", len(path.read_text("utf-8").splitlines()))]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                sizes.append((f"{short(path)}:{node.name}", "function", node.end_lineno - node.lineno + 1))
        too_long += [(name, size) for name, kind, size in sizes if size > MOST_LINES[kind]]
    assert too_long == []


def test_nobody_reaches_into_another_module() -> None:
    """A private name would become an interface without anybody deciding so."""
    reached = [
        f"{short(path)}: {name}"
        for path in modules(*ROOMS)
        for name in imported(path)
        if name.partition(".")[0] in ROOMS and re.search(r"\._[^_]", name)
    ]
    assert reached == []


def test_every_import_is_declared_and_every_dependency_used_and_explained() -> None:
    """An install would lack a library, or bring one nobody can give a reason for."""
    explained = _explained(ROOT / "docs" / "dependencies.md")
    extras = PYPROJECT["project"]["optional-dependencies"]
    run = {_name(line) for line in [*PYPROJECT["project"]["dependencies"], *extras["distributed"], *extras["routing"]]}
    dev = {_name(line) for extra in extras.values() for line in extra}
    assert set(explained) == run | dev
    in_rooms, in_tests = _distributions(*ROOMS), _distributions("tests")
    assert in_rooms - run == set(), "imported by a room, but not declared"
    assert in_tests - run - dev == set(), "imported by a test, but not declared"
    unused = {name for name in run - in_rooms | dev - in_tests if not explained[name]}
    assert unused == set(), "declared, but neither imported nor said to be used in another way"


def _name(requirement: str) -> str:
    return re.split(r"[<>=!~\[; ]", requirement)[0].lower()


def _explained(page: Path) -> dict[str, str]:
    """The dependencies a page explains, and how each is used where nothing imports it."""
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|([^|]*)\|$", page.read_text("utf-8"), re.MULTILINE)
    return {name: how.strip() for name, _, how in rows}


def _distributions(*folders: str) -> set[str]:
    """Names of the distributions that modules import."""
    known = packages_distributions()
    packages = set().union(*(imported_packages(path) for path in modules(*folders)))
    foreign = packages - set(sys.stdlib_module_names) - {*ROOMS, "tests"}
    # What measures against other libraries is not installed for the tests; a package there is named like its library.
    return {known.get(package, [package])[0].lower() for package in foreign}
