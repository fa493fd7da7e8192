"""Sections of the page about where predictions come from: shuffled columns, and single predictions explained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.evaluating.explanations.explanation import attribution_baseline, explain_answer, nothing_moves
from layerlab.evaluating.explanations.importance import nothing_matters, shown_to_matter
from layerlab.evaluating.explanations.input_groups import example_name
from layerlab.evaluating.explanations.words import explanation_lines, how_many_matter
from layerlab.text import amount

from .page import paragraphs, picture
from .pictures.of_explanations import importance_picture, saliency_picture, shares_picture
from .reported_run import ReportedRun

MOST_IMAGES = 3
"""The largest number of images whose predictions are explained."""


def importance_section(reported: ReportedRun) -> tuple[object, ...]:
    """Make the section that says what the score loses when a column is shuffled: a picture, and how it was measured."""
    data, facts = reported.data, reported.facts["importance"]
    if not facts["columns"] or nothing_matters(facts):
        return (paragraphs(facts["remark"]),)
    one, several = ("patch", "patches") if data.image_shape else ("column", "columns")
    method = (
        f"The values of one {one} after the other were shuffled among {facts['examples']:,} test examples, "
        f"{facts['repeats']} times each. The more score this costs, the more the network relies on the {one} "
        f"(permutation importance; Breiman 2001)."
    )
    shared = (
        f"If two {several} carry the same information, shuffling one of them hardly changes the score, because the "
        f"network can use the other."
    )
    answer = how_many_matter(facts["columns"])
    if not any(map(shown_to_matter, facts["columns"])):
        answer += " That does not mean that the inputs are useless: the test examples may be too few to show it."
    words = paragraphs(answer, method, shared, facts["remark"])
    drawn = importance_picture(data, facts)
    return picture(drawn, "importance", f"What the score loses when a {one} is shuffled"), words


def explained_predictions_section(reported: ReportedRun) -> tuple[object, ...]:
    """Make the section with one prediction and its columns' contributions; for images a few, pixel by pixel."""
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
    drawn = shares_picture(facts, f"{what[0].upper()}{what[1:]}, and where it comes from")
    others = (
        f"All other inputs together ({facts['others']:,}) contribute {amount(facts['others_share'], '+')}."
        if facts["others"]
        else ""
    )
    words = "Contribution of each column to one prediction"
    return picture(drawn, "shares", words), paragraphs(*explanation_lines(facts), others)


def _worth_explaining(reported: ReportedRun) -> tuple[NDArray[np.int64], str]:
    """Return the numbers of test examples that are worth explaining, the best first, and words about the first."""
    if not reported.run.network.classifies:
        return np.argsort(-reported.absolute_errors, kind="stable"), "the prediction with the largest error"
    if len(reported.wrong):
        return reported.wrong, "the most confident wrong prediction"
    return np.arange(reported.data.test.X.shape[1]), "the first prediction"


def _explained_images(reported: ReportedRun, shown: NDArray[np.int64]) -> tuple[object, ...]:
    """Make a picture of images and the pixels that speak for and against a class, and say how to read it."""
    run, data = reported.run, reported.data
    names = np.array([str(example_name(data, int(k))) for k in shown])
    explained = [explain_answer(run, data, name) for name in names]
    said = [sentence for facts in explained if facts["inactive"] for sentence in explanation_lines(facts)[:2]]
    moved = np.array([not nothing_moves(facts) for facts in explained])
    if not moved.any():
        return (paragraphs(*said),)
    drawn, remainder = saliency_picture(run, data, data.test.X[:, shown[moved]], names[moved].tolist())
    reading = (
        f"Green pixels speak for the class behind “for”, purple pixels against it. The gradient says how the network's "
        f"output z (before the sigmoid or softmax) changes with each pixel. Integrated gradients (Sundararajan, Taly & "
        f"Yan 2017) are contributions: they add up to the difference between z for this image and z for "
        f"{attribution_baseline(run, data)[1]}, except for {remainder:.2g} at most."
    )
    noise = "Both describe the network. A map that looks like noise says that it looks at single pixels, not at shapes."
    words = "Images, and which pixels the predictions come from"
    return picture(drawn, "saliency", words), paragraphs(*said, reading, noise)
