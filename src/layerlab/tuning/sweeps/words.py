"""What is said of a sweep: what its members share, a table, and in words what their curves did and what follows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from layerlab.runs.summary import cost_note, settings_text
from layerlab.settings import OWN
from layerlab.text import as_text, count_text, metric_text, plain_table, value_text

from .advice import advised
from .seeds import FIGURES, OverSeeds, over_seeds

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from .result import Sweep

MOST_SENTENCES = 12
"""A population of more members gets a sentence for those alone whose curve did something remarkable."""

COLUMNS = (*FIGURES, "kept_at")
"""Of a sweep's table, where there is something to show."""


def sweep_text(sweep: Sweep) -> str:
    """A sweep as plain text."""
    return as_text(lambda console: print_sweep(sweep, sweep.table, console))


def print_table(sweep: Sweep, rows: Sequence[dict[str, Any]], console: Console) -> None:
    """What all members share, and a row each, or one for those that differ in their seed alone.

    Args:
        sweep, rows, console: as for ``print_sweep``.
    """
    console.print(_heading(sweep), highlight=False, markup=False)
    groups = over_seeds(rows, sweep.varied)
    if len(groups) == len(rows):
        console.print(_table_of_members(sweep, rows))
        return
    console.print(_table_over_seeds(rows, groups))
    note = "Figures are medians over the seeds, below them the lowest and the highest; diverged ones are left out."
    console.print(f"{note}\n", highlight=False, markup=False)


def print_sweep(sweep: Sweep, rows: Sequence[dict[str, Any]], console: Console) -> None:
    """What all members share, their table, and in words what came of them.

    Args:
        sweep: the population.
        rows: its table, or the same with accuracies and findings; None where there is no figure.
        console: where to print.
    """
    print_table(sweep, rows, console)
    for line in _lines(sweep, rows):
        console.print(line, highlight=False, markup=False)


def _heading(sweep: Sweep) -> str:
    common = sweep.common
    heading = f"{common['network']}; " if "network" in common else ""
    heading += f"{count_text(common['iterations'], 'iteration')}; {settings_text(common)}"
    return f"{sweep.dataset}: {heading}" if sweep.dataset else heading


def _table_of_members(sweep: Sweep, rows: Sequence[dict[str, Any]]) -> Table:
    names, figures = sweep.varied or ("network",), _shown(rows)
    table = plain_table(*(name.replace("_", "\n") for name in (*names, *figures)), "curve")
    for row in rows:
        own = dict(apart({**sweep.common, **row}, names))
        table.add_row(*(own.get(name, "–") for name in names), *_figures(row, figures), row["behaviour"])
    return table


def _shown(rows: Sequence[dict[str, Any]]) -> list[str]:
    figures = [name for name in COLUMNS if any(row.get(name) not in (None, "") for row in rows)]
    return [name for name in figures if not all(_is_nan(row.get(name)) for row in rows)]


def _table_over_seeds(rows: Sequence[dict[str, Any]], groups: Sequence[OverSeeds]) -> Table:
    """A row for all seeds of a setting: the median of each figure, below it the lowest and the highest."""
    names, figures = list(groups[0].settings), [name for name in _shown(rows) if name in FIGURES]
    first = names or ["seeds"]
    table = plain_table(
        *(name.replace("_", "\n") for name in first),
        *(["seeds"] if names else []),
        *(f"{name.replace('_', chr(10))}" for name in figures),
        "curves",
    )
    for group in groups:
        own = dict(apart(group.settings, names))
        told = [*(own.get(name, "–") for name in names), str(len(group.members))]
        table.add_row(*told, *(_spread(group, name) for name in figures), group.words.replace(", ", "\n"))
    return table


def _spread(group: OverSeeds, name: str) -> str:
    spread = group.figures[name]
    if spread is None:
        return "–"
    median, low, high = (metric_text(name, value) for value in spread)
    return f"{median}\n{low.removesuffix(' %')} to {high.removesuffix(' %')}" if low != high else median


def _lines(sweep: Sweep, rows: Sequence[dict[str, Any]]) -> list[str]:
    """A sentence for each member, if they are few, for what is wrong with some, and for what follows."""
    common, every = sweep.common, sweep.histories[0].every if sweep.histories else 1
    lines = [f"• {_named(row, sweep.varied)}: {row['what']}." for row in rows]
    if len(rows) > MOST_SENTENCES:
        counts = Counter(row["behaviour"] for row in rows)
        told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
        lines = [f"• Of {len(rows)} networks {told}.", *_remarkable(rows, lines)]
    advice = None if sweep.interrupted else advised(rows, sweep.varied)
    lines += [f"→ {advice.sentence}"] if advice else []
    lines += _findings(rows, sweep.varied)
    if sweep.left_over:
        lines.append(f"! Interrupted: {sweep.left_over} of {sweep.left_over + len(rows)} networks were not begun.")
    if common["monitor"]:
        lines.append(
            f"Figures are those of each network's best epoch by {common['monitor'].replace('_', ' ')}, after the "
            f"update in “kept at”, whose parameters it has; the sentences are about the whole curve."
        )
    if note := cost_note(every, {name: common.get(name, name in sweep.varied) for name in ("l2", "dropout")}):
        lines.append(f"Costs are {note}.")
    return lines


def _findings(rows: Sequence[dict[str, Any]], varied: Sequence[str]) -> list[str]:
    """A sentence for each kind of finding: how many networks have it, and the first with what it is."""
    kinds: dict[str, tuple[set[int], str]] = {}
    for number, row in enumerate(rows):
        for finding in row.get("diagnosis", ()):
            reason = f"Likely cause: {finding['cause']}. Try: {finding['remedy']}."
            first = f"{_named(row, varied)}: {finding['what']}. {reason}"
            kinds.setdefault(finding["kind"], (set(), first))[0].add(number)
    return [
        f"! {kind}, {f'{len(have)} networks, such as ' if len(have) > 1 else ''}{first}"
        for kind, (have, first) in kinds.items()
    ]


def _remarkable(rows: Sequence[dict[str, Any]], lines: list[str]) -> list[str]:
    """Sentences about the members whose curve did not just fall or creep, the first few of each kind."""
    shown: Counter[str] = Counter()
    kept = []
    for row, line in zip(rows, lines, strict=True):
        shown[row["behaviour"]] += 1
        if row["behaviour"] not in ("fell", "crept") and shown[row["behaviour"]] <= 3:
            kept.append(line)
    return kept


def _named(row: dict[str, Any], varied: Sequence[str]) -> str:
    """A member by what sets it apart."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in apart(row, varied)) or "the network"


def apart(row: Mapping[str, Any], varied: Sequence[str]) -> list[tuple[str, str]]:
    """What sets a member apart, without the settings that its schedule does not have."""
    return [(name, value_text(row[name])) for name in varied if row[name] is not None or name not in OWN["schedule"]]


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _figures(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    kept = f"{row['kept_at']:,}" if row.get("kept_at") else "end"
    return [kept if name == "kept_at" else metric_text(name, row[name]) for name in names]
