"""The message ``inside``: one update in numbers, about one unit, weight and example, with its formulas and shapes.

A formula is a text in the notation of the course notes. In it a digit right after a name is an index (``Z1``, ``dW2``),
ᵀ is a transpose, ² a square, ′ a derivative, ⊙ multiplies element by element, and ``1/m`` is a fraction. ``shapes`` has
the shape of each matrix that the formula names.
"""

# ruff: noqa: A002  (an input of a unit is called input, as in Anatomy.facts)

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.dissection.iteration_backward import OUTPUT_GRADIENTS, SLOPES
from layerlab.training.dissection.iteration_notation import Facts, dropped, inputs
from layerlab.training.dissection.iteration_words import LOSS_FORMULAS, OUTPUTS

LOSSES = {"softmax": "−Σ y log a", "huber": "½ (a − y)²  |a − y| − ½"}
"""The loss of one example where that of the terminal has words in it; of Huber's, the two formulas near and far."""

UPDATES: dict[str, tuple[str, ...]] = {
    "gd": ("w ← w − α dw",),
    "momentum": ("v ← μ v − α dw", "w ← w + v"),
    "nesterov": ("v ← μ v − α dw", "w ← w + μ v − α dw"),
    "rmsprop": ("r ← β₂ r + (1 − β₂) dw²", "w ← w − α dw / (√r + ε)"),
    "adam": (
        "m ← β₁ m + (1 − β₁) dw",
        "v ← β₂ v + (1 − β₂) dw²",
        "M = m / (1 − β₁ᵗ)",
        "V = v / (1 − β₂ᵗ)",
        "w ← w − α M / (√V + ε)",
    ),
    "adamw": (
        "m ← β₁ m + (1 − β₁) dw",
        "v ← β₂ v + (1 − β₂) dw²",
        "M = m / (1 − β₁ᵗ)",
        "V = v / (1 − β₂ᵗ)",
        "w ← w − α (M / (√V + ε) + δ w)",
    ),
    "adam_hat": (
        "m ← β₁ m + (1 − β₁) dw",
        "v ← β₂ v + (1 − β₂) dw²",
        "αₜ = α √(1 − β₂ᵗ) / (1 − β₁ᵗ)",
        "w ← w − αₜ m / (√v + ε)",
    ),
}
"""The step of each optimiser for one weight; that of a bias has b and db in place of w and dw, and does not decay."""

NAMES = {
    "momentum": "μ",
    "beta1": "β₁",
    "beta2": "β₂",
    "epsilon": "ε",
    "weight_decay": "δ",
    "m_corrected": "M",
    "v_corrected": "V",
}
"""How the numbers of a step are called in its formulas."""

UNNAMED = {"m_corrected": "m / (1 − β₁ᵗ)", "v_corrected": "v / (1 − β₂ᵗ)"}
"""The same for "adam_hat", whose formulas have no names for them."""


def inside_message(anatomy: Anatomy, layer: int, unit: int, input: int | None, example: int) -> dict[str, Any]:
    """Return the fields of the message.

    Args:
        anatomy: the update.
        layer, unit: which unit, from 1.
        input: which of its inputs, from 1; None for its bias.
        example: number of a training example, from 0. Where the update is made on a batch without it, the first example
            of the batch takes its place, and ``in_update`` is false.

    Returns:
        ``facts`` are those of ``Anatomy.facts``, every number as it was computed. What is not finite is None. ``own``
        is the term of the chosen weight where a long sum's largest terms lack it, else None.

    Raises:
        InputError: there is no such layer, unit, input or example.
    """
    used = bool((anatomy.examples == example).any())
    known = 0 <= example < anatomy.training_examples
    facts = anatomy.facts(layer=layer, unit=unit, input=input, example=example if used or not known else None)
    chosen = facts["chosen"]
    names = NAMES | {name: name for name in ("r", "m", "v", "t")}
    names |= UNNAMED if facts["optimizer"] == "adam_hat" else {}
    step = facts["step"]
    message = {
        "update": facts["update"],
        "layer": chosen["layer"],
        "unit": chosen["unit"],
        "input": chosen["input"],
        "example": chosen["example"],
        "asked": example,
        "in_update": used,
        "facts": facts,
        "formulas": {
            "forward": _forward(facts),
            "cost": _cost(facts),
            "backward": _backward(facts),
            "update": _update(facts),
        },
        "symbols": {} if step is None else {name: names[name] for name in step["terms"] if name in names},
        "signal": _signal(anatomy),
        "own": _own(anatomy, facts),
    }
    plain: dict[str, Any] = _plain(message)
    return plain


def _formula(layer: int, text: str, **shapes: tuple[int, ...]) -> dict[str, Any]:
    return {"layer": layer, "text": text, "shapes": {name: list(shape) for name, shape in shapes.items()}}


def _shapes(facts: Facts, layer: int) -> dict[str, tuple[int, int]]:
    """Return the shapes of all matrices of a layer."""
    dims, m = facts["layer_dims"], facts["examples"]
    n, before = dims[layer], dims[layer - 1]
    own = {f"W{layer}": (n, before), f"b{layer}": (n, 1), inputs(layer): (before, m)}
    return own | {f"{name}{layer}": (n, m) for name in ("Z", "A", "D")}


def _chosen(shapes: Mapping[str, tuple[int, int]], *names: str) -> dict[str, tuple[int, int]]:
    return {name: shapes[name.removeprefix("d")] for name in names}


