"""What the page about a run says, section by section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from layerlab import plots
from layerlab.datasets import Dataset
from layerlab.datasets.describing import dataset_facts
from layerlab.evaluating.calibration import confidences
from layerlab.evaluating.statistics import BINS
from layerlab.machine import version_of
from layerlab.runs.how_to_repeat import command_can_repeat, data_can_be_loaded, not_kept, python_lines, train_command
from layerlab.runs.run import Run
from layerlab.runs.summary import run_lines
from layerlab.settings import SETTINGS
from layerlab.text import amount, percent, value_text

from .classification import accuracy, confusion, ranking
from .explanations import importance, one_answer
from .mistakes import mistaken, mistakes_table
from .own_data import given
from .page import Html, bullets, element, page, paragraphs, picture, section, table
from .pictures import of_runs as gallery
from .regression import beside, errors, fifths, furthest, residuals


def report_text(run: Run, data: Dataset, facts: dict[str, Any]) -> str:
    """The page.

    Args:
        run, data: what ``fitting`` made of them.
        facts: of ``report_facts``.
    """
    if run.network.classifies and not data.class_names:
        data = replace(data, class_names=tuple(f"class {i}" for i in range(max(2, data.n_y))))
    return page(
        f"{_dims(run)} on {data.name or 'data without a name'}",
        bullets(_lines(run, facts)),
        *(section(title, *content) for title, content in _sections(run, data, facts)),
    )


def _dims(run: Run) -> str:
    return "-".join(map(str, run.network.layer_dims))


def _lines(run: Run, facts: dict[str, Any]) -> list[object]:
    """What was printed after the training; in bold that the network is not shown to be worth its trouble."""
    first, *others = run_lines(run, facts)
    return [element("strong", first) if first == facts["baseline"]["what"] else first, *others]


Sections = Iterator[tuple[str, tuple[object, ...]]]


def _sections(run: Run, data: Dataset, facts: dict[str, Any]) -> Sections:
    yield "Data", _data(run, data)
    if facts["data"] is not None:
        yield "What was done to the data", given(facts["data"])
    if data.image_shape is not None and data.standardization is None:
        yield "What the network sees", (picture(gallery.contact_picture(data), "seen", "Training images at its size"),)
    yield "Network and settings", (_settings(run),)
    if run.plan is not None:
        yield "Plan", (element("pre", run.plan.explain()),)
    yield "Cost", _cost(run, data)
    yield from (_of_classes if run.network.classifies else _of_values)(run, data, facts)
    yield "What the answers depend on", importance(data, facts["importance"])
    yield "One answer explained" if data.image_shape is None else "Answers explained", one_answer(run, data)
    yield "Diagnosis", _diagnosis(run)
    yield "Versions", (_versions(run),)
    yield "How to reproduce it", _again(run, data)


def _of_classes(run: Run, data: Dataset, facts: dict[str, Any]) -> Sections:
    yield "Accuracy", accuracy(data, facts)
    yield "Confusion matrix", confusion(data, facts)
    yield "ROC and precision-recall curves", ranking(run, data, facts)
    yield "Wrong answers", _mistakes(run, data)
    yield "Reliability of the probabilities", _reliability(run, data, facts)


def _of_values(run: Run, data: Dataset, facts: dict[str, Any]) -> Sections:
    yield "Errors", errors(data, facts)
    yield "Answers and true values", (beside(run, data), fifths(facts))
    yield "Residuals", (residuals(run, data),)
    yield "Largest errors", (furthest(run, data),)


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
        ("layers", _dims(run), "Sizes, the inputs first and the outputs last"),
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
    return picture(gallery.cost_picture(run, data.name), "cost", words), paragraphs(interrupted)


def _mistakes(run: Run, data: Dataset) -> tuple[object, ...]:
    wrong = mistaken(run, data)
    if not len(wrong):
        return (paragraphs("Nothing: every test example got its right class."),)
    if data.image_shape is None:
        return (mistakes_table(run, data, wrong),)
    words = f"{len(wrong)} of {data.test.X.shape[1]} test images mislabelled, the surest first"
    return (picture(gallery.mistakes_picture(run, data, _dims(run)), "mistakes", words),)


def _reliability(run: Run, data: Dataset, facts: dict[str, Any]) -> tuple[object, ...]:
    sure, right, error = (facts[name] for name in ("mean_confidence", "test_accuracy", "calibration_error"))
    sentence = (
        f"On the test part the answers are given with {percent(sure)} on average, and {percent(right)} of them are "
        f"right. In {BINS} bins of equal width by confidence, confidence and share right lie {100 * error:.1f} points "
        f"apart on average (expected calibration error); few examples part them by chance alone, which the intervals "
        f"show."
    )
    told = "The probabilities are as trained: layerlab.calibrate can fit them on examples that were held back."
    if run.temperature != 1:
        told = (
            f"The probabilities were calibrated after training: the last layer was divided by the temperature "
            f"{amount(run.temperature)}."
        )
    words = f"Reliability diagram: expected calibration error {100 * error:.1f} points"
    return picture(plots.reliability(*confidences(run, data.test)), "reliability", words), paragraphs(sentence, told)


def _diagnosis(run: Run) -> tuple[object, ...]:
    if not run.diagnosis:
        return (
            paragraphs(
                "Nothing is wrong that shows: not diverged, rising or stuck, no units saturated, dead or equal."
            ),
        )
    return (bullets(run.diagnosis),)


def _versions(run: Run) -> Html:
    here = [(name, version_of(name)) for name in ("layerlab", "numpy", "jax")]
    rows = [(name, run.versions.get(name, "–"), version) for name, version in here]
    return table("What trained the run, and what wrote this page", ("package", "run", "page"), rows, figures=False)


def _again(run: Run, data: Dataset) -> tuple[object, ...]:
    notes = not_kept(run)
    if run.history.interrupted:
        notes.append(
            f"The run was interrupted after {len(run.history.costs):,} of its iterations; this makes all of them."
        )
    if run.temperature != 1:
        notes.append(f"Afterwards it was calibrated: layerlab.calibrate, temperature {run.temperature!r}.")
    shell = [element("p", "On the command line:"), element("pre", train_command(run))]
    shell = shell if command_can_repeat(run, data) else []
    lines = python_lines(run, data_can_be_loaded(run, data))
    return (*shell, element("p", "In Python:"), element("pre", lines), paragraphs(*notes))
