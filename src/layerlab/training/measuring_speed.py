"""Measure this machine's speed for the planner, with a dozen small trainings by each engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.network import Network
from layerlab.runs.settings_rules import complete_settings, with_defaults

from .basis import products
from .compiled import COMPILED
from .fit import chunks_of
from .job import Job, Member
from .planner import Unfit, make_plan, sizes_of
from .speed import SHIPPED, Machine, Rates
from .stages import stopwatch
from .work import Sizes


class Case(NamedTuple):
    """A small training.

    Attributes:
        layer_dims, hidden: sizes and activation of the network.
        m: number of examples.
        optimizer, dtype: as for ``train``.
        models: number of models of a population; 0 for one alone.
    """

    layer_dims: tuple[int, ...]
    hidden: str
    m: int
    optimizer: str = "gd"
    dtype: str = "float64"
    models: int = 0


CASES = (
    Case((2, 4, 1), "tanh", 400),
    Case((5, 8, 1), "relu", 100),
    Case((64, 10), "relu", 1437),
    Case((64, 32, 10), "relu", 1437),
    Case((30, 10, 5, 1), "sigmoid", 455, "rmsprop"),
    Case((209, 20, 7, 5, 1), "relu", 209),
    Case((209, 20, 7, 5, 1), "relu", 209, dtype="float32"),
    Case((209, 20, 7, 5, 1), "relu", 209, models=16),
    Case((500, 100, 50, 3), "tanh", 500, "momentum"),
    Case((784, 256, 10), "relu", 128, "adam", "float32"),
    Case((784, 512, 256, 10), "relu", 128, dtype="float32"),
    Case((20, 50, 1), "leaky_relu", 200, "adamw", models=32),
)
"""The trainings that are measured: from updates that are mostly overhead to updates that are mostly matrix products."""

SECONDS = 0.25
"""How many seconds each engine computes on each case, after the first chunks."""


class Measured(NamedTuple):
    """The times that were measured for a case.

    Attributes:
        sizes: the sizes of its program.
        update, compile: seconds of an update, and of compiling the program.
    """

    sizes: Sizes
    update: float
    compile: float


def measure(tell: Callable[[str], None]) -> Machine:
    """Measure this machine's speed, and return it as seconds per operation, element and product (``speed.Rates``).

    Args:
        tell: called with what is being measured, in words.
    """
    tell("products of the span's tables")
    product = _product_rate()
    found: dict[str, Any] = {"product": product, "import_jax": SHIPPED.import_jax}
    measured = {"numpy": _measure_all("numpy", tell)}
    if find_spec("jax"):
        try:
            tell("importing jax")
            found["import_jax"] = _import_time()
            measured["xla"] = _measure_all("xla", tell)
        except (subprocess.CalledProcessError, Unfit):
            tell("xla is not measured: jax cannot be used here")
    rates = {engine: _explained(cases) for engine, cases in measured.items()}
    compile_program, compile_layer = _compile_rates(measured.get("xla", []))
    return Machine(
        numpy=rates["numpy"],
        xla=rates.get("xla", SHIPPED.xla),
        compile_program=compile_program,
        compile_layer=compile_layer,
        measured=True,
        **found,
    )


def _measure_all(engine: str, tell: Callable[[str], None]) -> list[Measured]:
    with COMPILED.set_aside(disk=True) if engine == "xla" else nullcontext():
        return [measure_case(case, engine, tell) for case in CASES]


def measure_case(case: Case, engine: str, tell: Callable[[str], None]) -> Measured:
    """Measure a case for ``SECONDS``. Its fastest chunk counts, because other work disturbed it least.

    Args:
        case: the training.
        engine: "numpy" or "xla".
        tell: called with what is being measured, in words.
    """
    models = f", {case.models} models" if case.models else ""
    tell(f"{engine}: {'-'.join(map(str, case.layer_dims))}, {case.optimizer}, {case.dtype}{models}")
    job = _job(case, engine)
    fastest = np.inf
    with stopwatch() as seconds:
        for number, chunk in enumerate(chunks_of(job, make_plan(job))):
            if len(chunk.costs):
                fastest = min(fastest, chunk.seconds / len(chunk.costs))
            if number > 3 and seconds["updates"] > SECONDS:
                break
    return Measured(sizes_of(job, False, case.models), float(fastest), seconds.get("compile", 0.0))


def _job(case: Case, engine: str) -> Job:
    """Make a training on random examples with the sizes of a case; it never ends by itself."""
    random = np.random.RandomState(0)
    n_x, n_y = case.layer_dims[0], case.layer_dims[-1]
    X = random.rand(n_x, case.m).astype(case.dtype)
    Y = np.eye(max(2, n_y))[:, random.randint(0, max(2, n_y), case.m)][-n_y:].astype(case.dtype)
    own = {"learning_rate": 1e-3, "iterations": 10**9, "optimizer": case.optimizer, "dtype": case.dtype}
    settings = complete_settings(case.m, **with_defaults({**own, "engine": engine, "basis": "full"}))
    network = Network(case.layer_dims, case.hidden).for_labels(Y)
    members = tuple(Member(network, settings) for _ in range(max(1, case.models)))
    return Job(members, Part(X, Y), alone=case.models == 0)


def _explained(cases: Sequence[Measured]) -> Rates:
    """Return the ``Rates``, none negative, that explain all measured seconds with the smallest relative error."""
    from scipy.optimize import nnls

    # Each row divided by its seconds: an error of 10 % weighs the same for a case of 10 µs and one of 10 ms.
    counts = np.array([Rates.counts(case.sizes) for case in cases])
    seconds = np.array([case.update for case in cases])
    rates, _ = nnls(counts / seconds[:, None], np.ones(len(cases)))
    return Rates(*rates.tolist())


def _compile_rates(cases: Sequence[Measured]) -> tuple[float, float]:
    """Return the seconds to compile a program, and the additional seconds for each of its layers."""
    from scipy.optimize import nnls

    if not cases:
        return SHIPPED.compile_program, SHIPPED.compile_layer
    counts = np.array([[1.0, len(case.sizes.layer_dims) - 1] for case in cases])
    (program, layer), _ = nnls(counts, np.array([case.compile for case in cases]))
    return float(program), float(layer)


def _product_rate() -> float:
    """Return the seconds per floating-point operation of a large product; the fastest of five measurements."""
    X = np.random.RandomState(0).rand(1 << 16, 200)
    times = []
    for _ in range(5):
        begun = perf_counter()
        products(X, X)
        times.append(perf_counter() - begun)
    return float(min(times) / (2.0 * X.shape[0] * X.shape[1] ** 2))


def _import_time() -> float:
    """Return the seconds to import jax in a new process, without starting Python and NumPy; the faster of two times."""

    def seconds(code: str) -> float:
        begun = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603
        return perf_counter() - begun

    return max(0.0, min(seconds("import numpy, jax") - seconds("import numpy") for _ in range(2)))
