"""A dataset in words: sizes, split, target, kinds of columns, notices; as lines, as plain values and as CSV."""

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
from layerlab.typed_options import as_typed

from .dataset import Dataset
from .part import Notice, base_rate, class_numbers
from .preparing.describing_encoders import LIMITED

if TYPE_CHECKING:
    from .tabular.splitting import Split


MOST_NOTICES = 12
"""How many notices the terminal shows; the JSON, the report and `layerlab data describe` have all of them."""

FIRST_NOTICES = (
    "leak",
    "contradiction",
    "trend",
    "drift",
    "unseen",
    "time",
    "group",
    "duplicates",
    "task",
    "ambiguous",
)
"""The kinds of notices that are listed first, since they change what a score means or what is predicted."""

MOST_COLUMNS = 1000
"""How many columns of a file are printed; rich needs milliseconds for each."""

KIND_WORDS = {"number": "numbers", "truth": "yes/no values", "category": "categories", "date": "dates"}
"""What a column of each kind holds."""


def print_data(data: Dataset, console: Console, most: int = MOST_NOTICES, learned: Dataset | None = None) -> None:
    """Print the lines that describe a dataset, with options as they are typed; the arguments are ``data_lines``'s."""
    for line in data_lines(data, most, learned):
        console.print(printable(as_typed(line)), highlight=False, markup=False)


def data_lines(data: Dataset, most: int = MOST_NOTICES, learned: Dataset | None = None) -> Iterator[str]:
    """Yield the lines that describe a dataset: what is predicted from what, how many examples, what to check.

    Args:
        data: read from a file or a frame.
        most: how many notices are listed; a last line says how many more there are.
        learned: the dataset that is trained on, where a validation set was held out. Inputs and notices are its own,
            so that nothing is learned from the whole training set without need.
    """
    learned = learned or data
    yield f"{data.name}: {data.about or 'your own data'}."
    yield _sets(data, learned)
    if data.class_names or data.target_scaling is not None:
        yield f"{_target(learned)} Inputs: {learned.n_x:,}{_made_of(learned)}."
    if learned.notices:
        yield "Please check:"
    for notice in sorted(learned.notices, key=_rank)[:most]:
        yield f"• {notice}"
    if len(learned.notices) > most:
        yield f"• … and {len(learned.notices) - most} more: `layerlab data describe` with the same options shows all."


def _rank(notice: Notice) -> int:
    """Return the place of a notice in the list: those of ``FIRST_NOTICES`` in that order, then all others."""
    return FIRST_NOTICES.index(notice.kind) if notice.kind in FIRST_NOTICES else len(FIRST_NOTICES)


def _sets(data: Dataset, learned: Dataset) -> str:
    """Say how many examples each set has, and how they were split."""
    if data.stream is not None:
        return (
            f"Training set: {data.stream.rows:,} examples, read from the file as they are needed. "
            f"Test set: {data.test.X.shape[1]:,} examples."
        )
    (train, test), (kept, _) = _sizes(data), _sizes(learned)
    held_out = f" Validation set: {train - kept:,} examples." if kept < train else ""
    how = "" if data.raw is None else f", {split_in_words(data.raw.split)}"
    return f"Training set: {kept:,} examples.{held_out} Test set: {test:,} examples{how}."


def _sizes(data: Dataset) -> tuple[int, int]:
    """Return numbers of training and test examples, without making the X and Y of a table."""
    if data.raw is not None:
        return len(data.raw.train), len(data.raw.test)
    return data.train.X.shape[1], data.test.X.shape[1]


def split_in_words(split: Split) -> str:
    """Say how the rows of a table were split, as the end of a sentence."""
    if split.given:
        return "given as a file of its own"
    if split.time is not None:
        without = f", without earlier rows of the same {split.group!r}" if split.group is not None else ""
        return f"split by time: the last {percent(split.share)} by {split.time!r}{without}"
    together = f", rows with the same {split.group!r} in one set" if split.group is not None else ""
    return f"split at random (seed {split.seed}){together}"


def _target(data: Dataset) -> str:
    """Say what is predicted: the classes, or the range of a number."""
    name = "" if data.raw is None else f"{data.raw.target!r}, "
    if data.class_names:
        names = ", ".join(data.class_names[:6]) + (", …" if len(data.class_names) > 6 else "")
        return f"Target: {name}{len(data.class_names)} classes ({names})."
    Y = data.train.Y if data.raw is None else data.raw.target_of(data.raw.train).values
    what = "a number" if data.n_y == 1 else f"{data.n_y} numbers"
    return f"Target: {name}{what} from {amount(float(Y.min()))} to {amount(float(Y.max()))}."


def _made_of(data: Dataset) -> str:
    """Say how many columns of each kind the inputs are made of; nothing where they are no columns of a table."""
    if data.preparation is None:
        return ""
    counts = Counter(data.preparation.inputs.values())
    kinds = [f"{count:,} column{'s' * (count > 1)} of {KIND_WORDS[kind]}" for kind, count in counts.items()]
    return f", made from {', '.join(kinds)}"


