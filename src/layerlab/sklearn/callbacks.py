"""scikit-learn's callbacks, where the installed version has them (1.9 and later)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """A base class that adds nothing, since this scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is, since this scikit-learn has no callbacks."""
        return method


__all__ = ["CallbackSupportMixin", "FitCallbacks", "with_callbacks"]


class FitCallbacks:
    """Calls an estimator's callbacks while it is fitted: the fit is a task, and each epoch is a task inside it.

    The estimator itself is not changed before its fit has ended. Callbacks get a fitted copy of it for every epoch.

    Args:
        estimator: whose callbacks they are.
        X, y: what it is fitted on.
        sample_weight: as given.
        max_epochs: the most epochs that there may be.
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
        """Call what is called before an epoch."""
        if self.has_any:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.about)

    def epoch_ended(self, attributes: Callable[[], Mapping[str, Any]]) -> bool:
        """Call what is called after an epoch; true if a callback wants the fit to end.

        Args:
            attributes: makes the attributes that the estimator would have if the fit ended now.
        """
        return self.has_any and self._ended(self.epoch, attributes)

    def fit_ended(self, attributes: Callable[[], Mapping[str, Any]]) -> None:
        """Call what is called after the last epoch."""
        if self.fit:
            self._ended(self.fit, attributes)

    def _ended(self, task: Any, attributes: Callable[[], Mapping[str, Any]]) -> bool:
        def fitted() -> dict[str, Any]:
            return {**self.learned, **attributes()}

        return bool(task.call_on_fit_task_end(reconstruction_attributes=fitted, **self.about))
