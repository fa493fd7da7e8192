"""What must not change, kept as JSON files in tests/contract/ and compared with what the package does today.

``python -m pytest tests/test_public_names.py --rewrite`` writes the files anew: an intended change is then a diff.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parent / "contract"

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""How far a computed number may be from the kept one: processors and BLAS libraries round differently."""


def differences(found: Any, kept: Any, where: str = "") -> list[str]:
    """Where two values differ, one line for each place: what is found now and what is kept in the file."""
    if isinstance(found, dict) and isinstance(kept, dict):
        lines = [f"{where}/{name}: is new: {found[name]!r}" for name in found if name not in kept]
        lines += [f"{where}/{name}: is gone: {kept[name]!r}" for name in kept if name not in found]
        return lines + [
            line for name in kept if name in found for line in differences(found[name], kept[name], f"{where}/{name}")
        ]
    if isinstance(found, list) and isinstance(kept, list):
        lines = [] if len(found) == len(kept) else [f"{where}: found {len(found)} items, kept {len(kept)}"]
        for number, (one, other) in enumerate(zip(found, kept, strict=False)):
            lines += differences(one, other, f"{where}/{number}")
        return lines
    if type(found) is float and type(kept) is float:
        same = math.isclose(found, kept, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    else:
        same = type(found) is type(kept) and found == kept
    return [] if same else [f"{where}: found {found!r}\n    kept {kept!r}"]


class Snapshots:
    """The kept files; with ``--rewrite`` they are written before they are read."""

    def __init__(self, rewrite: bool) -> None:
        self.rewrite = rewrite

    def check(self, name: str, found: Any) -> None:
        """Compare a value that JSON can hold with the file of this name."""
        path = CONTRACT / name
        if self.rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        different = differences(found, json.loads(path.read_text(encoding="utf-8")))
        assert not different, f"{path.name} (see tests/snapshots.py):\n" + "\n".join(different[:50])
