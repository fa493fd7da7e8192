"""One iteration in words, in four stages: forward, cost, backward, update.

The notation is that of the course notes (the notes of the Deep Learning Specialization's first course, weeks 2 to 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from layerlab.escapes import printable
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS, LBFGS

from .iteration_backward import backward
from .iteration_layout import Formula, Item, Row, as_lines, detailed, number, shape, unbroken
from .iteration_notation import Facts, dropped, gap, inputs, largest, layers_shown, place, unit_of, whole, with_gaps
from .update_words import step_items

OUTPUTS = {"sigmoid": "sigmoid({Z})", "softmax": "softmax({Z})", "poisson": "exp({Z})"}
"""The prediction of the last layer; of all other outputs it is Z itself."""

PRINTED = 80
"""Characters in a line of ``print(anatomy)``; `layerlab step` uses as many, or fewer in a narrower terminal."""

LOSS_FORMULAS = {
    "sigmoid": "−[y log a + (1 − y) log(1 − a)]",
    "softmax": "−Σ y log a over the classes",
    "identity": "½ (a − y)²",
    "absolute": "|a − y|",
    "huber": "½ (a − y)² up to a difference of 1, and |a − y| − ½ beyond",
    "poisson": "a − y log a + y log y − y",
}
"""The loss of one example by the kind of output; a is the prediction."""


def iteration_text(facts: Facts, width: int = PRINTED) -> str:
    """Say what one iteration computes, stage by stage: shapes and formulas, then one weight in numbers.

    Args:
        facts: the result of ``Anatomy.facts``.
        width: characters in a line, at least 40. Formulas and tables use at most 80 of them.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> network = layerlab.Network([2, 4, 1], hidden="tanh")
        >>> s = layerlab.Stepper(network, flower, learning_rate=1.2, iterations=10)
        >>> print(iteration_text(s.dissect().facts()).splitlines()[0])
        Iteration 1 of 10: network 2-4-1, m = 400 training examples.
    """
    stages = (_heading, _forward, _cost, backward, _update)
    return "\n\n".join(as_lines(list(stage(facts)), max(40, width)) for stage in stages)


def _heading(facts: Facts) -> Iterator[Item]:
    """Say which iteration of which network it is, and which weight is shown in numbers."""
    chosen, m = facts["chosen"], facts["examples"]
    every = m == facts["training_examples"]
    which = "training examples" if every else f"of the {facts['training_examples']:,} training examples (a mini-batch)"
    dims = "-".join(map(str, facts["layer_dims"]))
    count = unbroken(f"m = {m:,}") if whole(facts) else f"{m:,}"
    yield f"{_which(facts)}: network {dims}, {count} {which}."
    yield f"In numbers: example {_example(facts)}, {unit_of(chosen['layer'], chosen['unit'])}, and {_weight(facts)}."
    yield "@ is the matrix product, * multiplies element by element, as in NumPy."
    if facts["step"] is not None:
        yield from map(printable, facts["notes"])


def _which(facts: Facts) -> str:
    """Say which iteration it is; after the end of a training, the one that would come next."""
    after, last = facts["update"], facts["iterations"]
    if last and after >= last:
        return f"Iteration {after + 1:,}, which would come after the last one"
    return f"Iteration {after + 1:,}{f' of {last:,}' if last else ''}"


def _example(facts: Facts) -> str:
    """Name the chosen example by its number in the training set, and in a batch also by its place there."""
    chosen = facts["chosen"]
    if facts["examples"] == facts["training_examples"]:
        return f"{chosen['number']:,}"
    return f"{chosen['number']:,} (column {chosen['column']} of the batch)"


def _weight(facts: Facts) -> str:
    """Say which weight is shown, and where NumPy has it."""
    layer, source = facts["chosen"]["layer"], facts["chosen"]["input"]
    if source is None:
        return f"its bias b ({place(facts)} in NumPy)"
    of = f"input {source}" if layer == 1 else unit_of(layer - 1, source)
    return f"its weight w for {of} ({place(facts)} in NumPy)"


def _forward(facts: Facts) -> Iterator[Item]:
    """Show the shapes and formulas of every layer, and the sum of the chosen unit."""
    dims, m, last = facts["layer_dims"], facts["examples"], len(facts["layer_dims"]) - 1
    yield "1 Forward: every layer computes Z and from it A, for all examples at once."
    for shown in with_gaps(layers_shown(facts)):
        if isinstance(shown, tuple):
            yield gap(*shown)
            continue
        n, before = dims[shown], dims[shown - 1]
        shapes = f"{shape(n, before)} @ {shape(before, m)} + {shape(n, 1)} → {shape(n, m)}"
        yield Formula(f"Z{shown} = W{shown} {inputs(shown)} + b{shown}", shapes)
        yield Formula(f"A{shown} = {_activation(facts, shown, f'Z{shown}')}", shape(n, m))
    if dropped(facts):
        share = facts["settings"]["dropout"]
        yield f"D is dropout: 0 for {share:.0%} of the values, chosen at random, and 1/{1 - share:g} for the others."
    yield from _sum_of_unit(facts, last)


def _activation(facts: Facts, layer: int, Z: str) -> str:
    """Return the formula of a layer's A."""
    if layer == len(facts["layer_dims"]) - 1:
        return OUTPUTS.get(facts["output"], "{Z}").format(Z=Z)
    name = facts["activations"][layer - 1]
    formula = Z if name == "identity" else f"{name}({Z})"
    return f"D{layer} * {formula}" if dropped(facts) else formula


