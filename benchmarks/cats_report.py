"""What came of the study of the cats, as a page of tables and a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerlab import plots
from layerlab.evaluating.statistics import corrected_resampled_t, mcnemar_p_value, wilson_interval
from layerlab.formulas.arrays import Floats
from layerlab.text import percent

from .cats_contenders import ALL, AVERAGES, CONTENDERS, EVERYTHING, PIXELS

PAGE = Path(__file__).with_name("cats_study.md")
PICTURES = Path(__file__).parents[1] / "docs"
TRAIN, TEST = 209, 50

Facts = Mapping[str, Any]

HEAD = """\
# Dense networks on the cats of the course notes

The course notes are the notes of the Deep Learning Specialization's first course (weeks 2 to 4).
[docs/cats.md](../docs/cats.md) says what these tables show.

All 259 images are split at random {splits} times into 209 and 50, each class by its share; {date}, {seconds:.0f} s.
`{command}` writes this file ({machine});
`python -m benchmarks.cats_study --report` writes it again from cats_study.json.
Means, 95 % intervals and p-values by the corrected resampled t-test (Nadeau & Bengio 2003). The majority class is
{base} of the 50.

"""


def write_report(facts: Facts) -> None:
    """Page and picture from what was measured."""
    head = HEAD.format(
        splits=len(facts["splits"]),
        date=np.datetime64("today"),
        base=percent(float(np.mean(facts["base_rate"]))),
        **{name: facts[name] for name in ("seconds", "machine", "command")},
    )
    sections = (nested_table(facts), ladder_table(facts), parts_table(facts), official_words(facts))
    PAGE.write_text(head + "\n".join(sections), encoding="utf-8")
    write_picture(facts)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """In Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ("---",) * len(head), *rows))


def accuracies(facts: Facts, name: str) -> Floats:
    """A contender's share of correct predictions on each split, or an average's."""
    return np.array([np.mean(split["right"][name]) for split in facts["splits"]])


def nested(facts: Facts, pool: str, *, alone: bool = False) -> Floats:
    """The chosen one's share on each split; ``alone`` leaves out test images of which the series is trained on."""
    values = []
    for split in facts["splits"]:
        right = np.array(split["right"][split["chosen"][pool]])
        values.append(right[np.array(split["alone"]) == 1].mean() if alone else right.mean())
    return np.array(values)


def mean_words(values: Floats) -> tuple[str, str]:
    """Mean and interval of shares, in per cent."""
    mean, (low, high), _ = corrected_resampled_t(values, TRAIN, TEST)
    return f"{100 * mean:.1f}", f"{100 * low:.1f} to {min(100 * high, 100):.1f}"


def difference_words(values: Floats) -> str:
    """Mean difference of two shares in points, interval and p-value."""
    mean, (low, high), p = corrected_resampled_t(values, TRAIN, TEST)
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
    points = [round(100 * share, 1) + 0.0 for share in (mean, low, high)]  # no −0.0
    middle, *ends = (f"{point:+.1f}".replace("-", "−") for point in points)
    return f"{middle} ({' to '.join(ends)}, {chance})"


def nested_table(facts: Facts) -> str:
    """The main result: networks chosen by five folds inside each training set."""
    rows, counts = [], []
    for pool, names, called in (("pixels", PIXELS, "pixels only"), ("everything", EVERYTHING, "pixels and counts")):
        values = nested(facts, pool)
        alone = " (".join(mean_words(nested(facts, pool, alone=True))) + ")"
        menu = sum(set(some) <= set(names) for some in AVERAGES.values()) + len(names)
        more = difference_words(values - np.array(facts["notes"]["4-layer network"]))
        rows.append((called, str(menu), *mean_words(values), alone, more))
        often = Counter(split["chosen"][pool] for split in facts["splits"]).most_common()
        counts.append(f"Chosen of {called}: {', '.join(f'{name} ({count})' for name, count in often)}.\n")
    seen = _by_origin(facts)
    alike = ", ".join(f"{first} and {second} ({apart:.2g})" for first, second, apart in facts["nearest"])
    head = (
        "inputs",
        "to choose from",
        "mean",
        "95 % interval",
        "without images of a series",
        "more than the course notes' 4-layer network",
    )
    return (
        f"## Chosen inside each training set\n\n{table(head, rows)}\n{''.join(counts)}\n"
        f"Of the predictions for the 209 images that the list of networks was made with, {seen[0]} "
        f"were correct; of those for the other 50, {seen[1]}.\n\n"
        f"The most similar pairs of images (root mean squared difference of their pixels): {alike}.\n"
    )


