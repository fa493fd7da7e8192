"""Sections of the page about how a run was trained: network and settings, the plan, versions, how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerlab.datasets import Dataset
from layerlab.machine import VERSION, version_of
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.runs.how_to_repeat import (
    command_can_repeat,
    data_can_be_loaded,
    needs_stepping,
    not_kept,
    python_lines,
    train_command,
)
from layerlab.runs.plan import STAGES, Plan, two_digit_time
from layerlab.runs.run import Run
from layerlab.runs.settings_rules import usual_values
from layerlab.settings import SETTINGS
from layerlab.text import count_text, value_text

from .page import Html, element, paragraphs, table
from .pictures.of_runs import layers_text

CHANGED_BY_HAND = (
    "It was changed by hand while it was trained, which the command line cannot do. These lines step to the same "
    "updates and make the same changes there."
)
"""Why a run with events has no command."""

SHORTEST = 1e-3
"""Stages that took fewer seconds are not explained."""

ALWAYS_SHOWN = ("optimizer", "learning_rate", "iterations", "batch_size", "initializer", "seed")
"""Settings that stand first, unless they are None; the others are shown where somebody changed them."""


def network_section(run: Run) -> tuple[object, ...]:
    """Make the section with the network, and the settings that are neither switched off nor the defaults."""
    network = (
        ("layers", layers_text(run), "Sizes of the layers: first the inputs, last the outputs"),
        ("embedding", run.network.embedding_name, "Inputs that the first layer reads as cosines too, which it learns"),
        ("hidden", run.network.hidden_name, "Activation of the hidden layers"),
        ("output", run.network.output, "Activation of the output layer"),
        ("parameters", f"{run.network.n_parameters:,}", "Weights and biases"),
    )
    settings = (
        (name.replace("_", " "), _setting_text(name, value), SETTINGS[name].help) for name, value in shown_settings(run)
    )
    rows = [row for row in (*network, *settings) if row[:2] not in (("hidden", "none"), ("embedding", ""))]
    head = ("setting", "value", "meaning")
    rest = "Settings that are not listed are switched off or have their usual value."
    if run.events:
        rest += " These are the settings at the start; the end of this page has what was changed later."
    return table("Network and training", head, rows, numbers=False), paragraphs(rest)


def shown_settings(run: Run) -> Iterator[tuple[str, Any]]:
    """Yield name and value of the settings that say something about this training, the most important first."""
    usual = usual_values(run.settings)
    for name in dict.fromkeys((*ALWAYS_SHOWN, *SETTINGS)):
        value = run.settings.get(name)
        if value is not None and (name in ALWAYS_SHOWN or value != usual[name]):
            yield name, value


def _setting_text(name: str, value: Any) -> str:
    """Write a setting's value as it is typed; the optimiser gets its name in words, too."""
    title = ALL_OPTIMIZERS[value].title if name == "optimizer" else ""
    return f"{value} ({title})" if title and title.lower() != value else value_text(value)


STAGE_WORDS = {
    "draw": "makes the initial weights",
    "basis": "prepares the coordinates of the first layer",
    "import": "loads jax",
    "compile": "compiles the updates",
    "read": "waits for rows of the file",
    "updates": "is the training itself",
    "metrics": "computes the metrics",
    "finish": "checks the cost curve and the units",
    "advice": "is short trainings that look for better settings",
}
"""What each stage of a training does."""


def plan_section(plan: Plan) -> tuple[Html, ...]:
    """Make the section with the time that the training took, by its stages, and the plan in words."""
    spent = {name: seconds for name, seconds in plan.actual.items() if seconds >= SHORTEST or name == "updates"}
    times = "; ".join(
        f"“{name}” ({two_digit_time(spent[name])}) {STAGE_WORDS[name]}" for name in STAGES if name in spent
    )
    took = times and f"It took {two_digit_time(sum(plan.actual.values()))}. The stages: {times}."
    return paragraphs(took, "In detail:"), element("pre", plan.explain())


def versions_section(run: Run) -> tuple[Html, ...]:
    """Make the section with the versions of the packages that trained the run, and of those that wrote the page."""
    here = [("layerlab", VERSION), ("numpy", version_of("numpy")), ("jax", version_of("jax"))]
    rows = [(name, run.versions.get(name, "–"), version) for name, version in here]
    head = ("package", "trained with", "page written with")
    return (table("Versions of the packages", head, rows, numbers=False),)


def repeat_section(run: Run, data: Dataset) -> tuple[object, ...]:
    """Make the section with the command and the lines of Python that train the run again, and what they lack."""
    notes = not_kept(run)
    done = count_text(len(run.history.costs), "iteration")
    if run.events:
        notes.append(CHANGED_BY_HAND)
    elif needs_stepping(run):
        notes.append(f"It was ended after {done}, before its last one. These lines step to there.")
    elif run.history.interrupted:
        notes.append(f"The run was interrupted after {done}; this makes all of them.")
    if run.temperature != 1:
        notes.append(
            f"After the training its probabilities were calibrated (layerlab.calibrate): temperature "
            f"{run.temperature!r}."
        )
    if run.threshold != 0.5:
        set_it = f"run = dataclasses.replace(run, threshold={run.threshold!r})"
        notes.append(f"After the training its threshold was changed. In Python: {set_it}.")
    shell = (
        [element("p", "On the command line:"), element("pre", train_command(run))]
        if command_can_repeat(run, data)
        else []
    )
    lines = python_lines(run, data_can_be_loaded(run, data))
    return (*shell, element("p", "In Python:"), element("pre", lines), paragraphs(*notes))
