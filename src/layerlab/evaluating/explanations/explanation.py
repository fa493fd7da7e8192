"""One prediction explained: the example, the prediction, and how much each column contributes to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.datasets.preparing.encoders import Number
from layerlab.datasets.preparing.preparation import Preparation
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.runs.members import about_first_member
from layerlab.runs.run import Run
from layerlab.text import amount

from .attribute import attribute
from .inactive_layers import inactive_facts
from .input_groups import InputGroup, column_groups, example_naming, patch_groups, value_texts

MAX_NAMED_COLUMNS = 10
"""How many columns are listed one by one; the contributions of all others are added up."""

SET_WORDS = {"test": "the test set", "train": "the training set"}
"""What the two sets are called in the facts."""

NOTHING = 1e-12
"""Contributions and differences below this, relative to the output, are 0 except for rounding."""


def explain_answer(run: Run, dataset: Dataset, row: int | str, *, of: int | None = None) -> dict[str, Any]:
    """Explain the prediction for one example: how much each column contributes to it, by integrated gradients.

    Args:
        run: a network that was trained on ``dataset``.
        dataset: the dataset, prepared as for the run.
        row: id or number of a row in the table, or name of a file; for other data the number of a test example, from 0.
            If several rows have that id, the first one is meant, and rows of the test set come first.
        of: number of the output to explain; None for the predicted class, or class 1 of two classes.

    Returns:
        A dict. ``row`` and ``part`` say which example it is, and ``named`` names it in words. ``answer`` is the
        prediction, ``truth`` the true class or value, and ``probability`` that of the predicted class (None for a
        regression). ``of`` says what a contribution above 0 speaks for. ``at_row`` and ``at_baseline`` are that output
        before its activation, in ``unit``; ``baseline`` is described in words. ``method``, ``steps`` and ``remainder``
        are those of the attribution. ``columns`` lists columns, the largest contribution first: ``name``, ``value`` as
        in the file, and ``share``, the contribution. ``others`` columns are not listed; their contributions add up to
        ``others_share``. ``inactive`` is the result of ``inactive_facts`` if a layer passes nothing on, every
        contribution is 0, or the network does not distinguish between examples; else None. ``members`` says that the
        contributions are those of the first member, if the run has members; else "".

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
    called = _named_example(dataset, row, place)
    return {**facts, "named": called, "inactive": inactive, "members": about_first_member(run.members)}


def nothing_moves(facts: Mapping[str, Any]) -> bool:
    """Return whether no column contributes anything: then there is no table to print and nothing to draw.

    Args:
        facts: the result of ``explain_answer``.
    """
    values = [*(one["share"] for one in facts["columns"]), facts["at_row"] - facts["at_baseline"]]
    return bool(np.abs(values).sum() <= NOTHING * max(1.0, abs(facts["at_row"])))


def _named_example(dataset: Dataset, row: int | str, place: tuple[str, int]) -> str:
    """Return the name of an example for the beginning of a sentence: its id, row in the file, file, or number."""
    heading, _ = example_naming(dataset)
    if dataset.ids is not None:
        which, number = place
        return f"{heading} {dataset.ids[which == 'test'][number]}"
    return str(row) if heading == "file" and not str(row).isdecimal() else f"{heading.capitalize()} {row}"


def attribution_baseline(run: Run, dataset: Dataset) -> tuple[Floats, str]:
    """Return the input that stands for "no information", of shape (n_x, 1), and its description."""
    average = f"the average training {'image' if dataset.image_shape else 'example'}"
    if run.standardization is not None:
        return np.zeros((dataset.n_x, 1)), average
    if run.preparation is not None:
        return np.zeros((dataset.n_x, 1)), _neutral_row(run.preparation)
    return np.asarray(dataset.train.X.mean(axis=1, keepdims=True, dtype=np.float64)), average


def _neutral_row(preparation: Preparation) -> str:
    """Return in words which row has 0 in every input: a missing value, a median and a middle rank become 0."""
    numbers = [encoder for encoder in preparation.encoders if isinstance(encoder, Number)]
    ranked = any(encoder.knots for encoder in numbers)
    if len(numbers) == len(preparation.encoders):
        return (
            "a row whose numbers all have the middle rank"
            if ranked
            else ("a row with every column at its training-set median")
        )
    middle = "of middle rank" if ranked else "at their median"
    medians = f"numbers {middle}, other " if numbers else ""
    return f"a neutral row ({medians}columns without a value)"


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
        why = "it is in the validation set" if dataset.held_out else "it was left out"
        raise InputError(f"row {row}: {why}: wanted a row of the training set or of the test set")
    if called.dtype.kind in "iu" and len(called):
        raise InputError(f"row {row}: wanted a row of the data, {called.min()} to {called.max()}")
    example = called[0] if len(called) else ""
    raise InputError(f"row {row}: no example of the data has this name: wanted one such as {example}")


def _groups(run: Run, dataset: Dataset) -> list[InputGroup]:
    """Return the columns of a table, the features, or the patches of an image."""
    return column_groups(run, dataset) if dataset.image_shape is None else patch_groups(dataset.image_shape)


def _answer(run: Run, dataset: Dataset, place: tuple[str, int]) -> dict[str, Any]:
    """Return the prediction for one example, its probability, and the truth (None where it is not known)."""
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
    """Return the name of a class, given its number."""
    return dataset.class_names[label] if dataset.class_names else f"class {label}"


def _named_output(run: Run, dataset: Dataset, output: int) -> str:
    """Return what a contribution above 0 speaks for: a class, a label, or a higher value."""
    if run.network.has_several_labels:
        return f"label {output}"
    if not run.network.classifies:
        return "a higher value" if run.network.layer_dims[-1] == 1 else f"a higher value of output {output}"
    return class_name(dataset, 1 if run.network.output == "sigmoid" else output)
