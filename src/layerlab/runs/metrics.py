"""The metrics that ``train(metrics=…)`` computes while a training runs, by name; scikit-learn computes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.network import Network

MEASURED_SETS = ("training", "validation")


class Metric(NamedTuple):
    """A number that says how good predictions are.

    Attributes:
        of: what is compared with the true labels or values: "labels", "probabilities" or "values".
        score: called with the truth (m,), the predictions (m,), and ``sample_weight`` (m,) or None.
    """

    of: str
    score: Callable[..., float]


def _by_scikit_learn(name: str, **own: Any) -> Callable[..., float]:
    """Return a metric of scikit-learn, which is imported when the metric is first computed."""

    def score(truth: NDArray[Any], predicted: NDArray[Any], sample_weight: NDArray[Any] | None) -> float:
        from sklearn import metrics

        return float(getattr(metrics, name)(truth, predicted, sample_weight=sample_weight, **own))

    return score


METRICS = {
    "accuracy": Metric("labels", _by_scikit_learn("accuracy_score")),
    "error": Metric("labels", _by_scikit_learn("zero_one_loss")),
    "balanced_accuracy": Metric("labels", _by_scikit_learn("balanced_accuracy_score")),
    "f1": Metric("labels", _by_scikit_learn("f1_score", average="macro", zero_division=0.0)),
    "auc": Metric("probabilities", _by_scikit_learn("roc_auc_score")),
    "r2": Metric("values", _by_scikit_learn("r2_score")),
    "mae": Metric("values", _by_scikit_learn("mean_absolute_error")),
    "rmse": Metric("values", _by_scikit_learn("root_mean_squared_error")),
}
"""By name: shares of right and of wrong labels, the mean of the classes' recalls, the mean of their F1, the area under
the ROC curve (each class against the others, and their mean); R², mean absolute error, root mean squared error."""


def check_metrics(names: Any, network: Network) -> tuple[str, ...]:
    """Check that metrics exist and suit the network, and return their names.

    Args:
        names: one name, or several.
        network: with its output named.

    Raises:
        InputError: one is unknown, is named twice, or is for networks of the other kind (classes or regression).
    """
    names = (names,) if isinstance(names, str) else names
    known = [name for name, metric in METRICS.items() if (metric.of != "values") == network.classifies]
    if not isinstance(names, Sequence) or any(name not in known or names.count(name) > 1 for name in names):
        kind = "classes" if network.classifies else "values"
        raise InputError(
            f"metrics={names!r}: wanted some of {', '.join(map(repr, known))}, each once: the network learns {kind}"
        )
    return tuple(names)
