"""``Plan``: how a training is computed, in numbers and in words. ``training.planner`` chooses it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from layerlab.text import count_text

from .all_optimizers import ALL_OPTIMIZERS

STAGES = ("draw", "basis", "import", "compile", "read", "updates", "metrics", "finish", "advice")
"""The stages of a training, in their order: initial weights, tables of the span, import of jax, compiling, waiting for
rows of a stream, updates, metrics, full weights and verdict, and short trainings that find out what would have helped a
run that ended badly."""

COMMON_STAGES = ("draw", "updates", "finish")
"""The stages that every training has."""


PLANS_LACKED_BEFORE = {"group": 0, "at_once": 0, "cut": ""}
"""Fields that plans of older runs do not have, with the values that they have there."""


@dataclass(frozen=True)
class Plan:
    """How a training is computed; ``print(plan.explain())`` says it in words.

    Attributes:
        basis, basis_reason: coordinates of the first layer, "full" or "span", and why.
        engine, engine_reason: "numpy" or "xla", and why.
        dtype: type of all numbers.
        layer_dims: sizes of the layers, of the widest model if there are several.
        examples: number of training examples.
        batch_size: examples per update.
        optimizer: its name.
        iterations: number of updates.
        members, slice: number of models, and how many are trained at a time.
        full_products, products: floating-point operations in the matrix products of one update of all models: at full
            width, and as planned.
        memory, budget: bytes that a slice needs in addition to the data, and how many it may need.
        chunk: updates between two checks of the run (progress, Ctrl-C).
        expected, actual: seconds by stage (names in ``STAGES``): estimated before the training, measured after it;
            actual is empty before.
        measured: whether the estimate uses speeds measured on this machine (``layerlab doctor --measure``).
        stream: how the examples come into memory where not all fit: "10,000,000 rows in buffers of 65,536".
        group: number of models that one compiled program computes, if a slice is divided into groups; else 0.
        at_once: how many groups are computed at the same time; 0 without groups.
        cut: what was cut before the training so that it fits into a time budget, as a sentence; "" for nothing.
    """

    basis: str
    basis_reason: str
    engine: str
    engine_reason: str
    dtype: str
    layer_dims: tuple[int, ...]
    examples: int
    batch_size: int
    optimizer: str
    iterations: int
    members: int
    slice: int
    full_products: float
    products: float
    memory: float
    budget: float
    chunk: int
    expected: dict[str, float]
    measured: bool
    actual: dict[str, float] = field(default_factory=dict)
    stream: str = ""
    group: int = 0
    at_once: int = 0
    cut: str = ""

    def explain(self) -> str:
        """Return the plan in words: features and rank, saved arithmetic, engine and why, memory, time."""
        return plan_text(self)

    def __str__(self) -> str:
        return self.explain()


def with_actual(plan: Plan, spent: Mapping[str, float]) -> Plan:
    """Return the plan with the seconds that its stages took."""
    return replace(plan, actual=dict(spent))


def plan_from(record: Any) -> Plan:
    """Rebuild the plan that ``dataclasses.asdict`` made plain.

    Raises:
        ArithmeticError, ValueError: the JSON was damaged or changed.
    """
    kinds = {one.name: _KINDS.get(str(one.type), str) for one in fields(Plan)}
    if isinstance(record, dict):
        record = PLANS_LACKED_BEFORE | record
    _check_names(record, required=set(kinds), known=set(kinds))
    for name, kind in kinds.items():
        value = record[name]
        if kind is dict:
            _check_names(value, required=set(COMMON_STAGES), known=set(STAGES))
        inside = value.values() if kind is dict else value if type(value) is list else [value]
        right = type(value) is kind or (kind is float and type(value) is int)
        least = 0 if kind is dict or name in PLANS_LACKED_BEFORE else np.finfo(float).tiny
        if not right or not (kind in (str, bool) or all(_is_number(number, least) for number in inside)):
            raise ValueError(f"{name} of the plan is not as it should be")
    if record["basis"] not in ("full", "span") or record["engine"] not in ("numpy", "xla"):
        raise ValueError("basis or engine of the plan is unknown")
    return Plan(**{**record, "layer_dims": tuple(record["layer_dims"])})


_KINDS = {"int": int, "float": float, "bool": bool, "tuple[int, ...]": list, "dict[str, float]": dict}
"""The Python types that JSON gives for the types of a plan's fields; all others are texts."""


def _check_names(found: Any, required: set[str], known: set[str]) -> None:
    """Raise ValueError where a JSON object lacks a required key or has an unknown one."""
    if not isinstance(found, dict) or not required <= set(found) <= known:
        odd = (set(found) - known) | (required - set(found)) if isinstance(found, dict) else {"all"}
        raise ValueError(f"missing or unknown in the plan: {', '.join(sorted(map(str, odd)))}")


