"""``make bench``: measure, and write docs/benchmarks.md; ``python -m tests.benchmarks NAME …`` measures some again."""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks import (
    boundaries,
    coverage,
    demo_city,
    doors,
    heat,
    hotspots,
    joins,
    loading,
    memory,
    patrol,
    serving,
    surfaces,
    whole,
)
from tests.benchmarks.spending import alone

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Each section says when and on what it was measured; `python -m tests.benchmarks NAME` measures
one again: {names}. CPU seconds are those of all threads; peaks are
resident memory, files mapped into it included.
"""
SECTIONS: Mapping[str, tuple[str, Callable[[Path], str]]] = {
    "joins": ("Joins", joins.section),
    "whole": ("The whole assignment", whole.section),
    "load": ("Loading a million issues", loading.section),
    "boundaries": ("Boundaries", boundaries.section),
    "doors": ("Front doors", doors.section),
    "patrol": ("Patrol", patrol.section),
    "coverage": ("Coverage", coverage.section),
    "hotspots": ("Hot spots", hotspots.section),
    "heat": ("Heat", heat.section),
    "surfaces": ("Surfaces", surfaces.section),
    "memory": ("Ten million rows", memory.section),
    "demo": ("The demo city", demo_city.section),
    "serving": ("Serving", serving.section),
}
"""By name, in the order of the page: its heading and what measures it, given a folder to write to."""


def page(old: str, measured: Mapping[str, str]) -> str:
    """The page with the sections measured, by name; the others as they were."""
    parts = dict(part.split("\n", 1) for part in old.split("\n## ")[1:])
    parts |= {SECTIONS[name][0]: f"\n{text.strip()}\n" for name, text in measured.items()}
    body = [f"\n## {title}\n{parts[title]}" for title, _ in SECTIONS.values() if title in parts]
    return HEAD.format(names=", ".join(f"`{name}`" for name in SECTIONS)) + "".join(body)


def main(names: list[str]) -> None:
    """Measure the sections named, each in a process of its own, or all of them."""
    for name in names or SECTIONS:
        if name not in SECTIONS:
            sys.exit(f"{name}: {', '.join(SECTIONS)}")
    with tempfile.TemporaryDirectory(prefix="gw-bench-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # what is kept beside a database goes with it
        for name in names or SECTIONS:
            print(f"measuring {name}", file=sys.stderr)  # noqa: T201
            text = alone(SECTIONS[name][1], Path(folder))
            PAGE.write_text(page(PAGE.read_text("utf-8"), {name: text}), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