def _sum_of_unit(facts: Facts, last: int) -> Iterator[Item]:
    """Show the terms of the chosen unit's z with their numbers, and its activation."""
    one, chosen = facts["sum"], facts["chosen"]
    layer, a = chosen["layer"], "x" if chosen["layer"] == 1 else "a"
    unit = unit_of(layer, chosen["unit"])
    yield f"{unit[0].upper()}{unit[1:]}, for example {chosen['number']:,}: z is the sum of w · {a}, plus the bias b."
    yield Row(("input" if layer == 1 else f"unit of layer {layer - 1}", "w", a, f"w · {a}", ""))
    terms, others, rest = largest(one)
    own = one["own"]
    if own is not None and all(row[0] != own[0] for row in terms):
        terms, others, rest = [*terms, own], others - 1, rest - own[-1]
    for row in terms:
        chosen_one = own is not None and row[0] == own[0]
        yield Row((f"{row[0]}", *map(number, row[1:]), "← w" if chosen_one else ""))
    if others:
        yield Row((f"{others:,} others", "", "", number(rest), ""))
    yield Row(("b", "", "", number(one["b"]), "" if own is not None else "← b"))
    yield Row(("z", "", "", number(one["z"]), ""))
    yield _activation_of_unit(facts, last)


def _activation_of_unit(facts: Facts, last: int) -> str:
    """Say what the chosen unit makes of its z."""
    one, layer = facts["sum"], facts["chosen"]["layer"]
    if layer == last:
        value = OUTPUTS.get(facts["output"], "{Z}").format(Z="z")
        if facts["output"] == "softmax":
            k = facts["chosen"]["unit"] - 1
            return (
                f"This is the unit of class number {k} (from 0): a = softmax(z) = e^z / Σ e^z = {number(one['a'])}, "
                f"with the sum over all units of the layer."
            )
        return f"The prediction of this unit is a = {value} = {number(one['a'])}."
    name = facts["activations"][layer - 1]
    formula = "z" if name == "identity" else f"{name}(z)"
    if one["kept"] is None:
        return f"Its activation is a = {formula} = {_activation_number(name, one['a'])}."
    if not one["kept"]:
        return "In this update dropout sets its activation a to 0 for this example."
    return f"Its activation, with dropout, is a = {number(one['kept'])} · {formula} = {number(one['a'])}."


