"""What a training run leaves: parameters, history, and the means to predict, save and load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..architecture import Network
from ..datasets import Part, Standardization
from ..errors import InputError
from ..formulas import Parameters, network_forward
from .diagnosis import Finding
from .storage import read_folder, write_folder


@dataclass(frozen=True)
class History:
    """Every iteration of a run.

    Attributes:
        costs: (n,); costs[i] is the objective that update i differentiates, on its examples, before that update.
        validation_costs, validation_accuracies: (n,) at the same parameters as costs; empty without a validation part.
        seconds: time spent training.
        interrupted: whether the run was stopped before its last iteration by Ctrl-C.
    """

    costs: NDArray[np.float64]
    validation_costs: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    validation_accuracies: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0
    interrupted: bool = False


@dataclass(frozen=True)
class Run:
    """A trained network.

    Attributes:
        network: layer sizes, hidden activation and output.
        parameters: ``W1 b1 … WL bL``, NumPy arrays.
        history: every iteration's cost.
        settings: the hyperparameters by name.
        diagnosis: what went wrong, in words; empty if nothing did.
        dataset: name of the dataset, if there was one.
        class_names, feature_names, image_shape, standardization: as in ``Dataset``.
    """

    network: Network
    parameters: Parameters
    history: History
    settings: Mapping[str, Any]
    diagnosis: tuple[Finding, ...] = ()
    dataset: str = ""
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    standardization: Standardization | None = None

    def predict(self, X: Any) -> NDArray[Any]:
        """Labels, or values for regression.

        Args:
            X: (n_x, m), prepared as the training part was.

        Returns:
            (1, m) whole numbers: 0 or 1, or the class's number; (n_y, m) values for regression.

        Raises:
            InputError: X has another shape than the network's inputs, or values that are not finite.
        """
        labels: NDArray[Any] = self.network.labels(self._outputs(X))
        return labels

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Probabilities.

        Args:
            X: (n_x, m), prepared as the training part was.

        Returns:
            (1, m) probabilities of class 1 for a sigmoid output, (K, m) with columns that sum to 1 for softmax.

        Raises:
            InputError: as ``predict``, or the network was trained for regression.
        """
        if not self.network.classifies:
            raise InputError("the network was trained on values and has no probabilities: use predict")
        return self._outputs(X)

    def accuracy(self, part: Part) -> float:
        """Share of a part's labels that are predicted right; nan for regression, which has none.

        Args:
            part: X (n_x, m) and Y (n_y, m), prepared as the training part was.
        """
        return self.network.accuracy(self._outputs(part.X), part.Y)

    def _outputs(self, X: Any) -> NDArray[Any]:
        X = check_features(X, self.network, self.parameters["W1"].dtype)
        with np.errstate(all="ignore"):  # a diverged run's parameters may overflow
            Z, _ = network_forward(X, self.parameters, self.network.activations)
            outputs: NDArray[Any] = self.network.loss.prediction(Z)
        return outputs

    def save(self, path: str | Path) -> Path:
        """A new folder with ``model.safetensors`` and ``run.json``.

        Raises:
            InputError: something is there already, the place cannot be written to, or the parameters are not finite.
            WorkError: writing failed on the way.
        """
        if not all(np.isfinite(value).all() for value in self.parameters.values()):
            raise InputError("the run diverged: parameters that are no finite numbers are not saved")
        return write_folder(path, self._record(), self.parameters)

    def _record(self) -> dict[str, Any]:
        from .. import __version__

        history = self.history
        return {
            "layerlab": __version__,
            "numpy": np.__version__,
            "network": {
                "layer_dims": list(self.network.layer_dims),
                "hidden": self.network.hidden,
                "output": self.network.output,
            },
            "settings": dict(self.settings),
            "dataset": self.dataset,
            "class_names": list(self.class_names),
            "feature_names": list(self.feature_names),
            "image_shape": None if self.image_shape is None else list(self.image_shape),
            "standardization": None
            if self.standardization is None
            else {name: array.ravel().tolist() for name, array in self.standardization._asdict().items()},
            "diagnosis": [finding._asdict() for finding in self.diagnosis],
            "history": {
                "costs": history.costs.tolist(),
                "validation_costs": history.validation_costs.tolist(),
                "validation_accuracies": history.validation_accuracies.tolist(),
                "seconds": history.seconds,
                "interrupted": history.interrupted,
            },
        }


