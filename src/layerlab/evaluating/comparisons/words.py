"""A comparison as sentences and tables for the terminal, the same in Python and on the command line.

The best network comes first, then the table, then what each pair shows. Everything is said from the comparison's facts,
``Comparison.facts()``: nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from rich.text import Text

from layerlab.console import plain_table
from layerlab.escapes import printable
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.findings import Finding
from layerlab.text import count_text, metric_text, percent

from .verdicts import answers, evidence, ranking_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

ALONE = (
    "Each interval is about one network alone. The tests below compare two networks on the same examples, and can so "
    "show smaller differences."
)
"""Said where a test shows a difference although the two intervals overlap."""

WIDE = 80
"""The table of all networks needs lines of at least this many characters; else it becomes two tables."""


def print_comparison(facts: Mapping[str, Any], about: str, console: Console) -> None:
    """Print which network is best, a table of all, and what each pair shows; then seeds, splits and findings, if any.

    Args:
        facts: the result of ``Comparison.facts``.
        about: what the dataset is, in words.
        console: where to print.
    """
    for line in _lines(facts, about, console.width):
        console.print(line, highlight=False, markup=False)


def _lines(facts: Mapping[str, Any], about: str, width: int) -> Iterator[RenderableType]:
    """Yield everything that is printed, in order."""
    models, resplits = facts["models"], facts["resplits"]
    if facts["interrupted"]:
        yield "! Interrupted: what follows is about the training that was done until then."
    yield from map(printable, answers(facts))
    prepared = "; features standardised" if facts["standardized"] else ""
    sizes = f"{count_text(facts['n_train'], 'training example')}, {count_text(facts['n_test'], 'test example')}"
    yield Text.assemble("\n", (printable(facts["dataset"]), "bold"), f": {printable(about)}; {sizes}{prepared}")
    yield from _model_tables(models, width)
    if _some_overlap(facts):
        yield f"{ALONE}\n"
    yield from (f"• {printable(sentence)}" for sentence in evidence(facts))
    if any(len(model["seed_accuracies"]) > 1 for model in models):
        yield "\nTest accuracy with other initial weights"
        yield _seed_table(models)
    if resplits:
        yield f"\nTest accuracy over {resplits['n']} random splits"
        yield _split_table(resplits)
    for model in models:
        yield from (f"! {printable(model['name'])}: {Finding(**finding)}" for finding in model["diagnosis"])


def _some_overlap(facts: Mapping[str, Any]) -> bool:
    """Return whether the intervals of two networks overlap although a test shows that the networks differ."""
    intervals = [model["test_interval"] for model in facts["models"]]
    pairs = zip(combinations(intervals, 2), facts["paired_tests"], strict=True)
    return any(
        test["p_adjusted"] < 1 - CONFIDENCE_LEVEL and one[0] <= two[1] and two[0] <= one[1]
        for (one, two), test in pairs
        if one and two
    )


def options_to_train(facts: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the options of ``layerlab train`` for the best network, if it is clear which network is best.

    Returns:
        Its layers, or nothing where several networks together are best, since they are usual; None if a single split
        does not show which network is best, because more splits may show it.
    """
    best, _, unclear = ranking_of(facts)
    if not best or (not facts["resplits"] and (unclear or len(best) > 1)):
        return None
    model = facts["models"][best[0]]
    return {} if model["members"] > 1 else {"layers": ",".join(map(str, model["layer_dims"][1:-1])) or "none"}


def _model_tables(models: Sequence[Mapping[str, Any]], width: int) -> Iterator[Table]:
    """Yield a table with a row for each network: how it was trained and how it scored; two tables if lines are short.

    Args:
        models: the networks in the comparison's facts.
        width: characters in a line.
    """
    names = [f"{model['name']}\n{'-'.join(map(str, model['layer_dims']))}" for model in models]
    settings = {
        "parameters\ntime": [f"{model['parameters']:,}\n{model['seconds']:.1f} s" for model in models],
        "learning\nrate\niterations": [f"{_rate_text(model)}\n{model['iterations']:,}" for model in models],
        "final\ncost": [metric_text("cost", model["final_cost"]) for model in models],
    }
    scores = {
        "training\naccuracy": [percent(model["train_accuracy"]) for model in models],
        "test accuracy\n95 % interval": [
            Text.assemble((percent(model["test_accuracy"]), "bold"), f"\n{_interval_text(model['test_interval'])}")
            for model in models
        ],
    }
    for columns in (settings | scores,) if width >= WIDE else (scores, settings):
        table = plain_table("network\nlayers", *columns)
        for row in zip(names, *columns.values(), strict=True):
            table.add_row(*row)
        yield table


def _rate_text(model: Mapping[str, Any]) -> str:
    return LBFGS if model["learning_rate"] is None else f"{model['learning_rate']:.3g}"  # only L-BFGS needs none


def _seed_table(models: Sequence[Mapping[str, Any]]) -> Table:
    """Make a table with a row for each network: number of seeds; lowest, mean and highest test accuracy."""
    table = plain_table("network", "seeds", "lowest", "mean", "highest")
    for model in models:
        values = model["seed_accuracies"]
        count = "zeros: one run" if model["initializer"] == "zeros" else str(len(values))
        summary = [min(values), sum(values) / len(values), max(values)] if values else []
        table.add_row(model["name"], count, *map(percent, summary))
    return table


def _split_table(resplits: Mapping[str, Any]) -> Table:
    """Make a table of the mean accuracy over the splits and its 95 % interval: each network, and the base rate."""
    table = plain_table("network", "mean", "95 % interval")
    for model in resplits["models"]:
        table.add_row(model["name"], percent(model["mean_accuracy"]), _interval_text(model["interval"]))
    table.add_row("base rate", percent(resplits["base_rate"]), "")
    return table


def _interval_text(interval: Sequence[float] | None) -> str:
    """Write the ends of an interval in per cent, without the sign; a dash for a network that diverged."""
    return "–" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
