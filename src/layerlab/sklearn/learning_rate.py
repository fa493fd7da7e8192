"""The learning rate of scikit-learn's SGD from epoch to epoch."""

from __future__ import annotations

LEAST_RATE = 1e-6
"""An adaptive rate that is no larger ends the fit instead of falling further."""


class Rate:
    """A learning rate that may change when an epoch ends.

    Args:
        kind: "constant"; "invscaling", first / (examples seen + 1)^power; or "adaptive", a fifth at every plateau.
        first: α of the first epoch.
        power: of the examples.

    Attributes:
        value: α now.
    """

    def __init__(self, kind: str, first: float, power: float) -> None:
        self.kind, self.first, self.power, self.value = kind, float(first), power, float(first)

    def epoch_ended(self, seen: int) -> None:
        """After an epoch; ``seen`` examples so far."""
        if self.kind == "invscaling":
            self.value = self.first / (seen + 1) ** self.power

    def ends(self) -> bool:
        """Whether the fit ends at a plateau; if not, the rate has become smaller."""
        if self.kind != "adaptive" or self.value <= LEAST_RATE:
            return True
        self.value /= 5.0
        return False
