"""What is said of a dataset: sizes, split, target, kinds of columns, notices; as lines, as plain values and as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from layerlab.console import plain_table
from layerlab.escapes import printable
from layerlab.text import amount, percent

from .dataset import Dataset
from .part import base_rate, class_numbers

if TYPE_CHECKING:
    from .tabular.splitting import Split


MOST_NOTICES = 12
"""Notices that the terminal shows; the JSON, the report and `layerlab data describe` have all."""

MOST_COLUMNS = 1000
"""Columns of a file that are printed; rich needs milliseconds for each."""

PLURALS = {"number": "numbers", "truth": "truth values", "category": "categories", "date": "dates"}


def print_data(data: Dataset, console: Console, most: int = MOST_NOTICES, learned: Dataset | None = None) -> None:
    """Print the lines that describe a dataset; the arguments are those of ``data_lines``."""
    for line in data_lines(data, most, learned):
        console.print(printable(line), highlight=False, markup=False)


def data_lines(data: Dataset, most: int = MOST_NOTICES, learned: Dataset | None = None) -> Iterator[str]:
    """Yield the lines that describe a dataset.

    Args:
        data: read from a file or a frame.
        most: notices that are listed; then it says how many others there are.
        learned: what is trained on, where a share of the training set is held out: its inputs and notices are said, so
            that nothing is learned from the whole training set in vain.
    """
    learned = learned or data
    yield f"{data.name}: {data.about or 'data of your own'}"
    yield _parts(data, learned)
    if learned.preparation is not None:
        kinds = Counter(learned.preparation.inputs.values())
        columns = ", ".join(f"{count} {PLURALS[kind] if count > 1 else kind}" for kind, count in kinds.items())
        name, n_x = learned.preparation.target.name, learned.n_x
        yield f"Predicted: {name} ({_target(learned)}), from {columns} as {n_x:,} input{'s' * (n_x > 1)}."
    elif data.class_names or data.target_scaling is not None:
        yield f"Predicted: {_target(data)}, from {data.n_x:,} input{'s' * (data.n_x > 1)}."
    for notice in learned.notices[:most]:
        yield f"• {notice}"
    if len(learned.notices) > most:
        yield f"• … and {len(learned.notices) - most} more: `layerlab data describe` with the same options says all."


def _parts(data: Dataset, learned: Dataset) -> str:
    """Say how many examples there are, and how they were split."""
    if data.stream is not None:
        test = data.test.X.shape[1]
        return f"{data.stream.rows:,} examples to train on, read as they are needed; {test:,} to test on."
    (train, test), (kept, _) = _sizes(data), _sizes(learned)
    held_out = f"{train - kept:,} held out for validation, " if kept < train else ""
    how = "" if data.raw is None else f", {split_in_words(data.raw.split)}"
    return f"{kept:,} examples to train on, {held_out}{test:,} to test on{how}."


def _sizes(data: Dataset) -> tuple[int, int]:
    """Training and test examples; of a table whose X and Y are not made yet, too."""
    if data.raw is not None:
        return len(data.raw.train), len(data.raw.test)
    return data.train.X.shape[1], data.test.X.shape[1]


def split_in_words(split: Split) -> str:
    """Say how rows were split, as a part of a sentence."""
    if split.given:
        return "given as a file"
    if split.time is not None:
        without = f", without earlier rows of the same {split.group}" if split.group is not None else ""
        return f"dealt by time: the last {percent(split.share)} by {split.time}{without}"
    together = f", rows of equal {split.group} together" if split.group is not None else ""
    return f"dealt by chance with seed {split.seed}{together}"


def _target(data: Dataset) -> str:
    """Say what is predicted: the classes' names, or the range of the values."""
    if data.class_names:
        names = ", ".join(data.class_names[:6]) + (", …" if len(data.class_names) > 6 else "")
        return f"{len(data.class_names)} classes: {names}"
    Y = data.train.Y if data.raw is None else data.raw.target_of(data.raw.train).values
    return f"values from {amount(float(Y.min()))} to {amount(float(Y.max()))}"


def split_csv(data: Dataset, whole: Dataset) -> str:
    """A table as CSV with a line for each example of a file: what it is called, the set that it is in, and its id.

    Where the test set was given as a file of its own, whose rows are numbered from 1 too, there is a column with the
    file.

    Args:
        data: what was trained on.
        whole: the same before a share was held out, whose examples are "validation".
    """
    assert data.called is not None and whole.called is not None  # noqa: S101, PT018
    known = set(data.called[0].tolist())
    held_out = [one for one in whole.called[0].tolist() if one not in known]
    parts = {"train": data.called[0].tolist(), "test": data.called[1].tolist(), "validation": held_out}
    ids = (
        []
        if whole.ids is None
        else [dict(zip(*pair, strict=True)) for pair in zip(whole.called, whole.ids, strict=True)]
    )
    files = _files(data)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("example", "part", *["file"] * bool(files), *[whole.id_column] * bool(ids)))
    for part, examples in parts.items():
        own = ids[part == "test" :][:1]
        writer.writerows((one, part, *files[part == "test" :][:1], *(some[one] for some in own)) for one in examples)
    return file.getvalue()