def split_csv(data: Dataset, whole: Dataset) -> str:
    """Return CSV with a line for each example: its row or file name, the set that it is in, and its id.

    Where the test set came in a file of its own, whose rows are numbered from 1 too, a column names the file.

    Args:
        data: the dataset that was trained on.
        whole: the same dataset before a share was held out; the examples that ``data`` lacks are "validation".
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
    """Return the files of the training set and the test set, if these are two files."""
    if data.raw is None or not data.raw.split.given or data.source is None:
        return ()
    return data.source.path, str(data.source.options["test_file"])


def data_facts(data: Dataset) -> dict[str, Any] | None:
    """Return where data are from, what was noticed, how they were split and prepared, as plain values for JSON.

    Notices name options as they are typed. The result is None for data that come with layerlab or were made by hand.
    """
    if not (data.source or data.raw or data.preparation or data.notices):
        return None
    return {
        "source": None if data.source is None else {"path": data.source.path, "digest": data.source.digest},
        "target": data.raw.target if data.raw else None,
        "notices": [
            {**notice._asdict(), "what": as_typed(str(notice)), "rows": list(notice.rows)} for notice in data.notices
        ],
        "preparation": data.preparation.described() if data.preparation else None,
        "split": None if data.raw is None else asdict(data.raw.split),
    }


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """Return the sizes, classes, base rate and ranges of a dataset, by their names."""
    X = dataset.train.X
    low, high = X.min(axis=1), X.max(axis=1)
    facts: dict[str, Any] = {
        "name": dataset.name,
        "about": dataset.about,
        "examples": f"training set {dataset.train.X.shape[1]:,}, test set {dataset.test.X.shape[1]:,}",
    }
    facts["features"] = dataset.n_x
    if dataset.image_shape:
        facts["image"] = " × ".join(map(str, dataset.image_shape))
    facts["range"] = f"{amount(low.min())} to {amount(high.max())}"
    facts["constant features"] = int((low == high).sum())
    facts |= _described_classes(dataset) if dataset.class_names else _described_values(dataset.train.Y)
    if dataset.feature_names:
        facts["feature names"] = ", ".join(dataset.feature_names)
    return facts


def _described_classes(dataset: Dataset) -> dict[str, Any]:
    """Return how many examples each class has, and the base rate: the majority class's share of the test set."""
    classes = {
        f"class {name}": f"training set {one['train']:,}, test set {one['test']:,}"
        for name, one in class_counts(dataset).items()
    }
    return {**classes, "base rate": base_rate(dataset.test.Y)}


MOST_CLASSES = 20
"""How many classes the terminal lists; the JSON has all of them."""


def class_counts(dataset: Dataset) -> dict[str, dict[str, int]]:
    """Return how many examples of each class the training and the test set have, by the class's name.

    Of a stream, the sample is counted. Without classes the result is empty.
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
    """Print a table of ``class_counts`` with shares; without classes print nothing."""
    if not counts:
        return
    totals = {part: sum(one[part] for one in counts.values()) for part in ("train", "test")}
    table = plain_table("class", "training set", "", "test set", "")
    for name, one in list(counts.items())[:MOST_CLASSES]:
        shares = [(f"{one[part]:,}", percent(one[part] / max(1, totals[part]))) for part in totals]
        table.add_row(Text(printable(name), "bold"), *shares[0], *shares[1])
    console.print(table)
    if len(counts) > MOST_CLASSES:
        console.print(f"… {len(counts):,} classes in all: --json has them.", highlight=False, markup=False)


def _described_values(Y: NDArray[Any]) -> dict[str, Any]:
    """Return the range and the mean of each output in the training set."""
    names = ["values"] if len(Y) == 1 else [f"values of output {k + 1}" for k in range(len(Y))]
    return {
        name: f"{amount(row.min())} to {amount(row.max())}, mean {amount(row.mean())} (training set)"
        for name, row in zip(names, Y, strict=True)
    }


def print_preparation(columns: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print a table with a row for each column of a file: its kind, its inputs, and its values in the training set."""
    table = plain_table("column", "kind", "inputs", "how they are made", "in the training set")
    for of in ("column", "kind", "how they are made", "in the training set"):
        next(column for column in table.columns if column.header == of).justify = "left"
    for row in columns[:MOST_COLUMNS]:
        name, done, seen = (
            Text(printable(text)) for text in (row["column"], row["done"].replace(LIMITED, ""), row["seen"])
        )
        name.stylize("bold")
        kind = "yes/no" if row["kind"] == "truth" else row["kind"]
        inputs = "" if row["done"].startswith("target: ") else str(row["rows"])
        table.add_row(name, kind, inputs, done, seen)
    console.print(table)
    if any(LIMITED in row["done"] for row in columns):
        console.print(
            "Each divisor is the interquartile range (from the 25 % point to the 75 % point), or half the range if "
            "that is 0. The results are then limited smoothly: none is beyond ±3.",
            highlight=False,
            markup=False,
        )
    if len(columns) > MOST_COLUMNS:
        console.print(f"… {len(columns):,} columns in all: --json has them.", highlight=False, markup=False)
