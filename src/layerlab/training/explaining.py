"""A plan in words, as a database explains a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layerlab.runs.methods import METHODS

if TYPE_CHECKING:
    from layerlab.runs.plan import Plan


STAGES = ("draw", "basis", "import", "compile", "read", "updates", "metrics", "finish")
"""Of a training, in their order: initial weights, tables of the span, jax, its program, waiting for rows of a stream,
updates, metrics where asked for, full weights and diagnosis."""

ALWAYS = ("draw", "updates", "finish")
"""Those that every training has."""


def explained(plan: Plan) -> str:
    """A line or two on each choice."""
    lines = [_heading(plan)]
    for name, sentences in (
        ("stream", [plan.stream] * bool(plan.stream)),
        ("basis", _basis(plan)),
        ("engine", _engine(plan)),
        ("memory", _memory(plan)),
        ("time", _time(plan)),
    ):
        for number, sentence in enumerate(sentences):
            lines.append(f"{'' if number else name:8}{sentence}")
    return "\n".join(lines)


def _heading(plan: Plan) -> str:
    models = f"{plan.members:,} networks " if plan.members > 1 else ""
    batch = "" if plan.batch_size == plan.examples else f"{plan.batch_size:,} of "
    title = METHODS[plan.optimizer].title if plan.optimizer in METHODS else plan.optimizer
    dims = "-".join(map(str, plan.layer_dims))
    return (
        f"{models}{dims}, {batch}{plan.examples:,} examples an update, {plan.iterations:,} updates by {title}, "
        f"{plan.dtype}"
    )


def _basis(plan: Plan) -> Iterator[str]:
    features = plan.layer_dims[0]
    if plan.basis == "full":
        yield f"full: {features:,} features; {plan.basis_reason}"
        yield f"{_amount(plan.products)} an update in matrix products"
        return
    yield f"span: {features:,} features become {plan.examples:,} coefficients a unit; {plan.basis_reason}"
    yield (
        f"{_amount(plan.products)} an update in matrix products instead of {_amount(plan.full_products)}: "
        f"{plan.full_products / plan.products:,.3g} times less"
    )


def _engine(plan: Plan) -> Iterator[str]:
    yield f"{plan.engine}: {plan.engine_reason}"
    if plan.chunk < plan.iterations:
        yield f"a look at the run every {plan.chunk:,} updates or so"


def _memory(plan: Plan) -> Iterator[str]:
    cut = f", {plan.slice:,} networks at a time" if plan.slice < plan.members else ""
    yield f"{_size(plan.memory)} beside the data{cut}; {_size(plan.budget)} may be used"


def _time(plan: Plan) -> Iterator[str]:
    rates = "measured on this machine" if plan.measured else "shipped; `layerlab doctor --measure` takes this machine's"
    yield f"expected {_stages(plan.expected)} (rates {rates})"
    if plan.actual:
        yield f"actual   {_stages(plan.actual)}"


def _stages(seconds: dict[str, float]) -> str:
    parts = [
        f"{name} {duration(seconds[name])}"
        for name in STAGES
        if name in seconds and (seconds[name] >= 1e-4 or name == "updates")
    ]
    return " + ".join(parts) + (f" = {duration(sum(seconds.values()))}" if len(parts) > 1 else "")


def duration(seconds: float) -> str:
    """A time with two digits, in the unit that suits it."""
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if seconds >= (2 if size >= 60 else 0.995) * size:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(seconds / 1e-6)} µs"


def _two_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def _amount(operations: float) -> str:
    for unit, size in (("GFLOP", 1e9), ("MFLOP", 1e6), ("kFLOP", 1e3)):
        if operations >= size:
            return f"{operations / size:,.3g} {unit}"
    return f"{operations:,.0f} FLOP"


def _size(count: float) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:,.3g} {unit}"
    return f"{count:,.0f} bytes"
