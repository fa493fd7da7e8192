"""Do the intervals of ROC area and average precision hold the truth where a class has few examples?

    python -m benchmarks.intervals [--draws 2000] [--json PATH]

Scores are drawn as normal numbers, those of the class higher by so much that the ROC area is known. For every number of
examples it is counted how many intervals hold the true ROC area, and the true average precision in both of its senses:
what endless examples with this share of the class would give, and the mean over test sets of this size. An interval's
width is held against the distance between the 2.5th and the 97.5th percentile of the estimates.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binom, norm

from layerlab.evaluating.area_intervals import FEWEST
from layerlab.evaluating.curves import Area, rankings
from layerlab.evaluating.statistics import wilson_interval
from layerlab.formulas.arrays import Floats
from layerlab.text import percent

COUNTS = (1, 2, 3, 4, 5, 7, 10, 20, 50)
"""Examples of the rarer kind."""

AREAS = (0.6, 0.7, 0.8, 0.9, 0.97)
"""True ROC areas."""


class Point(NamedTuple):
    """One situation that is drawn many times.

    Attributes:
        positives, negatives: number of examples of the class and of the others.
        area: true ROC area.
        spread: standard deviation of the scores of the class, where that of the others is 1.
    """

    positives: int
    negatives: int
    area: float
    spread: float = 1.0


class Held(NamedTuple):
    """What came out at a point.

    Attributes:
        point: the situation.
        given: whether intervals are given.
        roc, limit, mean: shares of the intervals that hold the true ROC area, and the true average precision as the
            limit of endless examples and as the mean over test sets; nan where no intervals are given.
        roc_width, precision_width: mean widths over the distance between the percentiles of the estimates.
    """

    point: Point
    given: bool
    roc: float
    limit: float
    mean: float
    roc_width: float
    precision_width: float


def points() -> Iterator[Point]:
    """The situations: a rare class, a class of which few examples are missing, and scores that are not alike."""
    for others in (100, 1000):
        for count in COUNTS:
            yield from (Point(count, others, area) for area in AREAS)
            yield from (Point(others, count, area) for area in AREAS)
    for spread in (0.5, 2.0):
        for count in (10, 50):
            yield from (Point(count, 1000, area, spread) for area in (0.6, 0.8, 0.97))


def distance(point: Point) -> float:
    """By how much the scores of the class lie higher: Φ⁻¹(area) √(1 + spread²)."""
    return float(norm.ppf(point.area) * np.hypot(1, point.spread))


def limit_of_average_precision(point: Point) -> float:
    """Average precision of endless examples: the mean over recalls r of the precision at that recall."""
    recall = (np.arange(20_000) + 0.5) / 20_000
    others = norm.sf(distance(point) + point.spread * norm.isf(recall))
    share = point.positives / (point.positives + point.negatives)
    return float((share * recall / (share * recall + (1 - share) * others)).mean())


def held(point: Point, draws: int) -> Held:
    """Draw test sets at a point, and count how many intervals hold the truth."""
    random = np.random.RandomState(1)
    truth = np.arange(point.positives + point.negatives) < point.positives
    both = []
    for _ in range(draws):
        scores = random.standard_normal(truth.size)
        scores[truth] = point.spread * scores[truth] + distance(point)
        (one,) = rankings(scores[None], truth[None], ["the class"]).classes
        both.append((one.auc, one.average_precision))
    roc, precision = ([two[k] for two in both] for k in (0, 1))
    if roc[0].interval is None:
        return Held(point, False, *(5 * [np.nan]))
    mean = float(np.mean([area.value for area in precision]))
    return Held(
        point,
        True,
        share_held(roc, point.area),
        share_held(precision, limit_of_average_precision(point)),
        share_held(precision, mean),
        width(roc),
        width(precision),
    )


def share_held(areas: Sequence[Area], truth: float) -> float:
    """Share of the intervals that hold the truth."""
    ends = intervals_of(areas)
    return float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean())


def width(areas: Sequence[Area]) -> float:
    """Mean width of the intervals over the distance between the 2.5th and 97.5th percentile of the estimates."""
    low, high = np.percentile([area.value for area in areas], [2.5, 97.5])
    return float(np.diff(intervals_of(areas)).mean() / (high - low))


def intervals_of(areas: Sequence[Area]) -> Floats:
    """(areas, 2) the ends of all intervals."""
    return np.array([area.interval for area in areas], np.float64)


def means_held(sizes: Sequence[int], draws: int) -> tuple[float, float]:
    """Share of the intervals of the mean ROC area over classes that hold it, and their width as in ``width``."""
    random, rows = np.random.RandomState(2), np.repeat(np.arange(len(sizes)), sizes)
    truth = rows == np.arange(len(sizes))[:, None]
    shifts = np.linspace(0.8, 2.5, len(sizes))[:, None]
    areas = []
    for _ in range(draws):
        mean = rankings(random.standard_normal(truth.shape) + shifts * truth, truth, [f"{k}" for k in sizes]).auc
        assert mean is not None  # noqa: S101
        areas.append(mean)
    return share_held(areas, float(norm.cdf(shifts / np.sqrt(2)).mean())), width(areas)


def wilson_held(total: int) -> tuple[float, float]:
    """Least and mean share of Wilson's intervals that hold the true share, over true shares from 0.001 to 0.999."""
    low, high = np.array([wilson_interval(right, total) for right in range(total + 1)]).T
    truths = np.linspace(0.001, 0.999, 999)[:, None]
    chances = binom.pmf(np.arange(total + 1), total, truths)
    held = (chances * ((low <= truths) & (truths <= high))).sum(axis=1)
    return float(held.min()), float(held.mean())


