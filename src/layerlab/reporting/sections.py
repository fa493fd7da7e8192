"""The page about a run, section by section."""

from __future__ import annotations

from collections.abc import Iterator

from layerlab.datasets import Dataset
from layerlab.datasets.describing import dataset_facts
from layerlab.machine import VERSION, version_of
from layerlab.runs.how_to_repeat import command_can_repeat, data_can_be_loaded, not_kept, python_lines, train_command
from layerlab.runs.run import Run
from layerlab.runs.summary import answer_lines, failed, findings_in, run_lines, trouble_lines
from layerlab.settings import SETTINGS
from layerlab.text import amount, percent, value_text

from .classification import (
    accuracy_section,
    confusion_section,
    mistakes_section,
    ranking_section,
    reliability_section,
)
from .explanations import explained_answers_section, importance_section
from .own_data import own_data_section
from .page import Html, bullets, element, page, paragraphs, picture, section, table
from .pictures.of_runs import contact_picture, cost_picture, layers_text
from .regression import answers_section, errors_section, largest_errors_section, residuals_section
from .reported_run import ReportedRun

Sections = Iterator[tuple[str, tuple[object, ...]]]
"""Heading and content of each section."""


def run_page(reported: ReportedRun) -> str:
    """The page about a run, as HTML."""
    return page(
        f"{layers_text(reported.run)} on {reported.data.name or 'data without a name'}",
        bullets(_summary(reported)),
        *(section(title, *content) for title, content in _sections(reported)),
    )


def _summary(reported: ReportedRun) -> list[object]:
    """What was printed after the training, the answer in bold; of a failed run what is wrong."""
    run, facts = reported.run, reported.facts
    bold = trouble_lines(run, facts)[:1] if failed(facts) else answer_lines(run, facts)
    return [element("strong", line) if line in bold else line for line in run_lines(run, facts)]


def _sections(reported: ReportedRun) -> Sections:
    run, data = reported.run, reported.data
    yield "Data", _data(run, data)
    if reported.facts["data"] is not None:
        yield "What was done to the data", own_data_section(reported.facts["data"])
    if data.image_shape is not None and data.standardization is None:
        yield "What the network sees", (picture(contact_picture(data), "seen", "Training images at its size"),)
    yield "Network and settings", (_settings(run),)
    if run.plan is not None:
        yield "Plan", (element("pre", run.plan.explain()),)
    yield "Cost", _cost(run, data)
    yield from (_class_sections if run.network.classifies else _value_sections)(reported)
    yield "What the answers depend on", importance_section(reported)
    title = "One answer explained" if data.image_shape is None else "Answers explained"
    yield title, explained_answers_section(reported)
    yield "Diagnosis", _diagnosis(reported)
    yield "Versions", (_versions(run),)
    yield "How to reproduce it", _how_to_repeat(run, data)


def _class_sections(reported: ReportedRun) -> Sections:
    yield "Accuracy", accuracy_section(reported)
    yield "Confusion matrix", confusion_section(reported)
    yield "ROC and precision-recall curves", ranking_section(reported)
    yield "Wrong answers", mistakes_section(reported)
    yield "Reliability of the probabilities", reliability_section(reported)


def _value_sections(reported: ReportedRun) -> Sections:
    yield "Errors", errors_section(reported)
    yield "Answers and true values", answers_section(reported)
    yield "Residuals", residuals_section(reported)
    yield "Largest errors", largest_errors_section(reported)


def _data(run: Run, data: Dataset) -> tuple[object, ...]:
    pairs = [
        (name, percent(value) if isinstance(value, float) else value) for name, value in dataset_facts(data).items()
    ]
    pairs = [(name, value) for name, value in pairs if value != ""]
    if data.standardization is not None:
        pairs.append(("standardised", "each feature to mean 0 and deviation 1, by the training part"))
    if data.held_out is not None:
        pairs.append(
            ("held out", f"{percent(data.held_out.share)} of the training part, dealt by seed {data.held_out.seed}")
        )
    examples = data.train.X.shape[1]
    note = ""
    if run.plan is not None and run.plan.examples != examples:
        note = f"The run was trained on {run.plan.examples:,} examples, not on these {examples:,}."
    elif run.dataset and run.dataset != data.name:
        note = f"The run says that it was trained on {run.dataset}, not on these data."
    return table("Inputs, classes and how many examples there are", (), pairs, figures=False), paragraphs(note)


def _settings(run: Run) -> Html:
    network = (
        ("layers", layers_text(run), "Sizes, the inputs first and the outputs last"),
        ("hidden", run.network.hidden_name, "Activation of the hidden layers"),
        ("output", run.network.output, "Activation of the outputs"),
        ("parameters", f"{run.network.n_parameters:,}", "Weights and biases"),
    )
    settings = (
        (name.replace("_", " "), value_text(value), SETTINGS[name].help) for name, value in run.settings.items()
    )
    head = ("setting", "value", "meaning")
    return table("Everything that was chosen", head, (*network, *settings), figures=False)


def _cost(run: Run, data: Dataset) -> tuple[object, ...]:
    curve = run.history.curve
    words = f"Cost curve: from {amount(curve[0])} to {amount(curve[-1])}" if len(curve) else "No iteration was made"
    interrupted = "The training was interrupted before its last iteration." if run.history.interrupted else ""
    return picture(cost_picture(run, data.name), "cost", words), paragraphs(interrupted)


def _diagnosis(reported: ReportedRun) -> tuple[object, ...]:
    verdict, found = reported.run.verdict, findings_in(reported.facts)
    return paragraphs(verdict.sentence if verdict else ""), *((bullets(found),) if found else ())


def _versions(run: Run) -> Html:
    here = [("layerlab", VERSION), ("numpy", version_of("numpy")), ("jax", version_of("jax"))]
    rows = [(name, run.versions.get(name, "–"), version) for name, version in here]
    return table("What trained the run, and what wrote this page", ("package", "run", "page"), rows, figures=False)


def _how_to_repeat(run: Run, data: Dataset) -> tuple[object, ...]:
    notes = not_kept(run)
    if run.history.interrupted:
        notes.append(
            f"The run was interrupted after {len(run.history.costs):,} of its iterations; this makes all of them."
        )
    if run.temperature != 1:
        notes.append(f"Afterwards it was calibrated: layerlab.calibrate, temperature {run.temperature!r}.")
    if run.threshold != 0.5:
        set_it = f"run = dataclasses.replace(run, threshold={run.threshold!r})"
        notes.append(f"Afterwards its threshold was set; in Python that is {set_it}.")
    shell = (
        [element("p", "On the command line:"), element("pre", train_command(run))]
        if command_can_repeat(run, data)
        else []
    )
    lines = python_lines(run, data_can_be_loaded(run, data))
    return (*shell, element("p", "In Python:"), element("pre", lines), paragraphs(*notes))
