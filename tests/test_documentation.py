"""What the documents say is there, and what is there is in the documents."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from api.cli import cli
from api.plans import read_plan
from gis_core.city import City
from layers import TABLES
from layers.importers import Importer
from tests.project import ROOMS, ROOT, files, modules, short, tree

DOCUMENTS = [path for path in files() if path.suffix == ".md"]


def text(name: str) -> str:
    """A document from the root."""
    return (ROOT / name).read_text("utf-8")


def sections(document: str, level: str = "##") -> dict[str, str]:
    """The parts of a document by heading."""
    parts = re.split(rf"^{level} (.+)$", document, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("path", modules(*ROOMS), ids=short)
def test_everything_public_says_what_it_is(path: Path) -> None:
    """A reader would have to guess from the code."""
    assert ast.get_docstring(tree(path)) or not path.read_text("utf-8").strip(), f"{short(path)} says nothing"
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        is_command = any(
            re.search("command|group", ast.unparse(decorator)) for decorator in getattr(node, "decorator_list", [])
        )
        public = node in tree(path).body
        assert not public or is_command or ast.get_docstring(node), f"{short(path)}: {node.name} says nothing"


def test_every_command_and_option_is_described() -> None:
    """A command could be used only by who has read the code."""
    described = {
        heading: set(re.findall(r"^\| `(--[a-z-]+)`", part, re.MULTILINE))
        for heading, part in sections(text("docs/commands.md")).items()
    }
    assert described == {name: _options(command) for name, command in _commands("gridwarden", cli)}


def _commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command, and those it is a group of."""
    yield name, command
    for below, one in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _commands(f"{name} {below}", one)


def _options(command: click.Command) -> set[str]:
    return {
        max(parameter.opts, key=len)
        for parameter in command.params
        if isinstance(parameter, click.Option) and "--help" not in parameter.opts
    }


@pytest.mark.parametrize("name", TABLES)
def test_every_column_a_file_can_fill_is_described(name: str) -> None:
    """A column would have to be found by trial."""
    given = [column.name for column in TABLES[name].__table__.columns if column.info.get("given")]
    part = sections(sections(text("docs/tables.md"))["Tables"], "###")[name]
    described = re.findall(r"^\| `([a-z_0-9]+)`", part, re.MULTILINE)
    assert set(given) - {"valid_from", "valid_to"} <= set(described)
    for column in TABLES[name].__table__.columns:
        for choice in column.info.get("choices", ()):
            assert f"`{choice}`" in part, f"{name}.{column.name}: {choice}"


def test_the_examples_are_accepted(tmp_path: Path) -> None:
    """A newcomer would copy an example that is refused."""
    city_file, plan_file = re.findall(r"```toml\n(.*?)```", text("docs/tables.md"), re.DOTALL)
    city = City.parse(tomllib.loads(city_file))
    assert [level.name for level in city.levels] == ["district", "unit"]
    (tmp_path / "plans").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "plans" / "city.toml").write_text(city_file, "utf-8")
    (tmp_path / "plans" / "plan.toml").write_text(plan_file, "utf-8")
    for name in ("streets_1.geojson", "streets_2.geojson", "cans.geojson"):
        (tmp_path / "files" / name).touch()
    plan = read_plan(tmp_path / "plans" / "plan.toml")
    assert plan.city == city
    assert [step.path.name for step in plan.steps] == ["streets_1.geojson", "streets_2.geojson", "cans.geojson"]
    for step in plan.steps:
        Importer(step.table, step.mapping, city, digest="", stem=step.path.stem)


def test_make_targets_are_described() -> None:
    """A newcomer would not know what there is to make, or would type what is not there."""
    targets = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE)) - {"help"}
    for name in ("README.md", "README.zh-CN.md"):
        assert set(re.findall(r"`make ([a-z-]+)", text(name))) == targets, name


@pytest.mark.parametrize("path", DOCUMENTS, ids=short)
def test_links_lead_somewhere(path: Path) -> None:
    """A reader would be sent into the void."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{short(path)}: {target}"
        if anchor:
            assert anchor in _anchors(there), f"{short(path)}: {target}"


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_both_readmes_tell_the_same() -> None:
    """One language would get the better description."""
    english, chinese = text("README.md"), text("README.zh-CN.md")
    assert len(sections(english)) == len(sections(chinese))
    for pattern in (r"```.*?```", r"\]\((?!README)([^)]+)\)"):
        ours, theirs = (re.findall(pattern, document, re.DOTALL) for document in (english, chinese))
        plain = [[re.sub(r"\s*#.*|\.(en|zh)\.png", "", found) for found in each] for each in (ours, theirs)]
        assert plain[0] == plain[1]


def test_the_glossary_has_three_columns_and_no_doubles() -> None:
    """A term would stand for two things, or have no Chinese."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text("GLOSSARY.md").splitlines()
        if line.startswith("| ") and not line.startswith("| English")
    ]
    assert len(rows) >= 50
    assert all(len(row) == 3 and all(row) for row in rows)
    assert all(re.search(r"[\u4e00-\u9fff]", chinese) for _, chinese, _ in rows)
    assert len({english for english, _, _ in rows}) == len(rows)


def test_the_newest_version_is_in_the_changelog() -> None:
    """Nobody could tell what changed."""
    assert re.search(r"^## \[?Unreleased", text("CHANGELOG.md"), re.MULTILINE)