def _files(data: Dataset) -> tuple[str, ...]:
    """The files of the training and of the test set, where they are two."""
    if data.raw is None or not data.raw.split.given or data.source is None:
        return ()
    return data.source.path, str(data.source.options["test_file"])


def data_facts(data: Dataset) -> dict[str, Any] | None:
    """Where data are from, what was noticed, how they were split and prepared, as plain values for JSON.

    The answer is None for data that come with layerlab or were made by hand.
    """
    if not (data.source or data.raw or data.preparation or data.notices):
        return None
    return {
        "source": None if data.source is None else {"path": data.source.path, "digest": data.source.digest},
        "target": data.raw.target if data.raw else None,
        "notices": [{**notice._asdict(), "rows": list(notice.rows)} for notice in data.notices],
        "preparation": data.preparation.described() if data.preparation else None,
        "split": None if data.raw is None else asdict(data.raw.split),
    }


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """Sizes, classes, ranges and base rate of a dataset, by their names."""
    X = dataset.train.X
    low, high = X.min(axis=1), X.max(axis=1)
    facts: dict[str, Any] = {
        "name": dataset.name,
        "about": dataset.about,
        "examples": f"{dataset.train.X.shape[1]} to train on, {dataset.test.X.shape[1]} to test on",
        "features": dataset.n_x,
    }
    if dataset.image_shape:
        facts["image"] = " × ".join(map(str, dataset.image_shape))
    facts["range"] = f"{amount(low.min())} to {amount(high.max())}"
    facts["constant features"] = int((low == high).sum())
    facts |= _described_classes(dataset) if dataset.class_names else _described_values(dataset.train.Y)
    if dataset.feature_names:
        facts["feature names"] = ", ".join(dataset.feature_names)
    return facts


def _described_classes(dataset: Dataset) -> dict[str, Any]:
    """How many examples each class has, and the base rate of the test set."""
    classes = {
        f"class {name}": f"{one['train']} to train on, {one['test']} to test on"
        for name, one in class_counts(dataset).items()
    }
    return {**classes, "base rate": base_rate(dataset.test.Y)}


MOST_CLASSES = 20
"""Classes whose counts the terminal shows; the JSON has all."""


def class_counts(dataset: Dataset) -> dict[str, dict[str, int]]:
    """Numbers of examples of each class, by its name, in the training and the test set; of a stream in the sample.

    Empty without classes.
    """
    if not dataset.class_names:
        return {}
    n = max(2, len(dataset.class_names))
    train, test = (np.bincount(class_numbers(part.Y), minlength=n).tolist() for part in (dataset.train, dataset.test))
    return {
        str(name): {"train": in_train, "test": in_test}
        for name, in_train, in_test in zip(dataset.class_names, train, test, strict=True)
    }


def print_class_counts(counts: Mapping[str, Mapping[str, int]], console: Console) -> None:
    """Print a table of ``class_counts``, each with its share; nothing without classes."""
    if not counts:
        return
    totals = {part: sum(one[part] for one in counts.values()) for part in ("train", "test")}
    table = plain_table("class", "to train on", "", "to test on", "")
    for name, one in list(counts.items())[:MOST_CLASSES]:
        shares = [(f"{one[part]:,}", percent(one[part] / max(1, totals[part]))) for part in totals]
        table.add_row(Text(printable(name), "bold"), *shares[0], *shares[1])
    console.print(table)
    if len(counts) > MOST_CLASSES:
        console.print(f"… {len(counts):,} classes in all; the JSON has them.", highlight=False, markup=False)


def _described_values(Y: NDArray[Any]) -> dict[str, Any]:
    """Range and mean of each output in the training set."""
    names = ["values"] if len(Y) == 1 else [f"values of output {k + 1}" for k in range(len(Y))]
    return {
        name: f"{amount(row.min())} to {amount(row.max())}, mean {amount(row.mean())}, to train on"
        for name, row in zip(names, Y, strict=True)
    }


def print_preparation(columns: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print a table with a row for each column of a file: its kind, what is done to it and what training saw in it."""
    table = plain_table("column", "kind", "inputs", "what is done", "seen in training")
    for of in ("column", "kind", "what is done", "seen in training"):
        next(column for column in table.columns if column.header == of).justify = "left"
    for row in columns[:MOST_COLUMNS]:
        name, done, seen = (Text(printable(row[one])) for one in ("column", "done", "seen"))
        name.stylize("bold")
        table.add_row(name, row["kind"], str(row["rows"]), done, seen)
    console.print(table)
    if len(columns) > MOST_COLUMNS:
        console.print(f"… {len(columns):,} columns in all; the JSON has them.", highlight=False, markup=False)
