"""The optimiser's step of one weight in words: its formula, then the same with the numbers put in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .iteration_layout import Formula, Item, detailed, factor, number, unbroken
from .iteration_notation import Facts


class _Step:
    """The numbers of one step.

    Attributes:
        p, dp: the parameter and its gradient in a formula: w and dw, or b and db.
        g, rate: the gradient and the learning rate, as numbers.
        terms: the optimiser's own numbers, by their names.
    """

    def __init__(self, facts: Facts) -> None:
        one = facts["step"]
        self.p = "b" if facts["chosen"]["input"] is None else "w"
        self.dp = f"d{self.p}"
        self.g, self.rate, self.step = one["gradient"], one["learning_rate"], one["step"]
        self.terms: Mapping[str, Any] = one["terms"]
        self.before, self.after = detailed(one["before"], one["after"]), detailed(one["after"], one["before"])

    def __getitem__(self, name: str) -> str:
        """Return one of the optimiser's own numbers as text."""
        return number(self.terms[name])


def step_items(facts: Facts) -> Iterator[Item]:
    """Say the rule of the optimiser, and show the step of the chosen weight or bias.

    Args:
        facts: the result of ``Anatomy.facts``, of an optimiser that makes steps.
    """
    step, settings = _Step(facts), facts["settings"]
    given = settings.get("learning_rate")
    schedule = settings.get("schedule", "constant")
    changed = "" if schedule == "constant" or given is None else f" ({number(given)} at first, schedule {schedule})"
    yield f"The learning rate is α = {number(step.rate)}{changed}."
    yield from STEPS[facts["optimizer"]](step)


def _gradient_descent(s: _Step) -> Iterator[Item]:
    yield f"Every parameter makes the same step, W1 = W1 − α dW1 and so on. {unbroken(f'For {s.p}:')}"
    yield Formula(f"{s.p} = {s.p} − α {s.dp}", f"= {s.before} − {number(s.rate)} × {factor(s.g)} = {s.after}")


def _velocity(s: _Step) -> Formula:
    numbers = f"{s['momentum']} × {factor(s.terms['v_before'])} − {number(s.rate)} × {factor(s.g)}"
    return Formula(f"v = μ v − α {s.dp}", f"= {numbers} = {s['v']}")


def _momentum(s: _Step) -> Iterator[Item]:
    yield f"Every parameter has a velocity v, which keeps the share μ of itself. {unbroken(f'For {s.p}:')}"
    yield _velocity(s)
    yield Formula(f"{s.p} = {s.p} + v", f"= {s.before} + {factor(s.terms['v'])} = {s.after}")


def _nesterov(s: _Step) -> Iterator[Item]:
    yield f"Every parameter has a velocity v, which keeps the share μ of itself. {unbroken(f'For {s.p}:')}"
    yield _velocity(s)
    numbers = f"{s.before} + {s['momentum']} × {factor(s.terms['v'])} − {number(s.rate)} × {factor(s.g)}"
    yield Formula(f"{s.p} = {s.p} + μ v − α {s.dp}", f"= {numbers} = {s.after}")


def _running_mean(name: str, beta: str, s: _Step, before: str, share: str, squared: bool) -> Formula:
    """A running mean with one more value in it."""
    power = "²" if squared else ""
    numbers = f"{s[beta]} × {factor(s.terms[before])} + {number(1 - s.terms[beta])} × {factor(s.g)}{power}"
    return Formula(f"{name} = {share} {name} + (1 − {share}) {s.dp}{power}", f"= {numbers} = {s[before[0]]}")


def _rmsprop(s: _Step) -> Iterator[Item]:
    yield f"Every parameter has a running mean r of its squared gradients. {unbroken(f'For {s.p}:')}"
    yield _running_mean("r", "beta2", s, "r_before", "β₂", squared=True)
    numbers = f"{s.before} − {number(s.rate)} × {factor(s.g)} / (√{s['r']} + {s['epsilon']})"
    yield Formula(f"{s.p} = {s.p} − α {s.dp} / (√r + ε)", f"= {numbers} = {s.after}")


def _moments(s: _Step) -> Iterator[Item]:
    yield "Every parameter has running means m of its gradients (no count of examples) and v of their squares."
    yield f"For {s.p}:"
    yield _running_mean("m", "beta1", s, "m_before", "β₁", squared=False)
    yield _running_mean("v", "beta2", s, "v_before", "β₂", squared=True)


def _corrected(s: _Step) -> Iterator[Item]:
    """The running means, corrected for their start at 0."""
    t = int(s.terms["t"])
    yield from _moments(s)
    yield f"Both began at 0. The corrections for that, in update number t = {t:,}:"
    for name, corrected, beta, share in (("m", "M", "beta1", "β₁"), ("v", "V", "beta2", "β₂")):
        numbers = f"{s[name]} / {number(1 - s.terms[beta] ** t)}"
        yield Formula(f"{corrected} = {name} / (1 − {share}ᵗ)", f"= {numbers} = {s[f'{name}_corrected']}")


def _adam(s: _Step) -> Iterator[Item]:
    yield from _corrected(s)
    yield Formula(f"{s.p} = {s.p} − α M / (√V + ε)", f"= {s.before} − {number(s.rate)} × {_fraction(s)} = {s.after}")


def _fraction(s: _Step) -> str:
    return f"{factor(s.terms['m_corrected'])} / (√{s['v_corrected']} + {s['epsilon']})"


def _adamw(s: _Step) -> Iterator[Item]:
    if s.p == "b":  # a bias does not decay
        yield from _adam(s)
        return
    yield from _corrected(s)
    decay = f"{s['weight_decay']} × {f'({s.before})' if s.before.startswith('−') else s.before}"
    numbers = f"{s.before} − {number(s.rate)} × ({_fraction(s)} + {decay})"
    yield Formula(f"{s.p} = {s.p} − α (M / (√V + ε) + δ {s.p})", f"= {numbers} = {s.after}")


def _adam_hat(s: _Step) -> Iterator[Item]:
    t = int(s.terms["t"])
    bias1, bias2 = (1 - s.terms[name] ** t for name in ("beta1", "beta2"))
    yield from _moments(s)
    yield f"Both began at 0. In update number t = {t:,}, the correction for that is a factor of α:"
    rate = s.rate * math.sqrt(bias2) / bias1
    numbers = f"{number(s.rate)} × √{number(bias2)} / {number(bias1)} = {number(rate)}"
    yield Formula("αₜ = α √(1 − β₂ᵗ) / (1 − β₁ᵗ)", f"= {numbers}")
    numbers = f"{s.before} − {number(rate)} × {factor(s.terms['m'])} / (√{s['v']} + {s['epsilon']})"
    yield Formula(f"{s.p} = {s.p} − αₜ m / (√v + ε)", f"= {numbers} = {s.after}")


STEPS: dict[str, Callable[[_Step], Iterator[Item]]] = {
    "gd": _gradient_descent,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adam_hat": _adam_hat,
    "adamw": _adamw,
}
"""The step of each optimiser; a test asserts that every one of ``OPTIMIZERS`` has its words."""
