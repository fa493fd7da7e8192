"""What a training run leaves: parameters, history, and the means to predict, save and load."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part, Standardization
from layerlab.datasets.part import VALIDATION, HeldOut, Source
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.settings import SETTINGS, check_settings

from .diagnosis import Finding
from .history import History, history_from, history_record, numbers_from
from .hyperparameters import check_rate, settings_of
from .inputs import check_features, check_part
from .moments import log_of
from .plan import Plan, plan_from
from .predicting import outputs
from .storage import Arrays, check_keys, place_of, read_run, texts_from, write_run

if TYPE_CHECKING:
    from layerlab.datasets.arrays.shapes import Look
    from layerlab.datasets.preparing.preparation import Preparation


def _versions() -> dict[str, str]:
    from layerlab.machine import VERSION

    return {"layerlab": VERSION, "numpy": np.__version__}


@dataclass(frozen=True)
class Run:
    """A trained network.

    Attributes:
        network: layer sizes, hidden activation and output.
        parameters: ``W1 b1 … WL bL``, NumPy arrays.
        history: every iteration's cost.
        settings: the hyperparameters by name.
        plan: how it was computed, and how long that took.
        diagnosis: what went wrong, in words; empty if nothing did.
        dataset: name of the dataset, if there was one.
        class_names, feature_names, image_shape, look, standardization, preparation, target_scaling, source: as in
            ``Dataset``. Costs are those of the scaled target; parameters give values in the target's own units.
        held_out: the share of the dataset's training part that was held out, and by which seed; None for none.
        weighted: whether the examples had weights of their own (``sample_weight``), which the run does not keep.
        given_start: whether it started from given parameters instead of drawn ones, which the run does not keep.
        temperature: what the last layer was divided by after training; 1 unless ``calibrate`` made the run.
        versions: of layerlab and NumPy, which trained it.
    """

    network: Network
    parameters: Parameters
    history: History
    settings: Mapping[str, Any]
    plan: Plan | None = None
    diagnosis: tuple[Finding, ...] = ()
    dataset: str = ""
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    standardization: Standardization | None = None
    preparation: Preparation | None = None
    target_scaling: Standardization | None = None
    source: Source | None = None
    held_out: HeldOut | None = None
    weighted: bool = False
    given_start: bool = False
    temperature: float = 1.0
    look: Look | None = None
    versions: Mapping[str, str] = field(default_factory=_versions)

    def __repr__(self) -> str:
        """What it is, without its numbers."""
        dims, n = "-".join(map(str, self.network.layer_dims)), len(self.history.costs)
        cost = self.history.final_cost
        end = "" if cost is None else f", cost {cost:.4g}"
        about = f" on {self.dataset}" if self.dataset else ""
        return f"<Run {dims}{about}: {n:,} update{'' if n == 1 else 's'}{end}>"

    def predict(self, X: Any) -> NDArray[Any]:
        """Labels, or values for regression.

        Args:
            X: (n_x, m), prepared as the training part was. Of a run on a table also a table as it came, such as a data
                frame of pandas, polars or pyarrow: it is prepared here.

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

    def accuracy(self, part: Part | tuple[Any, Any]) -> float:
        """Share of a part's labels that are predicted right; nan for regression, which has none.

        Args:
            part: X (n_x, m) and Y (n_y, m), prepared as the training part was.

        Raises:
            InputError: X or Y has another shape than the network's inputs or outputs, or values that are not finite.
        """
        X, Y = check_part(self.network, part, self.parameters["W1"].dtype)
        return self.network.accuracy(self._outputs(X), Y)

    def _outputs(self, X: Any) -> NDArray[Any]:
        X = check_features(self._prepared(X), self.network, self.parameters["W1"].dtype)
        return outputs(self.network, self.parameters, X, self.network.loss.prediction)

    def _prepared(self, X: Any) -> Any:
        """X of a table as it came; anything else as it is."""
        if self.preparation is None or isinstance(X, np.ndarray | list | tuple):
            return X
        X = self.preparation.features(X)
        return X if self.standardization is None else self.standardization(X)

    def save(self, path: str | Path) -> Path:
        """A new folder with ``model.safetensors`` and ``run.json``, and the log of its epochs for other software.

        A path that ends in .safetensors becomes one file instead, with the text of ``run.json`` in its metadata, and
        without the log.

        Args:
            path: a new folder, or a new file NAME.safetensors.

        Raises:
            InputError: something is there already, the place cannot be written to, the run diverged, its names do not
                fit the network, or it was made by hand and has no settings.
            WorkError: writing failed on the way.
        """
        self.check_whole()
        if not self.settings:
            raise InputError(
                "the run has no settings: wanted a run that layerlab trained, since run.json says how; export it, or "
                "train on from its parameters"
            )
        return write_run(path, self._record(), self.parameters, log_of(self.history))

    def check_whole(self) -> None:
        """A run that others can rely on: only such a one is saved or exported.

        Raises:
            InputError: the run diverged, or its names, image shape or standardisation do not fit the network.
        """
        numbers = (*self.parameters.values(), self.history.costs)
        if not all(np.isfinite(value).all() for value in numbers):
            raise InputError("the run diverged: numbers that are not finite are not kept; train with a smaller rate")
        self._check_description()

    def _check_description(self) -> None:
        """Names, image shape and standardisation have to fit the network: what predicts pictures relies on it."""
        n_x, n_y = self.network.layer_dims[0], self.network.layer_dims[-1]
        n_classes = 2 if n_y == 1 else n_y
        if self.network.classifies and len(self.class_names) not in (0, n_classes):
            raise InputError(f"there are {len(self.class_names)} class names: wanted {n_classes}, or none")
        if len(self.feature_names) not in (0, n_x):
            raise InputError(f"there are {len(self.feature_names)} feature names: wanted {n_x}, or none")
        for shape in (self.image_shape, self.look and self.look.image_shape):
            _check_image_shape(shape, n_x)
        _check_scaling(self.standardization, n_x, "standardisation")
        _check_scaling(self.target_scaling, n_y, "scaling of the target")
        if self.preparation is not None and len(self.preparation.feature_names) != n_x:
            raise InputError(f"the preparation makes {len(self.preparation.feature_names)} features: wanted {n_x}")
        if not 0 < self.temperature < math.inf:
            raise InputError(f"the temperature is {self.temperature:g}: wanted a finite number above 0")

    def _record(self) -> dict[str, Any]:
        return {
            **self.versions,
            "network": {
                "layer_dims": list(self.network.layer_dims),
                "hidden": self.network.hidden,
                "output": self.network.output,
            },
            "settings": dict(self.settings),
            "plan": None if self.plan is None else asdict(self.plan),
            "dataset": str(self.dataset),
            "class_names": [str(name) for name in self.class_names],
            "feature_names": [str(name) for name in self.feature_names],
            "image_shape": None if self.image_shape is None else [int(n) for n in self.image_shape],
            "look": None if self.look is None else self.look._asdict(),
            "standardization": _scaling_record(self.standardization),
            "preparation": None if self.preparation is None else self.preparation.record(),
            "target_scaling": _scaling_record(self.target_scaling),
            "source": None if self.source is None else asdict(self.source),
            "held_out": None if self.held_out is None else self.held_out._asdict(),
            "weighted": self.weighted,
            "given_start": self.given_start,
            "temperature": float(self.temperature),
            "diagnosis": [finding._asdict() for finding in self.diagnosis],
            "history": history_record(self.history),
        }


