"""What a command works on: the dataset and the networks that its arguments and options describe."""

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
from layerlab.typed_options import as_typed

if TYPE_CHECKING:
    from rich.console import Console


def dataset_for(
    data: str, folder: Path | None, data_options: Mapping[str, Any], console: Console | None = None
) -> Dataset:
    """Load the dataset that a user names: one that comes with layerlab, or a path.

    Args:
        data: its name or path.
        folder: the folder with the files of cats, or None.
        data_options: arguments of ``load_data``, as ``takes_data`` collects them.
        console: where to print what was read from a path and how it was prepared; None prints nothing.

    Raises:
        InputError: there is no such dataset or file, or an option does not suit it.
    """
    if data.replace("-", "_") in LOADERS:
        if data_options:
            flag = DATA_OPTIONS[next(iter(data_options))].flag
            raise InputError(f"{flag} is for your own data, and {data} comes with layerlab: leave it out")
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
        raise InputError(as_typed(str(error))) from error
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
    """Load the dataset that a user names, hold out a validation set, standardise, and print what was read.

    Args:
        data, folder, data_options, console: as for ``dataset_for``.
        standardize, validation: as for ``hold_out_and_standardize``.

    Returns:
        The dataset as it was read, the dataset to train on, and the validation set or None.

    Raises:
        InputError: for the same reasons as the two functions.
    """
    raw = dataset_for(data, folder, data_options)
    return raw, *prepared(raw, standardize, validation, console)


def prepared(
    raw: Dataset, standardize: bool | None, validation: float | None, console: Console
) -> tuple[Dataset, Part | None]:
    """Hold out a validation set, standardise, and print what was read; all arguments as for ``training_data_for``."""
    dataset, held_out = hold_out_and_standardize(raw, standardize, validation)
    if raw.source is not None:
        print_data(raw, console, learned=dataset)
    return dataset, held_out


def recipes_for(data: Dataset, layers: Sequence[str], hidden: str | None) -> list[Recipe]:
    """Return the networks that --layers and --hidden ask for.

    Their settings are those of the dataset's own network that is as deep as the deepest of them.

    Args:
        data: a dataset that comes with layerlab, or was read from a file.
        layers: the hidden layers of each network, "20,7,5" or "none"; if empty, the dataset's own 2-layer network.
        hidden: their activation, or one for each layer with commas; None for that of the dataset's own network.

    Raises:
        InputError: layers are not whole numbers above 0.
    """
    suite, sizes = suite_of(data), [hidden_sizes(text) for text in layers]
    assert suite is not None  # noqa: S101
    own = suite.recipes
    deepest = max(map(len, sizes)) if sizes else 1
    pattern = own[min(deepest, len(own) - 1)]
    if hidden is not None:
        pattern = replace(pattern, hidden=activations(hidden))
    return [replace(pattern, name=_name_of(some, own[0]), layers=some) for some in sizes] or [pattern]


def recipe_for(data: Dataset, layers: str | None, hidden: str | None) -> Recipe:
    """Return the network that --layers and --hidden ask for, by default the dataset's own 2-layer network."""
    (recipe,) = recipes_for(data, [] if layers is None else [layers], hidden)
    return recipe


def activations(hidden: str) -> str | tuple[str, ...]:
    """Return the activations in a text such as "relu" or "tanh,relu"."""
    return tuple(hidden.split(",")) if "," in hidden else hidden


def _name_of(sizes: tuple[int, ...], linear: Recipe) -> str:
    return f"{len(sizes) + 1}-layer network" if sizes else linear.name


def hidden_sizes(layers: str) -> tuple[int, ...]:
    """Return the sizes in a text such as "20,7,5"; no sizes for "none".

    Raises:
        InputError: they are not whole numbers above 0.
    """
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
    """Return what --threshold says: a number, or the score by which it is chosen on the validation set.

    Args:
        text: the value of the option: "0.97" for the second class, "fraud=0.03" for the class fraud, "f1", or None.
        data: the dataset to train on.
        held_out: the validation set, or None.

    Raises:
        InputError: it is neither, no class has that name, the data do not have two classes, or there is no validation
            set.
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
            f"--threshold {text}: is chosen on a validation set, never on the test set: hold one out with "
            f"--validation 0.2, or give a probability above 0 and below 1"
        )
    if len(set(held_out.Y[0].tolist())) < 2:  # checked before the training, not after it
        raise InputError(f"--threshold {text}: the validation set has examples of only one class; hold out more")
    return text


def _of_second_class(threshold: float, name: str, data: Dataset) -> float:
    """Return the threshold for the second class; it may be given for the class of this name, "" is the second."""
    from layerlab.evaluating.class_scores import class_names

    first, second = class_names(data)
    if name not in (first, second, ""):
        raise InputError(f"--threshold {name}={threshold:g}: wanted one of the classes {first!r} and {second!r}")
    return 1 - threshold if name == first else threshold
