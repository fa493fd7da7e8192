"""How fast this machine is: seconds for an array operation, a pass over a number, a product; measured or shipped.

A model of three rates an engine predicts an update's time well enough to choose by (``docs/engine.md`` has the
errors). ``layerlab doctor --measure`` replaces the shipped rates by this machine's.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..caches import cache_folder
from .work import Sizes


@dataclass(frozen=True)
class Rates:
    """Seconds an engine needs.

    Attributes:
        operation: to start an array operation.
        element: to read or write a float64 in an element-wise pass; a float32 takes half.
        product: for a floating-point operation in a float64 matrix product; in float32 half.
    """

    operation: float
    element: float
    product: float

    def update(self, sizes: Sizes) -> float:
        """Seconds of one update."""
        width = sizes.itemsize / 8
        counts = (sizes.operations, sizes.passes * width, sizes.products * width)
        return sum(
            rate * count for rate, count in zip((self.operation, self.element, self.product), counts, strict=True)
        )


@dataclass(frozen=True)
class Machine:
    """What the planner knows of a machine.

    Attributes:
        numpy, xla: rates of the two engines.
        import_jax: seconds to import jax.
        compile_program, compile_layer: seconds to compile a program, and for each of its layers.
        product: seconds a floating-point operation of a large float64 product on all cores (the tables of the span).
        measured: whether these are this machine's own.
    """

    numpy: Rates
    xla: Rates
    import_jax: float
    compile_program: float
    compile_layer: float
    product: float
    measured: bool = False

    @property
    def rates(self) -> dict[str, Rates]:
        """By the engine's name."""
        return {"numpy": self.numpy, "xla": self.xla}


SHIPPED = Machine(
    numpy=Rates(1.0e-6, 4e-10, 2e-11),
    xla=Rates(2e-7, 1e-10, 2e-11),
    import_jax=0.5,
    compile_program=0.2,
    compile_layer=0.06,
    product=1.5e-11,
)
"""Measured on two cores of an AMD EPYC (Zen 4), Python 3.11, NumPy 2.4, jax 0.10."""


def machine_file() -> Path:
    """Where ``layerlab doctor --measure`` writes."""
    return cache_folder() / "machine.json"


def this_machine() -> Machine:
    """What was measured here, else what is shipped; a file that cannot be read counts as none."""
    path = machine_file()
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return SHIPPED


@lru_cache(maxsize=1)
def _read(path: Path, _: int) -> Machine:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        machine = Machine(**{**record, "numpy": Rates(**record["numpy"]), "xla": Rates(**record["xla"])}, measured=True)
        numbers = [*asdict(machine.numpy).values(), *asdict(machine.xla).values(), machine.import_jax, machine.product]
        right = all(isinstance(number, float) and math.isfinite(number) and number >= 0 for number in numbers)
    except (OSError, ValueError, TypeError, LookupError):
        return SHIPPED
    return machine if right else SHIPPED


def keep(machine: Machine) -> Path:
    """Write what was measured where the planner looks for it."""
    path = machine_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    record: dict[str, Any] = asdict(machine)
    del record["measured"]
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return path
