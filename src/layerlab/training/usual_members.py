"""The usual training of several networks on the folds of a table; its settings depend on the number of rows alone.

They were chosen on 13 tables by experiments; benchmarks/tables_accuracy.md has what they give on others.
"""

from __future__ import annotations

from typing import Any

USUAL_FOLDS = 8
"""Into how many folds a table's rows are split, and how many networks are trained, each without one of them."""

USUAL_LAYERS, USUAL_HIDDEN = (128, 128), "mish"
"""Sizes of the hidden layers of each network, and their activation."""


def usual_members(m: int) -> dict[str, Any]:
    """Return the settings of ``train`` for m training examples, among them ``members`` and ``folds``."""
    batch = next((size for rows, size in ((1500, 32), (3000, 64), (20_000, 128)) if m < rows), 256)
    return {
        "learning_rate": usual_rate(batch),
        "optimizer": "adamw",
        "beta2": 0.99,
        "weight_decay": 0.1,
        "batch_size": batch,
        "epochs": 100 if m < 1500 else 60,
        "schedule": "cosine",
        "dropout": 0.1,
        "dtype": "float32",
        "initializer": "he",
        "members": USUAL_FOLDS,
        "folds": USUAL_FOLDS,
    }


def usual_rate(batch_size: int) -> float:
    """Return the learning rate of the usual training for batches of this size: 0.008 for 128, and as its root."""
    return float(f"{0.008 * (batch_size / 128) ** 0.5:.2g}")
