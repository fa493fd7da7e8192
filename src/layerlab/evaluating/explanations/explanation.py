"""One answer explained: the example, what the network says of it, and the columns that speak for it and against it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .attribute import attribute
from .input_groups import InputGroup, column_groups, patch_groups, value_texts

if TYPE_CHECKING:
    from rich.console import Console

MAX_NAMED_COLUMNS = 10
"""Columns that are named; the others are summed."""

PARTS = {"test": "the test part", "train": "the training part"}


def explain_answer(run: Run, dataset: Dataset, row: int | str, *, of: int | None = None) -> dict[str, Any]:
    """An example's answer and what it comes from, by integrated gradients.

    Args:
        run: trained on ``dataset``.
        dataset: prepared as for the run.
        row: number of the row in the table, or name of the file; for data without, number in the test part from 0.
        of: number of the output; None for the answer, or class 1 of two classes.

    Returns:
        ``row``, ``part``, ``answer``, ``truth``, ``probability`` (None for values), ``of`` (what the shares speak for),
        ``at_row`` and ``at_baseline`` (that output's logit or value), ``unit``, ``baseline`` in words, ``remainder``,
        ``columns`` (``name``, ``value`` as in the file, ``share``; the largest first), ``others`` (how many are not
        named) and ``others_share``.

    Raises:
        InputError: there is no such row, or what ``attribute`` refuses.
    """
    place = find_example(dataset, row)
    which, number = place
    X = getattr(dataset, which).X[:, [number]]
    start, words = attribution_baseline(run, dataset)
    some = attribute(run, X, baseline=start, of=of)
    groups = _groups(run, dataset)
    shares = np.array([float(some.values[group.rows, 0].sum()) for group in groups])
    order = np.argsort(-np.abs(shares), kind="stable")
    named = order[:MAX_NAMED_COLUMNS]
    texts = value_texts(dataset, place, [groups[k] for k in named])
    return {
        "row": str(row),
        "part": PARTS[which],
        **_answer(run, dataset, place),
        "of": _named_output(run, dataset, int(some.of[0])),
        "at_row": float(some.answers[0]),
        "at_baseline": float(some.baseline_answers[0]),
        "unit": some.unit,
        "baseline": words,
        "method": some.method,
        "steps": some.steps,
        "remainder": float(some.remainder[0]),
        "columns": [
            {"name": groups[k].name, "value": text, "share": float(shares[k])}
            for k, text in zip(named, texts, strict=True)
        ],
        "others": len(order) - len(named),
        "others_share": float(shares[order[MAX_NAMED_COLUMNS:]].sum()),
    }


def attribution_baseline(run: Run, dataset: Dataset) -> tuple[Floats, str]:
    """(n_x, 1) an example that says nothing, and what it is in words."""
    if run.standardization is not None:
        return np.zeros((dataset.n_x, 1)), "the training part's mean"
    if run.preparation is not None:
        return np.zeros((dataset.n_x, 1)), "zero after preparation, where a column says nothing"
    thing = "mean image" if dataset.image_shape else "mean"
    return np.asarray(dataset.train.X.mean(axis=1, keepdims=True), np.float64), f"the training part's {thing}"


def find_example(dataset: Dataset, row: int | str) -> tuple[str, int]:
    """Part and number there of the example that is called so.

    Raises:
        InputError: there is none.
    """
    if dataset.called is None:
        m = dataset.test.X.shape[1]
        number = int(row) if str(row).isdecimal() else -1
        if not 0 <= number < m:
            raise InputError(f"row {row}: wanted the number of a test example, 0 to {m - 1:,}")
        return "test", number
    for which, called in zip(("test", "train"), reversed(dataset.called), strict=True):
        found = np.flatnonzero(np.asarray(called).astype(str) == str(row))
        if len(found) and len(called) == getattr(dataset, which).X.shape[1]:  # a share may be held out
            return which, int(found[0])
    called = np.concatenate(dataset.called)
    if called.dtype.kind in "iu" and len(called):
        raise InputError(f"row {row}: the data have the rows {called.min()} to {called.max()}: wanted one of them")
    example = called[0] if len(called) else ""
    raise InputError(f"row {row}: none of the data's examples is called so: wanted one such as {example}")


def _groups(run: Run, dataset: Dataset) -> list[InputGroup]:
    return column_groups(run, dataset) if dataset.image_shape is None else patch_groups(dataset.image_shape)


def _answer(run: Run, dataset: Dataset, place: tuple[str, int]) -> dict[str, Any]:
    """What the run says, and what is true."""
    which, number = place
    X, Y = (array[:, [number]] for array in getattr(dataset, which))
    told, known = run.predict(X)[:, 0], not np.isnan(Y).any()
    if not run.network.classifies or run.network.has_several_labels:
        answer, truth = (", ".join(f"{amount(value)}" for value in column) for column in (told, Y[:, 0]))
        return {"answer": answer, "truth": truth if known else None, "probability": None}
    label, P = int(told[0]), run.network.class_probabilities(run.predict_proba(X))[:, 0]
    return {
        "answer": class_name(dataset, label),
        "truth": class_name(dataset, int(class_numbers(Y)[0])) if known else None,
        "probability": float(P[label]),
    }


def class_name(dataset: Dataset, label: int) -> str:
    """Of a class, by its number."""
    return dataset.class_names[label] if dataset.class_names else f"class {label}"


def _named_output(run: Run, dataset: Dataset, output: int) -> str:
    """What a positive share speaks for."""
    if run.network.has_several_labels:
        return f"label {output}"
    if not run.network.classifies:
        return "a higher value" if run.network.layer_dims[-1] == 1 else f"a higher value of output {output}"
    return class_name(dataset, 1 if run.network.output == "sigmoid" else output)


def explanation_lines(facts: dict[str, Any]) -> tuple[str, ...]:
    """What is said around the table: the answer before it, and how it adds up after it."""
    sure = "" if facts["probability"] is None else f", {percent(facts['probability'])} sure"
    known = facts["truth"] is not None
    where, true = (f" of {facts['part']}", f"; true is {facts['truth']}") if known else ("", "")
    answer = f"Example {facts['row']}{where}: the answer is {facts['answer']}{sure}{true}."
    what = (
        f"Shares above 0 speak for {facts['of']}, below 0 against it. They part the difference to the answer at "
        f"{facts['baseline']}: {facts['unit']} {amount(facts['at_baseline'])} there, {amount(facts['at_row'])} here."
    )
    lacking = (
        f"They sum up to it but for {facts['remainder']:.2g} (integrated gradients in {facts['steps']} steps). They "
        f"say what this network uses, not what is a cause."
    )
    return answer, what, lacking


def print_explanation(facts: dict[str, Any], console: Console) -> None:
    """The lines, and between them a row a column: its value in the file, and its share."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    first, *others = explanation_lines(facts)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("column")
    table.add_column("value", justify="right")
    table.add_column("share", justify="right")
    for one in facts["columns"]:
        table.add_row(Text(one["name"]), Text(one["value"]), amount(one["share"], "+"))
    if facts["others"]:
        table.add_row(f"{facts['others']:,} others", "", amount(facts["others_share"], "+"))
    console.print(first, highlight=False, markup=False)
    console.print(table)
    for line in others:
        console.print(line, highlight=False, markup=False)


def explanation_text(facts: dict[str, Any]) -> str:
    """The same as plain text, 100 characters a line."""
    from rich.console import Console

    file = io.StringIO()
    print_explanation(facts, Console(file=file, width=100, color_system=None))
    return file.getvalue().rstrip("\n")