def _scaling_record(scaling: Standardization | None) -> dict[str, list[float]] | None:
    return scaling and {name: array.ravel().tolist() for name, array in scaling._asdict().items()}


def _check_image_shape(shape: tuple[int, ...] | None, n_x: int) -> None:
    """Raises InputError where n_x numbers are no image of that shape."""
    if shape is not None and not (
        len(shape) in (2, 3)
        and all(isinstance(n, Integral) and not isinstance(n, bool) and n > 0 for n in shape)
        and math.prod(shape) == n_x
    ):
        raise InputError(f"the image shape is {shape}: wanted two or three whole numbers whose product is {n_x}")


def _check_scaling(scaling: Standardization | None, n: int, what: str) -> None:
    """Raises InputError where means and scales are not those of n rows."""
    if scaling is None:
        return
    mean, scale = scaling
    if not (mean.shape == scale.shape == (n, 1) and np.isfinite([mean, scale]).all() and (scale > 0).all()):
        raise InputError(f"the {what} does not fit: wanted {n} finite means and scales above 0")


FIELDS = frozenset(
    [
        "format_version",
        "layerlab",
        "numpy",
        "network",
        "settings",
        "plan",
        "dataset",
        "class_names",
        "feature_names",
        "image_shape",
        "look",
        "standardization",
        "preparation",
        "target_scaling",
        "source",
        "held_out",
        "weighted",
        "given_start",
        "temperature",
        "diagnosis",
        "history",
    ]
)
NETWORK_FIELDS = frozenset(("layer_dims", "hidden", "output"))
"""Keys of ``run.json``, all of them and no others: what is new needs a new format version."""


