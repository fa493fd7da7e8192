"""What is printed: tables and sentences for the terminal, the same in Python and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from layerlab.text import percent, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .comparison import Comparison, ModelResult
    from .recipes import Recipe
    from .resplits import Resplits


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


def figure_text(name: str, value: float | None) -> str:
    """A figure of a training as one would write it: a share as per cent, a dash where there is none."""
    if value is None:
        return "–"
    return percent(value) if name.endswith("accuracy") else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"
