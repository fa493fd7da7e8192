"""Which pictures belong to one iteration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerlab import plots
from layerlab.datasets import Dataset
from layerlab.training.dissection.anatomy import Anatomy

from .of_runs import NamedFigures, axis_names, save_all


def iteration_pictures(anatomy: Anatomy, data: Dataset, chosen: Mapping[str, Any], folder: str | Path) -> list[Path]:
    """Draw what an iteration does to every layer, the terms behind one weight, and of planar data the units' maps.

    Args:
        anatomy: the iteration, taken apart.
        data: what the network is trained on.
        chosen: layer, unit, input and example, as for ``Anatomy.facts``.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG files.
    """
    return save_all(_of_iteration(anatomy, data, chosen), folder)


def _of_iteration(anatomy: Anatomy, data: Dataset, chosen: Mapping[str, Any]) -> NamedFigures:
    yield "iteration", plots.iteration(anatomy, data.image_shape or ())
    yield "weight", plots.weight_terms(anatomy, **chosen)
    if anatomy.network.layer_dims[0] == 2 and anatomy.steps is not None:
        names = axis_names(data)
        drawn = plots.iteration_maps(anatomy, X=data.train.X, class_names=data.class_names, axis_names=names)
        yield "unit_maps", drawn
