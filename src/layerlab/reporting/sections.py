"""The page about a run: which sections it has, and in which order.

The answer comes first, then the evidence, then what is wrong, and the settings last. Of a run that failed, the cause
and the remedy come before everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerlab.runs.events import event_lines
from layerlab.runs.how_to_repeat import command_can_repeat, train_command
from layerlab.runs.summary import answer_lines, evidence_lines, failed, findings_in, settings_lines, trouble_lines
from layerlab.text import amount

from .classification import (
    confusion_section,
    mistakes_section,
    ranking_section,
    reliability_section,
    scores_table,
)
from .data_sections import data_section, preparation_section
from .explanations import explained_predictions_section, importance_section
from .how_trained import network_section, plan_section, repeat_section, versions_section
from .page import NARROW_HINT, Html, element, page, paragraphs, picture, section, trouble_box
from .pictures.of_runs import (
    contact_picture,
    cost_picture,
    has_unit_maps,
    has_weight_pictures,
    layers_text,
    units_picture,
    weights_picture,
)
from .planes import boundary_section, is_planar
from .regression import errors_table, largest_errors_section, residuals_section, values_section
from .reported_run import ReportedRun

Sections = Iterator[tuple[str, tuple[object, ...]]]
"""Heading and content of each section."""


def run_page(reported: ReportedRun) -> str:
    """Return the page about a run, as HTML."""
    return page(
        f"{layers_text(reported.run)} network on {reported.data.name or 'data without a name'}",
        *_opening(reported),
        *(section(title, *content) for title, content in _sections(reported)),
    )


def _opening(reported: ReportedRun) -> Iterator[Html]:
    """Yield what went wrong and its remedy, how good the network is, and what a person changed while it was trained."""
    run, facts = reported.run, reported.facts
    if failed(facts):
        yield trouble_box(
            "What went wrong and what to try", *trouble_lines(run, facts), command=_mended_command(reported)
        )
    yield element("div", paragraphs(*answer_lines(run, facts), *event_lines(run.events)), class_="answer")
    yield NARROW_HINT


def _mended_command(reported: ReportedRun) -> str:
    """Return the command that trains a failed run with what its finding advises; "" where there is no such command."""
    run, (finding, *_) = reported.run, findings_in(reported.facts)
    can = finding.changes and command_can_repeat(run, reported.data)
    return train_command(run, finding.changes) if can else ""


def _sections(reported: ReportedRun) -> Sections:
    """Return the evidence, the problems, the details, the data and the settings; a run that diverged has no scores."""
    run, facts = reported.run, reported.facts
    if not run.diverged:
        yield from (_class_evidence if run.network.classifies else _value_evidence)(reported)
    trouble = () if failed(facts) else trouble_lines(run, facts)
    if trouble:
        yield "Problems and what to try", (paragraphs(*trouble),)
    yield "Cost curve", _cost_section(reported)
    if not run.diverged:
        yield from (_class_details if run.network.classifies else _value_details)(reported)
    yield from _data_sections(reported)
    yield "Network and settings", network_section(run)
    if run.plan is not None:
        yield "For experts: how it was computed", plan_section(run.plan)
    yield "Versions", versions_section(run)
    yield "How to repeat this training", repeat_section(run, reported.data)


def _class_evidence(reported: ReportedRun) -> Sections:
    """Return the scores of a classifier, and the picture that shows most about it."""
    yield "Accuracy", (scores_table(reported), paragraphs(*evidence_lines(reported.run, reported.facts)))
    if is_planar(reported):
        yield "Decision boundary", boundary_section(reported)
    if reported.data.image_shape is not None:
        yield "Wrong predictions", mistakes_section(reported)
    yield "Confusion matrix", confusion_section(reported)


def _class_details(reported: ReportedRun) -> Sections:
    """Return where a classifier's predictions come from, the wrong ones, and more about its probabilities."""
    yield from _where_predictions_come_from(reported)
    if reported.data.image_shape is None:
        yield "Wrong predictions", mistakes_section(reported)
    yield "ROC and precision-recall curves", ranking_section(reported)
    yield "Reliability of the probabilities", reliability_section(reported)


def _value_evidence(reported: ReportedRun) -> Sections:
    """Return the errors of a regression, and its predictions compared with the true values."""
    yield "Errors", (errors_table(reported), paragraphs(*evidence_lines(reported.run, reported.facts)))
    yield "Predicted and true values", values_section(reported)


def _value_details(reported: ReportedRun) -> Sections:
    """Return more about a regression's errors, and where its predictions come from."""
    yield "Residuals", residuals_section(reported)
    yield from _where_predictions_come_from(reported)
    yield "Largest errors", largest_errors_section(reported)


def _where_predictions_come_from(reported: ReportedRun) -> Sections:
    """Return which inputs matter, on the whole and for single predictions."""
    run, data = reported.run, reported.data
    if has_unit_maps(run):
        words = "What each unit computes at every point of the plane, with the training examples"
        yield "What each unit sees", (picture(units_picture(run, data), "units", words),)
    if has_weight_pictures(run, data):
        words = "How the training changed the weights of the first layer's units"
        yield "What each unit sees", (picture(weights_picture(run, data), "weights", words),)
    yield "What the predictions depend on", importance_section(reported)
    title = "One prediction explained" if data.image_shape is None else "Single predictions explained"
    yield title, explained_predictions_section(reported)


def _cost_section(reported: ReportedRun) -> tuple[object, ...]:
    """Make the section with the cost curve, and in words how the cost fell and how long it took."""
    run, data = reported.run, reported.data
    curve = run.history.curve
    known = curve[np.isfinite(curve)]
    words = f"Cost curve: from {amount(known[0])} to {amount(known[-1])}" if len(known) else "Cost curve without costs"
    interrupted = "The training was interrupted before its last iteration." if run.history.interrupted else ""
    said = paragraphs(interrupted, *settings_lines(run, reported.facts)[:1])
    return picture(cost_picture(run, data.name), "cost", words), said


def _data_sections(reported: ReportedRun) -> Sections:
    """Return what the network was trained on, and how columns and images became numbers."""
    run, data = reported.run, reported.data
    yield "Data", data_section(run, data)
    if reported.facts["data"] is not None:
        yield "How the data were prepared", preparation_section(reported.facts["data"])
    if data.image_shape is not None and data.standardization is None:
        yield "What the network sees", (picture(contact_picture(data), "seen", "Training images at its size"),)