def _forward(facts: Facts) -> list[dict[str, Any]]:
    """Return two formulas for each layer, first layer first."""
    last, found = len(facts["layer_dims"]) - 1, []
    for layer in range(1, last + 1):
        shapes, l = _shapes(facts, layer), layer  # noqa: E741
        sum_of = f"Z{l} = W{l} {inputs(l)} + b{l}"
        found.append(_formula(l, sum_of, **_chosen(shapes, f"Z{l}", f"W{l}", inputs(l), f"b{l}")))
        if l == last:
            value = OUTPUTS.get(facts["output"], "{Z}").format(Z=f"Z{l}")
        else:
            name = facts["activations"][l - 1]
            value = f"Z{l}" if name == "identity" else f"{name}(Z{l})"
        named = [f"A{l}", f"Z{l}"]
        if l < last and dropped(facts):
            value, named = f"D{l} ⊙ {value}", [*named, f"D{l}"]
        found.append(_formula(l, f"A{l} = {value}", **_chosen(shapes, *named)))
    return found


def _cost(facts: Facts) -> list[dict[str, Any]]:
    """Return the loss of one example, and the cost."""
    last = len(facts["layer_dims"]) - 1
    weighted = "" if facts["loss"]["weight"] is None else "weight · "
    penalty = " + λ/(2m) Σ W²" if facts["loss"]["penalty"] else ""
    return [
        _formula(last, f"loss = {weighted}{LOSSES.get(facts['output'], LOSS_FORMULAS[facts['output']])}"),
        _formula(last, f"J = 1/m Σ loss{penalty}"),
    ]


def _backward(facts: Facts) -> list[dict[str, Any]]:
    """Return three formulas for each layer, last layer first."""
    last, found = len(facts["layer_dims"]) - 1, []
    for layer in range(last, 0, -1):
        shapes, l = _shapes(facts, layer), layer  # noqa: E741
        if l == last:
            delta = OUTPUT_GRADIENTS.get(facts["output"], "A{L} − Y").format(L=l)
            delta = delta if facts["loss"]["weight"] is None else f"weight ⊙ ({delta})"
            own = _chosen(shapes, f"dZ{l}", f"A{l}") | {"Y": shapes[f"A{l}"]}
        else:
            delta, own = _hidden(facts, l)
        found.append(_formula(l, f"dZ{l} = {delta}", **own))
        penalty = f" + λ/m W{l}" if facts["loss"]["penalty"] else ""
        weights = f"dW{l} = 1/m dZ{l} {inputs(l)}ᵀ{penalty}"
        found.append(_formula(l, weights, **_chosen(shapes, f"dW{l}", f"dZ{l}", inputs(l))))
        found.append(_formula(l, f"db{l} = 1/m Σ dZ{l}", **_chosen(shapes, f"db{l}", f"dZ{l}")))
    return found


def _hidden(facts: Facts, layer: int) -> tuple[str, dict[str, tuple[int, int]]]:
    """Return the formula of a hidden layer's dZ, and the shapes in it."""
    name, above = facts["activations"][layer - 1], _shapes(facts, layer + 1)
    known = {} if dropped(facts) and "A" in SLOPES.get(name, "") else SLOPES  # A is what dropout has left
    slope = known.get(name, f"{name}′(Z{layer})").format(A=f"A{layer}", Z=f"Z{layer}").replace("*", "⊙")
    parts = [f"W{layer + 1}ᵀ dZ{layer + 1}", *[f"D{layer}"] * dropped(facts), *[slope] * bool(slope)]
    shapes = _chosen(_shapes(facts, layer), f"dZ{layer}")
    return " ⊙ ".join(parts), shapes | _chosen(above, f"W{layer + 1}", f"dZ{layer + 1}")


def _update(facts: Facts) -> list[dict[str, Any]]:
    """Return the optimiser's formulas for the chosen weight or bias; none where it makes no step."""
    if facts["step"] is None:
        return []
    layer, bias = facts["chosen"]["layer"], facts["chosen"]["input"] is None
    texts = UPDATES["adam" if bias and facts["optimizer"] == "adamw" else facts["optimizer"]]
    return [_formula(layer, text.replace("w", "b") if bias else text) for text in texts]


def _own(anatomy: Anatomy, facts: Facts) -> dict[str, Any] | None:
    """Return the chosen weight's term of a long sum whose largest terms lack it, and the sum of what is left then."""
    one, chosen = facts["sum"], facts["chosen"]
    source = chosen["input"]
    if source is None or any(row[0] == source for row in one["terms"]):
        return None
    found = anatomy.sum_of(layer=chosen["layer"], unit=chosen["unit"], example=chosen["example"])
    term = list(found.terms[source - 1])
    return {"term": term, "rest": one["rest"] - term[-1]}


def _signal(anatomy: Anatomy) -> list[dict[str, Any]]:
    """Return how large the gradients and steps of each layer are: the largest absolute values."""
    found = []
    for layer in anatomy.layers:
        name = f"W{layer.layer}"
        step = None if anatomy.steps is None else float(np.abs(anatomy.steps[name]).max())
        largest = float(np.abs(anatomy.gradients[f"d{name}"]).max())
        found.append({"layer": layer.layer, "largest_dW": largest, "largest_step": step})
    return found


def _plain(value: Any) -> Any:
    """Return nested values as JSON has them: lists, texts, numbers; None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
