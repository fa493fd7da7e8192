"""What is printed: tables and sentences for the terminal, the same in Python and on the command line."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .formulas import OPTIMIZERS
from .settings import SETTINGS
from .statistics import percent

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .comparison import Comparison, ModelResult
    from .resplits import Resplits
    from .training.run import Run
    from .tuning.members import Sweep

WIDTH = 100
"""Characters a line where there is no terminal to ask."""


MOST_SENTENCES = 12
"""A population of more members gets a sentence for those alone whose curve did something remarkable."""


def comparison_text(comparison: Comparison) -> str:
    """A comparison as plain text."""
    return _as_text(lambda console: print_comparison(comparison, console))


def sweep_text(sweep: Sweep) -> str:
    """A sweep as plain text."""
    return _as_text(lambda console: print_sweep(sweep, sweep.table, console))


def _as_text(show: Callable[[Console], None]) -> str:
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
    table = _table(
        "model\nlayers", "parameters\nseconds", "rate\n× updates", "final\ncost", "train", "test\n95 % interval"
    )
    for model in models:
        history = model.run.history
        low, high = model.test_interval
        table.add_row(
            f"{model.recipe.name}\n{'-'.join(map(str, model.run.network.layer_dims))}",
            f"{model.run.network.n_parameters:,}\n{history.seconds:.1f} s",
            f"{model.recipe.learning_rate:g}\n× {len(history.costs)}",
            _figure("cost", history.final_cost),
            percent(model.train_accuracy),
            Text.assemble((percent(model.test_accuracy), "bold"), f"\n{100 * low:.1f} to {100 * high:.1f}"),
        )
    return table


def seed_table(models: tuple[ModelResult, ...]) -> Table:
    """A row a model: number of seeds, lowest, mean and highest accuracy."""
    table = _table("model", "seeds", "lowest", "mean", "highest")
    for model in models:
        values = model.seed_accuracies
        count = "zeros: all alike" if model.recipe.initializer == "zeros" else str(len(values))
        figures = [min(values), sum(values) / len(values), max(values)] if values else []
        table.add_row(model.recipe.name, count, *(percent(value) for value in figures))
    return table


def split_table(resplits: Resplits) -> Table:
    """A row a model and one for the base rate: mean accuracy over the splits and its 95 % interval."""
    table = _table("model", "mean", "95 % interval")
    for model in resplits.models:
        low, high = model.interval
        table.add_row(model.name, percent(model.mean_accuracy), f"{100 * low:.1f} to {percent(high)}")
    table.add_row("base rate", percent(resplits.base_rate), "")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def print_run(run: Run, facts: dict[str, Any], console: Console) -> None:
    """What came of a training, in a few lines."""
    for line in (*run_lines(run, facts), *(f"! {finding}" for finding in run.diagnosis)):
        console.print(line, highlight=False, markup=False)


def run_lines(run: Run, facts: dict[str, Any]) -> tuple[str, str, str]:
    """What was trained, how the cost fell, and the accuracies."""
    history, curve = run.history, run.history.curve
    low, high = facts["test_interval"]
    dims = "-".join(map(str, run.network.layer_dims))
    what = (
        f"{facts['dataset']}: {dims} ({run.network.hidden_name}, {run.network.output}), {run.network.n_parameters:,} "
        f"parameters; {settings_text(run.settings)}{_standardized(facts)}"
    )
    done = f"{len(history.costs):,} of {_counted(run.settings['iterations'], 'iteration')} in {history.seconds:.1f} s"
    fell = f": cost {curve[0]:.6f} → {curve[-1]:.6f}" if len(curve) else ""
    scores = (
        f"train {percent(facts['train_accuracy'])}, test {percent(facts['test_accuracy'])} "
        f"(95 % interval {100 * low:.1f} to {percent(high)}; base rate {percent(facts['base_rate'])})"
    )
    if history.kept_at is not None:
        when = _counted(history.kept_at, "update")
        fell += f"; kept are the parameters after {when}, by {run.settings['monitor'].replace('_', ' ')}"
    if curve.size and (note := _cost_note(history.every, bool(run.settings["l2"]))):
        fell += f" ({note})"
    return what, done + fell, scores


def _standardized(facts: Mapping[str, Any]) -> str:
    return "; features standardised by the training part" if facts["standardized"] else ""


def _counted(n: int, unit: str) -> str:
    return f"{n:,} {unit}{'' if n == 1 else 's'}"


def _cost_note(every: int, penalized: bool) -> str:
    """What is special about costs that are shown, or nothing."""
    notes = [f"means of {_counted(every, 'iteration')}"] if every > 1 else []
    return ", ".join(notes + (["with the L2 penalty"] if penalized else []))


TOLD = set(SETTINGS) - {"initializer", "seed", "iterations", "optimizer", "engine", "basis", "dtype"}
"""Settings that are told where they are not as usual."""


def settings_text(settings: Mapping[str, Any]) -> str:
    """The settings that say what was trained, in a line: what is there of optimiser, rates, batches and start."""
    optimizer = OPTIMIZERS[settings["optimizer"]]
    first = ("learning_rate", *optimizer.defaults)
    other = [
        name for name in settings if name not in first and name in TOLD and settings[name] != SETTINGS[name].default
    ]
    shown = [*(name for name in first if name in settings), *other]
    shown += [name for name in ("initializer", "seed") if name in settings]
    told = [f"{name.replace('_', ' ')} {value_text(settings[name])}" for name in shown]
    return ", ".join([optimizer.title, *told, *(["float32"] if settings["dtype"] == "float32" else [])])


def print_sweep(sweep: Sweep, rows: Sequence[dict[str, Any]], console: Console) -> None:
    """What all members share, a row each, and in words what their curves did and what is wrong with them.

    Args:
        sweep: the population.
        rows: its table, or the same with accuracies and findings; None where there is no figure.
        console: where to print.
    """
    common = sweep.common
    iterations, penalized = common["iterations"], bool(common.get("l2", "l2" in sweep.varied))
    every = sweep.histories[0].every if sweep.histories else 1
    heading = f"{common['network']}; " if "network" in common else ""
    heading += f"{_counted(iterations, 'iteration')}; {settings_text(common)}"
    heading = f"{sweep.dataset}: {heading}" if sweep.dataset else heading
    console.print(heading, highlight=False, markup=False)
    names = sweep.varied or ("network",)
    figures = [name for name in FIGURES if any(row.get(name) is not None for row in rows)]
    table = _table(*(name.replace("_", "\n") for name in (*names, *figures)), "curve")
    for row in rows:
        own = (value_text({**common, **row}[name]) for name in names)
        table.add_row(*own, *(_figure(name, row[name]) for name in figures), row["behaviour"])
    console.print(table)
    lines = [f"• {_named(row, sweep.varied)}: {row['what']}." for row in rows]
    if len(rows) > MOST_SENTENCES:
        counts = Counter(row["behaviour"] for row in rows)
        told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
        lines = [f"• Of {len(rows)} networks {told}.", *_remarkable(rows, lines)]
    lines += _findings(rows, sweep.varied)
    if sweep.left_over:
        lines.append(f"! Interrupted: {sweep.left_over} of {sweep.left_over + len(rows)} networks were not begun.")
    if note := _cost_note(every, penalized):
        lines += [f"Costs are {note}."]
    for line in lines:
        console.print(line, highlight=False, markup=False)


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


FIGURES = ("cost", "train_accuracy", "test_accuracy", "validation_cost", "validation_accuracy")
"""Columns of a sweep's table, where there is something to show."""


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
    return ", ".join(f"{name.replace('_', ' ')} {value_text(row[name])}" for name in varied) or "the network"


def value_text(value: Any) -> str:
    """A setting as one would write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return percent(value) if name.endswith("accuracy") else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"


def print_predictions(predictions: Sequence[dict[str, Any]], console: Console) -> None:
    """A row a photograph: its class and the probabilities, most probable first, three at most."""
    table = _table("photograph", "class", "probabilities")
    for prediction in predictions:
        ranked = sorted(prediction["probabilities"].items(), key=lambda pair: -pair[1])[:3]
        probabilities = ", ".join(f"{name} {percent(share)}" for name, share in ranked)
        table.add_row(Text(prediction["file"]), Text(prediction["class"], "bold"), Text(probabilities))
    console.print(table)


def print_pairs(facts: dict[str, Any], console: Console) -> None:
    """Name and value, a line each."""
    table = _table("", "")
    table.show_header = False
    table.columns[1].justify = "left"
    for name, value in facts.items():
        table.add_row(Text(name, "bold"), Text(percent(value) if isinstance(value, float) else str(value)))
    console.print(table)
