"""What the page says about what the answers come from: shuffled columns, and one answer explained."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.evaluating.explanations.explanation import attribution_baseline, explain_answer, explanation_lines
from layerlab.evaluating.explanations.importance import permutation_importance
from layerlab.evaluating.explanations.input_groups import example_name
from layerlab.runs.run import Run
from layerlab.text import amount

from .mistakes import mistaken
from .page import paragraphs, picture
from .pictures.of_runs import importance_picture, saliency_picture, shares_picture

EXAMPLES = 2000
"""Test examples on which columns are shuffled: a page does not take longer than the training."""

IMAGES = 3
"""That are explained."""


def importance_facts(run: Run, data: Dataset) -> dict[str, Any]:
    """What shuffling each column costs; a sentence in place of the figures where that cannot be said."""
    try:
        return permutation_importance(run, data, examples=EXAMPLES).facts
    except InputError as error:
        return {"columns": [], "remark": f"Nothing was shuffled: {error}."}


def importance(data: Dataset, facts: dict[str, Any]) -> tuple[object, ...]:
    """The picture, and what it is.

    Args:
        data: prepared.
        facts: of ``importance_facts``.
    """
    if not facts["columns"]:
        return (paragraphs(facts["remark"]),)
    told = (
        f"Each {'patch' if data.image_shape else 'column'} of {facts['examples']:,} test examples was shuffled "
        f"{facts['repeats']} times (Breiman 2001). The intervals are over the examples, each one's change averaged "
        f"over the repeats. Where two say the same, either can be shuffled at little cost."
    )
    words = paragraphs(told, _shown_to_matter(facts["columns"]), facts["remark"])
    drawn = importance_picture(data, facts)
    return picture(drawn, "importance", "What the score loses when a column is shuffled"), words


def _shown_to_matter(columns: list[dict[str, Any]]) -> str:
    """How many intervals lie above 0, and how many would if no column mattered: 2.5 % of them, by chance."""
    n, above = len(columns), sum(one["interval"][0] > 0 for one in columns)
    by_chance = f"; by chance alone about {0.025 * n:.0f} of so many would" if n >= 40 else ""
    return f"{above} of {n} have an interval above 0{by_chance}."


def _telling(run: Run, data: Dataset) -> tuple[np.ndarray[Any, Any], str]:
    """Test examples that are worth explaining, and what they are."""
    if not run.network.classifies:
        off = np.abs(data.test.Y - run.predict(data.test.X)).mean(axis=0)
        return np.argsort(-off, kind="stable")[:1], "the answer that is furthest off"
    wrong = mistaken(run, data)
    return (wrong, "the surest wrong answer") if len(wrong) else (np.arange(data.test.X.shape[1]), "the first answer")


def one_answer(run: Run, data: Dataset) -> tuple[object, ...]:
    """One answer and the columns that it comes from; of images a few, pixel by pixel."""
    examples, what = _telling(run, data)
    if data.image_shape is not None and run.network.classifies:
        return _images(run, data, examples[:IMAGES])
    number = int(examples[0])
    of = None
    if not run.network.classifies:
        of = int(np.abs(data.test.Y - run.predict(data.test.X))[:, number].argmax())
    facts = explain_answer(run, data, str(example_name(data, number)), of=of)
    drawn = shares_picture(facts, f"{what[0].upper()}{what[1:]}: what it comes from")
    others = (
        f"{facts['others']:,} more columns together have {amount(facts['others_share'], '+')}."
        if facts["others"]
        else ""
    )
    return picture(drawn, "shares", "Share of each column in one answer"), paragraphs(*explanation_lines(facts), others)


def _images(run: Run, data: Dataset, shown: Any) -> tuple[object, ...]:
    names = [str(example_name(data, int(k))) for k in shown]
    drawn, remainder = saliency_picture(run, data, data.test.X[:, shown], names)
    told = (
        f"Vermillion speaks for the class behind “for”, blue against it. The gradient says how the logit changes with "
        f"each pixel; integrated gradients (Sundararajan, Taly & Yan 2017) divide the difference to the logit of "
        f"{attribution_baseline(run, data)[1]} among the pixels, all but {remainder:.2g} of it. Both describe the "
        f"network: a map that looks like noise says that it looks at single pixels, and not at shapes."
    )
    return picture(drawn, "saliency", "Images, and which pixels the answers come from"), paragraphs(told)
