"""Drawn tables with a rare class, the same on every machine up to rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

COLUMNS = ("amount", "hour", "age", "distance", "logins", "calls")


def write_frauds(path: Path, m: int = 4000, share: float = 0.011, seed: int = 0) -> None:
    """A table of m rows, of which a share is "fraud" and the rest "good", told by six columns and much noise."""
    random = np.random.RandomState(seed)
    X = random.randn(m, len(COLUMNS))
    score = 1.6 * (0.9 * X[:, 0] + 0.8 * np.maximum(X[:, 1], 0) * X[:, 2] - 0.6 * np.abs(X[:, 3])) + random.logistic(
        size=m
    )
    frauds = score > np.quantile(score, 1 - share)
    answers = np.where(frauds, "fraud", "good")
    rows = [",".join([*map("{:.4f}".format, row), str(answer)]) for row, answer in zip(X, answers, strict=True)]
    path.write_text("\n".join([",".join((*COLUMNS, "status")), *rows]) + "\n", encoding="utf-8")
