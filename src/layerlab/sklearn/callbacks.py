"""scikit-learn's callbacks, where the installed version has them (1.9 and later)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing: this scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """The method as it is."""
        return method


__all__ = ["CallbackSupportMixin", "Told", "unharmed", "with_callbacks"]

TORN_DOWN = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")
"""What ``with_callbacks`` needs after a fit, whatever became of it."""


def unharmed(fit: Any) -> Any:
    """The method; if it fails or is interrupted, the estimator is as it was before."""

    @wraps(fit)
    def fit_or_leave(estimator: Any, *arguments: Any, **named: Any) -> Any:
        own = estimator.__dict__
        before = {name: list(value) if isinstance(value, list) else value for name, value in own.items()}
        try:
            return fit(estimator, *arguments, **named)
        except BaseException:
            left = {name: own[name] for name in TORN_DOWN if name in own}
            own.clear()
            own.update(before | left)
            raise

    return fit_or_leave


class Told:
    """Tells an estimator's callbacks how its fit goes: the fit is a task, each epoch one of its own inside.

    Args:
        estimator: whose callbacks they are.
        X, y: what it is fitted on.
        sample_weight: as given.
        epochs: the most that there may be.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any, epochs: int) -> None:
        self.estimator = estimator
        self.about = {"X": X, "y": y, "metadata": None if sample_weight is None else {"sample_weight": sample_weight}}
        begin = getattr(estimator, "_init_callback_context", None)
        self.fit: Any = begin and begin(max_subtasks=epochs)
        self.listened = bool(self.fit and getattr(estimator, "_skl_callbacks", None))
        self.task: Any = None
        if self.fit:
            self.fit.call_on_fit_task_begin(estimator=estimator, **self.about)

    def epoch_begins(self) -> None:
        """Before an epoch."""
        if self.listened:
            self.task = self.fit.subcontext(task_name="epoch")
            self.task.call_on_fit_task_begin(estimator=self.estimator, **self.about)

    def epoch_ended(self, fitted: Callable[[], dict[str, Any]]) -> bool:
        """After an epoch; true if a callback wants the fit to end.

        Args:
            fitted: makes the attributes that the estimator would have if the fit ended now.
        """
        if not self.listened:
            return False
        return bool(
            self.task.call_on_fit_task_end(estimator=self.estimator, reconstruction_attributes=fitted, **self.about)
        )

    def fit_ended(self, fitted: Callable[[], dict[str, Any]]) -> None:
        """After the last epoch."""
        if self.fit:
            self.fit.call_on_fit_task_end(estimator=self.estimator, reconstruction_attributes=fitted, **self.about)
