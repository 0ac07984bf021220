"""The project from outside: what is installed, built, composed and given away."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.project import ROOT, files, short

COMMAND = Path(sys.executable).with_name("gridwarden")
COMPOSE = shutil.which("docker-compose")
SHIPPED = ("data/reference/categories.csv", "layers/migrations/env.py", "map_ui/assets/leaflet.js",
           "map_ui/assets/images/layers.png", "map_ui/templates/page.html")  # fmt: skip
SECRETS = (r"-----BEGIN [A-Z ]*PRIVATE KEY", r"\bAKIA[0-9A-Z]{16}\b", r"\bgh[pousr]_[A-Za-z0-9]{36}\b")
# Written so that this file does not contain what it looks for.
MACHINES = (r"/wo{1}rk/", r"/tmp/bri{1}ef", r"/home/(?!gridwarden\b)[a-z]", r"/ro{1}ot/", r"/Users/[A-Za-z]")
REGISTRIES = (
    r"files\.python{1}hosted",
    r"py{1}pi\.(org|python)",
    r"registry\.np{1}mjs",
    r"index-{1}url",
    r"simple/{1}\s*$",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's files in a folder with a space in its name, as a fresh clone has them."""
    target = tmp_path / "fresh clone"
    for path in files():
        there = target / short(path)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there)
    return target


def run(*command: str | Path, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_the_wheel_has_everything_that_is_read_at_run_time(copy: Path) -> None:
    """An installed GridWarden would miss its tables, pages or schema."""
    built = run(
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "out", ".", cwd=copy
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (copy / "out").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    rooms = {short(path) for path in files() if path.suffix == ".py" and short(path).startswith(("api/", "gis_core/"))}
    assert rooms | set(SHIPPED) <= held
    assert {name for name in held if name.startswith(("tests/", "docs/", "scripts/"))} == set()
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_the_command_is_not_fooled_by_the_folder_it_runs_in(tmp_path: Path) -> None:
    """A user's own ``data`` folder or ``api.py`` would be taken for ours."""
    (tmp_path / "data").mkdir()
    for trap in ("data/__init__.py", "api.py", "layers.py"):
        (tmp_path / trap).write_text("raise SystemExit('the wrong module was imported')")
    made = run(COMMAND, "--store", "sqlite:///here.db", "demo", "--units", "50", "--issues", "20", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "here.db").is_file()
    assert (tmp_path / "maps" / "overview.zh.html").is_file()


@pytest.mark.parametrize("python", ["no-such-python", "false"])
def test_without_a_python_the_newcomer_is_told_how_to_get_one(copy: Path, python: str) -> None:
    """`make` would end in a stack of errors nobody can read."""
    told = run("make", "install", f"PYTHON={python}", cwd=copy)
    assert told.returncode != 0
    assert "Python 3.11" in told.stderr and python in told.stderr and "apt-get install python3-venv" in told.stderr
    assert "请按上面的命令安装" in told.stderr
    assert not (copy / ".venv").exists()


@pytest.mark.full
def test_a_fresh_clone_builds_the_demo(copy: Path) -> None:
    """The first command of the README would fail for a newcomer."""
    made = run("make", "demo", cwd=copy, LANG="zh_CN.UTF-8")
    assert made.returncode == 0, made.stderr
    assert (copy / "demo.db").is_file() and (copy / "maps" / "heat.en.html").is_file()


@pytest.mark.parametrize("script", [".ci/run", "scripts/install", "scripts/packages"])
def test_scripts_can_be_run(script: str) -> None:
    """A script would have lost its permission or its grammar."""
    assert os.access(ROOT / script, os.X_OK)
    shell = (ROOT / script).read_text("utf-8").splitlines()[0].split("/")[-1].split()[-1]
    assert run(shell, "-n", script, cwd=ROOT).returncode == 0


@pytest.mark.skipif(COMPOSE is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("missing", ["", "POSTGRES_PASSWORD", "GRIDWARDEN_SECRET"])
def test_compose_needs_its_secrets_and_stays_on_loopback(missing: str) -> None:
    """The city would start with a password or secret that is known, or be seen from outside."""
    assert COMPOSE
    given = {"POSTGRES_PASSWORD": "a$b@c", "GRIDWARDEN_SECRET": "x" * 32}
    said = run(COMPOSE, "config", cwd=ROOT, **(given | ({missing: ""} if missing else {})))
    if missing:
        assert said.returncode != 0 and missing in said.stderr
        return
    assert said.returncode == 0, said.stderr
    assert "service_healthy" in said.stdout and "pg_isready" in said.stdout
    assert "127.0.0.1" in said.stdout and "0.0.0.0" not in said.stdout


def test_nothing_is_given_away() -> None:
    """A path of somebody's machine, a secret or a package registry would travel with the project."""
    patterns = [re.compile(pattern, re.MULTILINE) for pattern in (*SECRETS, *MACHINES, *REGISTRIES)]
    for path in files():
        if path.suffix in {".png", ".ico", ".woff2"}:
            continue
        text = path.read_text("utf-8")
        assert [found.group() for pattern in patterns if (found := pattern.search(text))] == [], short(path)