def load(path: str | Path) -> Run:
    """A run from the folder that ``Run.save`` or ``layerlab train`` made; nothing in it is executed.

    Raises:
        InputError: no such folder, a file missing, damaged or changed, or another format version.
    """
    record, parameters = read_folder(path)
    try:
        network = Network(**record["network"])
        history = record["history"]
        scaling = record["standardization"]
        shape = record["image_shape"]
        run = Run(
            network=network,
            parameters=parameters,
            history=History(
                costs=np.array(history["costs"], dtype=np.float64),
                validation_costs=np.array(history["validation_costs"], dtype=np.float64),
                validation_accuracies=np.array(history["validation_accuracies"], dtype=np.float64),
                seconds=float(history["seconds"]),
                interrupted=bool(history["interrupted"]),
            ),
            settings=dict(record["settings"]),
            diagnosis=tuple(Finding(**finding) for finding in record["diagnosis"]),
            dataset=str(record["dataset"]),
            class_names=tuple(record["class_names"]),
            feature_names=tuple(record["feature_names"]),
            image_shape=None if shape is None else tuple(shape),
            standardization=scaling
            and Standardization(*(np.array(scaling[k]).reshape(-1, 1) for k in ("mean", "scale"))),
        )
        if network.output is None:
            raise InputError("the network has no output")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{Path(path) / 'run.json'}: is damaged or was changed ({error}); train again") from error
    _check_parameters(run, path)
    return run


def _check_parameters(run: Run, path: str | Path) -> None:
    dims = run.network.layer_dims
    wanted = {f"W{layer}": (n, n_prev) for layer, (n_prev, n) in enumerate(pairwise(dims), start=1)}
    wanted |= {f"b{layer}": (n, 1) for layer, n in enumerate(dims[1:], start=1)}
    found = {name: value.shape for name, value in run.parameters.items()}
    if found != wanted or not all(np.isfinite(value).all() for value in run.parameters.values()):
        raise InputError(
            f"{Path(path) / 'model.safetensors'}: holds {found}; wanted finite numbers of the shapes {wanted} that "
            f"run.json names: a file was damaged or changed; train again"
        )


def check_features(X: Any, network: Network, dtype: Any = np.float64) -> NDArray[Any]:
    """X as an array of the wanted type that the network can take.

    Args:
        X: (n_x, m) numbers, examples in columns.

    Raises:
        InputError: X is no table of numbers, has another number of features, no example, or values that are not finite.
    """
    array = as_numbers(X, "X", dtype)
    n_x = network.layer_dims[0]
    if array.shape[0] != n_x:
        hint = ": it looks transposed, pass X.T" if array.shape[1] == n_x else ""
        raise InputError(
            f"X has {array.shape[0]} features (shape {array.shape}), the network takes {n_x}: wanted shape "
            f"({n_x}, m), examples in columns{hint}"
        )
    return array


def as_numbers(values: Any, name: str, dtype: Any) -> NDArray[Any]:
    """A table (n, m) of finite numbers of the wanted type; m at least 1.

    Raises:
        InputError: anything else came.
    """
    array = np.asarray(values)
    if array.ndim != 2:
        remedy = f"{name}.reshape(1, -1) makes a row" if array.ndim == 1 else "flatten each example into a column"
        raise InputError(f"{name} has the shape {array.shape}: wanted two axes, examples in columns; {remedy}")
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} holds {array.dtype}: wanted real numbers; turn it into numbers first")
    if array.size == 0:
        raise InputError(f"{name} has the shape {array.shape}: wanted at least one example and one row; it is empty")
    if not np.isfinite(array).all():
        row, column = (int(place[0]) for place in np.nonzero(~np.isfinite(array)))
        count = int((~np.isfinite(array)).sum())
        which = "a value that is" if count == 1 else f"{count} values that are"
        raise InputError(
            f"{name} has {which} not finite, the first ({array[row, column]}) in row {row} of example {column}: "
            f"wanted finite numbers; fill in or leave out what is missing"
        )
    return array.astype(dtype, copy=False)
