"""One answer explained: the example, the network's answer, and the columns that speak for the answer and against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.text import Text

from layerlab.console import as_text, plain_table
from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .attribute import SMALL_REMAINDER, attribute
from .inactive_layers import inactive_facts
from .input_groups import InputGroup, column_groups, example_naming, patch_groups, value_texts

if TYPE_CHECKING:
    from rich.console import Console

MAX_NAMED_COLUMNS = 10
"""Columns that are listed one by one; the shares of all others are added up."""

SET_WORDS = {"test": "the test set", "train": "the training set"}
"""How the two sets are called in the facts."""

NOTHING = 1e-12
"""Shares and differences below this, beside the answer's logit, are 0 but for rounding."""

LARGE_REMAINDER = 0.05
"""Shares that leave more than this of the difference unexplained are not to be relied on."""


def explain_answer(run: Run, dataset: Dataset, row: int | str, *, of: int | None = None) -> dict[str, Any]:
    """Explain the answer to one example: each column's share in it, by integrated gradients.

    Args:
        run: trained on ``dataset``.
        dataset: prepared as for the run.
        row: id or number of the row in the table (where several rows have that id the first one, of the test set if
            it has one), or name of the file; of other data the number of a test example, from 0.
        of: number of the output to explain; None for the answer, or class 1 of two classes.

    Returns:
        ``row``, ``part``, ``answer``, ``truth``, ``probability`` (None for a regression), ``of`` (what a share above 0
        speaks for), ``at_row`` and ``at_baseline`` (that output's logit or value), ``unit``, ``baseline`` in words,
        ``method``, ``steps``, ``remainder``, ``columns`` (``name``, ``value`` as in the file, ``share``; the largest
        first), ``others`` (how many columns are not listed), ``others_share``, ``named`` (the example in words), and
        ``inactive``: what ``inactive_facts`` says where a layer lets nothing of the example by, every share is 0,
        or the network tells no examples apart; else None.

    Raises:
        InputError: there is no such row, or ``attribute`` refuses the run.
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
    facts = {
        "row": str(row),
        "part": SET_WORDS[which],
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
    inactive = inactive_facts(run, dataset, X, nothing_moves(facts))
    return {**facts, "named": _named_example(dataset, row, place), "inactive": inactive}


def nothing_moves(facts: Mapping[str, Any]) -> bool:
    """Whether an answer is that at the baseline and every share in it 0: there is no table to print, nothing to draw.

    Args:
        facts: of ``explain_answer``.
    """
    values = [*(one["share"] for one in facts["columns"]), facts["at_row"] - facts["at_baseline"]]
    return bool(np.abs(values).sum() <= NOTHING * max(1.0, abs(facts["at_row"])))


def _named_example(dataset: Dataset, row: int | str, place: tuple[str, int]) -> str:
    """What an example is called at the beginning of a sentence: its id, row in the file, file, or number."""
    heading, _ = example_naming(dataset)
    if dataset.ids is not None:
        which, number = place
        return f"{heading} {dataset.ids[which == 'test'][number]}"
    return str(row) if heading == "file" and not str(row).isdecimal() else f"{heading.capitalize()} {row}"


def attribution_baseline(run: Run, dataset: Dataset) -> tuple[Floats, str]:
    """The input that stands for "no information", of shape (n_x, 1), and what it is in words."""
    if run.standardization is not None:
        return np.zeros((dataset.n_x, 1)), "the training part's mean"
    if run.preparation is not None:
        return np.zeros((dataset.n_x, 1)), "zero after preparation, where a column says nothing"
    thing = "mean image" if dataset.image_shape else "mean"
    return np.asarray(dataset.train.X.mean(axis=1, keepdims=True, dtype=np.float64)), f"the training part's {thing}"


def find_example(dataset: Dataset, row: int | str) -> tuple[str, int]:
    """Find an example by its id, its row in the file, its file's name, or its number.

    Returns:
        "test" or "train", and its number there.

    Raises:
        InputError: there is no such example.
    """
    if dataset.called is None:
        m = dataset.test.X.shape[1]
        number = int(row) if str(row).isdecimal() else -1
        if not 0 <= number < m:
            raise InputError(f"row {row}: wanted the number of a test example, 0 to {m - 1:,}")
        return "test", number
    for names in (dataset.ids, dataset.called):
        for which, called in zip(("test", "train"), reversed(names or ()), strict=bool(names)):
            found = np.flatnonzero(np.asarray(called).astype(str) == str(row))
            if len(found) and len(called) == getattr(dataset, which).X.shape[1]:  # a share may be held out
                return which, int(found[0])
    called = np.concatenate(dataset.called)
    table = None if dataset.raw is None else dataset.raw.table
    if table is not None and any(str(row) in map(str, names) for names in (table.rows, table.ids) if names is not None):
        why = "it is held out for validation" if dataset.held_out else "it is left out"
        raise InputError(f"row {row}: {why}, and is neither in the training set nor in the test set: wanted another")
    if called.dtype.kind in "iu" and len(called):
        raise InputError(f"row {row}: the data have the rows {called.min()} to {called.max()}: wanted one of them")
    example = called[0] if len(called) else ""
    raise InputError(f"row {row}: none of the data's examples is called so: wanted one such as {example}")


def _groups(run: Run, dataset: Dataset) -> list[InputGroup]:
    """Columns of a table, features, or patches of images."""
    return column_groups(run, dataset) if dataset.image_shape is None else patch_groups(dataset.image_shape)


def _answer(run: Run, dataset: Dataset, place: tuple[str, int]) -> dict[str, Any]:
    """The facts about the network's answer to one example, and the true answer (None where it is not known)."""
    which, number = place
    X, Y = (array[:, [number]] for array in getattr(dataset, which))
    prediction, known = run.predict(X)[:, 0], not np.isnan(Y).any()
    if not run.network.classifies or run.network.has_several_labels:
        answer, truth = (", ".join(f"{amount(value)}" for value in column) for column in (prediction, Y[:, 0]))
        return {"answer": answer, "truth": truth if known else None, "probability": None}
    label, P = int(prediction[0]), run.network.class_probabilities(run.predict_proba(X))[:, 0]
    return {
        "answer": class_name(dataset, label),
        "truth": class_name(dataset, int(class_numbers(Y)[0])) if known else None,
        "probability": float(P[label]),
    }


