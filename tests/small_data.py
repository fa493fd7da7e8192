"""Small tables, photographs and arrays as files, the same on every machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

NEW_ROWS = "fuel,size,age,new\ngas,3.5,4,yes\ndiesel,,12,no\npetrol,9,1,yes\n"
"""Rows without an answer, columns in another order than in the tables; one size is missing."""


def write_table(path: Path, target: str, m: int = 120) -> None:
    """A table with a column of numbers, some missing, one of whole numbers, categories and yes or no."""
    random = np.random.RandomState(0)
    lines = [f"size,age,fuel,new,{target}"]
    for i in range(m):
        size, age, fuel = random.randint(8, 80) / 8, random.randint(0, 20), ("diesel", "petrol", "gas")[i % 3]
        value = size - 0.3 * age + (2 if fuel == "gas" else 0) + random.randint(-8, 9) / 8
        answer = f"{value:.3f}" if target == "value" else "high" if value > 3 else "low"
        lines.append(f"{size if i % 11 else ''},{age},{fuel},{'yes' if random.randint(2) else 'no'},{answer}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_photos(folder: Path) -> None:
    """Two classes of twelve photographs in folders with their names."""
    random = np.random.RandomState(0)
    for number, name in enumerate(("dark", "light")):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            pixels = (random.randint(0, 100, (8, 8, 3)) + 120 * number).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i:02}.png")


def write_arrays(path: Path) -> None:
    """Points of two classes in an .npz file."""
    X = np.random.RandomState(0).randint(-16, 17, (60, 3)) / 8
    np.savez(path, X=X, y=(X @ [1, -1, 0.5] > 0).astype(int))
