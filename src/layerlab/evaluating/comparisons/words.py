"""A comparison as tables and sentences for the terminal, the same in Python and on the command line.

Everything is said from the comparison's facts, ``Comparison.facts()``: nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from layerlab.console import plain_table
from layerlab.escapes import printable
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.findings import Finding
from layerlab.text import metric_text, percent

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table


def print_comparison(facts: Mapping[str, Any], about: str, console: Console) -> None:
    """Print the table of the models, the base rate and the verdict; then seeds, splits and findings if there are any.

    Args:
        facts: of ``Comparison.facts``.
        about: what the dataset is, in words.
        console: where to print.
    """
    for line in _lines(facts, about):
        console.print(line, highlight=False, markup=False)


def _lines(facts: Mapping[str, Any], about: str) -> Iterator[RenderableType]:
    """Everything that is printed, in order."""
    models, resplits = facts["models"], facts["resplits"]
    prepared = "; features standardised by the training part" if facts["standardized"] else ""
    sizes = f"{facts['n_train']} to train on, {facts['n_test']} to test on"
    yield Text.assemble((printable(facts["dataset"]), "bold"), f": {printable(about)}; {sizes}{prepared}")
    yield _model_table(models)
    yield (
        f"Base rate: always answering the test set's most frequent class scores {percent(facts['base_rate'])} on it; "
        f"the training set's most frequent class would score {percent(facts['training_majority'])}.\n"
    )
    yield from (f"• {sentence}" for sentence in facts["verdict"])
    if any(len(model["seed_accuracies"]) > 1 for model in models):
        yield "\nTest accuracy with other initial weights"
        yield _seed_table(models)
    if resplits:
        yield f"\nTest accuracy over {resplits['n']} re-drawn splits"
        yield _split_table(resplits)
    for model in models:
        yield from (f"! {model['name']}: {Finding(**finding)}" for finding in model["diagnosis"])
    if facts["interrupted"]:
        yield "! Interrupted: the figures above are those of the work that was done."


def _model_table(models: Sequence[Mapping[str, Any]]) -> Table:
    """Two lines for each model: name, number of parameters, cost and accuracies; below them sizes and the interval."""
    table = plain_table(
        "model\nlayers", "parameters\nseconds", "rate\n× updates", "final\ncost", "train", "test\n95 % interval"
    )
    for model in models:
        rate = model["learning_rate"]
        table.add_row(
            f"{model['name']}\n{'-'.join(map(str, model['layer_dims']))}",
            f"{model['parameters']:,}\n{model['seconds']:.1f} s",
            f"{LBFGS if rate is None else f'{rate:.3g}'}\n× {model['iterations']}",  # only L-BFGS needs no rate
            metric_text("cost", model["final_cost"]),
            percent(model["train_accuracy"]),
            Text.assemble((percent(model["test_accuracy"]), "bold"), f"\n{_interval_text(model['test_interval'])}"),
        )
    return table


def _seed_table(models: Sequence[Mapping[str, Any]]) -> Table:
    """A row for each model: number of seeds, lowest, mean and highest test accuracy."""
    table = plain_table("model", "seeds", "lowest", "mean", "highest")
    for model in models:
        values = model["seed_accuracies"]
        count = "zeros: all alike" if model["initializer"] == "zeros" else str(len(values))
        summary = [min(values), sum(values) / len(values), max(values)] if values else []
        table.add_row(model["name"], count, *map(percent, summary))
    return table


def _split_table(resplits: Mapping[str, Any]) -> Table:
    """A row for each model, and one for the base rate: mean accuracy over the splits and its 95 % interval."""
    table = plain_table("model", "mean", "95 % interval")
    for model in resplits["models"]:
        table.add_row(model["name"], percent(model["mean_accuracy"]), _interval_text(model["interval"]))
    table.add_row("base rate", percent(resplits["base_rate"]), "")
    return table


def _interval_text(interval: Sequence[float] | None) -> str:
    """The ends in per cent, without the sign; a dash for a network that diverged."""
    return "–" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