def class_name(dataset: Dataset, label: int) -> str:
    """The name of a class, by its number."""
    return dataset.class_names[label] if dataset.class_names else f"class {label}"


def _named_output(run: Run, dataset: Dataset, output: int) -> str:
    """What a share above 0 speaks for: a class, a label, or a higher value."""
    if run.network.has_several_labels:
        return f"label {output}"
    if not run.network.classifies:
        return "a higher value" if run.network.layer_dims[-1] == 1 else f"a higher value of output {output}"
    return class_name(dataset, 1 if run.network.output == "sigmoid" else output)


def explanation_lines(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences around the table of shares: the answer, what the shares mean, and how exactly they add up.

    Where nothing of the example gets through the network, the second says so; where every share is 0 it is the last.
    """
    sure = "" if facts["probability"] is None else f", {percent(facts['probability'])} sure"
    known = facts["truth"] is not None
    true = f"; true is {facts['truth']}" if known else ""
    where = f" of {facts['part']}" if known and not facts["named"].startswith("Test") else ""
    answer = f"{facts['named']}{where}: the answer is {facts['answer']}{sure}{true}."
    first = (answer, facts["inactive"]["what"]) if facts["inactive"] else (answer,)
    if nothing_moves(facts):
        return first
    what = (
        f"Shares above 0 speak for {facts['of']}, below 0 against it. They part the difference to the answer at "
        f"{facts['baseline']}: {facts['unit']} {amount(facts['at_baseline'])} there, {amount(facts['at_row'])} here."
    )
    steps, remainder = f"integrated gradients in {facts['steps']:,} steps", facts["remainder"]
    lacking = (
        f"They sum up to it but for {remainder:.2g} ({steps}). They say what this network uses, not what is a cause."
    )
    if abs(remainder) > LARGE_REMAINDER * max(SMALL_REMAINDER, abs(facts["at_row"] - facts["at_baseline"])):
        lacking = (
            f"Do not rely on them: they leave {amount(remainder)} of this difference unexplained ({steps}), because "
            f"the output jumps somewhere between the two."
        )
    return *first, what, lacking


def print_explanation(facts: Mapping[str, Any], console: Console) -> None:
    """Print the answer, a table with each column's value and share, and what the shares mean.

    Args:
        facts: of ``explain_answer``.
        console: where to print.
    """
    first = 1 + bool(facts["inactive"])
    lines = explanation_lines(facts)
    for line in lines[:first]:
        console.print(printable(line), highlight=False, markup=False)
    if nothing_moves(facts):
        return
    table = plain_table("column", "value", "share")
    table.columns[0].no_wrap = False  # names of columns may be long
    for one in facts["columns"]:
        table.add_row(Text(printable(one["name"])), Text(printable(one["value"])), amount(one["share"], "+"))
    if facts["others"]:
        table.add_row(f"{facts['others']:,} others", "", amount(facts["others_share"], "+"))
    console.print(table)
    for line in lines[first:]:
        console.print(printable(line), highlight=False, markup=False)


def explanation_text(facts: Mapping[str, Any]) -> str:
    """What ``print_explanation`` prints, as plain text, 100 characters a line."""
    return as_text(lambda console: print_explanation(facts, console))
