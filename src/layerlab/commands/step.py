"""``layerlab step``: one iteration of a training, stage by stage."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.evaluating.comparisons.recipes import SUITES
from layerlab.settings import DATA_OPTIONS
from layerlab.text import count_text
from layerlab.typed_options import as_typed

from .next_steps import after, again
from .options import Folder, Hidden, Json, Layers, Plots, Standardize, Validation, takes_data, takes_settings
from .output import Output

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.runs.run import Run
    from layerlab.training.dissection.anatomy import Anatomy
    from layerlab.training.stepper.stepper import Stepper

CHOICE = {"layer": "--layer", "unit": "--unit", "input": "--input", "example": "--example", "update": "--at"}
"""How the arguments of ``Anatomy.facts`` are typed."""

BIAS = "bias"
"""What --input takes in place of a number."""

LATER = 100
"""After the first iteration, this one is recommended: there the network has begun to learn."""

STEP = (
    "Take one iteration apart: forward pass, cost, gradients, update, with shapes, formulas and numbers.\n\n"
    "Example: [bold]layerlab step flower --layer 1 --unit 2 --at 100[/]\n\n"
    "The sums of one unit, the chain rule of one of its weights, and the step of this weight are shown with their "
    "numbers. --layer, --unit, --input and --example choose which. Network and settings are those of `layerlab train`: "
    "what you do not give is as in layerlab's network for this dataset. With a saved run in place of DATA, it is the "
    "iteration that would come next, or with --at an earlier one. Nothing is saved."
)


@takes_settings()
@takes_data
def step(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Name of a dataset (`layerlab data list`), path of a table, of images or of arrays, or a saved run.",
        ),
    ],
    layers: Layers = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
    at: Annotated[
        int | None,
        typer.Option("--at", metavar="N", min=0, help="Make N updates first; default: 0, for the first iteration."),
    ] = None,
    layer: Annotated[int, typer.Option(metavar="L", help="Layer of the unit, from 1.")] = 1,
    unit: Annotated[int, typer.Option(metavar="J", help="Number of the unit in its layer, from 1.")] = 1,
    input_: Annotated[
        str, typer.Option("--input", metavar="I", help="Input of the unit whose weight is shown, from 1; or bias.")
    ] = "1",
    example: Annotated[
        int | None,
        typer.Option(
            metavar="E", help="Number of a training example, from 0; default: the first that the iteration uses."
        ),
    ] = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
    **settings: Any,
) -> None:
    """Take one iteration of a training apart."""
    chosen = {"layer": layer, "unit": unit, "input": _input(input_), "example": example}
    with Output(json=json_path, plots=plots) as output:
        if _is_run(data):
            own = {"layers": layers, "hidden": hidden, "standardize": standardize, "validation": validation}
            _refuse_options(data, {**own, **settings}, data_options)
            _step_of_run(Path(data), at, chosen, folder, output)
            return
        from .inputs import training_data_for

        _, dataset, settings["validation"] = training_data_for(
            data, folder, data_options, standardize, validation, output.console
        )
        if dataset.stream is not None or dataset.augmentation is not None:
            option = "--memory" if dataset.augmentation is None else "--augment"
            raise InputError(f"{option}: an iteration is shown of examples that are all in memory; leave {option} out")
        stepper = _stepper(dataset, layers, hidden, settings)
        _advance(stepper, at or 0, chosen)
        anatomy = stepper.dissect()
        _show(anatomy, chosen, dataset, output)
        output.next_step(*_next_step(context, stepper, anatomy))


def _is_run(data: str) -> bool:
    """Return whether a path is that of a saved run and not of data; a dataset's own name always means the dataset."""
    if data.replace("-", "_") in SUITES:
        return False
    return data.lower().endswith(".safetensors") or (Path(data) / "run.json").is_file()


def _refuse_options(run: str, settings: Mapping[str, Any], data_options: Mapping[str, Any]) -> None:
    """Refuse options about the network and its training, or about data: a run has its own.

    Raises:
        InputError: one of them was given.
    """
    given = [f"--{name.replace('_', '-')}" for name, value in settings.items() if value is not None]
    given += [DATA_OPTIONS[name].flag for name in data_options]
    if given:
        raise InputError(f"{run}: is a saved run, which has its own data, network and settings; leave {given[0]} out")


def _step_of_run(path: Path, at: int | None, chosen: Mapping[str, Any], folder: Path | None, output: Output) -> None:
    """Take an iteration of a saved run apart: the one after its last update, or an earlier one."""
    from layerlab.reporting.run_data import prepared_for
    from layerlab.runs.loading import load
    from layerlab.training.stepper.dissecting import dissect

    run = load(path)
    dataset = prepared_for(run, _data_of(run, folder))
    try:
        anatomy = dissect(run, dataset, update=at)
    except InputError as error:
        said = str(error).replace(", or None", "; leave --at out for the update after them")
        raise InputError(as_typed(said, CHOICE)) from error
    _show(anatomy, chosen, dataset, output)
    output.next_step(*after(path, run, folder=folder))


