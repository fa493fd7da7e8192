"""What wrong gradients have in common with the right ones: a factor such as m, the sign, a transpose, a wrong slope.

Only what the numbers show is said. Gradients without such a relation, such as random ones, get no sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import ACTIVATIONS, Parameters
from layerlab.formulas.arrays import Floats, Gradients
from layerlab.network import Network
from layerlab.runs.verdict import listed

from .backward_mistakes import Mistake, backward_mistakes, gradients_with
from .gradient_factors import meanings, size_words

FIT = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 1e-5}
"""Largest relative difference of arrays that count as the same, by their type: far above rounding, far below chance."""

FLOAT32_ROUNDING = 1e-4
"""Largest relative difference that rounding in float32 explains."""

FIT_OF_FACTORS = 1e-5
"""Largest relative difference of two factors that count as the same."""

CLEAR = 1e-2
"""How much of its difference from 1 a constant factor may vary from entry to entry."""

INFORMATIVE = 1e-2
"""Entries count as evidence of a constant factor if they are at least this share of the largest."""


class GivenGradients(NamedTuple):
    """Gradients that somebody gave, beside the right ones.

    Attributes:
        network: with its output named.
        part: the examples.
        at: the parameters.
        given, right: ``dW1 db1 … dWL dbL``.
        wrong: names of those that the check found wrong.
        checked: names of those of which entries could be checked.
    """

    network: Network
    part: Part
    at: Parameters
    given: Gradients
    right: Gradients
    wrong: tuple[str, ...]
    checked: tuple[str, ...]

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.part.X.shape[1])

    def fit(self, name: str) -> float:
        """Return the relative difference up to which this gradient counts as the same as another array."""
        return FIT.get(self.given[name].dtype, FIT[np.dtype(np.float64)])

    def pair(self, name: str) -> tuple[Floats, Floats]:
        """Return a given gradient and the right one, both in float64."""
        return self.given[name].astype(np.float64), self.right[name]


class Fault(NamedTuple):
    """What is wrong with one gradient, in words that follow its name.

    Attributes:
        words: "{are} 400 times too large everywhere: m is 400"; ``{are}`` and ``{have}`` fit one name or several.
        advice: a sentence on what to do, or "".
        misplaced: whether the numbers belong to another layer, so that the order of the layers shows nothing.
    """

    words: str
    advice: str = ""
    misplaced: bool = False


def faults_in(compared: GivenGradients) -> tuple[str, ...]:
    """Say what the wrong gradients have in common with the right ones, and where the backward pass first goes wrong.

    Args:
        compared: gradients of which some are wrong.

    Returns:
        Sentences; none if nothing certain can be said.
    """
    finite = [name for name in compared.wrong if np.isfinite(compared.given[name]).all()]
    unknown = _not_finite(compared)
    if not finite:
        return unknown
    with np.errstate(all="ignore"):
        found = {name: fault for name in finite if (fault := _fault(compared, name))}
        found |= _same_factors(compared, finite, found)
        other = _made_by_mistake(compared, [name for name in finite if name not in found])
        misplaced = any(fault.misplaced for fault in found.values())
        first = () if misplaced or len(finite) < len(compared.wrong) else _first_wrong(compared)
    names = {fault: [name for name in found if found[name] == fault] for fault in found.values()}
    if not (found or other or first):
        other = _of_other_network(compared)
    return (*unknown, *(_sentence(names[fault], fault) for fault in names), *other, *first)


def _not_finite(compared: GivenGradients) -> tuple[str, ...]:
    """Say which gradients have values that are not finite, and how many."""
    counts = {name: np.count_nonzero(~np.isfinite(compared.given[name])) for name in compared.wrong}
    listed_counts = [f"{name} ({count} of {compared.given[name].size})" for name, count in counts.items() if count]
    if not listed_counts:
        return ()
    return (f"Some of your values are no finite numbers: {listed(listed_counts)}.",)


def _sentence(names: list[str], fault: Fault) -> str:
    one = len(names) == 1
    words = fault.words.format(are="is" if one else "are", have="has" if one else "have")
    return f"Your {listed(names)} {words}.{fault.advice and f' {fault.advice}'}"


def _fault(compared: GivenGradients, name: str) -> Fault | None:
    """Return what is wrong with one gradient as far as it shows in this gradient alone."""
    given, right = compared.pair(name)
    if not given.any():
        return Fault("{are} 0 everywhere") if right.any() else None
    if compared.given[name].dtype == np.float32 and _distance(given, right) <= FLOAT32_ROUNDING:
        return Fault("{are} right to the precision of float32", "Compute in float64 for this check.")
    factor = _factor(given, right, compared.fit(name))
    if factor is not None:
        known = meanings(compared.network, compared.m, _layer(name), factor)
        if _evidence(right) > 1 or known.facts or abs(factor) in (0.5, 1.0, 2.0):
            return Fault(f"{size_words(known.factor)} everywhere{known.words}", known.advice)
    return _moved(compared, name, given, right) or _added(compared, name, given, right)


def _moved(compared: GivenGradients, name: str, given: Floats, right: Floats) -> Fault | None:
    """Return the fault of right numbers in a wrong place: of another layer, transposed, or summed over the units."""
    fit = compared.fit(name)
    for other, array in compared.right.items():
        if other != name and array.shape == given.shape and array.any() and _distance(given, array) <= fit:
            return Fault(f"{{are}} what {other} should be", misplaced=True)
    if name[1] == "b":
        total = float(right.sum())
        alike = given.size > 1 and total != 0 and np.ptp(given) <= fit * abs(given[0, 0])
        if alike and min(abs(given[0, 0] / value - 1) for value in (total, total / right.size)) <= fit:
            return Fault(
                "{have} one number for all units", "Add over the examples only: np.sum(dZ, axis=1, keepdims=True) / m."
            )
        return None
    factor = _factor(given, right.T, fit, whole=True) if len(right) == right.shape[1] > 1 else None
    if factor is None:
        return None
    size = "" if abs(factor - 1) <= fit else f", and {size_words(factor)}"
    return Fault(f"{{are}} the transpose of the right one{size}")


def _added(compared: GivenGradients, name: str, given: Floats, right: Floats) -> Fault | None:
    """Return the fault of an L2 penalty, which the cost of the check does not have: λ W / m is added to dW."""
    W = compared.at[name[1:]]
    share = _factor(given - right, W, compared.fit(name)) if name[1] == "W" and _evidence(W) > 1 else None
    if share is None or share <= 0:
        return None
    return Fault(
        f"{{have}} λ W / m added, with λ = {share * compared.m:.6g}",
        "That is an L2 penalty, and the cost of this check has none.",
    )


def _same_factors(compared: GivenGradients, names: list[str], found: Mapping[str, Fault]) -> dict[str, Fault]:
    """Return the faults of gradients of a single number that differ by the same factor as others.

    A single number always has some factor, so that its factor alone shows nothing.
    """
    shared = {}
    for name in (one for one in names if one not in found):
        factor = _factor(*compared.pair(name), compared.fit(name))
        for other in found:
            theirs = _factor(*compared.pair(other), compared.fit(other))
            if factor is not None and theirs is not None and abs(factor / theirs - 1) <= compared.fit(name):
                shared[name] = found[other]
    return shared


def _made_by_mistake(compared: GivenGradients, names: list[str]) -> tuple[str, ...]:
    """Say which mistake of the backward pass gives exactly these gradients, or gives them but for a known factor."""
    best: tuple[list[str], str, float] = [], "", 1.0
    for mistake in backward_mistakes(compared.network, compared.part, compared.at) if names else ():
        like, factor = _explained(compared, names, mistake)
        if (len(like), factor == 1) > (len(best[0]), best[2] == 1):
            best = like, mistake.words, factor
        if len(like) == len(names) and factor == 1:
            break
    like, words, factor = best
    if not like:
        return ()
    known = meanings(compared.network, compared.m, _layer(like[0]), factor)
    more = "" if factor == 1 else f", and {size_words(known.factor)}{known.words}"
    in_order = [name for name in names if name in like]
    return (_sentence(in_order, Fault(f"{{are}} what comes out {words}{more}")),)


def _of_other_network(compared: GivenGradients) -> tuple[str, ...]:
    """Say that the gradients are those of a network with another activation in its hidden layers."""
    network = compared.network
    others = [name for name in ACTIVATIONS if network.activations and {name} != set(network.activations)]
    with np.errstate(all="ignore"):
        for name in others:
            theirs = gradients_with(name, network, compared.part, compared.at)
            if all(_distance(given, theirs[key]) <= compared.fit(key) for key, given in compared.given.items()):
                own = listed(list(dict.fromkeys(network.activations)))
                return (
                    f"Your gradients are right for hidden layers with {name}, and those of the network have {own}.",
                )
    return ()


def _explained(compared: GivenGradients, names: list[str], mistake: Mistake) -> tuple[list[str], float]:
    """Return the gradients that a mistake gives, without a gap from its last layer down, and their common factor."""
    like: list[str] = []
    evident, factor = False, 1.0
    for step in mistake.steps:
        layer, mistaken = step.layer, dict(step.gradients)
        for name in (f"db{layer}", f"dW{layer}") if layer <= mistake.top else ():
            if name == "dW1":
                mistaken[name] = mistake.dW1(step.dZ)
            own = _factor_of_mistake(compared, name, mistaken[name]) if name in names else None
            if own is None or (like and abs(own / factor - 1) > FIT_OF_FACTORS):
                return (like if evident else []), factor
            like.append(name)
            evident, factor = evident or _evidence(mistaken[name]) > 1, own
    return (like if evident else []), factor


def _factor_of_mistake(compared: GivenGradients, name: str, mistaken: Floats) -> float | None:
    """Return the factor between a gradient and what a mistake gives: 1, or one with a meaning; else None."""
    given, right = compared.pair(name)
    fit = compared.fit(name)
    factor = _factor(given, mistaken, fit, whole=True)
    if factor is None or _distance(right, mistaken) <= fit:
        return None  # or the mistake is none here
    if _evidence(mistaken) > 1 and _factor(right, mistaken, fit) is not None:
        return None  # it only changes the size
    if abs(factor - 1) <= fit:
        return 1.0
    known = meanings(compared.network, compared.m, _layer(name), factor)
    return factor if known.facts or abs(factor) in (0.5, 2.0) or abs(factor + 1) <= fit else None


def _first_wrong(compared: GivenGradients) -> tuple[str, ...]:
    """Say where the backward pass first goes wrong, if everything before is right."""
    network, L = compared.network, len(compared.network.layer_dims) - 1
    for layer in range(L, 0, -1):
        dW, db = f"dW{layer}", f"db{layer}"
        if not {dW, db} <= set(compared.checked):
            return ()
        wrong = [name for name in (dW, db) if name in compared.wrong]
        if any(_distance(*compared.pair(name)) > compared.fit(name) for name in (dW, db) if name not in wrong):
            return ()  # at a kink, or in entries that were not checked
        if any(_distance(*compared.pair(name)) <= compared.fit(name) for name in wrong):
            return ()  # rounding more than a fault
        if len(wrong) == 1:
            A_prev = f"A{layer - 1}" if layer > 1 else "X" if network.embedding is None else "[X; H]"
            line = f"dW{layer} = dZ{layer} {A_prev}ᵀ / m" if wrong == [dW] else f"db{layer} = Σ dZ{layer} / m"
            right = db if wrong == [dW] else dW
            return (f"{right} is right and {wrong[0]} is not: look first at its line, {line}.",)
        if wrong:
            return () if layer == L else (_broken_step(layer, network.activations[layer - 1]),)
    return ()


def _broken_step(layer: int, activation: str) -> str:
    above = layer + 1
    return (
        f"dW{above} and db{above} are right, dW{layer} and db{layer} are wrong: the fault lies in the backward step of "
        f"layer {layer}. Look at dA{layer} = W{above}ᵀ dZ{above}, at dZ{layer} = dA{layer} · g′(Z{layer}) with the "
        f"slope of {activation}, and at the lines of dW{layer} and db{layer}."
    )


def _factor(given: Floats, right: Floats, fit: float, whole: bool = False) -> float | None:
    """Return the factor by which one array is another everywhere; None if there is no such factor, or it is 1.

    Args:
        given, right: of the same shape.
        fit: the largest relative difference.
        whole: whether 1, or what rounding makes of it, is a factor, too.
    """
    size = float(np.vdot(right, right))
    if not size or not math.isfinite(size):
        return None
    factor = float(np.vdot(right, given)) / size
    apart = fit if whole else min(fit, CLEAR * abs(factor - 1))  # what is near 1 has to be that much more constant
    known = 1e-100 < abs(factor) < 1e100 and _distance(given, factor * right) <= apart
    return factor if known and (whole or factor != 1) else None


def _distance(given: Floats, other: Floats) -> float:
    """Return ‖given − other‖ / ‖given‖."""
    size = float(np.linalg.norm(given))
    return float(np.linalg.norm(given - other)) / size if size else math.inf


def _evidence(right: Floats) -> int:
    """Return how many entries are large enough to show that a factor is the same everywhere."""
    sizes = np.abs(right)
    return int((sizes >= INFORMATIVE * sizes.max()).sum()) if sizes.max() else 0


def _layer(name: str) -> int:
    return int(name[2:])
