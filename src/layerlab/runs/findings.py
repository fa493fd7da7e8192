"""What layerlab says about a finished training: a verdict on its cost curve and units, and findings if it went wrong.

The files ``verdict`` and ``diagnosis`` make them. A run keeps them, and every screen, report and file shows the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from layerlab.datasets.json_values import check_keys, texts_from
from layerlab.settings import SETTINGS

STANDARDIZE = "standardize"
"""The key of the change that scales each feature to mean 0 and standard deviation 1 on the training set."""

NO_CHANGES: Mapping[str, Any] = MappingProxyType({})
"""The changes of a finding that names no setting."""

WORDS = ("diverged", "rose", "oscillated", "stuck", "crept", "fell")
"""The words of ``Verdict.word``."""


class Verdict(NamedTuple):
    """What a training did, the same wherever the run is shown.

    Attributes:
        word: "diverged", "rose", "oscillated", "stuck", "crept" (hardly fell, and was still falling) or "fell".
        sentence: the same with its numbers; then which hidden units do not work, as a sentence of its own.
    """

    word: str
    sentence: str


class Finding(NamedTuple):
    """One thing that is wrong with a trained network.

    Attributes:
        kind: "diverged", "equal", "dead", "saturated", "rising", "oscillating", "stuck" or "slow".
        what: what the numbers show.
        cause: the likely reason.
        remedy: what to try, and how much it helped if it was tried.
        changes: the remedy for a program: the new value of each setting of ``train`` by its name, and
            "standardize": True for scaling the features; empty where no setting is known to help.
    """

    kind: str
    what: str
    cause: str
    remedy: str
    changes: Mapping[str, Any] = NO_CHANGES

    def __str__(self) -> str:
        return f"{self.what[:1].upper()}{self.what[1:]}. Likely cause: {self.cause}. Try: {self.remedy}."

    def facts(self) -> dict[str, Any]:
        """Return the finding as plain values for JSON."""
        return {**self._asdict(), "changes": dict(self.changes)}


def finding_from(record: Any) -> Finding:
    """Rebuild a finding from what ``Finding.facts`` returned.

    Raises:
        ArithmeticError, AttributeError, TypeError, ValueError: the JSON was damaged or changed.
    """
    check_keys(record, set(Finding._fields))
    changes = record["changes"]
    if not isinstance(changes, dict):
        raise TypeError("wanted settings by name as changes")
    checked = {name: _checked_change(name, value) for name, value in changes.items()}
    kind, what, cause, remedy = texts_from([record[name] for name in Finding._fields[:-1]])
    return Finding(kind, what, cause, remedy, checked)


def _checked_change(name: str, value: Any) -> Any:
    if name == STANDARDIZE:
        if value is not True:
            raise ValueError("wanted true as standardize")
        return value
    if name not in SETTINGS:
        raise ValueError(f"no setting is called {name}")
    return SETTINGS[name].check(value)


def verdict_from(record: Any) -> Verdict:
    """Rebuild a verdict from JSON.

    Raises:
        ArithmeticError, AttributeError, TypeError, ValueError: the JSON was damaged or changed.
    """
    check_keys(record, set(Verdict._fields))
    verdict = Verdict(*texts_from([record[name] for name in Verdict._fields]))
    if verdict.word not in WORDS:
        raise ValueError(f"the verdict {verdict.word!r} is unknown")
    return verdict
