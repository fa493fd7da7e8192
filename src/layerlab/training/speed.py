"""How fast this machine is: how many seconds an array operation, a pass over a number and a product take.

Four such times for each engine predict the time of an update well enough to choose an engine (``docs/engine.md`` has
the errors). ``layerlab doctor --measure`` replaces the times that come with layerlab by times of this machine.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from layerlab.machine import cache_folder

from .work import Sizes

ENGINES = ("numpy", "xla")
"""Names of the engines."""

SLOWEST = 1000.0
"""Seconds. A larger number in the file of measured times counts as damage."""

LARGE = 512 * 1024
"""Bytes. From this size on an array counts as large: it does not stay in a fast cache."""


@dataclass(frozen=True)
class Rates:
    """Seconds that an engine needs for one of each thing of which an update consists.

    Attributes:
        operation: seconds to start an array operation.
        element: seconds to read or write a float64 in an element-wise pass; a float32 takes half.
        large: additional seconds for an element of large arrays: they do not stay in a fast cache, and NumPy requests
            their memory from the system each time.
        product: seconds for a floating-point operation in a float64 matrix product; float32 takes half.
    """

    operation: float
    element: float
    large: float
    product: float

    def update(self, sizes: Sizes) -> float:
        """Estimate the seconds of one update."""
        rates = (self.operation, self.element, self.large, self.product)
        return sum(rate * count for rate, count in zip(rates, self.counts(sizes), strict=True))

    @staticmethod
    def counts(sizes: Sizes) -> tuple[float, float, float, float]:
        """Count the parts of an update, in the order of ``Rates``; a pass or product in float32 is half."""
        width = sizes.itemsize / 8
        passes = sizes.passes * width
        return sizes.operations, passes, passes if sizes.largest > LARGE else 0.0, sizes.products * width


@dataclass(frozen=True)
class Machine:
    """The speed of a machine, from which the planner estimates times.

    Attributes:
        numpy, xla: the speed of each engine.
        import_jax: seconds to import jax.
        compile_program, compile_layer: seconds to compile a program, and additional seconds for each of its layers.
        product: seconds for a floating-point operation of a large float64 product on all cores (the span's tables).
        measured: whether these times were measured on this machine.
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
        """The speed of each engine, by the engine's name."""
        return {"numpy": self.numpy, "xla": self.xla}


SHIPPED = Machine(
    numpy=Rates(1.2e-6, 2e-10, 1.4e-9, 2.4e-11),
    xla=Rates(5e-8, 1.2e-10, 1e-11, 1.45e-11),
    import_jax=0.5,
    compile_program=0.22,
    compile_layer=0.07,
    product=1.05e-11,
)
"""Measured on two cores of an AMD EPYC (Zen 4), Python 3.11, NumPy 2.4, jax 0.10."""


def machine_file() -> Path:
    """Return the file to which ``layerlab doctor --measure`` writes this machine's speed."""
    return cache_folder() / "machine.json"


def this_machine() -> Machine:
    """Return the speed that was measured here, else the one that comes with layerlab; an unreadable file is ignored."""
    path = machine_file()
    try:
        return _read(path, path.stat().st_mtime_ns) if path.is_file() else SHIPPED
    except OSError:
        return SHIPPED


@lru_cache(maxsize=1)
def _read(path: Path, _: int) -> Machine:
    """Read the speed in a file. The file's time of change is an argument so that a changed file is read again."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        numpy, xla = (Rates(**{key: _rate(value) for key, value in record.pop(name).items()}) for name in ENGINES)
        return Machine(numpy, xla, **{key: _rate(value) for key, value in record.items()}, measured=True)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return SHIPPED


def _rate(value: Any) -> float:
    """Return a plausible number of seconds as a float; raise ValueError for anything else."""
    if type(value) not in (int, float) or not 0 <= value <= SLOWEST:
        raise ValueError(f"{value!r}: wanted seconds from 0 to {SLOWEST}")
    return float(value)


def keep(machine: Machine) -> Path:
    """Write a measured speed to the file in which the planner looks for it, and return its path."""
    path = machine_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    record: dict[str, Any] = asdict(machine)
    del record["measured"]
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return path
