"""Sections of the page about a classifier: accuracy, confusion matrix, ranking, wrong predictions, reliability."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab import plots
from layerlab.evaluating.area_intervals import ENOUGH, FEWEST
from layerlab.evaluating.explanations.input_groups import column_groups, example_name, example_naming
from layerlab.evaluating.statistics import BINS
from layerlab.runs.class_words import shifted_text
from layerlab.text import amount, percent, probability_text

from .example_columns import MOST_COLUMNS, MOST_EXAMPLES, shown_columns
from .page import Html, element, paragraphs, picture, table
from .pictures.of_runs import layers_text, mistakes_picture
from .reported_run import OUT_OF_FOLD, ReportedRun

SAME_CONFIDENCE = 1e-6
"""Wrong predictions whose probabilities differ by less than this are equally confident."""


def scores_table(reported: ReportedRun) -> Html:
    """Make a table of test accuracies with 95 % intervals: the network's, the baselines' and the majority class's.

    If a class is rare, it has balanced accuracies, too.
    """
    data, facts = reported.data, reported.facts
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    tested = sum(recall is not None for recall in facts["recall"].values())
    rows = [("this network", facts["test_accuracy"], facts["test_interval"], facts["balanced_accuracy"])]
    rows += [
        (
            element("span", its["name"], element("small", title)),
            its["test_accuracy"],
            its["test_interval"],
            its["test_balanced_accuracy"],
        )
        for title, its in reported.baselines
    ]
    rows.append(("the majority class for every example", facts["base_rate"], None, 1 / tested))
    cells = [
        (name, _correct(share, n_test), "–" if ends is None else _interval_text(ends), percent(balanced))
        for name, share, ends, balanced in rows
    ]
    cells.append(("this network, on its training set", _correct(facts["train_accuracy"], n_train), "–", "–"))
    if unseen := facts["out_of_fold"]:
        name = element("span", "this network, out of fold", element("small", OUT_OF_FOLD))
        ends = "–" if unseen["accuracy_interval"] is None else _interval_text(unseen["accuracy_interval"])
        cells.append((name, _correct(unseen["accuracy"], unseen["examples"]), ends, "–"))
    width = 4 if facts["rare"] else 3
    head = ("", "accuracy", "95 % interval", "balanced accuracy")[:width]
    return table(f"Correct predictions for the {n_test:,} test examples", head, [row[:width] for row in cells])


def _correct(share: float, n: int) -> Html:
    """Return an accuracy, and below it how many predictions are correct."""
    return element("span", percent(share), element("small", f"{round(share * n):,} of {n:,}"))


def confusion_section(reported: ReportedRun) -> tuple[Html, ...]:
    """Make the section with the confusion matrix, and below it recall and precision of each class."""
    data, facts = reported.data, reported.facts
    rows = []
    for i, counts in enumerate(facts["confusion"]):
        total = sum(counts)
        cells = [_count(count, total, "right" if i == j else "wrong") for j, count in enumerate(counts)]
        rows.append((data.class_names[i], *cells, f"{total:,}"))
    caption = (
        "Test examples: each row is a true class, each column a predicted class; below each number its share of the row"
    )
    matrix = table(caption, ("true class ↓ predicted →", *data.class_names, "all"), rows)
    by_class = [
        (name, *_share(one["recall"], one["recall_interval"]), *_share(one["precision"], one["precision_interval"]))
        for name, one in zip(data.class_names, facts["by_class"], strict=True)
    ]
    caption = (
        "Recall: the share of a class's examples that are predicted as this class. Precision: the share of the "
        "predictions of this class that are correct. Both with 95 % intervals (Wilson 1927)."
    )
    head = ("class", "recall", "95 % interval", "precision", "95 % interval")
    return matrix, table(caption, head, by_class)


def _count(count: int, total: int, kind: str) -> Html:
    if not count:
        return element("span", "0", class_="faint")
    return element("span", f"{count:,}", element("small", f"{100 * count / total:.0f} %"), class_=kind)


def _share(share: float | None, interval: list[float] | None) -> tuple[str, str]:
    return ("–", "–") if share is None else (percent(share), _interval_text(interval))


def ranking_section(reported: ReportedRun) -> tuple[object, ...]:
    """Make the section with ROC and precision-recall curves, and the areas under them with 95 % intervals."""
    facts = reported.facts["rankings"]
    if facts["auc"] is None:
        return (paragraphs("There is no curve: all test examples belong to one class."),)
    drawn = plots.ranking(reported.rankings, title="How well the probabilities rank the test examples")
    classes = facts["classes"]
    rows = [
        (one["name"], f"{one['examples']:,}", *_area(one["auc"]), *_area(one["average_precision"])) for one in classes
    ]
    if len(rows) > 1:
        total = (_area(facts[name]) for name in ("auc", "average_precision"))
        rows.append(("mean", "", *next(total), *next(total)))
    areas = (
        "The area under the ROC curve (ROC AUC) is the chance that an example of the class gets a higher probability "
        "than an example of another class; guessing gives 0.5. The average precision is the area under the "
        "precision-recall curve; guessing gives the share of the class. For a rare class the average precision "
        "tells you more."
    )
    few = f"“Too few”: an interval takes at least {FEWEST} examples of the class and {FEWEST} of the others."
    head = ("class", "examples", "ROC AUC", "95 % interval", "average precision", "95 % interval")
    caption = "Each class against all others" if len(rows) > 1 else "This class against the other"
    curves = picture(drawn, "ranking", "ROC and precision-recall curves")
    said = paragraphs(areas, _sources(facts), few if any("too few" in row for row in rows) else "")
    return curves, table(caption, head, rows), said


def _sources(facts: dict[str, Any]) -> str:
    """Say by which methods the intervals of areas were computed; "" if there are none.

    Args:
        facts: the result of ``rankings_facts``.
    """
    areas = [(one["auc"], round(one["examples"] * min(1, 1 / one["base_rate"] - 1))) for one in facts["classes"]]
    known = [(0 < area["value"] < 1, rarer) for area, rarer in areas if area["interval"]]
    methods = {
        "Wilson's formula where the ranking is perfect (Wilson 1927)": not all(spread for spread, _ in known),
        "test inversion (Carpenter 1999)": any(spread and rarer < ENOUGH for spread, rarer in known),
        "estimated variances (DeLong, DeLong & Clarke-Pearson 1988)": any(
            spread and rarer >= ENOUGH for spread, rarer in known
        ),
        "the intervals of the classes, for the mean (Zou & Donner 2008)": len(areas) > 1 and facts["auc"]["interval"],
    }
    used = [method for method, is_used in methods.items() if is_used]
    return f"The 95 % intervals come from {'; '.join(used)}." if used else ""


def _area(area: dict[str, Any]) -> tuple[str, str]:
    if area["interval"] is None:
        return f"{area['value']:.3f}", "too few" if area["remark"].startswith("too few") else "–"
    low, high = area["interval"]
    return f"{area['value']:.3f}", f"{low:.3f} to {high:.3f}"


def mistakes_section(reported: ReportedRun) -> tuple[object, ...]:
    """Make the section with the test examples that are classified wrong: a picture of the images, or a table."""
    run, data, wrong = reported.run, reported.data, reported.wrong
    if not len(wrong):
        return (paragraphs("There are none: all test examples are classified correctly."),)
    if data.image_shape is None:
        return (_mistakes_table(reported),)
    words = f"{len(wrong)} of {data.test.X.shape[1]} test images with a wrong prediction, the most confident first"
    return (picture(mistakes_picture(run, data, layers_text(run)), "mistakes", words),)


def _mistakes_table(reported: ReportedRun) -> Html:
    """Make a table of examples: predicted class, its probability, true class, and some columns as in the file."""
    data, shown = reported.data, reported.wrong[:MOST_EXAMPLES]
    columns, values = shown_columns(reported.run, data, shown)
    confidence, _ = reported.confidences
    rows = [
        (
            example_name(data, number),
            data.class_names[reported.predictions[0, number]],
            probability_text(confidence[number]),
            data.class_names[reported.classes[number]],
            *texts,
        )
        for number, texts in zip(shown, values, strict=True)
    ]
    head = (example_naming(data)[0], "predicted", "probability", "true class", *columns)
    return table(_mistakes_caption(reported), head, rows)


def _mistakes_caption(reported: ReportedRun) -> str:
    data, k, n = reported.data, len(reported.wrong), len(column_groups(reported.run, reported.data))
    all_of_them = f"{k:,} of {data.test.X.shape[1]:,} test examples{example_naming(data)[1]} are classified wrong"
    alike = np.ptp(reported.confidences[0][reported.wrong]) < SAME_CONFIDENCE
    most = "" if alike else "; the most confident first"
    if k > MOST_EXAMPLES:
        which = f"first {MOST_EXAMPLES}, all equally confident" if alike else f"{MOST_EXAMPLES} most confident ones"
        most = f"; these are the {which}"
    what = "features" if data.raw is None else "columns"
    few = f", with the {MOST_COLUMNS} of {n} {what} that affect the first layer most" if n > MOST_COLUMNS else ""
    return all_of_them + most + few


def reliability_section(reported: ReportedRun) -> tuple[object, ...]:
    """Make the section that says whether predictions are correct as often as their probabilities say."""
    run = reported.run
    sure, right, error = (reported.facts[name] for name in ("mean_confidence", "test_accuracy", "calibration_error"))
    apart = abs(round(100 * sure, 1) - round(100 * right, 1))  # of the numbers that are shown
    more = ", because there too high and too low probabilities do not cancel out" if 100 * error > apart + 0.1 else ""
    overall = (
        f"On the test set the predicted class has a probability of {percent(sure)} on average, and {percent(right)} of "
        f"the predictions are correct: over all predictions these are {apart:.1f} points apart."
    )
    by_bins = (
        f"In {BINS} bins of equal width by probability, the two differ within a bin by {100 * error:.1f} points "
        f"on average (expected calibration error){more}. In bins with few examples luck alone makes a difference; the "
        f"intervals show how much."
    )
    calibrated = (
        "The probabilities are as the training left them. In Python, layerlab.calibrate(run, examples) corrects them, "
        "with examples that were not used for training (docs/report.md shows how)."
    )
    if run.temperature != 1:
        calibrated = (
            f"The probabilities were calibrated after training: the last layer was divided by the temperature "
            f"{amount(run.temperature)}."
        )
    notes = [calibrated, *shifted_text(run.settings)]
    words = f"Reliability diagram: expected calibration error {100 * error:.1f} points"
    return picture(plots.reliability(*reported.confidences), "reliability", words), paragraphs(
        f"{overall} {by_bins}", *notes
    )


def _interval_text(interval: Any) -> str:
    """Return the ends of an interval of shares, in per cent."""
    low, high = interval
    return f"{100 * low:.1f} to {percent(high)}"
