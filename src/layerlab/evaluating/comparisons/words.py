"""What is printed: tables and sentences for the terminal, the same in Python and on the command line."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from layerlab.evaluating.statistics import amount, percent

if TYPE_CHECKING:
    from rich.console import RenderableType

    from layerlab.runs.predictions import Predictions

    from .comparison import Comparison, ModelResult
    from .recipes import Recipe
    from .resplits import Resplits

WIDTH = 100
"""Characters a line where there is no terminal to ask."""


MOST = 20
"""Answers that are shown."""


def comparison_text(comparison: Comparison) -> str:
    """A comparison as plain text."""
    return as_text(lambda console: print_comparison(comparison, console))


def as_text(show: Callable[[Console], None]) -> str:
    """What is printed, as plain text."""
    file = io.StringIO()
    show(Console(file=file, width=WIDTH, color_system=None))
    return file.getvalue().rstrip("\n")


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Table of the models, base rate, verdict; then seeds, re-drawn splits and findings if there are any."""
    data = comparison.data
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    prepared = "; features standardised by the training part" if data.standardization else ""
    heading = Text.assemble(
        (data.name, "bold"), f": {data.about}; {n_train} to train on, {n_test} to test on{prepared}"
    )
    base = (
        f"Base rate: always answering the test set's most frequent class scores {percent(comparison.base_rate)} on it; "
        f"the training set's most frequent class would score {percent(comparison.training_majority)}.\n"
    )
    lines: list[RenderableType] = [heading, model_table(comparison.models), base]
    lines += [f"• {sentence}" for sentence in comparison.verdict()]
    if any(len(model.seed_accuracies) > 1 for model in comparison.models):
        lines += ["\nTest accuracy with other initial weights", seed_table(comparison.models)]
    if comparison.resplits:
        lines += [f"\nTest accuracy over {comparison.resplits.n} re-drawn splits", split_table(comparison.resplits)]
    for model in comparison.models:
        lines += [f"! {model.recipe.name}: {finding}" for finding in model.run.diagnosis]
    if comparison.interrupted:
        lines += ["! Interrupted: the figures above are those of the work that was done."]
    for line in lines:
        console.print(line, highlight=False, markup=False)


def model_table(models: tuple[ModelResult, ...]) -> Table:
    """Two lines a model: name, figures and accuracies; below them sizes, seconds and the interval."""
    table = plain_table(
        "model\nlayers", "parameters\nseconds", "rate\n× updates", "final\ncost", "train", "test\n95 % interval"
    )
    for model in models:
        history = model.run.history
        low, high = model.test_interval
        table.add_row(
            f"{model.recipe.name}\n{'-'.join(map(str, model.run.network.layer_dims))}",
            f"{model.run.network.n_parameters:,}\n{history.seconds:.1f} s",
            f"{_rate(model.recipe)}\n× {len(history.costs)}",
            figure_text("cost", history.final_cost),
            percent(model.train_accuracy),
            Text.assemble((percent(model.test_accuracy), "bold"), f"\n{100 * low:.1f} to {100 * high:.1f}"),
        )
    return table


def _rate(recipe: Recipe) -> str:
    """What set the length of a step: a rate, or the optimiser's own search."""
    return recipe.others["optimizer"] if recipe.learning_rate is None else f"{recipe.learning_rate:.3g}"


def seed_table(models: tuple[ModelResult, ...]) -> Table:
    """A row a model: number of seeds, lowest, mean and highest accuracy."""
    table = plain_table("model", "seeds", "lowest", "mean", "highest")
    for model in models:
        values = model.seed_accuracies
        count = "zeros: all alike" if model.recipe.initializer == "zeros" else str(len(values))
        figures = [min(values), sum(values) / len(values), max(values)] if values else []
        table.add_row(model.recipe.name, count, *(percent(value) for value in figures))
    return table


def split_table(resplits: Resplits) -> Table:
    """A row a model and one for the base rate: mean accuracy over the splits and its 95 % interval."""
    table = plain_table("model", "mean", "95 % interval")
    for model in resplits.models:
        low, high = model.interval
        table.add_row(model.name, percent(model.mean_accuracy), f"{100 * low:.1f} to {percent(high)}")
    table.add_row("base rate", percent(resplits.base_rate), "")
    return table


def plain_table(first: str, *others: str) -> Table:
    """An empty table in the one style, its columns named: the first flush left, the others flush right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def figure_text(name: str, value: float | None) -> str:
    """A figure of a training as one would write it: a share as per cent, a dash where there is none."""
    if value is None:
        return "–"
    return percent(value) if name.endswith("accuracy") else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"


def print_predictions(predictions: Predictions, console: Console) -> None:
    """A row an example, the first ones: its class and the probabilities, the largest first, or its values."""
    rows = list(islice(predictions.rows(), MOST))
    called = list(predictions.examples.called)
    classes = predictions.probabilities is not None
    spread = ["between"] if predictions.low is not None and classes else []
    values = [] if classes else [name for name in rows[0] if name not in called]
    table = plain_table(*called, *(["class", *spread, "probabilities"] if classes else values))
    for row in rows:
        told = [Text(str(row[name])) for name in called]
        if classes:
            ranked = sorted(row["probabilities"].items(), key=lambda pair: -pair[1])[:3]
            between = [Text(f"{percent(row['lowest'])} and {percent(row['highest'])}") for _ in spread]
            shares = ", ".join(f"{name} {percent(share)}" for name, share in ranked)
            table.add_row(*told, Text(row["class"], "bold"), *between, Text(shares))
        else:
            table.add_row(*told, *(Text(amount(row[name])) for name in values))
    console.print(table)
    if (m := predictions.examples.X.shape[1]) > MOST:
        console.print(f"… {m:,} answers in all; --out FILE.csv writes them.", highlight=False, markup=False)


def print_columns(columns: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row a column of a table: its kind, what is done to it and what the training part has in it."""
    table = plain_table("column", "kind", "inputs", "what is done", "seen in training")
    for of in ("column", "kind", "what is done", "seen in training"):
        next(column for column in table.columns if column.header == of).justify = "left"
    for row in columns:
        table.add_row(Text(row["column"], "bold"), row["kind"], str(row["rows"]), Text(row["done"]), Text(row["seen"]))
    console.print(table)


def print_pairs(facts: dict[str, Any], console: Console) -> None:
    """Name and value, a line each."""
    table = plain_table("", "")
    table.show_header = False
    table.columns[1].justify = "left"
    for name, value in facts.items():
        table.add_row(Text(name, "bold"), Text(percent(value) if isinstance(value, float) else str(value)))
    console.print(table)
