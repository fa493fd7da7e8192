"""Which pictures belong to a comparison, a run or a dataset; written to a folder as PNG and SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from layerlab import plots
from layerlab.datasets import Dataset
from layerlab.datasets.augmented_images import augmented
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.calibration import confidences
from layerlab.evaluating.comparisons.comparison import Comparison
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import SUITES, Recipe
from layerlab.formulas import initialize_parameters
from layerlab.formulas.arrays import Floats
from layerlab.plots.curves import UNIT
from layerlab.plots.decision_boundaries import Predict
from layerlab.runs.events import settings_at_end
from layerlab.runs.history import History
from layerlab.runs.run import Run
from layerlab.runs.verdict import verdict_of
from layerlab.text import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIDDEN_UNITS = (1, 2, 3, 4, 5, 20, 50)
"""Widths of the hidden layer that are compared on the flower, as in the third week of the course."""

HIDDEN_ITERATIONS = 5000
"""Updates of each of these networks, as in the course."""

UNITS_OF_COSTS = {
    "identity": "half the squared error, per example",
    "absolute": "absolute error, per example",
    "huber": "Huber's error, per example",
    "poisson": "half the deviance, per example",
}
"""What the costs of a regression are, by its output; a classifier's are cross-entropies."""

RESIDUALS = "Test set: how far each prediction is off"

NamedFigures = Iterator[tuple[str, "Figure"]]
"""Figures, each with the name of its file."""


def comparison_pictures(comparison: Comparison, folder: str | Path) -> list[Path]:
    """Draw cost curves, accuracies with intervals, every model's own pictures, and the sigmoid.

    For the flower, the decision boundaries of networks with 1 to 50 hidden units are drawn too; they are trained here.

    Args:
        comparison: what was compared.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG files.
    """
    return save_all(_of_comparison(comparison), folder)


def run_pictures(run: Run, data: Dataset, folder: str | Path) -> list[Path]:
    """Draw the cost curve and what suits the data: mislabelled images and weights, the decision boundary, or residuals.

    Args:
        run: a network that was trained on ``data``.
        data: its test set is used.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG files.
    """
    return save_all(_of_training(run, data), folder)


def layers_text(run: Run) -> str:
    """Return the sizes of a network's layers, such as "64-32-10"."""
    return "-".join(map(str, run.network.layer_dims))


def inside_text(run: Run) -> str:
    """Return the sizes of the layers for a picture of what is inside; with members it is the first one's inside."""
    return layers_text(run) if run.members is None else f"{layers_text(run)}, the first of {len(run.members)} members"


def cost_unit(output: str | None) -> str:
    """Return the unit of a network's costs, by the activation of its output."""
    return UNITS_OF_COSTS.get(str(output), UNIT)


def cost_title(name: str, every: int, parts: str = "training set") -> str:
    """Return the title of cost curves: which data they belong to, and what one of their points stands for.

    Args:
        name: the name of the data.
        every: iterations from one point to the next; a point is their mean.
        parts: on which examples the costs are taken.
    """
    means = f", means of {every:,} iterations" if every > 1 else ""
    return f"{name}: cost on the {parts}{means}"


def save_all(pictures: Iterable[tuple[str, Figure]], folder: str | Path) -> list[Path]:
    """Write figures to a folder as PNG and SVG, and return the paths of the PNG files."""
    return [plots.save(figure, folder, name)[0] for name, figure in pictures]


def _of_comparison(comparison: Comparison) -> NamedFigures:
    data = comparison.data
    curves = {
        f"{one.recipe.name}{_unlike_falling(one.run)}": _over_updates(one.run.history) for one in comparison.models
    }
    batches = any(model.run.history.every > 1 for model in comparison.models)
    title = f"{cost_title(data.name, 1)}{', with batches the mean of each epoch' if batches else ''}"
    yield "costs", plots.cost_curves(curves, title=title, notes=False)
    if (drawn := accuracies_picture(comparison)) is not None:
        yield "accuracies", drawn
    for model in comparison.models:
        name = model.recipe.name.replace(" ", "_")
        yield from ((f"{name}_{kind}", figure) for kind, figure in _of_images(model.run, data, model.recipe.name))
    if data.n_x == 2 and data.n_y == 1:
        panels: list[tuple[str, Predict]] = [
            (one.recipe.name, one.run.predict_proba) for one in comparison.models if one.recipe.scaling is None
        ]
        yield "boundaries", _boundaries(panels, data, f"{data.name}: how each network divides the plane")
    if data.name == "flower":
        panels = [_with_hidden_units(n, data) for n in HIDDEN_UNITS]
        title = "Flower: one hidden layer of tanh units, and accuracy on the training set"
        yield "hidden_units", _boundaries(panels, data, title)
    yield "sigmoid", plots.sigmoid_curve()