def _data_of(run: Run, folder: Path | None) -> Dataset:
    """Return the data that a run was trained on.

    Raises:
        InputError: they are not there, or have changed.
    """
    from layerlab.reporting.run_data import dataset_of

    try:
        return dataset_of(run, None, folder)
    except InputError as error:  # this command has no --data: the iteration of a run is one on its own data
        raise InputError(re.sub(r"(, or|:) name (them|the data) with --data.*$", "", str(error))) from error


def _input(text: str) -> int | None:
    """Return the number of an input, or None for the bias.

    Raises:
        InputError: the text is neither.
    """
    if text == BIAS:
        return None
    try:
        return int(text)
    except ValueError:
        raise InputError(f"--input {text!r}: wanted the number of an input, from 1, or the word {BIAS}") from None


def _stepper(dataset: Dataset, layers: str | None, hidden: str | None, settings: Mapping[str, Any]) -> Stepper:
    """Return the training of the network that the options ask for, before its first update."""
    from layerlab.evaluating.comparisons.recipe_training import recipe_network, recipe_settings
    from layerlab.training.stepper.stepper import Stepper

    from .inputs import recipe_for

    recipe = recipe_for(dataset, layers, hidden)
    return Stepper(recipe_network(recipe, dataset), dataset, **recipe_settings(recipe, settings))


def _advance(stepper: Stepper, at: int, chosen: Mapping[str, Any]) -> None:
    """Make the updates before the iteration; what can be refused is refused before them.

    Raises:
        InputError: the training has fewer iterations, or ends earlier; or there is no such layer, unit or input.
    """
    if at >= stepper.iterations:
        raise InputError(
            f"--at {at}: the training has {count_text(stepper.iterations, 'iteration')}; wanted a number "
            f"{_from_zero(stepper.iterations - 1)}, or more --iterations"
        )
    if at == 0:
        return
    _facts(stepper.dissect(), {**chosen, "example": None})
    stepper.advance(at)
    if stepper.update < at and not stepper.ended:
        raise KeyboardInterrupt  # Ctrl-C has ended `advance` between two updates
    if stepper.update < at:
        raise InputError(
            f"--at {at}: the training ends after {count_text(stepper.update, 'update')} ({stepper.ended.rstrip('.')}); "
            f"choose --at {_from_zero(stepper.update)}"
        )


def _from_zero(last: int) -> str:
    """Say which numbers there are."""
    return f"from 0 to {last}"


def _facts(anatomy: Anatomy, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an iteration; a refusal names the options."""
    try:
        return anatomy.facts(**chosen)
    except InputError as error:
        said = str(error).replace("None for the bias", f"the word {BIAS}").partition("; `examples`")[0]
        said = said.replace(f"that update {anatomy.update} uses", f"that iteration {anatomy.update + 1} uses")
        raise InputError(as_typed(said, CHOICE)) from error


def _show(anatomy: Anatomy, chosen: Mapping[str, Any], dataset: Dataset, output: Output) -> None:
    """Print the iteration, keep its facts, and draw its pictures."""
    from layerlab.training.dissection.iteration_words import PRINTED, iteration_text

    facts = _facts(anatomy, chosen)
    names = _input_names(facts, dataset)
    output.keep({"dataset": dataset.name, "inputs": names, **facts})
    if names:
        how = " (standardised)" if dataset.standardization is not None else ""
        output.say(f"Inputs{how}: {', '.join(f'{number} {name}' for number, name in names.items())}.")
        if dataset.class_names:
            numbered = ", ".join(f"{number} {printable(name)}" for number, name in enumerate(dataset.class_names))
            output.say(f"Classes: {numbered}.")
    if names or dataset.source is not None:  # what was read from a file stands above
        output.say("")
    for line in iteration_text(facts, min(output.console.width, PRINTED)).split("\n"):
        output.say(line, soft_wrap=True)
    if output.places["plots"] is not None:
        from layerlab.reporting.pictures.of_iterations import iteration_pictures

        output.draw(iteration_pictures, anatomy, dataset, chosen)


def _input_names(facts: Mapping[str, Any], dataset: Dataset) -> dict[str, str]:
    """Return the names of the inputs that are shown, by their numbers; none for later layers, images, x1 and x2."""
    from layerlab.training.dissection.iteration_notation import largest

    names, chosen = dataset.feature_names or (), facts["chosen"]
    if chosen["layer"] > 1 or all(name == f"x{number}" for number, name in enumerate(names, start=1)):
        return {}
    shown = {int(row[0]) for row in largest(facts["sum"])[0]} | {chosen["input"]} - {None}
    return {f"{number}": names[number - 1] for number in sorted(shown)}


def _next_step(context: typer.Context, stepper: Stepper, anatomy: Anatomy) -> tuple[str, ...]:
    """Return the command that shows a later iteration, or that makes the whole training.

    After an update that is not made because its cost is not finite, it is the one that recommends a learning rate.
    """
    choice = ("at", "layer", "unit", "input_", "example")
    later = min(LATER, stepper.iterations - 1)
    if not math.isfinite(anatomy.cost):
        return again(context, "rate", leave_out=(*choice, "learning_rate"))
    if anatomy.update < later and not stepper.ended:
        batches = anatomy.m < anatomy.training_examples  # the later iteration may not use this example
        return again(context, "step", leave_out=("example",) if batches else (), at=later)
    return again(context, "train", leave_out=choice)
