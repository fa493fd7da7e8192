"""scikit-learn's callbacks, if the installed version has them (1.9 and later)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """A base class that adds nothing, because this scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method unchanged, because this scikit-learn has no callbacks."""
        return method


__all__ = ["CallbackSupportMixin", "FitCallbacks", "with_callbacks"]


class FitCallbacks:
    """Calls an estimator's callbacks while it is fitted: the fit is a task, and each epoch is a task inside it.

    The estimator itself is not changed before its fit has ended. Callbacks get a fitted copy of it for every epoch.

    Args:
        estimator: the estimator that has the callbacks.
        X, y: the data on which it is fitted.
        sample_weight: the given weights.
        max_epochs: how many epochs there are at most.
        learned: the fitted attributes that are known before the first epoch.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, sample_weight: Any, max_epochs: int, learned: Mapping[str, Any]
    ) -> None:
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.about = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.learned = learned
        begin = getattr(estimator, "_init_callback_context", None)
        self.fit: Any = begin and begin(max_subtasks=max_epochs)
        self.has_any = bool(self.fit and getattr(estimator, "_skl_callbacks", None))
        self.epoch: Any = None
        if self.fit:
            self.fit.call_on_fit_task_begin(**self.about)

    def epoch_begins(self) -> None:
        """Call the callbacks before an epoch."""
        if self.has_any:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.about)

    def epoch_ended(self, attributes: Callable[[], Mapping[str, Any]]) -> bool:
        """Call the callbacks after an epoch; return whether one of them wants the fit to end.

        Args:
            attributes: a function that makes the attributes of the estimator as if the fit ended now.
        """
        return self.has_any and self._ended(self.epoch, attributes)

    def fit_ended(self, attributes: Callable[[], Mapping[str, Any]]) -> None:
        """Call the callbacks after the last epoch."""
        if self.fit:
            self._ended(self.fit, attributes)

    def _ended(self, task: Any, attributes: Callable[[], Mapping[str, Any]]) -> bool:
        def fitted() -> dict[str, Any]:
            return {**self.learned, **attributes()}

        return bool(task.call_on_fit_task_end(reconstruction_attributes=fitted, **self.about))
