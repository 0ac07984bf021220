"""The project as it lies there: its files, rooms and dependencies."""

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("gis_core", "layers", "map_ui", "api", "data")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or is going to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def modules(*folders: str) -> list[Path]:
    """Python files in top-level folders."""
    return [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


@cache
def tree(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> set[str]:
    """Full names of the modules, and of the names from them, that a file imports anywhere."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides which room it enters"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_packages(path: Path) -> set[str]:
    """Top-level names of what a file imports."""
    return {name.partition(".")[0] for name in imported(path)}


def short(path: Path) -> str:
    """A file's path from the root."""
    return path.relative_to(ROOT).as_posix()