def _activation_number(name: str, a: float) -> str:
    """Write an activation; one that only rounds to 1 with the digits that its slope 1 − a² is made of."""
    near = name in ("tanh", "sigmoid") and a is not None and 0 < 1 - abs(a) < 5e-5
    return detailed(a, math.copysign(1.0, a)) if near else number(a)


def _cost(facts: Facts) -> Iterator[Item]:
    """Show the loss of the chosen example, and the cost of all of them."""
    loss, m = facts["loss"], facts["examples"]
    yield "2 Cost: one number that says how wrong the predictions are."
    formula = unbroken(LOSS_FORMULAS[facts["output"]])
    if _one_class(facts):
        formula = "−log a, where a is the predicted probability of its own class"
    several = len(loss["y"]) > 1 and facts["output"] != "softmax"
    yield f"The loss of one example is {formula}{', summed over the outputs' if several else ''}."
    yield f"Example {facts['chosen']['number']:,}: {_loss_of_example(facts)}"
    cost = f"The cost J is the mean of the {m:,} losses" if m > 1 else "The cost J is this loss"
    if not whole(facts):
        cost = f"The cost J is the sum of the {m:,} weighted losses, divided by {facts['m']:,}"
    if loss["penalty"]:
        cost += f", {number(loss['mean'])}, plus the L2 penalty λ/(2m) Σ W², {number(loss['penalty'])}"
    finite = math.isfinite(loss["cost"])
    value = f"J = {detailed(loss['cost'], facts['new_cost'])}" if finite else "J is not finite"
    yield f"{cost}: {unbroken(value)}."


def _one_class(facts: Facts) -> bool:
    """Return whether the example belongs to one of several classes, wholly: its label is not smoothed."""
    return facts["output"] == "softmax" and bool(max(facts["loss"]["y"]) == 1)


def _loss_of_example(facts: Facts) -> str:
    """Say what was to be predicted, what was predicted, and the loss."""
    loss = facts["loss"]
    y, a = loss["y"], loss["prediction"]
    weighted = "" if loss["weight"] is None else f", times its weight {number(loss['weight'])},"
    end = f"so its loss{weighted} is {number(loss['loss'])}."
    if _one_class(facts):
        own = y.index(1)
        which = f"number {own} (from 0), that is unit {own + 1} of the last layer"
        return f"its class is {which}; the network gives it the probability {number(a[own])}, {end}"
    return f"{unbroken('y = ' + _values(y))}; the network predicts {unbroken('a = ' + _values(a))}, {end}"


def _values(values: Sequence[float]) -> str:
    """Write one value, or several in brackets, at most four of them."""
    if len(values) == 1:
        return number(values[0])
    return f"({', '.join(map(number, values[:4]))}{', …' if len(values) > 4 else ''})"


def _update(facts: Facts) -> Iterator[Item]:
    """Show the optimiser's step of the chosen weight, and the new cost beside the old one."""
    title = ALL_OPTIMIZERS[facts["optimizer"]].title
    if facts["step"] is None:
        searched = facts["optimizer"] == LBFGS
        yield f"4 Update: {title} searches along a line for the next parameters." if searched else "4 Update: none."
        yield from map(printable, facts["notes"])
        return
    yield f"4 Update: {title} makes a step against the gradient."
    yield from step_items(facts)
    yield _new_cost(facts)


def _new_cost(facts: Facts) -> str:
    """Say the cost after the update beside the cost before."""
    new, old = facts["new_cost"], facts["loss"]["cost"]
    where = "this example" if facts["examples"] == 1 else f"the same {facts['m']:,} examples"
    if not math.isfinite(new):
        return f"The new cost on {where} is not a finite number: the step was too long. Take a lower learning rate."
    both = f"The new cost on {where} is {detailed(new, old)}; it was {detailed(old, new)}"
    if new == old:
        return f"{both}, so it did not change."
    how = "fell" if new < old else "rose"
    return f"{both}, so it {how} by {number(abs(new - old))}."
