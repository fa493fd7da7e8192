"""What a command works on: the dataset and the networks that its arguments and options name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerlab.datasets import LOADERS, Dataset, Part, load_dataset
from layerlab.datasets.describing import print_data
from layerlab.datasets.loading.anything import load_data
from layerlab.datasets.provenance import looks_like_path
from layerlab.errors import InputError
from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
from layerlab.evaluating.comparisons.recipes import Recipe, suite_of
from layerlab.settings import DATA_OPTIONS

from .spelling import DATA_FLAGS, as_typed

if TYPE_CHECKING:
    from rich.console import Console


def dataset_for(
    data: str, folder: Path | None, data_options: Mapping[str, Any], console: Console | None = None
) -> Dataset:
    """Load the dataset that a user names: one that comes with layerlab, or a path.

    Args:
        data: its name or path.
        folder: where the files of the cats are, or None.
        data_options: arguments of ``load_data``, as ``takes_data`` collects them.
        console: where to say what was read from a path and what was done to it; None says nothing.

    Raises:
        InputError: neither is there, or an option does not suit what is.
    """
    if data.replace("-", "_") in LOADERS:
        if data_options:
            flag = DATA_OPTIONS[next(iter(data_options))].flag
            raise InputError(f"{flag} is for data of your own, and {data} comes with layerlab")
        return load_dataset(data, folder)
    if not looks_like_path(data):
        raise InputError(
            f"no dataset is called {data!r}, and there is no such file or folder: wanted one of {', '.join(LOADERS)}, "
            f"or the path of a table, of a folder of images, or of arrays"
        )
    if folder is not None:
        raise InputError(f"--folder is for cats, and {data} is a path: leave it out")
    try:
        dataset = load_data(data, **data_options)
    except InputError as error:
        raise InputError(as_typed(str(error), DATA_FLAGS)) from error
    if console is not None:
        print_data(dataset, console)
    return dataset


def training_data_for(
    data: str,
    folder: Path | None,
    data_options: Mapping[str, Any],
    standardize: bool | None,
    validation: float | None,
    console: Console,
) -> tuple[Dataset, Dataset, Part | None]:
    """Load the dataset that a user names, hold out a validation set, standardise, and say what was read.

    Args:
        data, folder, data_options, console: as for ``dataset_for``.
        standardize, validation: as for ``hold_out_and_standardize``.

    Returns:
        The dataset as it was read, what is trained on, and the validation set or None.

    Raises:
        InputError: as the two functions.
    """
    raw = dataset_for(data, folder, data_options)
    dataset, held_out = hold_out_and_standardize(raw, standardize, validation)
    if raw.source is not None:
        print_data(raw, console, learned=dataset)
    return raw, dataset, held_out


def recipes_for(data: Dataset, layers: Sequence[str], hidden: str | None) -> list[Recipe]:
    """The networks that --layers and --hidden ask for, with the settings of one of the dataset's own networks.

    The settings are those of the own network that is as deep as the deepest of them.

    Args:
        data: one that comes with layerlab, or was read from a file.
        layers: hidden layers of each network: "20,7,5" or "none"; without any the own 2-layer network is meant.
        hidden: their activation, or one for each layer with commas; None for the own network's.

    Raises:
        InputError: layers are not whole numbers above 0.
    """
    suite, sizes = suite_of(data), [_sizes(text) for text in layers]
    assert suite is not None  # noqa: S101
    own = suite.recipes
    deepest = max(map(len, sizes)) if sizes else 1
    pattern = own[min(deepest, len(own) - 1)]
    if hidden is not None:
        pattern = replace(pattern, hidden=tuple(hidden.split(",")) if "," in hidden else hidden)
    return [replace(pattern, name=_name_of(some, own[0]), layers=some) for some in sizes] or [pattern]


def recipe_for(data: Dataset, layers: str | None, hidden: str | None) -> Recipe:
    """The one network that --layers and --hidden ask for, by default the dataset's own 2-layer network."""
    (recipe,) = recipes_for(data, [] if layers is None else [layers], hidden)
    return recipe


def _name_of(sizes: tuple[int, ...], linear: Recipe) -> str:
    return f"{len(sizes) + 1}-layer network" if sizes else linear.name


def _sizes(layers: str) -> tuple[int, ...]:
    """The sizes in a text such as "20,7,5"; none for "none"."""
    if layers == "none":
        return ()
    try:
        sizes = tuple(int(size) for size in layers.split(","))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise InputError(f"--layers {layers!r}: wanted whole numbers above 0 with commas, such as 20,7,5, or none")
    return sizes


def threshold_for(text: str | None, data: Dataset, held_out: Part | None) -> float | str | None:
    """The threshold that --threshold names: a number, or the score by which it is chosen on the validation set.

    Args:
        text: of the option, such as "0.97" of the second class, "fraud=0.03" of the class fraud, "f1", or None.
        data: what is trained on.
        held_out: the validation set, if there is one.

    Raises:
        InputError: it is neither, no class has that name, the data have not two classes, or there is no validation set
            to choose it on.
    """
    from layerlab.evaluating.thresholds import CHOSEN_BY
    from layerlab.network import Network
    from layerlab.runs.argument_checks import check_threshold

    if text is None:
        return None
    network = Network((data.n_x, data.n_y)).for_labels(data.train.Y)
    name, _, number = text.rpartition("=")
    try:
        given = check_threshold(network, 0.5 if text in CHOSEN_BY else float(number))
    except InputError as error:
        raise InputError(f"--threshold {text}:{str(error).partition(':')[2]}") from error
    except ValueError as error:
        names = ", ".join(CHOSEN_BY)
        raise InputError(
            f"--threshold {text!r}: wanted a probability above 0 and below 1, or one of {names}"
        ) from error
    if text not in CHOSEN_BY:
        return _of_second_class(given, name, data)
    if held_out is None:
        raise InputError(
            f"--threshold {text}: is chosen on a validation part, never on the test part: hold one out with "
            f"--validation 0.2, or give a probability above 0 and below 1"
        )
    if len(set(held_out.Y[0].tolist())) < 2:  # said before the training, whose end would be too late
        raise InputError(f"--threshold {text}: the validation part has examples of one class alone; hold out more")
    return text


def _of_second_class(threshold: float, name: str, data: Dataset) -> float:
    """The threshold of the second class, where it was given for the class of a name, or for "" as it is."""
    from layerlab.evaluating.class_scores import class_names

    first, second = class_names(data)
    if name not in (first, second, ""):
        raise InputError(f"--threshold {name}={threshold:g}: wanted one of the classes {first!r} and {second!r}")
    return 1 - threshold if name == first else threshold
