"""The learning rate of scikit-learn's SGD from epoch to epoch."""

from __future__ import annotations

LOWEST_RATE = 1e-6
"""At this value or below, an adaptive learning rate does not fall further: the next plateau ends the fit."""


class LearningRate:
    """A learning rate that may change when an epoch ends.

    Args:
        kind: "constant"; "invscaling", first / (examples seen + 1)^power; or "adaptive", a fifth after every plateau.
        first: α in the first epoch.
        power: the exponent of "invscaling".

    Attributes:
        value: α now.
    """

    def __init__(self, kind: str, first: float, power: float) -> None:
        self.kind, self.first, self.power, self.value = kind, float(first), power, float(first)

    def epoch_ended(self, examples_seen: int) -> None:
        """Change α after an epoch, if it is "invscaling"."""
        if self.kind == "invscaling":
            self.value = self.first / (examples_seen + 1) ** self.power

    def ends_at_plateau(self) -> bool:
        """Return whether the fit ends at this plateau; if not, make α smaller."""
        if self.kind != "adaptive" or self.value <= LOWEST_RATE:
            return True
        self.value /= 5.0
        return False