def accuracies_picture(comparison: Comparison) -> Figure | None:
    """Draw the test accuracies of a comparison's networks with their intervals; None where all diverged."""
    rows = [
        (one.recipe.name, one.test_accuracy, one.test_interval) for one in comparison.models if not one.run.diverged
    ]
    n_test = comparison.data.test.X.shape[1]
    return plots.accuracies(rows, base_rate=comparison.base_rate, n_test=n_test) if rows else None


def _of_training(run: Run, data: Dataset) -> NamedFigures:
    layers = layers_text(run)
    yield "costs", cost_picture(run, data.name)
    if not run.network.classifies:
        yield "residuals", plots.residuals(run.predict(data.test.X), data.test.Y, title=RESIDUALS)
    yield from _of_images(run, data, layers)
    if data.n_x == 2 and run.network.has_two_classes:
        title = f"{data.name}: how {layers} divides the plane"
        yield "boundary", _boundaries([(layers, run.predict_proba)], data, title)
    if has_unit_maps(run):
        yield "units", units_picture(run, data)


def has_unit_maps(run: Run) -> bool:
    """Return whether the network has two inputs and a hidden layer: its units can be drawn as maps of the plane."""
    return run.network.layer_dims[0] == 2 and len(run.network.layer_dims) > 2 and not run.diverged


def units_picture(run: Run, data: Dataset) -> Figure:
    """Draw what each unit of a network with two inputs computes over the plane, with the training examples.

    Args:
        run: ``has_unit_maps`` is true of it.
        data: the dataset, prepared as for the run.
    """
    return plots.unit_maps(
        run.network,
        run.parameters,
        data.train,
        title=f"{data.name}: what each unit of {inside_text(run)} sees of the plane",
        class_names=data.class_names,
        axis_names=axis_names(data),
    )


def axis_names(data: Dataset) -> tuple[str, ...]:
    """Return the names of two inputs, for the axes of a picture; those of columns that were scaled say so."""
    names = data.feature_names or ("x1", "x2")
    how = "standardised" if data.standardization else "prepared" if data.preparation else ""
    return tuple(f"{name} ({how})" for name in names) if how else names


def _over_updates(history: History) -> Floats:
    """(n,) each update's cost; with batches its epoch's mean, so that curves of other batches have the same axis."""
    return np.repeat(history.curve, history.every)[: len(history.costs)]


def cost_picture(run: Run, name: str) -> Figure:
    """Draw the cost curve of the training set, and that of the validation set or of the held-out folds if there is one.

    Args:
        run: trained.
        name: the name of the data.
    """
    history, every, unit = run.history, run.history.every, cost_unit(run.network.output)
    if not len(history.validation_costs):
        curves, title = {f"{layers_text(run)}{_unlike_falling(run)}": history.curve}, cost_title(name, every)
        return plots.cost_curves(curves, title=title, every=every, unit=unit, notes=False)
    penalty = " with the L2 penalty" if settings_at_end(run.settings, run.events)["l2"] else ""
    judged, parts = "validation set", "training and the validation set"
    if run.members is not None:
        judged, parts = "held-out folds", "training set and the held-out folds"
    curves = {f"training set{penalty}": history.curve, judged: history.validation_costs}
    title = cost_title(name, every, parts)
    return plots.cost_curves(curves, title=title, every=every, unit=unit)


IN_PICTURES = {"stuck": "stuck at a high cost", "crept": "fell slowly"}
"""What a curve did, where the verdict's word alone would be a riddle."""


def _unlike_falling(run: Run) -> str:
    """Return what the run's cost did, to be written after its name: nothing where it fell, as it should."""
    word = (run.verdict or verdict_of(run.history)).word
    return "" if word == "fell" else f": {IN_PICTURES.get(word, word)}"


def mistakes_picture(run: Run, data: Dataset, name: str) -> Figure:
    """Draw the wrongly classified test images in their original pixels, those with the highest confidence first.

    Args:
        run: a classifier.
        data: images, prepared as for the run.
        name: the name of the network.
    """
    predicted, truth = run.predict(data.test.X)[0], class_numbers(data.test.Y)
    wrong = np.flatnonzero(predicted != truth)
    images = data.test.X[:, wrong]
    images = data.standardization.undone(images) if data.standardization else images
    return plots.mislabelled(
        images.T.reshape(-1, *data.image_shape or ()),
        [data.class_names[i] for i in predicted[wrong]],
        [data.class_names[i] for i in truth[wrong]],
        confidences(run, data.test)[0][wrong].tolist(),
        names=None if data.called is None else [str(name) for name in data.called[1][wrong]],
        title=f"{name}: {len(wrong)} of {len(truth)} test images classified wrong",
    )


