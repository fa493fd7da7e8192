"""Sections of the page about what the predictions depend on: shuffled columns, and single predictions explained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.evaluating.explanations.explanation import attribution_baseline, explain_answer, nothing_moves
from layerlab.evaluating.explanations.importance import nothing_matters
from layerlab.evaluating.explanations.input_groups import example_name
from layerlab.evaluating.explanations.words import explanation_lines, shown_to_matter
from layerlab.text import amount

from .page import paragraphs, picture
from .pictures.of_explanations import importance_picture, saliency_picture, shares_picture
from .reported_run import ReportedRun

MOST_IMAGES = 3
"""Images whose predictions are explained."""


def importance_section(reported: ReportedRun) -> tuple[object, ...]:
    """What the score loses when a column is shuffled: a picture, and how it was measured."""
    data, facts = reported.data, reported.facts["importance"]
    if not facts["columns"] or nothing_matters(facts):
        return (paragraphs(facts["remark"]),)
    method = (
        f"Each {'patch' if data.image_shape else 'column'} of {facts['examples']:,} test examples was shuffled "
        f"{facts['repeats']} times (Breiman 2001). The intervals are over the examples, each one's change averaged "
        f"over the repeats. Where two say the same, either can be shuffled at little cost."
    )
    words = paragraphs(shown_to_matter(facts["columns"]), method, facts["remark"])
    drawn = importance_picture(data, facts)
    return picture(drawn, "importance", "What the score loses when a column is shuffled"), words


def explained_answers_section(reported: ReportedRun) -> tuple[object, ...]:
    """One prediction and the columns that it comes from; of images a few, pixel by pixel."""
    run, data = reported.run, reported.data
    examples, what = _worth_explaining(reported)
    if data.image_shape is not None and run.network.classifies:
        return _explained_images(reported, examples[:MOST_IMAGES])
    number, output = int(examples[0]), None
    if not run.network.classifies:
        output = int(np.abs(data.test.Y - reported.predictions)[:, number].argmax())
    facts = explain_answer(run, data, str(example_name(data, number)), of=output)
    if nothing_moves(facts):
        return (paragraphs(*explanation_lines(facts)),)
    drawn = shares_picture(facts, f"{what[0].upper()}{what[1:]}: what it comes from")
    others = (
        f"{facts['others']:,} more columns together have {amount(facts['others_share'], '+')}."
        if facts["others"]
        else ""
    )
    return picture(drawn, "shares", "Share of each column in one answer"), paragraphs(*explanation_lines(facts), others)


def _worth_explaining(reported: ReportedRun) -> tuple[NDArray[np.int64], str]:
    """Numbers of the test examples whose predictions are worth explaining, the best first, and what the first is."""
    if not reported.run.network.classifies:
        return np.argsort(-reported.absolute_errors, kind="stable"), "the answer that is furthest off"
    if len(reported.wrong):
        return reported.wrong, "the surest wrong answer"
    return np.arange(reported.data.test.X.shape[1]), "the first answer"


def _explained_images(reported: ReportedRun, shown: NDArray[np.int64]) -> tuple[object, ...]:
    """Images beside the pixels that speak for and against a class, and how to read them."""
    run, data = reported.run, reported.data
    names = np.array([str(example_name(data, int(k))) for k in shown])
    explained = [explain_answer(run, data, name) for name in names]
    said = [sentence for facts in explained if facts["inactive"] for sentence in explanation_lines(facts)[:2]]
    moved = np.array([not nothing_moves(facts) for facts in explained])
    if not moved.any():
        return (paragraphs(*said),)
    drawn, remainder = saliency_picture(run, data, data.test.X[:, shown[moved]], names[moved].tolist())
    reading = (
        f"Orange speaks for the class behind “for”, blue against it. The gradient says how the logit changes with "
        f"each pixel; integrated gradients (Sundararajan, Taly & Yan 2017) divide the difference to the logit of "
        f"{attribution_baseline(run, data)[1]} among the pixels, all but {remainder:.2g} of it. Both describe the "
        f"network: a map that looks like noise says that it looks at single pixels, and not at shapes."
    )
    return picture(drawn, "saliency", "Images, and which pixels the answers come from"), paragraphs(*said, reading)