def load(path: str | Path) -> Run:
    """A run from the folder or file that ``Run.save`` or ``layerlab train`` made; nothing in it is executed.

    Args:
        path: a file where it ends in .safetensors, else a folder.

    Raises:
        InputError: nothing there, a part of it missing, damaged or changed, or another format version.
    """
    (record, arrays), place = read_run(path), place_of(path)
    try:
        run = _described(record)
        run._check_description()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else error
        raise InputError(f"{place.record}: is damaged or was changed ({reason}); train again") from error
    return replace(run, parameters=_checked(arrays, run.network, run.settings["dtype"], place.numbers))


def _described(record: dict[str, Any]) -> Run:
    """The run that ``Run._record`` described, still without parameters; raises whatever a changed record leads to."""
    check_keys(record, FIELDS)
    check_keys(record["network"], NETWORK_FIELDS)
    network = Network(**record["network"])
    if network.output is None:
        raise ValueError("the network has no output")
    versions = dict(zip(_versions(), texts_from([record[name] for name in _versions()]), strict=True))
    check_keys(record["settings"], settings_of(record["settings"]))
    settings = check_settings(**record["settings"])
    check_rate(settings)
    plan = None if record["plan"] is None else plan_from(record["plan"])
    if plan is not None and len(plan.layer_dims) != len(network.layer_dims):
        raise ValueError("the plan is for another network")
    shape, findings = record["image_shape"], record["diagnosis"]
    if not isinstance(findings, list):
        raise TypeError("wanted a list of findings")
    return Run(
        network=network,
        parameters={},
        history=history_from(**record["history"]),
        settings=settings,
        plan=plan,
        diagnosis=tuple(Finding(*texts_from(list(Finding(**finding)))) for finding in findings),
        dataset=texts_from([record["dataset"]])[0],
        class_names=texts_from(record["class_names"]),
        feature_names=texts_from(record["feature_names"]),
        image_shape=None if shape is None else tuple(shape),
        look=_look_from(record["look"]),
        standardization=_scaling_from(record["standardization"]),
        preparation=_preparation_from(record["preparation"]),
        target_scaling=_scaling_from(record["target_scaling"]),
        source=None if record["source"] is None else _source_from(**record["source"]),
        held_out=None if record["held_out"] is None else _held_out_from(**record["held_out"]),
        weighted=_truth_from(record["weighted"]),
        given_start=_truth_from(record["given_start"]),
        temperature=float(numbers_from([record["temperature"]])[0]),
        versions=versions,
    )


def _look_from(record: Any) -> Look | None:
    if record is None:
        return None
    from layerlab.datasets.arrays.shapes import Look

    (divisor,) = numbers_from([record["divisor"]]).tolist()
    look = Look(**{**record, "channels_first": _truth_from(record["channels_first"]), "divisor": divisor})
    if not 0 < divisor < math.inf:
        raise ValueError(f"pixels are divided by {divisor:g}")
    return look if look.image_shape is None else look._replace(image_shape=tuple(look.image_shape))


def _scaling_from(scaling: Any) -> Standardization | None:
    if scaling is None:
        return None
    return Standardization(**{name: numbers_from(values).reshape(-1, 1) for name, values in scaling.items()})


def _preparation_from(record: Any) -> Preparation | None:
    if record is None:
        return None
    from layerlab.datasets.preparing.preparation import preparation_from

    return preparation_from(record)


def _source_from(path: Any, options: Any, digest: Any) -> Source:
    if not isinstance(options, dict):
        raise TypeError("wanted the options of a source")
    texts_from([path, digest, *options])
    return Source(path, options, digest)


def _held_out_from(share: Any, seed: Any) -> HeldOut:
    return HeldOut(VALIDATION.check(share), SETTINGS["seed"].check(seed))


def _truth_from(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("wanted true or false where something else stands")
    return value


def _checked(arrays: Arrays, network: Network, dtype: str, file: str) -> Parameters:
    """The parameters in the network's order.

    Raises:
        InputError: they are not what run.json says.
    """
    wanted, found = network.shapes, {name: array.shape for name, array in arrays.items()}
    wrong = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    if wrong:
        came, right = (shapes.get(wrong[0], "nothing") for shapes in (found, wanted))
        raise InputError(
            f"{file}: holds {came} as {wrong[0]} where run.json wants {right}: one of the two was damaged or changed; "
            f"train again"
        )
    types = {str(array.dtype) for array in arrays.values()}
    if len(types) > 1 or not types <= {"float64", "float32"}:
        raise InputError(f"{file}: holds {', '.join(sorted(types))}: wanted float64 or float32 alone; train again")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise InputError(f"{file}: holds numbers that are not finite: it was damaged or changed; train again")
    if types != {dtype}:
        raise InputError(
            f"{file}: holds {types.pop()} where run.json says {dtype}: one of the two was changed; train again"
        )
    return {name: arrays[name] for name in wanted}