def data_pictures(data: Dataset, folder: str | Path) -> list[Path]:
    """Draw what a network sees of images: some of each class at its size, and with augmentation their variants.

    Args:
        data: images as they came.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG file; nothing for other data.
    """
    return save_all([("contact_sheet", contact_picture(data))] if data.image_shape else [], folder)


VARIED_IMAGES, VARIANTS = 4, 6
"""How many images the contact sheet shows with variants, where there is augmentation, and how many variants of each."""


def contact_picture(data: Dataset, most: int = 24) -> Figure:
    """Draw the contact sheet of a dataset of images that were not standardised, with variants if it is augmented.

    Args:
        data: images as they came.
        most: training images that are shown.
    """
    shape = tuple(data.image_shape or ())
    names = [data.class_names[k] for k in class_numbers(data.train.Y)]
    images = data.train.X.T.reshape(-1, *shape)
    variants = None
    if data.augmentation is not None:
        shown = np.arange(min(VARIED_IMAGES, len(images)))
        rows = data.train.X.T[shown]
        made = [augmented(rows, shape, data.augmentation, epoch, shown) for epoch in range(VARIANTS)]
        variants = np.stack([rows, *made], axis=1).reshape(len(shown), VARIANTS + 1, *shape)
    return plots.contact_sheet(images, names, variants, title=f"{data.name}: training images", most=most)


def _of_images(run: Run, data: Dataset, name: str) -> NamedFigures:
    """Yield mislabelled test images and first-layer weights, if the data are images that were not standardised."""
    if not has_weight_pictures(run, data):
        return
    yield "mislabelled", mistakes_picture(run, data, name)
    yield "weights", weights_picture(run, data, name)


def has_weight_pictures(run: Run, data: Dataset) -> bool:
    """Return whether first-layer weights can be drawn as images: for classifiers of images without standardisation."""
    return bool(data.image_shape) and data.standardization is None and run.network.classifies and not run.diverged


def weights_picture(run: Run, data: Dataset, name: str = "") -> Figure:
    """Draw how training changed the weights of the first layer; of a run from given weights, what they are.

    Args:
        run: ``has_weight_pictures`` is true of it.
        data: the dataset, prepared as for the run.
        name: the name of the network; empty for its layers.
    """
    name = name or inside_text(run)
    start = _start_of_first_layer(run)
    title = f"{name}: how the training changed the weights of the first layer (W − W₀)"
    if start is None:
        title = f"{name}: the weights of the first layer (its start W₀ is not known)"
    names: Sequence[str] = ()
    if len(run.network.layer_dims) == 2:
        names = data.class_names[1:] if run.network.has_two_classes else data.class_names
    W1 = run.parameters["W1"][:, : data.n_x] * (run.temperature if names else 1)  # calibration divides the last layer
    return plots.first_layer_weights(W1, data.image_shape or (), title=title, start=start, names=names)


def _start_of_first_layer(run: Run) -> Floats | None:
    """Return the first layer's weights W₀ before the training, made again with the run's seed; None if not known."""
    if run.given_start or not run.settings:
        return None
    initializer, seed = (run.settings[name] for name in ("initializer", "seed"))
    n_x, n_1 = run.network.layer_dims[:2]
    drawn = initialize_parameters((n_x, n_1), initializer, seed, run.network.embedding)  # W1 is drawn first
    return drawn["W1"][:, :n_x]


def _boundaries(panels: Sequence[tuple[str, Predict]], data: Dataset, title: str) -> Figure:
    names = axis_names(data)
    X, Y = data.train
    return plots.decision_boundaries(panels, X, Y, title=title, class_names=data.class_names, axis_names=names)


def _with_hidden_units(n: int, data: Dataset) -> tuple[str, Predict]:
    """Train the 2-layer network of the course notes with n hidden units; its name, and its function.

    The name has the accuracy on the training set.
    """
    notes = SUITES["flower"].recipes[1]
    recipe = Recipe(
        f"{n} hidden", (n,), notes.learning_rate, HIDDEN_ITERATIONS, notes.hidden, notes.initializer, notes.seed
    )
    run = train_recipe(recipe, data)
    if run.history.interrupted:  # a picture of half a training would be taken for one of a whole
        raise KeyboardInterrupt
    return f"{n} unit{'s' if n > 1 else ''}: {percent(run.accuracy(data.train))}", run.predict_proba
