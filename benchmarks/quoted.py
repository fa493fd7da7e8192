"""The tables of docs/engine.md with measured values, written from the files that the measurements leave.

The page quotes what may change with the machine only in these tables, so a new measurement changes all of it.
``python -m benchmarks.quoted`` writes them, and so does measuring; ``tests/test_benchmarks.py`` compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .figures import verdicts
from .report import line, percent, seconds, target_value, times
from .row import PRODUCTS, SHAPES
from .rows import ROWS

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "docs" / "engine.md"

PICTURE = (
    "![Three panels, for digits, cats and the flower: the time of one network's update, by the number of networks in a"
    " group](group_sizes.png)"
)
"""The picture of ``group_sizes``."""

PLACE = re.compile(r"(<!-- table (?P<name>\w+) -->\n).*?(<!-- end of the table -->)", re.S)
"""Where a table stands on a page."""


def with_tables(page: str) -> str:
    """A page's text with all its tables as the files have them."""
    return PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place['name']]()}\n\n{place[3]}", page)


def write_tables() -> None:
    """Write the tables of docs/engine.md."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _measured(name: str) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return results


def _rows() -> list[tuple[str, dict[str, Any]]]:
    """The rows that were measured, in the order of the report."""
    rows = _measured("results")["rows"]
    return [(name, rows[name]) for name in ROWS if name in rows]


def _targets() -> str:
    """A line for each target of each row: what was wanted, and what was measured."""
    lines = [line(["row", "target", "measured", ""]), line(["---"] * 4)]
    for name, result in _rows():
        for target, value, reached in verdicts(ROWS[name], result["figures"]):
            if value is not None:
                lines.append(
                    line(
                        [f"`{name}`", target.text, target_value(target, value), "reached" if reached else "**missed**"]
                    )
                )
    return "\n".join(lines)


def _populations() -> str:
    """A line for each population: the time of an update of one network, the others' times and its products' by it."""
    heads = ["row", "one network's update", "PyTorch", "jax", "its products alone", "the same at the ceiling"]
    shown = (("PyTorch", times), ("JAX autodiff", times), (SHAPES, percent), (PRODUCTS, percent))
    lines = [line(heads), line(["---"] * len(heads))]
    for name, result in _rows():
        row, figures = ROWS[name], result["figures"]
        if row.task != "population" or row.members == 1 or "layerlab.iteration" not in figures:
            continue
        values = [(figures.get(f"{label}.ratio"), told) for label, told in shown]
        cells = ["" if value is None else told(value) for value, told in values]
        lines.append(line([f"`{name}`", seconds(figures["layerlab.iteration"] / row.members), *cells]))
    return "\n".join(lines)


def _group_sizes() -> str:
    """The picture, and a line for each problem: the time of an update of one network, by the size of its group."""
    if not (FOLDER / "group_sizes.json").exists():
        return "`python -m benchmarks.group_sizes` measures this and draws it."
    problems = _measured("group_sizes")["problems"]
    sizes = sorted({int(size) for one in problems.values() for size in one["seconds"]})
    shown = [size for size in sizes if all(str(size) in one["seconds"] for one in problems.values())]
    lines = [PICTURE, "", line(["", *(f"groups of {size}" for size in shown), "not divided", "layerlab chooses"])]
    lines.append(line(["---"] * (len(shown) + 3)))
    for name, one in problems.items():
        costs = [seconds(one["seconds"][str(size)]) for size in shown]
        lines.append(line([name, *costs, seconds(one["undivided"]), f"groups of {one['chosen']}"]))
    return "\n".join(lines)


TABLES: dict[str, Callable[[], str]] = {"targets": _targets, "populations": _populations, "group_sizes": _group_sizes}
"""By the name that stands on the page."""


if __name__ == "__main__":
    write_tables()
