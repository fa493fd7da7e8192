"""Sections of the page about a classifier: accuracy, confusion matrix, ranking, wrong answers, reliability."""

from __future__ import annotations

from typing import Any

from layerlab import plots
from layerlab.evaluating.area_intervals import ENOUGH, FEWEST
from layerlab.evaluating.explanations.input_groups import column_groups, example_name, example_naming
from layerlab.evaluating.statistics import BINS
from layerlab.runs.class_words import shifted_text, threshold_line
from layerlab.text import amount, percent

from .example_columns import MOST_COLUMNS, MOST_EXAMPLES, shown_columns
from .page import Html, element, paragraphs, picture, table
from .pictures.of_runs import layers_text, mistakes_picture
from .reported_run import ReportedRun


def accuracy_section(reported: ReportedRun) -> tuple[object, ...]:
    """How many answers are right on both sets, beside the baselines' and those of the majority class."""
    data, facts = reported.data, reported.facts
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    shares = [
        ("test part", facts["test_accuracy"], n_test),
        ("training part", facts["train_accuracy"], n_train),
        ("always the test part's most frequent class", facts["base_rate"], n_test),
    ]
    shares[1:1] = [
        (f"{beside['name']} on the test part ({title})", beside["test_accuracy"], n_test)
        for title, beside in reported.baselines
    ]
    rows = [(name, f"{round(share * n):,} of {n:,}", percent(share)) for name, share, n in shares]
    interval = _interval_text(facts["test_interval"])
    sentence = f"From {n_test:,} examples the test accuracy has the 95 % interval {interval} (Wilson 1927)."
    for title, beside in reported.baselines:
        sentence += f" The {title}'s is {_interval_text(beside['test_interval'])}."
    return table("Answers that are right", ("", "right", "share"), rows), paragraphs(sentence)


def confusion_section(reported: ReportedRun) -> tuple[Html, ...]:
    """The confusion matrix, and below it recall and precision of each class."""
    data, facts = reported.data, reported.facts
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
    return ("–", "–") if share is None else (percent(share), _interval_text(interval))


def ranking_section(reported: ReportedRun) -> tuple[object, ...]:
    """ROC and precision-recall curves, and the areas under them with 95 % intervals."""
    facts = reported.facts["rankings"]
    if facts["auc"] is None:
        return (paragraphs("No curve: the test part has examples of one class alone."),)
    drawn = plots.ranking(reported.rankings, title="Test part: how well the probabilities rank the examples")
    classes = facts["classes"]
    rows = [
        (one["name"], f"{one['examples']:,}", *_area(one["auc"]), *_area(one["average_precision"])) for one in classes
    ]
    if len(rows) > 1:
        total = (_area(facts[name]) for name in ("auc", "average_precision"))
        rows.append(("mean", "", *next(total), *next(total)))
    explanation = (
        "The area under the ROC curve is the chance that an example of the class gets a higher probability than one of "
        "the others: 0.5 by chance. The average precision is by chance the base rate, and says more where a class is "
        f"rare. An interval takes at least {FEWEST} examples of the class and of the others; with fewer the table says "
        f"“too few”. Below {ENOUGH} examples intervals are by test inversion under normal scores (Carpenter 1999), "
        "else by estimated variances (DeLong, DeLong & Clarke-Pearson 1988); those of means after Zou & Donner 2008."
    )
    head = ("class", "examples", "ROC area", "95 %", "average precision", "95 %")
    caption = "Each class against all others" if len(rows) > 1 else "The class against the other"
    curves = picture(drawn, "ranking", "ROC and precision-recall curves")
    return curves, table(caption, head, rows), paragraphs(explanation)


def _area(area: dict[str, Any]) -> tuple[str, str]:
    if area["interval"] is None:
        return f"{area['value']:.3f}", "too few" if area["remark"].startswith("too few") else "–"
    low, high = area["interval"]
    return f"{area['value']:.3f}", f"{low:.3f} to {high:.3f}"


def mistakes_section(reported: ReportedRun) -> tuple[object, ...]:
    """The test examples that are classified wrong: a picture of the images, or a table."""
    run, data, wrong = reported.run, reported.data, reported.wrong
    if not len(wrong):
        return (paragraphs("Nothing: every test example got its right class."),)
    if data.image_shape is None:
        return (_mistakes_table(reported),)
    words = f"{len(wrong)} of {data.test.X.shape[1]} test images mislabelled, the surest first"
    return (picture(mistakes_picture(run, data, layers_text(run)), "mistakes", words),)


def _mistakes_table(reported: ReportedRun) -> Html:
    """A row an example: the predicted class, its probability, the true class, and some columns as in the file."""
    data, shown = reported.data, reported.wrong[:MOST_EXAMPLES]
    columns, values = shown_columns(reported.run, data, shown)
    confidence, _ = reported.confidences
    rows = [
        (
            example_name(data, number),
            data.class_names[reported.predictions[0, number]],
            percent(confidence[number]),
            data.class_names[reported.classes[number]],
            *texts,
        )
        for number, texts in zip(shown, values, strict=True)
    ]
    head = (example_naming(data)[0], "answer", "sure to", "is", *columns)
    return table(_mistakes_caption(reported), head, rows)


def _mistakes_caption(reported: ReportedRun) -> str:
    data, k, n = reported.data, len(reported.wrong), len(column_groups(reported.run, reported.data))
    all_of_them = f"{k:,} of {data.test.X.shape[1]:,} test examples{example_naming(data)[1]} are answered wrong"
    most = f"; the {MOST_EXAMPLES} surest" if k > MOST_EXAMPLES else "; the surest first"
    what = "features" if data.raw is None else "columns"
    few = f", with the {MOST_COLUMNS} of {n} {what} that move the first layer most" if n > MOST_COLUMNS else ""
    return all_of_them + most + few


def reliability_section(reported: ReportedRun) -> tuple[object, ...]:
    """How sure the predictions are beside how often they are right."""
    run = reported.run
    sure, right, error = (reported.facts[name] for name in ("mean_confidence", "test_accuracy", "calibration_error"))
    sentence = (
        f"On the test part the answers are given with {percent(sure)} on average, and {percent(right)} of them are "
        f"right. In {BINS} bins of equal width by confidence, confidence and share right lie {100 * error:.1f} points "
        f"apart on average (expected calibration error); few examples part them by chance alone, which the intervals "
        f"show."
    )
    calibrated = "The probabilities are as trained: layerlab.calibrate can fit them on examples that were held back."
    if run.temperature != 1:
        calibrated = (
            f"The probabilities were calibrated after training: the last layer was divided by the temperature "
            f"{amount(run.temperature)}."
        )
    notes = [calibrated, *shifted_text(run.settings), *threshold_line(reported.facts)]
    words = f"Reliability diagram: expected calibration error {100 * error:.1f} points"
    return picture(plots.reliability(*reported.confidences), "reliability", words), paragraphs(sentence, *notes)


def _interval_text(interval: Any) -> str:
    """An interval of shares in per cent."""
    low, high = interval
    return f"{100 * low:.1f} to {percent(high)}"
