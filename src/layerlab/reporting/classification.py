"""What the page says about answers that are classes: how many are right, what is taken for what, how they rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab import plots
from layerlab.datasets import Dataset
from layerlab.evaluating.curves import rankings_of
from layerlab.evaluating.statistics import wilson_interval
from layerlab.runs.run import Run
from layerlab.text import percent

from .page import Html, element, paragraphs, picture, table


def accuracy(data: Dataset, facts: dict[str, Any]) -> tuple[object, ...]:
    """Right answers on both parts, beside a linear model's and those of an answer that ignores the examples."""
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    beside = facts["baseline"]
    shares = [
        ("test part", facts["test_accuracy"], n_test),
        ("training part", facts["train_accuracy"], n_train),
        ("always the test part's most frequent class", facts["base_rate"], n_test),
    ]
    if "test_accuracy" in beside:
        shares.insert(1, (f"{beside['name']} on the test part (linear baseline)", beside["test_accuracy"], n_test))
    rows = [(name, f"{round(share * n):,} of {n:,}", percent(share)) for name, share, n in shares]
    return (
        table("Answers that are right", ("", "right", "share"), rows),
        paragraphs(
            f"From {n_test:,} examples the test accuracy has the 95 % interval {share_text(facts['test_interval'])} "
            f"(Wilson 1927)."
            + (f" The linear baseline's is {share_text(beside['test_interval'])}." if "test_interval" in beside else "")
        ),
    )


def share_text(interval: Any) -> str:
    """An interval of shares in per cent."""
    low, high = interval
    return f"{100 * low:.1f} to {percent(high)}"


def confusion(data: Dataset, facts: dict[str, Any]) -> tuple[Html, ...]:
    """The confusion matrix, and below it recall and precision of each class."""
    rows = []
    for i, counts in enumerate(facts["confusion"]):
        total = sum(counts)
        cells = [_count(count, total, "right" if i == j else "wrong") for j, count in enumerate(counts)]
        rows.append((data.class_names[i], *cells, f"{total:,}"))
    caption = "Test examples: a row a true class, a column an answer; below each count its share of the row"
    matrix = table(caption, ("is", *data.class_names, "all"), rows)
    by_class = [
        (name, *_share(one["recall"], one["recall_interval"]), *_share(one["precision"], one["precision_interval"]))
        for name, one in zip(data.class_names, facts["by_class"], strict=True)
    ]
    caption = (
        "Recall: the share of a class that is found; precision: the share of answers that name it and are right; with "
        "95 % Wilson intervals"
    )
    return matrix, table(caption, ("class", "recall", "95 %", "precision", "95 %"), by_class)


def _count(count: int, total: int, kind: str) -> Html:
    if not count:
        return element("span", "0", class_="faint")
    return element("span", f"{count:,}", element("small", f"{100 * count / total:.0f} %"), class_=kind)


def _share(share: float | None, interval: list[float] | None) -> tuple[str, str]:
    return ("–", "–") if share is None else (percent(share), share_text(interval))


def by_class_facts(counts: Any) -> list[dict[str, Any]]:
    """Recall and precision of each class with intervals; None where there is nothing to divide.

    Args:
        counts: (K, K) confusion matrix, a row a true class.
    """
    counts = np.asarray(counts)
    facts = []
    for k, right in enumerate(counts.diagonal()):
        one: dict[str, Any] = {}
        for name, total in (("recall", counts[k].sum()), ("precision", counts[:, k].sum())):
            one[name] = float(right / total) if total else None
            one[f"{name}_interval"] = list(wilson_interval(int(right), int(total))) if total else None
        facts.append(one)
    return facts


def ranking(run: Run, data: Dataset, facts: dict[str, Any]) -> tuple[object, ...]:
    """ROC and precision-recall curves, and the areas under them."""
    if facts["rankings"]["auc"] is None:
        return (paragraphs("No curve: the test part has examples of one class alone."),)
    drawn = plots.ranking(rankings_of(run, data), title="Test part: how well the probabilities rank the examples")
    classes = facts["rankings"]["classes"]
    rows = [
        (one["name"], f"{one['examples']:,}", *_area(one["auc"]), *_area(one["average_precision"])) for one in classes
    ]
    if len(rows) > 1:
        total = (_area(facts["rankings"][name]) for name in ("auc", "average_precision"))
        rows.append(("mean", "", *next(total), *next(total)))
    told = (
        "The area under the ROC curve is the chance that an example of the class gets a higher probability than one of "
        "the others: 0.5 by chance. The average precision is by chance the base rate, and says more where a class is "
        "rare. Intervals: DeLong, DeLong & Clarke-Pearson 1988, and for the average precision the infinitesimal "
        "jackknife, both on the logit scale; where nothing is out of order, Wilson's."
    )
    head = ("class", "examples", "ROC area", "95 %", "average precision", "95 %")
    caption = "Each class against all others" if len(rows) > 1 else "The class against the other"
    return picture(drawn, "ranking", "ROC and precision-recall curves"), table(caption, head, rows), paragraphs(told)


def _area(area: dict[str, Any]) -> tuple[str, str]:
    low, high = area["interval"]
    return f"{area['value']:.3f}", f"{low:.3f} to {high:.3f}" if np.isfinite(low) else "–"
