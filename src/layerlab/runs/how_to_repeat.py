"""How to train a run again: as a ``layerlab train`` command, and as lines of Python.

A run that a person changed while it was trained has no command, nor has one that its caller ended before its last
iteration. Their lines step to the same updates and make the same changes there.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from layerlab.datasets import LOADERS, Dataset
from layerlab.formulas.periodic import Periodic
from layerlab.network import Network, output_for
from layerlab.typed_options import has_options, option_words

from .run import Run
from .settings_rules import usual_values

ALWAYS_GIVEN = ("learning_rate", "iterations", "initializer", "seed")
"""Settings that are always written out, because without them the command line uses the dataset's own values."""

CHOSEN_BY_RECIPES = ("optimizer", "batch_size", "dropout", "schedule", "weight_decay", "l2")
"""Settings that the command line chooses for the user's own data, so that the defaults of ``train`` do not hold."""


def settings_to_give(run: Run) -> dict[str, Any]:
    """Return the settings that must be given: those that differ from the usual values, and a few always."""
    return differing_settings(run.settings)


def differing_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of all settings that differ from the usual values, and a few always (``ALWAYS_GIVEN``)."""
    usual = usual_values(settings)
    return {name: value for name, value in settings.items() if name in ALWAYS_GIVEN or value != usual[name]}


def members_to_give(run: Run) -> dict[str, int]:
    """Return how many members on how many folds must be asked for; nothing for a single network."""
    return {} if run.members is None else {"members": len(run.members), "folds": int(run.members.folds.max()) + 1}


def train_command(run: Run, changes: Mapping[str, Any] | None = None) -> str:
    """Return the ``layerlab train`` command that trains the run again, or trains it with some changes.

    Args:
        run: a trained network.
        changes: new values of settings by their names, and of "standardize", such as the ``changes`` of a finding.
    """
    layers = ",".join(map(str, run.network.layer_dims[1:-1])) or "none"
    options = {"layers": layers, "hidden": ",".join(run.network.activations) or "relu", **settings_to_give(run)}
    options |= members_to_give(run)
    options |= {} if run.network.embedding is None else {"embedding": "periodic"}
    options |= {} if run.held_out is None else {"validation": run.held_out.share}
    options |= {"threshold": run.threshold} if run.threshold != 0.5 and run.temperature == 1 else {}
    own = () if run.source is None else (name for name in CHOSEN_BY_RECIPES if name in run.settings)
    options |= {name: run.settings[name] for name in own} | dict(changes or {})
    standardize = options.pop("standardize", run.standardization is not None)
    if options["learning_rate"] is None:  # L-BFGS has none
        options.pop("learning_rate")
    words = []
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", "none" if value is None else str(value)]
    if standardize or run.preparation is None:  # prepared columns are scaled already
        words.append("--standardize" if standardize else "--no-standardize")
    what = [run.dataset] if run.source is None else [run.source.path, *option_words(run.source.options)]
    return shlex.join(["layerlab", "train", *what, *words])


def python_lines(run: Run, known: bool, validation: str = "") -> str:
    """Return the lines of Python that train the run again; with a ``Stepper`` where ``train`` would do otherwise.

    Args:
        run: a trained network.
        known: whether its data can be loaded, by name or from their file.
        validation: an expression for the validation set where the caller knows one, such as "data.test".
    """
    if needs_stepping(run):
        return stepper_lines(run, known, validation)
    return _setting_up(run, known, validation) + _call(
        "run = layerlab.train", settings_to_give(run) | members_to_give(run), run, known, validation
    )


def needs_stepping(run: Run) -> bool:
    """Return whether ``train`` would give another run: a person changed this one, or its caller ended it earlier.

    Ctrl-C does not count, because what was wanted then is the whole training.
    """
    streamed = run.plan is not None and bool(run.plan.stream)  # of which, as of members, there is no ``Stepper``
    ended = run.history.stopped and len(run.history.costs) < run.settings["iterations"]
    return bool(run.events) or (ended and not streamed and run.members is None)


def stepper_lines(run: Run, known: bool, validation: str = "") -> str:
    """Return the lines of Python that step a training to the run's last update and make all its events again.

    Engine and basis are always given, because another process could plan otherwise, and events are made in the order in
    which they were made. The arguments are those of ``python_lines``.
    """
    settings = settings_to_give(run)
    if run.plan is not None:
        settings |= {"engine": run.plan.engine, "basis": run.plan.basis}
    lines, made = [], 0
    for event in run.events:
        lines += _advance(event.update - made)
        lines.append(event.line)
        made = event.update
    lines += _advance(len(run.history.costs) - made)
    steps = "".join(f"{line}\n" for line in (*lines, "run = s.run()"))
    start = _call("s = layerlab.Stepper", settings, run, known, validation)
    return _setting_up(run, known, validation) + start + steps


def _advance(updates: int) -> list[str]:
    return [f"s.advance({updates})"] if updates else []


def _setting_up(run: Run, known: bool, validation: str) -> str:
    """Return the lines that load the data, and make the network and everything else that the training gets."""
    network, extra = run.network, _extra(run, known, validation)
    given = "".join(f"{name} = {value}\n" for name, value in extra.items() if value)
    return f"import layerlab\n\n{_data_lines(run, known)}{given}network = layerlab.{_in_full(network)}\n"


def _in_full(network: Network) -> str:
    """Return the network as code that follows ``layerlab.``, with an embedding named in the same way."""
    return repr(network).replace("embedding=Periodic(", "embedding=layerlab.Periodic(")


def _call(function: str, settings: Mapping[str, Any], run: Run, known: bool, validation: str) -> str:
    """Return the call of ``train`` or ``Stepper``, an argument a line."""
    words = "".join(f"    {name}={value!r},\n" for name, value in settings.items())
    words += "".join(f"    {name}={name},\n" for name in _extra(run, known, validation))
    return f"{function}(\n    network,\n    data,\n{words})\n"


def _data_lines(run: Run, known: bool) -> str:
    """Return the lines that load the data, hold out the validation set and standardise."""
    if not known:
        return "data = (X, Y)  # the training examples: the run does not name them\n"
    lines = [f"data = layerlab.datasets.load_dataset({run.dataset!r})"]
    if run.source is not None:
        options = "".join(f", {name}={value!r}" for name, value in run.source.options.items())
        lines = [f"data = layerlab.datasets.load_data({run.source.path!r}{options})"]
    if run.held_out is not None:
        share, seed = run.held_out
        lines.append(f"data, validation = layerlab.datasets.hold_out(data, {share!r}, seed={seed!r})")
    if run.standardization is not None:
        lines.append("data = data.standardized()")
        if run.held_out is not None:
            lines.append("validation = validation._replace(X=data.standardization(validation.X))")
    return "".join(f"{line}\n" for line in lines)


def _extra(run: Run, known: bool, validation: str) -> dict[str, str]:
    """Return the arguments of ``train`` other than the settings, by name.

    Each has the Python expression that makes it, or "" where earlier lines have made it already.
    """
    extra = {}
    if validation:
        extra["validation"] = validation
    elif known and run.held_out is not None and len(run.history.validation_costs) and run.members is None:
        extra["validation"] = ""
    elif _monitors_validation(run):
        extra["validation"] = "(X, Y)  # the monitored examples: the run does not keep them"
    if run.weighted:
        extra["sample_weight"] = "w  # the examples' weights: the run does not keep them"
    if run.members is not None and run.members.grouped:
        extra["fold_groups"] = "g  # the examples' groups: the run does not keep them"
    if run.given_start:
        extra["parameters"] = "p  # the initial parameters: the run does not keep them"
    return extra


def _monitors_validation(run: Run) -> bool:
    """Return whether the monitor uses a validation set."""
    return (run.settings.get("monitor") or "").startswith("validation")


def data_can_be_loaded(run: Run, data: Dataset) -> bool:
    """Return whether the run was trained on all of this dataset, and the dataset can be loaded again.

    Args:
        run: a trained network.
        data: the dataset as it would be loaded, with the same share held out.
    """
    m = data.train.X.shape[1] if data.stream is None else data.stream.rows
    whole = run.plan is None or run.plan.examples == m
    named = run.dataset in LOADERS and run.dataset == data.name if run.source is None else run.source == data.source
    return named and run.held_out == data.held_out and whole


def command_can_repeat(run: Run, data: Dataset) -> bool:
    """Return whether the command line can train the run again.

    It can if the run has no example weights, groups or given start, needs no stepping, examples were split with seed 0,
    and its inputs are waves as the command makes them.
    """
    usual = run.network.output == output_for(data.train.Y) and (run.held_out is None or run.held_out.seed == 0)
    waves = run.network.embedding
    usual &= waves is None or (waves.inputs == data.wave_inputs and waves == Periodic(waves.inputs))
    monitored = _monitors_validation(run) and run.held_out is None
    optional = run.source is None or has_options(run.source.options)
    grouped = run.members is not None and run.members.grouped
    not_typed = monitored or grouped or run.weighted or run.given_start or needs_stepping(run)
    return data_can_be_loaded(run, data) and usual and optional and not not_typed


def not_kept(run: Run) -> list[str]:
    """Say what a run was trained with but does not keep: weights, initial parameters, a validation set."""
    lacks = []
    if run.weighted:
        lacks.append(
            "The examples had weights of their own (sample_weight), which a run does not keep: give them again."
        )
    if run.members is not None and run.members.grouped:
        lacks.append("Its folds had groups of examples (fold_groups), which a run does not keep: give them again.")
    if run.given_start:
        lacks.append("It started from given parameters, which a run does not keep: give them again.")
    if _monitors_validation(run) and run.held_out is None:
        lacks.append("It was monitored on a validation set, which a run does not keep: give it again.")
    return lacks