def table(found: Sequence[Held]) -> Iterator[str]:
    """The lines of a table, a row a point."""
    yield "| of the class | others | ROC area | holds it | width | average precision: limit held | mean held | width |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for one in found:
        point = one.point
        told = (
            f"{percent(one.roc)} | {one.roc_width:.2f} | {percent(one.limit)} | {percent(one.mean)} | "
            f"{one.precision_width:.2f}"
            if one.given
            else "too few | – | too few | too few | –"
        )
        yield f"| {point.positives} | {point.negatives} | {point.area} | {told} |"


def summary(found: Sequence[Held]) -> Iterator[str]:
    """The least coverage and the largest widths, over all points with intervals and from ten examples on."""
    for least in (FEWEST, 10):
        some = [one for one in found if min(one.point[:2]) >= least and one.given]
        lowest = [min(getattr(one, name) for one in some) for name in ("roc", "limit", "mean")]
        widest = [max(getattr(one, name) for one in some) for name in ("roc_width", "precision_width")]
        yield (
            f"- from {least} examples on: ROC areas are held in {percent(lowest[0])} or more, average precisions in "
            f"{percent(lowest[1])} (limit) and {percent(lowest[2])} (mean) or more; widths are {widest[0]:.2f} and "
            f"{widest[1]:.2f} at most"
        )


def main() -> None:
    """Draw at all points and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: list[Held] = []
    for point in points():
        few = min(point.positives, point.negatives) < FEWEST
        found.append(held(point, 3 if few else asked.draws))
        print(found[-1], file=sys.stderr, flush=True)
    alike, unlike = ([one for one in found if (one.point.spread == 1) == same] for same in (True, False))
    print("\n".join([*summary(alike), "", *table(alike), ""]))
    for spread in (0.5, 2.0):
        print(f"Scores of the class with the standard deviation {spread}, not 1:\n")
        print("\n".join([*table([one for one in unlike if one.point.spread == spread]), ""]))
    means: dict[str, Any] = {}
    for sizes in ((10, 30, 60), (5, 50, 500), (10,) * 10):
        share, wide = means["+".join(map(str, sizes))] = means_held(sizes, asked.draws)
        print(f"Mean of classes of {', '.join(map(str, sizes))} examples: held in {percent(share)}, width {wide:.2f}.")
    for total in (1, 2, 3, 5, 10, 20, 50):
        least, average = wilson_held(total)
        held_in = f"{percent(average)} on average over the true shares, {percent(least)} at least"
        print(f"Wilson's intervals of {total} answers: {held_in}.")
    if asked.json:
        asked.json.write_text(json.dumps({"points": [one._asdict() for one in found], "means": means}))


if __name__ == "__main__":
    main()
