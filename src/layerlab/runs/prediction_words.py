"""What the screen says about predictions: a summary, a table of the first ones, and which of them to distrust."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from layerlab.console import plain_table
from layerlab.escapes import printable
from layerlab.text import amount, count_text, probability_text

from .predictions import Predictions

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_PREDICTIONS = 20
"""How many predictions are printed; a CSV file has all of them."""

SMALL_PROBABILITY = 0.0005
"""Classes with a smaller probability are not listed: it would round to 0.0 %."""

NAMED_CLASSES = 10
"""How many classes the summary names."""


def summary_lines(predictions: Predictions, with_table: bool) -> Iterator[str]:
    """Yield how many examples there are, what is predicted for them, and how many predictions to distrust.

    Args:
        predictions: the predictions for at least one example.
        with_table: whether a table follows that marks the predictions to distrust.
    """
    m, thing = predictions.m, _thing(predictions)
    yield f"{count_text(m, thing)}, {_classes(predictions) if predictions.class_names else _values(predictions)}."
    if doubtful := len(predictions.examples.doubtful):
        marked = " (marked with !)" if with_table and m > 1 else ""
        one = doubtful == 1
        has, their = ("has", f"this {thing}") if one else ("have", f"these {thing}s")
        why = f"{their} {has} values that the training set does not have"
        if thing == "image":
            why = f"{their} {'is' if one else 'are'} unlike all training images"
        yield f"{count_text(doubtful, 'prediction')}{marked} {'is' if one else 'are'} less reliable: {why} (see below)."


def advice_lines(predictions: Predictions) -> Iterator[str]:
    """Yield what to do about the predictions to distrust; these lines follow the notices about them."""
    if not predictions.examples.doubtful:
        return
    if _thing(predictions) == "image":
        yield "The network has not learned from such images. If you expect more of them, train again with some of them."
    else:
        check = "Check them. If they are correct, train again with more rows of this kind."
        yield f"The network has not learned from such values. {check}"


def interval_lines(predictions: Predictions) -> Iterator[str]:
    """Yield what the intervals or sets of classes mean, and how large they are; nothing if none were asked for."""
    if predictions.level is None:
        return
    share, things = f"{100 * predictions.level:g} %", f"{_thing(predictions)}s"
    if predictions.sets is not None:
        size = f"On average a set holds {predictions.sets.sum(axis=0).mean():.3g} classes"
        yield (
            f"The sets contain the true class of about {share} of {things} that are like the training set. {size}; "
            f"a class alone in its set is a clear case."
        )
    if predictions.interval is not None:
        low, high = predictions.interval
        yield (
            f"The intervals contain the true value of about {share} of {things} that are like the training set. On "
            f"average they are {' and '.join(amount(float(one)) for one in (high - low).mean(axis=1))} wide."
        )


def _thing(predictions: Predictions) -> str:
    return "row" if "row" in predictions.examples.called else "image"


def _classes(predictions: Predictions) -> str:
    """Return the predicted classes and how often each is predicted, the most frequent first."""
    counts = Counter(predictions.labels.tolist()).most_common()
    named = [f"{printable(predictions.class_names[label])} ({count:,})" for label, count in counts[:NAMED_CLASSES]]
    others = len(counts) - NAMED_CLASSES
    more = f", and {others:,} more class{'' if others == 1 else 'es'}" if others > 0 else ""
    return f"predicted classes: {', '.join(named)}{more}"


def _values(predictions: Predictions) -> str:
    """Return the lowest, the highest and the median value of each output."""
    texts = []
    for number, values in enumerate(predictions.labels, start=1):
        name = f"predicted value {number}:" if len(predictions.labels) > 1 else "predicted values:"
        low, middle, high = (amount(float(one)) for one in np.percentile(values, (0, 50, 100)))
        texts.append(f"{name} {low} to {high}, median {middle}")
    return "; ".join(texts)


def print_predictions(predictions: Predictions, console: Console) -> None:
    """Print ``SHOWN_PREDICTIONS`` examples at most: the class and the largest probabilities, or the values.

    Predictions to distrust are marked.
    """
    rows = list(islice(predictions.rows(), SHOWN_PREDICTIONS))
    called, doubtful = list(predictions.examples.called), predictions.examples.doubtful
    classes = predictions.probabilities is not None
    marks = [""] if doubtful and predictions.m > 1 else []
    spread = ["between"] if predictions.low is not None and classes else []
    sets = ["set"] if predictions.sets is not None else []
    values = [] if classes else [name for name in rows[0] if name not in called]
    answers = ["class", *spread, *sets, "probabilities"] if classes else values
    table = plain_table(*map(printable, called), *marks, *answers)
    for k, row in enumerate(rows):
        cells = [Text(printable(str(row[name]))) for name in called] + [Text("!" if k in doubtful else "")] * len(marks)
        if classes:
            ranked = sorted(row["probabilities"].items(), key=lambda pair: -pair[1])[:3]
            between = [
                Text(f"{probability_text(row['lowest'])} and {probability_text(row['highest'])}") for _ in spread
            ]
            between += [Text(printable(", ".join(row["set"]))) for _ in sets]
            listed = [f"{name} {probability_text(share)}" for name, share in ranked if share >= SMALL_PROBABILITY]
            shares = ", ".join(listed)
            table.add_row(*cells, Text(printable(row["class"]), "bold"), *between, Text(printable(shares)))
        else:
            table.add_row(*cells, *(Text(amount(row[name])) for name in values))
    console.print(table)
    if predictions.m > SHOWN_PREDICTIONS:
        last = f"… {predictions.m:,} predictions in all; --out FILE.csv saves them."
        console.print(last, highlight=False, markup=False)