def _is_number(value: Any, least: float) -> bool:
    return type(value) in (int, float) and least <= float(value) < math.inf


def plan_text(plan: Plan) -> str:
    """Write the plan in words: the expected time, then what is computed, and a line or two on each choice."""
    expected = two_digit_time(sum(plan.expected.values()))
    lines = [f"Expected time: {expected} with the {plan.engine} engine."]
    for name, sentences in (
        ("network", [_network(plan)]),
        ("stream", [plan.stream] * bool(plan.stream)),
        ("engine", _engine(plan)),
        ("time", _time(plan)),
        ("memory", _memory(plan)),
        ("basis", _basis(plan)),
        ("budget", [plan.cut] * bool(plan.cut)),
    ):
        for number, sentence in enumerate(sentences):
            lines.append(f"{'' if number else name:8}{sentence}")
    return "\n".join(lines)


def _network(plan: Plan) -> str:
    """Say what is trained: networks, examples per update, updates, optimiser, type."""
    models = f"{plan.members:,} networks " if plan.members > 1 else ""
    batch = "" if plan.batch_size == plan.examples else f"{plan.batch_size:,} of "
    title = ALL_OPTIMIZERS[plan.optimizer].title if plan.optimizer in ALL_OPTIMIZERS else plan.optimizer
    dims = "-".join(map(str, plan.layer_dims))
    return (
        f"{models}{dims}, {batch}{plan.examples:,} examples per update, "
        f"{count_text(plan.iterations, 'update')} by {title}, {plan.dtype}"
    )


def _basis(plan: Plan) -> Iterator[str]:
    """Say which coordinates the first layer has, why, and what arithmetic that saves."""
    features = plan.layer_dims[0]
    if plan.basis == "full":
        yield f"full: {features:,} features; {plan.basis_reason}"
        yield f"{_amount(plan.products)} per update in matrix products"
        return
    yield f"span: {features:,} features become {plan.examples:,} coefficients per unit; {plan.basis_reason}"
    yield (
        f"{_amount(plan.products)} per update in matrix products instead of {_amount(plan.full_products)}: "
        f"{plan.full_products / plan.products:,.3g} times less"
    )


def _engine(plan: Plan) -> Iterator[str]:
    """Say which engine runs the updates, why, and how often the progress is shown."""
    yield f"{plan.engine}: {plan.engine_reason}"
    if plan.group:
        groups = math.ceil(plan.slice / plan.group)
        each = "one network" if plan.group == 1 else f"{plan.group:,} networks"
        yield f"{groups:,} groups of {each} that fit the processor's cache, {min(groups, plan.at_once):,} at a time"
    if plan.chunk < plan.iterations:
        yield f"progress is shown about every {plan.chunk:,} iterations"


def _memory(plan: Plan) -> Iterator[str]:
    """Say how much memory the training needs in addition to the data, and how much it may use."""
    cut = f", {plan.slice:,} networks at a time" if plan.slice < plan.members else ""
    yield f"{_size(plan.memory)} in addition to the data{cut}; at most {_size(plan.budget)} may be used"


def _time(plan: Plan) -> Iterator[str]:
    """Say how long each stage is expected to take, and after the training how long it took."""
    speeds = "by speeds measured on this machine"
    if not plan.measured:
        speeds = "by typical speeds; `layerlab doctor --measure` measures this machine"
    yield f"expected {_stages(plan.expected)} ({speeds})"
    if plan.actual:
        yield f"actual   {_stages(plan.actual)}"


def _stages(seconds: dict[str, float]) -> str:
    parts = [
        f"{name} {two_digit_time(seconds[name])}"
        for name in STAGES
        if name in seconds and (seconds[name] >= 1e-4 or name == "updates")
    ]
    return " + ".join(parts) + (f" = {two_digit_time(sum(seconds.values()))}" if len(parts) > 1 else "")


def two_digit_time(seconds: float) -> str:
    """Write a time with two digits, in the one unit that suits it; ``text.spoken_time`` writes minutes and seconds."""
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if seconds >= (2 if size >= 60 else 0.995) * size:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(seconds / 1e-6)} µs"


def _two_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def _amount(operations: float) -> str:
    """Write a number of floating-point operations with a unit."""
    for unit, size in (("GFLOP", 1e9), ("MFLOP", 1e6), ("kFLOP", 1e3)):
        if operations >= size:
            return f"{operations / size:,.3g} {unit}"
    return f"{operations:,.0f} FLOP"


def _size(count: float) -> str:
    """Write a number of bytes with a unit."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:,.3g} {unit}"
    return f"{count:,.0f} bytes"