def _by_origin(facts: Facts) -> tuple[str, str]:
    """Share right, where all may be chosen, among the images that the list was drawn up on and among the others."""
    test = np.concatenate([split["test"] for split in facts["splits"]])
    right = np.concatenate([split["right"][split["chosen"]["everything"]] for split in facts["splits"]])
    return percent(float(right[test < TRAIN].mean())), percent(float(right[test >= TRAIN].mean()))


def ladder_table(facts: Facts) -> str:
    """Every contender, and what one change brought."""
    rows = [
        (f"the course notes' {name}", "12288", *mean_words(np.array(row)), "") for name, row in facts["notes"].items()
    ]
    for name, one in CONTENDERS.items():
        values, change = accuracies(facts, name), ""
        if one.against:
            change = f"{difference_words(values - accuracies(facts, one.against))} against {one.against}"
        inputs = "all counted inputs" if one.view.inputs == ALL else " + ".join(one.view.inputs)
        rows.append((name, inputs, *mean_words(values), change))
    rows += [(name, "", *mean_words(accuracies(facts, name)), "") for name in AVERAGES]
    head = ("contender", "inputs", "mean", "95 % interval", "difference in points (interval, p)")
    return f"## What helped\n\n{table(head, rows)}"


def parts_table(facts: Facts) -> str:
    """What averaging over members and over augmented views of the image asked about brought."""
    names = ("colour 8×8, strong", "RGB 8×8, strong, 256-64", "everything", "everything, strong")
    ways = list(facts["splits"][0]["accuracy_of_parts"][names[0]])
    rows = []
    for name in names:
        of_way = {way: np.array([split["accuracy_of_parts"][name][way] for split in facts["splits"]]) for way in ways}
        gain = difference_words(of_way[ways[-1]] - of_way[ways[0]])
        rows.append((name, *(mean_words(of_way[way])[0] for way in ways), gain))
    return f"## What averaging brought\n\n{table(('contender', *ways, 'last minus first'), rows)}"


def official_words(facts: Facts) -> str:
    """The one use of the published test set."""
    if "official" not in facts:
        return ""
    one = facts["official"]
    right, total = sum(one["right"]), len(one["right"])
    low, high = wilson_interval(right, total)
    tests = []
    for name, values in facts["notes_right"].items():
        ours, theirs = (
            int(np.sum(np.subtract(*pair) == 1)) for pair in ((one["right"], values), (values, one["right"]))
        )
        p = mcnemar_p_value(ours, theirs)
        tests.append((f"the course notes' {name}", f"{sum(values)} of {total}", str(ours), str(theirs), f"{p:.2g}"))
    head = ("compared with", "correct", "only the chosen one is correct", "only this one is correct", "McNemar p")
    twin = one["right"][one["test"].index(226)]  # the same photograph is among the training images
    return (
        f"## The published test set, once\n\nChosen on the 209 training images: {one['chosen']}.\n"
        f"Correct for {right} of {total} test images, {percent(right / total)} "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f}, Wilson);\n"
        f"without the image that is also a training image, {right - twin} of {total - 1}.\n\n"
        f"{table(head, tests)}"
    )


SHOWN = {
    "RGB 8×8, no augmentation": "RGB 8×8",
    "RGB 16×16, mild": "RGB 16×16, augmented",
    "RGB 8×8, strong, 256-64": "RGB 8×8, augmented, 256-64",
    "colour 8×8, strong": "six colour values 8×8, augmented",
    "HOG": "HOG",
    "histogram": "colour histogram",
    "everything, no hidden layer": "all counted inputs, no hidden layer",
    "everything": "all counted inputs",
}
"""In the picture, and what they are called there."""


def write_picture(facts: Facts) -> None:
    """Means and intervals of some contenders and of what was chosen, beside the base rate: docs/cats_study.png."""
    shares = {f"the course notes' {name}": np.array(row) for name, row in facts["notes"].items()}
    shares |= {called: accuracies(facts, name) for name, called in SHOWN.items()}
    shares["chosen on each training set, pixels only"] = nested(facts, "pixels")
    shares["chosen on each training set, pixels and counts"] = nested(facts, "everything")
    rows = []
    for name, values in shares.items():
        mean, (low, high), _ = corrected_resampled_t(values, TRAIN, TEST)
        rows.append((name, mean, (low, min(high, 1.0))))
    figure = plots.accuracies(
        rows,
        base_rate=float(np.mean(facts["base_rate"])),
        n_test=TEST,
        title=f"Dense networks on the cats: mean test accuracy over {len(facts['splits'])} random splits",
    )
    figure.axes[0].set_xlabel("accuracy (%), with 95 % intervals of the mean")
    plots.save(figure, PICTURES, "cats_study")
    (PICTURES / "cats_study.svg").unlink()
